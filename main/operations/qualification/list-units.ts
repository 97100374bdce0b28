import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import { numberFromLun, scsi, SENSE_KEY, type ScsiExecutor } from '../../iscsi/index.ts';
import { describeOutcome, describeUnit } from '../../qualify/index.ts';

/** What a target shows, and which commands it did not answer: a LUN that is missing for that reason is not one that is not there. */
export interface ListedUnits {
  readonly units: readonly LogicalUnit[];
  readonly problems: readonly string[];
}

/** Tells a waiting caller which command is under way. */
export type Tell = (command: string) => void;

const hexOf = (lun: bigint): string => `0x${lun.toString(16).padStart(16, '0')}`;

/** Why there is no block device to describe: null where the device says that it is none, or that nothing is connected. */
const whyNot = async (executor: ScsiExecutor, lun: number, signal: AbortSignal): Promise<string | null> => {
  const outcome = await scsi.inquiry(executor, scsi.lunFromNumber(lun), { signal });
  if (outcome.ok || outcome.sense?.senseKey === SENSE_KEY.ILLEGAL_REQUEST) return null;
  return `LUN ${lun}: INQUIRY was answered with ${describeOutcome(outcome)}`;
};

/** One logical unit as it describes itself; null with a problem where it did not answer, without one where it is no disk. */
export const lookAtUnit = async (
  executor: ScsiExecutor,
  lun: number,
  signal: AbortSignal,
): Promise<{ readonly unit: LogicalUnit | null; readonly problem: string | null }> => {
  const unit = await describeUnit(executor, lun, signal);
  return { unit, problem: unit ? null : await whyNot(executor, lun, signal) };
};

/** The numbers of the LUNs that the target shows to this initiator. */
export const listNumbers = async (
  executor: ScsiExecutor,
  signal: AbortSignal,
): Promise<{ readonly numbers: readonly number[]; readonly problems: readonly string[] }> => {
  const outcome = await scsi.reportLuns(executor, { signal });
  if (!outcome.ok) return { numbers: [], problems: [`REPORT LUNS was answered with ${describeOutcome(outcome)}`] };
  const numbers: number[] = [];
  const problems: string[] = [];
  for (const lun of outcome.value.luns) {
    const number = numberFromLun(lun);
    if (number === undefined) problems.push(`the LUN ${hexOf(lun)} is addressed in a way that Quorate does not know`);
    else numbers.push(number);
  }
  return { numbers, problems };
};

/** Every logical unit that the target shows to this initiator. */
export const listUnits = async (executor: ScsiExecutor, signal: AbortSignal, tell: Tell): Promise<ListedUnits> => {
  tell('REPORT LUNS');
  const { numbers, problems: listProblems } = await listNumbers(executor, signal);
  const units: LogicalUnit[] = [];
  const problems = [...listProblems];
  for (const number of numbers) {
    tell(`INQUIRY of LUN ${number}`);
    const { unit, problem } = await lookAtUnit(executor, number, signal);
    if (unit) units.push(unit);
    if (problem !== null) problems.push(problem);
  }
  return { units, problems };
};
