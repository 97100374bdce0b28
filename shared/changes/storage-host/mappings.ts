import * as z from 'zod';
import { fileNameOf, mappingOf, storageTargetNamed } from '../../model/storage-host.ts';
import { judge, no, refuseDifferent, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import {
  diskPathSchema,
  judgeStorageHost,
  refuseWhileConnected,
  refuseWithoutRole,
  storageHostLock,
  storageHostTool,
  targetNameSchema,
} from './storage-host.ts';
import { judgeTarget } from './targets.ts';

const mapSchema = z.object({
  do: z.literal('storageHost.mapDisk'),
  name: targetNameSchema,
  path: diskPathSchema,
  /** The LUN's number, 0 to 255; null: the next free one. */
  lun: z.number().int().min(0).max(255).nullable().default(null),
});

/**
 * Add-IscsiVirtualDiskTargetMapping. Windows refuses a disk that the target shows already, so the mappings are read first. Throws
 * `STORAGE_HOST_LUN_TAKEN`, `STORAGE_HOST_TARGET_NOT_FOUND`, `STORAGE_HOST_DISK_NOT_FOUND`, `STORAGE_HOST_MAPPING_FAILED`.
 */
export const mapDisk: ChangeKind<typeof mapSchema, 'storageHost'> = {
  schema: mapSchema,
  area: 'storageHost',
  script: 'Add-StorageHostMapping',
  parameters: ({ name, path, lun }) => ({ name, path, lun: lun ?? -1 }),
  subject: ({ name, path }) => [name, path],
  locks: storageHostLock,
  words: ({ name, path, lun }) => ({
    title: `Assign ${path} to the target ${name}${lun === null ? '' : ` as LUN ${lun}`}`,
    why: 'The target does not show it. The servers see it after "quorate disk rescan".',
    manual: `${storageHostTool}: the virtual disk, Assign iSCSI Virtual Disk.`,
  }),
  refusal: ({ name, path, lun }, observed) => {
    const without = refuseWithoutRole(observed);
    if (without) return without;
    const target = storageTargetNamed(observed.state, name);
    const shown = target && mappingOf(target, path);
    if (shown && lun !== null)
      return refuseDifferent(
        `${shown.path} of the target ${name}`,
        [shown.lun !== lun && `it is LUN ${shown.lun}, not ${lun}`],
        'Remove it from the target first ("quorate storage-host unmap"), while no server uses it.',
      );
    const other = lun === null ? undefined : target?.mappings.find((mapping) => mapping.lun === lun);
    return other && target && !shown
      ? { code: 'STORAGE_HOST_LUN_TAKEN', detail: { target: target.name, lun: other.lun, path: other.path } }
      : null;
  },
  undo: ({ name, path }) => ({
    text: 'Removes it from the target.',
    changes: [{ do: 'storageHost.unmapDisk', name, path }],
  }),
  done: ({ name, path, lun }, observed) =>
    judgeTarget(observed, name, (target) => {
      const found = mappingOf(target, path);
      if (!found) return no(`${target.name} does not show ${path}`);
      return judge(lun === null || found.lun === lun, `${target.name} shows ${found.path} as LUN ${found.lun}`);
    }),
};

const unmapSchema = z.object({
  do: z.literal('storageHost.unmapDisk'),
  name: targetNameSchema,
  path: diskPathSchema,
});

/** Remove-IscsiVirtualDiskTargetMapping. Throws `STORAGE_HOST_CONNECTED`, `STORAGE_HOST_MAPPING_FAILED`. */
export const unmapDisk: ChangeKind<typeof unmapSchema, 'storageHost'> = {
  schema: unmapSchema,
  area: 'storageHost',
  script: 'Remove-StorageHostMapping',
  subject: ({ name, path }) => [name, path],
  locks: storageHostLock,
  words: ({ name, path }, { state }) => {
    const target = storageTargetNamed(state, name);
    const found = target && mappingOf(target, path);
    return {
      title: `Remove ${path} from the target ${name}`,
      why: `It is ${found ? `LUN ${found.lun}` : 'shown'} there. The virtual disk stays.`,
      manual: `${storageHostTool}: the target, Properties, Virtual Disks.`,
    };
  },
  refusal: ({ name }, observed) => {
    const target = storageTargetNamed(observed.state, name);
    return refuseWithoutRole(observed) ?? (target ? refuseWhileConnected([target]) : null);
  },
  confirmation: ({ name, path }) => ({
    subject: fileNameOf(path),
    text: `Remove ${path} from the target ${name}? Its initiators lose the disk.`,
  }),
  undo: ({ name, path }, { state }) => {
    const target = storageTargetNamed(state, name);
    const found = target && mappingOf(target, path);
    return found
      ? {
          text: `Assigns it as LUN ${found.lun} again.`,
          changes: [{ do: 'storageHost.mapDisk', name, path, lun: found.lun }],
        }
      : null;
  },
  done: ({ name, path }, observed) =>
    judgeStorageHost(
      observed,
      () => {
        const target = storageTargetNamed(observed.state, name);
        const found = target && mappingOf(target, path);
        return judge(!found, found ? `${name} shows it as LUN ${found.lun}` : `${name} does not show ${path}`);
      },
      yes,
    ),
};
