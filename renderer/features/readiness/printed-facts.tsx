import type { JSX } from 'react';
import type { CheckResult, Outcome } from '../../../shared/model/check.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';

const answers: Readonly<Record<Outcome, string>> = {
  pass: 'Yes',
  warn: 'Yes, with a warning',
  fail: 'No',
  unknown: 'Not known',
  notApplicable: 'Not applicable',
};

const questions: Readonly<Record<string, string>> = {
  'cpu.x64': '64-bit (x64)',
  'cpu.dep': 'Hardware DEP',
  'cpu.virtualization': 'Hardware virtualization',
};

/** The three facts that the printed procedure asks for, large. */
export const PrintedFacts = ({
  checks,
  ids,
}: {
  checks: readonly CheckResult[];
  ids: readonly string[];
}): JSX.Element => (
  <ul className="r-facts" aria-label="The three facts of the printed procedure">
    {ids.map((id) => {
      const check = checks.find((one) => one.id === id);
      const outcome = check?.outcome ?? 'unknown';
      return (
        <li key={id} className={`r-fact r-fact-${outcome}`} data-check={id}>
          <span className="r-fact-name">{questions[id] ?? check?.title ?? id}</span>
          <span className="r-fact-answer">
            <OutcomeIcon outcome={outcome} />
            {answers[outcome]}
          </span>
          <span className="r-fact-why">
            <bdi>{check?.observed ?? 'This report does not contain the check.'}</bdi>
          </span>
        </li>
      );
    })}
  </ul>
);
