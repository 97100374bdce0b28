import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { leastWitnessBytes } from '../../../shared/model/cluster.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { Facts } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { votesOf, witnessWords } from './words.ts';

type Kind = 'disk' | 'share' | 'none';

const WitnessForm = ({
  cluster,
  onPlan,
  onClose,
}: {
  cluster: Cluster;
  onPlan: OnPlan;
  onClose: () => void;
}): JSX.Element => {
  const disks = cluster.disks.filter(
    ({ disk, use, sizeBytes }) =>
      disk !== null && use === 'available' && (sizeBytes === null || BigInt(sizeBytes) >= leastWitnessBytes),
  );
  const [kind, setKind] = useState<Kind>(disks.length > 0 ? 'disk' : 'share');
  const [disk, setDisk] = useState(disks[0]?.disk ?? '');
  const [path, setPath] = useState('');
  const problem =
    kind === 'share' && !/^\\\\[^\\]+\\[^\\]+/.test(path.trim())
      ? 'A share such as \\\\server\\share.'
      : kind === 'disk' && disk === ''
        ? 'Available Storage has no disk of at least 512 MB.'
        : null;
  const [isChecked, setIsChecked] = useState(false);
  const said = isChecked && problem !== null ? ({ validationState: 'error', validationMessage: problem } as const) : {};
  return (
    <Panel title="Set the witness" level="h3" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (problem !== null) return;
          onPlan({
            title: 'Set the witness',
            changes: [
              {
                do: 'cluster.setQuorum',
                witness: kind === 'disk' ? { kind, disk } : kind === 'share' ? { kind, path: path.trim() } : { kind },
              },
            ],
          });
        }}
      >
        <div className="s-form">
          <Field label="Witness">
            <Select value={kind} onChange={(_event, { value }) => setKind(value as Kind)}>
              <option value="disk">Disk</option>
              <option value="share">File share</option>
              <option value="none">None</option>
            </Select>
          </Field>
          {kind === 'disk' ? (
            <Field label="Disk of Available Storage" hint="At least 512 MB." {...said}>
              <Select value={disk} onChange={(_event, { value }) => setDisk(value)}>
                {disks.map((one) => (
                  <option key={one.name} value={one.disk ?? ''}>
                    {one.name}
                    {one.sizeBytes === null ? '' : `, ${formatSize(one.sizeBytes)}`}
                  </option>
                ))}
              </Select>
            </Field>
          ) : kind === 'share' ? (
            <Field label="File share" hint="On a server that is not a node of this cluster." {...said}>
              <Input
                className="q-mono"
                dir="ltr"
                autoComplete="off"
                value={path}
                onChange={(_event, { value }) => setPath(value)}
              />
            </Field>
          ) : null}
        </div>
        <Button appearance="primary" type="submit">
          Review changes
        </Button>
      </form>
    </Panel>
  );
};

/** What keeps the cluster running when it is cut in two: votes and the witness. */
export const QuorumPart = ({
  cluster,
  callsOf,
}: {
  cluster: Cluster;
  callsOf: (change: ClusterChange) => PlanCalls;
}): JSX.Element => {
  const [isSetting, setIsSetting] = useState(false);
  const toggle = (): void => setIsSetting(!isSetting);
  useShortcut('w', 'Set the witness', toggle);
  const votes = votesOf(cluster);
  const { witness } = cluster;
  return (
    <StagePart id="quorum" title="Quorum">
      <Facts
        rows={[
          ['Votes', `${votes.present} of ${votes.all}; it runs with ${votes.needed}`],
          ['Witness', `${witnessWords[witness.kind]}${witness.resource === null ? '' : `: ${witness.resource}`}`],
          ...(witness.kind === 'none'
            ? []
            : ([
                ['Vote of the witness', witness.currentVote === 1 ? 'Counts' : 'Does not count now (dynamic witness)'],
              ] as const)),
          ['Dynamic quorum', cluster.dynamicQuorum ? 'On' : 'Off'],
          ['Loses its vote first', cluster.lowerQuorumPriorityNode ?? 'Chosen by the cluster'],
        ]}
      />
      <p className="q-actions">
        <Button onClick={toggle} aria-expanded={isSetting} aria-keyshortcuts="W">
          <KeyLabel text="Set witness" letter="w" />
        </Button>
      </p>
      {isSetting ? (
        <ChangeArea callsOf={callsOf} onClose={() => setIsSetting(false)}>
          {(onPlan: OnPlan) => <WitnessForm cluster={cluster} onPlan={onPlan} onClose={() => setIsSetting(false)} />}
        </ChangeArea>
      ) : null}
    </StagePart>
  );
};
