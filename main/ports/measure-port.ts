import type {
  Answering,
  EchoAnswer,
  EchoTrain,
  Heard,
  MeasuredEnds,
  PortState,
  ProbedPort,
  Transfer,
} from '../../shared/model/network-measure.ts';
import type { CallOptions } from './call.ts';

/** What sockets can measure on any system: ports, bandwidth, and whose frames arrive where. */
export interface SocketMeasurePort {
  /**
   * Holds ports and takes data on addresses of this server until {@link endAnswer} or `forMs` have passed. What cannot be held is said, and no
   * failure.
   */
  answer(
    request: {
      readonly addresses: readonly string[];
      /** The addresses that are answered; everybody else is left without an answer. */
      readonly from: readonly string[];
      readonly ports: readonly ProbedPort[];
      readonly forMs: number;
    },
    options?: CallOptions,
  ): Promise<Answering>;
  endAnswer(token: string): Promise<void>;
  /** Tries each port from `source`; the answers are in the order of the ports. */
  knock(
    request: {
      readonly source: string;
      readonly destination: string;
      readonly ports: readonly ProbedPort[];
      readonly timeoutMs: number;
    },
    options?: CallOptions,
  ): Promise<readonly PortState[]>;
  /** Sends data to a sink for so long; what arrived, as the sink counted it. Throws MEASURE_STREAM_BROKEN. */
  push(
    request: { readonly source: string; readonly destination: string; readonly port: number; readonly forMs: number },
    options?: CallOptions,
  ): Promise<Transfer>;
  /** Listens on one address after the other for what {@link tell} sends from these. */
  hear(
    request: {
      readonly on: readonly string[];
      readonly from: readonly string[];
      readonly nonce: string;
      readonly eachMs: number;
    },
    options?: CallOptions,
  ): Promise<readonly Heard[]>;
  tell(
    request: { readonly from: readonly string[]; readonly nonce: string; readonly forMs: number },
    options?: CallOptions,
  ): Promise<void>;
}

/** One server as others measure it, and as it measures them. */
export interface MeasurePort extends SocketMeasurePort {
  /** The IPv4 addresses that are in use, and the portals that the initiator knows. The role of a NIC is null: the core gives it. */
  ends(options?: CallOptions): Promise<MeasuredEnds>;
  /**
   * Sends echoes from an address of this server, one after the other; an answer for each. Throws MEASURE_NO_ECHO where this system cannot send any.
   */
  echo(train: EchoTrain, options?: CallOptions): Promise<readonly EchoAnswer[]>;
}

const noSockets = (): Promise<never> => Promise.reject(new Error('this process measures nothing by sockets'));

/** Of a process that opens no sockets for measurements. */
export const noMeasureSockets: SocketMeasurePort = {
  answer: noSockets,
  endAnswer: noSockets,
  knock: noSockets,
  push: noSockets,
  hear: noSockets,
  tell: noSockets,
};
