import { senses } from '../../store/index.ts';
import { checkResult, dataResult, invalidField, type CommandResult } from './result.ts';
import type { CommandContext } from './context.ts';

/** READ CAPACITY (10) (SBC-3 clause 5.15): FFFFFFFFh says that READ CAPACITY (16) is needed. */
export const readCapacity10 = ({ unit, cdb }: CommandContext): CommandResult => {
  const pmi = (cdb.readUInt8(8) & 0x01) !== 0;
  if (!pmi && cdb.readUInt32BE(2) !== 0) return invalidField;
  const last = unit.blockCount - 1n;
  const data = Buffer.alloc(8);
  data.writeUInt32BE(last > 0xffff_fffen ? 0xffff_ffff : Number(last), 0);
  data.writeUInt32BE(unit.blockSizeBytes, 4);
  return dataResult(data, data.length);
};

/** READ CAPACITY (16) (SBC-3 clause 5.16). */
export const readCapacity16 = ({ unit, cdb }: CommandContext): CommandResult => {
  const data = Buffer.alloc(32);
  data.writeBigUInt64BE(unit.blockCount - 1n, 0);
  data.writeUInt32BE(unit.blockSizeBytes, 8);
  data.writeUInt8(unit.blockSizeBytes === 512 ? 3 : 0, 13); // LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT: 4 KiB
  data.writeUInt8(unit.thin ? 0xc0 : 0x00, 14); // LBPME, LBPRZ
  return dataResult(data, cdb.readUInt32BE(10));
};

const statusDescriptors = 64;

/** GET LBA STATUS (SBC-3 clause 5.6): runs of mapped and deallocated blocks, in pieces of 64 KiB. */
export const getLbaStatus = ({ unit, cdb }: CommandContext): CommandResult => {
  const start = cdb.readBigUInt64BE(2);
  if (start >= unit.blockCount) return checkResult(senses.lbaOutOfRange);
  const piece = BigInt((64 * 1024) / unit.blockSizeBytes);
  const runs: { lba: bigint; count: bigint; mapped: boolean }[] = [];
  let at = start;
  // The scan is bounded, so that an empty terabyte does not hold up everybody else; a shorter answer is allowed.
  for (let looked = 0; looked < 16_384 && at < unit.blockCount && runs.length <= statusDescriptors; looked++) {
    const end = (at / piece + 1n) * piece;
    const count = (end < unit.blockCount ? end : unit.blockCount) - at;
    const mapped = unit.medium.isMapped(Number(at) * unit.blockSizeBytes, Number(count) * unit.blockSizeBytes);
    const last = runs.at(-1);
    if (last?.mapped === mapped && last.count + count <= 0xffff_ffffn) last.count += count;
    else runs.push({ lba: at, count, mapped });
    at += count;
  }
  const shown = runs.slice(0, statusDescriptors);
  const data = Buffer.alloc(8 + 16 * shown.length);
  data.writeUInt32BE(data.length - 4, 0);
  shown.forEach((run, index) => {
    data.writeBigUInt64BE(run.lba, 8 + 16 * index);
    data.writeUInt32BE(Number(run.count), 16 + 16 * index);
    data.writeUInt8(run.mapped ? 0 : 1, 20 + 16 * index); // PROVISIONING STATUS: mapped, deallocated
  });
  return dataResult(data, cdb.readUInt32BE(10));
};
