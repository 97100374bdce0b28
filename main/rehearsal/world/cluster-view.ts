import { isDraft, original } from 'immer';
import { addressFamilyOf, networkOf } from '../../../shared/model/address.ts';
import type { Cluster, ClusterName, ClusterNode, ClusterState, NameAccount } from '../../../shared/model/cluster.ts';
import { findFault } from './change.ts';
import { reachesDomain } from './reach.ts';
import { heartbeatOf, isServiceStarted, resiliencyOf, seesDisk } from './failover/membership.ts';
import { castVotes } from './failover/votes.ts';
import type { BallotState, ClusterDiskState, ClusterNodeState, ClusterWorldState } from './cluster-state.ts';
import type { ServerState, WorldState } from './state.ts';
import { visibleDisks } from './visible-disks.ts';
import { isSameName } from '../../../shared/model/names.ts';

/*
 * The cluster of a world as its nodes see it. What can be told from the rest of the state is not kept twice: a node is up while its server is on
 * and its cluster service runs.
 */

/** The state before a change: what it cannot have changed is looked for there, because a part of a draft that is looked at costs a copy. */
export const settled = (world: WorldState): WorldState => {
  const changing: unknown = world;
  return isDraft(changing) ? (original(changing) as WorldState) : world;
};

export const serverNamed = (world: WorldState, computerName: string): ServerState | undefined => {
  const before = settled(world).servers;
  for (const key of Object.keys(before))
    if (isSameName(before[key]!.computerName, computerName)) return world.servers[key];
  return undefined;
};

export const isClusteringInstalled = (server: ServerState): boolean =>
  server.features['Failover-Clustering']?.state === 'installed';

/** The nodes as they were before the change under way: to look for one in them costs no copies. */
export const nodesBefore = (cluster: ClusterWorldState): readonly ClusterNodeState[] =>
  isDraft(cluster.nodes) ? (original(cluster.nodes) ?? []) : cluster.nodes;

export const clusterNodeNamed = (cluster: ClusterWorldState, name: string): ClusterNodeState | undefined => {
  const before = nodesBefore(cluster);
  if (cluster.nodes.length !== before.length) return cluster.nodes.find((node) => isSameName(node.name, name));
  const at = before.findIndex((node) => isSameName(node.name, name));
  return at < 0 ? undefined : cluster.nodes[at];
};

/** The service runs, and the cluster counts the node in. */
export const isClusterServiceRunning = (world: WorldState, server: ServerState): boolean =>
  isServiceStarted(world, server) &&
  (!world.cluster || clusterNodeNamed(world.cluster, server.computerName)?.membership === undefined);

/** It is in the cluster and the others hear it. */
export const isNodeUp = (world: WorldState, node: ClusterNodeState): boolean => {
  const server = serverNamed(world, node.name);
  return (
    server !== undefined &&
    node.membership === undefined &&
    node.silence === undefined &&
    isServiceStarted(world, server)
  );
};

export const upNodes = (world: WorldState, cluster: ClusterWorldState): ClusterNodeState[] => {
  const keys = new Map(
    Object.entries(settled(world).servers).map(([key, { computerName }]) => [computerName.toLowerCase(), key]),
  );
  return cluster.nodes.filter((node) => {
    const server = world.servers[keys.get(node.name.toLowerCase()) ?? ''];
    return (
      server !== undefined &&
      node.membership === undefined &&
      node.silence === undefined &&
      isServiceStarted(world, server)
    );
  });
};

/** The IPv4 subnets that a server has an address in, automatic ones (169.254/16) left out. */
export const subnetsOf = (
  server: ServerState,
): { address: string; prefixLength: number; hasGateway: boolean; nic: string }[] =>
  server.nics.flatMap((nic) =>
    nic.enabled
      ? nic.addresses.flatMap((held) =>
          addressFamilyOf(held.address) === 'ipv4' && !held.address.startsWith('169.254.') && !held.duplicate
            ? [
                {
                  address:
                    (networkOf(held.address, held.prefixLength) ?? held.address).split('/', 1)[0] ?? held.address,
                  prefixLength: held.prefixLength,
                  hasGateway: nic.gateways.some((gateway) => gateway.family === 'ipv4'),
                  nic: nic.guid,
                },
              ]
            : [],
        )
      : [],
  );

