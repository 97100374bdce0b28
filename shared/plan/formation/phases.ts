import { planStorage } from '../disk/plan-disk.ts';
import { bytesOfDisk, isMade } from '../../model/cluster-file-storage-host.ts';
import { formatSize } from '../../model/size.ts';
import type { Draft } from '../draft.ts';
import { planInitiator } from '../initiator/plan-initiator.ts';
import { planNetwork } from '../nic/nic-planner.ts';
import type { InitiatorObserved, NetworkObserved, StorageObserved } from '../observed.ts';
import type { PlanUnknown } from '../plan.ts';
import { clusterPhases } from './cluster-phases.ts';
import { afterRestarts, drill, restartDrill } from './drill-phase.ts';
import { hostDraft, restartDraft, withCuts } from './restart.ts';
import { assumeAddresses, assumeDisks, assumeVolumes } from './assume.ts';
import type { DueCheck, Phase, PhaseDraft, ServerInput } from './phase.ts';
import { readiness } from './readiness-phase.ts';
import { storageHostPhases } from './storage-host-phases.ts';
import { refusalOf } from './refusal.ts';
import {
  findDisk,
  missingNics,
  wantedBinding,
  wantedDiskPolicy,
  wantedDisks,
  wantedInitiator,
  wantedNames,
  wantedNetwork,
  wantedService,
} from './wants.ts';

const networkOf = ({ observed, server }: ServerInput): NetworkObserved => ({ ...observed.network!, node: server.name });
const initiatorOf = ({ observed, server }: ServerInput): InitiatorObserved => ({
  ...observed.initiator!,
  node: server.name,
});
const storageOf = ({ observed, server }: ServerInput): StorageObserved => ({ ...observed.storage!, node: server.name });

/** A draft and, where its rest waits for one, the restart that it waits for. */
const withRestart = (input: ServerInput, draft: Draft, reason: string): Draft[] => {
  if (draft.followUp?.waitsFor !== 'restart') return [draft];
  const planned = draft.steps.filter(({ certainty }) => certainty === 'planned');
  const expected = draft.steps.filter(({ certainty }) => certainty === 'expected');
  return [
    { ...draft, steps: planned },
    restartDraft(input, reason),
    { ...draft, steps: expected, refusals: [], unknowns: [], warnings: [], questions: [], followUp: null },
  ];
};

const names: Phase = {
  name: 'names',
  stage: 'servers',
  on: 'all',
  isBarrier: false,
  areas: ['host'],
  plan: (input) => ({ drafts: [hostDraft(input, wantedNames(input.file, input.server))] }),
};

const network: Phase = {
  name: 'network',
  stage: 'network',
  on: 'all',
  isBarrier: false,
  areas: ['network'],
  plan: (input) => {
    const observed = networkOf(input);
    return {
      refusals: missingNics(input.server, observed.nics).map(({ mac, role }) =>
        refusalOf('FORM_ADAPTER_NOT_FOUND', { server: input.server.name, mac, role }),
      ),
      drafts: [
        planNetwork(
          wantedNetwork(input.server, observed.nics),
          observed,
          withCuts(input.answers, input.server.name, observed.nics),
        ),
      ],
    };
  },
};

const diskPolicy: Phase = {
  name: 'diskPolicy',
  stage: 'storage',
  on: 'all',
  isBarrier: false,
  areas: ['storage'],
  plan: (input) => ({ drafts: [planStorage(wantedDiskPolicy(), storageOf(input), input.answers)] }),
};

/**
 * Whose service stands still cannot say that it has no session: before anybody writes to a disk that others might reach, every other machine
 * has to, the storage host too.
 */
const initiatorService: Phase = {
  name: 'initiatorService',
  stage: 'storage',
  on: 'all',
  isBarrier: false,
  needsStorageHost: true,
  areas: ['initiator'],
  plan: (input) =>
    input.file.storageHost ? { drafts: [planInitiator(wantedService(), initiatorOf(input), input.secrets)] } : {},
};

