import * as z from 'zod';
import { unreadSchema } from './observed.ts';
import { isSameName } from './names.ts';

/** `VirtualHardDiskType` of a virtual disk; a differencing disk and what a later Windows adds are `other`. */
export const virtualDiskKinds = ['fixed', 'dynamic', 'other'] as const;

/** A file that iSCSI Target Server offers as a LUN (Get-IscsiVirtualDisk). */
export const virtualDiskSchema = z.object({
  /** The whole path of the `.vhdx` (or `.vhd`) file. It is the disk's name for every cmdlet. */
  path: z.string(),
  sizeBytes: z.string(),
  kind: z.enum(virtualDiskKinds),
  /** Null: this Windows does not tell. */
  isEnabled: z.boolean().nullable(),
  description: z.string(),
  /** What initiators read as the LUN's serial number [I]; null: not told. */
  serialNumber: z.string().nullable(),
});
export type VirtualDisk = z.infer<typeof virtualDiskSchema>;

/** How an initiator is named in a target's list: `InitiatorIds` has the form `METHOD:VALUE`. */
export const initiatorIdMethods = ['iqn', 'dnsName', 'ipAddress', 'ipv6Address', 'macAddress', 'other'] as const;
export const initiatorIdSchema = z.object({ method: z.enum(initiatorIdMethods), value: z.string() });
export type InitiatorId = z.infer<typeof initiatorIdSchema>;

/** A target of iSCSI Target Server (Get-IscsiServerTarget). */
export const storageTargetSchema = z.object({
  /** The short name by which the cmdlets know it; initiators know the IQN. */
  name: z.string(),
  iqn: z.string(),
  isEnabled: z.boolean().nullable(),
  /** Who may log on; empty: nobody. */
  initiators: z.array(initiatorIdSchema),
  /** Null: logons need no CHAP. Secrets cannot be read. */
  chap: z.object({ userName: z.string() }).nullable(),
  /** Null: the target does not prove itself. */
  reverseChap: z.object({ userName: z.string() }).nullable(),
  mappings: z.array(z.object({ lun: z.number().int(), path: z.string() })),
  /** Names of the initiators that are logged on; one for each session. */
  connected: z.array(z.string()),
});
export type StorageTarget = z.infer<typeof storageTargetSchema>;

/** A volume with a letter that virtual disks can lie on. */
export const hostVolumeSchema = z.object({
  letter: z.string(),
  label: z.string(),
  fileSystem: z.string(),
  sizeBytes: z.string(),
  freeBytes: z.string(),
});

export const storageHostStateSchema = z.object({
  /** The service WinTarget; `absent`: the role iSCSI Target Server is not installed. Only `running` tells anything else. */
  service: z.enum(['running', 'stopped', 'absent']),
  /** Where it listens; an address that is not enabled answers nobody. */
  portals: z.array(z.object({ address: z.string(), port: z.number().int(), isEnabled: z.boolean() })),
  disks: z.array(virtualDiskSchema),
  targets: z.array(storageTargetSchema),
  volumes: z.array(hostVolumeSchema),
  /** `.vhdx` files up to two folders deep on those volumes that are no virtual disk: what could be imported. */
  files: z.array(z.object({ path: z.string(), sizeBytes: z.string() })),
  unread: z.array(unreadSchema),
});
export type StorageHostState = z.infer<typeof storageHostStateSchema>;

/** The port of iSCSI (RFC 7143, section 4.2.2.3), where iSCSI Target Server listens unless it was told otherwise. */
export const iscsiPort = 3260;

/** A witness disk of less is refused by Failover Clustering. */
export const leastWitnessBytes = 512 * 1024 * 1024;

export const virtualDiskAt = ({ disks }: StorageHostState, path: string): VirtualDisk | undefined =>
  disks.find((disk) => isSameName(disk.path, path));

export const storageTargetNamed = ({ targets }: StorageHostState, name: string): StorageTarget | undefined =>
  targets.find((target) => isSameName(target.name, name) || isSameName(target.iqn, name));

/** The targets that show a virtual disk. */
export const targetsShowing = ({ targets }: StorageHostState, path: string): readonly StorageTarget[] =>
  targets.filter(({ mappings }) => mappings.some((mapping) => isSameName(mapping.path, path)));

export const mappingOf = ({ mappings }: StorageTarget, path: string): StorageTarget['mappings'][number] | undefined =>
  mappings.find((mapping) => isSameName(mapping.path, path));

/** The name of the file alone, which a person types before it is lost. */
export const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);

export const letterOfPath = (path: string): string | null => /^([A-Za-z]):\\/.exec(path)?.[1]?.toUpperCase() ?? null;

/** The IQNs that a target admits; null where it admits somebody by another method, who is in no such list. */
export const admittedNames = ({ initiators }: StorageTarget): readonly string[] | null =>
  initiators.every(({ method }) => method === 'iqn') ? initiators.map(({ value }) => value) : null;
