import type { Activity } from '../../shared/contract/core.ts';
import type { Progress } from '../../shared/contract/define.ts';
import type { Input, MethodName, Output } from '../../shared/contract/index.ts';
import { fromEnvelope, type Envelope } from '../../shared/errors/failure.ts';

type Outcome = { ok: true; result: unknown } | { ok: false; error: Envelope };

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
  options.signal?.addEventListener('abort', () => void post('/api/cancel', { callId }), { once: true });
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
  }
};

/**
 * Calls a method of the contract in the core, over Electron's bridge or the loopback page.
 * @throws Failure
 */
export const call = async <Name extends MethodName>(
  method: Name,
  input: Input<Name>,
  options: CallOptions = {},
): Promise<Output<Name>> => {
  const outcome = window.quorate
    ? await callOverBridge(window.quorate, method, input, options)
    : await callOverLoopback(method, input, options);
  if (!outcome.ok) throw fromEnvelope(outcome.error);
  return outcome.result as Output<Name>;
};

/** Tells about every change of an activity until the returned function is called. */
export const subscribe = (onActivity: (activity: Activity) => void): (() => void) => {
  if (window.quorate) return window.quorate.subscribe((activity) => onActivity(activity as Activity));
  const events = new EventSource('/api/events');
  events.addEventListener('activity', (event) => onActivity(JSON.parse(event.data as string) as Activity));
  return () => events.close();
};
