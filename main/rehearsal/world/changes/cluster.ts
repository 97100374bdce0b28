import { isInPrefix, isSameAddress } from '../../../../shared/model/address.ts';
import type { ClusterNetworkRole } from '../../../../shared/model/cluster.ts';
import { leastWitnessBytes } from '../../../../shared/model/cluster.ts';
import type { ChangeOf } from '../../../../shared/changes/index.ts';
import { between, findFault, requireAdministrator, rest, type Change } from '../change.ts';
import {
  availableDisks,
  clusterNodeNamed,
  isClusteringInstalled,
  isClusterServiceRunning,
  isNodeUp,
  serverNamed,
  subnetsOf,
  upNodes,
} from '../cluster-view.ts';
import { machineIn, whyNotThere } from '../machines-view.ts';
import { nextGuid } from '../random.ts';
import { networkOfNic, addressesOnNetwork, reachesDomain } from '../reach.ts';
import { refuse } from '../refusal.ts';
import type {
  ClusterDiskState,
  ClusterNodeState,
  ClusterWorldState,
  MachineState,
  ServerState,
  WorldState,
} from '../state.ts';
import { syncDisks } from './disks.ts';

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The cluster over this server, which has to be a node whose service runs. */
export const clusterOf = (change: Change): ClusterWorldState => {
  requireAdministrator(change);
  const { world, server } = change;
  if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
  const cluster = world.cluster ?? null;
  const isNode = cluster !== null && clusterNodeNamed(cluster, server.computerName) !== undefined;
  // Windows says the same of both.
  if (!isNode || !isClusterServiceRunning(world, server))
    throw refuse('cluster.service.stopped', { node: server.computerName });
  return cluster;
};

const nodeIn = (cluster: ClusterWorldState, name: string): ClusterNodeState => {
  const node = clusterNodeNamed(cluster, name);
  if (!node) throw refuse('cluster.node.notFound', { node: name });
  return node;
};

/** Another server as a cluster cmdlet reaches it: over RPC, with the rights of the caller. */
const requireReachable = (change: Change, name: string): ServerState => {
  const { world } = change;
  const server = serverNamed(world, name);
  const isGone =
    !server || server.power !== 'on' || findFault(world, 'nodeUnreachable', (fault) => fault.server === server.name);
  if (isGone || !isClusteringInstalled(server)) throw refuse('cluster.node.unreachable', { node: name });
  if (findFault(world, 'clusterRightsMissing', (fault) => fault.server === server.name))
    throw refuse('cluster.rights.missing', { node: name });
  return server;
};

const requireFree = (world: WorldState, server: ServerState): void => {
  if (server.clusterLeftover) throw refuse('cluster.leftover', { node: server.computerName });
  if (world.cluster && clusterNodeNamed(world.cluster, server.computerName))
    throw refuse('cluster.node.inCluster', { node: server.computerName });
};

/** Does the server's iSCSI initiator have a session from this NIC? */
const carriesIscsi = (server: ServerState, nicGuid: string): boolean => {
  const addresses = server.nics.find((nic) => nic.guid === nicGuid)?.addresses ?? [];
  return server.initiator.sessions.some((session) =>
    addresses.some((held) => isSameAddress(held.address, session.localAddress)),
  );
};

/** One cluster network for each subnet of the nodes, named by number, with the uses that Windows gives them. */
const addNetworks = (change: Change, cluster: ClusterWorldState, server: ServerState): void => {
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
      metric: role === 'clusterAndClient' ? 70_384 : 30_384,
      autoMetric: true,
      address: subnet.address,
      prefixLength: subnet.prefixLength,
    });
  }
};

const join = (change: Change, cluster: ClusterWorldState, server: ServerState): void => {
  const taken = new Set(cluster.nodes.map((node) => node.id));
  let id = 1;
  while (taken.has(id)) id += 1;
  cluster.nodes.push({ name: server.computerName, id, weight: 1, paused: false });
  server.services['ClusSvc'] = {
    name: 'ClusSvc',
    displayName: 'Cluster Service',
    state: 'running',
    startMode: 'automatic',
    domainTriggered: false,
  };
  addNetworks(change, cluster, server);
};

