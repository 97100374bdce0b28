import { identityFromSerial, uniqueIdOf } from '../../store/identity.ts';
import { noReservations, toSnapshot } from '../../store/reservations.ts';
import type { WindowsVersion } from '../../../../shared/model/host.ts';
import { syncDisks } from '../changes/disks.ts';
import { nextHex } from '../random.ts';
import type { LunState, WorldState } from '../state.ts';
import { addOddDisks } from './odd-disks.ts';
import { addServer } from './server.ts';
import { emptyWorld } from './empty-world.ts';

interface ScenarioRow {
  /** One sentence for `--list` and the window. */
  readonly what: string;
  readonly version: WindowsVersion;
  readonly core: boolean;
  readonly domain: boolean;
  readonly oddDisks: boolean;
  /** A third server with a disk of its own is to offer the LUNs: there is no device. */
  readonly storageHost: boolean;
}

const row = (
  what: string,
  version: WindowsVersion,
  options: Partial<Pick<ScenarioRow, 'core' | 'domain' | 'oddDisks' | 'storageHost'>> = {},
): ScenarioRow => ({
  what,
  version,
  core: options.core ?? false,
  domain: options.domain ?? false,
  oddDisks: options.oddDisks ?? false,
  storageHost: options.storageHost ?? false,
});

/** Every scenario is two servers and one target with two portals, or a third server in its place; they differ in what Windows it is, and in what the target holds. */
export const scenarios = {
  'two-node-lab': row('Two fresh Windows Server 2025 in a workgroup, six NICs each, a target with two LUNs.', '2025'),
  'two-node-ad': row('The same with Windows Server 2025 that have joined the domain lab.test.', '2025', {
    domain: true,
  }),
  'two-node-core': row('The same with Windows Server 2025 as Server Core.', '2025', { core: true }),
  'two-node-2016': row('The same with Windows Server 2016.', '2016'),
  'two-node-2019': row('The same with Windows Server 2019.', '2019'),
  'two-node-2022': row('The same with Windows Server 2022.', '2022'),
  'two-node-odd-disks': row(
    'Windows Server 2025, and beside the two LUNs five that had another life: of Linux, with MBR on 4 TB, dynamic, with sectors of 4,096 bytes, without serial number.',
    '2025',
    { oddDisks: true },
  ),
  'two-node-storage-host': row(
    'Windows Server 2025 without a target: a third server, STORE, has an empty disk and is to offer the LUNs.',
    '2025',
    { storageHost: true },
  ),
} as const satisfies Record<string, ScenarioRow>;

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[];
export const defaultScenario: ScenarioName = 'two-node-lab';

/** The account that joins computers to lab.test, for rehearsals and tests. */
export const labAccount = { userName: 'LAB\\installer', password: 'Rehearsal-2026!' } as const;
/** Another domain, and the account that joins computers to it. */
export const secondDomain = 'branch.test';
export const branchAccount = { userName: 'BRANCH\\mover', password: labAccount.password } as const;
/** `mover` of `BRANCH\mover`. */
const nameAlone = (account: string): string => account.replace(/^.*\\/, '');
export const labTarget = 'iqn.2004-04.test.lab:array1';

export const makeLun = (id: string, serial: string, sizeBytes: bigint): LunState => ({
  id,
  serial,
  uniqueId: uniqueIdOf(identityFromSerial(serial)),
  vendor: 'QUORATE',
  product: 'Virtual LUN',
  sizeBytes: sizeBytes.toString(),
  content: { style: 'raw', guid: null, signature: null, partitions: [], clustered: false },
  reservations: toSnapshot(noReservations),
});

const gibibyte = 1024n ** 3n;

/** The device of a laboratory, with the LUN of a witness and a large one. */
const addLabTarget = (world: WorldState): void => {
  world.luns['witness'] = makeLun('witness', 'LAB-WITNESS-0001', 1n * gibibyte);
  world.luns['data'] = makeLun('data', 'LAB-DATA-0002', 100n * gibibyte);
  world.targets[labTarget] = {
    name: labTarget,
    portals: [
      { address: '198.51.100.10', port: 3260, network: 'iscsi-a', portalGroupTag: 1 },
      { address: '203.0.113.10', port: 3260, network: 'iscsi-b', portalGroupTag: 2 },
    ],
    admits: null,
    chap: null,
    mutual: null,
    luns: [
      { number: 0, lun: 'witness' },
      { number: 1, lun: 'data' },
    ],
  };
};

/** A server that is no node: two adapters for iSCSI, and an empty disk for the files. */
const addStorageHost = (world: WorldState, version: WindowsVersion): void => {
  const server = addServer(world, { name: 'STORE', version, ports: ['production', 'iscsi-a', 'iscsi-b'] });
  server.localDisks.push({
    uniqueId: nextHex(world, 16),
    serial: `HDD-${nextHex(world, 8)}`,
    manufacturer: 'ATA',
    model: 'Rehearsal HDD 2TB',
    bus: 'sas',
    sizeBytes: String(2048n * gibibyte),
    boot: false,
    content: { style: 'raw', guid: null, signature: null, partitions: [], clustered: false },
  });
  syncDisks(world, server);
};

/** Builds a world from nothing; the same name and seed give the same world. */
export const buildScenario = (name: ScenarioName, seed: number, clock: WorldState['clock']): WorldState => {
  const { version, core, domain, oddDisks, storageHost } = scenarios[name];
  const world = emptyWorld(name, seed, clock);
  const network = (id: string, label: string, vlan: number, mtuBytes: number, strangers: string[]): void => {
    world.networks[id] = { id, name: label, vlan, mtuBytes, strangers, dhcp: null };
  };
  network('production', 'Production', 10, 1500, ['192.0.2.10', '192.0.2.53']);
  world.networks['production']!.dhcp = {
    prefix: '192.0.2.0',
    prefixLength: 24,
    gateway: '192.0.2.1',
    dnsServers: ['192.0.2.53'],
  };
  network('private', 'Cluster private', 20, 9000, []);
  network('iscsi-a', 'iSCSI A', 31, 9000, []);
  network('iscsi-b', 'iSCSI B', 32, 9000, []);
  world.domains['lab.test'] = {
    name: 'lab.test',
    controllers: ['192.0.2.53'],
    accounts: [
      { userName: nameAlone(labAccount.userName), password: labAccount.password, mayJoin: true },
      { userName: 'reader', password: labAccount.password, mayJoin: false },
    ],
    computers: ['DC1'],
  };
  // A second forest behind the same name server: for moving a server from one domain to another.
  world.domains[secondDomain] = {
    name: secondDomain,
    controllers: ['192.0.2.53'],
    accounts: [{ userName: nameAlone(branchAccount.userName), password: branchAccount.password, mayJoin: true }],
    computers: ['DC2'],
  };
  if (storageHost) addStorageHost(world, version);
  else addLabTarget(world);
  if (oddDisks) addOddDisks(world, labTarget, makeLun);
  for (const [position, node] of ['NODE1', 'NODE2'].entries()) {
    addServer(world, {
      name: node,
      version,
      core,
      ports: ['production', 'private', 'iscsi-a', 'iscsi-b', 'production', null],
      domain: domain ? 'lab.test' : null,
      productionAddress: domain
        ? { address: `192.0.2.${21 + position}`, prefixLength: 24, gateway: '192.0.2.1', dns: '192.0.2.53' }
        : null,
    });
    if (domain) world.domains['lab.test'].computers.push(node);
  }
  return world;
};