const initiator: Phase = {
  name: 'initiator',
  stage: 'storage',
  on: 'each',
  isBarrier: false,
  areas: ['host', 'initiator'],
  assume: (input) =>
    input.observed.initiator
      ? {
          ...input,
          observed: { ...input.observed, initiator: assumeAddresses(input.server, input.observed.initiator) },
        }
      : input,
  plan: (input) => ({
    drafts: withRestart(
      input,
      planInitiator(wantedInitiator(input.file, input.server), initiatorOf(input), input.secrets),
      'multipath I/O',
    ),
  }),
};

const diskUnknown = (serial: string, server: string, because: string): PlanUnknown => ({
  what: `the disk with the serial number ${serial} on ${server}`,
  because,
  next: 'Check that the target presents this LUN to the server, and that every path is logged on.',
});

/** Every LUN of the file is there exactly once; anything else stops whatever hangs on it. */
const findLuns = ({ file, server }: ServerInput, storage: StorageObserved): PlanUnknown[] =>
  file.storage.luns.flatMap(({ serial }) => {
    const found = findDisk(storage.disks, serial);
    if (found.length === 1) return [];
    return [
      diskUnknown(
        serial,
        server.name,
        found.length === 0
          ? 'Windows shows no such disk'
          : `Windows shows it ${found.length} times: multipath I/O does not claim it`,
      ),
    ];
  });

/** A disk that goes by a serial number which the storage host told has to be what the file had made: an iSCSI disk of that size. */
const unlikeLuns = ({ file, server }: ServerInput, storage: StorageObserved): NonNullable<PhaseDraft['refusals']> =>
  file.storage.luns.flatMap((lun) => {
    const host = file.storageHost;
    const made = host?.disks.find(({ name }) => name.toLowerCase() === lun.disk?.toLowerCase());
    const [disk] = isMade(lun) ? findDisk(storage.disks, lun.serial) : [];
    if (!host || !made || !disk || disk.isClustered) return [];
    if (disk.busType === 'iscsi' && disk.sizeBytes === BigInt(bytesOfDisk(made))) return [];
    return [
      refusalOf('FORM_LUN_UNLIKE', {
        server: server.name,
        serial: lun.serial,
        found: `${disk.busType}, ${formatSize(disk.sizeBytes)}`,
        host: host.server.name,
        disk: made.name,
        wanted: `iSCSI, ${formatSize(String(bytesOfDisk(made)))}`,
      }),
    ];
  });

/** Every server has come so far: all of them see the LUNs, or it is said which one does not. */
const sameLuns = ({ file }: ServerInput): DueCheck => ({
  check: 'storage.sameLuns',
  subject: null,
  title: `Compare the LUNs that ${file.servers.length > 4 ? `${file.servers.length} servers` : file.servers.map(({ name }) => name).join(', ')} see`,
  why: 'A cluster recognizes a disk by its identity (VPD page 83h). Two units under one number would lose data; a unit that one server does not see would stop at the first failover.',
  manual: 'quorate peers luns',
  expectedMs: 5_000,
});

/** Before anything is written, the target has to show that two servers cannot write at once where one holds the reservation. */
const qualification: Phase = {
  name: 'qualification',
  stage: 'storage',
  on: 'first',
  isBarrier: true,
  areas: ['storage'],
  assume: (input) => ({
    ...input,
    observed: { ...input.observed, storage: assumeDisks(input.file, input.observed.storage, input.server.name) },
  }),
  plan: (input) => {
    const { file, proofs } = input;
    const storage = storageOf(input);
    const nodes = file.servers.length;
    const isProven = (serial: string): boolean =>
      proofs.qualified.some((proof) => proof.serial === serial && proof.nodes >= nodes);
    const due = file.storage.luns.filter(
      ({ serial }) => !isProven(serial) && !findDisk(storage.disks, serial).some(({ isClustered }) => isClustered),
    );
    return {
      unknowns: due.length > 0 ? findLuns(input, storage) : [],
      refusals: unlikeLuns(input, storage),
      checks: [
        ...(due.length > 0 ? [sameLuns(input)] : []),
        ...due.map(({ serial, purpose }) => ({
          check: 'storage.qualify' as const,
          subject: serial,
          title: `Prove that the LUN ${serial} can be shared by ${nodes} servers`,
          why: `A cluster keeps the other servers from writing to its ${purpose} disk with persistent reservations (SPC-3). A target that ignores them destroys data.`,
          manual: `quorate iscsi qualify --portal ${file.storage.portals[0]!.address} --target ${file.storage.target} --allow-reservations`,
          locks: [`disk:${serial}`],
          expectedMs: 10_000,
        })),
      ],
    };
  },
};