const leave = (server: ServerState): void => {
  const service = server.services['ClusSvc'];
  if (service) server.services['ClusSvc'] = { ...service, state: 'stopped', startMode: 'disabled' };
};

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
  if (world.cluster && isSame(world.cluster.name, input.name)) throw refuse('cluster.name.taken', { name: input.name });
  const isTaken =
    serverNamed(world, input.name) !== undefined ||
    (world.directory ?? []).some((entry) => isSame(entry.name, input.name)) ||
    findFault(world, 'clusterNameTaken', (fault) => isSame(fault.name, input.name));
  if (isTaken) throw refuse('cluster.name.taken', { name: input.name });
  if (input.accessPoint === 'activeDirectoryAndDns') {
    const domain = first.membership.kind === 'domain' ? first.membership.name : null;
    if (domain === null || !reachesDomain(world, first, domain))
      throw refuse('cluster.create.failed', {
        name: input.name,
        reason: domain === null ? `${first.computerName} is in no domain` : `no domain controller of ${domain} answers`,
      });
  }
  requireAddresses(change, input, first);
  const slow = findFault(world, 'clusterCreateTimesOut', (fault) => fault.server === first.name);
  if (slow) {
    world.faults = world.faults.filter((fault) => fault !== slow);
    first.clusterLeftover = true;
    throw refuse('cluster.create.timedOut', { name: input.name }, { keepsChanges: true });
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
};

export const addNode = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const server = requireReachable(change, name);
  requireFree(change.world, server);
  const failing = findFault(change.world, 'nodeAddFails', (fault) => fault.server === server.name);
  if (failing) throw refuse('cluster.addNode.failed', { node: name, reason: 'the operation timed out (1460)' });
  between(change);
  join(change, cluster, server);
};

const moveOff = (cluster: ClusterWorldState, from: string, to: string): void => {
  for (const group of cluster.groups) if (isSame(group.ownerNode, from)) group.ownerNode = to;
  for (const disk of cluster.disks) if (isSame(disk.ownerNode, from)) disk.ownerNode = to;
};

export const evictNode = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const node = nodeIn(cluster, name);
  if (cluster.nodes.length === 1) throw refuse('cluster.node.last', { node: name });
  const machines = cluster.groups.filter(
    (group) => group.kind === 'virtualMachine' && isSame(group.ownerNode, node.name),
  );
  if (machines.length > 0)
    throw refuse('cluster.evict.failed', {
      node: name,
      reason: `it runs ${machines.map((group) => group.name).join(', ')}`,
    });
  cluster.nodes = cluster.nodes.filter((one) => one !== node);
  const [other] = upNodes(change.world, cluster);
  if (other) moveOff(cluster, node.name, other.name);
  const server = serverNamed(change.world, node.name);
  if (!server) return;
  // Evicted while it was away, it keeps what it knew (5896).
  if (server.power === 'on') leave(server);
  else server.clusterLeftover = true;
};

/** Where a group goes when its node is no longer there for it: its preferred owners first. */
export const placeGroup = (
  world: WorldState,
  cluster: ClusterWorldState,
  preferred: readonly string[],
  machine?: MachineState,
): string | null => {
  const free = upNodes(world, cluster).filter((node) => {
    const server = machine && serverNamed(world, node.name);
    return !node.paused && (!machine || (server !== undefined && whyNotThere(world, machine, server) === null));
  });
  const wanted = preferred.find((name) => free.some((node) => isSame(node.name, name)));
  return wanted ?? free[0]?.name ?? null;
};

/** The node is gone: what it owned goes to others that are up. */
export const loseNode = (world: WorldState, server: ServerState): void => {
  const cluster = world.cluster ?? null;
  if (!cluster || !clusterNodeNamed(cluster, server.computerName)) return;
  for (const group of cluster.groups) {
    if (!isSame(group.ownerNode, server.computerName)) continue;
    const machine = group.kind === 'virtualMachine' ? machineIn(world, group.name) : undefined;
    const place = placeGroup(world, cluster, group.preferredOwners, machine);
    if (place === null) {
      if (machine) machine.running = false;
      continue;
    }
    group.ownerNode = place;
    for (const disk of cluster.disks)
      if (isSame(disk.ownerNode, server.computerName) && (disk.group ?? '') === group.name) disk.ownerNode = place;
  }
  const [other] = upNodes(world, cluster);
  if (other)
    for (const disk of cluster.disks) if (isSame(disk.ownerNode, server.computerName)) disk.ownerNode = other.name;
};

