import { connect, type Socket } from 'node:net';
import { IscsiError } from '../error.ts';
import { encodePdu, NO_DIGESTS, type Digests, type PduInput } from '../pdu/codec.ts';
import { BHS_LENGTH } from '../pdu/layouts.ts';
import { LARGE_SEGMENT_LENGTH, PduReader, type PduSink } from '../pdu/reader.ts';
import { formatPortal, type Portal } from '../text/names.ts';
import type { Trace } from './trace.ts';
import { addressOptions } from './address-options.ts';
import type { Conversation } from './conversation.ts';
import { PduWriter } from './pdu-writer.ts';
import { giveBackReadBuffer, takeReadBuffer } from './read-buffers.ts';
import { explainSpeaker } from './speaker.ts';

/** Takes what comes over a connection. */
export interface Receiver extends PduSink {
  /** The connection is over, once. */
  onEnd(error: IscsiError): void;
}

/** Where a connection goes. */
export interface ConnectOptions {
  readonly portal: Portal;
  /** Address of the NIC to use. */
  readonly sourceAddress?: string | undefined;
  readonly trace?: Trace | undefined;
}

/** RFC 7143 section 13.12: before anything else is declared, 8192 bytes are the most; login PDUs never exceed it. */
export const LOGIN_MAX_DATA_SEGMENT_LENGTH = 8192;

const HEADER_READ_LENGTH = 256;

const systemCode = (error: unknown): string => {
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : '';
};

/** A failed connect in this package's words. */
export const explainConnectError = (error: Error, sourceAddress: string | undefined): IscsiError => {
  const code = systemCode(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return new IscsiError('PORTAL_UNRESOLVABLE', { phase: 'resolve', cause: error });
    case 'ECONNREFUSED':
      return new IscsiError('PORTAL_REFUSED', { phase: 'connect', cause: error });
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
    case 'EINVAL':
    case 'ERR_INVALID_IP_ADDRESS':
      if (sourceAddress !== undefined) {
        return new IscsiError('SOURCE_ADDRESS_UNUSABLE', {
          phase: 'connect',
          detail: { sourceAddress, reason: code },
          cause: error,
        });
      }
      return new IscsiError('PORTAL_UNREACHABLE', { phase: 'connect', detail: { reason: code }, cause: error });
    default:
      return new IscsiError('PORTAL_UNREACHABLE', {
        phase: 'connect',
        detail: { reason: code === '' ? error.message : code },
        cause: error,
      });
  }
};

/** A TCP connection to a portal that carries PDUs both ways. */
export class Connection {
  readonly portal: Portal;
  readonly portalText: string;
  readonly writer: PduWriter;
  readonly trace: Trace | undefined;
  readonly #socket: Socket;
  readonly #reader: PduReader;
  #receiver: Receiver;
  #digests: Digests = NO_DIGESTS;
  #firstBytes: Buffer | undefined;
  #direct: Buffer | undefined;
  #pdusReceived = 0;
  #error: IscsiError | undefined;
  /** Closed in good order: mostly nobody asks for an error then, and none is made. */
  #isClosed = false;
  #waitingFor = 'the login';

  /** Connects; the conversation's end cuts the attempt off. */
  static open(options: ConnectOptions, receiver: Receiver, conversation: Conversation): Promise<Connection> {
    const { portal, sourceAddress } = options;
    conversation.waitFor('connecting', 'connect');
    return conversation.wait((resolve, reject) => {
      let connection: Connection | undefined;
      const buffer = takeReadBuffer();
      let socket: Socket;
      try {
        socket = connect({
          ...addressOptions(portal, sourceAddress),
          noDelay: true,
          onread: {
            // Asked before each read of the system call.
            buffer: () => connection?.nextReadTarget(buffer) ?? buffer,
            callback: (length, target) => {
              connection?.receiveBytes(target as Buffer, length);
              return true;
            },
          },
        });
      } catch (error) {
        giveBackReadBuffer(buffer);
        reject(explainConnectError(error instanceof Error ? error : new Error(String(error)), sourceAddress));
        return;
      }
      const onAbort = (): void => {
        socket.destroy();
      };
      conversation.signal.addEventListener('abort', onAbort, { once: true });
      socket.on('error', (error) => {
        if (connection === undefined) reject(explainConnectError(error, sourceAddress));
        else
          connection.fail(
            new IscsiError('CONNECTION_LOST', { detail: { reason: systemCode(error) || error.message }, cause: error }),
          );
      });
      socket.on('end', () => connection?.closedByOther());
      socket.on('close', () => {
        giveBackReadBuffer(buffer);
        connection?.closedByOther();
      });
      socket.once('connect', () => {
        conversation.signal.removeEventListener('abort', onAbort);
        if (conversation.signal.aborted) {
          socket.destroy();
          return;
        }
        connection = new Connection(socket, options, receiver);
        resolve(connection);
      });
    });
  }

