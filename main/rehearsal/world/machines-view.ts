import {
  isOnClusteredStorage,
  type MachinesState,
  type VirtualMachine,
} from '../../../shared/model/virtual-machines.ts';
import { isClusterServiceRunning, letterOfDisk } from './cluster-view.ts';
import type { ClusterGroupState, ClusterWorldState, MachineState } from './cluster-state.ts';
import type { ServerState, WorldState } from './state.ts';
import { visibleDisks } from './visible-disks.ts';
import { isSameName } from '../../../shared/model/names.ts';

export const isHyperVThere = (server: ServerState): boolean => server.features['Hyper-V']?.state === 'installed';

export const groupOfMachine = (world: WorldState, name: string): ClusterGroupState | undefined =>
  world.cluster?.groups.find((group) => group.kind === 'virtualMachine' && isSameName(group.name, name));

/** Where a machine is: the owner of its group, or the server that it was made on. */
export const hostOfMachine = (world: WorldState, machine: MachineState): string =>
  (machine.role ? groupOfMachine(world, machine.name)?.ownerNode : undefined) ?? machine.host;

export const machineIn = (world: WorldState, name: string): MachineState | undefined =>
  (world.machines ?? []).find((one) => isSameName(one.name, name));

/** The letters of the volumes on the cluster's disks. */
export const clusterLetters = (world: WorldState, cluster: ClusterWorldState): { letter: string; disk: string }[] =>
  cluster.disks.flatMap((disk) => {
    const letter = letterOfDisk(world, disk);
    return letter === null ? [] : [{ letter, disk: disk.disk }];
  });

export const machineMemory = (world: WorldState, host: string): number =>
  (world.machines ?? [])
    .filter((machine) => machine.running && isSameName(hostOfMachine(world, machine), host))
    .reduce((sum, machine) => sum + machine.memoryBytes, 0);

/** Why a machine cannot run on a server, in words; null where it can. */
export const whyNotThere = (world: WorldState, machine: MachineState, server: ServerState): string | null => {
  if (!isHyperVThere(server)) return 'Hyper-V does not run there';
  const possible = machine.role?.possibleOwners ?? [];
  if (possible.length > 0 && !possible.some((name) => isSameName(name, server.computerName)))
    return 'it is not a possible owner (0x80071398)';
  const missing = machine.switches.find((name) => !(server.switches ?? []).some((one) => isSameName(one.name, name)));
  if (missing !== undefined) return `there is no virtual switch ${missing} (event 21502)`;
  const free = Number(BigInt(server.hardware.memoryBytes)) - machineMemory(world, server.computerName);
  if (free < machine.memoryBytes) return 'there is not enough memory (0x8007000E)';
  const letters = world.cluster ? clusterLetters(world, world.cluster).map(({ letter }) => letter) : [];
  const local = machine.files.find(({ path }) => !isOnClusteredStorage(path, letters));
  return local === undefined ? null : `${local.path} cannot be opened there (0xC03A0014)`;
};

/** As a server lists it: what role it is, only one that sees the cluster knows. */
const viewOf = (world: WorldState, machine: MachineState, seesCluster: boolean): VirtualMachine => {
  const group = machine.role && seesCluster ? groupOfMachine(world, machine.name) : undefined;
  return {
    name: machine.name,
    id: machine.id,
    host: hostOfMachine(world, machine),
    // Hyper-V's PausedCritical is none of the states that a person acts on.
    state: machine.trouble === 'critical' ? 'other' : machine.running ? 'running' : 'off',
    generation: machine.generation,
    memoryBytes: String(machine.memoryBytes),
    switches: machine.switches,
    files: machine.files,
    hostDevices: machine.hostDevices,
    hasProcessorCompatibility: machine.processorCompatibility === true,
    role:
      machine.role && group
        ? {
            group: group.name,
            priority: machine.role.priority,
            preferredOwners: group.preferredOwners,
            possibleOwners: machine.role.possibleOwners,
            antiAffinity: machine.role.antiAffinity,
          }
        : null,
  };
};

/** What one server lists: its own machines, and those of its cluster wherever they are. */
export const machinesStateOf = (world: WorldState, server: ServerState): MachinesState => {
  if (!isHyperVThere(server))
    return { isHyperVRunning: false, switches: [], machines: [], clusterNodes: null, unread: [] };
  const seesCluster = isClusterServiceRunning(world, server);
  return {
    isHyperVRunning: true,
    processor: server.hardware.processor,
    clusterNodes: seesCluster ? (world.cluster?.nodes.map((node) => node.name) ?? null) : null,
    startSets: seesCluster
      ? (world.cluster?.startSets ?? []).map((set) => ({ ...set, ready: 'delay' as const }))
      : null,
    switches: (server.switches ?? []).map((one) => ({ ...one, kind: 'external' as const })),
    machines: (world.machines ?? [])
      .filter(
        (machine) =>
          isSameName(hostOfMachine(world, machine), server.computerName) || (seesCluster && machine.role !== null),
      )
      .map((machine) => viewOf(world, machine, seesCluster)),
    unread: [],
  };
};

/** Whether a folder can be written on this server now. */
export const isFolderThere = (world: WorldState, server: ServerState, folder: string): boolean => {
  const shared = /^C:\\ClusterStorage\\([^\\]+)/i.exec(folder)?.[1];
  if (shared !== undefined)
    return (world.cluster?.disks ?? []).some((disk) => disk.folder !== null && isSameName(disk.folder, shared));
  const letter = /^([A-Za-z]):\\/.exec(folder)?.[1]?.toUpperCase();
  if (letter === undefined) return false;
  const owned = world.cluster ? clusterLetters(world, world.cluster).find((one) => one.letter === letter) : undefined;
  if (owned) {
    const disk = world.cluster?.disks.find((one) => one.disk === owned.disk);
    return disk !== undefined && isSameName(disk.ownerNode, server.computerName);
  }
  return visibleDisks(world, server).some(
    (disk) =>
      disk.view.online &&
      disk.content.partitions.some((partition) => server.letters[partition.volume?.guid ?? ''] === letter),
  );
};
