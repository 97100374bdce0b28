import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labAccount, labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { Secret } from '../../../main/ports/secret.ts';
import { logOn as logOnTo, renameHost, restart } from '../../support/changes.ts';
import { startTestWorld, until, type TestWorld } from '../../support/world.ts';
import { runCmdlet } from '../../powershell/world/requests.ts';

describe('a world and its clients', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld({ seed: 7 });
  });
  afterAll(() => world.stop());

  it('is the same for the same seed and another for another', async () => {
    const twin = await startTestWorld({ seed: 7 });
    const other = await startTestWorld({ seed: 8 });
    try {
      const [one, two, three] = await Promise.all([world.snapshot(), twin.snapshot(), other.snapshot()]);
      expect(two).toEqual(one);
      expect(three.servers['NODE1']!.nics[0]!.guid).not.toBe(one.servers['NODE1']!.nics[0]!.guid);
    } finally {
      await twin.stop();
      await other.stop();
    }
  });

  it('serves several clients that see the same state', async () => {
    const [one, two] = await Promise.all([world.ports('NODE1'), world.ports('NODE1')]);
    const nic = (await one.nics.list())[0]!;
    await one.apply({ do: 'nic.rename', nic: nic.interfaceGuid, newName: 'Production' });
    expect((await two.nics.list())[0]!.name).toBe('Production');
  });

  it('answers a thousand requests of ten clients in their order', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, (_, index) => world.connect(`client ${index}`)));
    const answers = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 100 }, (_, index) => client.control('readLog', { limit: 1 }).then(() => index)),
      ),
    );
    expect(answers).toHaveLength(1000);
  });

  it('says who did what and when, without secrets', async () => {
    const client = await world.connect('somebody with a secret');
    await client.port('NODE1', 'initiator.setService', {
      change: { do: 'initiator.setService', running: true },
    });
    await client.port('NODE1', 'initiator.setMutualSecret', {
      change: { do: 'initiator.setMutualSecret', secretName: 'mutual' },
      secrets: { mutual: 'a-secret-0123' },
    });
    await runCmdlet(client, 'NODE1', 'Set-IscsiChapSecret', { ChapSecret: 'a-secret-4567' });
    const log = (await world.client.control('readLog', { limit: 2 })) as { who: string; what: string; at: string }[];
    expect(log.map((entry) => [entry.who, entry.what])).toEqual([
      ['somebody with a secret', 'initiator.setMutualSecret'],
      ['somebody with a secret', 'Set-IscsiChapSecret'],
    ]);
    expect(JSON.stringify(log)).not.toContain('a-secret');
    expect(log[0]!.at).toMatch(/^2026-01-05T08:/);
  });

  it('refuses what it does not model instead of guessing', async () => {
    expect(await runCmdlet(world.client, 'NODE1', 'Get-Weather', {})).toMatchObject({
      ok: false,
      error: { id: 'NotModelled,Get-Weather' },
    });
    expect(await runCmdlet(world.client, 'NODE1', 'Get-NetAdapter', { Colour: 'red' })).toMatchObject({
      ok: false,
      error: { id: 'NotModelled,Get-NetAdapter' },
    });
    await expect(world.client.port('NODE1', 'disks.vanish', {})).rejects.toMatchObject({ code: 'CALL_UNKNOWN_METHOD' });
    await expect(
      world.client.port('NODE1', 'nic.rename', { change: { do: 'nic.rename', nic: 5 } }),
    ).rejects.toMatchObject({
      code: 'CALL_INPUT_INVALID',
    });
    await expect(world.client.port('NODE9', 'nics.list', {})).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  });

  it('lets one process own a folder', async () => {
    const { spawnSync } = await import('node:child_process');
    const { bundleWorld } = await import('../../support/world.ts');
    const second = spawnSync(process.execPath, [await bundleWorld(), '--folder', world.folder], { timeout: 120_000 });
    expect(second.status).toBe(3);
  });
});

