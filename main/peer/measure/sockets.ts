import type { Answering, Heard, PortState, ProbedPort, Transfer } from '../../../shared/model/network-measure.ts';
import { Answers, type AnswerRequest } from './answers.ts';
import { knock, push } from './probes.ts';
import { hear, tell } from './segments.ts';

interface Options {
  readonly signal?: AbortSignal;
}

/** What sockets measure, the same on every system. Binding an address chooses the NIC: Windows sends from the one that holds it (strong host model). */
export class MeasureSockets {
  readonly #answers = new Answers();

  answer(request: AnswerRequest): Promise<Answering> {
    return this.#answers.begin(request);
  }

  endAnswer(token: string): Promise<void> {
    this.#answers.end(token);
    return Promise.resolve();
  }

  knock({
    source,
    destination,
    ports,
    timeoutMs,
  }: {
    readonly source: string;
    readonly destination: string;
    readonly ports: readonly ProbedPort[];
    readonly timeoutMs: number;
  }): Promise<PortState[]> {
    return knock(source, destination, ports, timeoutMs);
  }

  push(
    request: { readonly source: string; readonly destination: string; readonly port: number; readonly forMs: number },
    { signal }: Options = {},
  ): Promise<Transfer> {
    return push(request, signal);
  }

  hear(
    request: {
      readonly on: readonly string[];
      readonly from: readonly string[];
      readonly nonce: string;
      readonly eachMs: number;
    },
    { signal }: Options = {},
  ): Promise<Heard[]> {
    return hear(request, signal);
  }

  tell(
    request: { readonly from: readonly string[]; readonly nonce: string; readonly forMs: number },
    { signal }: Options = {},
  ): Promise<void> {
    return tell(request, signal);
  }

  close(): void {
    this.#answers.endAll();
  }
}
