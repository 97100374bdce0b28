import type { Change } from '../../changes/index.ts';
import type { ClusterFile, ClusterFileStorageHost } from '../../model/cluster-file.ts';
import { bytesOfDisk, nodeInitiatorName, pathOfDisk } from '../../model/cluster-file-storage-host.ts';
import type { OfferedDisk } from '../../model/formation.ts';
import { featureStateOf } from '../../model/roles.ts';
import {
  storageTargetNamed,
  virtualDiskAt,
  type StorageHostState,
  type StorageTarget,
} from '../../model/storage-host.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import { storageDesireSchema, type StorageDesire } from '../disk/desire.ts';
import { planStorage } from '../disk/plan-disk.ts';
import { planListed } from '../listed/plan-listed.ts';
import type { StorageHostObserved, StorageObserved } from '../observed.ts';
import { refusalOf } from './refusal.ts';
import type { Phase, PhaseDraft, ServerInput } from './phase.ts';
import { findDisk, secretNames } from './wants.ts';
import { isSameName } from '../../model/names.ts';

/*
 * The third machine of the procedure, where there is no target yet: the role, a volume, the disks, and a target that admits the nodes
 * and nobody else. It is planned by that machine itself, like everything else.
 */

const role = 'FS-iSCSITarget-Server';

const hostOf = ({ file }: ServerInput): ClusterFileStorageHost => file.storageHost!;
const observedOf = ({ observed, server }: ServerInput): StorageHostObserved => ({
  ...observed.storageHost!,
  node: server.name,
});

const roleDraft = ({ observed, server, answers }: ServerInput): Draft => {
  const builder = new DraftBuilder(server.name, `Install iSCSI Target Server on ${server.name}`, answers);
  const roles = { ...observed.roles!, node: server.name };
  if (featureStateOf(roles.state, role) !== 'installed')
    builder.change({ do: 'roles.install', features: [role], source: null }, roles);
  return builder.build();
};

const wantedVolume = ({ volume }: ClusterFileStorageHost, storage: StorageObserved): StorageDesire => {
  const [disk] = volume ? findDisk(storage.disks, volume.serial) : [];
  return storageDesireSchema.parse({
    disks:
      volume && disk?.uniqueId
        ? [
            {
              disk: disk.uniqueId,
              online: true,
              writable: true,
              volume: { fileSystem: 'NTFS', label: volume.label, driveLetter: volume.letter },
              discardContent: volume.discardContent,
            },
          ]
        : [],
  });
};

const volumeUnknowns = (host: ClusterFileStorageHost, storage: StorageObserved): PhaseDraft['unknowns'] => {
  const { volume, server } = host;
  if (!volume) return [];
  const found = findDisk(storage.disks, volume.serial).length;
  return found === 1
    ? []
    : [
        {
          what: `the local disk with the serial number ${volume.serial} on ${server.name}`,
          because: found === 0 ? 'Windows shows no such disk' : `Windows shows it ${found} times`,
          next: `Look at "quorate disk list" on ${server.name}, and correct storageHost.volume.serial.`,
        },
      ];
};

/** Role and volume. Nothing is written to a disk that a node might reach before every node has answered for itself. */
const targetServer: Phase = {
  name: 'targetServer',
  stage: 'storage',
  on: 'storageHost',
  isBarrier: true,
  needsStorageHost: true,
  areas: ['roles', 'storage'],
  plan: (input) => {
    const storage = { ...input.observed.storage!, node: input.server.name };
    const desire = wantedVolume(hostOf(input), storage);
    return {
      unknowns: volumeUnknowns(hostOf(input), storage) ?? [],
      drafts: [
        roleDraft(input),
        ...(desire.disks.length > 0 ? [planStorage(desire, storage, input.answers, input.ownPartitions)] : []),
      ],
    };
  },
};

const diskChanges = (host: ClusterFileStorageHost, state: StorageHostState): Change[] =>
  host.disks.map((disk): Change => {
    const path = pathOfDisk(host, disk);
    const sizeBytes = bytesOfDisk(disk);
    const found = virtualDiskAt(state, path);
    return found && (found.kind === 'fixed') === disk.fixed
      ? { do: 'storageHost.extendDisk', path, sizeBytes }
      : {
          do: 'storageHost.createDisk',
          path,
          sizeBytes,
          isFixed: disk.fixed,
          description: `${disk.purpose} of a cluster`,
        };
  });