/** Unique ids of disks that every node sees and that are in no cluster (Get-ClusterAvailableDisk). */
export const availableDisks = (world: WorldState, cluster: ClusterWorldState): string[] => {
  const seen = upNodes(world, cluster).map((node) => {
    const server = serverNamed(world, node.name);
    return new Set(
      server ? visibleDisks(world, server).flatMap((disk) => (disk.lun && !disk.redundant ? [disk.uniqueId] : [])) : [],
    );
  });
  const [first = new Set<string>(), ...others] = seen;
  return [...first].filter(
    (id) => others.every((one) => one.has(id)) && !cluster.disks.some((disk) => disk.disk === id),
  );
};

const nodeView = (node: ClusterNodeState, up: readonly ClusterNodeState[], ballot: BallotState): ClusterNode => {
  // The others take one that they do not hear for up until they miss it (`cluster.heartbeat.threshold`).
  const isUp = up.includes(node) || (node.membership === undefined && node.silence !== undefined);
  return {
    name: node.name,
    id: node.id,
    state: isUp ? (node.paused ? 'paused' : 'up') : node.membership === 'isolated' ? 'isolated' : 'down',
    assignedVote: node.weight,
    currentVote: isUp && ballot.nodes.some((name) => isSameName(name, node.name)) ? 1 : 0,
  };
};

const volumeOf = (world: WorldState, disk: string) =>
  Object.values(world.luns)
    .find((one) => isSameName(one.uniqueId, disk))
    ?.content.partitions.find((partition) => partition.volume)?.volume;

/** The letter of a disk of the cluster: that of the node which has it online, else the one that a node gave it before. */
export const letterOfDisk = (world: WorldState, disk: ClusterDiskState): string | null => {
  const volume = volumeOf(world, disk.disk);
  if (!volume || disk.use === 'sharedVolume') return null;
  for (const server of [serverNamed(world, disk.ownerNode), ...Object.values(world.servers)]) {
    const letter = server?.letters[volume.guid];
    if (letter !== undefined) return letter;
  }
  return null;
};

/** Another node has the disk online from now on, under the letter that it has had (`cluster.disk.letter`). */
export const giveDisk = (world: WorldState, disk: ClusterDiskState, node: string): void => {
  const letter = letterOfDisk(world, disk);
  const volume = volumeOf(world, disk.disk);
  const server = serverNamed(world, node);
  disk.ownerNode = node;
  if (letter !== null && volume && server) server.letters[volume.guid] = letter;
};

/** A disk that its owner does not reach has failed. */
const diskState = (
  world: WorldState,
  cluster: ClusterWorldState,
  disk: ClusterDiskState,
): Cluster['disks'][number]['state'] => {
  if (disk.use === 'witness' && cluster.isWitnessOffline === true) return 'offline';
  const owners = disk.use === 'sharedVolume' ? upNodes(world, cluster).map(({ name }) => name) : [disk.ownerNode];
  return owners.some((name) => {
    const server = serverNamed(world, name);
    return server !== undefined && seesDisk(world, server, disk.disk);
  })
    ? 'online'
    : 'failed';
};

/** What keeps the name of the cluster from logging on to its account; null: nothing. Only a name that is registered in Active Directory has one. */
export const nameFault = (world: WorldState, name: string): Exclude<NameAccount, 'fits' | 'unknown'> | null =>
  world.cluster?.accessPoint === 'activeDirectoryAndDns' && isSameName(world.cluster.name, name)
    ? (findFault(world, 'clusterNameFails', () => true)?.account ?? null)
    : null;

/** The name of a cluster that is registered in Active Directory. */
const nameAccountOf = (world: WorldState, server: ServerState, cluster: ClusterWorldState): ClusterName | null => {
  if (cluster.accessPoint !== 'activeDirectoryAndDns') return null;
  const fault = nameFault(world, cluster.name);
  const domain = server.membership.kind === 'domain' ? server.membership.name : null;
  const isAsked = domain !== null && reachesDomain(world, server, domain);
  return {
    resource: 'Cluster Name',
    state: fault !== null ? 'failed' : cluster.isNameOffline === true ? 'offline' : 'online',
    account: fault === null ? 'fits' : isAsked ? fault : 'unknown',
  };
};

