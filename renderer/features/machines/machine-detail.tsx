import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Change } from '../../../shared/changes/index.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { envelopeOf } from '../../api/core.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono } from '../../ui/facts.tsx';
import { useServer } from '../../ui/server-store.ts';
import { CheckPart } from './check-part.tsx';
import { MoveMenu } from './move-menu.tsx';
import { OwnersForm } from './owners-form.tsx';
import { refOfNode, type Machine, type MachinesChange, type MachinesView } from './store.ts';
import { fileWords, priorityOf, priorityWords, targetsOf } from './words.ts';

/** Where every file lies; those of a machine on another node are read there. */
const Files = ({ view, machine }: { view: MachinesView; machine: Machine }): JSX.Element => {
  const openHost = useServer((state) => state.openHost);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isAbsent, setIsAbsent] = useState(false);
  const open = async (): Promise<void> => {
    try {
      const ref = await refOfNode(view.server.ref, machine.host);
      if (ref === null) setIsAbsent(true);
      else openHost(ref);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  if (machine.files.length > 0)
    return (
      <table className="t-table" aria-label={`Files of ${machine.name}`}>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Path</th>
          </tr>
        </thead>
        <tbody>
          {machine.files.map(({ kind, path }) => (
            <tr key={`${kind} ${path}`}>
              <td>{fileWords[kind]}</td>
              <td>
                <Mono>{path}</Mono>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  return (
    <>
      <p className="q-actions">
        <span>
          Memory, switches and files are read on {machine.host}, which owns {machine.name}.
        </span>
        <Button size="small" onClick={() => void open()}>
          Open {machine.host}
        </Button>
      </p>
      {isAbsent ? <p className="q-strong">{machine.host} is not paired with this server. Pair it first.</p> : null}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};

/** One machine: its figures, its files, what prevents high availability, and what can be done with it. */
export const MachineDetail = ({
  view,
  machine,
  onPlan,
  onRemove,
}: {
  view: MachinesView;
  machine: Machine;
  onPlan: (change: MachinesChange) => void;
  onRemove: (change: MachinesChange) => void;
}): JSX.Element => {
  const [isSetting, setIsSetting] = useState(false);
  const { name, role } = machine;
  const nodes = view.state.clusterNodes ?? [];
  const targets = targetsOf(machine, nodes);
  const isHere = machine.files.length > 0;
  const act = (title: string, ...changes: Change[]): void => onPlan({ title: `${title} ${name}`, changes });
  const priority = priorityOf(machine);
  return (
    <>
      <Facts
        rows={[
          ['Owner', <Mono key="owner">{machine.host}</Mono>],
          ...(isHere
            ? ([
                ['Memory', formatSize(machine.memoryBytes)],
                ['Generation', machine.generation],
                ['Virtual switches', machine.switches.join(', ') || 'None'],
                ['Devices of the host', machine.hostDevices.join(', ') || 'None'],
              ] as const)
            : []),
          ...(role
            ? ([
                ['Preferred owners', role.preferredOwners.join(', ') || 'None'],
                ['Possible owners', role.possibleOwners.join(', ') || 'None'],
                ['Priority', priority === null ? String(role.priority) : priorityWords[priority]],
                ...(role.antiAffinity.length > 0 ? ([['Anti-affinity', role.antiAffinity.join(', ')]] as const) : []),
              ] as const)
            : []),
        ]}
      />
      <Files view={view} machine={machine} />
      {role || nodes.length === 0 || !isHere ? null : <CheckPart view={view} machine={machine} />}
      <div className="q-actions" role="group" aria-label={`Actions for ${name}`}>
        {machine.state === 'running' ? (
          <>
            <Button onClick={() => act('Shut down', { do: 'vm.stop', name })}>Shut down</Button>
            <Button onClick={() => act('Turn off', { do: 'vm.turnOff', name })}>Turn off</Button>
          </>
        ) : (
          <Button onClick={() => act('Start', { do: 'vm.start', name })}>Start</Button>
        )}
        {role ? (
          <>
            <MoveMenu machine={machine} kind="live" targets={targets} onPlan={onPlan} />
            <MoveMenu machine={machine} kind="quick" targets={targets} onPlan={onPlan} />
            <Button onClick={() => setIsSetting(!isSetting)} aria-expanded={isSetting}>
              Owners and priority
            </Button>
            <Button onClick={() => act('Take out of the cluster:', { do: 'vm.leaveCluster', name })}>
              Take out of the cluster
            </Button>
          </>
        ) : nodes.length > 0 ? (
          <Button onClick={() => act('Make highly available:', { do: 'vm.makeHighlyAvailable', name })}>
            Make highly available
          </Button>
        ) : null}
        <Button
          onClick={() =>
            onRemove({
              title: `Remove ${name}`,
              changes: [...(role ? [{ do: 'vm.leaveCluster' as const, name }] : []), { do: 'vm.remove', name }],
            })
          }
        >
          Remove
        </Button>
      </div>
      {role && targets.length === 0 ? (
        <p className="q-quiet">No other node is a possible owner, so it cannot move.</p>
      ) : null}
      {isSetting && role ? (
        <OwnersForm machine={machine} nodes={nodes} onPlan={onPlan} onClose={() => setIsSetting(false)} />
      ) : null}
    </>
  );
};
