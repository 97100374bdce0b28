import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../shared/model/cluster.ts';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startFakeWorld, type FakeWorld } from '../simulated/fake-world.ts';
import { answerCmdlets } from '../world/requests.ts';

const nodes = Array.from({ length: 64 }, (_, at) => `NODE${at + 1}`);
const machines = Array.from({ length: 1000 }, (_, at) => `VM${at + 1}`);

/** A cluster as large as Windows allows nodes: only the first of them is a server of the world. */
const makeLarge = (state: WorldState): void => {
  const server = state.servers['NODE1']!;
  server.features['Failover-Clustering'] = {
    name: 'Failover-Clustering',
    displayName: 'Failover Clustering',
    type: 'Feature',
    state: 'installed',
    needsRestart: false,
  };
  server.features['Hyper-V'] = {
    ...{ name: 'Hyper-V', displayName: 'Hyper-V', type: 'Role', state: 'installed', needsRestart: true },
  };
  const service = { displayName: 'Cluster Service', domainTriggered: false };
  server.services['ClusSvc'] = { ...service, name: 'ClusSvc', state: 'running', startMode: 'automatic' };
  const role = (name: string, at: number) =>
    ({ name, kind: 'virtualMachine', ownerNode: nodes[at % 64]!, online: true, preferredOwners: [] }) as const;
  state.cluster = {
    name: 'CLU1',
    accessPoint: 'dns',
    addresses: ['192.0.2.200'],
    nodes: nodes.map((name, at) => ({ name, id: at + 1, weight: 1, paused: false })),
    networks: [],
    disks: Object.values(state.luns).map(({ uniqueId }, at) => ({
      ...{ name: `Cluster Disk ${at + 1}`, disk: uniqueId, ownerNode: 'NODE1', group: null },
      ...{ use: at === 0 ? 'available' : 'sharedVolume', folder: at === 0 ? null : `Volume${at}` },
    })),
    groups: [
      { name: 'Cluster Group', kind: 'cluster', ownerNode: 'NODE1', online: true, preferredOwners: [] },
      ...machines.map((name, at) => ({ ...role(name, at), preferredOwners: at === 0 ? ['NODE2', 'NODE1'] : [] })),
    ],
    witness: { kind: 'none' },
    lowerQuorumPriorityNode: null,
  };
};

describe.skipIf(engineMissing)('the status of a cluster of 64 nodes and 1,000 virtual machines', () => {
  let folder: string;
  let asked: FakeWorld;
  let engine: Engine;
  let state: ClusterState;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-large-'));
    const world = new World({ folder, scenario: 'two-node-lab', seed: 7, clock: 'driven' });
    world.control('test', 'makeLarge', null, makeLarge);
    asked = await startFakeWorld((call) => answerCmdlets(world, null as never, { ...call, server: 'NODE1' }));
    engine = await startEngine({ world: { address: asked.address, server: 'NODE1' } });
    const ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
    state = await ports.cluster.readState({ timeoutMs: 170_000 });
  });
  afterAll(async () => {
    await engine.close();
    await asked.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read with one round trip for each kind of object', () => {
    const counts = new Map<string, number>();
    for (const { cmdlet, parameters } of asked.calls) {
      const what = cmdlet === 'Get-CimInstance' ? JSON.stringify(parameters['ClassName']) : cmdlet;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      'Test-Path': 1,
      '"Win32_Service"': 1,
      '"MSCluster_ResourceToDiskPartition"': 1,
      'Get-Cluster': 1,
      'Get-ClusterNode': 1,
      'Get-ClusterNetwork': 1,
      'Get-ClusterGroup': 1,
      'Get-ClusterOwnerNode': 1,
      'Get-ClusterResource': 1,
      'Get-ClusterParameter': 1,
      'Get-ClusterResourceType': 1,
      'Get-ClusterSharedVolume': 1,
      'Get-ClusterQuorum': 1,
      'Get-ClusterAvailableDisk': 1,
      'Get-Disk': 1,
    });
  });

  it('is whole', () => {
    expect(state.unread).toEqual([]);
    const cluster = state.cluster!;
    expect(cluster.nodes.map(({ name }) => name)).toEqual(nodes);
    expect(cluster.migrationExcludes).toEqual([]);
    expect(cluster.groups).toHaveLength(1001);
    expect(cluster.groups[1]).toMatchObject({ name: 'VM1', preferredOwners: ['NODE2', 'NODE1'] });
    expect(cluster.disks.map(({ use }) => use)).toEqual(['available', 'sharedVolume']);
  });
});