const clusterView = (world: WorldState, server: ServerState, cluster: ClusterWorldState): Cluster => {
  const up = upNodes(world, cluster);
  // Worlds that were kept before votes were have none until their next change.
  const names = up.map(({ name }) => name);
  const ballot = cluster.ballot ?? castVotes(cluster, names, cluster.isWitnessOffline !== true);
  const nodes = cluster.nodes.map((node) => nodeView(node, up, ballot));
  const witness = cluster.witness;
  const witnessDisk = witness.kind === 'disk' ? cluster.disks.find((disk) => disk.disk === witness.disk) : undefined;
  const groupOf = (wanted: 'cluster' | 'availableStorage'): string =>
    cluster.groups.find(({ kind }) => kind === wanted)?.name ?? '';
  return {
    name: cluster.name,
    accessPoint: cluster.accessPoint,
    addresses: cluster.addresses,
    nameAccount: nameAccountOf(world, server, cluster),
    functionalLevel: null,
    nodes,
    networks: cluster.networks.map((network) => ({ ...network, state: 'up' })),
    disks: cluster.disks.map((disk) => {
      const lun = Object.values(world.luns).find((one) => one.uniqueId === disk.disk);
      return {
        name: disk.name,
        state: diskState(world, cluster, disk),
        group:
          disk.group ??
          (disk.use === 'witness'
            ? groupOf('cluster')
            : disk.use === 'available'
              ? groupOf('availableStorage')
              : disk.name),
        ownerNode: disk.ownerNode,
        use: disk.use,
        disk: disk.disk,
        sizeBytes: lun?.sizeBytes ?? null,
        path: disk.folder === null ? null : `C:\\ClusterStorage\\${disk.folder}`,
        driveLetter: letterOfDisk(world, disk),
      };
    }),
    groups: cluster.groups.map((group) => ({
      name: group.name,
      kind: group.kind,
      ownerNode: group.ownerNode,
      state: (
        group.kind === 'virtualMachine'
          ? (world.machines ?? []).some(
              (machine) => machine.running && machine.trouble === undefined && isSameName(machine.name, group.name),
            )
          : group.online
      )
        ? 'online'
        : 'offline',
      preferredOwners: group.preferredOwners,
    })),
    witness: {
      kind: witness.kind,
      path: witness.kind === 'share' ? witness.path : null,
      resource: witness.kind === 'share' ? 'File Share Witness' : (witnessDisk?.name ?? null),
      currentVote: ballot.witness === null ? 0 : 1,
      state:
        cluster.isWitnessOffline === true
          ? 'offline'
          : witnessDisk === undefined
            ? 'online'
            : diskState(world, cluster, witnessDisk),
    },
    dynamicQuorum: true,
    lowerQuorumPriorityNode: cluster.lowerQuorumPriorityNode,
    resiliency: resiliencyOf(cluster),
    heartbeat: heartbeatOf(cluster),
    migrationExcludes: cluster.migrationExcludes ?? [],
    migrationOrder: cluster.migrationOrder ?? [],
    availableDisks: availableDisks(world, cluster),
  };
};

/** What one server reads of the cluster. */
export const clusterStateOf = (world: WorldState, server: ServerState): ClusterState => {
  const none = (membership: ClusterState['membership']): ClusterState => ({ membership, cluster: null, unread: [] });
  if (!isClusteringInstalled(server)) return none('notInstalled');
  const cluster = world.cluster ?? null;
  const node = cluster ? clusterNodeNamed(cluster, server.computerName) : undefined;
  if (!cluster || !node) return none(server.clusterLeftover ? 'leftover' : 'none');
  if (!isClusterServiceRunning(world, server)) return none('stopped');
  return { membership: 'member', cluster: clusterView(world, server, cluster), unread: [] };
};
