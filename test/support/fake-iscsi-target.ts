import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  cdbOf,
  chooseChapAlgorithms,
  computeChapResponse,
  createChapChallenge,
  decodeBinaryValue,
  decodeCdb,
  decodePdu,
  decodeText,
  encodeBinaryValue,
  encodeFixedSense,
  encodeInquiry,
  encodePdu,
  encodeReadCapacity16,
  encodeReportLuns,
  encodeSendTargets,
  encodeSenseSegment,
  encodeText,
  findValue,
  isChapResponseRight,
  lunFromNumber,
  Negotiation,
  NO_DIGESTS,
  PduReader,
  readParameters,
  RESERVED_TAG,
  type ChapAlgorithm,
  type ChapChallenge,
  type Digests,
  type DiscoveredTarget,
  type NegotiatedParameters,
  type Pdu,
  type PduInput,
  type PduOf,
  type TextPair,
  type Wishes,
} from '../../main/iscsi/index.ts';

/**
 * A scriptable iSCSI target for protocol tests, one file of bytes per LUN. Every PDU that it sends is a named step, and a test may send
 * something else, nothing, or hang up instead. It watches the initiator and writes down whatever breaks the protocol.
 */
export interface FakeTargetOptions {
  readonly name?: string;
  readonly wishes?: Wishes;
  /** CHAP wanted: the initiator's name and secret, and with `mutual` ours. */
  readonly chap?: {
    readonly name: string;
    readonly secret: string;
    readonly mutual?: { readonly name: string; readonly secret: string };
    /** Takes 7 for SHA1 and knows MD5 besides, as tgt does. */
    readonly misreadsSha256?: boolean;
    /** Knows no list: anything but `CHAP_A=5` is refused before a challenge, or answered by hanging up. */
    readonly md5Only?: 'refuses' | 'hangsUp';
  };
  readonly host?: string;
  readonly targets?: readonly DiscoveredTarget[];
  /** SendTargets is answered in pieces of this many bytes. */
  readonly textPieceBytes?: number;
  /** Pairs of the last login response that nobody asked for. */
  readonly unaskedPairs?: readonly TextPair[];
  readonly windowSize?: number;
  readonly diskBytes?: number;
  /** Data-In carries the status with the last data (phase collapse). Default true. */
  readonly phaseCollapse?: boolean;
  /** Called for each PDU before it is sent. */
  readonly onStep?: (step: Step) => StepAction;
  /** Called for each SCSI command; true: the test has answered it. */
  readonly onCommand?: (command: PduOf<'scsiCommand'>, connection: FakeConnection) => boolean;
  /** Called for every PDU received; true: the test has answered it. */
  readonly onPdu?: (pdu: Pdu, connection: FakeConnection) => boolean;
}

export interface Step {
  /** `loginResponse 1`, `textResponse 1`, `dataIn 3` ...; `connect` before anything. */
  readonly name: string;
  readonly connection: FakeConnection;
  readonly bytes: Buffer;
}

/** `send` it, say nothing any more, hang up, or send these bytes instead (and nothing any more). */
export type StepAction = 'send' | 'stall' | 'cut' | Buffer;

const BLOCK = 512;

export class FakeConnection {
  readonly socket: Socket;
  readonly target: FakeTarget;
  readonly #reader: PduReader;
  readonly #counts = new Map<string, number>();
  digests: Digests = NO_DIGESTS;
  parameters: NegotiatedParameters | undefined;
  isDead = false;
  stage = 0;
  statSn = 1000;
  expCmdSn = 0;
  initiatorName = '';
  isid = '';
  #negotiation: Negotiation | undefined;
  #isDiscovery = false;
  #first = true;
  #chapStage: 'none' | 'method' | 'challenge' | 'done' = 'none';
  #challenge: ChapChallenge | undefined;
  #algorithm: ChapAlgorithm | undefined;
  #text: Buffer = Buffer.alloc(0);
  #textAt = 0;
  readonly #writes = new Map<
    number,
    { command: PduOf<'scsiCommand'>; data: Buffer; received: number; dataSn: number; ttt: number; r2tSn: number }
  >();
  #nextTtt = 1;

