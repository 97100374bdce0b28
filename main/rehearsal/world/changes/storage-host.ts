import { letterOfPath } from '../../../../shared/model/storage-host.ts';
import { identityFromSerial, uniqueIdOf } from '../../store/identity.ts';
import { noReservations, toSnapshot } from '../../store/reservations.ts';
import { between, requireAdministrator, rest, type Change } from '../change.ts';
import { nextGuid, nextId } from '../random.ts';
import { refuse } from '../refusal.ts';
import type { TargetState, VirtualDiskState } from '../state.ts';
import { connectedTo, isStorageHost, storageHostStateOf, targetsOf, virtualDiskFiles } from '../storage-host-view.ts';
import { syncDisks } from './disks.ts';
import { isSameName } from '../../../../shared/model/names.ts';

/** What a dynamic VHDX without data takes on its volume [I]. */
const emptyDynamicBytes = 4n * 1024n * 1024n;

const requireRole = (change: Change): void => {
  requireAdministrator(change);
  const { server } = change;
  if (!isStorageHost(server))
    throw refuse('storageHost.role.missing', { node: server.computerName, state: 'is not installed' });
  if (server.services['WinTarget']?.state !== 'running')
    throw refuse('storageHost.service.stopped', { node: server.computerName, state: 'does not run' });
};

const fileAt = (change: Change, path: string): VirtualDiskState | undefined =>
  virtualDiskFiles(change.server).find((one) => isSameName(one.path, path));

const diskAt = (change: Change, path: string): VirtualDiskState => {
  requireRole(change);
  const found = fileAt(change, path);
  if (!found?.isOffered) throw refuse('storageHost.disk.notFound', { path });
  return found;
};

const targetNamed = (change: Change, name: string): TargetState => {
  requireRole(change);
  const found = targetsOf(change.world, change.server).find(({ alias }) => isSameName(alias ?? '', name));
  if (!found) throw refuse('storageHost.target.notFound', { name });
  return found;
};

/** Room on the volume of a path, or a refusal. */
const requireRoom = (change: Change, path: string, bytes: bigint): void => {
  const letter = letterOfPath(path);
  const volume = storageHostStateOf(change.world, change.server).volumes.find((one) => one.letter === letter);
  if (!volume) throw refuse('storageHost.disk.failed', { path, reason: `there is no volume ${letter ?? '?'}:` });
  if (BigInt(volume.freeBytes) < bytes)
    throw refuse('storageHost.disk.failed', { path, reason: 'there is not enough space on the disk (0x80070070)' });
};

/** The servers that are logged on notice by themselves that LUNs came, went or grew. */
const tellInitiators = (change: Change): void => {
  for (const server of Object.values(change.world.servers))
    if (server.power === 'on' && server.initiator.sessions.length > 0) syncDisks(change.world, server);
};

/** New-IscsiVirtualDisk. */
export const createDisk = (
  change: Change,
  {
    path,
    sizeBytes,
    isFixed,
    description,
  }: {
    readonly path: string;
    readonly sizeBytes: number;
    readonly isFixed: boolean;
    readonly description: string;
  },
): void => {
  requireRole(change);
  const { world, server } = change;
  if (fileAt(change, path)) throw refuse('storageHost.file.exists', { path });
  requireRoom(change, path, isFixed ? BigInt(sizeBytes) : emptyDynamicBytes);
  if (!isFixed) rest(change, 'storageHost.disk.dynamic');
  between(change);
  const id = `${server.name.toLowerCase()}-${nextId(world)}`;
  const serial = nextGuid(world).slice(1, -1).toUpperCase();
  world.luns[id] = {
    id,
    serial,
    uniqueId: uniqueIdOf(identityFromSerial(serial)),
    vendor: 'MSFT',
    product: 'Virtual HD',
    sizeBytes: String(sizeBytes),
    content: { style: 'raw', guid: null, signature: null, partitions: [], clustered: false },
    reservations: toSnapshot(noReservations),
  };
  (server.virtualDisks ??= []).push({
    path,
    lun: id,
    isFixed,
    description,
    isOffered: true,
    takenBytes: String(isFixed ? sizeBytes : emptyDynamicBytes),
  });
};

/** Resize-IscsiVirtualDisk. */
export const resizeDisk = (change: Change, path: string, sizeBytes: number): void => {
  const disk = diskAt(change, path);
  const lun = change.world.luns[disk.lun]!;
  const more = BigInt(sizeBytes) - BigInt(lun.sizeBytes);
  if (more < 0n) throw refuse('storageHost.disk.failed', { path, reason: 'partitions are in the room that would go' });
  requireRoom(change, path, disk.isFixed ? more : 0n);
  rest(change, 'storageHost.resize.online');
  lun.sizeBytes = String(sizeBytes);
  if (disk.isFixed) disk.takenBytes = String(sizeBytes);
  tellInitiators(change);
};

