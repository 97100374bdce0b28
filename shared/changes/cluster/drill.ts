import * as z from 'zod';
import { judge, no, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import type { ClusterObserved } from '../../plan/observed.ts';
import { clusterLock, clusterTool, judgeCluster, nodeOf } from './cluster.ts';

/*
 * What a drill takes away and gives back. Each has its opposite as undo, and none needs a secret, so that the server can be told to
 * give it back by itself.
 */

const stopSchema = z.object({ do: z.literal('cluster.stopNode'), node: z.string() });

/**
 * Stops the cluster service of a node (Stop-ClusterNode): the cluster moves its roles, and its vote with them. It is no loss of
 * power: the node says that it goes. Throws `CLUSTER_NODE_NOT_FOUND`, `CLUSTER_STOP_NODE_FAILED`.
 */
export const stopNode: ChangeKind<typeof stopSchema, 'cluster'> = {
  schema: stopSchema,
  area: 'cluster',
  script: 'Stop-FailoverClusterNode',
  timeoutMs: 300_000,
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }) => ({
    title: `Stop the cluster service on ${node}`,
    why: `${node} is up.`,
    manual: `${clusterTool}: Nodes, the node, More Actions, Stop Cluster Service.`,
  }),
  undo: ({ node }) => ({
    text: `Starts the cluster service on ${node} again.`,
    changes: [{ do: 'cluster.startNode', node }],
  }),
  done: ({ node }, observed) =>
    observed.state.membership === 'stopped' && isHere(observed, node)
      ? judge(true, `the cluster service on ${node} does not run`)
      : judgeCluster(observed, (cluster) => {
          const found = nodeOf(cluster, node);
          return found
            ? judge(found.state === 'down', `${node} is ${found.state}`)
            : no(`${node} is not a node of ${cluster.name}`);
        }),
};

const isHere = (observed: ClusterObserved, node: string): boolean => observed.node.toLowerCase() === node.toLowerCase();

const startSchema = z.object({ do: z.literal('cluster.startNode'), node: z.string() });

/** Starts the cluster service of a node (Start-ClusterNode), from the node itself or from another. Throws `CLUSTER_START_NODE_FAILED`. */
export const startNode: ChangeKind<typeof startSchema, 'cluster'> = {
  schema: startSchema,
  area: 'cluster',
  script: 'Start-FailoverClusterNode',
  timeoutMs: 300_000,
  subject: ({ node }) => [node],
  locks: () => clusterLock,
  words: ({ node }) => ({
    title: `Start the cluster service on ${node}`,
    why: `The cluster service on ${node} does not run.`,
    manual: `${clusterTool}: Nodes, the node, More Actions, Start Cluster Service.`,
  }),
  undo: ({ node }) => ({
    text: `Stops the cluster service on ${node} again.`,
    changes: [{ do: 'cluster.stopNode', node }],
  }),
  done: ({ node }, observed) =>
    observed.state.membership === 'stopped' && isHere(observed, node)
      ? no(`the cluster service on ${node} does not run`)
      : judgeCluster(observed, (cluster) => {
          const found = nodeOf(cluster, node);
          return found
            ? judge(found.state === 'up' || found.state === 'paused', `${node} is ${found.state}`)
            : no(`${node} is not a node of ${cluster.name}`);
        }),
};

const judgeWitness = (observed: ClusterObserved, isOnline: boolean) =>
  judgeCluster(observed, ({ witness }) => {
    if (witness.kind === 'none') return no('the cluster has no witness');
    if (witness.state === undefined) return unknown('the state of the witness was not read');
    return judge(
      (witness.state === 'online') === isOnline,
      `the witness ${witness.resource ?? ''} is ${witness.state}`,
    );
  });

const takeSchema = z.object({ do: z.literal('cluster.takeWitnessOffline'), resource: z.string() });

/** Takes the resource of the witness offline (Stop-ClusterResource). Throws `CLUSTER_WITNESS_STATE_FAILED`. */
export const takeWitnessOffline: ChangeKind<typeof takeSchema, 'cluster'> = {
  schema: takeSchema,
  area: 'cluster',
  script: 'Stop-FailoverClusterWitness',
  timeoutMs: 180_000,
  subject: ({ resource }) => [resource],
  locks: () => clusterLock,
  words: ({ resource }) => ({
    title: `Take the witness ${resource} offline`,
    why: 'It is online.',
    manual: `${clusterTool}: the cluster, Cluster Core Resources, the witness, Take Offline.`,
  }),
  undo: ({ resource }) => ({
    text: `Brings the witness ${resource} online again.`,
    changes: [{ do: 'cluster.bringWitnessOnline', resource }],
  }),
  done: (_change, observed) => judgeWitness(observed, false),
};

const bringSchema = z.object({ do: z.literal('cluster.bringWitnessOnline'), resource: z.string() });

/** Brings the resource of the witness online (Start-ClusterResource). Throws `CLUSTER_WITNESS_STATE_FAILED`. */
export const bringWitnessOnline: ChangeKind<typeof bringSchema, 'cluster'> = {
  schema: bringSchema,
  area: 'cluster',
  script: 'Start-FailoverClusterWitness',
  timeoutMs: 180_000,
  subject: ({ resource }) => [resource],
  locks: () => clusterLock,
  words: ({ resource }) => ({
    title: `Bring the witness ${resource} online`,
    why: 'It is not online.',
    manual: `${clusterTool}: the cluster, Cluster Core Resources, the witness, Bring Online.`,
  }),
  undo: ({ resource }) => ({
    text: `Takes the witness ${resource} offline again.`,
    changes: [{ do: 'cluster.takeWitnessOffline', resource }],
  }),
  done: (_change, observed) => judgeWitness(observed, true),
};
