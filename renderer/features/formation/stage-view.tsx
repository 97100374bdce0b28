import { useState, type JSX } from 'react';
import type { FormationStepResult } from '../../../shared/contract/formation.ts';
import { shownAddresses, stageWords, type FormationStage, type SeenServer } from '../../../shared/model/formation.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { allSteps, type Run } from './run.ts';
import { standingOf, stepWords } from './standing.ts';
import { StepDetail } from './step-detail.tsx';

const columns: readonly Column<FormationStepResult>[] = [
  {
    id: 'node',
    title: 'Server',
    value: ({ node }) => node,
    render: ({ node }) => <bdi className="g-node">{node}</bdi>,
  },
  { id: 'title', title: 'Step', value: ({ title }) => title },
  { id: 'found', title: 'Found, and why', value: ({ why }) => why },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => stepWords[state].word,
    render: ({ state }) => <OutcomeMark {...stepWords[state]} />,
  },
];

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What a server showed of itself when it was asked last, as far as the stage is about it; null: the stage is about something else. */
export const seenText = (stage: FormationStage, seen: SeenServer): string | null => {
  const { computerName, windows, account, nics, sessions, disks } = seen;
  switch (stage) {
    case 'servers':
      return `${computerName}${account === null ? '' : `, Quorate runs as ${account}`}`;
    case 'hardware':
      return windows;
    case 'network':
      return nics
        .map(
          ({ name, isConnected, addresses }) =>
            `${name} ${isConnected === false ? '(no link)' : shownAddresses(addresses).join(', ') || '(no address)'}`,
        )
        .join('; ');
    case 'storage':
      return [
        sessions === null
          ? 'iSCSI sessions not read'
          : counted(sessions.filter(({ isConnected }) => isConnected).length, 'iSCSI session', 'iSCSI sessions'),
        disks === null ? 'disks not read' : counted(disks.length, 'shared disk', 'shared disks'),
      ].join(', ');
    default:
      return null;
  }
};

/** One stage of a run: what it is for, what was found on each server, what was changed, and what was read back. */
export const StageView = ({
  stage,
  run,
  onClose,
}: {
  stage: FormationStage;
  run: Run;
  onClose: () => void;
}): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const steps = allSteps(run);
  const own = steps.filter((step) => step.stage === stage);
  const standing = standingOf(steps, run.state).find((one) => one.stage === stage);
  // The storage host is the target: it has neither sessions nor shared disks of its own.
  const isLeftOut = (server: string): boolean => stage === 'storage' && server === run.wanted?.storageHost?.name;
  const seen = run.servers.flatMap((one) => {
    if (isLeftOut(one.server)) return [];
    const text = seenText(stage, one);
    return text === null ? [] : [{ server: one.server, text }];
  });
  return (
    <Panel title={`Stage: ${stageWords[stage].title}`} onClose={onClose}>
      <p>
        {stageWords[stage].purpose} {standing ? <OutcomeMark {...standing} /> : null}
      </p>
      {seen.length > 0 ? (
        <>
          <p className="q-quiet">When the servers were last asked:</p>
          <ul>
            {seen.map(({ server, text }) => (
              <li key={server}>
                <bdi className="q-strong">{server}</bdi>: <bdi>{text}</bdi>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <DataTable
        name="formation-stage"
        caption={`Steps of the stage ${stageWords[stage].title}`}
        columns={columns}
        rows={own}
        keyOf={({ id }) => id}
        labelOf={({ node, title }) => `${node}: ${title}`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty={
          run.state === 'formed' || run.state === 'undone'
            ? 'Nothing had to be changed in this stage.'
            : 'No step of this stage has started.'
        }
        detail={(step) => <StepDetail step={step} run={run} />}
      />
    </Panel>
  );
};