const showing = (change: Change, disk: VirtualDiskState): TargetState[] =>
  targetsOf(change.world, change.server).filter(({ luns }) => luns.some(({ lun }) => lun === disk.lun));

/** Remove-IscsiVirtualDisk. */
export const removeDisk = (change: Change, path: string): void => {
  const disk = diskAt(change, path);
  const [target] = showing(change, disk);
  if (target) throw refuse('storageHost.disk.mapped', { path, target: target.alias ?? target.name });
  rest(change, 'storageHost.remove.keepsFile');
  disk.isOffered = false;
};

/** Import-IscsiVirtualDisk. */
export const importDisk = (change: Change, path: string): void => {
  requireRole(change);
  const file = fileAt(change, path);
  if (!file) throw refuse('storageHost.disk.failed', { path, reason: 'there is no such file (0x80070002)' });
  file.isOffered = true;
};

/** Remove-Item on a file that is no virtual disk any longer. */
export const deleteFile = (change: Change, path: string): void => {
  requireAdministrator(change);
  const { server, world } = change;
  const file = fileAt(change, path);
  if (!file) return;
  if (file.isOffered) throw refuse('storageHost.file.inUse', { path });
  delete world.luns[file.lun];
  server.virtualDisks = virtualDiskFiles(server).filter((one) => one !== file);
};

/** New-IscsiServerTarget. */
export const createTarget = (change: Change, name: string, initiators: readonly string[]): void => {
  requireRole(change);
  const { world, server } = change;
  if (targetsOf(world, server).some(({ alias }) => isSameName(alias ?? '', name)))
    throw refuse('storageHost.target.failed', { name, reason: 'there is a target of this name' });
  rest(change, 'storageHost.target.iqn');
  const iqn = `iqn.1991-05.com.microsoft:${server.computerName}-${name}-target`.toLowerCase();
  world.targets[iqn] = {
    name: iqn,
    host: server.name,
    alias: name,
    portals: [],
    admits: [...initiators],
    chap: null,
    mutual: null,
    luns: [],
  };
};

/** Set-IscsiServerTarget -InitiatorIds. */
export const setInitiators = (change: Change, name: string, initiators: readonly string[]): void => {
  targetNamed(change, name).admits = [...initiators];
};

interface Chap {
  readonly userName: string;
  readonly secret: string;
}

/** Set-IscsiServerTarget -Chap and -ReverseChap. */
export const setChap = (change: Change, name: string, chap: Chap | null, reverse: Chap | null): void => {
  const target = targetNamed(change, name);
  for (const one of [chap, reverse])
    if (one && (one.secret.length < 12 || one.secret.length > 16))
      throw refuse('storageHost.secret.length', { name, bytes: one.secret.length });
  target.chap = chap;
  target.mutual = reverse;
};

const requireUnused = (change: Change, target: TargetState): void => {
  const connected = [...new Set(connectedTo(change.world, target))];
  if (connected.length > 0)
    throw refuse('storageHost.connected', { target: target.alias ?? target.name, initiators: connected.join(', ') });
};

/** Remove-IscsiServerTarget, after the script has looked who is logged on. */
export const removeTarget = (change: Change, name: string): void => {
  const target = targetNamed(change, name);
  requireUnused(change, target);
  delete change.world.targets[target.name];
};

/** Add-IscsiVirtualDiskTargetMapping; `lun` null: the next free number. */
export const mapDisk = (change: Change, name: string, path: string, lun: number | null): void => {
  const target = targetNamed(change, name);
  const disk = diskAt(change, path);
  if (target.luns.some((one) => one.lun === disk.lun)) throw refuse('storageHost.mapping.twice', { name, path });
  if (target.luns.some(({ number }) => number === lun))
    throw refuse('storageHost.mapping.failed', { name, path, reason: `LUN ${lun} is taken` });
  const taken = new Set(target.luns.map(({ number }) => number));
  let number = lun ?? 0;
  while (lun === null && taken.has(number)) number++;
  target.luns.push({ number, lun: disk.lun });
  tellInitiators(change);
};

/** Remove-IscsiVirtualDiskTargetMapping, after the script has looked who is logged on. */
export const unmapDisk = (change: Change, name: string, path: string): void => {
  const target = targetNamed(change, name);
  const disk = diskAt(change, path);
  requireUnused(change, target);
  target.luns = target.luns.filter(({ lun }) => lun !== disk.lun);
};
