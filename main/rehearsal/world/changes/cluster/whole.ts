import { isInPrefix, isSameAddress } from '../../../../../shared/model/address.ts';
import type { ChangeOf } from '../../../../../shared/changes/index.ts';
import { between, findFault, requireAdministrator, type Change } from '../../change.ts';
import { isClusteringInstalled, serverNamed, subnetsOf } from '../../cluster-view.ts';
import { containerOf, directoryEntry, mayCreateComputers } from '../../directory-view.ts';
import { networkOfNic, addressesOnNetwork, reachesDomain } from '../../reach.ts';
import { creationReport } from '../../creation-report.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterWorldState } from '../../cluster-state.ts';
import type { ServerState } from '../../state.ts';
import { clusterOf, requireReachable, requireFree } from './access.ts';
import { join, leave } from './nodes.ts';
import { refuseAsPlanted } from './planted.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

type Create = ChangeOf<'cluster.create'>;

/** A static address for each network without DHCP that clients may use. */
const requireAddresses = (change: Change, { name, addresses, ignoreNetworks }: Create, server: ServerState): void => {
  const { world } = change;
  const open = subnetsOf(server).filter(
    (subnet) => subnet.hasGateway && !ignoreNetworks.includes(`${subnet.address}/${subnet.prefixLength}`),
  );
  for (const address of addresses) {
    const subnet = subnetsOf(server).find((one) => isInPrefix(address, one.address, one.prefixLength));
    if (!subnet) throw refuse('cluster.address.noNetwork', { address });
    const nic = server.nics.find((one) => one.guid === subnet.nic);
    const network = nic && networkOfNic(world, server, nic);
    const answers = network
      ? addressesOnNetwork(world, network, null).some((one) => isSameAddress(one, address))
      : false;
    if (answers) throw refuse('cluster.address.inUse', { address });
  }
  for (const subnet of open) {
    const nic = server.nics.find((one) => one.guid === subnet.nic);
    const isCovered = addresses.some((address) => isInPrefix(address, subnet.address, subnet.prefixLength));
    if (!nic?.dhcp.ipv4 && !isCovered)
      throw refuse('cluster.address.missing', {
        name,
        reason: `the network ${subnet.address}/${subnet.prefixLength} has no DHCP, and no address was given in it`,
      });
  }
};

export const createCluster = (change: Change, input: Create): void => {
  requireAdministrator(change);
  const { world, server } = change;
  if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
  const first = requireReachable(change, input.node);
  requireFree(world, first);
  const report = creationReport(input.name);
  const fail = (trouble: string): void => {
    first.clusterLeftover = true;
    first.creation = { cluster: input.name, level: 'error', trouble };
  };
  refuseAsPlanted(
    change,
    'cluster.create',
    { name: input.name, node: first.computerName, address: input.addresses.join(', ') },
    (reason) => {
      fail(reason);
      return { report };
    },
  );
  if (world.cluster && isSameName(world.cluster.name, input.name))
    throw refuse('cluster.name.taken', { name: input.name });
  const entry = directoryEntry(world, input.name);
  if (entry && entry.kind !== 'prestaged') throw refuse('cluster.name.taken', { name: input.name });
  if (input.accessPoint === 'activeDirectoryAndDns') {
    const domain = first.membership.kind === 'domain' ? first.membership.name : null;
    if (domain === null || !reachesDomain(world, first, domain))
      throw refuse('cluster.create.failed', {
        name: input.name,
        reason: domain === null ? `${first.computerName} is in no domain` : `no domain controller of ${domain} answers`,
      });
    if (!entry && !mayCreateComputers(world, domain)) {
      change.used.add('directory.rights.create');
      throw refuse('cluster.create.failed', {
        name: input.name,
        reason: `the account may not create a computer object in ${containerOf(domain)}`,
      });
    }
  }
  requireAddresses(change, input, first);
  const slow = findFault(world, 'clusterCreateTimesOut', (fault) => fault.server === first.name);
  if (slow) {
    world.faults = world.faults.filter((fault) => fault !== slow);
    const reason = 'the nodes did not answer in time';
    fail(reason);
    throw refuse(
      'cluster.create.timedOut',
      { name: input.name, node: first.computerName, reason, report },
      { keepsChanges: true },
    );
  }
  // Where the power goes now, the registry tells of a cluster that nobody finished.
  first.clusterLeftover = true;
  between(change);
  delete first.clusterLeftover;
  const cluster: ClusterWorldState = {
    name: input.name,
    accessPoint: input.accessPoint,
    addresses: [...input.addresses],
    nodes: [],
    networks: [],
    disks: [],
    groups: [
      { name: 'Cluster Group', kind: 'cluster', ownerNode: first.computerName, online: true, preferredOwners: [] },
      {
        name: 'Available Storage',
        kind: 'availableStorage',
        ownerNode: first.computerName,
        online: false,
        preferredOwners: [],
      },
    ],
    witness: { kind: 'none' },
    lowerQuorumPriorityNode: null,
  };
  world.cluster = cluster;
  world.directory = [
    ...(world.directory ?? []),
    { name: input.name, kind: 'cluster', address: input.addresses[0] ?? null },
  ];
  join(change, cluster, first);
  first.creation = { cluster: input.name, level: 'info', trouble: '' };
  const warns = findFault(world, 'clusterCreateWarns', (fault) => fault.server === first.name);
  if (!warns) return;
  world.faults = world.faults.filter((fault) => fault !== warns);
  const reason = 'its name or address may not come online';
  first.creation = { cluster: input.name, level: 'warn', trouble: reason };
  throw refuse('cluster.create.warned', { name: input.name, report, reason }, { keepsChanges: true });
};

export const destroyCluster = (change: Change): void => {
  const cluster = clusterOf(change);
  const machines = cluster.groups.filter((group) => group.kind === 'virtualMachine');
  if (machines.length > 0)
    throw refuse('cluster.destroy.failed', {
      name: cluster.name,
      reason: `it still has ${machines.map((group) => group.name).join(', ')}`,
    });
  for (const node of cluster.nodes) {
    const server = serverNamed(change.world, node.name);
    if (server?.power === 'on') leave(server);
    else if (server) server.clusterLeftover = true;
  }
  change.world.directory = (change.world.directory ?? []).filter((entry) => !isSameName(entry.name, cluster.name));
  change.world.cluster = null;
};

export const clearNode = (change: Change, name: string): void => {
  requireAdministrator(change);
  if (!isClusteringInstalled(change.server))
    throw refuse('cluster.feature.missing', { node: change.server.computerName });
  const server = serverNamed(change.world, name);
  if (!server || server.power !== 'on') throw refuse('cluster.node.unreachable', { node: name });
  delete server.clusterLeftover;
  leave(server);
};
