import * as machines from '../../../main/rehearsal/world/changes/machines.ts';
import { hasReport, readClusterReport } from '../../../main/rehearsal/world/creation-report.ts';
import { hostOfMachine, isFolderThere, isHyperVThere } from '../../../main/rehearsal/world/machines-view.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import { rightsThere } from '../../../main/rehearsal/world/rights.ts';
import type { MachineState, SwitchState } from '../../../main/rehearsal/world/cluster-state.ts';
import type { NicState } from '../../../main/rehearsal/world/state.ts';
import {
  changer,
  enumeration,
  matches,
  net,
  reader,
  scalar,
  type CimObject,
  type Cmdlet,
  type Look,
  type Parameters,
} from './cim.ts';
import { isSameName } from '../../../shared/model/names.ts';

/* The module Hyper-V: every cmdlet that the product's scripts call, and Test-Path for the folders that machines are made in. */

const space = 'Microsoft.HyperV.PowerShell';
type Here = Pick<Look, 'world' | 'server'>;

/** Whether a path is there: a folder, the file of a virtual disk, or the database of a cluster, which a failed creation leaves behind. */
const isPathThere = ({ world, server }: Here, path: string): boolean =>
  /\\Cluster\\CLUSDB$/i.test(path)
    ? server.clusterLeftover === true ||
      (world.cluster?.nodes ?? []).some((node) => isSameName(node.name, server.computerName))
    : /\\Cluster\\Reports\\/i.test(path)
      ? hasReport(server, path)
      : /\.vhdx$/i.test(path)
        ? (server.virtualDisks ?? []).some((disk) => isSameName(disk.path, path))
        : isFolderThere(world, server, path);

const requireHyperV = ({ server }: Here): void => {
  if (!isHyperVThere(server)) throw refuse('vm.hyperv.missing', { what: 'Get-VM' });
};

const machinesHere = ({ world, server }: Here): MachineState[] =>
  (world.machines ?? []).filter((machine) => isSameName(hostOfMachine(world, machine), server.computerName));

const pathOf = (machine: MachineState, kind: MachineState['files'][number]['kind']): string =>
  machine.files.find((file) => file.kind === kind)?.path ?? '';

const machineObject = ({ server }: Here, machine: MachineState): CimObject =>
  net(`${space}.VirtualMachine`, {
    Name: machine.name,
    Id: machine.id,
    ComputerName: server.computerName,
    State: machine.running ? enumeration(`${space}.VMState`, 'Running', 2) : enumeration(`${space}.VMState`, 'Off', 3),
    Generation: machine.generation,
    MemoryStartup: machine.memoryBytes,
    ConfigurationLocation: pathOf(machine, 'configuration'),
    SnapshotFileLocation: pathOf(machine, 'checkpoint'),
    SmartPagingFilePath: pathOf(machine, 'paging'),
    IsClustered: machine.role !== null,
  });

/** The machines that -VM, -VMName or -Name mean. */
const chosen = (here: Here, parameters: Parameters): MachineState[] => {
  requireHyperV(here);
  const all = machinesHere(here);
  const named = parameters.has('VM')
    ? parameters.objects('VM').map((object) => scalar(object['Name']) ?? '')
    : [...(parameters.has('VMName') ? parameters.texts('VMName') : parameters.texts('Name'))];
  if (named.length === 0) return all;
  return named.flatMap((name) => {
    const found = all.filter((machine) => matches(name, machine.name));
    if (found.length === 0) throw refuse('vm.notFound', { name });
    return found;
  });
};

const switchObject = ({ server }: Here, { name, nics, hasHostNic }: SwitchState): CimObject => {
  const members = nics.flatMap((guid) => server.nics.find((nic) => nic.guid === guid) ?? []);
  return net(`${space}.VMSwitch`, {
    Name: name,
    SwitchType: enumeration(`${space}.VMSwitchType`, 'External', 2),
    AllowManagementOS: hasHostNic,
    EmbeddedTeamingEnabled: nics.length > 1,
    NetAdapterInterfaceGuid: members.map((nic) => nic.guid.slice(1, -1).toLowerCase()),
    NetAdapterInterfaceDescriptions: members.map((nic) => nic.description),
    ComputerName: server.computerName,
  });
};

