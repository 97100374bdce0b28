import { paddedLength } from '../pdu/codec.ts';
import { crc32c } from '../pdu/crc32c.ts';
import { BHS_LENGTH, RESERVED_TAG } from '../pdu/layouts.ts';
import type { LunAddresses } from '../scsi/lun.ts';
import type { NegotiatedParameters } from '../text/negotiation.ts';
import type { Connection } from '../transport/connection.ts';
import type { Task } from './task-table.ts';

const ZEROES = Buffer.alloc(4);

/** Sends the data of writing commands: immediate, unsolicited and solicited (RFC 7143 sections 4.2.5.2 and 11.7). */
export class DataOutSender {
  readonly #connection: Connection;
  readonly #lunAddresses: LunAddresses;
  readonly #maxSegment: number;
  readonly #firstBurst: number;
  readonly #immediateData: boolean;
  readonly #initialR2T: boolean;

  constructor(connection: Connection, parameters: NegotiatedParameters, lunAddresses: LunAddresses) {
    this.#lunAddresses = lunAddresses;
    this.#connection = connection;
    this.#maxSegment = parameters.maxSendDataSegmentLength;
    this.#firstBurst = parameters.firstBurstLength;
    this.#immediateData = parameters.immediateData;
    this.#initialR2T = parameters.initialR2T;
  }

  /** How much goes into the command's own PDU: 13.11, 13.12, 13.14. */
  immediateLength(outLength: number): number {
    return this.#immediateData ? Math.min(outLength, this.#firstBurst, this.#maxSegment) : 0;
  }

  /** Does unsolicited Data-Out follow the command? 13.10, 13.14. */
  hasUnsolicited(outLength: number, immediateLength: number): boolean {
    return !this.#initialR2T && immediateLength < Math.min(outLength, this.#firstBurst);
  }

  /** From behind the immediate data up to FirstBurstLength, which is returned; the target tag is the reserved one: 11.7.4. */
  sendUnsolicited(task: Task, data: Buffer, immediateLength: number, expStatSn: number): number {
    const end = Math.min(data.length, this.#firstBurst);
    this.sendSequence(task, data, immediateLength, end - immediateLength, RESERVED_TAG, expStatSn);
    return end;
  }

  /** One sequence of Data-Out PDUs: DataSN from zero, F on the last one (11.7.1, 11.7.5). */
  sendSequence(task: Task, data: Buffer, offset: number, length: number, ttt: number, expStatSn: number): void {
    const { writer, digests, trace } = this.#connection;
    const end = offset + length;
    let dataSn = 0;
    for (let at = offset; at < end;) {
      const take = Math.min(this.#maxSegment, end - at);
      const header = writer.reserve(BHS_LENGTH + (digests.header ? 4 : 0));
      const buffer = writer.buffer;
      buffer.fill(0, header, header + BHS_LENGTH);
      buffer[header] = 0x05;
      buffer[header + 1] = at + take === end ? 0x80 : 0;
      buffer.writeUIntBE(take, header + 5, 3);
      buffer.writeBigUInt64BE(ttt === RESERVED_TAG ? 0n : this.#lunAddresses.toSend(task.lun), header + 8); // 11.7.4: the LUN goes with a valid tag
      buffer.writeUInt32BE(task.itt, header + 16);
      buffer.writeUInt32BE(ttt, header + 20);
      buffer.writeUInt32BE(expStatSn, header + 28);
      buffer.writeUInt32BE(dataSn, header + 36);
      buffer.writeUInt32BE(at, header + 40);
      const bhs = buffer.subarray(header, header + BHS_LENGTH);
      if (digests.header) buffer.writeUInt32LE(crc32c(bhs), header + BHS_LENGTH);
      if (trace !== undefined) trace.bytes(true, bhs, ZEROES.subarray(0, 0), ZEROES.subarray(0, 0));
      this.appendSegment(data, at, take);
      at += take;
      dataSn++;
    }
  }

  /** A data segment by reference, with padding and digest. */
  appendSegment(data: Buffer, offset: number, length: number): void {
    const { writer, digests } = this.#connection;
    const segment = offset === 0 && length === data.length ? data : data.subarray(offset, offset + length);
    writer.append(segment);
    const padding = paddedLength(length) - length;
    writer.appendPadding(padding);
    if (!digests.data) return;
    // 13.1: padding bytes are included.
    let crc = crc32c(segment);
    if (padding > 0) crc = crc32c(ZEROES.subarray(0, padding), crc);
    const at = writer.reserve(4);
    writer.buffer.writeUInt32LE(crc, at);
  }
}
