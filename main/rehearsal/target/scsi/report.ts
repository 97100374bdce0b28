import { encodeDescriptorSense, encodeFixedSense, senses, type Sense } from '../../store/index.ts';
import { lunFromNumber } from '../../../iscsi/index.ts';
import { cdbLength, commands } from './commands.ts';
import { targetPortGroup } from './inquiry.ts';
import { dataResult, invalidField, type CommandResult } from './result.ts';
import type { CommandContext, TargetPort } from './context.ts';

/** REPORT LUNS (SPC-4 clause 6.33); there are no well known logical units, so SELECT REPORT 01h is an empty list. */
export const reportLuns = (luns: readonly number[], cdb: Buffer): CommandResult => {
  const select = cdb.readUInt8(2);
  if (select > 0x02) return invalidField;
  const shown = select === 0x01 ? [] : luns;
  const data = Buffer.alloc(8 + 8 * shown.length);
  data.writeUInt32BE(8 * shown.length, 0);
  shown.forEach((lun, index) => data.writeBigUInt64BE(lunFromNumber(lun), 8 + 8 * index));
  return dataResult(data, cdb.readUInt32BE(6));
};

/** REPORT TARGET PORT GROUPS (SPC-4 clause 6.37): one group, active/optimized, with every target port. */
export const reportTargetPortGroups = (port: TargetPort, cdb: Buffer): CommandResult => {
  const extended = cdb.readUInt8(1) >> 5 === 1;
  const header = Buffer.alloc(extended ? 8 : 4);
  const group = Buffer.alloc(8 + 4 * port.portalGroupTags.length);
  group.writeUInt8(0x00, 0); // ASYMMETRIC ACCESS STATE: active/optimized
  group.writeUInt8(0x01, 1); // AO_SUP
  group.writeUInt16BE(targetPortGroup, 2);
  group.writeUInt8(port.portalGroupTags.length, 7);
  port.portalGroupTags.forEach((tag, index) => group.writeUInt16BE(tag, 8 + 4 * index + 2));
  header.writeUInt32BE(header.length - 4 + group.length, 0);
  if (extended) header.writeUInt8(0x10, 4); // RETURN DATA FORMAT 001b
  return dataResult(Buffer.concat([header, group]), cdb.readUInt32BE(6));
};

/** REQUEST SENSE (SPC-4 clause 6.39): hands out a pending unit attention as data and clears it. */
export const requestSense = (sense: Sense | null, cdb: Buffer): CommandResult => {
  const descriptor = (cdb.readUInt8(1) & 0x01) !== 0;
  const value = sense ?? senses.none;
  return dataResult(descriptor ? encodeDescriptorSense(value) : encodeFixedSense(value), cdb.readUInt8(4));
};

const supported = 0x03; // SUPPORT 011b: in conformance with a SCSI standard
const unsupported = 0x01;

/** REPORT SUPPORTED OPERATION CODES (SPC-4 clause 6.35). */
export const reportOperationCodes = ({ unit, cdb }: CommandContext): CommandResult => {
  const timeouts = (cdb.readUInt8(2) & 0x80) !== 0;
  const option = cdb.readUInt8(2) & 0x07;
  const opcode = cdb.readUInt8(3);
  const action = cdb.readUInt16BE(4);
  const offered = commands.filter(
    (one) =>
      !(unit.faults.has('no-reservations') && one.name.startsWith('persistent-reserve')) &&
      (unit.thin || one.name !== 'unmap'),
  );
  const allocationLength = cdb.readUInt32BE(6);
  if (option === 0) {
    const descriptors = offered.map((one) => {
      const bytes = Buffer.alloc(timeouts ? 20 : 8);
      bytes.writeUInt8(one.opcode, 0);
      bytes.writeUInt16BE(one.serviceAction ?? 0, 2);
      bytes.writeUInt8((timeouts ? 0x02 : 0) | (one.serviceAction === undefined ? 0 : 0x01), 5); // CTDP, SERVACTV
      bytes.writeUInt16BE(cdbLength(one), 6);
      if (timeouts) bytes.writeUInt16BE(0x0a, 8);
      return bytes;
    });
    const body = Buffer.concat(descriptors);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(body.length, 0);
    return dataResult(Buffer.concat([header, body]), allocationLength);
  }
  const rows = offered.filter((one) => one.opcode === opcode);
  const hasActions = rows.some((one) => one.serviceAction !== undefined);
  if (option === 1 && hasActions) return invalidField;
  if (option === 2 && rows.length > 0 && !hasActions) return invalidField;
  if (option > 3) return invalidField;
  const row = rows.find((one) => one.serviceAction === undefined || one.serviceAction === action);
  const usage = row ? Buffer.from(row.usage, 'hex') : Buffer.alloc(0);
  const header = Buffer.alloc(4);
  header.writeUInt8((timeouts && row ? 0x80 : 0) | (row ? supported : unsupported), 1);
  header.writeUInt16BE(usage.length, 2);
  const timeout = Buffer.alloc(timeouts && row ? 12 : 0);
  if (timeout.length > 0) timeout.writeUInt16BE(0x0a, 0);
  return dataResult(Buffer.concat([header, usage, timeout]), allocationLength);
};
