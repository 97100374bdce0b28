import { scsi, SENSE_KEY, STATUS, type ScsiOutcome } from '../../iscsi/index.ts';
import { isConflict } from '../runner/absence.ts';
import type { Laboratory, WriteProbe } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { failed, inconclusive } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { together } from '../runner/together.ts';

/** INVALID COMMAND OPERATION CODE: SPC-4 annex D. */
const isNotThere = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok &&
  outcome.status === STATUS.CHECK_CONDITION &&
  outcome.sense?.senseKey === SENSE_KEY.ILLEGAL_REQUEST &&
  outcome.sense.asc === 0x20;

/**
 * Does a write of this initiator conflict? Asked with two commands that change nothing even where reservations are ignored:
 * SYNCHRONIZE CACHE and WRITE with transfer length 0 (SBC-3, table of commands allowed in the presence of reservations). Only
 * where both conflict a write counts as refused, and only where both are GOOD as admitted; SYNCHRONIZE CACHE is optional, and a
 * device without it is judged by the WRITE alone. Anything else (write-protected, no space) says nothing about reservations.
 */
export const probeWrite = async (
  laboratory: Laboratory,
  nexus: Nexus,
  /** Null: the case at hand does not judge it. */
  conflictExpected: boolean | null,
): Promise<WriteProbe> => {
  const judge =
    conflictExpected === null
      ? undefined
      : (outcome: ScsiOutcome<unknown>): boolean => isConflict(outcome) === conflictExpected;
  const [cache, write] = await together([
    laboratory.ask(
      nexus,
      'SYNCHRONIZE CACHE (changes nothing, counts as a write)',
      (on) => scsi.synchronizeCache(on, laboratory.lun),
      judge,
    ),
    laboratory.ask(
      nexus,
      'WRITE of no block (changes nothing, counts as a write)',
      (on) => scsi.write(on, laboratory.lun, 0n, Buffer.alloc(0), laboratory.unit?.blockSizeBytes ?? 512),
      judge,
    ),
  ]);
  const judged = isNotThere(cache) ? [write] : [cache, write];
  if (judged.some(isConflict) && !judged.every(isConflict))
    laboratory.note('The two commands were not answered alike: the device judges them by different rules');
  const isRefused = conflictExpected ? judged.every(isConflict) : judged.some(isConflict);
  const isAdmitted = conflictExpected ? write.ok : judged.every(({ ok }) => ok);
  const mayWrite = isRefused ? false : isAdmitted ? true : null;
  return {
    mayWrite,
    answers: `SYNCHRONIZE CACHE: ${describeOutcome(cache)}; WRITE of no block: ${describeOutcome(write)}`,
  };
};

/** An initiator must not be able to write; `because` says what it means that it can. */
export const needWriteConflict = async (laboratory: Laboratory, nexus: Nexus, because: string): Promise<void> =>
  needRefused(await probeWrite(laboratory, nexus, true), because);

/** The same of an answer that another case brought. */
export const needRefused = ({ mayWrite, answers }: WriteProbe, because: string): void => {
  if (mayWrite === true) throw failed(`${because} (${answers}); both should be RESERVATION CONFLICT`);
  if (mayWrite === null) throw inconclusive(`whether a write conflicts is not known (${answers})`);
};

/** An initiator must be able to write. */
export const needWrite = async (laboratory: Laboratory, nexus: Nexus, because: string): Promise<void> =>
  needAdmitted(await probeWrite(laboratory, nexus, false), because);

/** The same of an answer that another case brought. */
export const needAdmitted = ({ mayWrite, answers }: WriteProbe, because: string): void => {
  if (mayWrite === false) throw failed(`${because} (${answers})`);
  if (mayWrite === null) throw inconclusive(`whether a write is admitted is not known (${answers})`);
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
