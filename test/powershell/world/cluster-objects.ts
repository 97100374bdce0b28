import { clusterStateOf, isClusterServiceRunning, nameFault } from '../../../main/rehearsal/world/cluster-view.ts';
import { machineIn } from '../../../main/rehearsal/world/machines-view.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { ClusterDiskState, ClusterWorldState } from '../../../main/rehearsal/world/cluster-state.ts';
import type { LunState, WorldState } from '../../../main/rehearsal/world/state.ts';
import type { Cluster, ClusterGroup, ClusterNode } from '../../../shared/model/cluster.ts';
import { enumeration, net, type CimObject, type Look } from './cim.ts';
import { isSameName } from '../../../shared/model/names.ts';

/*
 * Objects of the module FailoverClusters as Windows gives them: the types, their property names and the numbers of their enumerations are those of the
 * module itself (see the catalogue). An object within an object carries what names it.
 */

const space = 'Microsoft.FailoverClusters.PowerShell';

/** The cluster as this server's service tells it; refused where the service does not run. */
export const clusterHere = ({ world, server }: Pick<Look, 'world' | 'server'>): Cluster => {
  const { cluster } = clusterStateOf(world, server);
  if (cluster && isClusterServiceRunning(world, server)) return cluster;
  throw refuse(
    clusterStateOf(world, server).membership === 'notInstalled' ? 'cluster.feature.missing' : 'cluster.service.stopped',
    {
      node: server.computerName,
    },
  );
};

/** A member of an enumeration of the module, by its name and its number. */
const member = (type: string, [name, value]: readonly [string, number]) => enumeration(`${space}.${type}`, name, value);

/** An object that the cluster knows by a name of its own, as it stands in the properties of another. */
const named = (type: string, name: string): CimObject => net(`${space}.${type}`, { Name: name });

const accessPoints = {
  none: ['None', 0],
  activeDirectoryAndDns: ['ActiveDirectoryAndDns', 1],
  dns: ['Dns', 2],
} as const;

const levels = {
  isolateOnSpecialHeartbeat: ['IsolateOnSpecialHeartbeat', 1],
  alwaysIsolate: ['AlwaysIsolate', 2],
} as const;

const numberOfNode = (cluster: Cluster, name: string | null): number =>
  name === null ? 0 : (cluster.nodes.find((node) => isSameName(node.name, name))?.id ?? 0);

export const clusterObject = (cluster: Cluster): CimObject => ({
  ...net(`${space}.Cluster`, {
    Name: cluster.name,
    AdministrativeAccessPoint: member('AdminAccessPoint', accessPoints[cluster.accessPoint]),
    ClusterFunctionalLevel: cluster.functionalLevel,
    DynamicQuorum: cluster.dynamicQuorum ? 1 : 0,
    WitnessDynamicWeight: cluster.witness.currentVote,
    LowerQuorumPriorityNodeId: numberOfNode(cluster, cluster.lowerQuorumPriorityNode),
    ...(cluster.resiliency
      ? {
          ResiliencyLevel: member('ClusterResiliencyLevel', levels[cluster.resiliency.level]),
          ResiliencyDefaultPeriod: cluster.resiliency.periodSeconds,
        }
      : {}),
    ...(cluster.heartbeat
      ? {
          SameSubnetDelay: cluster.heartbeat.sameSubnetDelayMs,
          SameSubnetThreshold: cluster.heartbeat.sameSubnetThreshold,
          CrossSubnetDelay: cluster.heartbeat.crossSubnetDelayMs,
          CrossSubnetThreshold: cluster.heartbeat.crossSubnetThreshold,
        }
      : {}),
    SharedVolumesRoot: 'C:\\ClusterStorage',
  }),
  settable: { of: 'Cluster', key: cluster.name, names: ['LowerQuorumPriorityNodeId'] },
});

const nodeStates = { up: ['Up', 0], down: ['Down', 1], paused: ['Paused', 2], joining: ['Joining', 3] } as const;

/** A test of `Test-Cluster -List`. */
export const testObject = (category: string, name: string): CimObject =>
  net(`${space}.ClusterTestInfo`, { Category: category, Description: '', DisplayName: name });

export const nodeObject = (cluster: Cluster, node: ClusterNode): CimObject =>
  net(`${space}.ClusterNode`, {
    Name: node.name,
    NodeName: node.name,
    Id: String(node.id),
    State: member('ClusterNodeState', nodeStates[node.state as keyof typeof nodeStates]),
    StatusInformation: enumeration(`${space}.ClusterNodeStatusInformation`, 'Normal', 0),
    DrainStatus:
      node.state === 'paused'
        ? enumeration(`${space}.ClusterNodeDrainStatus`, 'Completed', 2)
        : enumeration(`${space}.ClusterNodeDrainStatus`, 'NotInitiated', 0),
    NodeWeight: node.assignedVote,
    DynamicWeight: node.currentVote,
    Cluster: named('Cluster', cluster.name),
  });