export const setPaused = (change: Change, name: string, isPaused: boolean): void => {
  const cluster = clusterOf(change);
  const node = nodeIn(cluster, name);
  if (!isNodeUp(change.world, node)) throw refuse('cluster.node.down', { node: name });
  if (!isPaused) {
    node.paused = false;
    return;
  }
  const server = serverNamed(change.world, node.name);
  const stuck = server && findFault(change.world, 'drainFails', (fault) => fault.server === server.name);
  node.paused = true;
  if (stuck)
    throw refuse('cluster.drain.failed', { node: name, reason: 'a role could not be moved' }, { keepsChanges: true });
  for (const group of cluster.groups) {
    if (!isSame(group.ownerNode, node.name)) continue;
    const machine = group.kind === 'virtualMachine' ? machineIn(change.world, group.name) : undefined;
    const place = placeGroup(change.world, cluster, group.preferredOwners, machine);
    if (place === null) {
      if (group.kind === 'virtualMachine')
        throw refuse(
          'cluster.drain.failed',
          { node: name, reason: `no other node takes ${group.name}` },
          { keepsChanges: true },
        );
      continue;
    }
    group.ownerNode = place;
  }
  const place = placeGroup(change.world, cluster, []);
  if (place !== null) for (const disk of cluster.disks) if (isSame(disk.ownerNode, node.name)) disk.ownerNode = place;
};

export const clearNode = (change: Change, name: string): void => {
  requireAdministrator(change);
  const server = serverNamed(change.world, name);
  if (!server || server.power !== 'on') throw refuse('cluster.node.unreachable', { node: name });
  delete server.clusterLeftover;
  leave(server);
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
  change.world.directory = (change.world.directory ?? []).filter((entry) => !isSame(entry.name, cluster.name));
  change.world.cluster = null;
};

const networkIn = (cluster: ClusterWorldState, id: string) => {
  const network = cluster.networks.find((one) => isSame(one.id, id));
  if (!network) throw refuse('cluster.network.notFound', { property: 'network', reason: `there is no network ${id}` });
  return network;
};

export const renameNetwork = (change: Change, id: string, newName: string): void => {
  const cluster = clusterOf(change);
  const network = networkIn(cluster, id);
  if (cluster.networks.some((one) => one !== network && isSame(one.name, newName)))
    throw refuse('cluster.network.nameTaken', { name: newName });
  network.name = newName;
};

export const setNetworkRole = (change: Change, id: string, role: ClusterNetworkRole): void => {
  const cluster = clusterOf(change);
  const network = networkIn(cluster, id);
  const isLast = cluster.networks.every((one) => one === network || one.role === 'none');
  if (role === 'none' && isLast) throw refuse('cluster.network.lastInternal', { network: network.name });
  network.role = role;
  if (network.autoMetric) network.metric = role === 'clusterAndClient' ? 70_384 : 30_384;
};

const diskIn = (cluster: ClusterWorldState, id: string): ClusterDiskState => {
  const disk = cluster.disks.find((one) => isSame(one.disk, id));
  if (!disk) throw refuse('cluster.disk.notAvailable', { disk: id });
  return disk;
};

const setClustered = (world: WorldState, id: string, clustered: boolean): void => {
  for (const lun of Object.values(world.luns)) if (isSame(lun.uniqueId, id)) lun.content.clustered = clustered;
  for (const server of Object.values(world.servers)) syncDisks(world, server);
};

export const addDisk = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  if (!availableDisks(change.world, cluster).some((one) => isSame(one, id)))
    throw refuse('cluster.disk.notAvailable', { disk: id });
  let number = 1;
  while (cluster.disks.some((one) => one.name === `Cluster Disk ${number}`)) number += 1;
  const owner =
    cluster.groups.find((group) => group.kind === 'availableStorage')?.ownerNode ?? change.server.computerName;
  cluster.disks.push({
    name: `Cluster Disk ${number}`,
    disk: id,
    ownerNode: owner,
    use: 'available',
    group: null,
    folder: null,
  });
  setClustered(change.world, id, true);
};

const requireUnused = (disk: ClusterDiskState): void => {
  if (disk.use !== 'available') throw refuse('cluster.disk.inUse', { disk: disk.name, user: disk.group ?? disk.use });
};

