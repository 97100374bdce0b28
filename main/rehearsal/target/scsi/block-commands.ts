import { senses, type Abortable, type Answer, type LogicalUnit } from '../../store/index.ts';
import { limits } from './inquiry.ts';
import {
  checkResult,
  fromAnswer,
  goodResult,
  invalidField,
  runNow,
  statusCodes,
  type CommandResult,
  type Prepared,
} from './result.ts';
import type { CommandContext } from './context.ts';

/** Where and how much, from a CDB of any length. */
interface Range {
  readonly lba: bigint;
  readonly count: number;
  /** RDPROTECT, WRPROTECT or VRPROTECT: no protection information exists here, so it has to be zero (SBC-3 4.22). */
  readonly protect: number;
  readonly forceUnitAccess: boolean;
}

const readRange = (cdb: Buffer): Range => {
  const flags = cdb.readUInt8(1);
  const common = { protect: flags >> 5, forceUnitAccess: (flags & 0x08) !== 0 };
  switch (cdb.readUInt8(0) >> 5) {
    case 0: {
      // READ (6), WRITE (6): zero means 256 blocks (SBC-3 clause 5.10).
      const count = cdb.readUInt8(4);
      return { lba: BigInt(cdb.readUIntBE(1, 3) & 0x1f_ffff), count: count || 256, protect: 0, forceUnitAccess: false };
    }
    case 1:
    case 2:
      return { lba: BigInt(cdb.readUInt32BE(2)), count: cdb.readUInt16BE(7), ...common };
    case 5:
      return { lba: BigInt(cdb.readUInt32BE(2)), count: cdb.readUInt32BE(6), ...common };
    default:
      return { lba: cdb.readBigUInt64BE(2), count: cdb.readUInt32BE(10), ...common };
  }
};

const outOfRange = checkResult(senses.lbaOutOfRange);

/** A range that cannot be served; null when it can. */
const refuse = (unit: LogicalUnit, range: Range): CommandResult | null => {
  if (range.protect !== 0) return invalidField;
  if (!unit.holds(range.lba, BigInt(range.count))) return outOfRange;
  return range.count * unit.blockSizeBytes > limits.transferBytes ? invalidField : null;
};

/** READ (6), (10), (12), (16) (SBC-3 clauses 5.10 to 5.13). */
export const read = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  const range = readRange(cdb);
  return (
    refuse(unit, range) ??
    runNow(async () => {
      const answer = await unit.read(nexus, range.lba, range.count);
      return answer.status === 'good' ? { status: statusCodes.good, data: answer.value } : fromAnswer(answer);
    })
  );
};

/** WRITE (6), (10), (12), (16) (SBC-3 clauses 5.31 to 5.34). A transfer length of zero writes nothing and may conflict. */
export const write = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  const range = readRange(cdb);
  const refused = refuse(unit, range);
  if (refused) return refused;
  if (unit.isWriteProtected) return checkResult(senses.writeProtected);
  if (range.count === 0 && unit.onlyRefusesData) return goodResult;
  return {
    dataOutBytes: range.count * unit.blockSizeBytes,
    async run(data, command) {
      // Only whole blocks that really arrived are written, when the initiator offers less than the CDB asks for.
      const whole = data.length - (data.length % unit.blockSizeBytes);
      const answer = await unit.write(nexus, range.lba, data.subarray(0, whole), command);
      if (answer.status !== 'good' || !range.forceUnitAccess) return fromAnswer(answer);
      return fromAnswer(await unit.flush(nexus));
    },
  };
};

/** VERIFY (10), (16) (SBC-3 clauses 5.29, 5.30): BYTCHK 00b reads the medium, 01b compares with the data sent. */
export const verify = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  const range = readRange(cdb);
  const byteCheck = (cdb.readUInt8(1) >> 1) & 0x03;
  const refused = refuse(unit, range);
  if (refused) return refused;
  if (byteCheck === 2) return invalidField;
  if (byteCheck === 0) return runNow(async () => fromAnswer(await unit.read(nexus, range.lba, range.count)));
  const blocks = byteCheck === 3 ? Math.min(1, range.count) : range.count;
  return {
    dataOutBytes: blocks * unit.blockSizeBytes,
    async run(data) {
      const answer = await unit.read(nexus, range.lba, range.count);
      if (answer.status !== 'good') return fromAnswer(answer);
      const expected = byteCheck === 3 ? repeat(data, range.count) : data;
      return expected.equals(answer.value.subarray(0, expected.length)) ? goodResult : checkResult(senses.miscompare);
    },
  };
};

