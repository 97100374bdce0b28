import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '../../../shared/contract/define.ts';
import type { ClusterState } from '../../../shared/model/cluster.ts';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { largeNodes as nodes, makeLarge } from '../../support/large-cluster.ts';
import { startFakeWorld, type FakeWorld } from '../simulated/fake-world.ts';
import { answerCmdlets } from '../world/requests.ts';
import { removeFolder } from '../../support/remove-folder.ts';

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
    await removeFolder(folder);
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

  it('knows a validation by the progress of its tests, and takes the report of one that is cancelled', async () => {
    const ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
    const html = '<html><title>Failover Cluster Validation Report</title></html>';
    let file = '';
    asked.answer('Test-Cluster', ({ parameters }) => {
      file = `${String(parameters['ReportName'])}.htm`;
      writeFileSync(file, html);
      const progress = [{ activity: 'Testing', status: 'Validate IP Configuration', percent: 40 }];
      return { ok: true, objects: [], progress, untilStopped: true };
    });
    const stop = new AbortController();
    const seen: Progress[] = [];
    const progress = (step: Progress): void => {
      seen.push(step);
      stop.abort();
    };
    const order = { nodes: ['NODE1', 'NODE2'], include: [], ignore: [] };
    const left = await ports.cluster.validate(order, { signal: stop.signal, progress });
    expect([left.isCancelled, Buffer.from(left.bytes).toString('utf8'), existsSync(file)]).toEqual([true, html, false]);
    expect(seen[0]).toMatchObject({ doing: 'Testing: Validate IP Configuration', done: 40, total: 100 });
    // Where Windows wrote none, it was cancelled and nothing more.
    asked.answer('Test-Cluster', {
      ok: true,
      objects: [],
      progress: [{ activity: 'Testing', status: 'x' }],
      untilStopped: true,
    });
    const again = new AbortController();
    const cut = ports.cluster.validate(order, { signal: again.signal, progress: () => again.abort() });
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('takes the warning about remote sessions, which Windows also gives to who has none, for no warning of a creation', async () => {
    const ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
    const made = {
      ok: true,
      objects: [{ $type: 'Microsoft.FailoverClusters.PowerShell.Cluster', props: { Name: 'CLU2' } }],
    };
    const remote =
      'If you are running Windows PowerShell remotely, note that some failover clustering cmdlets do not work remotely. When possible, run the cmdlet locally and specify a remote computer as the target.';
    const create = {
      ...{ do: 'cluster.create' as const, name: 'CLU2', node: 'NODE1', addresses: [], ignoreNetworks: [] },
      accessPoint: 'dns' as const,
    };
    asked.answer('New-Cluster', { ...made, warnings: [remote] });
    await ports.apply(create);
    // What Windows warns of stands in its report alone. Here the path is a name in the folder of the engine.
    const report = 'C:\\Windows\\cluster\\Reports\\Create Cluster Wizard CLU2 on 2026.01.01 At 10.00.00.htm';
    asked.answer('New-Cluster', { ...made, warnings: [remote, `Report file location: ${report}`] });
    const warned = { code: 'CLUSTER_CREATE_WARNED' };
    const reason = 'its name or address may not come online';
    await expect(ports.apply(create)).rejects.toMatchObject({ ...warned, detail: { report, reason } });
    const said =
      '<div class="info">Begin.</div><div class="warn">The name &quot;CLU2&quot;\r\n is <b>not</b> in DNS.</div>';
    writeFileSync(report, `\ufeff<html>${said}</html>`);
    try {
      await expect(ports.apply(create)).rejects.toMatchObject({
        ...warned,
        detail: { report, reason: 'The name "CLU2" is not in DNS' },
      });
    } finally {
      rmSync(report);
    }
  });

  it('carries the report of a creation that failed beside the number of its error', async () => {
    const ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
    const create = {
      ...{ do: 'cluster.create' as const, name: 'CLU3', node: 'NODE1', addresses: [], ignoreNetworks: [] },
      accessPoint: 'dns' as const,
    };
    const error = (win32: number | null) => ({
      ...{ id: 'New-Cluster,Microsoft.FailoverClusters.PowerShell.NewClusterCommand', category: 'NotSpecified' },
      ...{ message: 'Zeitüberschreitung', target: null, hresult: null, win32 },
    });
    const report = 'C:\\Windows\\cluster\\Reports\\Create Cluster Wizard CLU3 on 2026.01.01 At 10.00.00.htm';
    const warnings = ['Die Clusterrolle wurde nicht erstellt.', `Speicherort: ${report}`];
    for (const [number, code] of [
      [1460, 'CLUSTER_TIMED_OUT'],
      [null, 'CLUSTER_CREATE_FAILED'],
    ] as const) {
      asked.answer('New-Cluster', { ok: false, error: error(number), warnings });
      await expect(ports.apply(create)).rejects.toMatchObject({ code, effect: 'partial', detail: { report } });
      asked.answer('New-Cluster', { ok: false, error: error(number), warnings: [] });
      const without: unknown = await ports.apply(create).catch((thrown: unknown) => thrown);
      expect(without).toMatchObject({ code });
      expect((without as { detail: object }).detail).not.toHaveProperty('report');
    }
  });

  it('is whole', () => {
    expect(state.unread).toEqual([]);
    const cluster = state.cluster!;
    expect(cluster.nodes.map(({ name }) => name)).toEqual(nodes);
    expect(cluster.addresses).toEqual(['192.0.2.200', '2001:db8::c8']);
    expect(cluster.migrationExcludes).toEqual([]);
    expect(cluster.groups).toHaveLength(1002);
    expect(cluster.groups[2]).toMatchObject({ name: 'VM1', preferredOwners: ['NODE2', 'NODE1'] });
    // By the type of its group: the name is that of the language in which the cluster was created.
    expect(cluster.disks.map(({ use, group }) => [use, group])).toEqual([
      ['available', 'Verfügbarer Speicher'],
      ['sharedVolume', 'Cluster Disk 2'],
    ]);
  });
});
