import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeCore } from '../../main/agent/compose.ts';
import type { CoreSettings } from '../../main/agent/core-settings.ts';
import { rehearse } from '../../main/agent/rehearse.ts';
import type { Ports } from '../../main/ports/ports.ts';
import { createWindowsPorts } from '../../main/windows/index.ts';
import { formationRehearse, type Rehearsed } from '../../shared/contract/formation.ts';
import { clusterFileSchema } from '../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { startTestWorld, type TestWorld } from '../support/world.ts';

/*
 * A whole formation, from bare servers to the drill, whose server is reached as on Windows: the product's adapter, runner and scripts on the real
 * PowerShell engine, against simulated modules that the world of the rehearsal answers. The first server does everything that one does for all, and
 * everything that each does; the second is reached as in every rehearsal. `npm run crash-matrix -- --scripts` takes both by scripts.
 *
 * What needs more than scripts is the rehearsal's own: the qualification (our initiator on the target that the world serves), sockets that measure,
 * the power button of a drill, and time.
 */

const scripted = process.env['QUORATE_SWEEP'] === '1' ? ['NODE1', 'NODE2'] : ['NODE1'];
const name = 'scripted';
const file = exampleClusterFile({ servers: 2 });
const limitMs = process.env['QUORATE_SWEEP'] === '1' ? 1_500_000 : 600_000;

interface Logged {
  readonly server: string | null;
  readonly what: string;
  readonly outcome: string;
}

describe.skipIf(engineMissing)('a formation by the real scripts', () => {
  const data = mkdtempSync(join(tmpdir(), 'quorate-scripted-'));
  const engines = new Map<string, Engine>();
  let world: TestWorld;
  let formed: Rehearsed;
  let again: Rehearsed;
  let log: readonly Logged[];

  const open = async (server: string): Promise<Ports> => {
    const ports = await world.ports(server);
    const engine = engines.get(server);
    return engine
      ? {
          ...createWindowsPorts(engine.runner, { version: '0', now: () => new Date() }, ports.measure),
          // The engine stays warm for the next time.
          close: () => ports.close(),
        }
      : ports;
  };

  const run = (): Promise<Rehearsed> =>
    rehearse(
      (settings: CoreSettings) => composeCore({ ...settings, openServer: () => open(settings.localServer!.server!) }),
      { dataFolder: data, host: 'cli' },
      // The world is there already: the rehearsal finds it running.
      formationRehearse.input.parse({ name, text: JSON.stringify(file), os: '2025', resume: true }),
      new AbortController().signal,
      () => undefined,
    );

  beforeAll(async () => {
    const folder = join(data, 'rehearsal', name);
    mkdirSync(folder, { recursive: true });
    const servers = join(data, 'servers.json');
    writeFileSync(servers, JSON.stringify({ file: clusterFileSchema.parse(file), version: '2025' }));
    world = await startTestWorld({ folder, servers });
    for (const server of scripted) {
      const engine = await startEngine({ world: { address: world.address, server, without: ['IscsiTarget'] } });
      await engine.runner.warm();
      engines.set(server, engine);
    }
    formed = await run();
    await world.start();
    log = (await world.client.control('readLog', { limit: 100_000 })) as Logged[];
    again = await run();
  }, limitMs);

  afterAll(async () => {
    for (const engine of engines.values()) await engine.close();
    await world?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('comes from bare servers to the drill', () => {
    expect(formed.error).toBeNull();
    expect(formed.outcome).toBe('formed');
    expect(new Set(formed.steps.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(formed.cluster).toEqual({ name: 'CLUSTER1', nodes: ['NODE1', 'NODE2'], witness: 'Witness' });
    expect(formed.vms).toEqual([{ name: 'VM1', node: 'NODE1', state: 'running', highlyAvailable: true }]);
    expect(formed.steps.filter(({ stage }) => stage === 'drill').map(({ node }) => node)).toEqual([
      'NODE1',
      'NODE1',
      'NODE1',
      'NODE2',
    ]);
  });

  it('changes nothing past the scripts', () => {
    for (const server of scripted) {
      expect(formed.applied.filter(({ node }) => node === server)).toEqual([]);
      const cmdlets = log.filter((line) => line.server === server && /^[A-Z]\w+-[A-Z]/.test(line.what));
      for (const what of [
        'Set-NetIPInterface',
        'New-NetIPAddress',
        'Connect-IscsiTarget',
        'Install-WindowsFeature',
        'New-Cluster',
      ])
        expect(cmdlets.map((line) => line.what)).toContain(what);
    }
  });

  it('finds everything done when it looks again', () => {
    expect(again.error).toBeNull();
    expect(again.outcome).toBe('nothingToChange');
    expect(again.steps).toEqual([]);
  });
});
