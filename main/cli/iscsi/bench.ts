import { InvalidArgumentError } from 'commander';
import type { CliContext } from '../context.ts';
import { accessOf, sourcesOf, type AccessOptions } from './access.ts';

/** Every disk has blocks of 512 bytes or a multiple of it. */
const leastBlockBytes = 512;

/** `4k`, `64k`, `1m` or bytes. */
export const parseBlock = (text: string): number => {
  const match = /^(\d+)([km]?)$/i.exec(text);
  const value = Number(match?.[1]) * ({ '': 1, k: 1024, m: 1048576 }[(match?.[2] ?? '').toLowerCase()] ?? Number.NaN);
  if (!(value >= leastBlockBytes && value <= 16_777_216))
    throw new InvalidArgumentError('It is a size from 512 to 16m, such as 4k.');
  if (value % leastBlockBytes !== 0) throw new InvalidArgumentError('It is a multiple of 512 bytes, such as 4k.');
  return value;
};

export interface BenchOptions extends AccessOptions {
  readonly target: string;
  readonly lun: number;
  readonly block: number;
  readonly depth: number;
  readonly seconds: number;
  readonly digests?: boolean;
}

export const runBench = async (context: CliContext, options: BenchOptions): Promise<void> => {
  const sources = sourcesOf(options);
  const result = await context.call(
    'iscsi.bench',
    {
      ...(await accessOf(context, options, { mostPortals: 8 })),
      otherPortals: options.portal.slice(1).map((portal, at) => {
        const sourceIp = sources[at + 1];
        return { portal, ...(sourceIp === undefined ? {} : { sourceIp }) };
      }),
      target: options.target,
      lun: options.lun,
      blockBytes: options.block,
      depth: options.depth,
      seconds: options.seconds,
      digests: options.digests === true,
    },
    context.progressLine(),
  );
  context.endProgressLine();
  if (options.json) return context.printJson(result);
  const { latencyMs } = result;
  context.print(
    `${result.iops} reads/s, ${result.mbPerSecond} MB/s with ${result.blockBytes} bytes and ${result.depth} in flight${result.portals.length > 1 ? ' over each portal' : ''}`,
  );
  if (result.portals.length > 1)
    for (const { portal, iops, mbPerSecond } of result.portals)
      context.print(`  over ${portal}: ${iops} reads/s, ${mbPerSecond} MB/s`);
  context.print(
    `latency p50 ${latencyMs.p50} ms, p90 ${latencyMs.p90} ms, p99 ${latencyMs.p99} ms, longest ${latencyMs.max} ms`,
  );
};
