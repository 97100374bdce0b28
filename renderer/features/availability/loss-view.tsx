import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import type { LossResult } from '../../../shared/availability/what-if.ts';
import { capital, elementName } from '../../../shared/availability/words.ts';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { quorumMarks, vmMarks } from './marks.ts';
import { restoreAll } from './store.ts';

type VmResult = LossResult['vms'][number];

const some = (names: readonly string[]): string =>
  names.length <= 6 ? names.join(', ') : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`;

const columns: readonly Column<VmResult>[] = [
  { id: 'name', title: 'Virtual machine', value: (vm) => vm.name },
  {
    id: 'outcome',
    title: 'Outcome',
    value: (vm) => vmMarks[vm.outcome].word,
    render: (vm) => <OutcomeMark {...vmMarks[vm.outcome]} />,
  },
  { id: 'nodes', title: 'Runs on', value: (vm) => (vm.nodes.length === 0 ? 'nowhere' : some(vm.nodes)) },
  { id: 'because', title: 'Because', value: (vm) => vm.because },
];

const titleOf = ({ lose, manner }: LossResult): string =>
  capital(
    manner === 'atOnce' ? `${lose.map(elementName).join(' and ')} at once` : lose.map(elementName).join(', then '),
  );

const order = { down: 0, depends: 1, restarts: 2, stays: 3 } as const;

/** What is left after what a person let fail: in the order of the clicks, and at once. */
export const LossView = ({ results }: { results: readonly LossResult[] }): JSX.Element => {
  const last = results.at(-1) as LossResult;
  const rows = last.vms.toSorted((left, right) => order[left.outcome] - order[right.outcome]).slice(0, 500);
  return (
    <StagePart id="loss" title="After the loss">
      <div className="q-actions">
        <Button onClick={restoreAll} aria-keyshortcuts="B">
          <KeyLabel text="Bring everything back" letter="b" />
        </Button>
      </div>
      <ul className="a-results" aria-live="polite">
        {results.map((result) => (
          <li key={`${result.manner} ${result.lose.join(' ')}`}>
            <p className="q-strong a-result-title">
              <OutcomeIcon outcome={quorumMarks[result.quorum].outcome} /> <bdi>{titleOf(result)}</bdi>:{' '}
              {quorumMarks[result.quorum].word.toLowerCase()}, {result.votes.have} of {result.votes.of} votes
            </p>
            <p>
              <bdi>{result.sentence}</bdi>
            </p>
            <p className="q-quiet">{result.because}</p>
            {result.isolated ? (
              <p>
                <bdi>{result.isolated.because}</bdi>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      {last.vms.length > 0 ? (
        <DataTable
          name="availability-vms"
          caption={`Virtual machines after the loss of ${titleOf(last)}`}
          columns={columns}
          rows={rows}
          keyOf={(vm) => vm.name}
          labelOf={(vm) => vm.name}
          empty="The configuration names no virtual machine."
        />
      ) : null}
      {last.vms.length > rows.length ? (
        <p className="q-quiet">
          {last.vms.length - rows.length} more virtual machines are not listed here; the JSON of "quorate availability
          what-if" has them all.
        </p>
      ) : null}
    </StagePart>
  );
};
