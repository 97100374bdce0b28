import { malformedData, needBytes, outOfRange } from './malformed.ts';

/** One block descriptor. */
export interface UnmapRange {
  /** UNMAP LOGICAL BLOCK ADDRESS: 64 bits. */
  readonly firstBlock: bigint;
  /** NUMBER OF LOGICAL BLOCKS: 32 bits; 0 unmaps nothing. */
  readonly blocks: number;
}

/** PARAMETER LIST LENGTH has 16 bits; 8 bytes are the header's and 16 each range's: SBC-3 section 5.28. */
export const MAX_UNMAP_RANGES = 4095;

/** UNMAP parameter list: SBC-3 section 5.28. Throws OPTION_OUT_OF_RANGE: what would wrap would destroy other data than was meant. */
export const encodeUnmap = (ranges: readonly UnmapRange[]): Buffer => {
  if (ranges.length > MAX_UNMAP_RANGES) {
    throw outOfRange('ranges', `${ranges.length} do not fit one command, ${MAX_UNMAP_RANGES} are the most`);
  }
  for (const { firstBlock, blocks } of ranges) {
    const isFirstRight = firstBlock >= 0n && firstBlock <= 0xffff_ffff_ffff_ffffn;
    if (!isFirstRight || !Number.isInteger(blocks) || blocks < 0 || blocks > 0xffff_ffff) {
      throw outOfRange('ranges', `${blocks} blocks from ${firstBlock.toString()} do not fit their fields`);
    }
  }
  const data = Buffer.alloc(8 + 16 * ranges.length);
  data.writeUInt16BE(data.length - 2, 0);
  data.writeUInt16BE(16 * ranges.length, 2);
  ranges.forEach((range, i) => {
    data.writeBigUInt64BE(range.firstBlock, 8 + 16 * i);
    data.writeUInt32BE(range.blocks, 16 + 16 * i);
  });
  return data;
};

/** What a target received. Throws DATA_MALFORMED. */
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