export const removeDisk = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  requireUnused(disk);
  cluster.disks = cluster.disks.filter((one) => one !== disk);
  setClustered(change.world, id, false);
};

export const renameResource = (change: Change, id: string, newName: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  const isTaken = cluster.disks.some((one) => one !== disk && isSame(one.name, newName));
  if (isTaken) throw refuse('cluster.resource.nameTaken', { name: newName });
  disk.name = newName;
};

export const addSharedVolume = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  requireUnused(disk);
  const lun = Object.values(change.world.luns).find((one) => isSame(one.uniqueId, id));
  const volume = lun?.content.partitions.find((partition) => partition.volume)?.volume;
  if (volume?.fileSystem !== 'NTFS' && volume?.fileSystem !== 'ReFS')
    throw refuse('cluster.sharedVolume.failed', { disk: disk.name, reason: 'it has no volume of NTFS or ReFS' });
  let number = 1;
  while (cluster.disks.some((one) => one.folder === `Volume${number}`)) number += 1;
  disk.use = 'sharedVolume';
  disk.folder = `Volume${number}`;
};

export const removeSharedVolume = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  if (disk.group !== null) throw refuse('cluster.disk.inUse', { disk: disk.name, user: disk.group });
  disk.use = 'available';
  disk.folder = null;
};

export const setQuorum = (change: Change, witness: ChangeOf<'cluster.setQuorum'>['witness']): void => {
  const cluster = clusterOf(change);
  const refusing =
    witness.kind !== 'none' &&
    findFault(change.world, 'witnessRefused', (fault) => fault.server === change.server.name);
  const words = witness.kind === 'share' ? witness.path : witness.kind === 'disk' ? witness.disk : 'none';
  if (refusing)
    throw refuse('cluster.witness.refused', { witness: words, reason: 'the resource could not be created' });
  if (witness.kind === 'disk') {
    const disk = diskIn(cluster, witness.disk);
    const lun = Object.values(change.world.luns).find((one) => isSame(one.uniqueId, witness.disk));
    if (BigInt(lun?.sizeBytes ?? '0') < leastWitnessBytes)
      throw refuse('cluster.witness.tooSmall', { witness: disk.name, reason: 'it has less than 512 MB' });
    if (cluster.witness.kind === 'disk' && isSame(cluster.witness.disk, witness.disk))
      throw refuse('cluster.witness.refused', { witness: disk.name, reason: 'it is the witness already' });
    requireUnused(disk);
    disk.use = 'witness';
    disk.ownerNode = cluster.groups.find((group) => group.kind === 'cluster')?.ownerNode ?? disk.ownerNode;
  }
  if (cluster.witness.kind === 'disk') {
    const before = cluster.witness.disk;
    for (const disk of cluster.disks) if (isSame(disk.disk, before) && disk.use === 'witness') disk.use = 'available';
    if (witness.kind === 'disk')
      for (const disk of cluster.disks) if (isSame(disk.disk, witness.disk)) disk.use = 'witness';
  }
  cluster.witness = witness;
};

export const setLowerQuorumPriority = (change: Change, name: string | null): void => {
  const cluster = clusterOf(change);
  cluster.lowerQuorumPriorityNode = name === null ? null : nodeIn(cluster, name).name;
};

export const moveGroup = (change: Change, groupName: string, name: string): void => {
  const cluster = clusterOf(change);
  const group = cluster.groups.find((one) => isSame(one.name, groupName));
  const failed = (reason: string) => refuse('cluster.move.failed', { group: groupName, node: name, reason });
  if (!group) throw failed('there is no such group');
  const node = nodeIn(cluster, name);
  if (!isNodeUp(change.world, node)) throw refuse('cluster.node.down', { node: name });
  if (node.paused) throw refuse('cluster.node.paused', { node: name });
  const server = serverNamed(change.world, node.name);
  if (server && findFault(change.world, 'groupMoveFails', (fault) => fault.server === server.name))
    throw failed('a resource could not be brought online there');
  group.ownerNode = node.name;
  for (const disk of cluster.disks) {
    const isItsOwn =
      (group.kind === 'availableStorage' && disk.use === 'available') ||
      (group.kind === 'cluster' && disk.use === 'witness') ||
      disk.group === group.name;
    if (isItsOwn) disk.ownerNode = node.name;
  }
};