/** One server prepares the disks; the others have them offline and promised that. */
const disks: Phase = {
  name: 'disks',
  stage: 'storage',
  on: 'first',
  isBarrier: true,
  comparesDisks: true,
  areas: ['storage'],
  assume: (input) => ({
    ...input,
    observed: { ...input.observed, storage: assumeDisks(input.file, input.observed.storage, input.server.name) },
  }),
  plan: (input) => {
    const storage = storageOf(input);
    return {
      unknowns: findLuns(input, storage),
      refusals: unlikeLuns(input, storage).concat(
        input.file.storage.luns.flatMap((lun) => {
          const [disk] = findDisk(storage.disks, lun.serial);
          return disk && lun.purpose === 'witness' && disk.sizeBytes < 512n << 20n
            ? [refusalOf('FORM_LUN_TOO_SMALL', { serial: lun.serial, sizeMB: Number(disk.sizeBytes >> 20n) })]
            : [];
        }),
      ),
      drafts: [planStorage(wantedDisks(input.file, storage.disks), storage, input.answers, input.ownPartitions)],
    };
  },
};

/** On the other servers the disks are only looked at: from 2016 on they take the letters that the cluster brings. */
const identity: Phase = {
  name: 'identity',
  stage: 'storage',
  on: 'butFirst',
  isBarrier: false,
  areas: ['storage'],
  assume: (input) => ({
    ...input,
    observed: { ...input.observed, storage: assumeDisks(input.file, input.observed.storage, input.server.name) },
  }),
  plan: (input) => {
    const storage = storageOf(input);
    const letters = new Set((storage.letters ?? []).map(({ letter }) => letter.toUpperCase()));
    const isFormed = input.observed.storage?.disks.some(({ isClustered }) => isClustered) ?? false;
    return {
      unknowns: [
        ...findLuns(input, storage),
        ...(storage.letters
          ? []
          : [
              {
                what: `which letters are taken on ${input.server.name}`,
                because: storage.unread['letters'] ?? 'they were not read',
                next: 'Read the server again.',
              },
            ]),
      ],
      refusals: unlikeLuns(input, storage).concat(
        input.file.storage.luns.flatMap((lun) => {
          const [disk] = findDisk(storage.disks, lun.serial);
          const wanted = lun.letter ?? (lun.purpose === 'witness' ? 'Q' : 'F');
          const isOwn = (disk?.partitions ?? []).some(({ driveLetter }) => driveLetter === wanted);
          return letters.has(wanted) && !isOwn && !isFormed
            ? [refusalOf('FORM_LETTER_TAKEN', { server: input.server.name, letter: wanted, serial: lun.serial })]
            : [];
        }),
      ),
    };
  },
};

const binding: Phase = {
  name: 'binding',
  stage: 'storage',
  on: 'first',
  isBarrier: false,
  areas: ['initiator'],
  assume: (input) =>
    input.observed.initiator
      ? { ...input, observed: { ...input.observed, initiator: assumeVolumes(input.observed.initiator) } }
      : input,
  plan: (input) => {
    const observed = initiatorOf(input);
    const isClustered = input.observed.storage?.disks.some((disk) => disk.isClustered) ?? false;
    // A disk of a cluster comes and goes with its owner: nothing to wait for at a start any more.
    if (isClustered) return {};
    return { drafts: [planInitiator(wantedBinding(), observed, input.secrets)] };
  },
};

/** Every phase in the order in which a formation goes through them. */
export const phases: readonly Phase[] = [
  readiness,
  names,
  network,
  diskPolicy,
  initiatorService,
  ...storageHostPhases,
  initiator,
  identity,
  qualification,
  disks,
  binding,
  ...clusterPhases,
  drill,
  restartDrill,
  afterRestarts,
];
