import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleFeatureNames } from '../../../shared/model/roles.ts';
import { engineMissing, startEngine } from '../../support/engine.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/** Scripts that say that they change nothing, run on the simulated modules of every Windows Server that they claim. */
const folder = resolve(import.meta.dirname, '../../../main/powershell/scripts');
const target = { destination: '192.0.2.53', source: null, payloadBytes: 32, dontFragment: false };

const inputOf = async (name: string, world: TestWorld): Promise<object> => {
  const [nic] = (await world.snapshot()).servers['NODE1']!.nics;
  switch (name) {
    case 'Test-NetworkEcho':
      return target;
    case 'Test-NicAddress':
      return { nic: nic!.guid, address: '192.0.2.53' };
    case 'Get-FileSecurity':
      return { path: ['C:\\ProgramData\\Quorate', 'C:\\ProgramData\\Quorate\\journal'] };
    case 'Test-RemoteAdministrator':
      return { servers: ['NODE2'] };
    case 'Get-RoleState':
      return { features: roleFeatureNames };
    case 'Get-ClusterEvent':
      return { minutes: 60 };
    case 'Get-FailoverClusterReport':
      return { path: 'C:\\Windows\\Cluster\\Reports\\Create Cluster Wizard.htm' };
    case 'Get-ClusterNameLookup':
      return { name: 'CLUSTER1' };
    default:
      return {};
  }
};

/** Without what is measured by a clock: an echo takes as long as it takes. */
const steady = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data, (key, value: unknown) => (key === 'roundTripMs' ? 'measured' : value)));

const readers = readdirSync(folder)
  .filter((name) => /^#quorate changes: nothing$/m.test(readFileSync(join(folder, name), 'utf8')))
  .map((name) => name.replace(/\.ps1$/, ''));

describe.skipIf(engineMissing)('scripts that read', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld();
    // With the initiator at work there is more to read.
    const ports = await world.ports('NODE1');
    await ports.apply({ do: 'initiator.setService', running: true });
    // The module of the cluster's cmdlets comes with the feature.
    await ports.apply({ do: 'roles.install', features: ['Failover-Clustering'], source: null });
    const nic = (await ports.nics.list())[2]!;
    await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '198.51.100.21', prefixLength: 24 });
    await ports.apply({
      do: 'initiator.addPortal',
      targetPortalAddress: '198.51.100.10',
      targetPortalPort: 3260,
      initiatorPortalAddress: '198.51.100.21',
      authentication: { kind: 'none' },
    });
  });
  afterAll(() => world.stop());

  it.each(['2016', '2019', '2022', '2025'] as const)('change nothing, on Windows Server %s', async (os) => {
    const engine = await startEngine({ world: { address: world.address, server: 'NODE1', os } });
    try {
      expect(readers.length).toBeGreaterThan(14);
      for (const name of readers) {
        const input = await inputOf(name, world);
        const before = (await world.snapshot()).servers;
        if (name === 'Get-FailoverClusterReport') {
          // No cluster was made here that Windows warned of; with one it is read in the contract of a host.
          await expect(engine.runner.run(name, input)).rejects.toThrow('Quorate.ClusterReportMissing');
          expect((await world.snapshot()).servers, name).toEqual(before);
          continue;
        }
        const first = await engine.runner.run(name, input);
        const second = await engine.runner.run(name, input);
        expect((await world.snapshot()).servers, name).toEqual(before);
        expect(first.ok && second.ok && steady(second.data), name).toEqual(first.ok && steady(first.data));
        for (const untrue of ['NotModelled', 'SimulationUntrue', 'PropertyNotFoundStrict']) {
          expect(JSON.stringify(first), name).not.toContain(untrue);
        }
      }
    } finally {
      await engine.close();
    }
  });
});
