import { asClause } from '../../model/sentence.ts';
import * as z from 'zod';
import { isSameAddress } from '../../model/address.ts';
import type { Cluster } from '../../model/cluster.ts';
import { no, refuseDifferent, unknown, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, judgeCluster } from './cluster.ts';
import { isSameName } from '../../model/names.ts';

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

const pointWords = {
  activeDirectoryAndDns: 'in Active Directory and DNS',
  dns: 'in DNS only',
  none: 'nowhere',
} as const;

/** What of a cluster of that name is not as it is wanted. Addresses that it has besides were not asked about. */
const differencesOf = ({ addresses, accessPoint }: z.output<typeof schema>, found: Cluster): string[] => {
  const missing = addresses.filter((address) => !found.addresses.some((one) => isSameAddress(one, address)));
  return [
    ...(missing.length > 0
      ? [`its address is ${found.addresses.join(' and ') || 'given by DHCP'}, not ${missing.join(' and ')}`]
      : []),
    ...(accessPoint === found.accessPoint
      ? []
      : [`its name is registered ${pointWords[found.accessPoint]}, not ${pointWords[accessPoint]}`]),
  ];
};

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
  refusal: (change, { node, state: { cluster } }) => {
    if (!cluster) return null;
    if (!isSameName(cluster.name, change.name)) return { code: 'CLUSTER_NODE_IN_CLUSTER', detail: { node } };
    return refuseDifferent(
      `The cluster ${cluster.name}`,
      differencesOf(change, cluster),
      `Ask for the address and the access point that it has: Quorate changes neither. By hand an address is changed in ${clusterTool}: the cluster, Cluster Core Resources, the IP address, Properties.`,
    );
  },
  done: (change, observed) =>
    observed.state.membership === 'leftover'
      ? no(`${observed.node} holds what a failed creation left behind`)
      : judgeCluster(observed, (cluster) => {
          const text = `${observed.node} is a node of ${cluster.name}`;
          if (!isSameName(cluster.name, change.name)) return no(text);
          const unread = observed.state.unread.find(({ property }) => property === 'parameters');
          if (unread && change.addresses.length > 0)
            return unknown(`the addresses of ${cluster.name} were not read: ${asClause(unread.because)}`);
          const differences = differencesOf(change, cluster);
          return differences.length === 0 ? yes(text) : no(`${text}, and ${differences.join('; ')}`);
        }),
};