describe('a world that is killed', () => {
  it('has every answered change after SIGKILL, and goes on with the same numbers', async () => {
    const world = await startTestWorld();
    try {
      const ports = await world.ports();
      const nic = (await ports.nics.list())[2]!;
      for (let round = 0; round < 5; round += 1) {
        await ports.apply({
          do: 'nic.addAddress',
          nic: nic.interfaceGuid,
          address: `198.51.100.${20 + round}`,
          prefixLength: 24,
        });
      }
      const before = await world.snapshot();
      await world.kill();
      await world.start();
      expect(await world.snapshot()).toEqual(before);
      const log = (await world.client.control('readLog', { limit: 100 })) as { what: string }[];
      expect(log.filter((entry) => entry.what === 'nic.addAddress')).toHaveLength(5);
    } finally {
      await world.stop();
    }
  });

  it('loses no answered change when it is killed at any moment of a stream of them', async () => {
    const world = await startTestWorld();
    try {
      for (let round = 0; round < 4; round += 1) {
        const client = await world.connect(`writer ${round}`);
        const nic = (await world.snapshot()).servers['NODE1']!.nics[0]!.guid;
        let answered = -1;
        const writing = (async () => {
          for (let index = 0; ; index += 1) {
            const change = { do: 'nic.rename', nic, newName: `Round ${round} number ${index}` };
            await client.port('NODE1', 'nic.rename', { change });
            answered = index;
          }
        })().catch(() => undefined);
        await until(
          () => answered,
          (value) => value >= 10 + round * 37,
          'enough changes',
        );
        await world.kill();
        await writing;
        await world.start();
        const name = (await world.snapshot()).servers['NODE1']!.nics[0]!.name;
        const kept = Number(/number (\d+)$/.exec(name)?.[1]);
        expect(kept).toBeGreaterThanOrEqual(answered);
        expect(kept).toBeLessThanOrEqual(answered + 1);
      }
    } finally {
      await world.stop();
    }
  });
});