const networkRoles = { none: ['None', 0], cluster: ['Cluster', 1], clusterAndClient: ['ClusterAndClient', 3] } as const;
const maskOf = (length: number): string =>
  [24, 16, 8, 0]
    .map((shift) => ((length === 0 ? 0 : (0xff_ff_ff_ff << (32 - length)) >>> 0) >>> shift) & 255)
    .join('.');

export const networkObject = (cluster: Cluster, network: Cluster['networks'][number]): CimObject => ({
  ...net(`${space}.ClusterNetwork`, {
    Id: network.id,
    Name: network.name,
    Role: member('ClusterNetworkRole', networkRoles[network.role]),
    Metric: network.metric,
    AutoMetric: network.autoMetric,
    Address: network.address,
    AddressMask: maskOf(network.prefixLength),
    State: enumeration(`${space}.ClusterNetworkState`, 'Up', 3),
    Cluster: named('Cluster', cluster.name),
  }),
  settable: { of: 'ClusterNetwork', key: network.id, names: ['Name', 'Role', 'Metric', 'AutoMetric'] },
});

const groupTypes = {
  cluster: ['Cluster', 1],
  availableStorage: ['AvailableStorage', 2],
  virtualMachine: ['VirtualMachine', 111],
  other: ['Unknown', 9999],
} as const;

export const groupObject = (world: WorldState, cluster: Cluster, group: ClusterGroup): CimObject => {
  const role = group.kind === 'virtualMachine' ? machineIn(world, group.name)?.role : undefined;
  return {
    ...net(`${space}.ClusterGroup`, {
      Name: group.name,
      GroupType: member('GroupType', groupTypes[group.kind]),
      OwnerNode: named('ClusterNode', group.ownerNode),
      State:
        group.state === 'online'
          ? enumeration(`${space}.ClusterGroupState`, 'Online', 0)
          : enumeration(`${space}.ClusterGroupState`, 'Offline', 1),
      Priority: role?.priority ?? 2000,
      AntiAffinityClassNames: role?.antiAffinity ?? [],
      IsCoreGroup: group.kind === 'cluster' || group.kind === 'availableStorage',
      Cluster: named('Cluster', cluster.name),
    }),
    settable: { of: 'ClusterGroup', key: group.name, names: ['Priority', 'AntiAffinityClassNames'] },
  };
};

/** A resource of the model: what Get-ClusterResource lists, and its private properties. */
export interface Resource {
  readonly name: string;
  readonly type: string;
  readonly group: string;
  readonly ownerNode: string;
  readonly online: boolean | 'failed';
  readonly parameters: Readonly<Record<string, string | number>>;
  /** The disk that it stands for, by unique id. */
  readonly disk: string | null;
  readonly isShared: boolean;
  /** The machine that it belongs to. */
  readonly machine: string | null;
}

export const lunOf = (world: WorldState, disk: string): LunState | undefined =>
  Object.values(world.luns).find((lun) => isSameName(lun.uniqueId, disk));

/** A disk by what the cluster knows it by: the GUID of a GPT, the signature of an MBR. */
export const diskParameters = (
  world: WorldState,
  disk: ClusterDiskState,
): Readonly<Record<string, string | number>> => {
  const content = lunOf(world, disk.disk)?.content;
  return content?.style === 'mbr'
    ? { DiskIdType: 0, DiskSignature: content.signature ?? 0, DiskIdGuid: '' }
    : { DiskIdType: 1, DiskSignature: 0, DiskIdGuid: content?.guid ?? '' };
};

