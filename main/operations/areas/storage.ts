import { planStorage } from '../../../shared/plan/disk/plan-disk.ts';
import type { StorageObserved } from '../../../shared/plan/observed.ts';
import { readNode, readPart, reasons } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeStorage = async (server: Server, signal?: AbortSignal): Promise<StorageObserved> => {
  const options = signal ? { signal } : {};
  const { disks } = server.ports;
  const [node, list, letters, policy] = await Promise.all([
    readNode(server, signal),
    disks.list(options),
    readPart(() => disks.listLetters(options)),
    readPart(() => disks.readPolicy(options)),
  ]);
  return {
    node,
    disks: list,
    letters: letters.value,
    policy: policy.value,
    unread: reasons({ letters, policy }),
  };
};

export const storageArea: AreaEntry<'storage'> = {
  observe: observeStorage,
  plan: (desire, observed, { answers, ownPartitions }) => planStorage(desire, observed, answers, ownPartitions),
};
