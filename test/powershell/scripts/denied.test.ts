import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { Secret } from '../../../main/ports/secret.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/** Without an elevated administrator every change is denied, told as such, and changes nothing. */
const path = {
  targetNodeAddress: labTarget,
  targetPortalAddress: '198.51.100.10',
  targetPortalPort: 3260,
  initiatorPortalAddress: '198.51.100.21',
};
const none = { kind: 'none' } as const;

interface Known {
  readonly nic: string;
  /** One whose driver has power saving. */
  readonly first: string;
  readonly disk: string;
  readonly session: string;
}
type Attempt = (ports: Ports, known: Known) => Promise<unknown>;

const attempts: Readonly<Record<string, Attempt>> = {
  'host.rename': ({ host }) => host.rename('HV-A', null),
  'host.joinDomain': ({ host }) =>
    host.joinDomain({
      domain: 'lab.test',
      ou: null,
      credential: { userName: 'LAB\\joiner', password: new Secret('Not-Looked-At-1') },
    }),
  'host.joinWorkgroup': ({ host }) => host.joinWorkgroup({ workgroup: 'OTHER', credential: null }),
  'host.restart': ({ host }) => host.restart({ reason: 'none' }),
  'host.registerResume': ({ host }) =>
    host.registerResume({
      token: 'new',
      trigger: 'logon',
      account: 'NODE1\\Administrator',
      command: { program: 'C:\\quorate.exe', arguments: [] },
      password: null,
    }),
  'host.removeResume': ({ host }) => host.removeResume('there'),
  'host.setTimeSource': ({ host }) => host.setTimeSource({ kind: 'servers', servers: ['ntp1.test'] }),
  'nics.rename': ({ nics }, { nic }) => nics.rename(nic, 'Other'),
  'nics.disable': ({ nics }, { nic }) => nics.disable(nic),
  'nics.setDhcp': ({ nics }, { nic }) => nics.setDhcp(nic, 'ipv4', false),
  'nic.addAddress': (ports, { nic }) =>
    ports.apply({ do: 'nic.addAddress', nic, address: '10.9.0.1', prefixLength: 24 }),
  'nic.removeAddress': (ports, { nic }) => ports.apply({ do: 'nic.removeAddress', nic, address: '198.51.100.21' }),
  'nics.setGateway': ({ nics }, { nic }) => nics.setGateway(nic, 'ipv4', '198.51.100.254'),
  'nics.setDnsServers': ({ nics }, { nic }) => nics.setDnsServers(nic, 'ipv4', ['192.0.2.53']),
  'nics.setDnsRegistration': ({ nics }, { nic }) => nics.setDnsRegistration(nic, false),
  'nics.setNetbios': ({ nics }, { nic }) => nics.setNetbios(nic, 'disabled'),
  'nics.setJumboPacket': ({ nics }, { nic }) => nics.setJumboPacket(nic, 9014),
  'nics.setBinding': ({ nics }, { nic }) => nics.setBinding(nic, 'ms_server', false),
  'nics.setPowerSaving': ({ nics }, { first }) => nics.setPowerSaving(first, false),
  'nics.armRevert': ({ nics }) => nics.armRevert({ token: 'new', afterSeconds: 60, restore: [] }),
  'nics.disarmRevert': ({ nics }) => nics.disarmRevert('there'),
  'initiator.setService': ({ initiator }) => initiator.setService(false),
  'initiator.setFirewall': ({ initiator }) => initiator.setFirewall(true),
  'initiator.setName': ({ initiator }) => initiator.setName('iqn.2026-01.test.lab:other'),
  'initiator.setMutualSecret': ({ initiator }) => initiator.setMutualSecret(new Secret('123456789012')),
  'initiator.addPortal': ({ initiator }) =>
    initiator.addPortal({ ...path, initiatorPortalAddress: null, authentication: none }),
  'initiator.removePortal': ({ initiator }) => initiator.removePortal(path),
  'initiator.discover': ({ initiator }) => initiator.discover(),
  'initiator.logOn': ({ initiator }) =>
    initiator.logOn({
      ...path,
      isPersistent: true,
      isMultipathEnabled: true,
      isHeaderDigest: false,
      isDataDigest: false,
      authentication: none,
    }),
  'initiator.logOff': ({ initiator }, { session }) => initiator.logOff(session),
  'initiator.registerSession': ({ initiator }, { session }) =>
    initiator.registerSession({ sessionIdentifier: session, isMultipathEnabled: true, authentication: none }),
  'initiator.unregisterSession': ({ initiator }, { session }) => initiator.unregisterSession(session),
  'initiator.removeFavourite': ({ initiator }) => initiator.removeFavourite(path),
  'initiator.bindVolumes': ({ initiator }) => initiator.bindVolumes(),
  'mpio.installFeature': ({ mpio }) => mpio.installFeature(),
  'mpio.setIscsiClaim': ({ mpio }) => mpio.setIscsiClaim(true),
  'mpio.setLoadBalancePolicy': ({ mpio }) => mpio.setLoadBalancePolicy('LQD'),
  'disks.setOnline': ({ disks }, { disk }) => disks.setOnline(disk, true),
  'disks.setReadOnly': ({ disks }, { disk }) => disks.setReadOnly(disk, false),
  'disks.clear': ({ disks }, { disk }) => disks.clear(disk),
  'disks.initialize': ({ disks }, { disk }) => disks.initialize(disk, 'gpt'),
  'disks.createPartition': ({ disks }, { disk }) => disks.createPartition(disk, { driveLetter: null }),
  'disks.setSanPolicy': ({ disks }) => disks.setSanPolicy('OfflineAll'),
  'disks.setAutomount': ({ disks }) => disks.setAutomount(false),
};

