import { join } from 'node:path';
import * as z from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../main/ports/secret.ts';
import type { ScriptCall } from '../../../main/windows/call.ts';
import {
  portCalls,
  printArmRevert,
  printPortCall,
  scriptCallOf,
  type PortCallName,
} from '../../../main/windows/index.ts';
import { sampleChanges } from '../../support/changes.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/** What `--script` prints: it parses, holds no secret, and does what the port's method does. */
const secretText = 'Never-Printed-42';
const secret = new Secret(secretText);
const credential = { userName: "LAB\\O'Brien", password: secret };
const nic = '{AAAAAAAA-0000-4000-8000-000000000001}';
const chap = { kind: 'mutualChap', userName: 'node1', secret } as const;
const portal = {
  targetPortalAddress: '198.51.100.10',
  targetPortalPort: 3260,
  initiatorPortalAddress: '198.51.100.21',
};
const disk = '600140500000000000000000000000A1';

/** One call of every changing method; a method without one does not compile. */
const samples: Readonly<Record<PortCallName, ScriptCall>> & Readonly<Record<string, ScriptCall>> = {
  ...Object.fromEntries(
    Object.values(sampleChanges).flatMap((change) => {
      const call = scriptCallOf(change, () => secret);
      return call ? [[change.do, call]] : [];
    }),
  ),
  'host.rename': portCalls.host.rename('HV-A', credential),
  'host.joinDomain': portCalls.host.joinDomain({
    domain: 'lab.test',
    ou: 'OU=Server Räume,DC=lab,DC=test',
    credential,
  }),
  'host.joinWorkgroup': portCalls.host.joinWorkgroup({ workgroup: 'WORKGROUP', credential }),
  'host.restart': portCalls.host.restart({ reason: "the server's new name" }),
  'host.registerResume': portCalls.host.registerResume({
    token: 'work-1',
    trigger: 'startup',
    account: 'NODE1\\Administrator',
    command: { program: 'C:\\Program Files\\Quorate\\quorate.exe', arguments: ['resume', '--data', 'C:\\a b\\'] },
    password: secret,
  }),
  'host.removeResume': portCalls.host.removeResume('work-1'),
  'host.setTimeSource': portCalls.host.setTimeSource({ kind: 'servers', servers: ['ntp1.test'] }),
  'nics.rename': portCalls.nics.rename(nic, "iSCSI 'A' – 東京"),
  'nics.enable': portCalls.nics.enable(nic),
  'nics.disable': portCalls.nics.disable(nic),
  'nics.setDhcp': portCalls.nics.setDhcp(nic, 'ipv4', false),
  'nics.setGateway': portCalls.nics.setGateway(nic, 'ipv6', null),
  'nics.setDnsServers': portCalls.nics.setDnsServers(nic, 'ipv4', ['192.0.2.53', '192.0.2.54']),
  'nics.setDnsRegistration': portCalls.nics.setDnsRegistration(nic, false),
  'nics.setNetbios': portCalls.nics.setNetbios(nic, 'disabled'),
  'nics.setJumboPacket': portCalls.nics.setJumboPacket(nic, 9014),
  'nics.setBinding': portCalls.nics.setBinding(nic, 'ms_server', false),
  'nics.setPowerSaving': portCalls.nics.setPowerSaving(nic, false),
  'nics.disarmRevert': portCalls.nics.disarmRevert('change-1'),
  'initiator.setService': portCalls.initiator.setService(true),
  'initiator.setFirewall': portCalls.initiator.setFirewall(true),
  'initiator.setName': portCalls.initiator.setName('iqn.1991-05.com.microsoft:node1'),
  'initiator.setMutualSecret': portCalls.initiator.setMutualSecret(secret),
  'initiator.addPortal': portCalls.initiator.addPortal({ ...portal, authentication: chap }),
  'initiator.removePortal': portCalls.initiator.removePortal(portal),
  'initiator.discover': portCalls.initiator.discover(),
  'initiator.logOn': portCalls.initiator.logOn({
    ...portal,
    targetNodeAddress: 'iqn.2004-04.test.lab:storage',
    isPersistent: true,
    isMultipathEnabled: true,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: chap,
  }),
  'initiator.logOff': portCalls.initiator.logOff('ffffe001-4000013700000002'),
  'initiator.registerSession': portCalls.initiator.registerSession({
    sessionIdentifier: 'ffffe001-4000013700000002',
    isMultipathEnabled: true,
    authentication: chap,
  }),
  'initiator.unregisterSession': portCalls.initiator.unregisterSession('ffffe001-4000013700000002'),
  'initiator.removeFavourite': portCalls.initiator.removeFavourite({
    ...portal,
    targetNodeAddress: 'iqn.2004-04.test.lab:storage',
  }),
  'initiator.bindVolumes': portCalls.initiator.bindVolumes(),
  'mpio.installFeature': portCalls.mpio.installFeature(),
  'mpio.setIscsiClaim': portCalls.mpio.setIscsiClaim(true),
  'mpio.setLoadBalancePolicy': portCalls.mpio.setLoadBalancePolicy('RR'),
  'disks.rescan': portCalls.disks.rescan(),
  'disks.setOnline': portCalls.disks.setOnline(disk, true),
  'disks.setReadOnly': portCalls.disks.setReadOnly(disk, false),
  'disks.clear': portCalls.disks.clear(disk),
  'disks.initialize': portCalls.disks.initialize(disk, 'gpt'),
  'disks.createPartition': portCalls.disks.createPartition(disk, { driveLetter: 'Q' }),
  'disks.format': portCalls.disks.format(disk, {
    partitionNumber: 2,
    fileSystem: 'NTFS',
    label: "Zeuge ' 1",
    allocationUnitBytes: null,
  }),
  'disks.setDriveLetter': portCalls.disks.setDriveLetter(disk, { partitionNumber: 2, driveLetter: null }),
  'disks.setSanPolicy': portCalls.disks.setSanPolicy('OfflineShared'),
  'disks.setAutomount': portCalls.disks.setAutomount(false),
};

