import { create, type StoreApi, type UseBoundStore } from 'zustand';
import type { Progress } from '../../shared/contract/define.ts';
import type { Envelope } from '../../shared/errors/failure.ts';

/** What was read of one server, and how the reading stands. An older answer stays on screen while it is read again. */
export interface Reading<Data> {
  readonly data: Data | null;
  readonly failure: Envelope | null;
  readonly isReading: boolean;
  readonly progress: Progress | null;
}

export interface ReadContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface Readings<Data> {
  readonly use: UseBoundStore<StoreApi<Readonly<Record<string, Reading<Data>>>>>;
  /** Reads; a reading of the same server that is under way is given up. */
  readonly read: (host: string) => Promise<void>;
  /** Reads unless there is an answer or one is under way. */
  readonly ensure: (host: string) => void;
  readonly cancel: (host: string) => void;
  /** Puts an answer that came another way. */
  readonly put: (host: string, data: Data) => void;
}

export const nothingRead: Reading<never> = { data: null, failure: null, isReading: false, progress: null };

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

  const read = async (host: string): Promise<void> => {
    controllers.get(host)?.abort();
    const controller = new AbortController();
    controllers.set(host, controller);
    const isCurrent = (): boolean => controllers.get(host) === controller;
    change(host, { isReading: true, failure: null, progress: null });
    try {
      const data = await readFrom(host, {
        signal: controller.signal,
        onProgress: (progress) => {
          if (isCurrent()) change(host, { progress });
        },
      });
      if (!isCurrent()) return;
      const own = on.hostOf?.(data) ?? host;
      change(host, { isReading: false, progress: null });
      change(own, { data, failure: null });
      on.data?.(own, data);
      if (own !== host) on.renamed?.(host, own);
    } catch (error) {
      if (!isCurrent()) return;
      const failure = envelopeOf(error);
      change(host, { failure, isReading: false, progress: null });
      on.failure?.(host, failure);
    }
  };

  return {
    use,
    read,
    ensure: (host) => {
      const known = use.getState()[host];
      if (!known || (!known.data && !known.failure && !known.isReading)) void read(host);
    },
    cancel: (host) => controllers.get(host)?.abort(),
    put: (host, data) => {
      change(host, { data, failure: null });
      on.data?.(host, data);
    },
  };
};
