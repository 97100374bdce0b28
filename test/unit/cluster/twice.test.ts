import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from '../../../main/journal/journal.ts';
import { confirmChange } from '../../../main/operations/network/revert.ts';
import { applyDesire } from '../../../main/operations/plans/apply-plan.ts';
import { makePlan } from '../../../main/operations/plans/make-plan.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import { changeKinds, kindOf, type Change, type ServerChange } from '../../../shared/changes/index.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import { listedAreas } from '../../../shared/plan/listed/desire.ts';
import { edit, portsOf, readyWorld } from '../../support/validated-world.ts';

/*
 * What is there already and is asked for otherwise is never "nothing to change": each field of each change that makes or sets something is asked for
 * with another value.
 *
 * Everything twice without effect: each change of roles, cluster, virtual machines and storage host is planned and carried out in the order of a
 * life on two servers, and asked for once more: nothing is planned, nothing is journaled, and the world is as it was.
 */

const secrets = { nodes: 'a secret of 16 b', mutual: 'b secret of 16 b' };
const virtualDisk = 'C:\\iSCSI\\lun.vhdx';
const initiators = ['iqn.1991-05.com.microsoft:node1', 'iqn.1991-05.com.microsoft:node2'];

let folder: string;
let world: World;
let journal: Journal;
/** The networks of the cluster, the last first. */
let order: readonly string[] = [];
const ids = { data: '', witness: '', network: '', nic: '' };

const serverOf = (name: string): Server =>
  ({
    ...{ name: `rehearsal:w/${name}`, ports: portsOf(world, name), journal, now: () => new Date(world.nowMs) },
    ...{ resumeCommand: { program: 'quorate', arguments: [] } },
    ...{ settings: { read: () => ({ roles: [], paths: [] }) }, patience: { pollMs: 1, verifyMs: 50, restartMs: 50 } },
  }) as unknown as Server;

