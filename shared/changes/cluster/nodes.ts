import * as z from 'zod';
import type { ClusterObserved } from '../../plan/observed.ts';
import { judge, no, yes, type PlannedRefusal } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, judgeCluster, nodeOf } from './cluster.ts';

const named = <Name extends string>(name: Name) => z.object({ do: z.literal(name), node: z.string() });

/** Of a node that the cluster does not have. */
export const refuseStranger = (
  { node }: { readonly node: string | null },
  { state }: ClusterObserved,
): PlannedRefusal | null =>
  node !== null && state.cluster && !nodeOf(state.cluster, node)
    ? { code: 'CLUSTER_NODE_NOT_FOUND', detail: { node } }
    : null;

const addSchema = named('cluster.addNode');

/** Add-ClusterNode, without storage. Throws `CLUSTER_NODE_UNREACHABLE`, `CLUSTER_NODE_IN_CLUSTER`, `CLUSTER_RIGHTS_MISSING`, `CLUSTER_ADD_NODE_FAILED`. */
export const addNode: ChangeKind<typeof addSchema, 'cluster'> = {
  schema: addSchema,
  area: 'cluster',
  script: 'Add-FailoverClusterNode',
  timeoutMs: 900_000,
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }, { state }) => ({
    title: `Add ${node} to the cluster ${state.cluster?.name ?? ''}`.trim(),
    why: `${node} is not among its nodes.`,
    manual: `${clusterTool}: Nodes, Add Node.`,
  }),
  undo: ({ node }) => ({ text: `Evicts ${node}.`, changes: [{ do: 'cluster.evictNode', node }] }),
  done: ({ node }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = nodeOf(cluster, node);
      return judge(
        found !== undefined,
        found ? `${node} is a node, state ${found.state}` : `${node} is not a node of ${cluster.name}`,
      );
    }),
};

const evictSchema = named('cluster.evictNode');

/** Remove-ClusterNode. Throws `CLUSTER_EVICT_FAILED`, `CLUSTER_LAST_NODE`. */
export const evictNode: ChangeKind<typeof evictSchema, 'cluster'> = {
  schema: evictSchema,
  area: 'cluster',
  script: 'Remove-FailoverClusterNode',
  timeoutMs: 600_000,
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }, { state }) => ({
    title: `Evict ${node} from the cluster ${state.cluster?.name ?? ''}`.trim(),
    why: `${node} is one of its nodes. Move its roles to other nodes first.`,
    manual: `${clusterTool}: Nodes, the node, More Actions, Evict.`,
  }),
  confirmation: ({ node }) => ({ subject: node, text: `Evict ${node} from the cluster?` }),
  undo: ({ node }) => ({ text: `Adds ${node} again.`, changes: [{ do: 'cluster.addNode', node }] }),
  done: ({ node }, observed) =>
    observed.state.membership === 'none'
      ? yes(`${observed.node} is in no cluster`)
      : judgeCluster(observed, (cluster) =>
          judge(!nodeOf(cluster, node), `${node} is ${nodeOf(cluster, node) ? 'still' : 'no longer'} a node`),
        ),
};

const pauseSchema = named('cluster.pauseNode');

/** Pauses a node and moves what runs there away (Suspend-ClusterNode -Drain). Throws `CLUSTER_DRAIN_FAILED`. */
export const pauseNode: ChangeKind<typeof pauseSchema, 'cluster'> = {
  schema: pauseSchema,
  area: 'cluster',
  script: 'Suspend-FailoverClusterNode',
  timeoutMs: 1_800_000,
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }) => ({
    title: `Pause ${node} and drain its roles`,
    why: `${node} can run roles. They move to the other nodes before it is restarted or serviced.`,
    manual: `${clusterTool}: Nodes, the node, Pause, Drain Roles.`,
  }),
  refusal: refuseStranger,
  undo: ({ node }) => ({ text: `Resumes ${node}.`, changes: [{ do: 'cluster.resumeNode', node }] }),
  done: ({ node }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = nodeOf(cluster, node);
      return found
        ? judge(found.state === 'paused', `${node} is ${found.state}`)
        : no(`${node} is not a node of ${cluster.name}`);
    }),
};

const resumeSchema = named('cluster.resumeNode');

/** Resume-ClusterNode. Roles stay where they are unless the failback settings of a role say otherwise. Throws `CLUSTER_RESUME_FAILED`. */
export const resumeNode: ChangeKind<typeof resumeSchema, 'cluster'> = {
  schema: resumeSchema,
  area: 'cluster',
  script: 'Resume-FailoverClusterNode',
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }) => ({
    title: `Resume ${node}`,
    why: `${node} is paused and takes no roles.`,
    manual: `${clusterTool}: Nodes, the node, Resume.`,
  }),
  refusal: refuseStranger,
  undo: ({ node }) => ({ text: `Pauses ${node} again.`, changes: [{ do: 'cluster.pauseNode', node }] }),
  done: ({ node }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = nodeOf(cluster, node);
      return found
        ? judge(found.state === 'up', `${node} is ${found.state}`)
        : no(`${node} is not a node of ${cluster.name}`);
    }),
};

export const clearByHand = 'Windows PowerShell as administrator: Clear-ClusterNode -Force.';

const clearSchema = named('cluster.clearNode');

/** Removes from this server what a cluster left behind (Clear-ClusterNode -Force). Throws `CLUSTER_CLEAR_FAILED`. */
export const clearNode: ChangeKind<typeof clearSchema, 'cluster'> = {
  schema: clearSchema,
  area: 'cluster',
  script: 'Clear-FailoverClusterNode',
  timeoutMs: 300_000,
  subject: ({ node }) => [node],
  words: ({ node }) => ({
    title: `Clear what a cluster left behind on ${node}`,
    why: `${node} still has the configuration of a cluster that does not exist, for example after a failed creation. No cluster can be created with it until that is cleared.`,
    manual: clearByHand,
  }),
  refusal: (_change, { node, state }) =>
    state.membership === 'member' ? { code: 'CLUSTER_NODE_ACTIVE', detail: { node } } : null,
  undo: () => null,
  stays: null,
  done: (_change, { node, state }) =>
    judge(
      state.membership === 'none',
      state.membership === 'none' ? `nothing of a cluster is left on ${node}` : `${node} reads ${state.membership}`,
    ),
};
