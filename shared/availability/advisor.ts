import * as z from 'zod';
import { addOnIds, addOns, type AddOn } from './add-ons.ts';
import { headroomOf } from './headroom.ts';
import { compile, type Model } from './model.ts';
import { grades, isGrave, type Grade } from './grades.ts';
import { exposureOf } from './single-points.ts';
import type { AvailabilityState } from './state.ts';
import { capital, count, elementName } from './words.ts';

export const adviceSchema = z.object({
  id: z.enum(addOnIds),
  title: z.string(),
  /** The rung of the ladder, from 1; null where there is nothing to climb. */
  order: z.number().int().nullable(),
  /** `worthIt`: it removes or lowers something here. `noEffect`: it removes no single point by itself. */
  judgement: z.enum(['worthIt', 'noEffect', 'present', 'notApplicable', 'notKnown']),
  /** Single points that are gone once this rung and those below it are there. */
  removes: z.array(z.string()),
  /** Those that stop less than before. */
  lowers: z.array(z.object({ id: z.string(), from: z.enum(grades), to: z.enum(grades) })),
  /** New single points that it brings. */
  adds: z.array(z.string()),
  /** Virtual machines that are not certain to run, added up over every single loss (a stopped cluster counts its nodes as well). */
  exposure: z.object({ before: z.number(), after: z.number() }).nullable(),
  /** N+1 before and after. */
  headroom: z.object({ before: z.string(), after: z.string() }).nullable(),
  /** What it needs, in kind. */
  needs: z.array(z.string()),
  /** 1 (a day with a screwdriver) to 5 (a project). */
  complexity: z.number().int().min(1).max(5),
  sentence: z.string(),
});
export type Advice = z.infer<typeof adviceSchema>;

interface Outlook {
  readonly model: Model;
  readonly sum: number;
  readonly grades: ReadonlyMap<string, Grade>;
}

const outlookOf = (state: AvailabilityState): Outlook => {
  const model = compile(state);
  return { model, ...exposureOf(model) };
};

const order = (grade: Grade): number => grades.indexOf(grade);

const compare = (before: Outlook, after: Outlook): Pick<Advice, 'removes' | 'lowers' | 'adds'> => {
  const removes: string[] = [];
  const lowers: Advice['lowers'] = [];
  for (const [id, from] of before.grades) {
    const to = after.grades.get(id) ?? 'none';
    if (isGrave(from) && !isGrave(to)) removes.push(id);
    else if (isGrave(from) && order(to) > order(from)) lowers.push({ id, from, to });
  }
  const adds = [...after.grades].flatMap(([id, grade]) => (isGrave(grade) && !before.grades.has(id) ? [id] : []));
  return { removes, lowers, adds };
};

const nPlusOne = (model: Model): string =>
  headroomOf(model).find(({ losses }) => losses === 1)?.verdict ?? 'notApplicable';

const points = (number: number): string => `${count(number)} single point${number === 1 ? '' : 's'} of failure`;

const sentenceOf = (found: Pick<Advice, 'removes' | 'lowers' | 'adds' | 'headroom' | 'exposure'>): string => {
  const parts = [
    ...(found.removes.length > 0
      ? [
          `removes ${points(found.removes.length)} (${found.removes.slice(0, 4).map(elementName).join(', ')}${found.removes.length > 4 ? ', ...' : ''})`,
        ]
      : []),
    ...(found.lowers.length > 0 ? [`makes ${count(found.lowers.length)} less grave`] : []),
    ...(found.removes.length + found.lowers.length === 0 &&
    found.exposure &&
    found.exposure.after < found.exposure.before
      ? ['leaves fewer virtual machines down']
      : []),
    ...(found.headroom && found.headroom.before !== found.headroom.after && found.headroom.after === 'fits'
      ? ['makes room for everything after the loss of one node (N+1)']
      : []),
  ];
  const adds =
    found.adds.length > 0
      ? ` It brings ${points(found.adds.length)} of its own: ${found.adds.slice(0, 4).map(elementName).join(', ')}.`
      : '';
  return parts.length === 0
    ? `Removes no single point of failure in this configuration.${adds}`
    : `${capital(parts.join(', '))}.${adds}`;
};

