import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { networkRoles, type ClusterNetworkRole } from '../../../shared/model/cluster.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { networkMarks, networkUse } from './words.ts';

type Network = Cluster['networks'][number];

const columns: readonly Column<Network>[] = [
  { id: 'name', title: 'Network', value: ({ name }) => name },
  {
    id: 'subnet',
    title: 'Subnet',
    value: ({ address, prefixLength }) => `${address}/${prefixLength}`,
    isFigures: true,
  },
  { id: 'use', title: 'Use', value: ({ role }) => networkUse[role] },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => networkMarks[state].word,
    render: ({ state }) => <OutcomeMark {...networkMarks[state]} />,
  },
  {
    id: 'metric',
    title: 'Metric',
    value: ({ metric }) => metric,
    text: ({ metric, autoMetric }) => `${metric}${autoMetric ? ' (automatic)' : ''}`,
    isFigures: true,
    isExtra: true,
  },
];

const NetworkForm = ({ network, onPlan }: { network: Network; onPlan: OnPlan }): JSX.Element => {
  const [name, setName] = useState(network.name);
  const [role, setRole] = useState<ClusterNetworkRole>(network.role);
  const newName = name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (newName === '') return;
        onPlan({
          title: `Set up the network ${network.name}`,
          changes: [
            { do: 'cluster.renameNetwork', network: network.id, newName },
            { do: 'cluster.setNetworkRole', network: network.id, role },
          ],
        });
      }}
    >
      <div className="s-form">
        <Field
          label="Name"
          {...(newName === '' ? { validationState: 'error', validationMessage: 'Type a name.' } : {})}
        >
          <Input autoComplete="off" value={name} onChange={(_event, { value }) => setName(value)} />
        </Field>
        <Field label="Use" hint="iSCSI networks: none. The private network: cluster only.">
          <Select value={role} onChange={(_event, { value }) => setRole(value as ClusterNetworkRole)}>
            {networkRoles.map((one) => (
              <option key={one} value={one}>
                {networkUse[one]}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <Button type="submit" disabledFocusable={newName === ''}>
        Review changes
      </Button>
    </form>
  );
};

/** The networks of the cluster, each with its name and its use. */
export const NetworksPart = ({
  cluster,
  callsOf,
}: {
  cluster: Cluster;
  callsOf: (change: ClusterChange) => PlanCalls;
}): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  return (
    <StagePart id="networks" title="Networks">
      <DataTable
        name="cluster-networks"
        caption="Networks of the cluster"
        columns={columns}
        rows={cluster.networks}
        keyOf={({ id }) => id}
        labelOf={({ name }) => `${name}: name and use`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No network could be read."
        detail={(network) => (
          <ChangeArea key={network.id} callsOf={callsOf} onClose={() => undefined}>
            {(onPlan: OnPlan) => <NetworkForm network={network} onPlan={onPlan} />}
          </ChangeArea>
        )}
      />
    </StagePart>
  );
};