const syntaxSchema = z.looseObject({ problems: z.array(z.unknown()), newer: z.array(z.unknown()) });

describe.skipIf(engineMissing)('printed scripts', () => {
  let engine: Engine;
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld();
    engine = await startEngine({
      world: { address: world.address, server: 'NODE1' },
      sources: [join(import.meta.dirname, '../simulated/fixtures'), join(import.meta.dirname, '../signatures/net')],
    });
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  const run = async (text: string): Promise<void> => {
    const answer = await engine.runner.run('Test-Snippet', { text });
    expect(answer).toMatchObject({ ok: true, data: { ok: true } });
  };

  it.each(Object.entries(samples))('%s: parses, and holds no secret', async (name, call) => {
    const text = await printPortCall(engine.runner, call);
    const answer = await engine.runner.run('Get-ScriptSyntax', { text }, { output: syntaxSchema });
    expect(answer).toMatchObject({ ok: true, data: { problems: [], newer: [] } });
    expect(text).not.toContain(secretText);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    // A secret that the call takes is asked for when the text runs.
    const takesSecret = JSON.stringify(call.input).includes('[secret]');
    expect([name, text.includes('Read-Host -AsSecureString')]).toEqual([name, takesSecret]);
  });

  it('the revert of a network change carries its own text', async () => {
    const restore = [{ interfaceGuid: nic, dnsServers: { family: 'ipv4' as const, servers: [] } }];
    const text = await printArmRevert(engine.runner, { token: 'change-1', afterSeconds: 60, restore });
    const answer = await engine.runner.run('Get-ScriptSyntax', { text }, { output: syntaxSchema });
    expect(answer).toMatchObject({ ok: true, data: { problems: [], newer: [] } });
  });

  it('do what the method does', async () => {
    const ports = await world.ports('NODE1');
    const [first] = await ports.nics.list();
    const name = "Produktion 'A' – 東京";
    await run(await printPortCall(engine.runner, portCalls.nics.rename(first!.interfaceGuid, name)));
    await run(
      await printPortCall(engine.runner, portCalls.nics.setDnsServers(first!.interfaceGuid, 'ipv4', ['192.0.2.53'])),
    );
    await run(await printPortCall(engine.runner, samples['host.setTimeSource']));
    await run(await printPortCall(engine.runner, samples['disks.setSanPolicy']));
    const [nicNow] = await ports.nics.list();
    expect([nicNow!.name, nicNow!.dnsServers!.ipv4]).toEqual([name, ['192.0.2.53']]);
    expect((await ports.host.readTimeSource()).servers).toEqual(['ntp1.test']);
    expect((await ports.disks.readPolicy()).sanPolicy).toBe('OfflineShared');
    await ports.close();
  });
});
