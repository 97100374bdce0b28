import * as z from 'zod';
import { networkRoles, type ClusterNetworkRole } from '../../model/cluster.ts';
import { judge, no } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, judgeCluster, networkOf } from './cluster.ts';

/** As the properties of a network in Failover Cluster Manager say it. */
const roleWords: Readonly<Record<ClusterNetworkRole, string>> = {
  none: 'no cluster communication',
  cluster: 'cluster communication only',
  clusterAndClient: 'cluster communication and clients',
};

const renameSchema = z.object({
  do: z.literal('cluster.renameNetwork'),
  /** The id of the cluster network. */
  network: z.string(),
  newName: z.string(),
});

/** Throws `CLUSTER_NETWORK_NAME_TAKEN`. */
export const renameNetwork: ChangeKind<typeof renameSchema, 'cluster'> = {
  schema: renameSchema,
  area: 'cluster',
  script: 'Rename-FailoverClusterNetwork',
  subject: ({ network }) => [network],
  locks: () => clusterLock,
  words: ({ network, newName }, { state }) => {
    const found = state.cluster && networkOf(state.cluster, network);
    return {
      title: `Rename the cluster network ${found?.name ?? network} to ${newName}`,
      why: `Windows names cluster networks by number; ${newName} says what ${found ? `${found.address}/${found.prefixLength}` : 'it'} is for.`,
      manual: `${clusterTool}: Networks, the network, Properties, Name.`,
    };
  },
  undo: ({ network }, { state }) => {
    const found = state.cluster && networkOf(state.cluster, network);
    return found
      ? {
          text: `Renames it back to ${found.name}.`,
          changes: [{ do: 'cluster.renameNetwork', network, newName: found.name }],
        }
      : null;
  },
  done: ({ network, newName }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = networkOf(cluster, network);
      return found
        ? judge(found.name === newName, `the network is named ${found.name}`)
        : no(`the cluster has no network ${network}`);
    }),
};

const roleSchema = z.object({
  do: z.literal('cluster.setNetworkRole'),
  network: z.string(),
  role: z.enum(networkRoles),
});

/** What the cluster uses a network for. Throws `CLUSTER_NETWORK_LAST_INTERNAL`. */
export const setNetworkRole: ChangeKind<typeof roleSchema, 'cluster'> = {
  schema: roleSchema,
  area: 'cluster',
  script: 'Set-FailoverClusterNetworkRole',
  subject: ({ network }) => [network],
  locks: () => clusterLock,
  words: ({ network, role }, { state }) => {
    const found = state.cluster && networkOf(state.cluster, network);
    return {
      title: `Use the cluster network ${found?.name ?? network} for ${roleWords[role]}`,
      why: found ? `It is used for ${roleWords[found.role]}.` : 'Its use was not read.',
      manual: `${clusterTool}: Networks, the network, Properties.`,
    };
  },
  undo: ({ network }, { state }) => {
    const found = state.cluster && networkOf(state.cluster, network);
    return found
      ? {
          text: `Uses it for ${roleWords[found.role]} again.`,
          changes: [{ do: 'cluster.setNetworkRole', network, role: found.role }],
        }
      : null;
  },
  done: ({ network, role }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = networkOf(cluster, network);
      return found
        ? judge(found.role === role, `the network ${found.name} is used for ${roleWords[found.role]}`)
        : no(`the cluster has no network ${network}`);
    }),
};