describe('what happens on a clock that is driven', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld({ scenario: 'two-node-lab' });
  });
  afterAll(() => world.stop());

  it('restarts a server and puts in force what waited for it', async () => {
    const ports = await world.ports();
    await renameHost(ports, 'HOST-A', null);
    await ports.apply({ do: 'mpio.installFeature' });
    expect((await ports.mpio.readState()).feature).toBe('installPending');
    await ports.apply(restart('test'));
    await expect(ports.host.readState()).rejects.toMatchObject({ code: 'HOST_RESTARTING', retry: 'later' });
    await world.advance(10_000);
    expect((await ports.host.readState()).computerName).toBe('HOST-A');
    expect((await ports.mpio.readState()).feature).toBe('installed');
  });

  it('never comes back from a restart when told so, until somebody switches it on', async () => {
    const ports = await world.ports('NODE2');
    const fault = await world.fault({ kind: 'restartNeverReturns', server: 'NODE2' });
    await ports.apply(restart('test'));
    await world.advance(86_400_000);
    await expect(ports.host.readState()).rejects.toMatchObject({ code: 'HOST_RESTARTING' });
    await world.clearFault(fault);
    await world.client.control('powerOn', { server: 'NODE2' });
    expect((await ports.host.readState()).computerName).toBe('NODE2');
  });

  it('takes an unconfirmed network change back by itself, also after its client died', async () => {
    const ports = await world.ports();
    const nic = (await ports.nics.list())[0]!;
    const client = await world.connect('one that dies');
    await client.port('NODE1', 'nics.armRevert', {
      token: 't1',
      afterSeconds: 60,
      restore: [
        {
          interfaceGuid: nic.interfaceGuid,
          dhcp: { family: 'ipv4', enabled: true },
          addresses: { family: 'ipv4', list: [] },
        },
      ],
    });
    await client.port('NODE1', 'nic.addAddress', {
      change: { do: 'nic.addAddress', nic: nic.interfaceGuid, address: '10.9.9.9', prefixLength: 24 },
    });
    client.close();
    expect((await ports.nics.readReverts()).map((one) => one.token)).toEqual(['t1']);
    await world.kill();
    await world.start();
    const again = await world.ports();
    await world.advance(59_000);
    expect((await again.nics.list())[0]!.addresses!.map((one) => one.address)).toContain('10.9.9.9');
    await world.advance(2000);
    const reverted = (await again.nics.list())[0]!;
    expect(reverted.addresses!.map((one) => one.address)).not.toContain('10.9.9.9');
    expect(reverted.dhcp).toEqual({ ipv4: true, ipv6: true });
    expect(await again.nics.readReverts()).toEqual([]);
  });

  it('loses its power before, in the middle of, or after a change', async () => {
    const ports = await world.ports();
    await ports.apply({ do: 'initiator.setService', running: true });
    const nics = await ports.nics.list();
    await ports.apply({
      do: 'nic.addAddress',
      nic: nics[2]!.interfaceGuid,
      address: '198.51.100.21',
      prefixLength: 24,
    });
    await ports.apply({
      do: 'initiator.addPortal',
      targetPortalAddress: '198.51.100.10',
      targetPortalPort: 3260,
      initiatorPortalAddress: '198.51.100.21',
      authentication: { kind: 'none' },
    });
    const logOn = () =>
      logOnTo(ports, {
        targetNodeAddress: labTarget,
        initiatorPortalAddress: '198.51.100.21',
        targetPortalAddress: '198.51.100.10',
        targetPortalPort: 3260,
        isPersistent: true,
        isMultipathEnabled: true,
        isHeaderDigest: false,
        isDataDigest: false,
        authentication: { kind: 'none' },
      });
    const favourites: number[] = [];
    for (const moment of ['before', 'during', 'after'] as const) {
      await world.fault({ kind: 'powerLoss', server: 'NODE1', on: 'initiator.logOn', moment });
      await expect(logOn()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', effect: 'unknown' });
      await expect(ports.host.readState()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
      await world.client.control('powerOn', { server: 'NODE1' });
      favourites.push((await ports.initiator.readState()).favourites!.length);
    }
    // In the middle the session is there and the favourite is not yet.
    expect(favourites).toEqual([0, 0, 1]);
    expect((await ports.initiator.readState()).sessions).toHaveLength(1);
  });

  it('leaves an unformatted volume when the power goes in the middle of a format', async () => {
    const ports = await world.ports();
    const disk = (await ports.disks.list()).find((one) => one.serialNumber === 'LAB-DATA-0002')!;
    const id = disk.uniqueId!;
    await ports.apply({ do: 'disk.setOnline', disk: id, online: true });
    await ports.apply({ do: 'disk.setReadOnly', disk: id, readOnly: false });
    await ports.apply({ do: 'disk.initialize', disk: id, style: 'gpt' });
    await ports.apply({ do: 'disk.createPartition', disk: id, driveLetter: 'F' });
    await world.fault({ kind: 'powerLoss', server: 'NODE1', on: 'disk.format', moment: 'during' });
    const format = { partitionNumber: 2, fileSystem: 'NTFS' as const, label: 'Data', allocationUnitBytes: null };
    await expect(ports.apply({ do: 'disk.format', disk: id, ...format, discardsContent: false })).rejects.toMatchObject(
      { effect: 'unknown' },
    );
    await world.client.control('powerOn', { server: 'NODE1' });
    const after = (await ports.disks.list()).find((one) => one.uniqueId === id)!;
    expect(after.partitions!.find((one) => one.partitionNumber === 2)!.volume!.fileSystem).toBeNull();
    await ports.apply({ do: 'disk.format', disk: id, ...format, discardsContent: false });
    const done = (await ports.disks.list()).find((one) => one.uniqueId === id)!;
    expect(done.partitions!.find((one) => one.partitionNumber === 2)!.volume).toMatchObject({
      fileSystem: 'NTFS',
      label: 'Data',
    });
  });
});

