import type { Socket } from 'node:net';
import {
  BHS_LENGTH,
  decodePdu,
  encodePdu,
  IscsiError,
  NO_DIGESTS,
  paddedLength,
  PduReader,
  type Digests,
  type Pdu,
  type PduInput,
  type PduSink,
} from '../../iscsi/index.ts';
import type { Faults, Step } from '../faults/index.ts';
import type { LoginDone, TargetLogin } from './login.ts';
import type { TargetEvent } from './events.ts';

/** What a connection hands its PDUs to once it is logged in. */
export interface FullFeatureHandler {
  receive(pdu: Pdu): void;
  /** The numbers that every PDU of the target carries (RFC 7143 sections 11.4.9, 11.4.10). */
  readonly expCmdSn: number;
  readonly maxCmdSn: number;
  connectionClosed(because: string): void;
}

export interface ConnectionHost {
  readonly faults: Faults;
  readonly loginTimeoutMs: number;
  /** Makes the login of this connection. */
  startLogin(connection: Connection): TargetLogin;
  /** The login succeeded: returns what takes the PDUs from now on. */
  enter(connection: Connection, done: LoginDone, cmdSn: number, tsih: number): FullFeatureHandler;
  closed(connection: Connection): void;
  report(event: TargetEvent): void;
}

/** Login PDUs are not longer than the default of MaxRecvDataSegmentLength (RFC 7143 section 13.12). */
const loginSegmentBytes = 8192;

/** More than an initiator has outstanding here. */
const keptRequests = 256;

/** One TCP connection: cuts PDUs, numbers what goes out, and misbehaves when a fault says so. */
export class Connection implements PduSink {
  readonly socket: Socket;
  readonly portalIndex: number;
  readonly #host: ConnectionHost;
  readonly #reader: PduReader;
  readonly #login: TargetLogin;
  readonly #loginTimer: NodeJS.Timeout;
  #handler: FullFeatureHandler | null = null;
  #digests: Digests = NO_DIGESTS;
  #statSn = 1;
  #cmdSn = 0;
  #isSilent = false;
  #isClosed = false;
  #isGathering = false;
  /** Headers of the newest requests, while a Reject may have to carry one. */
  readonly #requests: Buffer[] = [];
  #closeBecause = 'the connection was closed';

