import * as cluster from '../../../main/rehearsal/world/changes/cluster/index.ts';
import * as machines from '../../../main/rehearsal/world/changes/machines.ts';
import * as sets from '../../../main/rehearsal/world/changes/start-sets.ts';
import type { Change } from '../../../main/rehearsal/world/change.ts';
import { clusterNodeNamed } from '../../../main/rehearsal/world/cluster-view.ts';
import { isHyperVThere, machineIn } from '../../../main/rehearsal/world/machines-view.ts';
import { NotModelled, Refusal, refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { Cluster } from '../../../shared/model/cluster.ts';
import {
  changer,
  cim,
  reader,
  scalar,
  warning,
  type CimValue,
  type Cmdlet,
  type Look,
  type Parameters,
} from './cim.ts';
import {
  availableDiskObject,
  clusterHere,
  clusterObject,
  groupObject,
  lunOf,
  networkObject,
  nodeObject,
  ownersObject,
  parameterObject,
  quorumObject,
  resourceObject,
  resourceTypeObject,
  resourcesOf,
  sharedVolumeObject,
  type Resource,
} from './cluster-objects.ts';
import { isSameName } from '../../../shared/model/names.ts';

/* The module FailoverClusters: every cmdlet that the product's scripts call, over the changes that the rehearsal has. */

type Here = Pick<Look, 'world' | 'server'>;

/** Names that -Name or the objects of -InputObject give; null: none was given, so that all are meant. */
const namesOf = (parameters: Parameters, name = 'Name'): string[] | null => {
  if (parameters.has('InputObject'))
    return parameters.objects('InputObject').map((object) => scalar(object['Name']) ?? '');
  return parameters.has(name) ? parameters.texts(name) : null;
};

const nameOf = (parameters: Parameters, name = 'Name'): string => {
  const [first] = namesOf(parameters, name) ?? [];
  if (first === undefined) throw new NotModelled(`${parameters.cmdlet} without -${name}`);
  return first;
};

const oneNode = (here: Here, name: string): CimValue => {
  const found = clusterHere(here);
  const node = found.nodes.find((one) => isSameName(one.name, name));
  if (!node) throw refuse('cluster.node.notFound', { node: name });
  return nodeObject(found, node);
};

const groupNamed = (here: Here, name: string): CimValue => {
  const found = clusterHere(here);
  const group = found.groups.find((one) => isSameName(one.name, name));
  if (!group) throw refuse('cluster.move.failed', { group: name, node: '', reason: 'there is no such group' });
  return groupObject(here.world, found, group);
};

const resourceNamed = (here: Here, found: Cluster, name: string): Resource => {
  const resource = resourcesOf(here.world, found).find((one) => isSameName(one.name, name));
  if (!resource) throw new NotModelled(`a resource ${name} that is not there`);
  return resource;
};

const diskNamed = (here: Here, name: string): string => {
  const { disk } = resourceNamed(here, clusterHere(here), name);
  if (disk === null) throw new NotModelled(`${name}, which is no disk`);
  return disk;
};

/** The type of an object that came in by the pipeline, and its name. */
const holdersOf = (parameters: Parameters): { type: string; name: string }[] =>
  parameters.list('InputObject').map((value) => {
    const { $type = '', props = {} } = value as { $type?: string; props?: Record<string, unknown> };
    return { type: $type.slice($type.lastIndexOf('.') + 1), name: scalar(props['Name']) ?? '' };
  });

const readers: readonly Cmdlet[] = [
  reader('Get-Cluster', '', (look) => [clusterObject(clusterHere(look))]),
  reader('Get-ClusterNode', 'Name', (look, parameters) => {
    const names = namesOf(parameters);
    if (names) return names.map((name) => oneNode(look, name));
    const found = clusterHere(look);
    return found.nodes.map((node) => nodeObject(found, node));
  }),
  reader('Get-ClusterNetwork', '', (look) => {
    const found = clusterHere(look);
    return found.networks.map((network) => networkObject(found, network));
  }),
  reader('Get-ClusterGroup', 'Name', (look, parameters) => {
    const names = namesOf(parameters);
    if (names) return names.map((name) => groupNamed(look, name));
    const found = clusterHere(look);
    return found.groups.map((group) => groupObject(look.world, found, group));
  }),
  reader('Get-ClusterResource', 'Name', (look, parameters) => {
    const found = clusterHere(look);
    const names = namesOf(parameters);
    return resourcesOf(look.world, found)
      .filter(({ isShared, name }) => !isShared && (names === null || names.some((one) => isSameName(one, name))))
      .map((resource) => resourceObject(found, resource));
  }),
  reader('Get-ClusterParameter', 'InputObject Name', (look, parameters) => {
    const found = clusterHere(look);
    const wanted = parameters.texts('Name');
    return holdersOf(parameters).flatMap(({ type, name }) => {
      const all =
        type === 'ClusterResourceType'
          ? {
              MigrationExcludeNetworks: (look.world.cluster?.migrationExcludes ?? []).join(';'),
              MigrationNetworkOrder: (look.world.cluster?.migrationOrder ?? []).join(';'),
            }
          : resourceNamed(look, found, name).parameters;
      return Object.entries(all)
        .filter(([key]) => wanted.length === 0 || wanted.some((one) => isSameName(one, key)))
        .map(([key, value]) => parameterObject(type, name, key, value));
    });
  }),
  reader('Get-ClusterResourceType', '', (look) => {
    const found = clusterHere(look);
    const machine = isHyperVThere(look.server) ? ['Virtual Machine'] : [];
    return ['Physical Disk', 'IP Address', ...machine].map((name) => resourceTypeObject(found, name));
  }),
  reader('Get-ClusterQuorum', '', (look) => {
    const found = clusterHere(look);
    const { resource } = found.witness;
    return [quorumObject(found, resource === null ? undefined : resourceNamed(look, found, resource))];
  }),
  reader('Get-ClusterSharedVolume', '', (look) => {
    const found = clusterHere(look);
    return resourcesOf(look.world, found)
      .filter(({ isShared }) => isShared)
      .map((one) => sharedVolumeObject(one, found.disks.find(({ name }) => name === one.name)?.path ?? ''));
  }),
  reader('Get-ClusterAvailableDisk', '', (look) => {
    const found = clusterHere(look);
    return found.availableDisks.map((disk, at) =>
      availableDiskObject(look.world, found, disk, found.disks.length + at + 1),
    );
  }),
  reader('Get-ClusterOwnerNode', 'InputObject Group Resource', (look, parameters) => {
    const found = clusterHere(look);
    const given = [
      ...holdersOf(parameters),
      ...parameters.texts('Group').map((name) => ({ type: 'ClusterGroup', name })),
      ...parameters.texts('Resource').map((name) => ({ type: 'ClusterResource', name })),
    ];
    return given.map(({ type, name }) => {
      if (type === 'ClusterGroup')
        return ownersObject(type, name, found.groups.find((one) => isSameName(one.name, name))?.preferredOwners ?? []);
      const { machine } = resourceNamed(look, found, name);
      const role = machine === null ? undefined : machineIn(look.world, machine)?.role;
      return ownersObject(type, name, role?.possibleOwners ?? found.nodes.map((node) => node.name));
    });
  }),
];

const accessPoints = { none: 'none', dns: 'dns', activedirectoryanddns: 'activeDirectoryAndDns' } as const;

/** The id of an available disk, back to the LUN that it is. */
const diskOfInfo = (here: Here, id: string): string => {
  const found = clusterHere(here).availableDisks.find((disk) => {
    const content = lunOf(here.world, disk)?.content;
    return content?.style === 'mbr' ? Number(id) === content.signature : isSameName(id, content?.guid ?? disk);
  });
  if (found === undefined) throw refuse('cluster.disk.notAvailable', { disk: id });
  return found;
};

const wholeCluster: readonly Cmdlet[] = [
  changer(
    'New-Cluster',
    'Name Node StaticAddress IgnoreNetwork NoStorage AdministrativeAccessPoint',
    (change, parameters) => {
      if (parameters.boolean('NoStorage') !== true) throw new NotModelled('New-Cluster with storage');
      const accessPoint = (parameters.text('AdministrativeAccessPoint') ?? 'ActiveDirectoryAndDns').toLowerCase();
      try {
        cluster.createCluster(change, {
          do: 'cluster.create',
          name: nameOf(parameters),
          node: parameters.text('Node') ?? change.server.computerName,
          addresses: parameters.texts('StaticAddress'),
          ignoreNetworks: parameters.texts('IgnoreNetwork'),
          accessPoint: accessPoints[accessPoint as keyof typeof accessPoints],
        });
      } catch (error) {
        // Windows says it on the warning stream; the cluster is there all the same.
        if (!(error instanceof Refusal) || error.behaviourId !== 'cluster.create.warned') throw error;
        return [
          clusterObject(clusterHere(change)),
          warning(error.windowsError.message),
          warning(`Report file location: ${String(error.detail['report'])}`),
        ];
      }
      return [clusterObject(clusterHere(change))];
    },
  ),
  changer('Remove-Cluster', 'InputObject CleanupAD', (change) => cluster.destroyCluster(change)),
  changer('Add-ClusterNode', 'Name NoStorage', (change, parameters) => {
    if (parameters.boolean('NoStorage') !== true) throw new NotModelled('Add-ClusterNode with storage');
    cluster.addNode(change, nameOf(parameters));
    return [oneNode(change, nameOf(parameters))];
  }),
  changer('Remove-ClusterNode', 'Name InputObject', (change, parameters) =>
    cluster.evictNode(change, nameOf(parameters)),
  ),
  changer('Clear-ClusterNode', 'Name InputObject', (change, parameters) =>
    cluster.clearNode(change, namesOf(parameters)?.[0] ?? change.server.computerName),
  ),
  changer('Suspend-ClusterNode', 'Name InputObject Drain Wait', (change, parameters) => {
    cluster.setPaused(change, nameOf(parameters), true);
    return [oneNode(change, nameOf(parameters))];
  }),
  changer('Stop-ClusterNode', 'Name InputObject Wait', (change, parameters) => {
    cluster.stopNode(change, nameOf(parameters));
    return [];
  }),
  changer('Start-ClusterNode', 'Name InputObject Wait', (change, parameters) => {
    cluster.startNode(change, nameOf(parameters));
    return [];
  }),
  changer('Resume-ClusterNode', 'Name InputObject Failback', (change, parameters) => {
    cluster.setPaused(change, nameOf(parameters), false);
    return [oneNode(change, nameOf(parameters))];
  }),
];

const storage: readonly Cmdlet[] = [
  changer('Add-ClusterDisk', 'InputObject', (change, parameters) =>
    parameters.objects('InputObject').map((object) => {
      const disk = diskOfInfo(change, scalar(object['Id']) ?? '');
      cluster.addDisk(change, disk);
      const found = clusterHere(change);
      const added = resourcesOf(change.world, found).find((one) => one.disk !== null && isSameName(one.disk, disk));
      if (!added) throw new NotModelled('a disk that was added and is not there');
      return resourceObject(found, added);
    }),
  ),
  changer('Remove-ClusterResource', 'Name InputObject', (change, parameters) =>
    cluster.removeDisk(change, diskNamed(change, nameOf(parameters))),
  ),
  changer('Stop-ClusterResource', 'Name InputObject Wait', (change, parameters) =>
    cluster.setWitnessOnline(change, nameOf(parameters), false),
  ),
  changer('Start-ClusterResource', 'Name InputObject Wait', (change, parameters) => {
    const name = nameOf(parameters);
    // Whether the caller may is asked before whether it is there.
    const found = resourcesOf(change.world, clusterHere(change)).find((one) => isSameName(one.name, name));
    if (found?.type === 'Network Name') cluster.bringNameOnline(change);
    else cluster.setWitnessOnline(change, name, true);
  }),
  changer('Repair-ClusterNameAccount', 'Cluster Credentials Domain InputObject', (change) =>
    cluster.repairNameAccount(change),
  ),
  changer('Add-ClusterSharedVolume', 'Name InputObject', (change, parameters) => {
    const disk = diskNamed(change, nameOf(parameters));
    cluster.addSharedVolume(change, disk);
    const found = clusterHere(change);
    const made = found.disks.find((one) => one.disk !== null && isSameName(one.disk, disk));
    return made ? [sharedVolumeObject(resourceNamed(change, found, made.name), made.path ?? '')] : [];
  }),
  changer('Remove-ClusterSharedVolume', 'Name InputObject', (change, parameters) => {
    const name = nameOf(parameters);
    cluster.removeSharedVolume(change, diskNamed(change, name));
    const found = clusterHere(change);
    return [resourceObject(found, resourceNamed(change, found, name))];
  }),
  changer('Set-ClusterQuorum', 'NoWitness DiskWitness FileShareWitness', (change, parameters) => {
    const disk = parameters.text('DiskWitness');
    const path = parameters.text('FileShareWitness');
    if (disk !== null) cluster.setQuorum(change, { kind: 'disk', disk: diskNamed(change, disk) });
    else if (path !== null) cluster.setQuorum(change, { kind: 'share', path });
    else cluster.setQuorum(change, { kind: 'none' });
    const found = clusterHere(change);
    const { resource } = found.witness;
    return [quorumObject(found, resource === null ? undefined : resourceNamed(change, found, resource))];
  }),
];

const setParameter = changer('Set-ClusterParameter', 'InputObject Name Value', (change, parameters) => {
  const [{ type, name } = { type: '', name: '' }] = holdersOf(parameters);
  const ids = (parameters.text('Value') ?? '').split(';').filter(Boolean);
  const set = { MigrationExcludeNetworks: { exclude: ids }, MigrationNetworkOrder: { order: ids } };
  const wanted = set[parameters.text('Name') as keyof typeof set];
  if (type !== 'ClusterResourceType' || !wanted) throw new NotModelled(`Set-ClusterParameter of ${type} ${name}`);
  cluster.setMigrationNetworks(change, wanted);
  return [];
});

/** Only the folder of a shared volume is renamed. */
const renameFolder = changer('Rename-Item', 'LiteralPath NewName', (change, parameters) => {
  const path = parameters.text('LiteralPath') ?? '';
  const disk = clusterHere(change).disks.find((one) => one.path !== null && isSameName(one.path, path));
  if (!disk?.disk) throw new NotModelled(`Rename-Item of ${path}`);
  cluster.renameSharedVolume(change, disk.disk, parameters.text('NewName') ?? '');
  return [];
});

const ownersChange = (change: Change, parameters: Parameters): void => {
  const owners = parameters.texts('Owners');
  const group = parameters.text('Group');
  if (group !== null) {
    machines.setPreferredOwners(change, group, owners);
    return;
  }
  const resource = resourceNamed(change, clusterHere(change), parameters.text('Resource') ?? '');
  // The model keeps one list for both resources of a machine; the script sets both alike.
  if (resource.machine !== null) machines.setPossibleOwners(change, resource.machine, owners);
};

const groups: readonly Cmdlet[] = [
  changer('Move-ClusterGroup', 'Name InputObject Node Wait', (change, parameters) => {
    cluster.moveGroup(change, nameOf(parameters), parameters.text('Node') ?? '');
    return [groupNamed(change, nameOf(parameters))];
  }),
  changer('Remove-ClusterGroup', 'Name InputObject RemoveResources', (change, parameters) =>
    machines.leaveCluster(change, nameOf(parameters)),
  ),
  changer('Add-ClusterVirtualMachineRole', 'VMName', (change, parameters) => {
    const name = nameOf(parameters, 'VMName');
    try {
      machines.makeHighlyAvailable(change, name);
    } catch (error) {
      // Windows says it on the warning stream; the role is there all the same.
      if (!(error instanceof Refusal) || error.behaviourId !== 'vm.roleWarned') throw error;
      return [groupNamed(change, name), warning(error.windowsError.message)];
    }
    return [groupNamed(change, name)];
  }),
  changer('Move-ClusterVirtualMachineRole', 'Name Node MigrationType Wait', (change, parameters) => {
    machines.moveMachine(change, nameOf(parameters), parameters.text('Node') ?? '');
    return [groupNamed(change, nameOf(parameters))];
  }),
  changer('Set-ClusterOwnerNode', 'Group Resource Owners', ownersChange),
];

const startSetObjects = (here: Here, names: readonly string[] | null): CimValue[] => {
  clusterHere(here);
  return (here.world.cluster?.startSets ?? [])
    .filter(({ name }) => names === null || names.some((one) => isSameName(one, name)))
    .map(({ name, machines: groupNames, after, delaySeconds }) =>
      cim(
        'root/MSCLUSTER',
        'MSCluster_GroupSet',
        {
          ...{ Name: name, GroupNames: groupNames, ProviderNames: after, StartupDelay: delaySeconds },
          ...{ StartupDelayTrigger: 1, StartupCount: 0xff_ff_ff_ff, IsGlobal: false },
        },
        { StartupDelayTrigger: 'Delay' },
      ),
    );
};

const startSets: readonly Cmdlet[] = [
  reader('Get-ClusterGroupSet', 'Name', (look, parameters) => startSetObjects(look, namesOf(parameters))),
  changer('New-ClusterGroupSet', 'Name', (change, parameters) => {
    sets.createStartSet(change, nameOf(parameters));
    return startSetObjects(change, [nameOf(parameters)]);
  }),
  changer('Remove-ClusterGroupSet', 'Name', (change, parameters) => sets.removeStartSet(change, nameOf(parameters))),
  changer('Set-ClusterGroupSet', 'Name StartupDelay', (change, parameters) =>
    sets.setStartDelay(change, nameOf(parameters), parameters.number('StartupDelay') ?? 0),
  ),
  ...[true, false].flatMap((isAdded) => [
    changer(isAdded ? 'Add-ClusterGroupToSet' : 'Remove-ClusterGroupFromSet', 'Name Group', (change, parameters) =>
      sets.setMember(change, nameOf(parameters), parameters.text('Group') ?? '', isAdded),
    ),
    changer(`${isAdded ? 'Add' : 'Remove'}-ClusterGroupSetDependency`, 'Name Provider', (change, parameters) =>
      sets.setProvider(change, nameOf(parameters), parameters.text('Provider') ?? '', isAdded),
    ),
  ]),
];

/** What setting a property of an object does: `(Get-ClusterGroup X).Priority = 3000`. The name is the object's type and the property. */
const setter = (name: string, set: (change: Change, key: string, value: string) => void): Cmdlet =>
  changer(name, 'Key Value', (change, parameters) =>
    set(change, parameters.text('Key') ?? '', parameters.text('Value') ?? ''),
  );

const roleOfNumber = { 0: 'none', 1: 'cluster', 3: 'clusterAndClient' } as const;

const setters: readonly Cmdlet[] = [
  setter('ClusterNetwork.Name', cluster.renameNetwork),
  setter('ClusterNetwork.Role', (change, key, value) =>
    cluster.setNetworkRole(change, key, roleOfNumber[Number(value) as keyof typeof roleOfNumber]),
  ),
  setter('ClusterNetwork.Metric', (change, key, value) => cluster.setNetworkMetric(change, key, Number(value))),
  setter('ClusterNetwork.AutoMetric', (change, key, value) => {
    if (/^true$/i.test(value)) cluster.setNetworkMetric(change, key, null);
  }),
  setter('ClusterResource.Name', (change, key, value) => cluster.renameResource(change, diskNamed(change, key), value)),
  setter('ClusterGroup.Priority', (change, key, value) => machines.setPriority(change, key, Number(value))),
  setter('ClusterGroup.AntiAffinityClassNames', (change, key, value) =>
    machines.setAntiAffinity(change, key, value.split(';').filter(Boolean)),
  ),
  setter('Cluster.LowerQuorumPriorityNodeId', (change, _key, value) => {
    const state = change.world.cluster;
    const node = state?.nodes.find(({ id }) => id === Number(value));
    cluster.setLowerQuorumPriority(change, node ? (clusterNodeNamed(state!, node.name)?.name ?? null) : null);
  }),
];

export const clusterCmdlets: readonly Cmdlet[] = [
  ...readers,
  ...wholeCluster,
  ...storage,
  ...groups,
  ...startSets,
  setParameter,
  renameFolder,
  ...setters,
];
