import { Failure } from '../../../shared/errors/failure.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import { resolveRoles } from '../../../shared/plan/nic/roles.ts';
import type {
  ClusterObserved,
  HostObserved,
  InitiatorObserved,
  MachinesObserved,
  NetworkObserved,
  Observed,
  RolesObserved,
  StorageHostObserved,
  StorageObserved,
} from '../../../shared/plan/observed.ts';
import type { Server } from './server.ts';

/** A part that was read, or why it was not. Only failures count: a bug and a cancellation go on. */
export type Read<T> =
  | { readonly value: T; readonly because: null }
  | { readonly value: null; readonly because: string };

/** Reads one part of many: its failure makes that part unknown and leaves the others. */
export const readPart = async <T>(read: () => Promise<T>): Promise<Read<T>> => {
  try {
    return { value: await read(), because: null };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'CANCELLED' || error.code === 'INTERNAL_BUG') throw error;
    return { value: null, because: `${error.message} [${error.code}]` };
  }
};

/** The reasons of the parts that were not read, by their names. */
export const reasons = (parts: Readonly<Record<string, Read<unknown>>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, part]) => (part.because === null ? [] : [[name, part.because]])),
  );

export const observeHost = async ({ ports }: Server, signal?: AbortSignal): Promise<HostObserved> => {
  const options = signal ? { signal } : {};
  const [facts, pendingRestart, time, resumes] = await Promise.all([
    ports.host.readState(options),
    readPart(() => ports.host.readPendingRestart(options)),
    readPart(() => ports.host.readTimeSource(options)),
    readPart(() => ports.host.readResumes(options)),
  ]);
  return {
    facts,
    pendingRestart: pendingRestart.value,
    time: time.value,
    resumes: resumes.value,
    unread: reasons({ pendingRestart, time, resumes }),
  };
};

/** The computer name, for texts. */
export const readNode = async ({ ports }: Server, signal?: AbortSignal): Promise<string> =>
  (await ports.host.readState(signal ? { signal } : {})).computerName;

export const observeNetwork = async (server: Server, signal?: AbortSignal): Promise<NetworkObserved> => {
  const options = signal ? { signal } : {};
  const [node, nics, sessions] = await Promise.all([
    readNode(server, signal),
    server.ports.nics.list(options),
    readPart(() => server.ports.nics.readRemoteSessions(options)),
  ]);
  const { roles } = resolveRoles(server.settings.read().roles, nics);
  return { node, nics, roles, remoteSessions: sessions.value, probes: new Map() };
};

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

export const observeRoles = async (server: Server, signal?: AbortSignal): Promise<RolesObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.roles.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const observeCluster = async (server: Server, signal?: AbortSignal): Promise<ClusterObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.cluster.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const observeMachines = async (server: Server, signal?: AbortSignal): Promise<MachinesObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.machines.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const observeStorageHost = async (server: Server, signal?: AbortSignal): Promise<StorageHostObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.storageHost.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

/** Reads the parts of a server that judge whether a step is done. */
export const observeArea = async (server: Server, area: Area, signal?: AbortSignal): Promise<Observed> => {
  switch (area) {
    case 'host':
      return { host: await observeHost(server, signal) };
    case 'network':
      return { network: await observeNetwork(server, signal) };
    case 'initiator':
      return { initiator: await observeInitiator(server, signal) };
    case 'storage':
      return { storage: await observeStorage(server, signal) };
    case 'roles':
      return { roles: await observeRoles(server, signal) };
    case 'cluster':
      return { cluster: await observeCluster(server, signal) };
    case 'vms':
      return { vms: await observeMachines(server, signal) };
    case 'storageHost':
      return { storageHost: await observeStorageHost(server, signal) };
  }
};
