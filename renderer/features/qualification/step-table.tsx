import type { JSX } from 'react';
import type { QualificationStep } from '../../../shared/model/qualification.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';

/** What was done by which initiator, what came back, and whether it is what the standard wants. */
export const StepTable = ({
  label,
  steps,
}: {
  label: string;
  steps: readonly QualificationStep[];
}): JSX.Element | null =>
  steps.length === 0 ? null : (
    <table className="t-table g-step-table" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">By</th>
          <th scope="col">What was done</th>
          <th scope="col">Answer</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, index) => (
          <tr key={index}>
            <td>{step.initiator ?? 'Quorate'}</td>
            <td>
              <bdi>{step.text}</bdi>
            </td>
            <td>
              {step.answer === null ? null : step.asExpected === null ? (
                <bdi>{step.answer}</bdi>
              ) : (
                <OutcomeMark outcome={step.asExpected ? 'pass' : 'fail'} word={step.answer} />
              )}
            </td>
            <td className="q-figures">{step.tookMs === null ? '' : `${step.tookMs.toFixed(1)} ms`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