/** What the service will show once the role is there: nothing yet, and a volume with room. */
const assumeService = (input: ServerInput): ServerInput => {
  const host = hostOf(input);
  const state = input.observed.storageHost?.state;
  if (state?.service === 'running' && state.volumes.length > 0) return input;
  const letter = pathOfDisk(host, { name: 'x' }).slice(0, 1).toUpperCase();
  const bytes = String(host.disks.reduce((sum, disk) => sum + BigInt(bytesOfDisk(disk)), 0n));
  const volumes = [
    ...(state?.volumes ?? []).filter((one) => one.letter !== letter),
    { letter, label: '', fileSystem: 'NTFS', sizeBytes: bytes, freeBytes: bytes },
  ];
  const nothing = { portals: [], disks: [], targets: [], files: [], unread: [] };
  return {
    ...input,
    observed: {
      ...input.observed,
      storageHost: {
        node: input.server.name,
        state: { ...(state?.service === 'running' ? state : nothing), service: 'running', volumes },
      },
    },
  };
};

const targetDisks: Phase = {
  name: 'targetDisks',
  stage: 'storage',
  on: 'storageHost',
  isBarrier: false,
  areas: ['storageHost'],
  assume: assumeService,
  plan: (input) => {
    const observed = observedOf(input);
    const desire = {
      title: `Create the disks on ${input.server.name}`,
      changes: diskChanges(hostOf(input), observed.state),
    };
    return { drafts: [planListed('storageHost', desire, { storageHost: observed }, input.answers)] };
  },
};

/** The names that the target admits: those of the nodes. */
const initiatorsOf = (file: ClusterFile): string[] => file.servers.map(nodeInitiatorName);

/** What of a target that is there already speaks against using it. */
const refuseTarget = (input: ServerInput, found: StorageTarget): NonNullable<PhaseDraft['refusals']> => {
  const { file, server } = input;
  const host = hostOf(input);
  const own = host.disks.map((disk) => pathOfDisk(host, disk));
  const stranger = found.mappings.find(({ path }) => !own.some((one) => isSameName(one, path)));
  if (stranger)
    return [refusalOf('FORM_TARGET_IN_USE', { server: server.name, target: found.name, path: stranger.path })];
  return isSameName(found.iqn, file.storage.target)
    ? []
    : [
        refusalOf('FORM_TARGET_NAMED_OTHERWISE', {
          server: server.name,
          target: found.name,
          found: found.iqn,
          wanted: file.storage.target,
        }),
      ];
};

const targetChanges = (input: ServerInput, found: StorageTarget | undefined): Change[] => {
  const { file } = input;
  const host = hostOf(input);
  const name = host.target;
  const initiators = initiatorsOf(file);
  const { chapUser } = file.storage;
  const chap = chapUser === null ? null : { userName: chapUser, secretName: secretNames.chap };
  return [
    found
      ? { do: 'storageHost.setInitiators', name, initiators }
      : { do: 'storageHost.createTarget', name, initiators },
    ...(chap !== null || found?.chap ? [{ do: 'storageHost.setChap' as const, name, chap, reverse: null }] : []),
    ...file.storage.luns.flatMap((lun): Change[] => {
      const disk = host.disks.find((one) => isSameName(one.name, lun.disk ?? ''));
      return disk ? [{ do: 'storageHost.mapDisk', name, path: pathOfDisk(host, disk), lun: null }] : [];
    }),
  ];
};

/** Before it no node asks for targets; after it all of them find the same one. */
const target: Phase = {
  name: 'target',
  stage: 'storage',
  on: 'storageHost',
  isBarrier: true,
  needsStorageHost: true,
  areas: ['storageHost'],
  assume: assumeService,
  plan: (input) => {
    const observed = observedOf(input);
    const found = storageTargetNamed(observed.state, hostOf(input).target);
    const isAsked = input.file.storage.chapUser !== null && !(secretNames.chap in input.secrets);
    const isDue = isAsked && found?.chap?.userName !== input.file.storage.chapUser;
    const desire = {
      title: `Create the target ${hostOf(input).target} on ${input.server.name}`,
      changes: targetChanges(input, found),
    };
    return {
      refusals: [
        ...(found ? refuseTarget(input, found) : []),
        ...(isDue ? [refusalOf('PLAN_SECRET_MISSING', { name: secretNames.chap })] : []),
      ],
      drafts: [planListed('storageHost', desire, { storageHost: observed }, input.answers)],
    };
  },
};

export const storageHostPhases: readonly Phase[] = [targetServer, targetDisks, target];

/** The disks of the file that the storage host offers now, with the serial numbers by which the nodes find them. */
export const offeredDisks = ({ file, observed }: Pick<ServerInput, 'file' | 'observed'>): OfferedDisk[] | null => {
  const { storageHost: host } = file;
  const state = observed.storageHost?.state;
  if (!host || !state) return null;
  return host.disks.flatMap((disk) => {
    const found = virtualDiskAt(state, pathOfDisk(host, disk));
    return found?.serialNumber
      ? [{ disk: disk.name, serial: found.serialNumber.trim(), sizeBytes: found.sizeBytes }]
      : [];
  });
};
