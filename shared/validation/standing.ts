import * as z from 'zod';
import { worstResult, type ValidationReport, type ValidationResult, type ValidationTest } from './report.ts';

/**
 * A warning that somebody took responsibility for, by its name. It holds for the same findings only: where a later report warns of something else
 * under the same name, it is open again.
 */
export const acceptanceSchema = z.object({
  test: z.string(),
  /** What the report said of it then, in the order of the alphabet. */
  findings: z.array(z.string()),
  because: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
  /** The entry of the journal. */
  journal: z.string(),
});
export type Acceptance = z.infer<typeof acceptanceSchema>;

/**
 * `blocks`: failed, cancelled or not known. `new`: a warning that waits for a person. `accepted` and `expected` do not, and `clean` says nothing.
 */
export const standings = ['blocks', 'new', 'accepted', 'expected', 'clean'] as const;
export type Standing = (typeof standings)[number];

export const findingsOf = (test: ValidationTest): string[] =>
  [...new Set(test.messages.filter(({ level }) => level !== 'info').map(({ text }) => text))].sort();

const isSameFinding = (test: ValidationTest, { test: name, findings }: Acceptance): boolean =>
  name.toLowerCase() === test.name.toLowerCase() && JSON.stringify(findings) === JSON.stringify(findingsOf(test));

const blocking: readonly ValidationResult[] = ['failed', 'cancelled', 'unknown'];

/** How one test stands. A failure that is expected for iSCSI storage (Storage Spaces Direct) does not block. */
export const standingOf = (test: ValidationTest, accepted: readonly Acceptance[]): Standing => {
  if (test.result === 'success' || test.result === 'notApplicable') return 'clean';
  if (test.expected) return 'expected';
  if (blocking.includes(test.result)) return 'blocks';
  return accepted.some((one) => isSameFinding(test, one)) ? 'accepted' : 'new';
};

/**
 * Whether a test that needs attention says something that the report before did not: another result, another finding, or nothing at all. Where it
 * was not run before, nothing was said of it.
 */
export const isNewSince = (test: ValidationTest, before: ValidationReport): boolean => {
  if (test.result === 'success' || test.result === 'notApplicable') return false;
  const old = before.tests.find(({ name }) => name.toLowerCase() === test.name.toLowerCase());
  return (
    old === undefined ||
    old.result !== test.result ||
    JSON.stringify(findingsOf(old)) !== JSON.stringify(findingsOf(test))
  );
};

export interface Judgement {
  /** `failed`: it must not become a cluster. `open`: warnings wait. `passed`: nothing does. */
  readonly verdict: 'failed' | 'open' | 'passed';
  readonly tests: readonly { readonly name: string; readonly standing: Standing }[];
}

/** A report under what was accepted. One without a single test that says something is no pass. */
export const judgeValidation = (report: ValidationReport, accepted: readonly Acceptance[]): Judgement => {
  const tests = report.tests.map((test) => ({ name: test.name, standing: standingOf(test, accepted) }));
  const has = (standing: Standing): boolean => tests.some((test) => test.standing === standing);
  const saysNothing = ['notApplicable', 'unknown'].includes(worstResult(report.tests.map(({ result }) => result)));
  return { verdict: has('blocks') || saysNothing ? 'failed' : has('new') ? 'open' : 'passed', tests };
};