/** Switches that the scenario began with are known by their NICs alone. */
const switchesOf = ({ server }: Here): SwitchState[] => {
  const known = server.switches ?? [];
  const members = (name: string) =>
    server.nics.filter((nic) => nic.membership.kind === 'switchMember' && nic.membership.switchName === name);
  const names = new Set(
    server.nics.flatMap((nic) => (nic.membership.kind === 'switchMember' ? [nic.membership.switchName] : [])),
  );
  return [
    ...known,
    ...[...names]
      .filter((name) => !known.some((one) => one.name === name))
      .map((name) => ({ name, nics: members(name).map((nic) => nic.guid), hasHostNic: true })),
  ];
};

const hostPort = (nic: NicState): CimObject[] =>
  nic.membership.kind === 'switchPort'
    ? [
        net(`${space}.VMInternalNetworkAdapter`, {
          Name: nic.membership.switchName,
          DeviceId: nic.guid,
          SwitchName: nic.membership.switchName,
          IsManagementOs: true,
          MacAddress: nic.mac.replace(/-/g, ''),
        }),
      ]
    : [];

const textIn = (parameters: Parameters, name: string): string => parameters.text(name) ?? '';

export const hyperVCmdlets: readonly Cmdlet[] = [
  reader('Get-VMSwitch', 'Name SwitchType', (look, parameters) => {
    const kinds = parameters.texts('SwitchType');
    if (kinds.length > 0 && !kinds.some((kind) => isSameName(kind, 'External'))) return [];
    const names = parameters.texts('Name');
    return switchesOf(look)
      .filter(({ name }) => names.length === 0 || names.some((one) => matches(one, name)))
      .map((one) => switchObject(look, one));
  }),
  changer('New-VMSwitch', 'Name NetAdapterName AllowManagementOS EnableEmbeddedTeaming', (change, parameters) => {
    const name = textIn(parameters, 'Name');
    machines.newSwitch(change, {
      name,
      nics: parameters.texts('NetAdapterName').map((one) => {
        const nic = change.server.nics.find((held) => isSameName(held.name, one));
        if (!nic) throw refuse('switch.failed', { name, reason: `there is no NIC ${one}` });
        return nic.guid;
      }),
      hostNic: parameters.boolean('AllowManagementOS') ?? true,
    });
    return switchesOf(change)
      .filter((one) => one.name === name)
      .map((one) => switchObject(change, one));
  }),
  reader('Get-VM', 'Name', (look, parameters) =>
    chosen(look, parameters).map((machine) => machineObject(look, machine)),
  ),
  reader('Get-VMHardDiskDrive', 'VM VMName', (look, parameters) =>
    chosen(look, parameters).flatMap((machine) => [
      ...machine.files
        .filter(({ kind }) => kind === 'disk')
        .map(({ path }) => net(`${space}.HardDiskDrive`, { VMName: machine.name, Path: path, DiskNumber: null })),
      ...machine.hostDevices.flatMap((text) => {
        const number = /^disk (\d+) of the host$/.exec(text)?.[1];
        return number === undefined
          ? []
          : [net(`${space}.HardDiskDrive`, { VMName: machine.name, Path: '', DiskNumber: Number(number) })];
      }),
    ]),
  ),
  reader('Get-VMDvdDrive', 'VM VMName', (look, parameters) =>
    chosen(look, parameters).flatMap((machine) =>
      machine.files
        .filter(({ kind }) => kind === 'dvd')
        .map(({ path }) => net(`${space}.DvdDrive`, { VMName: machine.name, Path: path })),
    ),
  ),
  reader('Get-VMFloppyDiskDrive', 'VM VMName', (look, parameters) =>
    chosen(look, parameters).flatMap((machine) =>
      machine.files
        .filter(({ kind }) => kind === 'floppy')
        .map(({ path }) => net(`${space}.VMFloppyDiskDrive`, { VMName: machine.name, Path: path })),
    ),
  ),
  reader('Get-VMProcessor', 'VM VMName', (look, parameters) =>
    chosen(look, parameters).map((machine) =>
      net(`${space}.VMProcessor`, {
        VMName: machine.name,
        CompatibilityForMigrationEnabled: machine.processorCompatibility === true,
      }),
    ),
  ),
  reader('Get-VMGpuPartitionAdapter', 'VM VMName', (look, parameters) =>
    chosen(look, parameters).flatMap((machine) =>
      machine.hostDevices
        .filter((text) => text === 'a partition of a graphics processor')
        .map(() => net(`${space}.VMGpuPartitionAdapter`, { VMName: machine.name })),
    ),
  ),
  reader('Get-VMAssignableDevice', 'VM VMName', (look, parameters) =>
    chosen(look, parameters).flatMap((machine) =>
      machine.hostDevices.flatMap((text) => {
        const path = /^the device (.+)$/.exec(text)?.[1];
        return path === undefined
          ? []
          : [net(`${space}.VMAssignedDevice`, { VMName: machine.name, LocationPath: path })];
      }),
    ),
  ),
  ...['Add-VMDvdDrive', 'Set-VMDvdDrive'].map((name) =>
    changer(name, 'VM VMName VMDvdDrive Path', (change, parameters) => {
      const names = parameters.has('VMDvdDrive')
        ? parameters.objects('VMDvdDrive').map((object) => scalar(object['VMName']) ?? '')
        : chosen(change, parameters).map((machine) => machine.name);
      for (const machine of machinesHere(change).filter((one) => names.includes(one.name)))
        machine.files = [
          ...machine.files.filter(({ kind }) => kind !== 'dvd'),
          { kind: 'dvd', path: textIn(parameters, 'Path') },
        ];
    }),
  ),
  reader('Get-VMNetworkAdapter', 'ManagementOS All Name VM VMName SwitchName', (look, parameters) =>
    parameters.boolean('ManagementOS') || parameters.boolean('All')
      ? look.server.nics.flatMap(hostPort)
      : chosen(look, parameters).flatMap((machine) =>
          machine.switches.map((name) =>
            net(`${space}.VMNetworkAdapter`, { VMName: machine.name, Name: 'Network Adapter', SwitchName: name }),
          ),
        ),
  ),
  changer(
    'New-VM',
    'Name Path Generation MemoryStartupBytes NewVHDPath NewVHDSizeBytes SwitchName',
    (change, parameters) => {
      const name = textIn(parameters, 'Name');
      machines.createMachine(change, {
        do: 'vm.create',
        name,
        folder: textIn(parameters, 'Path'),
        generation: parameters.number('Generation') === 1 ? 1 : 2,
        memoryBytes: parameters.number('MemoryStartupBytes') ?? 0,
        diskBytes: parameters.number('NewVHDSizeBytes') ?? 0,
        switch: parameters.text('SwitchName'),
      });
      return machinesHere(change)
        .filter((machine) => machine.name === name)
        .map((machine) => machineObject(change, machine));
    },
  ),
  changer('Set-VM', 'VM Name SnapshotFileLocation SmartPagingFilePath', (change, parameters) => {
    for (const machine of chosen(change, parameters))
      for (const [kind, name] of [
        ['checkpoint', 'SnapshotFileLocation'],
        ['paging', 'SmartPagingFilePath'],
      ] as const) {
        const path = parameters.text(name);
        const file = machine.files.find((one) => one.kind === kind);
        if (path !== null && file) file.path = path;
      }
  }),
  changer('Start-VM', 'Name VM', (change, parameters) => {
    for (const name of parameters.texts('Name')) machines.startMachine(change, name);
  }),
  changer('Stop-VM', 'Name VM TurnOff', (change, parameters) => {
    for (const name of parameters.texts('Name'))
      machines.stopMachine(change, name, parameters.boolean('TurnOff') ?? false);
  }),
  changer('Remove-VM', 'Name VM', (change, parameters) => {
    for (const name of parameters.texts('Name')) machines.removeMachine(change, name);
  }),
  reader('Get-Content', 'LiteralPath Raw Encoding', ({ server }, parameters) => [
    readClusterReport(server, parameters.text('LiteralPath') ?? ''),
  ]),
  reader('Test-Path', 'LiteralPath PathType', ({ world, server, used }, parameters) =>
    parameters.texts('LiteralPath').map((path) => {
      const share = /^\\\\([^\\]+)\\ADMIN\$$/i.exec(path);
      if (!share) return isPathThere({ world, server }, path);
      const outcome = rightsThere({ world, server, used }, share[1]!);
      if (outcome === 'denied') throw refuse('host.adminShare.denied', { server: share[1]! });
      return outcome === 'administrator';
    }),
  ),
];
