import * as z from 'zod';
import { assess, type Assessment } from './assess.ts';
import { elementKinds, type Element } from './elements.ts';
import { grades, gravityOf, isGrave, type Grade } from './grades.ts';
import type { Model } from './model.ts';
import { keyOf } from './parse-state.ts';
import { lossSentence } from './what-if.ts';

export const impactSchema = z.object({
  lose: z.array(z.string()),
  kind: z.enum(elementKinds),
  grade: z.enum(grades),
  quorum: z.enum(['kept', 'lost', 'depends']),
  /** Nodes that are lost, or cut off from the cluster. */
  nodesLost: z.array(z.string()),
  counts: z.object({
    stays: z.number().int(),
    restarts: z.number().int(),
    down: z.number().int(),
    depends: z.number().int(),
  }),
  sentence: z.string(),
});
export type Impact = z.infer<typeof impactSchema>;

export const gradeOf = (assessment: Assessment): Grade => {
  const { quorum, counts, gone } = assessment;
  if (quorum.verdict === 'lost') return 'cluster';
  if (assessment.notRestarted > 0) return 'machines';
  if (quorum.verdict === 'depends' || counts.depends > 0) return 'open';
  return counts.restarts > 0 || counts.down > 0 || gone.length > 0 ? 'interruption' : 'none';
};

const impactOf = (model: Model, lost: readonly Element[], assessment: Assessment): Impact => ({
  lose: lost.map(({ id }) => id),
  kind: (lost[0] as Element).kind,
  grade: gradeOf(assessment),
  quorum: assessment.quorum.verdict,
  nodesLost: assessment.gone.map((node) => model.nodes[node]?.name ?? ''),
  counts: { ...assessment.counts },
  sentence: lossSentence(model, assessment, lost.length > 1 ? 'atOnce' : 'single'),
});

/** Every element alone, those whose loss stops most first. */
export const singlePointsOf = (model: Model): Impact[] =>
  model.elements
    .map((element) => impactOf(model, [element], assess(model, [[element]])))
    .sort(
      (left, right) =>
        gravityOf(right.grade) - gravityOf(left.grade) ||
        right.counts.down + right.counts.depends - left.counts.down - left.counts.depends ||
        right.counts.restarts - left.counts.restarts,
    );

/** How many virtual machines are not certain to run after each single loss, added up: what an investment lowers. */
export const exposureOf = (model: Model): { readonly sum: number; readonly grades: ReadonlyMap<string, Grade> } => {
  let sum = 0;
  const found = new Map<string, Grade>();
  for (const element of model.elements) {
    const assessment = assess(model, [[element]]);
    const grade = gradeOf(assessment);
    found.set(element.id, grade);
    const { verdict } = assessment.quorum;
    // A cluster that stops counts even where it carries no machine yet.
    if (verdict === 'lost') sum += model.vms.length + model.nodes.length;
    else if (verdict === 'depends') sum += model.vms.length + model.nodes.length / 2;
    else sum += assessment.notRestarted + assessment.counts.depends + (assessment.cutOff.length > 0 ? 1 : 0);
  }
  return { sum, grades: found };
};

const mostPairs = 20_000;
/** What is left out first where there would be too many pairs. */
const leaveOut = ['path', 'nic', 'portal', 'lun'] as const;

const isPart = (part: Element, whole: Element): boolean =>
  part.owner !== null && keyOf(part.owner) === keyOf(whole.name);

export interface PairResult {
  readonly pairs: readonly Impact[];
  readonly compared: number;
  readonly leftOut: readonly (typeof leaveOut)[number][];
}

/**
 * Every pair whose loss at once is graver than that of either alone. Pairs with something that stops the cluster by itself,
 * and a thing with its own part, say nothing new.
 */
export const pairsOf = (model: Model): PairResult => {
  const single = new Map(
    model.elements.map((element) => {
      const assessment = assess(model, [[element]]);
      return [
        element,
        { grade: gradeOf(assessment), down: assessment.notRestarted, depends: assessment.counts.depends },
      ];
    }),
  );
  let elements = model.elements.filter((element) => single.get(element)?.grade !== 'cluster');
  const leftOut: (typeof leaveOut)[number][] = [];
  for (const kind of leaveOut) {
    if ((elements.length * (elements.length - 1)) / 2 <= mostPairs) break;
    if (!elements.some((element) => element.kind === kind)) continue;
    elements = elements.filter((element) => element.kind !== kind);
    leftOut.push(kind);
  }
  const pairs: Impact[] = [];
  let compared = 0;
  elements.forEach((first, at) => {
    const one = single.get(first);
    for (const second of elements.slice(at + 1)) {
      const other = single.get(second);
      if (!one || !other || isPart(first, second) || isPart(second, first)) continue;
      compared += 1;
      const assessment = assess(model, [[first, second]]);
      const grade = gradeOf(assessment);
      if (!isGrave(grade)) continue;
      const isGraver = gravityOf(grade) > Math.max(gravityOf(one.grade), gravityOf(other.grade));
      const isMore = assessment.notRestarted > one.down + other.down;
      if (isGraver || isMore) pairs.push(impactOf(model, [first, second], assessment));
    }
  });
  pairs.sort((left, right) => gravityOf(right.grade) - gravityOf(left.grade) || right.counts.down - left.counts.down);
  return { pairs, compared, leftOut };
};