  constructor(socket: Socket, target: FakeTarget) {
    this.socket = socket;
    socket.setNoDelay(true);
    this.target = target;
    this.#reader = new PduReader(
      {
        onPdu: (bhs, ahs, data) => this.#receive(decodePdu(Buffer.from(bhs), Buffer.from(ahs), data)),
      },
      { maxDataSegmentLength: 8192, sender: 'initiator' },
    );
    socket.on('data', (bytes: Buffer) => {
      if (this.isDead) return;
      try {
        this.#reader.push(bytes);
      } catch (error) {
        // An initiator that was cut off before a word asks whether the port speaks TLS: a handshake record on a connection of its own.
        const isTlsProbe = this.#first && bytes[0] === 0x16;
        if (!isTlsProbe) target.violate(error instanceof Error ? error.message : String(error));
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    this.#step('connect', Buffer.alloc(0));
  }

  get maxCmdSn(): number {
    return (this.expCmdSn + (this.target.options.windowSize ?? 32) - 1) >>> 0;
  }

  /** Sends a PDU as a step. StatSN, ExpCmdSN and MaxCmdSN are filled in; `status` PDUs take a StatSN. */
  send(pdu: PduInput, takesStatSn = true): void {
    const numbers = { statSn: this.statSn, expCmdSn: this.expCmdSn, maxCmdSn: this.maxCmdSn };
    if (takesStatSn) this.statSn = (this.statSn + 1) >>> 0;
    const count = (this.#counts.get(pdu.kind) ?? 0) + 1;
    this.#counts.set(pdu.kind, count);
    this.#step(`${pdu.kind} ${count}`, encodePdu({ ...numbers, ...pdu }, this.digests));
  }

  #step(name: string, bytes: Buffer): void {
    if (this.isDead) return;
    const action = this.target.options.onStep?.({ name, connection: this, bytes }) ?? 'send';
    if (action === 'send') {
      this.socket.write(bytes);
      return;
    }
    this.isDead = true;
    if (action === 'cut') this.socket.destroy();
    else if (action !== 'stall') this.socket.write(action);
  }

  #receive(pdu: Pdu): void {
    this.target.received.push(pdu);
    this.#watchNumbers(pdu);
    if (this.target.options.onPdu?.(pdu, this) === true) return;
    switch (pdu.kind) {
      case 'loginRequest':
        this.#login(pdu);
        break;
      case 'textRequest':
        this.#sendTargets(pdu);
        break;
      case 'logoutRequest':
        this.send({ kind: 'logoutResponse', itt: pdu.itt });
        this.target.logouts++;
        break;
      case 'nopOut':
        if (pdu.itt !== RESERVED_TAG) this.send({ kind: 'nopIn', itt: pdu.itt, ttt: RESERVED_TAG, data: pdu.data });
        break;
      case 'taskManagementRequest':
        this.send({ kind: 'taskManagementResponse', itt: pdu.itt });
        break;
      case 'scsiCommand':
        this.#command(pdu);
        break;
      case 'dataOut':
        this.#dataOut(pdu);
        break;
      default:
        this.target.violate(`${pdu.kind} from an initiator`);
    }
  }

  /** RFC 7143 section 4.2.2.1: non-immediate PDUs come with rising CmdSN, immediate ones with the next. */
  #watchNumbers(pdu: Pdu): void {
    if (!('cmdSn' in pdu) || pdu.kind === 'loginRequest') return;
    if (pdu.cmdSn !== this.expCmdSn) this.target.violate(`${pdu.kind} has CmdSN ${pdu.cmdSn}, not ${this.expCmdSn}`);
    // 4.2.2.1: outside the window nothing but immediate PDUs is taken.
    if (!pdu.immediate && this.maxCmdSn === (this.expCmdSn - 1) >>> 0)
      this.target.violate(`${pdu.kind} while the window is shut`);
    if (!pdu.immediate) this.expCmdSn = (this.expCmdSn + 1) >>> 0;
    // 4.2.2.2: what is acknowledged has been sent.
    if ((this.statSn - pdu.expStatSn) >>> 0 > 0x7fffffff)
      this.target.violate(`${pdu.kind} acknowledges what was never sent`);
  }

