import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { formatSize } from '../../../shared/model/size.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { CreateForm } from './create-form.tsx';
import { MachineDetail } from './machine-detail.tsx';
import { StartOrderPart } from './start-order-part.tsx';
import { callsFor, machineReadings, type Machine, type MachinesChange, type MachinesView } from './store.ts';
import { availabilityMark, placeOf, priorityOf, priorityWords, stateWords } from './words.ts';
import './machines.css';

const purpose =
  'Creates virtual machines on storage of the cluster, makes them highly available, and moves them between nodes.';

const columnsOf = (isInCluster: boolean): readonly Column<Machine>[] => [
  { id: 'name', title: 'Name', value: ({ name }) => name },
  { id: 'state', title: 'State', value: ({ state }) => stateWords[state] },
  { id: 'host', title: 'Owner', value: ({ host }) => host },
  {
    id: 'available',
    title: 'Highly available',
    value: (machine) => availabilityMark(machine, isInCluster).word,
    render: (machine) => <OutcomeMark {...availabilityMark(machine, isInCluster)} />,
  },
  {
    id: 'files',
    title: 'Files',
    value: placeOf,
    text: (machine) => machine.files.map(({ path }) => path).join('; ') || `Read on ${machine.host}`,
    render: (machine) => <bdi className="q-mono">{placeOf(machine) ?? `Read on ${machine.host}`}</bdi>,
  },
  {
    id: 'priority',
    title: 'Priority',
    value: ({ role }) => role?.priority ?? null,
    text: (machine) => {
      const priority = priorityOf(machine);
      return priority === null ? (machine.role ? String(machine.role.priority) : '') : priorityWords[priority];
    },
  },
  {
    id: 'memory',
    title: 'Memory',
    value: ({ memoryBytes }) => BigInt(memoryBytes),
    text: ({ files, memoryBytes }) => (files.length === 0 ? '' : formatSize(memoryBytes)),
    isFigures: true,
    isExtra: true,
  },
  { id: 'switches', title: 'Virtual switches', value: ({ switches }) => switches.join(', '), isExtra: true },
  {
    id: 'preferred',
    title: 'Preferred owners',
    value: ({ role }) => role?.preferredOwners.join(', ') ?? '',
    isExtra: true,
  },
];

const kindWords = { external: 'External', internal: 'Internal', private: 'Private' } as const;

const Switches = ({ view: { state } }: { view: MachinesView }): JSX.Element => (
  <StagePart
    id="switches"
    title="Virtual switches"
    says="A virtual machine finds its network after a move only where a switch of the same name exists."
  >
    {state.switches.length === 0 ? (
      <p>None on this server.</p>
    ) : (
      <ul>
        {state.switches.map(({ name, kind, hasHostNic, nics }) => (
          <li key={name}>
            <bdi className="q-strong">{name}</bdi>: {kindWords[kind]}
            {nics.length > 1 ? `, team of ${nics.length} adapters` : ''}
            {hasHostNic ? ', shared with this server' : ', for virtual machines only'}
          </li>
        ))}
      </ul>
    )}
  </StagePart>
);

/** The virtual machines of a server and of its cluster. */
const MachinesScreen = (): JSX.Element => {
  const { host, reading } = useStage(machineReadings);
  const go = useNavigation((state) => state.go);
  const [isCreating, setIsCreating] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  // Above the table: the row of a removed machine goes, and what was read back stays.
  const [removing, setRemoving] = useState<MachinesChange | null>(null);
  const read = (): void => void machineReadings.read(host);
  const { data } = reading;
  const canCreate = data?.state.isHyperVRunning ?? false;
  useShortcut('r', 'Refresh the virtual machines', read);
  useShortcut('c', 'Create a virtual machine', () => setIsCreating(!isCreating), canCreate);
  if (!data)
    return (
      <StageEmpty
        title="Virtual machines"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => machineReadings.cancel(host)}
      />
    );
  const { state } = data;
  const names = state.machines.map(({ name }) => name);
  // A machine keeps its place while it moves; ids are known on its own node only.
  const keyOf = ({ id, name }: Machine): string =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${id}`;
  const callsOf = callsFor(host);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={data.standing.outcome}
        answer={data.standing.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => machineReadings.cancel(host)}
      >
        <Button
          onClick={() => setIsCreating(!isCreating)}
          aria-expanded={isCreating}
          disabledFocusable={!canCreate}
          aria-keyshortcuts="C"
        >
          <KeyLabel text="Create" letter="c" />
        </Button>
        {state.isHyperVRunning ? null : <Button onClick={() => go('roles')}>Open Roles</Button>}
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      <UnreadList unread={state.unread} />
      {isCreating && canCreate ? (
        <ChangeArea key={host} callsOf={callsOf} onClose={() => setIsCreating(false)}>
          {(onPlan: (change: MachinesChange) => void) => (
            <CreateForm host={host} view={data} onPlan={onPlan} onClose={() => setIsCreating(false)} />
          )}
        </ChangeArea>
      ) : null}
      {removing ? (
        <PlanPanel
          key={`${host} ${removing.title}`}
          title={`Review: ${removing.title}`}
          calls={callsOf(removing)}
          onClose={() => setRemoving(null)}
        />
      ) : null}
      {state.isHyperVRunning ? (
        <>
          <StagePart id="found" title="Virtual machines">
            <DataTable
              name="machines"
              caption="Virtual machines of this server and of its cluster"
              columns={columnsOf(state.clusterNodes !== null)}
              rows={state.machines}
              keyOf={keyOf}
              labelOf={({ name }) => `${name}: files and actions`}
              openKey={openKey}
              onOpen={setOpenKey}
              empty="There is no virtual machine. Create one on storage of the cluster."
              detail={(machine) => (
                <ChangeArea key={machine.name} callsOf={callsOf} onClose={() => undefined}>
                  {(onPlan: (change: MachinesChange) => void) => (
                    <MachineDetail view={data} machine={machine} onPlan={onPlan} onRemove={setRemoving} />
                  )}
                </ChangeArea>
              )}
            />
          </StagePart>
          <StartOrderPart key={`start ${host}`} view={data} callsOf={callsOf} />
          <Switches view={data} />
        </>
      ) : null}
    </article>
  );
};

export default MachinesScreen;