const partition = {
  ...{ number: 1, offsetBytes: '1048576', sizeBytes: '10000000000', gptType: null, mbrType: null, guid: '{P}' },
  volume: { guid: '{V}', fileSystem: 'NTFS', label: '', allocationUnitBytes: 4096 },
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-twice-'));
  world = readyWorld(folder);
  journal = new Journal(join(folder, 'journal'));
  edit(world, (state) => {
    const data = state.luns['data']!;
    data.content = {
      ...{ style: 'gpt', guid: '{G}', signature: null, clustered: false, partitions: [partition] },
    };
    for (const server of Object.values(state.servers)) server.nics[4]!.enabled = true;
    ids.data = data.uniqueId;
    ids.witness = state.luns['witness']!.uniqueId;
    ids.nic = state.servers['NODE1']!.nics[4]!.guid;
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Row = readonly [ServerChange | (() => ServerChange), ((state: WorldState) => void)?];
const machine = { do: 'vm.create', name: 'VM1', folder: 'C:\\ClusterStorage\\Machines', generation: 2 } as const;

const rows: readonly Row[] = [
  [{ do: 'roles.install', features: ['FS-iSCSITarget-Server'], source: null }],
  [{ do: 'storageHost.createDisk', path: virtualDisk, sizeBytes: 536_870_912, isFixed: false, description: '' }],
  [{ do: 'storageHost.extendDisk', path: virtualDisk, sizeBytes: 1_073_741_824 }],
  [{ do: 'storageHost.createTarget', name: 'cluster1', initiators: initiators.slice(0, 1) }],
  [{ do: 'storageHost.setInitiators', name: 'cluster1', initiators }],
  [
    {
      ...{ do: 'storageHost.setChap' as const, name: 'cluster1', chap: { userName: 'nodes', secretName: 'nodes' } },
      reverse: { userName: 'storage', secretName: 'mutual' },
    },
  ],
  [{ do: 'storageHost.mapDisk', name: 'cluster1', path: virtualDisk, lun: 0 }],
  [{ do: 'storageHost.unmapDisk', name: 'cluster1', path: virtualDisk }],
  [{ do: 'storageHost.removeTarget', name: 'cluster1' }],
  [{ do: 'storageHost.removeDisk', path: virtualDisk }],
  [{ do: 'storageHost.importDisk', path: virtualDisk }],
  [{ do: 'storageHost.removeDisk', path: virtualDisk }],
  [{ do: 'storageHost.deleteFile', path: virtualDisk }],
  [{ do: 'roles.remove', features: ['FS-iSCSITarget-Server'] }],
  [{ do: 'cluster.clearNode', node: 'NODE1' }, (state) => (state.servers['NODE1']!.clusterLeftover = true)],
  [
    {
      ...{ do: 'cluster.create' as const, name: 'CLU1', node: 'NODE1', addresses: ['192.0.2.200'] },
      ...{ ignoreNetworks: [], accessPoint: 'dns' as const },
    },
  ],
  [{ do: 'cluster.addNode', node: 'NODE2' }],
  [
    { do: 'cluster.repairName', name: 'CLU1' },
    (state) => {
      state.cluster!.accessPoint = 'activeDirectoryAndDns';
      const node = state.servers['NODE1']!;
      node.version = '2025';
      node.nics[0]!.dnsServers.ipv4 = ['192.0.2.53'];
      state.domains['lab.example'] = { name: 'lab.example', controllers: ['192.0.2.53'] } as never;
      state.faults.push({ id: 'f1', kind: 'clusterNameFails', account: 'passwordDiffers' } as never);
    },
  ],
  [() => ({ do: 'cluster.renameNetwork', network: ids.network, newName: 'Private' })],
  [() => ({ do: 'cluster.setNetworkRole', network: ids.network, role: 'none' })],
  [() => ({ do: 'cluster.setNetworkMetric', network: ids.network, metric: 900 })],
  [() => ({ do: 'cluster.setMigrationNetworks', exclude: [ids.network] })],
  [() => ({ do: 'cluster.setMigrationNetworks', exclude: [], order: [...order] })],
  [() => ({ do: 'cluster.addDisk', disk: ids.witness })],
  [() => ({ do: 'cluster.renameResource', disk: ids.witness, newName: 'Witness' })],
  [() => ({ do: 'cluster.setQuorum', witness: { kind: 'disk', disk: ids.witness } })],
  [{ do: 'cluster.takeWitnessOffline', resource: 'Witness' }],
  [{ do: 'cluster.bringWitnessOnline', resource: 'Witness' }],
  [{ do: 'cluster.setLowerQuorumPriority', node: 'NODE2' }],
  [() => ({ do: 'cluster.addDisk', disk: ids.data })],
  [() => ({ do: 'cluster.addSharedVolume', disk: ids.data })],
  [() => ({ do: 'cluster.renameSharedVolume', disk: ids.data, newName: 'Machines' })],
  [() => ({ do: 'switch.create', name: 'LAN', nics: [ids.nic], hostNic: true })],
  [{ ...machine, memoryBytes: 2_147_483_648, diskBytes: 10_737_418_240, switch: null }],
  [{ do: 'vm.makeHighlyAvailable', name: 'VM1' }],
  [{ do: 'vm.setOwners', name: 'VM1', preferred: ['NODE2'], possible: [] }],
  [{ do: 'vm.setPriority', name: 'VM1', priority: 'high' }],
  [{ do: 'vm.setAntiAffinity', name: 'VM1', classes: ['Web', 'Paris'] }],
  [{ do: 'vm.setStartSet', name: 'First', machines: ['VM1'], after: [], delaySeconds: 20 }],
  [{ do: 'vm.setStartSet', name: 'Second', machines: ['VM1'], after: ['First'], delaySeconds: 60 }],
  [{ do: 'vm.removeStartSet', name: 'First' }],
  [{ do: 'vm.start', name: 'VM1' }],
  [{ do: 'vm.stop', name: 'VM1' }],
  [{ do: 'vm.start', name: 'VM1' }],
  [{ do: 'vm.turnOff', name: 'VM1' }],
  [{ do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'quick' }],
  [{ do: 'cluster.moveGroup', group: 'Cluster Group', node: 'NODE2' }],
  [{ do: 'cluster.pauseNode', node: 'NODE2' }],
  [{ do: 'cluster.resumeNode', node: 'NODE2' }],
  [{ do: 'cluster.stopNode', node: 'NODE2' }],
  [{ do: 'cluster.startNode', node: 'NODE2' }],
  [{ do: 'vm.leaveCluster', name: 'VM1' }],
  [{ do: 'vm.remove', name: 'VM1' }],
  [() => ({ do: 'cluster.removeSharedVolume', disk: ids.data })],
  [() => ({ do: 'cluster.removeDisk', disk: ids.data })],
  [{ do: 'cluster.evictNode', node: 'NODE2' }],
  [{ do: 'cluster.destroy', name: 'CLU1' }],
];

/** Fields that are no wish about what is there: how it is done, or what nobody can read back. */
const noWish: Readonly<Record<string, string>> = {
  'roles.install source': 'where Windows takes the files from',
  'storageHost.createDisk description': 'a note for the person who creates it',
  'cluster.create node': 'the server that makes it; every node of it is a node',
  'cluster.create ignoreNetworks': 'networks without an address, which is what they then have',
  'vm.create diskBytes': 'the size of the disk is not read',
  'vm.move kind': 'the way there',
};

/** Another value of each field that is a wish; one kind of change may take several asks. */
const otherwise: Readonly<Record<string, readonly unknown[]>> = {
  'roles.install features': [['FS-iSCSITarget-Server', 'Multipath-IO']],
  'storageHost.createDisk sizeBytes': [1_073_741_824],
  'storageHost.createDisk isFixed': [true],
  'storageHost.extendDisk sizeBytes': [2_147_483_648],
  'storageHost.createTarget initiators': [initiators],
  'storageHost.setInitiators initiators': [initiators.slice(1)],
  'storageHost.setChap chap': [{ userName: 'others', secretName: 'nodes' }, null],
  'storageHost.setChap reverse': [null],
  'storageHost.mapDisk lun': [3],
  'cluster.create name': ['CLU2'],
  'cluster.create addresses': [['192.0.2.201'], ['192.0.2.200', '192.0.2.201']],
  'cluster.create accessPoint': ['activeDirectoryAndDns', 'none'],
  'cluster.renameNetwork newName': ['Public', 'private'],
  'cluster.setNetworkRole role': ['cluster', 'clusterAndClient'],
  'cluster.setNetworkMetric metric': [901, null],
  'cluster.setMigrationNetworks exclude': [[]],
  'cluster.setMigrationNetworks order': [[]],
  'cluster.renameResource newName': ['Quorum'],
  'cluster.setQuorum witness': [{ kind: 'none' }, { kind: 'share', path: '\\\\files\\quorum' }],
  'cluster.renameSharedVolume newName': ['Volume9', 'machines'],
  'switch.create nics': [['{another}']],
  'switch.create hostNic': [false],
  'vm.create folder': ['C:\\ClusterStorage\\Others'],
  'vm.create generation': [1],
  'vm.create memoryBytes': [4_294_967_296],
  'vm.create switch': ['LAN'],
  'vm.setOwners preferred': [['NODE1', 'NODE2'], []],
  'vm.setOwners possible': [['NODE1']],
  'vm.setPriority priority': ['low', 'noAutoStart'],
  'vm.setAntiAffinity classes': [['Web'], []],
  'vm.setStartSet machines': [[]],
  'vm.setStartSet after': [[], ['Others']],
  'vm.setStartSet delaySeconds': [21],
};

/** Fields that say which thing it is: another one is another thing. */
const names = new Set(['do', 'name', 'node', 'network', 'disk', 'path', 'resource', 'group']);
const wishesOf = (change: ServerChange): string[] =>
  Object.keys(change).filter(
    (field) =>
      (!names.has(field) || (change.do === 'cluster.create' && field === 'name')) &&
      noWish[`${change.do} ${field}`] === undefined,
  );
/** Kinds that take something away, or only do something to it. */
const takesAway = /\.(?:remove|delete|unmap|evict|destroy|clear|pause|resume|stop|start|turn|leave|move|take|bring)/;

const run = { by: 'test', secrets, signal: new AbortController().signal, progress: () => undefined };

/** Plans, answers what is asked, and carries it out. */
const apply = async (change: Change) => {
  const { area } = kindOf(change);
  const wanted = { area, desire: { title: change.do, changes: [change] } } as Desire;
  const server = serverOf('NODE1');
  const { view } = await makePlan(server, wanted, {}, secrets, { signal: run.signal, withScripts: false });
  const answers = Object.fromEntries(view.questions.map(({ id, expected }) => [id, expected ?? 'yes']));
  const result = await applyDesire(
    server,
    change.do,
    wanted,
    { expectedPlan: null, answers },
    { ...run, revertAfterSeconds: 60 },
  );
  // What cuts the connection is given back unless somebody confirms; that it is not touched again counts from then on.
  if (result.revert) expect(await confirmChange(server, result.revert.id, 'test', run.signal)).toBe(true);
  return { ...result, outcome: result.revert ? 'changed' : result.outcome };
};

/** What planning alone says. */
const outcomeOf = async (change: Change): Promise<string> => {
  const wanted = { area: kindOf(change).area, desire: { title: change.do, changes: [change] } } as Desire;
  const options = { signal: run.signal, withScripts: false };
  const { view } = await makePlan(serverOf('NODE1'), wanted, {}, secrets, options);
  for (const { what, next } of view.refusals) expect(`${what} ${next}`).not.toMatch(/undefined|\{/);
  return view.outcome;
};

const stateNow = (): string => JSON.stringify({ ...world.state, clock: null, nowMs: null });

describe('asked for a second time', () => {
  it('every change of these areas has a row', () => {
    const kinds = Object.entries(changeKinds).filter(([, { area }]) =>
      (listedAreas as readonly string[]).includes(area),
    );
    const tried = new Set(rows.map(([change]) => (typeof change === 'function' ? change() : change).do as string));
    expect(kinds.map(([name]) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  it.each(
    rows.map(
      ([change, prepare], at) => [(typeof change === 'function' ? change() : change).do, at, change, prepare] as const,
    ),
  )('%s (%i) changes nothing', async (_do, _at, given, prepare) => {
    if (prepare) edit(world, (state) => void prepare(state));
    order = (world.state.cluster?.networks ?? []).map(({ id }) => id).toReversed();
    ids.network = world.state.cluster?.networks.find(({ address }) => address === '10.0.1.0')?.id ?? '';
    const change = typeof given === 'function' ? given() : given;
    expect((await apply(change)).outcome).toBe('changed');
    const before = stateNow();
    const again = await apply(change);
    expect([again.outcome, again.journal, again.steps]).toEqual(['nothingToChange', null, []]);
    expect(stateNow()).toBe(before);
    if (takesAway.test(change.do)) return;
    for (const field of wishesOf(change))
      for (const other of otherwise[`${change.do} ${field}`] ?? []) {
        if (JSON.stringify(other) === JSON.stringify(Reflect.get(change, field))) continue;
        const outcome = await outcomeOf({ ...change, [field]: other });
        expect(outcome, `${field}: ${JSON.stringify(other)}`).toMatch(/^(?:refused|changes)$/);
      }
  });

  it('every field that is a wish was asked for otherwise', () => {
    const wishes = rows
      .map(([change]) => (typeof change === 'function' ? change() : change))
      .filter((change) => !takesAway.test(change.do))
      .flatMap((change) => wishesOf(change).map((field) => `${change.do} ${field}`));
    expect([...new Set(wishes)].filter((wish) => otherwise[wish] === undefined)).toEqual([]);
  });
});
