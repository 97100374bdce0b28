import { clusterRefusalNames } from '../../shared/model/cluster-refusals.ts';
import type { FormationStep } from '../../shared/model/formation.ts';
import type { FaultInput, FaultKind } from '../../shared/model/rehearsal-faults.ts';
import type { WorldState } from '../../main/rehearsal/world/state.ts';

/** What is asked of the world to disturb it, and to put it right again. */
export interface Disturbance {
  readonly set: readonly [control: string, input: object];
  readonly undo: readonly [control: string, input: object];
}

/** Why a fault cannot be about a step. */
export interface Impossible {
  readonly because: string;
}

/** One way to disturb each step of a formation. */
export interface FormationFault {
  readonly name: string;
  /** Null: no fault of a rehearsal, but something that became of its world. */
  readonly kind: FaultKind | null;
  /** The fault for a step, or why it cannot be about this one. */
  readonly of: (step: FormationStep, world: WorldState) => FaultInput | Disturbance | Impossible;
  /** It keeps a server from answering, and is over by itself. */
  readonly passesAfterMs?: number;
  /** It is about Active Directory: the servers have to join a domain for it. */
  readonly needsDomain: boolean;
}

type Of = FormationFault['of'];
type Variant = Omit<FormationFault, 'kind' | 'name' | 'needsDomain'>;
type Variants = readonly Variant[] | Readonly<Record<string, Of>>;

const target = 'iqn.2004-04.test.lab:array1';
const domain = 'lab.example';

/** A NIC of the step's server by its place in the cluster file. */
const nic =
  (place: number, more: (server: string, guid: string) => FaultInput): Of =>
  ({ node }, world) => {
    const guid = world.servers[node]?.nics[place]?.guid;
    return guid === undefined ? { because: 'the server has no such port' } : more(node, guid);
  };

const ports = { production: 0, private: 1, 'iSCSI A': 2, 'iSCSI B': 3 } as const;

const eachPort = (more: (server: string, guid: string) => FaultInput): Readonly<Record<string, Of>> =>
  Object.fromEntries(Object.entries(ports).map(([name, place]) => [name, nic(place, more)]));

const eachOf = <Name extends string>(
  names: readonly Name[],
  more: (name: Name, step: FormationStep) => ReturnType<Of>,
): Readonly<Record<string, Of>> => Object.fromEntries(names.map((name) => [name, (step) => more(name, step)]));

/** On the server of the step, and on the other one: what it needs is not only its own. */
const eitherServer = (more: (server: string) => FaultInput): Readonly<Record<string, Of>> => ({
  here: ({ node }) => more(node),
  'at the other': ({ node }) => more(node === 'NODE1' ? 'NODE2' : 'NODE1'),
});

const features = ['Multipath-IO', 'Hyper-V', 'Failover-Clustering'] as const;
const networks = ['production', 'private', 'iscsi-a', 'iscsi-b'] as const;
const changesNothing: Impossible = { because: 'the step changes nothing' };

/** The property of an adapter that a change sets, by its name in the world. */
const propertyOf = (change: NonNullable<FormationStep['change']>): string | null => {
  switch (change.do) {
    case 'nic.setDnsRegistration':
      return 'registersInDns';
    case 'nic.setNetbios':
      return 'netbios';
    case 'nic.setPowerSaving':
      return 'powerSaving';
    case 'nic.setJumboPacket':
      return '*JumboPacket';
    case 'nic.setBinding':
      return change.componentId;
    default:
      return null;
  }
};

