import type { Output, Input } from '../../../shared/contract/index.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { failure } from '../../../shared/errors/failure.ts';
import {
  DEFAULT_LOGIN_TIMEOUT_MS,
  IscsiError,
  openSession,
  scsi,
  type OpenSessionOptions,
  type Session,
} from '../../iscsi/index.ts';
import { describeOutcome, describeUnit } from '../../qualify/index.ts';
import { toReach, type ThisServer } from './access.ts';
import { withIscsiFailures } from './iscsi-failure.ts';
import { findNumber } from './list-units.ts';
import { signOfLife } from './sign-of-life.ts';

type BenchInput = Required<Pick<Input<'iscsi.bench'>, 'blockBytes' | 'depth' | 'seconds' | 'digests'>> &
  Input<'iscsi.bench'>;

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * Some targets answer an offer that they do not take with Reject, others end the login with 0200h, which stands for anything (RFC 7143 section
 * 11.13.5), or hang up: there only a login without digests tells what it was about.
 */
const areDigestsRefused = async (error: IscsiError, options: OpenSessionOptions): Promise<boolean> => {
  if (error.code === 'NEGOTIATION_FAILED') return true;
  if (!['LOGIN_INITIATOR_ERROR', 'CONNECTION_CLOSED', 'CONNECTION_LOST'].includes(error.code)) return false;
  if (error.phase !== 'login') return false;
  try {
    const without = await openSession({ ...options, headerDigest: 'None', dataDigest: 'None' });
    await without.close();
    return true;
  } catch {
    return false;
  }
};

/** Digests that were asked for and that the target does not take are a choice of the caller, not a fault of either side. */
const openFor = async (input: BenchInput, options: OpenSessionOptions): Promise<Session> => {
  const digest = input.digests ? ('CRC32C' as const) : ('None' as const);
  try {
    return await openSession({ ...options, headerDigest: digest, dataDigest: digest });
  } catch (error) {
    if (!input.digests || !(error instanceof IscsiError) || !(await areDigestsRefused(error, options))) throw error;
    throw failure(
      'ISCSI_DIGESTS_REFUSED',
      {
        message: `The target ${input.target} at ${input.portal} takes no CRC32C digests`,
        portal: input.portal,
        target: input.target,
      },
      { cause: error },
    );
  }
};

/** The count of blocks of one read. */
const blocksOf = (input: BenchInput, blockSizeBytes: number, total: bigint): number => {
  const blocks = input.blockBytes / blockSizeBytes;
  const wrong = !Number.isInteger(blocks)
    ? `its blocks have ${blockSizeBytes} bytes`
    : BigInt(blocks) > total
      ? `it has ${total * BigInt(blockSizeBytes)} bytes`
      : null;
  if (wrong === null) return blocks;
  const { lun, target, blockBytes } = input;
  throw failure('QUALIFY_BLOCK_SIZE_WRONG', { lun, target, blockBytes, blockSizeBytes, reason: wrong });
};

/** Reads a logical unit from its beginning, over and over, with `depth` commands in flight. Never writes. */
export const measureReads = async (
  input: BenchInput,
  server: ThisServer,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<Output<'iscsi.bench'>> => {
  const initiatorName = input.initiator ?? (await server.ownName(signal));
  const life = signOfLife(progress);
  return withIscsiFailures<Output<'iscsi.bench'>>('The measurement', { input, server, signal }, async () => {
    life.waitFor(`Waiting for ${input.portal}: logon`, DEFAULT_LOGIN_TIMEOUT_MS);
    const session = await openFor(input, { ...toReach(input), initiatorName, target: input.target, signal });
    try {
      const lun = scsi.lunFromListed(input.lun);
      await findNumber(session, input.lun, signal);
      const { target, portal } = input;
      life.waitFor(`Waiting for ${portal}: INQUIRY and capacity of LUN ${input.lun}`);
      const unit = await describeUnit(session, input.lun, signal);
      if (!unit) throw failure('QUALIFY_LUN_NOT_THERE', { portal, target, lun: input.lun, initiator: initiatorName });
      const ready = await scsi.testUnitReady(session, lun, { signal });
      if (!ready.ok) throw failure('QUALIFY_LUN_NOT_READY', { lun: input.lun, target, answer: describeOutcome(ready) });
      const { blockSizeBytes: blockSize, sizeBytes } = unit;
      if (blockSize === null || sizeBytes === null)
        throw failure('QUALIFY_LUN_UNREADABLE', { lun: input.lun, target, reason: 'it does not tell its capacity' });
      const total = BigInt(sizeBytes) / BigInt(blockSize);
      const blocks = blocksOf(input, blockSize, total);
      life.end();
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
              target,
              reason: `the read at block ${firstBlock} was answered with ${describeOutcome(outcome)}`,
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
  }).finally(() => life.end());
};
