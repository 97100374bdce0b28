import * as z from 'zod';
import { judge, no } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, isSameName, judgeCluster } from './cluster.ts';

const schema = z.object({
  do: z.literal('cluster.create'),
  name: z.string(),
  /** The first node alone; the others are added afterwards, because a creation with all of them is what times out. */
  node: z.string(),
  /** One static address for each network that has no DHCP and is not ignored. */
  addresses: z.array(z.string()),
  /** Subnets as `10.0.1.0/24` that get no address of the cluster: those of iSCSI and of the cluster alone. */
  ignoreNetworks: z.array(z.string()),
  accessPoint: z.enum(['activeDirectoryAndDns', 'dns', 'none']),
});

/**
 * Creates a cluster of one node without storage (New-Cluster -NoStorage). Throws `CLUSTER_CREATE_FAILED`, `CLUSTER_NAME_TAKEN`,
 * `CLUSTER_ADDRESS_TAKEN`, `CLUSTER_NODE_IN_CLUSTER`, `CLUSTER_NODE_UNREACHABLE`, `CLUSTER_RIGHTS_MISSING`, `CLUSTER_TIMED_OUT`, `CLUSTER_CREATE_WARNED`.
 */
export const createCluster: ChangeKind<typeof schema, 'cluster'> = {
  schema,
  area: 'cluster',
  script: 'New-FailoverCluster',
  warnings: ['CLUSTER_CREATE_WARNED'],
  timeoutMs: 900_000,
  parameters: ({ name, node, addresses, ignoreNetworks, accessPoint }) => ({
    name,
    node,
    addresses,
    ignoreNetworks,
    accessPoint: { activeDirectoryAndDns: 'ActiveDirectoryAndDns', dns: 'Dns', none: 'None' }[accessPoint],
  }),
  subject: ({ name }) => [name],
  locks: () => clusterLock,
  words: ({ name, node, addresses, accessPoint }) => ({
    title: `Create the cluster ${name} on ${node}`,
    why:
      `${node} is in no cluster. It is created with this node alone and without storage, because a creation that times out on several nodes has to be cleaned up on each of them.` +
      (addresses.length > 0 ? ` Its address is ${addresses.join(' and ')}.` : '') +
      (accessPoint === 'dns' ? ' Its name is registered in DNS only, because the nodes are in no domain.' : ''),
    manual: `${clusterTool}: Create Cluster.`,
  }),
  // Its computer object may stay in Active Directory, which is not read here.
  leavesNothing: ({ accessPoint }, { state }) => state.membership === 'none' && accessPoint !== 'activeDirectoryAndDns',
  undo: ({ name }) => ({
    text: `Destroys the cluster ${name}, or clears what its creation left; disks and virtual machines stay.`,
    changes: [{ do: 'cluster.destroy', name }],
  }),
  done: ({ name }, observed) =>
    observed.state.membership === 'leftover'
      ? no(`${observed.node} holds what a failed creation left behind`)
      : judgeCluster(observed, (cluster) =>
          judge(isSameName(cluster.name, name), `${observed.node} is a node of ${cluster.name}`),
        ),
};