  #login(pdu: PduOf<'loginRequest'>): void {
    const pairs = decodeText(pdu.data);
    if (this.#first) {
      this.#first = false;
      this.expCmdSn = pdu.cmdSn;
      this.initiatorName = findValue(pairs, 'InitiatorName') ?? '';
      this.isid = pdu.isid.toString('hex');
      this.#isDiscovery = findValue(pairs, 'SessionType') === 'Discovery';
      this.#negotiation = new Negotiation('target', this.#isDiscovery ? 'Discovery' : 'Normal', this.#wishes());
      const wanted = findValue(pairs, 'TargetName');
      if (!this.#isDiscovery && wanted !== this.target.name) return this.#refuse(pdu, 2, 3);
    }
    if (pdu.cmdSn !== this.expCmdSn) this.target.violate('the CmdSN changes during login');
    this.stage = pdu.currentStage;
    if (pdu.currentStage === 0) return this.#security(pdu, pairs);
    const negotiation = this.#negotiation as Negotiation;
    const answers = negotiation.receive(pairs);
    const declared = this.target.options.wishes?.MaxRecvDataSegmentLength;
    if (declared !== undefined) answers.push(['MaxRecvDataSegmentLength', declared]);
    if (pdu.transit) answers.push(...(this.target.options.unaskedPairs ?? []));
    this.#answer(pdu, answers, pdu.transit);
    if (pdu.transit && !this.isDead) this.#enterFullFeature(negotiation);
  }

