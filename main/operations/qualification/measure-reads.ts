import type { Output, Input } from '../../../shared/contract/index.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { failure } from '../../../shared/errors/failure.ts';
import {
  DEFAULT_LOGIN_TIMEOUT_MS,
  formatPortal,
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
  if (!['LOGIN_DIGESTS_REFUSED', 'LOGIN_INITIATOR_ERROR', 'CONNECTION_CLOSED', 'CONNECTION_LOST'].includes(error.code))
    return false;
  if (error.phase !== 'login') return false;
  try {
    const without = await openSession({ ...options, headerDigest: 'None', dataDigest: 'None' });
    await without.close();
    return true;
  } catch (withoutThem) {
    // 0200h was taken for the digests, and it was not about them: what is said without them is what counts.
    if (error.code === 'LOGIN_DIGESTS_REFUSED') throw withoutThem;
    return false;
  }
};

/** Digests that were asked for and that the target does not take are a choice of the caller, not a fault of either side. */
const openFor = async (digests: boolean, options: OpenSessionOptions): Promise<Session> => {
  const digest = digests ? ('CRC32C' as const) : ('None' as const);
  const { target } = options;
  const portal = typeof options.portal === 'string' ? options.portal : formatPortal(options.portal);
  try {
    return await openSession({ ...options, headerDigest: digest, dataDigest: digest });
  } catch (error) {
    if (!digests || !(error instanceof IscsiError) || !(await areDigestsRefused(error, options))) throw error;
    const message = `The target ${target} at ${portal} takes no CRC32C digests`;
    throw failure('ISCSI_DIGESTS_REFUSED', { message, portal, target }, { cause: error });
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

/** One way to the logical unit. */
interface Path {
  readonly portal: string;
  readonly session: Session;
  /** How long each read over it took, in ms. */
  readonly times: number[];
}

/** The logical unit as it is over one path, ready and with a capacity. */
const needUnit = async (path: Path, input: BenchInput, initiator: string, signal: AbortSignal) => {
  const { session, portal } = path;
  const { target, lun } = input;
  await findNumber(session, lun, signal);
  const unit = await describeUnit(session, lun, signal);
  if (!unit) throw failure('QUALIFY_LUN_NOT_THERE', { portal, target, lun, initiator });
  const ready = await scsi.testUnitReady(session, scsi.lunFromNumber(lun), { signal });
  if (!ready.ok) throw failure('QUALIFY_LUN_NOT_READY', { lun, target, answer: describeOutcome(ready) });
  const { blockSizeBytes, sizeBytes } = unit;
  if (blockSizeBytes === null || sizeBytes === null)
    throw failure('QUALIFY_LUN_UNREADABLE', { lun, target, reason: 'it does not tell its capacity' });
  return { identity: unit.identity ?? unit.serial, blockSizeBytes, blocks: BigInt(sizeBytes) / BigInt(blockSizeBytes) };
};

const rateOf = (reads: number, blockBytes: number, seconds: number) => ({
  reads,
  iops: Math.round(reads / seconds),
  mbPerSecond: rounded((reads * blockBytes) / seconds / 1_000_000),
});

/**
 * Reads a logical unit from its beginning, over and over, with `depth` commands in flight over each portal, all portals at the same time.
 * Never writes.
 */
export const measureReads = async (
  input: BenchInput,
  server: ThisServer,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<Output<'iscsi.bench'>> => {
  const initiatorName = input.initiator ?? (await server.ownName(signal));
  const life = signOfLife(progress);
  const { target, lun, blockBytes } = input;
  const paths: Path[] = [];
  return withIscsiFailures<Output<'iscsi.bench'>>('The measurement', { input, server, signal }, async () => {
    try {
      for (const { portal, sourceIp } of [input, ...(input.otherPortals ?? [])]) {
        life.waitFor(`Waiting for ${portal}: logon`, DEFAULT_LOGIN_TIMEOUT_MS);
        const reach = toReach({ ...input, portal, sourceIp });
        const session = await openFor(input.digests, { ...reach, initiatorName, target, signal });
        paths.push({ portal, session, times: [] });
      }
      const units = [];
      for (const path of paths) {
        life.waitFor(`Waiting for ${path.portal}: INQUIRY and capacity of LUN ${lun}`);
        units.push(await needUnit(path, input, initiatorName, signal));
      }
      const [unit] = units;
      if (unit === undefined)
        throw failure('QUALIFY_LUN_NOT_THERE', { portal: input.portal, target, lun, initiator: initiatorName });
      const other = units.findIndex(({ identity, blocks }) => identity !== unit.identity || blocks !== unit.blocks);
      if (other >= 0)
        throw failure('QUALIFY_LUN_UNREADABLE', {
          lun,
          target,
          reason: `over ${paths[other]?.portal ?? ''} it is another device than over ${input.portal}`,
        });
      const blocks = blocksOf(input, unit.blockSizeBytes, unit.blocks);
      life.end();
      const begun = performance.now();
      const end = begun + input.seconds * 1000;
      let next = 0n;
      let told = begun;
      const lane = async ({ session, times }: Path): Promise<void> => {
        const into = Buffer.alloc(blockBytes);
        while (performance.now() < end) {
          signal.throwIfAborted();
          const firstBlock = next + BigInt(blocks) <= unit.blocks ? next : 0n;
          next = firstBlock + BigInt(blocks);
          const started = performance.now();
          const at = scsi.lunFromNumber(lun);
          const outcome = await scsi.read(session, at, { firstBlock, blocks }, unit.blockSizeBytes, { into });
          const ended = performance.now();
          times.push(ended - started);
          if (!outcome.ok)
            throw failure('QUALIFY_LUN_UNREADABLE', {
              lun,
              target,
              reason: `the read at block ${firstBlock} was answered with ${describeOutcome(outcome)}`,
            });
          if (ended - told < 250) continue;
          told = ended;
          progress({
            doing: `Reading LUN ${lun}`,
            done: Math.round(ended - begun),
            total: Math.round(input.seconds * 1000),
            leftMs: Math.max(0, Math.round(end - ended)),
          });
        }
      };
      await Promise.all(paths.flatMap((path) => Array.from({ length: input.depth }, () => lane(path))));
      const seconds = (performance.now() - begun) / 1000;
      const times = paths.flatMap((path) => path.times).sort((left, right) => left - right);
      const at = (share: number): number =>
        rounded(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
      return {
        schema: 'quorate.iscsi-bench/1',
        target,
        lun,
        blockBytes,
        depth: input.depth,
        seconds: rounded(seconds),
        portals: paths.map((path) => ({ portal: path.portal, ...rateOf(path.times.length, blockBytes, seconds) })),
        ...rateOf(times.length, blockBytes, seconds),
        latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: rounded(times.at(-1) ?? 0) },
      };
    } finally {
      await Promise.all(paths.map(({ session }) => session.close()));
    }
  }).finally(() => life.end());
};