/** Every kind of fault that a rehearsal knows, with whatever it can be about in a formation of two servers. */
const variants: Readonly<Record<FaultKind, Variants>> = {
  nicDown: eachPort((server, guid) => ({ kind: 'nicDown', server, nic: guid })),
  wrongVlan: {
    ...eachPort((server, guid) => ({ kind: 'wrongVlan', server, nic: guid, network: 'production' })),
    production: nic(ports.production, (server, guid) => ({ kind: 'wrongVlan', server, nic: guid, network: 'private' })),
  },
  packetLoss: eachPort((server, guid) => ({ kind: 'packetLoss', server, nic: guid, percent: 30 })),
  smallMtu: eachOf(networks, (network) => ({ kind: 'smallMtu', network, mtuBytes: 1280 })),
  portBlocked: {
    ...eachOf(['udp 3343', 'tcp 445', 'tcp 135'], (port, { node }) => {
      const [protocol, number] = port.split(' ');
      return { kind: 'portBlocked', server: node, protocol: protocol as 'udp' | 'tcp', port: Number(number) };
    }),
  },
  targetUnreachable: {
    'every portal': () => ({ kind: 'targetUnreachable', target }),
    'one portal': () => ({ kind: 'targetUnreachable', target, portal: '198.51.100.10' }),
  },
  logonRefused: eachOf(['authorization', 'authentication'], (reason) => ({ kind: 'logonRefused', target, reason })),
  diskReserved: eachOf(['witness', 'data'], (lun) => ({ kind: 'diskReserved', lun })),
  featureFails: eachOf(features, (feature, { node }) => ({ kind: 'featureFails', server: node, feature })),
  featureSourceMissing: eachOf(features, (feature, { node }) => ({
    kind: 'featureSourceMissing',
    server: node,
    feature,
  })),
  virtualizationOff: [{ of: ({ node }) => ({ kind: 'virtualizationOff', server: node }) }],
  clusterCreateTimesOut: [{ of: ({ node }) => ({ kind: 'clusterCreateTimesOut', server: node }) }],
  clusterCreateWarns: [{ of: ({ node }) => ({ kind: 'clusterCreateWarns', server: node }) }],
  clusterNameTaken: [{ of: () => ({ kind: 'clusterNameTaken', name: 'CLUSTER1' }) }],
  clusterNamePrestaged: [{ of: () => ({ kind: 'clusterNamePrestaged', name: 'CLUSTER1' }) }],
  clusterNameFails: eachOf(['passwordDiffers', 'disabled', 'missing'], (account) => ({
    kind: 'clusterNameFails',
    account,
  })),
  directoryDenies: [{ of: () => ({ kind: 'directoryDenies', domain }) }],
  clusterRightsMissing: eitherServer((server) => ({ kind: 'clusterRightsMissing', server })),
  nodeUnreachable: eitherServer((server) => ({ kind: 'nodeUnreachable', server })),
  clusterServiceStopped: eitherServer((server) => ({ kind: 'clusterServiceStopped', server })),
  nodeAddFails: eitherServer((server) => ({ kind: 'nodeAddFails', server })),
  drainFails: eitherServer((server) => ({ kind: 'drainFails', server })),
  witnessRefused: eitherServer((server) => ({ kind: 'witnessRefused', server })),
  groupMoveFails: eitherServer((server) => ({ kind: 'groupMoveFails', server })),
  clusterRefuses: eachOf(clusterRefusalNames, (refusal, { node }) => ({
    kind: 'clusterRefuses',
    server: node,
    refusal,
  })),
  validationFinds: eachOf(['warning', 'failed'], (result) => ({
    kind: 'validationFinds',
    test: 'Validate IP Configuration',
    result,
  })),
  switchFails: [{ of: ({ node }) => ({ kind: 'switchFails', server: node }) }],
  switchLosesAddress: [{ of: ({ node }) => ({ kind: 'switchLosesAddress', server: node }) }],
  guestHangs: [{ of: () => ({ kind: 'guestHangs', name: 'VM1' }) }],
  migrationFails: eitherServer((server) => ({ kind: 'migrationFails', server })),
  restartNeverReturns: [{ of: ({ node }) => ({ kind: 'restartNeverReturns', server: node }) }],
  addressInUse: {
    'a server': ({ node }) => ({
      kind: 'addressInUse',
      network: 'production',
      address: node === 'NODE1' ? '192.0.2.21' : '192.0.2.22',
    }),
    'the cluster': () => ({ kind: 'addressInUse', network: 'production', address: '192.0.2.20' }),
  },
  powerLoss: eachOf(['before', 'during', 'after'], (moment, { node, change }) =>
    change === null ? changesNothing : { kind: 'powerLoss', server: node, on: change.do, moment },
  ),
  propertyNotAccepted: [
    {
      of: ({ node, change }) => {
        const property = change === null ? null : propertyOf(change);
        if (change === null || !('nic' in change) || property === null)
          return { because: 'the step sets no property of an adapter' };
        return { kind: 'propertyNotAccepted', server: node, nic: change.nic, property };
      },
    },
  ],
  accessDenied: eitherServer((server) => ({ kind: 'accessDenied', server })),
  runsAs: eachOf(['system', 'networkService', 'managedService', 'local'], (account, { node }) => ({
    kind: 'runsAs',
    server: node,
    account,
  })),
  notAdministrator: eitherServer((server) => ({ kind: 'notAdministrator', server })),
  domainUnreachable: [{ of: () => ({ kind: 'domainUnreachable', domain }) }],
  slow: [{ of: ({ node }) => ({ kind: 'slow', server: node, byMs: 20 }) }],
  hang: [{ of: ({ node }) => ({ kind: 'hang', server: node }), passesAfterMs: 200 }],
};

