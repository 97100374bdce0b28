import { create, type StoreApi, type UseBoundStore } from 'zustand';
import type { Progress } from '../../shared/contract/define.ts';
import type { Envelope } from '../../shared/errors/failure.ts';
import type { StageSource } from './stage-source.ts';

/** What was read of one server, and how the reading stands. An older answer stays on screen while it is read again. */
export interface Reading<Data> {
  readonly data: Data | null;
  readonly failure: Envelope | null;
  readonly isReading: boolean;
  readonly progress: Progress | null;
  /** When the answer or the failure came, by this page's clock in milliseconds; null before. */
  readonly answeredAtMs: number | null;
}

/** An answer that is older than this is read again when its stage is shown. */
const freshForMs = 30_000;

export interface ReadContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** What was read of each server. `read` gives up a reading of the same server that is under way. */
export interface Readings<Data> extends StageSource {
  readonly use: UseBoundStore<StoreApi<Readonly<Record<string, Reading<Data>>>>>;
  readonly cancel: (host: string) => void;
  /** Puts an answer that came another way. */
  readonly put: (host: string, data: Data) => void;
}

export const nothingRead: Reading<never> = {
  data: null,
  failure: null,
  isReading: false,
  progress: null,
  answeredAtMs: null,
};

export interface ReadingEvents<Data> {
  /** The server that answered, by its full name: `rehearsal:practice` answers as `rehearsal:practice/NODE1`. */
  readonly hostOf?: (data: Data) => string;
  /** The server was asked for by another name than its own. */
  readonly renamed?: (from: string, to: string) => void;
  readonly data?: (host: string, data: Data) => void;
  readonly failure?: (host: string, failure: Envelope) => void;
}

/** Keeps what was read of each server, so that going to another stage and back loses nothing. */
export const createReadings = <Data>(
  readFrom: (host: string, context: ReadContext) => Promise<Data>,
  envelopeOf: (error: unknown) => Envelope,
  on: ReadingEvents<Data> = {},
): Readings<Data> => {
  const use = create<Readonly<Record<string, Reading<Data>>>>(() => ({}));
  const controllers = new Map<string, AbortController>();
  const change = (host: string, part: Partial<Reading<Data>>): void =>
    use.setState((all) => ({ [host]: { ...(all[host] ?? nothingRead), ...part } }));

  const read = async (host: string, quietly = false): Promise<void> => {
    controllers.get(host)?.abort();
    const controller = new AbortController();
    controllers.set(host, controller);
    const isCurrent = (): boolean => controllers.get(host) === controller;
    if (!quietly) change(host, { isReading: true, failure: null, progress: null });
    try {
      const data = await readFrom(host, {
        signal: controller.signal,
        onProgress: (progress) => {
          if (isCurrent() && !quietly) change(host, { progress });
        },
      });
      if (!isCurrent()) return;
      const own = on.hostOf?.(data) ?? host;
      change(host, { isReading: false, progress: null });
      change(own, { data, failure: null, answeredAtMs: Date.now() });
      on.data?.(own, data);
      if (own !== host) on.renamed?.(host, own);
    } catch (error) {
      if (!isCurrent()) return;
      const failure = envelopeOf(error);
      change(host, { failure, isReading: false, progress: null, answeredAtMs: Date.now() });
      on.failure?.(host, failure);
    }
  };

  return {
    use,
    read,
    ensure: (host) => {
      const known = use.getState()[host] ?? nothingRead;
      if (known.isReading || known.failure?.code === 'HOST_NOT_HERE') return;
      if (known.answeredAtMs === null || Date.now() - known.answeredAtMs > freshForMs) void read(host);
    },
    isKnown: (host) => {
      const known = use.getState()[host];
      // A system that has nothing to read will not have it later either.
      return known !== undefined && known.failure?.code !== 'HOST_NOT_HERE' && known.answeredAtMs !== null;
    },
    cancel: (host) => controllers.get(host)?.abort(),
    put: (host, data) => {
      change(host, { data, failure: null, answeredAtMs: Date.now() });
      on.data?.(host, data);
    },
  };
};
