import type { Output, Input } from '../../../shared/contract/index.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { openSession, scsi } from '../../iscsi/index.ts';
import { describeUnit } from '../../qualify/index.ts';
import { toReach, type ThisServer } from './access.ts';
import { withIscsiFailures } from './iscsi-failure.ts';

type BenchInput = Required<Pick<Input<'iscsi.bench'>, 'blockBytes' | 'depth' | 'seconds' | 'digests'>> &
  Input<'iscsi.bench'>;

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** Reads a logical unit from its beginning, over and over, with `depth` commands in flight. Never writes. */
export const measureReads = async (
  input: BenchInput,
  server: ThisServer,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<Output<'iscsi.bench'>> => {
  const initiatorName = input.initiator ?? (await server.ownName(signal));
  return withIscsiFailures('The measurement', { input, server, signal }, async () => {
    const digest = input.digests ? ('CRC32C' as const) : ('None' as const);
    const session = await openSession({
      ...toReach(input),
      initiatorName,
      target: input.target,
      headerDigest: digest,
      dataDigest: digest,
      signal,
    });
    try {
      const unit = await describeUnit(session, input.lun, signal);
      if (!unit)
        throw failure('QUALIFY_LUN_NOT_THERE', { target: input.target, lun: input.lun, initiator: initiatorName });
      const blockSize = unit.blockSizeBytes ?? 512;
      const total = BigInt(unit.sizeBytes ?? '0') / BigInt(blockSize);
      const blocks = input.blockBytes / blockSize;
      if (!Number.isInteger(blocks) || BigInt(blocks) > total)
        throw failure('QUALIFY_LUN_UNREADABLE', {
          lun: input.lun,
          target: input.target,
          reason: `${input.blockBytes} bytes are no whole number of its blocks of ${blockSize} bytes, or more than it has`,
        });
      const lun = scsi.lunFromNumber(input.lun);
      const times: number[] = [];
      const begun = performance.now();
      const end = begun + input.seconds * 1000;
      let next = 0n;
      let told = begun;
      const lane = async (): Promise<void> => {
        const into = Buffer.alloc(input.blockBytes);
        while (performance.now() < end) {
          signal.throwIfAborted();
          const firstBlock = next + BigInt(blocks) <= total ? next : 0n;
          next = firstBlock + BigInt(blocks);
          const started = performance.now();
          const outcome = await scsi.read(session, lun, { firstBlock, blocks }, blockSize, { into });
          const ended = performance.now();
          times.push(ended - started);
          if (!outcome.ok)
            throw failure('QUALIFY_LUN_UNREADABLE', {
              lun: input.lun,
              target: input.target,
              reason: `block ${firstBlock} was refused`,
            });
          if (ended - told < 250) continue;
          told = ended;
          progress({
            doing: `Reading LUN ${input.lun}`,
            done: Math.round(ended - begun),
            total: Math.round(input.seconds * 1000),
            leftMs: Math.max(0, Math.round(end - ended)),
          });
        }
      };
      await Promise.all(Array.from({ length: input.depth }, lane));
      const seconds = (performance.now() - begun) / 1000;
      times.sort((left, right) => left - right);
      const at = (share: number): number =>
        rounded(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
      return {
        schema: 'quorate.iscsi-bench/1',
        target: input.target,
        lun: input.lun,
        blockBytes: input.blockBytes,
        depth: input.depth,
        seconds: rounded(seconds),
        reads: times.length,
        iops: Math.round(times.length / seconds),
        mbPerSecond: rounded((times.length * input.blockBytes) / seconds / 1_000_000),
        latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: rounded(times.at(-1) ?? 0) },
      };
    } finally {
      await session.close();
    }
  });
};
