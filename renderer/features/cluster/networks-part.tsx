import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { networkRoles, type ClusterNetworkRole } from '../../../shared/model/cluster.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { metricOf, networkMarks, networkUse } from './words.ts';

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
  const [metric, setMetric] = useState(network.autoMetric ? '' : String(network.metric));
  const newName = name.trim();
  const wanted = metricOf(metric);
  const isWrong = newName === '' || wanted === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (newName === '' || wanted === undefined) return;
        onPlan({
          title: `Set up the network ${network.name}`,
          changes: [
            { do: 'cluster.renameNetwork', network: network.id, newName },
            { do: 'cluster.setNetworkRole', network: network.id, role },
            { do: 'cluster.setNetworkMetric', network: network.id, metric: wanted },
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
        <Field
          label="Metric"
          hint="The cluster prefers the lowest. Leave empty to let Windows choose."
          {...(wanted === undefined
            ? { validationState: 'error', validationMessage: 'A number from 1 to 268435455.' }
            : {})}
        >
          <Input autoComplete="off" value={metric} onChange={(_event, { value }) => setMetric(value)} />
        </Field>
      </div>
      <Button type="submit" disabledFocusable={isWrong}>
        Review changes
      </Button>
    </form>
  );
};

/** Which networks live migration may use, in the order in which they are selected. */
const MigrationForm = ({ cluster, onPlan }: { cluster: Cluster; onPlan: OnPlan }): JSX.Element => {
  const { networks, migrationExcludes, migrationOrder } = cluster;
  const [allowed, setAllowed] = useState<readonly string[]>(() => {
    const may = networks.flatMap(({ id }) => (migrationExcludes?.includes(id) ? [] : [id]));
    const first = (migrationOrder ?? []).filter((id) => may.includes(id));
    return [...first, ...may.filter((id) => !first.includes(id))];
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (allowed.length > 0)
          onPlan({
            title: 'Set the networks of live migration',
            changes: [
              {
                do: 'cluster.setMigrationNetworks',
                exclude: networks.flatMap(({ id }) => (allowed.includes(id) ? [] : [id])),
                order: [...allowed],
              },
            ],
          });
      }}
    >
      <fieldset className="c-migration">
        <legend>Live migration, in the order in which networks are selected</legend>
        {networks.map(({ id, name }) => (
          <Checkbox
            key={id}
            label={allowed.includes(id) ? `${name} (${allowed.indexOf(id) + 1})` : name}
            checked={allowed.includes(id)}
            onChange={(_event, { checked }) =>
              setAllowed(checked === true ? [...allowed, id] : allowed.filter((one) => one !== id))
            }
          />
        ))}
      </fieldset>
      <Button type="submit" disabledFocusable={allowed.length === 0}>
        Review live migration
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
        labelOf={({ name }) => `${name}: name, use and metric`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No network could be read."
        detail={(network) => (
          <ChangeArea key={network.id} callsOf={callsOf} onClose={() => undefined}>
            {(onPlan: OnPlan) => <NetworkForm network={network} onPlan={onPlan} />}
          </ChangeArea>
        )}
      />
      {cluster.migrationExcludes && cluster.networks.length > 0 ? (
        <ChangeArea callsOf={callsOf} onClose={() => undefined}>
          {(onPlan: OnPlan) => <MigrationForm cluster={cluster} onPlan={onPlan} />}
        </ChangeArea>
      ) : null}
    </StagePart>
  );
};