const ofDirectory: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'clusterNamePrestaged',
  'clusterNameFails',
  'directoryDenies',
  'domainUnreachable',
]);

export const formationFaults: readonly FormationFault[] = (Object.keys(variants) as FaultKind[]).flatMap((kind) => {
  const list = variants[kind];
  const needsDomain = ofDirectory.has(kind);
  if (!Array.isArray(list))
    return Object.entries(list as Readonly<Record<string, Of>>).map(([name, of]) => ({
      name: `${kind} (${name})`,
      kind,
      of,
      needsDomain,
    }));
  const many = list as readonly Variant[];
  return many.map((one, index) => ({
    ...one,
    kind,
    name: many.length === 1 ? kind : `${kind} (${index + 1})`,
    needsDomain,
  }));
});

/** The LUN whose disk a step writes to, as the world has it. */
const lunOf = ({ change }: FormationStep, world: WorldState): WorldState['luns'][string] | undefined =>
  change !== null && 'disk' in change
    ? Object.values(world.luns).find(({ uniqueId }) => uniqueId === change.disk)
    : undefined;

const altered =
  (isDue: (step: FormationStep) => boolean, alter: (lun: WorldState['luns'][string]) => object): Of =>
  (step, world) => {
    const lun = lunOf(step, world);
    if (!lun || !isDue(step)) return { because: 'the step does not write this to a disk' };
    const { id, content, serial, uniqueId } = lun;
    return {
      set: ['alterLun', { lun: id, ...alter(lun) }],
      undo: ['alterLun', { lun: id, content, identity: { serial, uniqueId } }],
    };
  };

const blank = { style: 'raw', guid: null, signature: null, partitions: [] };
const another = '600140500000000000000000000000ff';
const writes = ({ change }: FormationStep): boolean =>
  change !== null && ['disk.initialize', 'disk.createPartition', 'disk.format'].includes(change.do);

/** A disk that is not any more what was planned for: somebody else wrote to it, or made the LUN anew with its number and size. */
export const changedDisks: readonly FormationFault[] = [
  {
    name: 'a disk that somebody else initialized',
    kind: null,
    needsDomain: false,
    of: altered(
      ({ change }) => change?.do === 'disk.initialize',
      () => ({ content: { ...blank, style: 'mbr', signature: 77, partitions: [] } }),
    ),
  },
  {
    name: 'a disk that somebody else formatted',
    kind: null,
    needsDomain: false,
    of: altered(
      ({ change }) => change?.do === 'disk.format',
      ({ content }) => ({
        content: {
          ...content,
          partitions: content.partitions.map((one) =>
            one.volume ? { ...one, volume: { ...one.volume, fileSystem: 'NTFS', label: 'Payroll' } } : one,
          ),
        },
      }),
    ),
  },
  {
    name: 'a disk made anew, with another serial number',
    kind: null,
    needsDomain: false,
    of: altered(writes, ({ serial }) => ({
      content: blank,
      identity: { serial: `${serial.slice(0, -1)}9`, uniqueId: another },
    })),
  },
  {
    name: 'a disk made anew, with the same serial number',
    kind: null,
    needsDomain: false,
    of: altered(writes, () => ({ content: blank, identity: { uniqueId: another } })),
  },
];
