import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import { numberFromLun, scsi, SENSE_KEY, type ScsiExecutor, type Session } from '../../iscsi/index.ts';
import { describeOutcome, describeWrongAnswer, examineUnit } from '../../qualify/index.ts';

/** What a target shows, and which commands it did not answer: a LUN that is missing for that reason is not one that is not there. */
export interface ListedUnits {
  readonly units: readonly LogicalUnit[];
  readonly problems: readonly string[];
  /** Some LUNs may be missing from the list; false: each is there, and only facts about them are missing. */
  readonly isIncomplete: boolean;
}

/** Tells a waiting caller which command is under way. */
export type Tell = (command: string) => void;

const hexOf = (lun: bigint): string => `0x${lun.toString(16).padStart(16, '0')}`;

/** Why there is no block device to describe: null where the device says that it is none, or that nothing is connected. */
const whyNot = async (executor: ScsiExecutor, lun: number, signal: AbortSignal): Promise<string | null> => {
  const outcome = await scsi.inquiry(executor, scsi.lunFromNumber(lun), { signal });
  if (outcome.ok || outcome.sense?.senseKey === SENSE_KEY.ILLEGAL_REQUEST) return null;
  return `INQUIRY was answered with ${describeOutcome(outcome)}`;
};

/** One logical unit as it describes itself, with what it did not answer or answered wrongly; null without a problem where it is no disk. */
export const lookAtUnit = async (
  executor: ScsiExecutor,
  lun: number,
  signal: AbortSignal,
): Promise<{ readonly unit: LogicalUnit | null; readonly problems: readonly string[] }> => {
  const { unit, problems } = await examineUnit(executor, lun, signal);
  const missing = unit === null && problems.length === 0 ? await whyNot(executor, lun, signal) : null;
  return { unit, problems: [...problems, ...(missing === null ? [] : [missing])].map((one) => `LUN ${lun}: ${one}`) };
};

/** LUNs that no number stands for, in words: those of an unknown form one by one, those that share a number together. */
const describeStrange = (strange: readonly bigint[]): string[] => {
  const problems: string[] = [];
  const byNumber = new Map<number, string[]>();
  for (const lun of strange) {
    const number = numberFromLun(lun);
    if (number === undefined) problems.push(`the LUN ${hexOf(lun)} is addressed in a way that Quorate does not know`);
    else byNumber.set(number, [...(byNumber.get(number) ?? []), hexOf(lun)]);
  }
  for (const [number, forms] of byNumber)
    problems.push(`the LUNs ${forms.join(' and ')} have the same number, ${number}`);
  return problems;
};

/** The numbers of the LUNs that the target shows to this initiator; from then on the session sends them in the form in which they are listed. */
export const listNumbers = async (
  session: Session,
  signal: AbortSignal,
): Promise<{ readonly numbers: readonly number[]; readonly problems: readonly string[] }> => {
  const outcome = await scsi.reportLuns(session, { signal });
  if (!outcome.ok) return { numbers: [], problems: [`REPORT LUNS was answered with ${describeOutcome(outcome)}`] };
  const { numbers, strange } = session.lunAddresses.take(outcome.value.luns);
  return { numbers, problems: describeStrange(strange) };
};

/**
 * A number that was typed, looked up in the target's list; then the session sends it in the form of that list. Problems: several LUNs
 * have this number, so that none of them can be meant. A list that cannot be read leaves the usual form.
 */
export const findNumber = async (
  session: Session,
  number: number,
  signal: AbortSignal,
): Promise<{ readonly numbers: readonly number[]; readonly problems: readonly string[] }> => {
  const { problems } = await listNumbers(session, signal).catch((error: unknown) => {
    describeWrongAnswer(error);
    return { problems: [] };
  });
  const shared = problems.filter((problem) => problem.endsWith(`have the same number, ${number}`));
  return shared.length > 0 ? { numbers: [], problems: shared } : { numbers: [number], problems: [] };
};

/** Every logical unit that the target shows to this initiator. */
export const listUnits = async (session: Session, signal: AbortSignal, tell: Tell): Promise<ListedUnits> => {
  tell('REPORT LUNS');
  const { numbers, problems: listProblems } = await listNumbers(session, signal);
  const units: LogicalUnit[] = [];
  const problems = [...listProblems];
  let isIncomplete = listProblems.length > 0;
  for (const number of numbers) {
    tell(`INQUIRY of LUN ${number}`);
    const { unit, problems: own } = await lookAtUnit(session, number, signal);
    if (unit) units.push(unit);
    else if (own.length > 0) isIncomplete = true;
    problems.push(...own);
  }
  return { units, problems, isIncomplete };
};
