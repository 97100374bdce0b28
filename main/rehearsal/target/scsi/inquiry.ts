import { senses, type LogicalUnit } from '../../store/index.ts';
import { checkResult, dataResult, invalidField, type CommandResult } from './result.ts';
import type { CommandContext, TargetPort } from './context.ts';

const vendor = 'QUORATE ';
/** Sixteen characters that nobody can overlook in a disk list. */
const product = 'NOT FOR DATA    ';
const revision = '0001';

/** VERSION DESCRIPTORs: SAM-5, SPC-4, SBC-3, iSCSI, none claiming a revision (SPC-4 clause 6.6.2). */
const versionDescriptors = [0x00a0, 0x0460, 0x04c0, 0x0960];

/** PERIPHERAL QUALIFIER 011b and DEVICE TYPE 1Fh: there is no logical unit here (SPC-4 clause 6.6.2). */
const noUnit = 0x7f;

/** Standard INQUIRY data, 96 bytes. */
export const standardInquiry = (exists: boolean): Buffer => {
  const data = Buffer.alloc(96);
  data.writeUInt8(exists ? 0x00 : noUnit, 0);
  data.writeUInt8(0x06, 2); // VERSION: SPC-4
  data.writeUInt8(0x12, 3); // HISUP, RESPONSE DATA FORMAT 2
  data.writeUInt8(data.length - 5, 4);
  data.writeUInt8(0x10, 5); // TPGS 01b: implicit asymmetric access only
  data.writeUInt8(0x10, 6); // MULTIP
  data.writeUInt8(0x02, 7); // CMDQUE
  data.write(vendor + product + revision, 8, 'ascii');
  versionDescriptors.forEach((code, index) => data.writeUInt16BE(code, 58 + 2 * index));
  return data;
};

/** One designation descriptor (SPC-4 clause 7.8.6.1). */
const designator = (codeSet: number, association: number, type: number, value: Buffer, protocol?: number): Buffer =>
  Buffer.concat([
    Buffer.from([
      ((protocol ?? 0) << 4) | codeSet,
      (protocol === undefined ? 0 : 0x80) | (association << 4) | type,
      0,
      value.length,
    ]),
    value,
  ]);

const binary = 1;
const ascii = 2;
const utf8 = 3;
const ofUnit = 0;
const ofPort = 1;
const ofDevice = 2;
const iscsiProtocol = 5;

const word = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);

/** SCSI name string: UTF-8, null-terminated, padded to a multiple of four (SPC-4 clause 7.8.6.11). */
const nameString = (text: string): Buffer => {
  const bytes = Buffer.alloc(Math.ceil((Buffer.byteLength(text) + 1) / 4) * 4);
  bytes.write(text, 'utf8');
  return bytes;
};

const deviceIdentification = (unit: LogicalUnit, port: TargetPort): Buffer | null => {
  const naa = unit.reportedNaa(port.portalIndex);
  if (!naa) return null;
  const portName = `${port.targetName},t,0x${port.portalGroupTag.toString(16).padStart(4, '0')}`;
  return Buffer.concat([
    designator(binary, ofUnit, 3, naa),
    ...(unit.identity.eui64 ? [designator(binary, ofUnit, 2, unit.identity.eui64)] : []),
    designator(ascii, ofUnit, 1, Buffer.from(vendor + unit.identity.serial, 'ascii')),
    designator(binary, ofPort, 4, word(port.portalGroupTag), iscsiProtocol),
    designator(binary, ofPort, 5, word(targetPortGroup), iscsiProtocol),
    designator(utf8, ofPort, 8, nameString(portName), iscsiProtocol),
    designator(utf8, ofDevice, 8, nameString(port.targetName), iscsiProtocol),
  ]);
};

/** All target ports are in one target port group: they reach the medium equally well. */
export const targetPortGroup = 1;

