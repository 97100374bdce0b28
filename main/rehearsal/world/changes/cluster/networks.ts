import { isSameAddress } from '../../../../../shared/model/address.ts';
import type { ClusterNetworkRole } from '../../../../../shared/model/cluster.ts';
import { rest, type Change } from '../../change.ts';
import { subnetsOf } from '../../cluster-view.ts';
import { nextGuid } from '../../random.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterWorldState } from '../../cluster-state.ts';
import type { ServerState } from '../../state.ts';
import { clusterOf } from './access.ts';
import { refuseAsPlanted } from './planted.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

/** Does the server's iSCSI initiator have a session from this NIC? */
const carriesIscsi = (server: ServerState, nicGuid: string): boolean => {
  const addresses = server.nics.find((nic) => nic.guid === nicGuid)?.addresses ?? [];
  return server.initiator.sessions.some((session) =>
    addresses.some((held) => isSameAddress(held.address, session.localAddress)),
  );
};

/** The metrics that Windows chooses, by what a network is used for. */
const ownMetric = (role: ClusterNetworkRole): number => (role === 'clusterAndClient' ? 70_384 : 30_384);

/** One cluster network for each subnet of the nodes, named by number, with the uses that Windows gives them. */
export const addNetworks = (change: Change, cluster: ClusterWorldState, server: ServerState): void => {
  for (const subnet of subnetsOf(server)) {
    const isKnown = cluster.networks.some(
      (one) => one.address === subnet.address && one.prefixLength === subnet.prefixLength,
    );
    if (isKnown) continue;
    const role: ClusterNetworkRole = carriesIscsi(server, subnet.nic)
      ? 'none'
      : subnet.hasGateway
        ? 'clusterAndClient'
        : 'cluster';
    rest(change, 'cluster.networks.roles');
    let number = 1;
    while (cluster.networks.some((one) => one.name === `Cluster Network ${number}`)) number += 1;
    cluster.networks.push({
      id: nextGuid(change.world).slice(1, -1).toLowerCase(),
      name: `Cluster Network ${number}`,
      role,
      metric: ownMetric(role),
      autoMetric: true,
      address: subnet.address,
      prefixLength: subnet.prefixLength,
    });
  }
};

const networkIn = (cluster: ClusterWorldState, id: string) => {
  const network = cluster.networks.find((one) => isSameName(one.id, id));
  if (!network) throw refuse('cluster.network.notFound', { thing: `the network ${id}` });
  return network;
};

export const renameNetwork = (change: Change, id: string, newName: string): void => {
  const cluster = clusterOf(change);
  const network = networkIn(cluster, id);
  refuseAsPlanted(change, 'cluster.renameNetwork', { thing: `the network ${network.name}` });
  if (cluster.networks.some((one) => one !== network && isSameName(one.name, newName)))
    throw refuse('cluster.network.nameTaken', { name: newName });
  network.name = newName;
};

export const setNetworkRole = (change: Change, id: string, role: ClusterNetworkRole): void => {
  const cluster = clusterOf(change);
  const network = networkIn(cluster, id);
  refuseAsPlanted(change, 'cluster.setNetworkRole', { thing: `the network ${network.name}` });
  const isLast = cluster.networks.every((one) => one === network || one.role === 'none');
  if (role === 'none' && isLast) throw refuse('cluster.network.lastInternal', { network: network.name });
  network.role = role;
  if (network.autoMetric) network.metric = ownMetric(role);
};

/** Whoever sets a metric ends AutoMetric; null: Windows chooses it again. */
export const setNetworkMetric = (change: Change, id: string, metric: number | null): void => {
  const network = networkIn(clusterOf(change), id);
  rest(change, 'cluster.network.metric');
  network.autoMetric = metric === null;
  network.metric = metric ?? ownMetric(network.role);
};

/** MigrationExcludeNetworks and, where it is given, MigrationNetworkOrder of the resource type "Virtual Machine". */
export const setMigrationNetworks = (
  change: Change,
  { exclude, order }: { readonly exclude?: readonly string[]; readonly order?: readonly string[] | undefined },
): void => {
  const cluster = clusterOf(change);
  const gone = [...(exclude ?? []), ...(order ?? [])].find(
    (id) => !cluster.networks.some((network) => isSameName(network.id, id)),
  );
  if (gone !== undefined) throw refuse('cluster.network.notFound', { thing: `the network ${gone}` });
  rest(change, 'cluster.migrationNetworks');
  if (exclude) cluster.migrationExcludes = [...exclude];
  if (!order) return;
  rest(change, 'cluster.migrationOrder');
  cluster.migrationOrder = [...order];
};
