import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NicRestore } from '../../../main/ports/nic-port.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { revertCalls } from '../../../main/windows/revert-calls.ts';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import type { Nic } from '../../../shared/model/nic.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/**
 * A change that nobody confirms is taken back by a task of Windows. Here the test plays the task scheduler: it takes the
 * task as it was registered and runs what its command line carries, in a session of its own, with the product gone.
 */
const encodedCommand = (argumentsText: string): string => {
  const encoded = / -EncodedCommand ([A-Za-z0-9+/=]+)$/.exec(argumentsText)?.[1];
  expect(encoded).toBeDefined();
  return Buffer.from(encoded!, 'base64').toString('utf16le');
};

const settings = (nic: Nic) => ({
  adminStatus: nic.adminStatus,
  manual: nic
    .addresses!.filter((held) => held.origin === 'manual')
    .map((held) => `${held.address}/${held.prefixLength}`)
    .sort(),
  dhcp: nic.dhcp,
  gateways: nic.gateways!.map((gateway) => `${gateway.family} ${gateway.nextHop}`),
  dnsServers: nic.dnsServers,
});

describe.skipIf(engineMissing)('the revert of a network change', () => {
  let world: TestWorld;
  let engine: Engine;
  let ports: Ports;
  beforeAll(async () => {
    world = await startTestWorld();
    engine = await startEngine({ world: { address: world.address, server: 'NODE1' } });
    ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  const nicAt = async (position: number): Promise<Nic> => (await ports.nics.list())[position]!;
  const task = async (token: string) =>
    (await world.snapshot()).servers['NODE1']!.tasks.find((one) => one.name === `Revert-${token}`);

  it('puts back what was there, without the product, and removes itself', async () => {
    const guid = (await nicAt(1)).interfaceGuid;
    await ports.apply({ do: 'nic.setDhcp', nic: guid, family: 'ipv4', enabled: false });
    await ports.apply({ do: 'nic.addAddress', nic: guid, address: '10.20.30.1', prefixLength: 24 });
    await ports.apply({ do: 'nic.addAddress', nic: guid, address: '2001:db8:20::1', prefixLength: 64 });
    await ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: '10.20.30.254' });
    await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: ['10.20.30.53'] });
    const before = settings(await nicAt(1));

    const restore: NicRestore = {
      interfaceGuid: guid,
      enabled: true,
      dhcp: { family: 'ipv4', enabled: false },
      addresses: { family: 'ipv4', list: [{ address: '10.20.30.1', prefixLength: 24 }] },
      gateway: { family: 'ipv4', nextHop: '10.20.30.254' },
      dnsServers: { family: 'ipv4', servers: ['10.20.30.53'] },
    };
    await ports.nics.armRevert({ token: 'change-1', afterSeconds: 60, restore: [restore] });
    await ports.apply({ do: 'nic.removeAddress', nic: guid, address: '10.20.30.1' });
    await ports.apply({ do: 'nic.addAddress', nic: guid, address: '10.99.0.1', prefixLength: 16 });
    await ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: null });
    await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: ['10.99.0.53'] });
    await ports.apply({ do: 'nic.setEnabled', nic: guid, enabled: false });
    expect(settings(await nicAt(1))).not.toEqual(before);

    const armed = (await task('change-1'))!;
    expect(armed).toMatchObject({
      path: '\\Quorate\\',
      user: 'S-1-5-18',
      logonType: 'ServiceAccount',
      runLevel: 'Highest',
    });
    expect(armed.execute).toMatch(/\\powershell\.exe$/);
    expect(armed.trigger).toMatchObject({ kind: 'once' });
    const scheduler = await startEngine({
      world: { address: world.address, server: 'NODE1' },
      sources: [join(import.meta.dirname, '../simulated/fixtures')],
    });
    try {
      const answer = await scheduler.runner.run('Test-Snippet', { text: encodedCommand(armed.arguments) });
      expect(answer).toMatchObject({ ok: true, data: { ok: true } });
    } finally {
      await scheduler.close();
    }
    expect(settings(await nicAt(1))).toEqual(before);
    expect(await ports.nics.readReverts()).toEqual([]);
  });

  it('puts back only what is named, goes on when a NIC is gone, and is the same when it runs twice', async () => {
    const guid = (await nicAt(2)).interfaceGuid;
    const before = settings(await nicAt(2));
    await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv6', servers: ['2001:db8::53'] });
    const { script, input } = revertCalls.restore('nobody', [
      { interfaceGuid: '{00000000-0000-4000-8000-000000000000}', enabled: false },
      { interfaceGuid: guid, dnsServers: { family: 'ipv6', servers: [] } },
    ]);
    for (let time = 0; time < 2; time += 1) {
      const answer = await engine.runner.run(script, input);
      expect(answer).toMatchObject({ ok: true, data: { failed: 1 } });
      expect(settings(await nicAt(2))).toEqual(before);
    }
  });

  it('gives the address to the NIC of the host on a virtual switch that took the NIC and lost it', async () => {
    const { features } = (await world.snapshot()).servers['NODE1']!;
    const values = { features: { ...features, 'Hyper-V': { state: 'installed' } } };
    await world.client.control('alterServer', { server: 'NODE1', values });
    // A session with the module Hyper-V, which the one above is spared.
    const later = await startEngine({ world: { address: world.address, server: 'NODE1', without: ['IscsiTarget'] } });
    const after = createWindowsPorts(later.runner, { version: '0', now: () => new Date() });
    const guid = (await nicAt(4)).interfaceGuid;
    await ports.apply({ do: 'nic.setDhcp', nic: guid, family: 'ipv4', enabled: false });
    await ports.apply({ do: 'nic.addAddress', nic: guid, address: '203.0.113.21', prefixLength: 24 });
    await ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: '203.0.113.1' });
    await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: ['203.0.113.53'] });
    const before = settings(await nicAt(4));

    await world.fault({ kind: 'switchLosesAddress', server: 'NODE1' });
    await expect(
      after.apply({ do: 'switch.create', name: 'Production', nics: [guid], hostNic: true }),
    ).rejects.toMatchObject({ code: 'SWITCH_ADDRESS_LOST', effect: 'partial', detail: { reason: '203.0.113.21' } });
    const onSwitch = async (): Promise<Nic> =>
      (await after.nics.list()).find(({ name }) => name === 'vEthernet (Production)')!;
    expect(settings(await onSwitch()).manual).toEqual([]);

    const { script, input } = revertCalls.restore('switch-1', [
      {
        interfaceGuid: guid,
        switchName: 'Production',
        dhcp: { family: 'ipv4', enabled: false },
        addresses: { family: 'ipv4', list: [{ address: '203.0.113.21', prefixLength: 24 }] },
        gateway: { family: 'ipv4', nextHop: '203.0.113.1' },
        dnsServers: { family: 'ipv4', servers: ['203.0.113.53'] },
      },
    ]);
    expect(await later.runner.run(script, input)).toMatchObject({ ok: true, data: { failed: 0 } });
    expect(settings(await onSwitch())).toEqual(before);
    expect((await after.machines.readState()).switches).toMatchObject([{ name: 'Production', hasHostNic: true }]);
    await later.close();
  });

  it('is due at the time that the server itself counts, and arming it again replaces it', async () => {
    const nowMs = Date.parse((await ports.host.readState()).localTime);
    await ports.nics.armRevert({ token: 'change-2', afterSeconds: 60, restore: [] });
    await ports.nics.armRevert({ token: 'change-2', afterSeconds: 600, restore: [] });
    const reverts = await ports.nics.readReverts();
    expect(reverts.map((one) => one.token)).toEqual(['change-2']);
    expect(Date.parse(reverts[0]!.dueAt) - nowMs).toBe(600_000);
    expect((await task('change-2'))!.trigger).toEqual({ kind: 'once', atMs: nowMs + 600_000 });
  });

  it('fits a command line with every adapter of a server in it', async () => {
    const nics = await ports.nics.list();
    const restore = nics.flatMap((nic): NicRestore[] =>
      (['ipv4', 'ipv6'] as const).map((family) => ({
        interfaceGuid: nic.interfaceGuid,
        enabled: true,
        dhcp: { family, enabled: false },
        addresses: {
          family,
          list:
            family === 'ipv4'
              ? [{ address: '198.51.100.121', prefixLength: 24 }]
              : [{ address: '2001:db8:1234:5678::121', prefixLength: 64 }],
        },
        gateway: { family, nextHop: family === 'ipv4' ? '198.51.100.254' : '2001:db8:1234:5678::1' },
        dnsServers: {
          family,
          servers: family === 'ipv4' ? ['192.0.2.53', '192.0.2.54'] : ['2001:db8::53', '2001:db8::54'],
        },
      })),
    );
    await ports.nics.armRevert({ token: 'change-3', afterSeconds: 60, restore });
    expect((await task('change-3'))!.arguments.length).toBeLessThan(32_000);
    await ports.nics.disarmRevert('change-3');
  });
});