/** What one command may move or unmap, and what VPD page B0h says about it. */
export const limits = {
  transferBytes: 16 * 1024 * 1024,
  unmapBlocks: 0xffff_ffff,
  unmapDescriptors: 256,
} as const;

const blockLimits = (unit: LogicalUnit): Buffer => {
  const body = Buffer.alloc(60);
  body.writeUInt8(0x01, 0); // WSNZ: WRITE SAME with zero blocks is not supported
  body.writeUInt16BE(Math.max(1, 4096 / unit.blockSizeBytes), 2); // OPTIMAL TRANSFER LENGTH GRANULARITY
  body.writeUInt32BE(limits.transferBytes / unit.blockSizeBytes, 4); // MAXIMUM TRANSFER LENGTH
  body.writeUInt32BE((1024 * 1024) / unit.blockSizeBytes, 8); // OPTIMAL TRANSFER LENGTH
  if (unit.thin) {
    body.writeUInt32BE(limits.unmapBlocks, 16); // MAXIMUM UNMAP LBA COUNT
    body.writeUInt32BE(limits.unmapDescriptors, 20); // MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT
    body.writeUInt32BE((64 * 1024) / unit.blockSizeBytes, 24); // OPTIMAL UNMAP GRANULARITY
  }
  body.writeBigUInt64BE(BigInt(limits.transferBytes / unit.blockSizeBytes), 32); // MAXIMUM WRITE SAME LENGTH
  return body;
};

const blockDeviceCharacteristics = (): Buffer => {
  const body = Buffer.alloc(60);
  body.writeUInt16BE(0x0001, 0); // MEDIUM ROTATION RATE: non-rotating
  return body;
};

const provisioning = (unit: LogicalUnit): Buffer => {
  const body = Buffer.alloc(4);
  if (unit.thin) {
    body.writeUInt8(0xe4, 1); // LBPU, LBPWS, LBPWS10, LBPRZ
    body.writeUInt8(0x02, 2); // PROVISIONING TYPE: thin
  }
  return body;
};

type Page = (unit: LogicalUnit, port: TargetPort) => Buffer | null;

/** The vital product data pages; null where a fault takes one away. */
const pages: Readonly<Record<number, Page>> = {
  0x80: (unit) =>
    unit.faults.has('serial-missing') || unit.identity.serial === ''
      ? null
      : Buffer.from(unit.identity.serial, 'ascii'),
  0x83: deviceIdentification,
  0xb0: blockLimits,
  0xb1: blockDeviceCharacteristics,
  0xb2: provisioning,
};

const vpdPage = (code: number, unit: LogicalUnit, port: TargetPort): Buffer | null => {
  if (code !== 0x00) return pages[code]?.(unit, port) ?? null;
  const offered = Object.keys(pages)
    .map(Number)
    .filter((page) => pages[page]?.(unit, port) != null);
  return Buffer.from([0x00, ...offered]);
};

/** INQUIRY (SPC-4 clause 6.6). */
export const inquiry = ({ unit, port, cdb }: CommandContext): CommandResult => {
  const evpd = (cdb.readUInt8(1) & 0x01) !== 0;
  const page = cdb.readUInt8(2);
  const allocationLength = cdb.readUInt16BE(3);
  if (cdb.readUInt8(1) & 0xfe) return invalidField; // CMDDT is obsolete
  if (!evpd) return page === 0 ? dataResult(standardInquiry(true), allocationLength) : invalidField;
  const body = vpdPage(page, unit, port);
  if (!body) return checkResult(senses.invalidFieldInCdb);
  const header = Buffer.from([0x00, page, body.length >> 8, body.length & 0xff]);
  return dataResult(Buffer.concat([header, body]), allocationLength);
};

/** INQUIRY to a LUN that does not exist: GOOD, and the data says so (SPC-4 clause 6.6.1). */
export const inquiryWithoutUnit = (cdb: Buffer): CommandResult =>
  cdb.readUInt8(1) & 0x01 ? invalidField : dataResult(standardInquiry(false), cdb.readUInt16BE(3));
