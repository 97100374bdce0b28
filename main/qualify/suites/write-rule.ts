import { scsi } from '../../iscsi/index.ts';
import { isConflict } from '../runner/absence.ts';
import type { CaseDefinition } from '../runner/case.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import { inconclusive, NotPassed, skipped } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { together } from '../runner/together.ts';
import type { RealWrites, Witness, WriteRule } from '../runner/write-rule.ts';
import { isZero, proveBlank } from './blank.ts';
import { askWitness, describeWitnesses, harmless, isDone, isNotThere, probeRead } from './probes.ts';
import { decidingType, holdDeciding, onFreeUnit } from './steps.ts';

/* How it is found out by what a refused write shows itself on a device: see ../runner/write-rule.ts. */

const readBlockZero = async (laboratory: Laboratory): Promise<Buffer> => {
  const { blockSizeBytes } = laboratory.needUnit();
  if (blockSizeBytes === null) throw inconclusive('the block size is not known');
  const bytes = await laboratory.need(laboratory.a, 'Read block 0', (on) =>
    scsi.read(on, laboratory.lun, { firstBlock: 0n, blocks: 1 }, blockSizeBytes),
  );
  laboratory.blockZero = bytes;
  return bytes;
};

/**
 * The holder, and then the initiator that is not registered, write the very bytes to block 0 that were read from it. To be called where the LUN is proven blank
 * or its user gave leave, and while the reservation is held.
 */
export const writeSameBytes = async (laboratory: Laboratory): Promise<RealWrites> => {
  const { blockSizeBytes } = laboratory.needUnit();
  if (blockSizeBytes === null) throw inconclusive('the block size is not known');
  const bytes = await readBlockZero(laboratory);
  if (!laboratory.settings.allowDataLoss && !isZero(bytes))
    throw skipped('somebody wrote to block 0 since it was read, and writing was not allowed');
  const ofHolder = await laboratory.ask(
    laboratory.a,
    'Write the same bytes to block 0 as the holder',
    (on) => scsi.write(on, laboratory.lun, 0n, bytes, blockSizeBytes),
    ({ ok }) => ok,
  );
  if (!ofHolder.ok) return { ofHolder, ofOther: null };
  const ofOther = await laboratory.ask(
    laboratory.b,
    'Write the same bytes to block 0 as the other initiator',
    (on) => scsi.write(on, laboratory.lun, 0n, bytes, blockSizeBytes),
    isConflict,
  );
  return { ofHolder, ofOther };
};

/** Under Exclusive Access another initiator must not even read: a device that lets it does not enforce what it records. Null where it has no such type. */
const isReadRefusedUnderExclusiveAccess = async (laboratory: Laboratory): Promise<boolean | null> => {
  const { a, b, keyA: key } = laboratory;
  const type = 'exclusiveAccess';
  const released = await laboratory.reserveOut(a, 'Releasing PR reserve', {
    action: 'release',
    type: decidingType,
    key,
  });
  if (!released.ok) return null;
  const taken = await laboratory.reserveOut(a, 'Putting PR reserve: Exclusive Access (3)', {
    action: 'reserve',
    type,
    key,
  });
  if (!taken.ok) return null;
  const read = await probeRead(laboratory, b, true);
  await laboratory.reserveOut(a, 'Releasing PR reserve', { action: 'release', type, key });
  return isConflict(read) ? true : read.ok ? false : null;
};

const needLeave =
  'whether data is refused is proven by a write alone, on a blank logical unit or with --allow-data-loss and --serial';

/**
 * While the first initiator holds the deciding reservation and the second is not registered: by what does a refused write show itself? What is written is
 * written only where a command that changes nothing was refused before, or with leave to lose data.
 */
export const findWriteRule = async (laboratory: Laboratory): Promise<WriteRule> => {
  const rule = await find(laboratory);
  laboratory.writeRule = rule;
  return rule;
};

const find = async (laboratory: Laboratory): Promise<WriteRule> => {
  const { a, b } = laboratory;
  const asked = await together(
    harmless.map(async (witness) => [witness, await askWitness(laboratory, b, witness, true)] as const),
  );
  const there = asked.filter(([, outcome]) => !isNotThere(outcome));
  if (there.length > 0 && there.every(([, outcome]) => isConflict(outcome))) return { kind: 'judged', by: harmless };
  if (there.some(([, outcome]) => !isConflict(outcome) && !outcome.ok))
    return { kind: 'open', because: `whether a write conflicts is not known (${describeWitnesses(asked)})` };

  await readBlockZero(laboratory);
  const compared = await askWitness(laboratory, b, 'verify', true);
  const isVerifyRefused = isConflict(compared);
  // A device that refuses it to everybody says nothing.
  const isControlGood = isVerifyRefused && isDone(await askWitness(laboratory, a, 'verify', false));
  const refused: Witness[] = [
    ...asked.filter(([, outcome]) => isConflict(outcome)).map(([witness]) => witness),
    ...(isControlGood ? (['verify'] as const) : []),
  ];
  const answers = describeWitnesses([...asked, ['verify', compared]]);
  let isGuarded = refused.length > 0;
  if (!isGuarded) {
    const isReadRefused = await isReadRefusedUnderExclusiveAccess(laboratory);
    if (isReadRefused === false)
      return { kind: 'ignored', because: `${answers}; under Exclusive Access its READ was GOOD` };
    isGuarded = isReadRefused === true;
    await laboratory.reserve(a, laboratory.keyA, decidingType);
  }
  const { allowDataLoss } = laboratory.settings;
  const unproven = allowDataLoss ? null : await proveBlank(laboratory);
  if (unproven !== null || (!isGuarded && !allowDataLoss))
    return {
      kind: 'open',
      because: `${needLeave}; ${unproven === null ? '' : `${unproven}, and `}the commands that change nothing do not tell on this device (${answers})`,
    };
  return judgeByWriting(laboratory, refused, answers);
};

const judgeByWriting = async (
  laboratory: Laboratory,
  refused: readonly Witness[],
  answers: string,
): Promise<WriteRule> => {
  let writes: RealWrites;
  try {
    writes = await writeSameBytes(laboratory);
  } catch (error) {
    if (error instanceof NotPassed) return { kind: 'open', because: error.message };
    throw error;
  }
  laboratory.realWrites = writes;
  const { ofHolder, ofOther } = writes;
  if (ofOther === null)
    return { kind: 'open', because: `the holder of the reservation cannot write: ${describeOutcome(ofHolder)}` };
  if (ofOther.ok) return { kind: 'ignored', because: `${answers}; its real write was GOOD` };
  if (!isConflict(ofOther))
    return { kind: 'open', because: `a real write was answered with ${describeOutcome(ofOther)} (${answers})` };
  if (refused.length > 0) return { kind: 'judged', by: refused };
  const because = `a real write is refused, and no command that changes nothing shows it on this device (${answers})`;
  return { kind: 'open', because, isWriteRefused: true };
};

/** For a case that asks whether a write is refused, before its own set-up: how that shows itself is found out once a run. */
export const judgingWrites =
  (run: CaseDefinition['run']): CaseDefinition['run'] =>
  async (laboratory, figures) => {
    if (laboratory.writeRule === null) {
      try {
        await onFreeUnit(async () => {
          await holdDeciding(laboratory);
          await findWriteRule(laboratory);
        })(laboratory, figures);
      } catch (error) {
        if (!(error instanceof NotPassed) || error.verdict === 'inconclusive') throw error;
        laboratory.writeRule = { kind: 'open', because: error.message };
      }
    }
    await run(laboratory, figures);
  };