export const resourcesOf = (world: WorldState, cluster: Cluster): Resource[] => {
  const state = world.cluster as ClusterWorldState;
  const core = cluster.groups.find(({ kind }) => kind === 'cluster');
  const plain = { online: true, parameters: {}, disk: null, isShared: false, machine: null };
  const inCore = { ...plain, group: core?.name ?? 'Cluster Group', ownerNode: core?.ownerNode ?? '' };
  const fault = nameFault(world, cluster.name);
  const name: Resource[] =
    cluster.accessPoint === 'none'
      ? []
      : [
          {
            ...inCore,
            name: 'Cluster Name',
            type: 'Network Name',
            online: fault === null ? cluster.nameAccount?.state !== 'offline' : 'failed',
            // `cluster.name.logonFailure`
            parameters: { StatusKerberos: fault === null ? 0 : fault === 'disabled' ? 1331 : 1326 },
          },
        ];
  const addresses = cluster.addresses.map((address, at): Resource => ({
    ...inCore,
    name: at === 0 ? 'Cluster IP Address' : `Cluster IP Address ${address}`,
    type: address.includes(':') ? 'IPv6 Address' : 'IP Address',
    parameters: { Address: address },
  }));
  const witness: Resource[] =
    state.witness.kind === 'share'
      ? [
          {
            ...inCore,
            name: 'File Share Witness',
            type: 'File Share Witness',
            parameters: { SharePath: state.witness.path },
          },
        ]
      : [];
  const disks = state.disks.map((disk): Resource => ({
    ...plain,
    name: disk.name,
    type: 'Physical Disk',
    group: cluster.disks.find((one) => one.name === disk.name)?.group ?? '',
    ownerNode: disk.ownerNode,
    parameters: diskParameters(world, disk),
    disk: disk.disk,
    isShared: disk.use === 'sharedVolume',
  }));
  const machines = cluster.groups.flatMap((group): Resource[] =>
    group.kind === 'virtualMachine'
      ? ['Virtual Machine', 'Virtual Machine Configuration'].map((type) => ({
          ...plain,
          name: `${type} ${group.name}`,
          type,
          group: group.name,
          ownerNode: group.ownerNode,
          online: type === 'Virtual Machine Configuration' || group.state === 'online',
          machine: group.name,
        }))
      : [],
  );
  return [...name, ...addresses, ...witness, ...disks, ...machines];
};

const resourceState = (online: Resource['online']) =>
  online === 'failed'
    ? enumeration(`${space}.ClusterResourceState`, 'Failed', 4)
    : online
      ? enumeration(`${space}.ClusterResourceState`, 'Online', 2)
      : enumeration(`${space}.ClusterResourceState`, 'Offline', 3);

export const resourceObject = (cluster: Cluster, resource: Resource): CimObject => ({
  ...net(`${space}.ClusterResource`, {
    Name: resource.name,
    ResourceType: named('ClusterResourceType', resource.type),
    OwnerGroup: named('ClusterGroup', resource.group),
    OwnerNode: named('ClusterNode', resource.ownerNode),
    State: resourceState(resource.online),
    Cluster: named('Cluster', cluster.name),
  }),
  settable: { of: 'ClusterResource', key: resource.name, names: ['Name'] },
});

export const sharedVolumeObject = (resource: Resource, path: string): CimObject =>
  net(`${space}.ClusterSharedVolume`, {
    Name: resource.name,
    OwnerNode: named('ClusterNode', resource.ownerNode),
    State: resourceState(resource.online),
    SharedVolumeInfo: [net(`${space}.ClusterSharedVolumeInfo`, { FriendlyVolumeName: path })],
  });

/** A type of resource that the product asks for. */
export const resourceTypeObject = (cluster: Cluster, name: string): CimObject =>
  net(`${space}.ClusterResourceType`, { Name: name, DisplayName: name, Cluster: named('Cluster', cluster.name) });

const parameterTypes = { string: ['String', 3], number: ['UInt32', 2] } as const;

export const parameterObject = (type: string, holder: string, name: string, value: string | number): CimObject =>
  net(`${space}.ClusterParameter`, {
    ClusterObject: named(type, holder),
    Name: name,
    IsReadOnly: false,
    ParameterType: member('ClusterParameterType', parameterTypes[typeof value === 'number' ? 'number' : 'string']),
    Value: value,
  });

export const availableDiskObject = (world: WorldState, cluster: Cluster, disk: string, number: number): CimObject => {
  const lun = lunOf(world, disk);
  const { content } = lun ?? {};
  const id =
    content?.style === 'mbr' ? `0x${(content.signature ?? 0).toString(16).toUpperCase()}` : (content?.guid ?? disk);
  return net(`${space}.ClusterDiskInfo`, {
    Cluster: named('Cluster', cluster.name),
    Id: id,
    Name: `Cluster Disk ${number}`,
    Number: number,
    Size: BigInt(lun?.sizeBytes ?? '0'),
    Partitions: [],
  });
};

export const quorumObject = (cluster: Cluster, resource: Resource | undefined): CimObject =>
  net(`${space}.ClusterQuorumSettings`, {
    Cluster: named('Cluster', cluster.name),
    QuorumResource: resource ? resourceObject(cluster, resource) : null,
    QuorumType: enumeration(`${space}.ClusterQuorumType`, 'Majority', 1),
  });

export const ownersObject = (type: string, holder: string, nodes: readonly string[]): CimObject =>
  net(`${space}.ClusterOwnerNodeList`, {
    ClusterObject: named(type, holder),
    OwnerNodes: nodes.map((node) => named('ClusterNode', node)),
  });
