import { planInitiator } from '../../../shared/plan/initiator/plan-initiator.ts';
import { resolveRoles } from '../../../shared/plan/nic/roles.ts';
import type { InitiatorObserved } from '../../../shared/plan/observed.ts';
import { readNode, readPart } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeInitiator = async (server: Server, signal?: AbortSignal): Promise<InitiatorObserved> => {
  const options = signal ? { signal } : {};
  const { ports } = server;
  const [node, state, mpio, nics, disks] = await Promise.all([
    readNode(server, signal),
    ports.initiator.readState(options),
    readPart(() => ports.mpio.readState(options)),
    readPart(() => ports.nics.list(options)),
    readPart(() => ports.disks.list(options)),
  ]);
  const settings = server.settings.read();
  return {
    node,
    state,
    mpio: mpio.value,
    mpioUnread: mpio.because,
    nics: nics.value,
    roles: nics.value ? resolveRoles(settings.roles, nics.value).roles : new Map(),
    iscsiVolumes:
      disks.value === null
        ? null
        : disks.value
            .filter((disk) => disk.busType === 'iscsi' && !disk.isOffline)
            .flatMap((disk) => disk.partitions ?? [])
            .flatMap((partition) =>
              partition.volume ? [{ path: partition.volume.path, driveLetter: partition.driveLetter }] : [],
            ),
    wantedPaths: settings.paths,
  };
};

export const initiatorArea: AreaEntry<'initiator'> = {
  observe: observeInitiator,
  plan: (desire, observed, { secrets }) => planInitiator(desire, observed, secrets),
};
