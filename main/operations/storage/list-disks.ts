import type { StorageView } from '../../../shared/contract/disk.ts';
import { isOnSharedBus, judgeContent } from '../../../shared/model/disk.ts';
import { toJson } from '../../../shared/model/quantity.ts';
import { contentText } from '../../../shared/plan/disk/words.ts';
import { disksStanding, standingOfDisk, volumeName } from '../../../shared/plan/standing/storage.ts';
import { viewOf } from '../host/read-host.ts';
import { inLane } from '../plans/lane.ts';
import { observeStorage } from '../areas/storage.ts';
import type { Server } from '../plans/server.ts';

const preparedOf = (standing: ReturnType<typeof standingOfDisk>): StorageView['disks'][number]['prepared'] =>
  standing.kind === 'ready'
    ? { name: volumeName(standing), isOffline: standing.isOffline }
    : standing.kind === 'inCluster'
      ? { name: 'Disk of the cluster', isOffline: false }
      : null;

/** Every disk with what is on it and whether other servers may reach it. */
export const listDisks = async (server: Server, signal?: AbortSignal): Promise<StorageView> => {
  const observed = await observeStorage(server, signal);
  return {
    server: viewOf(server, observed.node),
    disks: observed.disks.map((disk) => {
      const content = judgeContent(disk);
      return {
        ...toJson(disk),
        content: { kind: content.kind, text: contentText(content) },
        isShared: isOnSharedBus(disk),
        prepared: preparedOf(standingOfDisk(disk, observed)),
      };
    }),
    letters: observed.letters === null ? null : [...observed.letters],
    policy: observed.policy,
    standing: disksStanding(observed),
    unread: Object.entries(observed.unread).map(([property, because]) => ({ property, because })),
    readAt: server.now().toISOString(),
  };
};

/** Looks for disks that came or went, then lists them. */
export const rescanDisks = (server: Server, signal: AbortSignal): Promise<StorageView> =>
  inLane(server, 'Rescan the disks', async () => {
    await server.ports.disks.rescan({ signal });
    return listDisks(server, signal);
  });