interface Tried {
  readonly addOn: AddOn;
  readonly after: AvailabilityState;
  readonly outlook: Outlook;
  /** What it lowers of what the state tells of: by this the rungs are ordered. */
  readonly gain: number;
  readonly isWorth: boolean;
  readonly advice: Omit<Advice, 'order'>;
}

/** Which outlook an add-on is held against: the site of today is told for the second site only. */
const tryOut = (addOn: AddOn, state: AvailabilityState, now: Outlook): Tried | Omit<Advice, 'order'> => {
  const { id, title, complexity } = addOn;
  const change = addOn.change(state);
  const nothing = { removes: [], lowers: [], adds: [], headroom: null, exposure: null };
  if (change.kind !== 'changes')
    return {
      id,
      title,
      complexity,
      ...nothing,
      judgement: change.kind === 'noChange' ? 'noEffect' : change.kind,
      needs: change.kind === 'noChange' ? [...change.needs] : [],
      sentence: change.because,
    };
  const before = change.before ? outlookOf(change.before) : now;
  const outlook = outlookOf(change.after);
  const found = compare(before, outlook);
  const headroom = state.vms.length > 0 ? { before: nPlusOne(before.model), after: nPlusOne(outlook.model) } : null;
  const exposure = { before: before.sum, after: outlook.sum };
  const isWorth = exposure.after < exposure.before;
  return {
    addOn,
    after: change.after,
    outlook,
    gain: now.sum - outlook.sum,
    isWorth,
    advice: {
      id,
      title,
      complexity,
      ...found,
      headroom,
      exposure,
      judgement: isWorth ? 'worthIt' : 'noEffect',
      needs: [...change.needs],
      sentence: sentenceOf({ ...found, headroom, exposure }),
    },
  };
};

const isTried = (one: Tried | Omit<Advice, 'order'>): one is Tried => 'addOn' in one;

/**
 * The ladder: on each rung what takes most away for its complexity, judged on top of the rungs below. What takes nothing
 * away, is there or cannot be judged follows without a number.
 */
export const advise = (state: AvailabilityState): Advice[] => {
  let now = state;
  let outlook = outlookOf(now);
  let left = [...addOns];
  const ladder: Advice[] = [];
  for (;;) {
    const tried = left.map((addOn) => tryOut(addOn, now, outlook)).filter(isTried);
    const best = tried
      .filter(({ isWorth }) => isWorth)
      // A second site brings nodes and mirrored storage of its own: it comes last, so that it is not advised in place of them.
      .toSorted(
        (a, b) =>
          Number(a.addOn.id === 'multiSite') - Number(b.addOn.id === 'multiSite') ||
          b.gain / b.addOn.complexity - a.gain / a.addOn.complexity,
      )[0];
    if (!best) break;
    ladder.push({ ...best.advice, order: ladder.length + 1 });
    now = best.after;
    ({ outlook } = best);
    left = left.filter((addOn) => addOn !== best.addOn);
  }
  const rank = { worthIt: 0, noEffect: 1, notKnown: 2, notApplicable: 3, present: 4 } as const;
  const rest = left
    .map((addOn): Advice => {
      const tried = tryOut(addOn, now, outlook);
      // What it would need is told for the configuration of today, not for the top of the ladder.
      const today = addOn.change(state);
      const needs = 'needs' in today ? [...today.needs] : [];
      return { ...(isTried(tried) ? tried.advice : tried), needs, order: null };
    })
    .toSorted((a, b) => rank[a.judgement] - rank[b.judgement]);
  return [...ladder, ...rest];
};
