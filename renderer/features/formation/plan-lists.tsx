import type { JSX } from 'react';
import { stageWords, type FormationPlan } from '../../../shared/model/formation.ts';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';

/** What stops a plan and what it warns of, each with what to do. */
export const Stops = ({ plan }: { plan: FormationPlan }): JSX.Element => (
  <>
    {plan.stops.map(({ server, kind, code, what, next }) => (
      <div
        key={`${server} ${what}`}
        className={`q-note ${kind === 'refused' ? 'q-note-fail' : 'q-note-unknown'}`}
        role="alert"
      >
        <OutcomeIcon outcome={kind === 'refused' ? 'fail' : 'unknown'} />
        <div className="q-note-text">
          <p className="q-strong">
            <bdi>
              {server}: {what}
            </bdi>
          </p>
          <p>
            <bdi>{next}</bdi>
          </p>
          {code === null ? null : (
            <p className="q-quiet">
              Code <code>{code}</code>
            </p>
          )}
        </div>
      </div>
    ))}
    {plan.warnings.map(({ server, text, source }) => (
      <div key={`${server} ${text}`} className="q-note q-note-warn">
        <OutcomeIcon outcome="warn" />
        <div className="q-note-text">
          <p>
            <bdi>
              {server}: {text}
            </bdi>
          </p>
          {source ? <p className="q-quiet">{source}</p> : null}
        </div>
      </div>
    ))}
  </>
);

/** The steps of a plan by stage. */
export const Stages = ({ plan }: { plan: FormationPlan }): JSX.Element => (
  <>
    {plan.stages
      .filter(({ planned, expected, state }) => planned + expected > 0 || state === 'stopped')
      .map(({ stage, planned, expected, state }) => (
        <details key={stage} className="g-stage">
          <summary>
            {stageWords[stage].title}: {planned + expected} {planned + expected === 1 ? 'step' : 'steps'}
            {state === 'stopped' ? ', stopped' : ''}
          </summary>
          <p className="q-quiet">{stageWords[stage].purpose}</p>
          <ol>
            {plan.steps
              .filter((step) => step.stage === stage)
              .map((step) => (
                <li key={step.id}>
                  <bdi>
                    {step.node}: {step.title}
                  </bdi>{' '}
                  {step.certainty === 'expected' ? <span className="q-quiet">(expected)</span> : null}
                  {step.destructive ? <OutcomeMark outcome="warn" word="Cannot be undone" /> : null}
                  <div className="q-quiet">
                    <bdi>{step.why}</bdi>
                  </div>
                </li>
              ))}
          </ol>
        </details>
      ))}
  </>
);
