import { malformedData, needBytes } from './malformed.ts';

export interface UnmapRange {
  readonly firstBlock: bigint;
  readonly blocks: number;
}

/** UNMAP parameter list: SBC-3 section 5.28. */
export const encodeUnmap = (ranges: readonly UnmapRange[]): Buffer => {
  const data = Buffer.alloc(8 + 16 * ranges.length);
  data.writeUInt16BE(data.length - 2, 0);
  data.writeUInt16BE(16 * ranges.length, 2);
  ranges.forEach((range, i) => {
    data.writeBigUInt64BE(BigInt.asUintN(64, range.firstBlock), 8 + 16 * i);
    data.writeUInt32BE(range.blocks >>> 0, 16 + 16 * i);
  });
  return data;
};

export const decodeUnmap = (data: Buffer): UnmapRange[] => {
  needBytes('UNMAP', data, 8);
  const lengthBytes = data.readUInt16BE(2);
  if (8 + lengthBytes > data.length) throw malformedData('UNMAP', 'the ranges are longer than the data');
  const ranges: UnmapRange[] = [];
  // SBC-3 section 5.28: a length that is no multiple of 16 leaves the rest unread.
  for (let at = 8; at + 16 <= 8 + lengthBytes; at += 16) {
    ranges.push({ firstBlock: data.readBigUInt64BE(at), blocks: data.readUInt32BE(at + 8) });
  }
  return ranges;
};