  #wishes(): Wishes {
    return { AuthMethod: this.target.options.chap === undefined ? 'None' : 'CHAP', ...this.target.options.wishes };
  }

  #enterFullFeature(negotiation: Negotiation): void {
    const wishes = this.#wishes();
    this.parameters = readParameters(negotiation, wishes);
    this.digests = { header: this.parameters.headerDigest, data: this.parameters.dataDigest };
    this.#reader.setDigests(this.digests);
    this.#reader.setMaxDataSegmentLength(this.parameters.maxReceiveDataSegmentLength);
    if (!this.#isDiscovery) this.target.sessions++;
  }

  #security(pdu: PduOf<'loginRequest'>, pairs: TextPair[]): void {
    const { chap } = this.target.options;
    const plain = pairs.filter(([key]) => !key.startsWith('CHAP_'));
    const answers = (this.#negotiation as Negotiation).receive(plain);
    if (this.#chapStage === 'none') {
      this.#chapStage = 'method';
      answers.push(['TargetPortalGroupTag', '1']);
      if (chap === undefined) return this.#answer(pdu, answers, pdu.transit);
      if (findValue(pairs, 'AuthMethod') !== 'CHAP') return this.#refuse(pdu, 2, 1);
      return this.#answer(pdu, answers, false);
    }
    if (chap === undefined) return this.#answer(pdu, answers, pdu.transit);
    if (this.#chapStage === 'method') {
      const offered = (findValue(pairs, 'CHAP_A') ?? '').split(',').map(Number);
      if (chap.md5Only !== undefined && findValue(pairs, 'CHAP_A') !== '5') {
        if (chap.md5Only === 'refuses') return this.#refuse(pdu, 2, 1);
        this.socket.destroy();
        return;
      }
      const known = chap.misreadsSha256 === true ? [7, 5] : offered;
      const code = offered.find((one) => known.includes(one));
      const meant = chap.misreadsSha256 === true && code === 7 ? 6 : code;
      this.#algorithm = chooseChapAlgorithms().find((algorithm) => algorithm.code === meant);
      this.#challenge = createChapChallenge();
      this.#chapStage = 'challenge';
      return this.#answer(
        pdu,
        [
          ['CHAP_A', String(code)],
          ['CHAP_I', String(this.#challenge.identifier)],
          ['CHAP_C', encodeBinaryValue(this.#challenge.challenge)],
        ],
        false,
      );
    }
    if (this.#chapStage === 'challenge') {
      const algorithm = this.#algorithm as ChapAlgorithm;
      const response = decodeBinaryValue(findValue(pairs, 'CHAP_R') ?? '') ?? Buffer.alloc(0);
      const isRight = isChapResponseRight(algorithm, this.#challenge as ChapChallenge, chap.secret, response);
      if (!isRight || findValue(pairs, 'CHAP_N') !== chap.name) return this.#refuse(pdu, 2, 1);
      this.#chapStage = 'done';
      const identifier = findValue(pairs, 'CHAP_I');
      if (identifier !== undefined && chap.mutual !== undefined) {
        const challenge = decodeBinaryValue(findValue(pairs, 'CHAP_C') ?? '') ?? Buffer.alloc(0);
        const proof = computeChapResponse(algorithm, { identifier: Number(identifier), challenge }, chap.mutual.secret);
        answers.push(['CHAP_N', chap.mutual.name], ['CHAP_R', encodeBinaryValue(proof)]);
      }
    }
    this.#answer(pdu, answers, pdu.transit);
  }

  #answer(pdu: PduOf<'loginRequest'>, pairs: readonly TextPair[], transit: boolean): void {
    this.send({
      kind: 'loginResponse',
      transit,
      currentStage: pdu.currentStage,
      nextStage: transit ? pdu.nextStage : 0,
      isid: pdu.isid,
      tsih: pdu.currentStage === 1 && transit && !this.#isDiscovery ? 1 : 0,
      itt: pdu.itt,
      data: encodeText(pairs),
    });
  }

  #refuse(pdu: PduOf<'loginRequest'>, statusClass: number, statusDetail: number): void {
    this.send({
      kind: 'loginResponse',
      currentStage: pdu.currentStage,
      isid: pdu.isid,
      itt: pdu.itt,
      statusClass,
      statusDetail,
    });
    // A step that stalls stays silent and open.
    if (!this.isDead) this.socket.end();
  }

  #sendTargets(pdu: PduOf<'textRequest'>): void {
    if (pdu.ttt === RESERVED_TAG) {
      const targets = this.target.options.targets ?? [
        { name: this.target.name, portals: [{ host: '127.0.0.1', port: this.target.port, tag: 1 }] },
      ];
      this.#text = encodeText(encodeSendTargets(targets));
      this.#textAt = 0;
    }
    const piece = this.target.options.textPieceBytes ?? Infinity;
    const end = Math.min(this.#text.length, this.#textAt + piece);
    const isLast = end === this.#text.length;
    const data = this.#text.subarray(this.#textAt, end);
    this.#textAt = end;
    this.send({
      kind: 'textResponse',
      final: isLast,
      continue: !isLast,
      itt: pdu.itt,
      ttt: isLast ? RESERVED_TAG : 77,
      data: Buffer.from(data),
    });
  }

  /** Answers a command with a status and, if given, sense. */
  respond(command: PduOf<'scsiCommand'>, status = 0, sense?: Buffer, more: Partial<PduOf<'scsiResponse'>> = {}): void {
    this.send({
      kind: 'scsiResponse',
      itt: command.itt,
      status,
      ...(sense === undefined ? {} : { data: encodeSenseSegment(sense) }),
      ...more,
    });
  }

  /** Sends data in pieces that fit, and the status with the last one or apart. */
  sendData(command: PduOf<'scsiCommand'>, data: Buffer): void {
    const expected = command.expectedDataTransferLength;
    const moved = data.subarray(0, expected);
    const residual = expected - data.length;
    const flags = { underflow: residual > 0, overflow: residual < 0, residualCount: Math.abs(residual) };
    const piece = this.parameters?.maxSendDataSegmentLength ?? 8192;
    const collapse = this.target.options.phaseCollapse ?? true;
    let dataSn = 0;
    for (let at = 0; at < moved.length; at += piece) {
      const isLast = at + piece >= moved.length;
      const hasStatus = isLast && collapse;
      this.send(
        {
          kind: 'dataIn',
          final: isLast,
          hasStatus,
          itt: command.itt,
          ttt: RESERVED_TAG,
          dataSn: dataSn++,
          bufferOffset: at,
          data: moved.subarray(at, at + piece),
          ...(hasStatus ? flags : {}),
        },
        hasStatus,
      );
    }
    if (!collapse || moved.length === 0) this.respond(command, 0, undefined, flags);
  }

  #command(pdu: PduOf<'scsiCommand'>): void {
    if (this.target.options.onCommand?.(pdu, this) === true) return;
    const cdb = decodeCdb(cdbOf(pdu));
    switch (cdb?.kind) {
      case 'testUnitReady':
      case 'synchronizeCache10':
        this.respond(pdu);
        break;
      case 'reportLuns':
        this.sendData(pdu, encodeReportLuns([lunFromNumber(0)]));
        break;
      case 'inquiry':
        this.sendData(
          pdu,
          encodeInquiry({
            peripheralQualifier: 0,
            deviceType: 0,
            removable: false,
            version: 6,
            targetPortGroupSupport: 0,
            thirdPartyCopy: false,
            protect: false,
            multiPort: false,
            commandQueuing: true,
            vendor: 'FAKE',
            product: 'TEST DISK',
            revision: '1',
            versionDescriptors: [],
          }),
        );
        break;
      case 'readCapacity16':
        this.sendData(
          pdu,
          encodeReadCapacity16({
            blocks: BigInt(this.target.disk.length / BLOCK),
            blockSizeBytes: BLOCK,
            protectionEnabled: false,
            physicalBlockExponent: 0,
            provisioningManaged: false,
            unmappedReadsZeroes: false,
            lowestAlignedBlock: 0,
          }),
        );
        break;
      case 'read10':
        this.sendData(
          pdu,
          this.target.disk.subarray(
            cdb.logicalBlockAddress * BLOCK,
            (cdb.logicalBlockAddress + cdb.transferLength) * BLOCK,
          ),
        );
        break;
      case 'write10':
        this.#startWrite(pdu);
        break;
      default:
        this.respond(pdu, 2, encodeFixedSense({ senseKey: 5, asc: 0x20, ascq: 0 }));
    }
  }

  #startWrite(command: PduOf<'scsiCommand'>): void {
    const parameters = this.parameters as NegotiatedParameters;
    const data = Buffer.alloc(command.expectedDataTransferLength);
    command.data.copy(data);
    const received = command.data.length;
    if (received > 0 && !parameters.immediateData) this.target.violate('immediate data that was not agreed');
    if (received > parameters.firstBurstLength) this.target.violate('more immediate data than FirstBurstLength');
    if (!command.final && parameters.initialR2T) this.target.violate('unsolicited data that was not agreed');
    this.#writes.set(command.itt, { command, data, received, dataSn: 0, ttt: RESERVED_TAG, r2tSn: 0 });
    if (command.final) this.#askOrFinish(command.itt);
  }

  #askOrFinish(itt: number): void {
    const write = this.#writes.get(itt);
    if (write === undefined) return;
    const left = write.data.length - write.received;
    if (left === 0) {
      const cdb = decodeCdb(write.command.cdb);
      if (cdb?.kind === 'write10') write.data.copy(this.target.disk, cdb.logicalBlockAddress * BLOCK);
      this.#writes.delete(itt);
      this.respond(write.command);
      return;
    }
    write.ttt = this.#nextTtt++;
    write.dataSn = 0;
    this.send(
      {
        kind: 'r2t',
        lun: write.command.lun,
        itt,
        ttt: write.ttt,
        r2tSn: write.r2tSn++,
        bufferOffset: write.received,
        desiredDataTransferLength: Math.min(left, this.parameters?.maxBurstLength ?? left),
      },
      false,
    );
  }

  #dataOut(pdu: PduOf<'dataOut'>): void {
    const write = this.#writes.get(pdu.itt);
    if (write === undefined) return this.target.violate('Data-Out for no command');
    if (pdu.ttt !== write.ttt) this.target.violate('Data-Out with another target tag');
    if (pdu.dataSn !== write.dataSn++) this.target.violate('Data-Out out of order');
    if (pdu.bufferOffset !== write.received) this.target.violate('Data-Out at another offset');
    pdu.data.copy(write.data, write.received);
    write.received += pdu.data.length;
    if (pdu.ttt === RESERVED_TAG && write.received > (this.parameters?.firstBurstLength ?? 0)) {
      this.target.violate('more unsolicited data than FirstBurstLength');
    }
    if (pdu.final) this.#askOrFinish(pdu.itt);
  }
}

export class FakeTarget {
  readonly options: FakeTargetOptions;
  readonly name: string;
  readonly disk: Buffer;
  readonly received: Pdu[] = [];
  readonly violations: string[] = [];
  readonly connections: FakeConnection[] = [];
  sessions = 0;
  logouts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(options: FakeTargetOptions = {}): Promise<FakeTarget> {
    const target = new FakeTarget(options);
    await new Promise<void>((resolve, reject) => {
      target.#server.once('error', reject);
      target.#server.listen(0, options.host ?? '127.0.0.1', resolve);
    });
    return target;
  }

  private constructor(options: FakeTargetOptions) {
    this.options = options;
    this.name = options.name ?? 'iqn.2026-01.test:fake';
    this.disk = Buffer.alloc(options.diskBytes ?? 1024 * 1024);
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      this.connections.push(new FakeConnection(socket, this));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get portal(): string {
    return this.options.host === '::1' ? `[::1]:${this.port}` : `127.0.0.1:${this.port}`;
  }

  /** Connections that the initiator has not ended. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  violate(what: string): void {
    this.violations.push(what);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
