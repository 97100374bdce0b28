import { scsi, SENSE_KEY, STATUS, type ScsiOutcome } from '../../iscsi/index.ts';
import { isConflict } from '../runner/absence.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { failed, inconclusive } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { together } from '../runner/together.ts';
import type { Witness } from '../runner/write-rule.ts';

/** Whether an initiator may write, as far as commands can tell that change nothing; null where they do not tell. */
export interface WriteProbe {
  readonly mayWrite: boolean | null;
  /** The answers, in words. */
  readonly answers: string;
  /** Why they do not tell, where the device is one on which they never do. */
  readonly because: string | null;
}

/** INVALID COMMAND OPERATION CODE: SPC-4 annex D. */
export const isNotThere = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok &&
  outcome.status === STATUS.CHECK_CONDITION &&
  outcome.sense?.senseKey === SENSE_KEY.ILLEGAL_REQUEST &&
  outcome.sense.asc === 0x20;

/** A comparison that found a difference was carried out. */
export const isDone = (outcome: ScsiOutcome<unknown>): boolean =>
  outcome.ok || (outcome.status === STATUS.CHECK_CONDITION && outcome.sense?.senseKey === SENSE_KEY.MISCOMPARE);

const names: Readonly<Record<Witness, string>> = {
  synchronizeCache: 'SYNCHRONIZE CACHE',
  writeOfNothing: 'WRITE of no block',
  verify: 'VERIFY of one block',
};

const texts: Readonly<Record<Witness, string>> = {
  synchronizeCache: 'SYNCHRONIZE CACHE (changes nothing, counts as a write)',
  writeOfNothing: 'WRITE of no block (changes nothing, counts as a write)',
  verify: 'VERIFY of block 0 with BYTCHK 1 (compares and writes nothing, carries data like a write)',
};

/** Sends one of the commands that tell whether a write is refused. `conflictExpected` null: the case at hand does not judge it. */
export const askWitness = (
  laboratory: Laboratory,
  nexus: Nexus,
  witness: Witness,
  conflictExpected: boolean | null,
): Promise<ScsiOutcome<undefined>> => {
  const blockSizeBytes = laboratory.unit?.blockSizeBytes ?? 512;
  const send = (on: Nexus): Promise<ScsiOutcome<undefined>> => {
    switch (witness) {
      case 'synchronizeCache':
        return scsi.synchronizeCache(on, laboratory.lun);
      case 'writeOfNothing':
        return scsi.write(on, laboratory.lun, 0n, Buffer.alloc(0), blockSizeBytes);
      case 'verify':
        return scsi.verify(
          on,
          laboratory.lun,
          0n,
          laboratory.blockZero ?? Buffer.alloc(blockSizeBytes),
          blockSizeBytes,
        );
    }
  };
  const judge =
    conflictExpected === null
      ? undefined
      : (outcome: ScsiOutcome<unknown>): boolean => isConflict(outcome) === conflictExpected;
  return laboratory.ask(nexus, texts[witness], send, judge);
};

export const describeWitnesses = (asked: readonly (readonly [Witness, ScsiOutcome<unknown>])[]): string =>
  asked.map(([witness, outcome]) => `${names[witness]}: ${describeOutcome(outcome)}`).join('; ');

/** What SBC-3 wants refused where a write is. */
export const harmless: readonly Witness[] = ['synchronizeCache', 'writeOfNothing'];

/**
 * Does a write of this initiator conflict? Asked with commands that change nothing even where reservations are ignored; which of them tell on this device
 * was found out first (see write-rule.ts). Refused counts only where all of them conflict, and admitted only where all are GOOD; SYNCHRONIZE CACHE is
 * optional, and a device without it is judged by the others. Anything else (write-protected, no space) says nothing about reservations.
 */
export const probeWrite = async (
  laboratory: Laboratory,
  nexus: Nexus,
  /** Null: the case at hand does not judge it. */
  conflictExpected: boolean | null,
): Promise<WriteProbe> => {
  const rule = laboratory.writeRule;
  const by = rule?.kind === 'judged' ? rule.by : harmless;
  const asked = await together(
    by.map(async (witness) => [witness, await askWitness(laboratory, nexus, witness, conflictExpected)] as const),
  );
  const judged = asked.filter(([, outcome]) => !isNotThere(outcome)).map(([, outcome]) => outcome);
  if (judged.some(isConflict) && !judged.every(isConflict))
    laboratory.note('The commands were not answered alike: the device judges them by different rules');
  const last = judged.at(-1);
  const isRefused = judged.length > 0 && (conflictExpected ? judged.every(isConflict) : judged.some(isConflict));
  const isAdmitted =
    last !== undefined && rule?.kind !== 'open' && (conflictExpected ? isDone(last) : judged.every(isDone));
  return {
    mayWrite: isRefused ? false : isAdmitted ? true : null,
    answers: describeWitnesses(asked),
    because: rule?.kind === 'open' ? rule.because : null,
  };
};

/** An initiator must not be able to write; `because` says what it means that it can. */
export const needWriteConflict = async (laboratory: Laboratory, nexus: Nexus, because: string): Promise<void> =>
  needRefused(await probeWrite(laboratory, nexus, true), because);

/** The same of an answer that another case brought. */
export const needRefused = ({ mayWrite, answers, because: unknown }: WriteProbe, because: string): void => {
  if (mayWrite === true) throw failed(`${because} (${answers}); each should be RESERVATION CONFLICT`);
  if (mayWrite === null) throw inconclusive(unknown ?? `whether a write conflicts is not known (${answers})`);
};

/** An initiator must be able to write. */
export const needWrite = async (laboratory: Laboratory, nexus: Nexus, because: string): Promise<void> =>
  needAdmitted(await probeWrite(laboratory, nexus, false), because);

/** The same of an answer that another case brought. */
export const needAdmitted = ({ mayWrite, answers, because: unknown }: WriteProbe, because: string): void => {
  if (mayWrite === false) throw failed(`${because} (${answers})`);
  if (mayWrite === null) throw inconclusive(unknown ?? `whether a write is admitted is not known (${answers})`);
};

export const probeRead = (
  laboratory: Laboratory,
  nexus: Nexus,
  conflictExpected: boolean,
): Promise<ScsiOutcome<Buffer>> =>
  laboratory.ask(
    nexus,
    'READ of block 0',
    (on) => scsi.read(on, laboratory.lun, { firstBlock: 0n, blocks: 1 }, laboratory.unit?.blockSizeBytes ?? 512),
    (outcome) => isConflict(outcome) === conflictExpected,
  );
