import { networkOf } from '../../model/address.ts';
import { accessPointOf, type ClusterFile } from '../../model/cluster-file.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { NicRole } from '../../model/nic.ts';
import type { ServerInput } from './phase.ts';

/** The subnet of each role, as the first server of the file has it. */
export const subnetsOf = (file: ClusterFile): { readonly role: NicRole; readonly subnet: string }[] =>
  file.servers[0]!.nics.flatMap(({ role, addresses }) => {
    const [address, length] = addresses[0]?.split('/') ?? [];
    const subnet = address === undefined ? null : networkOf(address, Number(length));
    return subnet === null || role === 'unused' ? [] : [{ role, subnet }];
  });

/** The cluster as it will be once it was created with all of its nodes: what later steps are expected on. */
const assumedCluster = (file: ClusterFile): Cluster => ({
  name: file.cluster.name,
  accessPoint: accessPointOf(file),
  addresses: file.cluster.addresses,
  functionalLevel: null,
  nodes: file.servers.map(({ name }, index) => ({ name, id: index + 1, state: 'up', assignedVote: 1, currentVote: 1 })),
  networks: subnetsOf(file).map(({ role, subnet }, index) => ({
    id: `expected-${role}`,
    name: `Cluster Network ${index + 1}`,
    role: 'cluster',
    metric: 0,
    autoMetric: true,
    address: subnet.split('/')[0]!,
    prefixLength: Number(subnet.split('/')[1]),
    state: 'up',
  })),
  disks: [],
  groups: [],
  witness: { kind: 'none', resource: null, path: null, currentVote: 0 },
  dynamicQuorum: true,
  lowerQuorumPriorityNode: null,
  migrationExcludes: [],
  availableDisks: [],
});

/** A server whose roles are in force and that is a node of the cluster of the file. */
export const assumeCluster = (input: ServerInput): ServerInput => {
  const { observed, file, server } = input;
  const known = observed.cluster?.state.cluster;
  return {
    ...input,
    observed: {
      ...observed,
      cluster: {
        node: server.name,
        state: { membership: 'member', cluster: known ?? assumedCluster(file), unread: [] },
      },
      vms: {
        node: server.name,
        state: {
          isHyperVRunning: true,
          switches: observed.vms?.state.switches ?? [],
          machines: observed.vms?.state.machines ?? [],
          clusterNodes: observed.vms?.state.clusterNodes ?? file.servers.map(({ name }) => name),
          unread: [],
        },
      },
    },
  };
};