describe.skipIf(engineMissing)('changes without the rights of an administrator', () => {
  let world: TestWorld;
  let engine: Engine;
  let ports: Ports;
  let known: Known;
  beforeAll(async () => {
    world = await startTestWorld();
    const own = await world.ports('NODE1');
    await own.mpio.installFeature();
    await own.host.restart({ reason: 'MPIO' });
    await world.advance(60_000);
    await own.initiator.setService(true);
    const nic = (await own.nics.list())[2]!.interfaceGuid;
    const first = (await own.nics.list())[0]!.interfaceGuid;
    await own.nics.setDhcp(nic, 'ipv4', false);
    await own.apply({ do: 'nic.addAddress', nic, address: '198.51.100.21', prefixLength: 24 });
    await own.initiator.addPortal({ ...path, authentication: none });
    const session = await own.initiator.logOn({
      ...path,
      isPersistent: true,
      isMultipathEnabled: true,
      isHeaderDigest: false,
      isDataDigest: false,
      authentication: none,
    });
    const resume = { token: 'there', trigger: 'logon' as const, account: 'NODE1\\Administrator' };
    await own.host.registerResume({ ...resume, command: { program: 'C:\\q.exe', arguments: [] }, password: null });
    await own.nics.armRevert({ token: 'there', afterSeconds: 3600, restore: [] });
    const disk = (await own.disks.list()).find((one) => one.serialNumber === 'LAB-DATA-0002')!.uniqueId!;
    known = { nic, first, disk, session: session.sessionIdentifier };
    await world.fault({ kind: 'accessDenied', server: 'NODE1' });
    engine = await startEngine({ world: { address: world.address, server: 'NODE1' } });
    ports = createWindowsPorts(engine.runner);
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  it.each(Object.entries(attempts))('%s is denied and changes nothing', async (name, attempt) => {
    const before = (await world.snapshot()).servers;
    await expect(attempt(ports, known)).rejects.toMatchObject({ code: 'ACCESS_DENIED', effect: 'none' });
    expect((await world.snapshot()).servers, name).toEqual(before);
  });

  it('still reads what needs no rights, and says who it is', async () => {
    const facts = await ports.host.readFacts();
    expect([facts.isAdministrator, facts.unread]).toEqual([false, []]);
    expect((await ports.nics.list())[0]!.unread).toEqual([]);
    expect((await ports.disks.list()).length).toBeGreaterThan(1);
  });
});
