import * as host from '../changes/storage-host.ts';
import { refuse } from '../refusal.ts';
import { targetsOf, virtualDiskFiles } from '../storage-host-view.ts';
import type { Change } from '../change.ts';
import type { EffectGiven, EffectsOf } from './effect.ts';
import { isSameName } from '../../../../shared/model/names.ts';

/** What a target shows of a file, as the script reads it before it adds or takes away. */
const shownAt = (change: Change, name: string, path: string): number | null => {
  const file = virtualDiskFiles(change.server).find((one) => isSameName(one.path, path));
  const target = targetsOf(change.world, change.server).find(({ alias }) => isSameName(alias ?? '', name));
  return target?.luns.find(({ lun }) => lun === file?.lun)?.number ?? null;
};

const withSecret = (
  named: { readonly userName: string; readonly secretName: string } | null,
  { secret }: EffectGiven,
): { readonly userName: string; readonly secret: string } | null =>
  named && { userName: named.userName, secret: secret(named.secretName) };

/** What each change of a storage host does. */
export const storageHostEffects: EffectsOf<'storageHost'> = {
  'storageHost.createDisk': (change, input) => host.createDisk(change, input),
  'storageHost.extendDisk': (change, { path, sizeBytes }) => host.resizeDisk(change, path, sizeBytes),
  'storageHost.removeDisk': (change, { path }) => host.removeDisk(change, path),
  'storageHost.importDisk': (change, { path }) => host.importDisk(change, path),
  'storageHost.deleteFile': (change, { path }) => host.deleteFile(change, path),
  'storageHost.createTarget': (change, { name, initiators }) => host.createTarget(change, name, initiators),
  'storageHost.setInitiators': (change, { name, initiators }) => host.setInitiators(change, name, initiators),
  'storageHost.setChap': (change, { name, chap, reverse }, given) =>
    host.setChap(change, name, withSecret(chap, given), withSecret(reverse, given)),
  'storageHost.removeTarget': (change, { name }) => host.removeTarget(change, name),
  'storageHost.mapDisk': (change, { name, path, lun }) => {
    const shown = shownAt(change, name, path);
    if (shown === null) return host.mapDisk(change, name, path, lun);
    if (lun !== null && lun !== shown)
      throw refuse('storageHost.mapping.failed', { name, path, reason: `it is LUN ${shown} there` });
  },
  'storageHost.unmapDisk': (change, { name, path }) => {
    if (shownAt(change, name, path) !== null) host.unmapDisk(change, name, path);
  },
};
