/** One thing that a gate before the validation found. */
export interface GateFinding {
  /** What a person accepts it by: short, and the same in every run. */
  readonly name: string;
  readonly outcome: 'pass' | 'warn' | 'unknown' | 'fail';
  /** What was found, as a sentence. */
  readonly text: string;
  readonly next: string;
  /** Not to know it is no better than a failure. */
  readonly isDecisive: boolean;
}

interface Acceptance {
  readonly test: string;
  readonly because: string;
}

/** What a gate comes to. It is open only where nothing stops it: the first of `failed`, `unknown`, `open` that is there. */
export interface JudgedGate {
  readonly failed: readonly GateFinding[];
  readonly unknown: readonly GateFinding[];
  /** Warnings that nobody has accepted. */
  readonly open: readonly GateFinding[];
  readonly accepted: readonly (GateFinding & { readonly because: string })[];
  /** Not known, and not decisive: it is told. */
  readonly told: readonly GateFinding[];
}

const isSame = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

/** The findings of one name are accepted together; what fails, or decides and is not known, nobody can accept. */
export const judgeGate = (findings: readonly GateFinding[], acceptances: readonly Acceptance[]): JudgedGate => {
  const because = (name: string): string | undefined => acceptances.find(({ test }) => isSame(test, name))?.because;
  const warned = findings.filter(({ outcome }) => outcome === 'warn');
  return {
    failed: findings.filter(({ outcome }) => outcome === 'fail'),
    unknown: findings.filter(({ outcome, isDecisive }) => outcome === 'unknown' && isDecisive),
    open: warned.filter(({ name }) => because(name) === undefined),
    accepted: warned.flatMap((one) => {
      const said = because(one.name);
      return said === undefined ? [] : [{ ...one, because: said }];
    }),
    told: findings.filter(({ outcome, isDecisive }) => outcome === 'unknown' && !isDecisive),
  };
};

/** The names of findings, each once. */
export const namesOfFindings = (findings: readonly GateFinding[]): string[] => [
  ...new Set(findings.map(({ name }) => name)),
];
