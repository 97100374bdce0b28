import { isInPrefix } from '../../../../shared/model/address.ts';
import { settled } from '../cluster-view.ts';
import { networkOfNic } from '../reach.ts';
import { isServiceStarted } from './membership.ts';
import type { ClusterNetworkState, ClusterNodeState, ClusterWorldState } from '../cluster-state.ts';
import type { ServerState, WorldState } from '../state.ts';

/** A node whose cluster service is started, whether the cluster counts it in or not. */
export interface Present {
  readonly node: ClusterNodeState;
  readonly server: ServerState;
}

/** `unplugged`: it has addresses in networks of the cluster, and none of them has a link. `unknown`: it has none at all. */
interface Attachment {
  readonly to: readonly string[];
  readonly isDescribed: boolean;
}

const attachmentOf = (world: WorldState, server: ServerState, networks: readonly ClusterNetworkState[]): Attachment => {
  const to: string[] = [];
  let isDescribed = false;
  for (const nic of server.nics)
    for (const { address, duplicate } of nic.addresses) {
      const network = networks.find((one) => isInPrefix(address, one.address, one.prefixLength));
      if (!network || duplicate) continue;
      isDescribed = true;
      const wire = networkOfNic(world, server, nic);
      // Two switches without a link between them are two networks, whatever their subnets say.
      if (wire) to.push(`${network.id} ${wire.id}`);
    }
  return { to, isDescribed };
};

const used = (cluster: ClusterWorldState): ClusterNetworkState[] =>
  cluster.networks.filter(({ role }) => role !== 'none');

/** The nodes by whom they hear over the networks that the cluster uses; one that has never had an address in any is taken to hear all. */
export const hearingGroups = (
  world: WorldState,
  cluster: ClusterWorldState,
  present: readonly Present[],
): Present[][] => {
  const before = settled(world);
  const networks = used(before.cluster ?? cluster);
  let groups: { members: Present[]; over: Set<string> }[] = [];
  const undescribed: Present[] = [];
  for (const one of present) {
    const { to, isDescribed } = attachmentOf(before, one.server, networks);
    if (!isDescribed) {
      undescribed.push(one);
      continue;
    }
    const joined = groups.filter(({ over }) => to.some((network) => over.has(network)));
    groups = [
      ...groups.filter((group) => !joined.includes(group)),
      {
        members: [...joined.flatMap(({ members }) => members), one],
        over: new Set([...joined.flatMap(({ over }) => [...over]), ...to]),
      },
    ];
  }
  const found = groups.map(({ members }) => members).sort((one, other) => other.length - one.length);
  if (undescribed.length === 0) return found;
  const [largest = [], ...others] = found;
  return [[...largest, ...undescribed], ...others];
};

/** Does a node still reach what lies on the network of the clients, such as a file share? */
export const reachesClients = (world: WorldState, cluster: ClusterWorldState, server: ServerState): boolean => {
  const before = settled(world);
  const networks = used(before.cluster ?? cluster).filter(({ role }) => role === 'clusterAndClient');
  const { to, isDescribed } = attachmentOf(before, server, networks);
  return !isDescribed || to.length > 0;
};

/** Nodes whose server is on and whose service is started: the servers to be read, as they were before what is under way. */
export const presentNodes = (world: WorldState, cluster: ClusterWorldState): Present[] => {
  const before = settled(world);
  const servers = new Map(Object.values(before.servers).map((server) => [server.computerName.toLowerCase(), server]));
  return cluster.nodes.flatMap((node) => {
    const server = servers.get(node.name.toLowerCase());
    return server && isServiceStarted(before, server) ? [{ node, server }] : [];
  });
};
