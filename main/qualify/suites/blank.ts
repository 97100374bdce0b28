import { scsi } from '../../iscsi/index.ts';
import type { Laboratory } from '../runner/laboratory.ts';

/**
 * How much of either end is read: partition tables and their backups, and the beginning and end of a file system in a partition
 * that is aligned to 1 MiB, as every common tool makes it. What lies between is not read: the proof by writing writes block 0
 * alone, with the zeros that were read from it, under a reservation that was seen to keep others from writing.
 */
const lookBytes = 2 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const inFlight = 8;
const zeros = Buffer.alloc(chunkBytes);
/** Buffers of the last look, for the next one. */
const idle: Buffer[] = [];

export const isZero = (bytes: Buffer): boolean => bytes.equals(zeros.subarray(0, bytes.length));

/**
 * Null when the first and the last 2 MiB are read and hold zeros alone, so no partition table or file system; else why the
 * logical unit does not count as blank. Anything that cannot be read is not blank.
 */
export const proveBlank = async (laboratory: Laboratory): Promise<string | null> => {
  const { sizeBytes, blockSizeBytes } = laboratory.needUnit();
  if (sizeBytes === null || blockSizeBytes === null) return 'the size of the logical unit is not known';
  const blockSize = BigInt(blockSizeBytes);
  const total = BigInt(sizeBytes) / blockSize;
  const look = BigInt(lookBytes) / blockSize;
  const chunk = BigInt(chunkBytes) / blockSize;
  const starts =
    total <= look * 2n
      ? [[0n, total]]
      : [
          [0n, look],
          [total - look, total],
        ];
  const chunks = starts.flatMap(([from = 0n, to = 0n]) => {
    const list: { readonly at: bigint; readonly blocks: number }[] = [];
    for (let at = from; at < to; at += chunk) list.push({ at, blocks: Number(to - at < chunk ? to - at : chunk) });
    return list;
  });
  const text = `Read the first and last ${lookBytes / 1024 / 1024} MiB, ${chunks.length} times ${chunkBytes / 1024} KiB at most`;
  const begun = performance.now();
  let problem: string | null = null;
  const lane = async (): Promise<void> => {
    const into = idle.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
    for (let next = chunks.shift(); next !== undefined && problem === null; next = chunks.shift()) {
      const range = { firstBlock: next.at, blocks: next.blocks };
      const outcome = await scsi.read(laboratory.a, laboratory.lun, range, blockSizeBytes, { into });
      if (!outcome.ok) await laboratory.heed(outcome, text);
      if (!outcome.ok) problem ??= `block ${next.at} could not be read, so the logical unit is not proven blank`;
      else if (!isZero(outcome.value)) problem ??= `the logical unit is not blank (data from block ${next.at} on)`;
    }
    // Not after an error: what is on its way may still be written to it.
    if (idle.length < inFlight) idle.push(into);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  laboratory.log.note(text, problem ?? 'GOOD, zeros alone: no partition table or file system at either end', null, {
    initiator: 'A',
    tookMs: Math.round((performance.now() - begun) * 100) / 100,
  });
  return problem;
};
