import type { PlanQuestion } from './plan.ts';

/*
 * Apart from the schemas, so that a command line that only asks starts without them.
 */

/** Is the answer a text that has to be typed, or a plain yes? */
export const isTyped = ({ kind, expected }: Pick<PlanQuestion, 'kind' | 'expected'>): boolean =>
  kind === 'serialNumber' || expected !== null;
