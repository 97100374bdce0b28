import { asClause } from '../../../shared/model/sentence.ts';
import { Button, Checkbox } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { PeerView } from '../../../shared/contract/peers.ts';
import type { Consistency, ConsistencyRow } from '../../../shared/model/consistency.ts';
import { chooseFiles } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';
import { compare, comparison } from './store.ts';

const columnsOf = ({ servers }: Consistency): readonly Column<ConsistencyRow>[] => {
  const isShared = (name: string): boolean => servers.filter((one) => one.name === name).length > 1;
  return [
    { id: 'what', title: 'What', value: ({ title }) => title },
    {
      id: 'result',
      title: 'Result',
      // Differences come first, as the rules put them; sorting by this column keeps that order.
      value: ({ outcome }) => ['fail', 'unknown', 'warn', 'pass'].indexOf(outcome),
      text: ({ outcome }) => outcome,
      render: ({ outcome }) => <OutcomeMark outcome={outcome} />,
    },
    ...servers.map(({ name, id }, at): Column<ConsistencyRow> => ({
      id: `server-${id}`,
      title: isShared(name) ? `${name} (${id})` : name,
      value: ({ cells }) => cells[at]?.value ?? null,
      render: ({ cells }) => {
        const { value = null, because = null } = cells[at] ?? {};
        return value === null ? (
          <em>not known{because === null ? '' : `: ${asClause(because)}`}</em>
        ) : (
          <bdi>{value}</bdi>
        );
      },
    })),
  ];
};

const Detail = ({ row }: { row: ConsistencyRow }): JSX.Element => (
  <>
    <p>
      <bdi>{row.text}</bdi>
    </p>
    {row.next === null ? null : (
      <p className="q-strong">
        <bdi>{row.next}</bdi>
      </p>
    )}
    <p className="q-quiet">
      Reference: <bdi className="q-address">{row.source}</bdi>
    </p>
  </>
);

const Result = ({ found }: { found: Consistency }): JSX.Element => {
  const [isAll, setIsAll] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const same = found.rows.filter(({ outcome }) => outcome === 'pass').length;
  const rows =
    isAll || same === found.rows.length ? found.rows : found.rows.filter(({ outcome }) => outcome !== 'pass');
  return (
    <>
      <p className="q-said" data-consistency={found.outcome}>
        <OutcomeIcon outcome={found.outcome} />
        <span className="q-strong">
          <bdi>{found.sentence}</bdi>
        </span>
      </p>
      <p className="q-quiet">
        Compared <When at={found.at} />
      </p>
      {found.servers
        .filter(({ because }) => because !== null)
        .map(({ id, name, because }) => (
          <p key={id} className="q-said">
            <OutcomeIcon outcome="unknown" />
            <bdi>
              {name}: {asClause(because ?? '')}
            </bdi>
          </p>
        ))}
      <div className="q-scroll e-compare" tabIndex={0} role="region" aria-label="Comparison of the servers">
        <DataTable
          name="consistency"
          caption="Servers side by side"
          columns={columnsOf(found)}
          rows={rows}
          keyOf={({ id }) => id}
          labelOf={({ title }) => title}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="Nothing was compared."
          detail={(row) => <Detail row={row} />}
        />
      </div>
      {same > 0 && same < found.rows.length ? (
        <Checkbox
          label={`Show the ${same} that are alike too`}
          checked={isAll}
          onChange={(_event, { checked }) => setIsAll(checked === true)}
        />
      ) : null}
    </>
  );
};

/** The facts of all servers side by side, what differs first. */
export const ConsistencyPart = ({ peers }: { peers: readonly PeerView[] }): JSX.Element => {
  const { result, isRunning, progress, failure } = comparison.use();
  const hasPeers = peers.some(({ state }) => state === 'paired');
  const start = (): void => void compare();
  const open = (): void =>
    void chooseFiles('Compare servers by their facts', { name: 'Facts', extensions: ['json', 'txt'] }, true).then(
      (files) => (files.length > 0 ? compare(files) : undefined),
    );
  useShortcut('c', 'Compare the servers', start, hasPeers);
  return (
    <StagePart
      id="consistency"
      title="Servers side by side"
      says="What nodes of one cluster have to share, and what has to differ between them: version, updates, processor, clock, identities, drivers, names of networks and switches."
    >
      <p className="q-actions">
        <Button appearance="primary" onClick={start} disabledFocusable={isRunning || !hasPeers} aria-keyshortcuts="C">
          <KeyLabel text="Compare" letter="c" />
        </Button>
        <Button onClick={open} disabledFocusable={isRunning}>
          Open files of facts
        </Button>
        {hasPeers ? null : <span>Pair a server first, or open the files of facts of two or more servers.</span>}
      </p>
      {isRunning ? (
        <ProgressLine progress={progress} waiting="Asking every server" onCancel={comparison.cancel} />
      ) : null}
      {failure ? <FailureNote envelope={failure} onDismiss={comparison.dismissFailure} /> : null}
      {result ? <Result key={result.at} found={result} /> : null}
    </StagePart>
  );
};
