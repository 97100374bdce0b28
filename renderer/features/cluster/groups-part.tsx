import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { groupKinds, groupMarks } from './words.ts';

type Group = Cluster['groups'][number];

const columns: readonly Column<Group>[] = [
  { id: 'name', title: 'Group', value: ({ name }) => name },
  { id: 'kind', title: 'Type', value: ({ kind }) => groupKinds[kind] },
  { id: 'owner', title: 'Owner', value: ({ ownerNode }) => ownerNode },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => groupMarks[state].word,
    render: ({ state }) => <OutcomeMark {...groupMarks[state]} />,
  },
  {
    id: 'preferred',
    title: 'Preferred owners',
    value: ({ preferredOwners }) => preferredOwners.join(', '),
    isExtra: true,
  },
];

const GroupActions = ({ cluster, group, onPlan }: { cluster: Cluster; group: Group; onPlan: OnPlan }): JSX.Element => {
  const go = useNavigation((state) => state.go);
  if (group.kind === 'virtualMachine')
    return (
      <p className="q-actions">
        <span>A virtual machine moves by live or quick migration.</span>
        <Button size="small" onClick={() => go('machines')}>
          Open Virtual machines
        </Button>
      </p>
    );
  const targets = cluster.nodes.filter(
    ({ name, state }) => state === 'up' && name.toLowerCase() !== group.ownerNode.toLowerCase(),
  );
  return (
    <div className="q-actions" role="group" aria-label={`Actions for ${group.name}`}>
      <Menu inline>
        <MenuTrigger disableButtonEnhancement>
          <Button disabledFocusable={targets.length === 0}>Move …</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList className="c-menu">
            {targets.map(({ name }) => (
              <MenuItem
                key={name}
                onClick={() =>
                  onPlan({
                    title: `Move ${group.name} to ${name}`,
                    changes: [{ do: 'cluster.moveGroup', group: group.name, node: name }],
                  })
                }
              >
                To {name}
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      {targets.length === 0 ? <span className="q-quiet">No other node is up.</span> : null}
    </div>
  );
};

/** What the cluster runs and where. */
export const GroupsPart = ({
  cluster,
  callsOf,
}: {
  cluster: Cluster;
  callsOf: (change: ClusterChange) => PlanCalls;
}): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  return (
    <StagePart id="groups" title="Groups">
      <DataTable
        name="cluster-groups"
        caption="Groups of the cluster"
        columns={columns}
        rows={cluster.groups}
        keyOf={({ name }) => name}
        labelOf={({ name }) => `${name}: actions`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No group could be read."
        detail={(group) => (
          <ChangeArea key={group.name} callsOf={callsOf} onClose={() => undefined}>
            {(onPlan: OnPlan) => <GroupActions cluster={cluster} group={group} onPlan={onPlan} />}
          </ChangeArea>
        )}
      />
    </StagePart>
  );
};
