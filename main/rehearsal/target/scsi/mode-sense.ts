import { senses, type LogicalUnit } from '../../store/index.ts';
import { checkResult, dataResult, invalidField, type CommandResult } from './result.ts';
import type { CommandContext } from './context.ts';

/** Caching mode page (SBC-3 clause 6.4.5): the write cache is on, so SYNCHRONIZE CACHE means something. */
const caching = (): Buffer => {
  const page = Buffer.alloc(20);
  page.writeUInt8(0x08, 0);
  page.writeUInt8(page.length - 2, 1);
  page.writeUInt8(0x04, 2); // WCE
  return page;
};

/** Control mode page (SPC-4 clause 7.5.8). */
const control = (): Buffer => {
  const page = Buffer.alloc(12);
  page.writeUInt8(0x0a, 0);
  page.writeUInt8(page.length - 2, 1);
  page.writeUInt8(0x02, 2); // GLTSD: no log parameters are saved
  page.writeUInt8(0x10, 3); // QUEUE ALGORITHM MODIFIER: unrestricted reordering
  page.writeUInt16BE(0xffff, 8); // BUSY TIMEOUT PERIOD: unlimited
  return page;
};

/** Informational exceptions control mode page (SPC-4 clause 7.5.12): exceptions are off. */
const exceptions = (): Buffer => {
  const page = Buffer.alloc(12);
  page.writeUInt8(0x1c, 0);
  page.writeUInt8(page.length - 2, 1);
  page.writeUInt8(0x08, 2); // DEXCPT
  return page;
};

const pageMakers: Readonly<Record<number, () => Buffer>> = { 0x08: caching, 0x0a: control, 0x1c: exceptions };

/** Nothing can be changed by MODE SELECT: the mask of changeable bits is zero after the page's header. */
const changeable = (page: Buffer): Buffer => {
  const mask = Buffer.alloc(page.length);
  page.copy(mask, 0, 0, 2);
  return mask;
};

const selectPages = (code: number, subpage: number): Buffer[] | null => {
  if (code === 0x3f)
    return subpage === 0x00 || subpage === 0xff ? Object.values(pageMakers).map((make) => make()) : null;
  const make = pageMakers[code];
  return make && subpage === 0 ? [make()] : null;
};

const blockDescriptor = (unit: LogicalUnit, long: boolean): Buffer => {
  if (long) {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64BE(unit.blockCount, 0);
    bytes.writeUInt32BE(unit.blockSizeBytes, 12);
    return bytes;
  }
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(unit.blockCount > 0xffff_ffffn ? 0xffff_ffff : Number(unit.blockCount), 0);
  bytes.writeUIntBE(unit.blockSizeBytes, 5, 3);
  return bytes;
};

/** MODE SENSE (6) and (10) (SPC-4 clauses 6.13 and 6.14). */
export const modeSense = ({ unit, cdb }: CommandContext): CommandResult => {
  const ten = cdb.readUInt8(0) === 0x5a;
  const withoutDescriptor = (cdb.readUInt8(1) & 0x08) !== 0;
  const long = ten && (cdb.readUInt8(1) & 0x10) !== 0;
  const pageControl = cdb.readUInt8(2) >> 6;
  const allocationLength = ten ? cdb.readUInt16BE(7) : cdb.readUInt8(4);
  if (pageControl === 3) return checkResult(senses.savingNotSupported);
  const selected = selectPages(cdb.readUInt8(2) & 0x3f, cdb.readUInt8(3));
  if (!selected) return invalidField;
  const pages = pageControl === 1 ? selected.map(changeable) : selected;
  const descriptor = withoutDescriptor ? Buffer.alloc(0) : blockDescriptor(unit, long);
  const specific = (unit.isWriteProtected ? 0x80 : 0) | 0x10; // WP, DPOFUA (SBC-3 clause 6.4.1)
  const header = Buffer.alloc(ten ? 8 : 4);
  const length = header.length + descriptor.length + pages.reduce((sum, page) => sum + page.length, 0);
  if (ten) {
    header.writeUInt16BE(length - 2, 0);
    header.writeUInt8(specific, 3);
    header.writeUInt8(long && !withoutDescriptor ? 0x01 : 0x00, 4); // LONGLBA
    header.writeUInt16BE(descriptor.length, 6);
  } else {
    header.writeUInt8(length - 1, 0);
    header.writeUInt8(specific, 2);
    header.writeUInt8(descriptor.length, 3);
  }
  return dataResult(Buffer.concat([header, descriptor, ...pages]), allocationLength);
};