const repeat = (block: Buffer, count: number): Buffer => Buffer.alloc(block.length * count, block);

/** SYNCHRONIZE CACHE (10), (16) (SBC-3 clauses 5.26, 5.27): it conflicts under every write reservation. */
export const synchronizeCache = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  const { lba, count } = readRange(cdb);
  if (!unit.holds(lba, BigInt(count))) return outOfRange;
  return runNow(async () => fromAnswer(await unit.flush(nexus)));
};

/** WRITE SAME (10), (16) (SBC-3 clauses 5.40, 5.41), with UNMAP and, in (16), NDOB. */
export const writeSame = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  const flags = cdb.readUInt8(1);
  const unmap = (flags & 0x08) !== 0;
  const anchor = (flags & 0x10) !== 0;
  const noData = cdb.readUInt8(0) === 0x93 && (flags & 0x01) !== 0;
  const range = { ...readRange(cdb), forceUnitAccess: false };
  if (range.protect !== 0 || anchor || (unmap && !unit.thin)) return invalidField;
  if (!unit.holds(range.lba, BigInt(range.count))) return outOfRange;
  if (range.count === 0 || range.count * unit.blockSizeBytes > limits.transferBytes) return invalidField; // WSNZ
  if (unit.isWriteProtected) return checkResult(senses.writeProtected);
  return {
    dataOutBytes: noData ? 0 : unit.blockSizeBytes,
    async run(data, command) {
      if (!noData && data.length < unit.blockSizeBytes) return checkResult(senses.invalidFieldInParameterList);
      const isZero = noData || data.every((byte) => byte === 0);
      if (isZero && (unmap || unit.thin)) {
        return fromAnswer(await unit.unmap(nexus, range.lba, BigInt(range.count), command));
      }
      return fromAnswer(await fill(unit, nexus, range, noData ? Buffer.alloc(unit.blockSizeBytes) : data, command));
    },
  };
};

const fill = async (
  unit: LogicalUnit,
  nexus: CommandContext['nexus'],
  range: Range,
  block: Buffer,
  command: Abortable,
): Promise<Answer> => {
  const most = Math.max(1, (1024 * 1024) / unit.blockSizeBytes);
  let answer: Answer = { status: 'good', value: undefined };
  for (let done = 0; done < range.count && answer.status === 'good'; done += most) {
    const count = Math.min(most, range.count - done);
    answer = await unit.write(nexus, range.lba + BigInt(done), repeat(block, count), command);
  }
  return answer;
};

const unmapHeaderBytes = 8;
const unmapDescriptorBytes = 16;

/** UNMAP (SBC-3 clause 5.28). */
export const unmap = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  const listLength = cdb.readUInt16BE(7);
  if (!unit.thin) return checkResult(senses.invalidOperationCode);
  if (cdb.readUInt8(1) & 0x01) return invalidField; // ANCHOR, and ANC_SUP is zero
  if (listLength === 0) return runNow(() => goodResult);
  if (listLength < unmapHeaderBytes) return checkResult(senses.parameterListLengthError);
  if (unit.isWriteProtected) return checkResult(senses.writeProtected);
  return {
    dataOutBytes: listLength,
    async run(data, command) {
      if (data.length < unmapHeaderBytes) return checkResult(senses.parameterListLengthError);
      const announced = Math.min(data.readUInt16BE(2), data.length - unmapHeaderBytes);
      const descriptors = Math.floor(announced / unmapDescriptorBytes);
      if (descriptors > limits.unmapDescriptors) return checkResult(senses.invalidFieldInParameterList);
      const ranges = Array.from({ length: descriptors }, (_, index) => {
        const at = unmapHeaderBytes + index * unmapDescriptorBytes;
        return { lba: data.readBigUInt64BE(at), count: BigInt(data.readUInt32BE(at + 8)) };
      });
      // All are looked at before one is done: a command that fails changes nothing.
      if (ranges.some((range) => !unit.holds(range.lba, range.count))) return outOfRange;
      for (const range of ranges) {
        const answer = await unit.unmap(nexus, range.lba, range.count, command);
        if (answer.status !== 'good') return fromAnswer(answer);
      }
      return goodResult;
    },
  };
};
