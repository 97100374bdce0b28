import type { AbstractCancellationTokenSource, CancellationToken, Disposable } from 'vscode-jsonrpc/node';

/**
 * A cancellation as the JSON-RPC library wants it, source and token in one. Its own makes an emitter for every call, on both sides; nearly no call is ever
 * cancelled.
 */
export class Cancellation implements AbstractCancellationTokenSource, CancellationToken {
  #isRequested = false;
  #listeners: ((event: unknown) => unknown)[] | null = null;

  get isCancellationRequested(): boolean {
    return this.#isRequested;
  }

  get token(): CancellationToken {
    return this;
  }

  /** Calls back at a cancellation; where it has happened, in the next turn, so that who is called with it can begin to listen. */
  onCancellationRequested(listener: (event: unknown) => unknown): Disposable {
    if (this.#isRequested) {
      const late = setImmediate(listener);
      return { dispose: () => clearImmediate(late) };
    }
    (this.#listeners ??= []).push(listener);
    return { dispose: () => void (this.#listeners = this.#listeners?.filter((one) => one !== listener) ?? null) };
  }

  cancel(): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    for (const listener of this.#listeners ?? []) listener(undefined);
    this.#listeners = null;
  }

  dispose(): void {
    this.#listeners = null;
  }
}