describe('faults on demand', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld({ scenario: 'two-node-ad' });
  });
  afterAll(() => world.stop());

  it('drops a link and lets it come back', async () => {
    const ports = await world.ports();
    const fault = await world.fault({ kind: 'nicDown', server: 'NODE1', nic: 'Ethernet 3' });
    const state = async () => (await ports.nics.list()).find((nic) => nic.name === 'Ethernet 3')!.mediaState;
    expect(await state()).toBe('disconnected');
    await world.clearFault(fault);
    expect(await state()).toBe('connected');
  });

  it('has an address that is in use read back as a duplicate', async () => {
    const ports = await world.ports();
    const nic = (await ports.nics.list()).find((one) => one.name === 'Ethernet 2')!;
    await world.fault({ kind: 'addressInUse', network: 'private', address: '10.10.10.1' });
    expect(await ports.nics.probeAddress(nic.interfaceGuid, '10.10.10.1')).toBe('unknown');
    await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '10.10.10.2', prefixLength: 24 });
    expect(await ports.nics.probeAddress(nic.interfaceGuid, '10.10.10.1')).toBe('answered');
    await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '10.10.10.1', prefixLength: 24 });
    const held = (await ports.nics.list()).find((one) => one.name === 'Ethernet 2')!.addresses!;
    expect(held.find((one) => one.address === '10.10.10.1')!.state).toBe('duplicate');
  });

  it('keeps an echo out on the wrong VLAN', async () => {
    const [one, two] = await Promise.all([world.ports('NODE1'), world.ports('NODE2')]);
    const nic = async (ports: typeof one) =>
      (await ports.nics.list()).find((each) => each.name === 'Ethernet 4')!.interfaceGuid;
    await one.apply({ do: 'nic.addAddress', nic: await nic(one), address: '203.0.113.21', prefixLength: 24 });
    await two.apply({ do: 'nic.addAddress', nic: await nic(two), address: '203.0.113.22', prefixLength: 24 });
    const echo = () =>
      one.nics.sendEcho({ destination: '203.0.113.22', source: null, payloadBytes: 1472, dontFragment: true });
    expect(await echo()).toMatchObject({ answered: true });
    await world.fault({ kind: 'wrongVlan', server: 'NODE2', nic: 'Ethernet 4', network: 'iscsi-a' });
    expect(await echo()).toEqual({ answered: false, because: 'timeout' });
  });

  it('proves a jumbo packet only when both ends and the switch take it', async () => {
    const [one, two] = await Promise.all([world.ports('NODE1'), world.ports('NODE2')]);
    const guid = async (ports: typeof one) =>
      (await ports.nics.list()).find((each) => each.name === 'Ethernet 3')!.interfaceGuid;
    await one.apply({ do: 'nic.addAddress', nic: await guid(one), address: '198.51.100.21', prefixLength: 24 });
    await two.apply({ do: 'nic.addAddress', nic: await guid(two), address: '198.51.100.22', prefixLength: 24 });
    const echo = () =>
      one.nics.sendEcho({ destination: '198.51.100.22', source: null, payloadBytes: 8972, dontFragment: true });
    expect(await echo()).toEqual({ answered: false, because: 'tooBig' });
    await one.apply({ do: 'nic.setJumboPacket', nic: await guid(one), valueBytes: 9014 });
    expect(await echo()).toEqual({ answered: false, because: 'timeout' });
    await two.apply({ do: 'nic.setJumboPacket', nic: await guid(two), valueBytes: 9014 });
    expect(await echo()).toMatchObject({ answered: true });
  });

  it('takes a value without keeping it', async () => {
    const ports = await world.ports();
    const nic = (await ports.nics.list()).find((one) => one.name === 'Ethernet 2')!;
    await world.fault({ kind: 'propertyNotAccepted', server: 'NODE1', nic: 'Ethernet 2', property: '*JumboPacket' });
    await ports.apply({ do: 'nic.setJumboPacket', nic: nic.interfaceGuid, valueBytes: 9014 });
    expect((await ports.nics.list()).find((one) => one.name === 'Ethernet 2')!.jumboPacket!.valueBytes).toBe(1514);
  });

  it('renames adapters with a driver update and keeps their identity', async () => {
    const ports = await world.ports('NODE2');
    const before = await ports.nics.list();
    await world.client.control('updateDrivers', {
      server: 'NODE2',
      provider: 'Broadcom Limited',
      version: '230.0.0.0',
    });
    const after = await ports.nics.list();
    const changed = after.filter((nic, index) => nic.name !== before[index]!.name);
    expect(changed.length).toBeGreaterThan(0);
    expect(after.map((nic) => [nic.interfaceGuid, nic.permanentAddress])).toEqual(
      before.map((nic) => [nic.interfaceGuid, nic.permanentAddress]),
    );
  });

  it('denies changes without an administrator and lets everybody read', async () => {
    const ports = await world.ports('NODE2');
    const fault = await world.fault({ kind: 'accessDenied', server: 'NODE2' });
    await expect(ports.apply({ do: 'disk.setSanPolicy', policy: 'OnlineAll' })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      effect: 'none',
    });
    expect((await ports.disks.readPolicy()).sanPolicy).toBe('OfflineShared');
    await world.clearFault(fault);
  });

  it('fails a feature', async () => {
    const ports = await world.ports('NODE2');
    const fault = await world.fault({ kind: 'featureFails', server: 'NODE2', feature: 'Multipath-IO' });
    await expect(ports.apply({ do: 'mpio.installFeature' })).rejects.toMatchObject({ code: 'ROLE_INSTALL_FAILED' });
    expect((await ports.mpio.readState()).feature).toBe('available');
    await world.clearFault(fault);
  });

  it('takes its time for every answer of one server, and keeps no other waiting', async () => {
    const slow = await world.fault({ kind: 'slow', server: 'NODE1', byMs: 600_000, on: 'nics.list' });
    const [one, two] = await Promise.all([world.ports('NODE1'), world.ports('NODE2')]);
    const given = new AbortController();
    const late = one.nics.list({ signal: given.signal }).catch((error: { code: string }) => error.code);
    // It stands in the queue of NODE1 already, and neither NODE2 nor the world waits for it.
    expect(await two.nics.list()).toHaveLength(6);
    expect((await world.client.control('listFaults')) as { id: string }[]).toContainEqual(
      expect.objectContaining({ id: slow, byMs: 600_000 }),
    );
    given.abort();
    expect(await late).toBe('CANCELLED');
    await world.clearFault(slow);
    // What was given up stands in nobody's way.
    const quick = await world.ports('NODE1');
    const short = await world.fault({ kind: 'slow', server: 'NODE1', byMs: 30 });
    const from = performance.now();
    await quick.nics.list();
    expect(performance.now() - from).toBeGreaterThanOrEqual(29);
    await world.clearFault(short);
  });

  it('does not answer at all, until it is let go on, or the caller has had enough', async () => {
    const hang = await world.fault({ kind: 'hang', server: 'NODE1' });
    const one = await world.ports('NODE1');
    await expect(one.nics.list({ timeoutMs: 50 })).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
      detail: { server: 'NODE1', reason: 'it gave no answer within 0.05 s' },
    });
    await one.close();
    const other = await world.ports('NODE1');
    const waiting = other.host.readState();
    expect((await (await world.ports('NODE2')).host.readState()).computerName).toBe('NODE2');
    await world.clearFault(hang);
    expect((await waiting).computerName).toBe('NODE1');
  });

  it('carries nothing out for a caller who gave up while it did not answer', async () => {
    const hang = await world.fault({ kind: 'hang', server: 'NODE2', on: 'disk.setSanPolicy' });
    const client = await world.connect('somebody impatient');
    const before = (await world.snapshot()).servers['NODE2']!.sanPolicy;
    const given = new AbortController();
    const changed = client.port(
      'NODE2',
      'disk.setSanPolicy',
      { change: { do: 'disk.setSanPolicy', policy: 'OnlineAll' } },
      given.signal,
    );
    given.abort();
    await expect(changed).rejects.toMatchObject({ code: 'CANCELLED' });
    // Its own next request is read after what it took back.
    await client.control('listFaults');
    await world.clearFault(hang);
    await client.port('NODE2', 'nics.list', {});
    expect((await world.snapshot()).servers['NODE2']!.sanPolicy).toBe(before);
  });

  it('lets members of a domain rename with an account only', async () => {
    const ports = await world.ports('NODE1');
    await expect(renameHost(ports, 'SRV1', null)).rejects.toMatchObject({ code: 'HOST_CREDENTIAL_REFUSED' });
    await expect(
      renameHost(ports, 'SRV1', { userName: labAccount.userName, password: new Secret('wrong') }),
    ).rejects.toMatchObject({ code: 'HOST_CREDENTIAL_REFUSED' });
    await renameHost(ports, 'SRV1', { userName: labAccount.userName, password: new Secret(labAccount.password) });
    expect((await ports.host.readState()).nextComputerName).toBe('SRV1');
  });
});

describe.each([
  ['two-node-2016', 14393, 'Server'],
  ['two-node-2019', 17763, 'Server'],
  ['two-node-2022', 20348, 'Server'],
  ['two-node-lab', 26100, 'Server'],
  ['two-node-core', 26100, 'Server Core'],
  ['two-node-ad', 26100, 'Server'],
] as const)('the scenario %s', (scenario, build, installation) => {
  it('is two servers of that Windows with six NICs', async () => {
    const world = await startTestWorld({ scenario });
    try {
      for (const server of ['NODE1', 'NODE2']) {
        const ports = await world.ports(server);
        const facts = await ports.host.readState();
        expect(facts.os.buildNumber).toBe(build);
        expect(facts.os.installation).toBe(installation);
        expect(facts.membership.kind).toBe(scenario === 'two-node-ad' ? 'domain' : 'workgroup');
        expect(await ports.nics.list()).toHaveLength(6);
      }
    } finally {
      await world.stop();
    }
  });
});