  private constructor(socket: Socket, options: ConnectOptions, receiver: Receiver) {
    this.portal = options.portal;
    this.portalText = formatPortal(options.portal);
    this.trace = options.trace;
    this.#socket = socket;
    this.writer = new PduWriter(socket);
    this.#receiver = receiver;
    this.#reader = new PduReader(
      {
        onHeader: (bhs, dataLength) => this.#receiver.onHeader?.(bhs, dataLength),
        onPdu: (bhs, ahs, data, dataLength) => {
          this.#pdusReceived++;
          if (this.trace !== undefined) this.trace.bytes(false, bhs, ahs, data.subarray(0, dataLength));
          this.#receiver.onPdu(bhs, ahs, data, dataLength);
        },
      },
      {
        maxDataSegmentLength: LOGIN_MAX_DATA_SEGMENT_LENGTH,
        sender: 'target',
        // RFC 7143 section 6.3: nothing else can answer a login. Other speakers are known by it at their first byte.
        firstKinds: ['loginResponse', 'reject'],
      },
    );
  }

  /** Address and port on this side. */
  get localAddress(): string {
    return formatPortal({ host: this.#socket.localAddress ?? '', port: this.#socket.localPort ?? 0 });
  }

  get digests(): Digests {
    return this.#digests;
  }

  /** Undefined while the connection lives. */
  get error(): IscsiError | undefined {
    if (this.#isClosed) this.#error ??= new IscsiError('SESSION_CLOSED', { phase: 'session', portal: this.portalText });
    return this.#error;
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#error !== undefined;
  }

  /** True when the other side never sent a byte. */
  get heardNothing(): boolean {
    return this.#firstBytes === undefined;
  }

  /** What an error says that was waited for when the other side hangs up. */
  set waitingFor(what: string) {
    this.#waitingFor = what;
  }

  /** The next phase takes over. To be called from inside `onPdu`, so that not even a PDU of the same read is lost. */
  handOver(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  /** From the next PDU on, in both directions: RFC 7143 section 13.1. */
  startFullFeaturePhase(digests: Digests, maxDataSegmentLength: number): void {
    this.#digests = digests;
    this.#reader.setDigests(digests);
    this.#reader.setMaxDataSegmentLength(maxDataSegmentLength);
  }

  /** Sends one PDU; for all that is not in the hot path. */
  send(pdu: PduInput): void {
    if (this.#isOver) return;
    const bytes = encodePdu(pdu, this.#digests);
    if (this.trace !== undefined)
      this.trace.bytes(true, bytes.subarray(0, BHS_LENGTH), Buffer.alloc(0), pdu.data ?? Buffer.alloc(0));
    this.writer.append(bytes);
  }

  /** Large data goes where it belongs by the system call itself; headers and small data come over a common buffer, many at a time. */
  nextReadTarget(common: Buffer): Buffer {
    const direct = this.#reader.directTarget();
    this.#direct = direct;
    if (direct !== undefined) return direct;
    // After large data probably more of it comes: only its header is read into the common buffer.
    return this.#reader.dataLength >= LARGE_SEGMENT_LENGTH ? common.subarray(0, HEADER_READ_LENGTH) : common;
  }

  /** See `PduReader.discardData`. */
  discardData(): void {
    this.#reader.discardData();
  }

  receiveBytes(buffer: Buffer, length: number): void {
    if (this.#isOver) return;
    if (this.#firstBytes === undefined) this.#firstBytes = Buffer.from(buffer.subarray(0, Math.min(length, 16)));
    try {
      if (buffer === this.#direct) this.#reader.pushDirect(buffer, length);
      else this.#reader.push(buffer, 0, length);
    } catch (error) {
      if (!(error instanceof IscsiError)) {
        // A bug of ours. The socket's callback is no place to throw from: the conversation ends with it and the caller sees it.
        const reason = error instanceof Error ? error.message : String(error);
        this.fail(new IscsiError('INTERNAL', { detail: { reason }, cause: error }));
        return;
      }
      const isFirst = this.#pdusReceived === 0 && (error.code === 'PDU_MALFORMED' || error.code === 'PDU_TOO_LONG');
      this.fail(
        isFirst && error.code === 'PDU_MALFORMED'
          ? explainSpeaker(this.#firstBytes, String(error.detail['reason']))
          : error,
      );
    }
  }

  closedByOther(): void {
    if (this.#isOver) return;
    this.fail(new IscsiError('CONNECTION_CLOSED', { detail: { waitingFor: this.#waitingFor } }));
  }

  /** Ends the connection with this error, at once. */
  fail(error: IscsiError): void {
    if (this.#isOver) return;
    const placed = error.at({ portal: this.portalText });
    this.#error = placed;
    this.#reader.stop();
    this.writer.close();
    this.#socket.destroy();
    this.#receiver.onEnd(placed);
  }

  /** Ends the connection in good order: what was sent goes out, nothing more is taken. No `onEnd`. */
  close(): void {
    if (this.#isOver) return;
    this.#isClosed = true;
    this.writer.flush();
    this.#reader.stop();
    this.writer.close();
    this.#socket.end(() => this.#socket.destroy());
    // A target that does not read must not keep us: the rest goes with the socket.
    const timer = setTimeout(() => this.#socket.destroy(), 1000);
    this.#socket.once('close', () => clearTimeout(timer));
  }
}
