import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeCore } from '../../main/agent/compose.ts';
import type { CoreSettings } from '../../main/agent/core-settings.ts';
import { rehearsalsOf } from '../../main/agent/compose-formation.ts';
import type { Ports } from '../../main/ports/ports.ts';
import { createWindowsPorts } from '../../main/windows/index.ts';
import { formationRehearse, type Rehearsed } from '../../shared/contract/formation.ts';
import { clusterFileSchema } from '../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { startTestWorld, type TestWorld } from '../support/world.ts';
import { removeFolder } from '../support/remove-folder.ts';

/*
 * A formation whose servers are reached as on Windows: the product's adapter, runner and scripts on the real PowerShell engine, against simulated
 * modules that the world of the rehearsal answers. A run of the tests takes the first server by scripts from the validation on: there the servers
 * meet. `npm run crash-matrix -- --scripts` takes both, from bare to the drill; each reading is a script, and that takes minutes of a processor.
 *
 * What needs more than scripts is the rehearsal's own: the qualification (our initiator on the target that the world serves), sockets that measure,
 * the power button of a drill, and time.
 */

const isWhole = process.env['QUORATE_SWEEP'] === '1';
const scripted = isWhole ? ['NODE1', 'NODE2'] : ['NODE1'];
const name = 'scripted';
const file = exampleClusterFile({ servers: 2 });
const limitMs = isWhole ? 1_500_000 : 600_000;

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

  /** From the beginning where all is tried, else from the validation on. */
  let isScripted = isWhole;

  /** One server by two ways; under one name, so that what is kept of it is found again. */
  const eitherOf = (simulated: Ports, windows: Ports): Ports => {
    const now = (): Ports => (isScripted ? windows : simulated);
    return {
      ref: simulated.ref,
      measure: simulated.measure,
      get facts() {
        return now().facts;
      },
      get firewall() {
        return now().firewall;
      },
      get host() {
        return now().host;
      },
      get nics() {
        return now().nics;
      },
      get guard() {
        return now().guard;
      },
      get initiator() {
        return now().initiator;
      },
      get mpio() {
        return now().mpio;
      },
      get disks() {
        return now().disks;
      },
      get roles() {
        return now().roles;
      },
      get cluster() {
        return now().cluster;
      },
      get machines() {
        return now().machines;
      },
      get storageHost() {
        return now().storageHost;
      },
      apply: (change, options) => now().apply(change, options),
      // The engine stays warm for the next time.
      close: () => simulated.close(),
    };
  };

  const open = async (server: string): Promise<Ports> => {
    const simulated = await world.ports(server);
    const engine = engines.get(server);
    return engine
      ? eitherOf(
          simulated,
          createWindowsPorts(engine.runner, { version: '0', now: () => new Date() }, simulated.measure),
        )
      : simulated;
  };

  /** Told before each step is ordered. */
  const watch = (settings: CoreSettings): Pick<CoreSettings, 'beforeStep'> => ({
    beforeStep: async (step) => {
      isScripted ||= step.phase === 'validation';
      await settings.beforeStep?.(step);
    },
  });

  const run = async (): Promise<Rehearsed> => {
    const rehearsals = await rehearsalsOf(
      (settings: CoreSettings) =>
        composeCore({ ...settings, ...watch(settings), openServer: () => open(settings.localServer!.server!) }),
      { dataFolder: data, host: 'cli' },
    );
    return rehearsals.rehearse(
      // The world is there already: the rehearsal finds it running.
      formationRehearse.input.parse({ name, text: JSON.stringify(file), os: '2025', resume: true }),
      new AbortController().signal,
      () => undefined,
    );
  };

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
    await removeFolder(data);
  });

  it('comes from bare servers to the drill', () => {
    expect(formed.error).toBeNull();
    expect(formed.outcome).toBe('formed');
    expect(new Set(formed.steps.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(formed.cluster).toEqual({ name: 'CLUSTER1', nodes: ['NODE1', 'NODE2'], witness: 'Witness' });
    expect(formed.vms).toEqual([{ name: 'VM1', node: 'NODE1', state: 'running', highlyAvailable: true }]);
    const drills = formed.steps.filter(({ stage }) => stage === 'drill');
    const forgets = drills.splice(4);
    expect(drills.map(({ node }) => node)).toEqual(['NODE1', 'NODE1', 'NODE1', 'NODE2']);
    expect(drills.map(({ id }) => id.split('/')[1]?.split(':')[0])).toEqual([
      'drill.quickMigration',
      'drill.loseHost',
      'drill.restartServer',
      'drill.restartServer',
    ]);
    // No restart is left: each server forgets how it went on after one. By scripts from the beginning none was registered, because only on Windows
    // .NET tells as whom a process runs, and where that was not read nobody's logon can be waited for.
    const forgotten = [
      'NODE1/host.removeResume:quorate-resume:remove',
      'NODE2/host.removeResume:quorate-resume:remove',
    ];
    expect(forgets.map(({ id }) => id)).toEqual(isWhole ? [] : forgotten);
  });

  it('changes nothing past the scripts', () => {
    const inPlay = (step: string): boolean => isWhole || /^(?:cluster|switch|vm)\./.test(step);
    for (const server of scripted) {
      expect(formed.applied.filter(({ node, step }) => node === server && inPlay(step))).toEqual([]);
      const cmdlets = new Set(log.filter((line) => line.server === server).map((line) => line.what));
      const early = ['Set-NetIPInterface', 'New-NetIPAddress', 'Connect-IscsiTarget', 'Install-WindowsFeature'];
      const late = ['Test-Cluster', 'New-Cluster', 'Add-ClusterDisk', 'New-VMSwitch', 'New-VM', 'Restart-Computer'];
      for (const what of [...(isWhole ? early : []), ...(server === 'NODE1' ? late : [])])
        expect([...cmdlets]).toContain(what);
    }
  });

  it('finds everything done when it looks again', () => {
    expect(again.error).toBeNull();
    expect(again.outcome).toBe('nothingToChange');
    expect(again.steps).toEqual([]);
  });
});
