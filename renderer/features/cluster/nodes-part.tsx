import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { nodeMarks, rolesOn } from './words.ts';

type Node = Cluster['nodes'][number];

const columnsOf = (cluster: Cluster): readonly Column<Node>[] => [
  { id: 'name', title: 'Node', value: ({ name }) => name },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => nodeMarks[state].word,
    render: ({ state }) => <OutcomeMark {...nodeMarks[state]} />,
  },
  { id: 'vote', title: 'Vote now', value: ({ currentVote }) => currentVote, isFigures: true },
  { id: 'assigned', title: 'Assigned vote', value: ({ assignedVote }) => assignedVote, isFigures: true, isExtra: true },
  { id: 'roles', title: 'Roles', value: ({ name }) => rolesOn(cluster, name), isFigures: true },
  { id: 'id', title: 'Id', value: ({ id }) => id, isFigures: true, isExtra: true },
];

const NodeActions = ({
  cluster,
  node,
  onPlan,
  onEvict,
}: {
  cluster: Cluster;
  node: Node;
  onPlan: OnPlan;
  onEvict: OnPlan;
}): JSX.Element => {
  const { name } = node;
  const isPriority = cluster.lowerQuorumPriorityNode?.toLowerCase() === name.toLowerCase();
  return (
    <>
      <div className="q-actions" role="group" aria-label={`Actions for ${name}`}>
        {node.state === 'paused' ? (
          <Button
            onClick={() => onPlan({ title: `Resume ${name}`, changes: [{ do: 'cluster.resumeNode', node: name }] })}
          >
            Resume
          </Button>
        ) : (
          <Button
            onClick={() =>
              onPlan({ title: `Pause and drain ${name}`, changes: [{ do: 'cluster.pauseNode', node: name }] })
            }
          >
            Pause and drain
          </Button>
        )}
        <Button
          onClick={() =>
            onPlan({
              title: isPriority
                ? 'Let the cluster choose which node loses its vote'
                : `Let ${name} lose its vote first`,
              changes: [{ do: 'cluster.setLowerQuorumPriority', node: isPriority ? null : name }],
            })
          }
        >
          {isPriority ? 'No lower quorum priority' : 'Lower quorum priority'}
        </Button>
        <Button
          onClick={() => onEvict({ title: `Evict ${name}`, changes: [{ do: 'cluster.evictNode', node: name }] })}
          disabledFocusable={cluster.nodes.length < 2}
        >
          Evict
        </Button>
      </div>
      <p className="q-quiet">
        {isPriority
          ? 'It loses its vote first when the cluster splits into two halves.'
          : 'Pause and drain moves its roles to other nodes before a restart or maintenance.'}
      </p>
    </>
  );
};

/** The nodes, each with what can be done with it. */
export const NodesPart = ({
  cluster,
  callsOf,
}: {
  cluster: Cluster;
  callsOf: (change: ClusterChange) => PlanCalls;
}): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  // Above the table: the row of an evicted node goes, and what was read back stays.
  const [evicting, setEvicting] = useState<ClusterChange | null>(null);
  return (
    <StagePart id="nodes" title="Nodes">
      {evicting ? (
        <PlanPanel
          key={evicting.title}
          title={`Review: ${evicting.title}`}
          calls={callsOf(evicting)}
          onClose={() => setEvicting(null)}
        />
      ) : null}
      <DataTable
        name="cluster-nodes"
        caption="Nodes of the cluster"
        columns={columnsOf(cluster)}
        rows={cluster.nodes}
        keyOf={({ id }) => String(id)}
        labelOf={({ name }) => `${name}: actions`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No node could be read."
        detail={(node) => (
          <ChangeArea key={node.id} callsOf={callsOf} onClose={() => undefined}>
            {(onPlan: OnPlan) => <NodeActions cluster={cluster} node={node} onPlan={onPlan} onEvict={setEvicting} />}
          </ChangeArea>
        )}
      />
    </StagePart>
  );
};
