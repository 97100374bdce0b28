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

/** Tells about every change of an activity until the returned function is called; steps of running work come many at once. */
export const subscribe = (onActivity: (activity: Activity) => void): (() => void) => {
  const { take, stop } = inBatches(onActivity);
  if (window.quorate) {
    const end = window.quorate.subscribe((activity) => take(activity as Activity));
    return () => {
      end();
      stop();
    };
  }
  const events = new EventSource('/api/events');
  events.addEventListener('activity', (event) => take(JSON.parse(event.data as string) as Activity));
  return () => {
    events.close();
    stop();
  };
};
