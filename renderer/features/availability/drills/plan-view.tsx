import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import { KeyLabel } from '../../../ui/key-label.tsx';
import { OutcomeMark } from '../../../ui/outcome.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { dropPlan, runDrill, type DrillPlan } from './store.ts';

const expectationOf = ({ name, node, outcome, nodes }: DrillPlan['expected'][number]): string =>
  outcome === 'restarts'
    ? `${name} (${node}) restarts on ${nodes.join(' or ')}.`
    : outcome === 'stays'
      ? `${name} (${node}) runs on.`
      : `${name} (${node}) ${outcome === 'down' ? 'stays down' : 'may stay down'}.`;

/** Those that move first; of many that stay a number is enough. */
const expectationsOf = ({ expected }: DrillPlan): string[] => {
  const moving = expected.filter(({ outcome }) => outcome !== 'stays');
  const staying = expected.filter(({ outcome }) => outcome === 'stays');
  return [
    ...moving.slice(0, 20).map(expectationOf),
    ...(moving.length > 20 ? [`${moving.length - 20} more virtual machines restart.`] : []),
    ...(staying.length > 6
      ? [`${staying.length} virtual machines run on where they are.`]
      : staying.map(expectationOf)),
  ];
};

const Facts = ({ rows }: { rows: readonly (readonly [string, string])[] }): JSX.Element => (
  <dl className="s-facts">
    {rows.map(([what, value]) => (
      <div key={what} className="s-fact">
        <dt>{what}</dt>
        <dd>
          <bdi>{value}</bdi>
        </dd>
      </div>
    ))}
  </dl>
);

/** What is announced before anything is taken away; or why it is not. */
export const PlanView = ({ plan, isRunning }: { plan: DrillPlan; isRunning: boolean }): JSX.Element => {
  const isRefused = plan.refusals.length > 0;
  const { outage } = plan;
  return (
    <Panel title={plan.title} level="h3" onClose={isRunning ? () => undefined : dropPlan}>
      {isRefused ? (
        <>
          <p className="q-said">
            <OutcomeMark outcome="fail" word="Refused" /> <span>Nothing was changed.</span>
          </p>
          <ul className="a-list">
            {plan.refusals.map((because) => (
              <li key={because}>
                <bdi>{because}</bdi>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <>
          <ul className="a-list">
            {plan.changes.map(({ node, what, back }) => (
              <li key={`${node} ${what}`}>
                <bdi>
                  On {node}: {what}. {back}
                </bdi>
              </li>
            ))}
          </ul>
          <Facts
            rows={[
              ['Quorum', plan.quorum],
              ['Outage', `${(outage.seconds ?? 0) === 0 ? '' : `At most ${outage.seconds} s. `}${outage.because}`],
              ['Watched from', plan.observer?.node ?? 'no other node'],
              [
                'Comes back',
                `After ${plan.holdSeconds} s. If Quorate ends or the connection is lost, each server undoes it by itself after ${plan.guardSeconds} s.`,
              ],
            ]}
          />
          <h4>What the analysis expects</h4>
          <ul className="a-list">
            {expectationsOf(plan).map((text) => (
              <li key={text}>
                <bdi>{text}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
      {plan.notes.map((note) => (
        <p key={note} className="q-quiet">
          <bdi>{note}</bdi>
        </p>
      ))}
      {isRefused || isRunning ? null : (
        <div className="q-actions">
          <Button appearance="primary" aria-keyshortcuts="R" onClick={() => void runDrill()}>
            <KeyLabel text="Run the drill" letter="r" />
          </Button>
          <Button onClick={dropPlan}>Cancel</Button>
        </div>
      )}
    </Panel>
  );
};
