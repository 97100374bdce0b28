import * as z from 'zod';
import { judge, no, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, judgeCluster } from './cluster.ts';
import { clearByHand, refuseStranger } from './nodes.ts';
import { isSameName } from '../../model/names.ts';

const destroySchema = z.object({ do: z.literal('cluster.destroy'), name: z.string() });

/** Takes the cluster apart (Remove-Cluster -CleanupAD). Data, virtual machines and disks stay where they are. Throws `CLUSTER_DESTROY_FAILED`. */
export const destroyCluster: ChangeKind<typeof destroySchema, 'cluster'> = {
  schema: destroySchema,
  area: 'cluster',
  script: 'Remove-FailoverCluster',
  timeoutMs: 900_000,
  subject: ({ name }) => [name],
  locks: () => clusterLock,
  words: ({ name }, { node, state }) => ({
    title:
      state.membership === 'leftover'
        ? `Clear what the creation of ${name} left on ${node}`
        : `Destroy the cluster ${name}`,
    why: `Its nodes: ${state.cluster?.nodes.map((node) => node.name).join(', ') ?? 'not read'}. Nothing is highly available afterwards; data and virtual machines stay.`,
    manual:
      state.membership === 'leftover' ? clearByHand : `${clusterTool}: the cluster, More Actions, Destroy Cluster.`,
  }),
  confirmation: ({ name }) => ({
    subject: name,
    text: `Destroy the cluster ${name}? Nothing will be highly available afterwards.`,
  }),
  parts: (change, { node, state }) => [state.membership === 'leftover' ? { do: 'cluster.clearNode', node } : change],
  undo: () => null,
  done: ({ name }, observed) => {
    const { membership, cluster } = observed.state;
    if (membership === 'none' || membership === 'notInstalled') return yes(`${observed.node} is in no cluster`);
    // An unfinished creation left it: there is no cluster to destroy, and something to clear.
    if (membership === 'leftover') return no(`${observed.node} holds what a failed creation left behind`);
    return judgeCluster(observed, () =>
      judge(
        cluster !== null && !isSameName(cluster.name, name),
        `${observed.node} is a node of ${cluster?.name ?? name}`,
      ),
    );
  },
};

const prioritySchema = z.object({
  do: z.literal('cluster.setLowerQuorumPriority'),
  /** The node that loses its vote first where two would be left; null: none is named. */
  node: z.string().nullable(),
});

/** The cluster's property LowerQuorumPriorityNodeID. Throws `CLUSTER_PROPERTY_REFUSED`. */
export const setLowerQuorumPriority: ChangeKind<typeof prioritySchema, 'cluster'> = {
  schema: prioritySchema,
  area: 'cluster',
  script: 'Set-FailoverClusterQuorumPriority',
  parameters: ({ node }) => ({ node: node ?? '' }),
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }, { state }) => ({
    title: node === null ? 'Let the cluster choose which node loses its vote' : `Let ${node} lose its vote first`,
    why: `Named so far: ${state.cluster?.lowerQuorumPriorityNode ?? 'none'}. It decides which half keeps running when the two halves cannot reach each other.`,
    manual: 'Windows PowerShell as administrator: (Get-Cluster).LowerQuorumPriorityNodeID.',
  }),
  refusal: refuseStranger,
  undo: (_change, { state }) =>
    state.cluster
      ? {
          text: 'Sets it back.',
          changes: [{ do: 'cluster.setLowerQuorumPriority', node: state.cluster.lowerQuorumPriorityNode }],
        }
      : null,
  done: ({ node }, observed) =>
    judgeCluster(observed, ({ lowerQuorumPriorityNode: found }) =>
      judge(
        node === null ? found === null : found !== null && isSameName(found, node),
        found === null ? 'no node is named' : `${found} is named`,
      ),
    ),
};

const moveSchema = z.object({ do: z.literal('cluster.moveGroup'), group: z.string(), node: z.string() });

/** Move-ClusterGroup: a role, or Available Storage, to another node. Virtual machines move by `vm.move`. Throws `CLUSTER_MOVE_FAILED`. */
export const moveGroup: ChangeKind<typeof moveSchema, 'cluster'> = {
  schema: moveSchema,
  area: 'cluster',
  script: 'Move-FailoverClusterGroup',
  timeoutMs: 600_000,
  subject: ({ group }) => [group],
  locks: () => clusterLock,
  words: ({ group, node }, { state }) => ({
    title: `Move ${group} to ${node}`,
    why: `It is on ${state.cluster?.groups.find((one) => isSameName(one.name, group))?.ownerNode ?? 'a node that was not read'}.`,
    manual: `${clusterTool}: Roles, the role, Move.`,
  }),
  refusal: (change, observed) => {
    const { cluster } = observed.state;
    const isThere = !cluster || cluster.groups.some((one) => isSameName(one.name, change.group));
    return isThere
      ? refuseStranger(change, observed)
      : { code: 'CLUSTER_OBJECT_GONE', detail: { thing: `the group ${change.group}` } };
  },
  undo: ({ group }, { state }) => {
    const found = state.cluster?.groups.find((one) => isSameName(one.name, group));
    return found
      ? {
          text: `Moves it back to ${found.ownerNode}.`,
          changes: [{ do: 'cluster.moveGroup', group, node: found.ownerNode }],
        }
      : null;
  },
  done: ({ group, node }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = cluster.groups.find((one) => isSameName(one.name, group));
      return found
        ? judge(isSameName(found.ownerNode, node), `it is on ${found.ownerNode}`)
        : no(`the cluster has no group ${group}`);
    }),
};
