import * as host from '../../../main/rehearsal/world/changes/storage-host.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import { isStorageHost, storageHostStateOf } from '../../../main/rehearsal/world/storage-host-view.ts';
import type { StorageTarget, VirtualDisk } from '../../../shared/model/storage-host.ts';
import { changer, enumeration, net, reader, type CimObject, type Cmdlet, type Look, type Parameters } from './cim.ts';

/* The module IscsiTarget, and the files that its virtual disks lie in. */

const space = 'Microsoft.Iscsi.Target.Commands';
type Here = Pick<Look, 'world' | 'server'>;

const stateOf = ({ world, server }: Here) => {
  if (!isStorageHost(server))
    throw refuse('storageHost.role.missing', { node: server.computerName, state: 'is not installed' });
  return storageHostStateOf(world, server);
};

const diskObject = (disk: VirtualDisk): CimObject =>
  net(`${space}.IscsiVirtualDisk`, {
    ClusterGroupName: '',
    ComputerName: '',
    Description: disk.description,
    DiskType:
      disk.kind === 'fixed'
        ? enumeration(`${space}.VirtualDiskType`, 'Fixed', 2)
        : enumeration(`${space}.VirtualDiskType`, 'Dynamic', 3),
    Enabled: disk.isEnabled,
    OriginalPath: '',
    ParentPath: '',
    Path: disk.path,
    SerialNumber: disk.serialNumber,
    Size: BigInt(disk.sizeBytes),
    Status: enumeration(`${space}.VirtualDiskStatus`, 'NotConnected', 1),
  });

const targetObject = (target: StorageTarget): CimObject =>
  net(`${space}.IscsiServerTarget`, {
    TargetName: target.name,
    TargetIqn: target.iqn,
    Enabled: target.isEnabled,
    EnableChap: target.chap !== null,
    ChapUserName: target.chap?.userName ?? '',
    EnableReverseChap: target.reverseChap !== null,
    ReverseChapUserName: target.reverseChap?.userName ?? '',
    InitiatorIds: target.initiators.map(({ method, value }) => `${method.toUpperCase()}:${value}`),
    LunMappings: target.mappings.map(({ lun, path }) =>
      net(`${space}.LunMapping`, { TargetName: target.name, Path: path, Lun: lun }),
    ),
    Sessions: target.connected.map((name) => net(`${space}.IscsiSession`, { InitiatorIQN: name })),
    Status:
      target.connected.length > 0
        ? enumeration(`${space}.TargetStatus`, 'Connected', 2)
        : enumeration(`${space}.TargetStatus`, 'NotConnected', 1),
  });

const textIn = (parameters: Parameters, name: string): string => parameters.text(name) ?? '';

/** The IQNs of `IQN:name` texts; the model knows no other method. */
const namesIn = (parameters: Parameters): string[] =>
  parameters.texts('InitiatorIds').map((text) => text.replace(/^IQN:/i, ''));

const chapIn = (parameters: Parameters, name: string): { userName: string; secret: string } | null => {
  const [object] = parameters.objects(name);
  const field = (key: string): string => {
    const value = object?.[key];
    return typeof value === 'string' ? value : '';
  };
  return object ? { userName: field('userName'), secret: field('password') } : null;
};

export const iscsiTargetCmdlets: readonly Cmdlet[] = [
  reader('Get-IscsiTargetServerSetting', '', (look) => [
    net(`${space}.IscsiTargetServerSetting`, {
      ComputerName: look.server.computerName,
      Version: '10.0',
      Portals: stateOf(look).portals.map(({ address, port, isEnabled }) =>
        net(`${space}.IscsiTargetPortal`, {
          IPEndpoint: net('System.Net.IPEndPoint', { Address: address, Port: port }),
          Enabled: isEnabled,
        }),
      ),
    }),
  ]),
  reader('Get-IscsiVirtualDisk', 'Path TargetName', (look) => stateOf(look).disks.map(diskObject)),
  reader('Get-IscsiServerTarget', 'TargetName Path', (look) => stateOf(look).targets.map(targetObject)),
  changer('New-IscsiVirtualDisk', 'Path SizeBytes Description UseFixed', (change, parameters) => {
    const path = textIn(parameters, 'Path');
    host.createDisk(change, {
      path,
      sizeBytes: parameters.number('SizeBytes') ?? 0,
      isFixed: parameters.boolean('UseFixed') ?? false,
      description: textIn(parameters, 'Description'),
    });
    return stateOf(change)
      .disks.filter((disk) => disk.path === path)
      .map(diskObject);
  }),
  changer('Resize-IscsiVirtualDisk', 'Path SizeBytes', (change, parameters) =>
    host.resizeDisk(change, textIn(parameters, 'Path'), parameters.number('SizeBytes') ?? 0),
  ),
  changer('Remove-IscsiVirtualDisk', 'Path', (change, parameters) =>
    host.removeDisk(change, textIn(parameters, 'Path')),
  ),
  changer('Import-IscsiVirtualDisk', 'Path Description', (change, parameters) =>
    host.importDisk(change, textIn(parameters, 'Path')),
  ),
  changer('New-IscsiServerTarget', 'TargetName InitiatorIds', (change, parameters) => {
    const name = textIn(parameters, 'TargetName');
    host.createTarget(change, name, namesIn(parameters));
    return stateOf(change)
      .targets.filter((target) => target.name === name)
      .map(targetObject);
  }),
  changer(
    'Set-IscsiServerTarget',
    'TargetName InitiatorIds EnableChap Chap EnableReverseChap ReverseChap',
    (change, parameters) => {
      const name = textIn(parameters, 'TargetName');
      if (parameters.has('InitiatorIds')) host.setInitiators(change, name, namesIn(parameters));
      if (parameters.has('EnableChap'))
        host.setChap(change, name, chapIn(parameters, 'Chap'), chapIn(parameters, 'ReverseChap'));
    },
  ),
  changer('Remove-IscsiServerTarget', 'TargetName', (change, parameters) =>
    host.removeTarget(change, textIn(parameters, 'TargetName')),
  ),
  changer('Add-IscsiVirtualDiskTargetMapping', 'TargetName Path Lun', (change, parameters) =>
    host.mapDisk(change, textIn(parameters, 'TargetName'), textIn(parameters, 'Path'), parameters.number('Lun')),
  ),
  changer('Remove-IscsiVirtualDiskTargetMapping', 'TargetName Path', (change, parameters) =>
    host.unmapDisk(change, textIn(parameters, 'TargetName'), textIn(parameters, 'Path')),
  ),
  reader('Get-ChildItem', 'Path Filter File Recurse Depth', ({ server }, parameters) => {
    const letter = textIn(parameters, 'Path').slice(0, 1).toUpperCase();
    return (server.virtualDisks ?? [])
      .filter(({ path }) => path.slice(0, 1).toUpperCase() === letter)
      .map(({ path, takenBytes }) => net('System.IO.FileInfo', { FullName: path, Length: BigInt(takenBytes) }));
  }),
  // Folders are no state of the model: a virtual disk is at its path, wherever that is.
  changer('New-Item', 'Path ItemType', () => []),
  changer('Remove-Item', 'LiteralPath', (change, parameters) =>
    host.deleteFile(change, textIn(parameters, 'LiteralPath')),
  ),
];
