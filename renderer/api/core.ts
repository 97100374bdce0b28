import type { Activity } from '../../shared/contract/core.ts';
import type { Progress } from '../../shared/contract/define.ts';
import type { Input, MethodName, Output } from '../../shared/contract/index.ts';
import type { Envelope, Outcome } from '../../shared/errors/failure.ts';
import { inBatches } from './activity-batches.ts';

/** What the preload of the desktop host exposes; absent on the loopback page. */
interface Bridge {
  call(
    method: string,
    input: unknown,
    onProgress?: (progress: unknown) => void,
    onCallId?: (id: number) => void,
  ): Promise<unknown>;
  cancel(callId: number): void;
  subscribe(onActivity: (activity: unknown) => void): () => void;
  watchLink(onLink: (isThere: boolean) => void): () => void;
}

declare global {
  interface Window {
    readonly quorate?: Bridge;
  }
}

export interface CallOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/**
 * A failed call, as the envelope that crossed the boundary. Its texts are looked up only when it is shown
 * (renderer/ui/failure-note.tsx), so that the table of messages is not on the way to the first verdict.
 */
export class CallFailure extends Error {
  readonly envelope: Envelope;

  constructor(envelope: Envelope) {
    super(envelope.code);
    this.name = 'CallFailure';
    this.envelope = envelope;
  }
}

/** The envelope of anything that was thrown; what is not a {@link CallFailure} is a defect of the page. */
export const envelopeOf = (error: unknown): Envelope =>
  error instanceof CallFailure
    ? error.envelope
    : {
        code: 'INTERNAL_BUG',
        detail: { message: error instanceof Error ? error.message : String(error) },
        retry: 'never',
        effect: 'unknown',
        cause: null,
      };

/** True in the desktop host, where files are named by their paths; false on the loopback page. */
export const isDesktop = (): boolean => window.quorate !== undefined;

let nextCallId = 1;

const callOverBridge = (bridge: Bridge, method: string, input: unknown, options: CallOptions): Promise<Outcome> =>
  bridge.call(
    method,
    input,
    options.onProgress ? (progress) => options.onProgress?.(progress as Progress) : undefined,
    (callId) => options.signal?.addEventListener('abort', () => bridge.cancel(callId), { once: true }),
  ) as Promise<Outcome>;

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const connectionLost = (method: string): Outcome => ({
  ok: false,
  error: { code: 'CORE_CONNECTION_LOST', detail: { method }, retry: 'later', effect: 'unknown', cause: null },
});

const callOverLoopback = async (method: string, input: unknown, options: CallOptions): Promise<Outcome> => {
  const callId = `${Date.now()}-${nextCallId++}`;
  const cancel = (): void => void post('/api/cancel', { callId }).catch(() => undefined);
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    const response = await post('/api/call', { callId, method, input });
    if (!response.body || !response.ok) return connectionLost(method);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return connectionLost(method);
      rest += value;
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as { progress?: Progress; outcome?: Outcome };
        if (message.progress) options.onProgress?.(message.progress);
        if (message.outcome) return message.outcome;
      }
    }
  } catch {
    return connectionLost(method);
  } finally {
    options.signal?.removeEventListener('abort', cancel);
  }
};

/**
 * Calls a method of the contract in the core, over Electron's bridge or the loopback page.
 * @throws CallFailure
 */
export const call = async <Name extends MethodName>(
  method: Name,
  input: Input<Name>,
  options: CallOptions = {},
): Promise<Output<Name>> => {
  const outcome = window.quorate
    ? await callOverBridge(window.quorate, method, input, options)
    : await callOverLoopback(method, input, options);
  if (!outcome.ok) throw new CallFailure(outcome.error);
  return outcome.result as Output<Name>;
};

/** What this page hears from the agent that serves it: one stream for all who listen, because a browser opens only six connections. */
class LoopbackEvents {
  readonly activity = new Set<(activity: Activity) => void>();
  readonly link = new Set<(isThere: boolean) => void>();
  readonly #running = new Map<string, Activity>();
  #events: EventSource | null = null;

  listen<Heard>(listeners: Set<Heard>, listener: Heard): () => void {
    listeners.add(listener);
    this.#events ??= this.#open();
    return () => {
      listeners.delete(listener);
      if (this.activity.size + this.link.size > 0) return;
      this.#events?.close();
      this.#events = null;
    };
  }

  #open(): EventSource {
    const events = new EventSource('/api/events');
    events.addEventListener('activity', (event) => this.#tell(JSON.parse(event.data as string) as Activity));
    events.addEventListener('open', () => {
      for (const tell of this.link) tell(true);
    });
    events.addEventListener('error', () => void this.#lookWhetherLost());
    return events;
  }

  #tell(activity: Activity): void {
    if (activity.state === 'running') this.#running.set(activity.id, activity);
    else this.#running.delete(activity.id);
    for (const tell of this.activity) tell(activity);
  }

  /** A stream may break although the agent is there: then the browser opens it again. */
  async #lookWhetherLost(): Promise<void> {
    if ((await callOverLoopback('core.info', {}, {})).ok) return;
    for (const tell of this.link) tell(false);
    for (const activity of this.#running.values()) this.#tell(activityLost(activity));
  }
}

const loopback = new LoopbackEvents();

/** What ran in a core that has ended, as far as is known. */
export const activityLost = (activity: Activity): Activity => {
  const outcome = connectionLost(activity.method);
  return {
    ...activity,
    state: 'failed',
    endedAt: new Date().toISOString(),
    error: outcome.ok ? null : outcome.error,
  };
};

/** Tells about every change of an activity until the returned function is called; steps of running work come many at once. */
export const subscribe = (onActivity: (activity: Activity) => void): (() => void) => {
  const { take, stop } = inBatches(onActivity);
  const end = window.quorate
    ? window.quorate.subscribe((activity) => take(activity as Activity))
    : loopback.listen(loopback.activity, take);
  return () => {
    end();
    stop();
  };
};

/** Tells false once the core has ended that this page shows, and true when there is one. */
export const watchLink = (onLink: (isThere: boolean) => void): (() => void) =>
  window.quorate ? window.quorate.watchLink(onLink) : loopback.listen(loopback.link, onLink);