  constructor(socket: Socket, portalIndex: number, host: ConnectionHost) {
    this.socket = socket;
    this.portalIndex = portalIndex;
    this.#host = host;
    this.#reader = new PduReader(this, { maxDataSegmentLength: loginSegmentBytes, sender: 'initiator' });
    this.#login = host.startLogin(this);
    this.#loginTimer = setTimeout(() => this.destroy('the login took too long'), host.loginTimeoutMs);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => {
      this.#closeBecause = error.message;
    });
    socket.on('end', () => this.destroy('the initiator closed the connection'));
    socket.on('close', () => this.#closedBySocket());
    this.#misbehave(['connect'], Buffer.alloc(BHS_LENGTH));
  }

  /** Address and port of the initiator, for logs. */
  get from(): string {
    return `${this.socket.remoteAddress ?? 'unknown'}:${this.socket.remotePort ?? 0}`;
  }

  get isLoggedIn(): boolean {
    return this.#handler !== null;
  }

  /** The StatSN that the next status will have. */
  get statSn(): number {
    return this.#statSn;
  }

  /** Takes the StatSN for a PDU that carries status. */
  takeStatSn(): number {
    const value = this.#statSn;
    this.#statSn = (this.#statSn + 1) >>> 0;
    return value;
  }

  /** Sends a PDU, unless a fault at one of its steps says otherwise. */
  send(pdu: PduInput, steps: readonly Step[] = []): void {
    if (this.#isClosed || this.#isSilent || this.socket.destroyed) return;
    const numbered = this.#withNumbers(pdu);
    const bytes = encodePdu(numbered, this.#digests);
    if (this.#misbehave(steps, bytes, numbered)) return;
    this.socket.write(bytes);
  }

  /** Ends the connection after what was sent has gone out. */
  finish(because: string): void {
    // A fault that fell silent stays open: that is what it is for.
    if (this.#isSilent) return;
    this.#closeBecause = because;
    this.#reader.stop();
    this.socket.end();
    // Whoever does not close its side is not waited for.
    this.socket.setTimeout(1000, () => this.socket.destroy());
  }

  destroy(because: string): void {
    this.#closeBecause = because;
    this.#reader.stop();
    // What was answered before still goes out.
    this.socket.uncork();
    this.socket.destroy();
  }

  /** Nothing is sent any more, while the connection stays open: a dead path. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  onPdu(bhs: Buffer, ahs: Buffer, data: Buffer): void {
    const pdu = decodePdu(bhs, ahs, data);
    if (this.#host.faults.has('reject')) {
      this.#requests.push(Buffer.from(bhs));
      if (this.#requests.length > keptRequests) this.#requests.shift();
    }
    if (this.#handler) this.#handler.receive(pdu);
    else this.#logIn(pdu);
  }

  #read(chunk: Buffer): void {
    this.#gatherWrites();
    try {
      this.#reader.push(chunk);
    } catch (error) {
      // There is no way to find the next PDU in such a stream (RFC 7143 section 7.1): ErrorRecoveryLevel 0 drops it.
      const because = error instanceof IscsiError ? error.message : `a defect of the target: ${String(error)}`;
      this.#host.report({ kind: 'protocolError', from: this.from, because });
      this.destroy(because);
    }
  }

  /** What several PDUs of one read are answered with goes out in one write. */
  #gatherWrites(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.socket.cork();
    // After the microtasks in which commands on a medium in memory finish, and before the next turn of the event loop.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isGathering = false;
        this.socket.uncork();
      }),
    );
  }

  #logIn(pdu: Pdu): void {
    if (pdu.kind !== 'loginRequest') {
      this.destroy(`${pdu.kind} before the login was done`);
      return;
    }
    this.#cmdSn = pdu.cmdSn;
    const reply = this.#login.receive(pdu);
    const response = { ...reply.response, statSn: this.takeStatSn() };
    this.send(response, reply.steps);
    if (reply.next === 'close') {
      const status = ((response.statusClass ?? 0) << 8) | (response.statusDetail ?? 0);
      this.#host.report({
        kind: 'loginRefused',
        from: this.from,
        status: status.toString(16).padStart(4, '0'),
        because: reply.because ?? 'no reason',
      });
      this.finish('the login was refused');
    }
    if (reply.next === 'fullFeature' && reply.done) this.#enterFullFeature(reply.done, pdu.cmdSn, response.tsih ?? 0);
  }

  #enterFullFeature(done: LoginDone, cmdSn: number, tsih: number): void {
    clearTimeout(this.#loginTimer);
    if (this.#isClosed || this.socket.destroyed) return;
    const { parameters } = done;
    this.#digests = { header: parameters.headerDigest, data: parameters.dataDigest };
    this.#reader.setDigests(this.#digests);
    this.#reader.setMaxDataSegmentLength(parameters.maxReceiveDataSegmentLength);
    this.#handler = this.#host.enter(this, done, cmdSn, tsih);
  }

  /** Does the fault of these steps, if there is one; true when the PDU must not be sent as it is. */
  #misbehave(steps: readonly Step[], bytes: Buffer, pdu?: PduInput): boolean {
    const fault = steps.length === 0 ? null : this.#host.faults.atSteps(steps);
    if (!fault) return false;
    this.#host.report({ kind: 'fault', fault, steps });
    switch (fault) {
      case 'stall':
        this.fallSilent();
        return true;
      case 'cut':
        this.destroy('cut by a fault');
        return true;
      case 'half':
        this.socket.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => this.destroy('cut by a fault'));
        this.fallSilent();
        return true;
      case 'garbage':
        this.socket.write(noise(paddedLength(bytes.length)));
        this.fallSilent();
        return true;
      case 'overlong': {
        const head = Buffer.from(bytes.subarray(0, BHS_LENGTH));
        head.writeUIntBE(0xffffff, 5, 3);
        this.socket.write(head);
        this.fallSilent();
        return true;
      }
      case 'wrong-tag':
        if (pdu) this.socket.write(encodePdu({ ...pdu, itt: 0x0bad_0bad } as PduInput, this.#digests));
        return true;
      case 'reject':
        this.socket.write(
          encodePdu(
            this.#withNumbers({
              kind: 'reject',
              reason: 0x04,
              statSn: this.takeStatSn(),
              data: this.#refusedHeader(bytes.readUInt32BE(16)),
            }),
            this.#digests,
          ),
        );
        return true;
    }
  }

  #withNumbers(pdu: PduInput): PduInput {
    const handler = this.#handler;
    const expCmdSn = handler?.expCmdSn ?? this.#cmdSn;
    return { ...pdu, expCmdSn, maxCmdSn: handler?.maxCmdSn ?? this.#cmdSn } as PduInput;
  }

  /** RFC 7143 section 11.17: a Reject carries the header of the PDU that is refused, by which the initiator finds what it sent. */
  #refusedHeader(itt: number): Buffer {
    return this.#requests.findLast((bhs) => bhs.readUInt32BE(16) === itt) ?? Buffer.alloc(BHS_LENGTH);
  }

  #closedBySocket(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#loginTimer);
    this.#reader.stop();
    this.#handler?.connectionClosed(this.#closeBecause);
    this.#host.closed(this);
  }
}

/** Bytes that are no PDU: the same ones every time, so that a test that fails can be repeated. */
const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = 0x2545_f491;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt8(state >>> 24, index);
  }
  return bytes;
};
