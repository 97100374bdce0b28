import type { PlanAnswers, PlanQuestion } from '../../../shared/plan/plan.ts';

/** A serial number that was typed, with the question that it answered: what is on the disk, as the person read it. */
export interface KeptSerial {
  readonly question: string;
  readonly serial: string;
  readonly text: string;
}

/** Windows may give the disk another number at each start. */
const withoutNumber = (text: string): string => text.replace(/\bdisk \d+ /, 'disk ');

/** Serial numbers that were typed for exactly what is asked now; where something else is on the disk by now, nobody agreed to lose that. */
export const serialsFor = (
  questions: readonly PlanQuestion[],
  kept: readonly KeptSerial[],
  given: PlanAnswers,
): Record<string, string> =>
  Object.fromEntries(
    questions.flatMap(({ id, kind, text, answered }) => {
      if (kind !== 'serialNumber' || answered || given[id] !== undefined) return [];
      const found = kept.findLast((one) => one.question === id && withoutNumber(one.text) === withoutNumber(text));
      return found ? [[id, found.serial]] : [];
    }),
  );

/** The serial numbers among the answers, with what they were typed for. */
export const typedSerials = (questions: readonly PlanQuestion[], given: PlanAnswers): KeptSerial[] =>
  questions.flatMap(({ id, kind, text, answered }) => {
    const serial = given[id];
    return kind === 'serialNumber' && answered && typeof serial === 'string' ? [{ question: id, serial, text }] : [];
  });
