import type { CheckResult, Evidence, Outcome, Remediation, Severity } from '../model/check.ts';
import type { AnyFact, Fact } from '../model/fact.ts';
import type { HostFacts, ProcessorFacts } from '../model/facts.ts';
import type { OsProfile } from './os-profiles.ts';

/** What a rule may look at: the facts and the release that is judged for. A rule reads nothing else. */
export interface RuleContext {
  readonly facts: HostFacts;
  readonly profile: OsProfile;
}

/** What a rule finds; the frame around it is the same for all of them. */
export interface Finding {
  readonly outcome: Outcome;
  /** Why it is `unknown` or `notApplicable`. */
  readonly because?: string;
  readonly expected: string;
  readonly observed: string;
  readonly evidence: readonly Evidence[];
  readonly remediation?: Remediation;
}

export interface ReadinessRule {
  readonly id: string;
  readonly title: string;
  /** A check of the operating system says nothing on a machine that runs another system. */
  readonly concerns: 'hardware' | 'system';
  readonly severity: (profile: OsProfile) => Severity;
  readonly source: (profile: OsProfile) => string;
  /** What is expected, for the answers that the frame gives by itself. */
  readonly expected: (profile: OsProfile) => string;
  readonly judge: (context: RuleContext) => Finding;
}

const showValue = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(showValue).join(', ');
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
};

/** A fact as evidence: its raw value, or null with the cause in the place of the origin. */
export const evidenceOf = (fact: AnyFact, prefix = ''): Evidence =>
  fact.known
    ? { fact: prefix + fact.name, value: showValue(fact.value), from: fact.from }
    : { fact: prefix + fact.name, value: null, from: fact.because };

/** The evidence of one fact of every socket. */
export const evidenceOfEach = (
  processors: readonly ProcessorFacts[],
  pick: (processor: ProcessorFacts) => AnyFact,
): Evidence[] =>
  processors.map((processor) => evidenceOf(pick(processor), processors.length > 1 ? `${processor.socket}: ` : ''));

/** The sentence of the first unknown among some facts. */
export const causeOf = (...facts: readonly Fact<unknown>[]): string => {
  for (const fact of facts) if (!fact.known) return fact.because;
  return 'The facts contradict each other.';
};

/** Puts a rule's finding into the one shape of a check's result. */
export const runRule = (rule: ReadinessRule, context: RuleContext, target: string, at: string): CheckResult => {
  const { facts, profile } = context;
  const finding: Finding =
    rule.concerns === 'system' && facts.platform === 'linux'
      ? {
          outcome: 'notApplicable',
          because: 'This machine does not run Windows.',
          expected: rule.expected(profile),
          observed: 'not looked at',
          evidence: [evidenceOf(facts.os.version)],
        }
      : rule.judge(context);
  return {
    id: rule.id,
    title: rule.title,
    outcome: finding.outcome,
    because: finding.outcome === 'unknown' || finding.outcome === 'notApplicable' ? (finding.because ?? null) : null,
    severity: rule.severity(profile),
    target,
    expected: finding.expected,
    observed: finding.observed,
    evidence: [...finding.evidence],
    remediation: finding.remediation ?? null,
    source: rule.source(profile),
    at,
  };
};
