import { questionId, type PlanAnswers } from '../../shared/plan/plan.ts';

/** Answers as a test thinks of them: what was typed by the thing that it is about, and what was agreed to. */
export interface GivenAnswers {
  /** Unique id of a disk -> its serial number as it was typed. */
  readonly serialNumbers?: Readonly<Record<string, string>>;
  /** Unique id of a disk -> the words as they were typed. */
  readonly sharedDisks?: Readonly<Record<string, string>>;
  /** InterfaceGuids. */
  readonly cutConnections?: readonly string[];
  readonly restart?: boolean;
}

/** The answers of one node, by the ids of its questions. */
export const answersOn = (node: string, given: GivenAnswers): PlanAnswers => ({
  ...Object.fromEntries(
    Object.entries(given.serialNumbers ?? {}).map(([disk, typed]) => [questionId(node, 'serialNumber', disk), typed]),
  ),
  ...Object.fromEntries(
    Object.entries(given.sharedDisks ?? {}).map(([disk, typed]) => [questionId(node, 'sharedDisk', disk), typed]),
  ),
  ...Object.fromEntries((given.cutConnections ?? []).map((nic) => [questionId(node, 'cutConnection', nic), true])),
  ...(given.restart ? { [questionId(node, 'restart', node)]: true } : {}),
});
