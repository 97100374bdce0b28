import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { Secret } from '../../../main/ports/secret.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import { allSamples, logOn, restart } from '../../support/changes.ts';
import { addMachine, formCluster, readyServers, type ReadyServers } from '../../support/cluster-world.ts';
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

/** Kinds that need a partition first, which the disk does not have. */
const untried: readonly string[] = ['disk.format', 'disk.setDriveLetter'];

/** The sample of a kind, about what is really there. */
const about = (change: ServerChange, known: Known): ServerChange =>
  ({
    ...change,
    ...('nic' in change ? { nic: change.do === 'nic.setPowerSaving' ? known.first : known.nic } : {}),
    ...('disk' in change ? { disk: known.disk } : {}),
    ...('sessionIdentifier' in change ? { sessionIdentifier: known.session } : {}),
    ...('targetNodeAddress' in change ? { targetNodeAddress: labTarget } : {}),
    ...('path' in change ? { path } : {}),
    ...('token' in change && change.do === 'host.removeResume' ? { token: 'there' } : {}),
    ...(change.do === 'initiator.addPortal' ? { initiatorPortalAddress: null } : {}),
    ...('authentication' in change ? { authentication: none } : {}),
    ...('account' in change && change.do !== 'host.joinDomain' && change.do !== 'host.registerResume'
      ? { account: null }
      : {}),
  }) as ServerChange;

const secrets = {
  password: new Secret('Not-Looked-At-1'),
  secret: new Secret('123456789012'),
  mutual: new Secret('210987654321'),
};

/** Kinds that are tried where there is a cluster and a storage host; all others where there is neither. */
const isOfCluster = ({ do: name }: ServerChange): boolean => /^(cluster|vm|switch|storageHost)\./.test(name);

type Attempt = (ports: Ports, known: Known) => Promise<unknown>;
const attempts: Readonly<Record<string, Attempt>> = {
  ...Object.fromEntries(
    allSamples
      .filter((change) => !untried.includes(change.do) && !isOfCluster(change))
      .map((change): [string, Attempt] => [
        change.do,
        (ports, known) => ports.apply(about(change, known), { secrets }),
      ]),
  ),
  'nics.armRevert': ({ nics }) => nics.armRevert({ token: 'new', afterSeconds: 60, restore: [] }),
  'firewall.setPeerOpenings': ({ firewall }) =>
    firewall.setPeerOpenings({
      owner: '0123456789abcdef',
      program: 'C:\\q.exe',
      openings: [{ address: '10.0.0.11', port: 23_343, nic: null }],
    }),
  'nics.disarmRevert': ({ nics }) => nics.disarmRevert('there'),
};

describe.skipIf(engineMissing)('changes without the rights of an administrator', () => {
  let world: TestWorld;
  let engine: Engine;
  let ports: Ports;
  let known: Known;
  beforeAll(async () => {
    world = await startTestWorld();
    const own = await world.ports('NODE1');
    await own.apply({ do: 'mpio.installFeature' });
    await own.apply(restart('MPIO'));
    await world.advance(60_000);
    await own.apply({ do: 'initiator.setService', running: true });
    const nic = (await own.nics.list())[2]!.interfaceGuid;
    const first = (await own.nics.list())[0]!.interfaceGuid;
    await own.apply({ do: 'nic.setDhcp', nic, family: 'ipv4', enabled: false });
    await own.apply({ do: 'nic.addAddress', nic, address: '198.51.100.21', prefixLength: 24 });
    await own.apply({ do: 'initiator.addPortal', ...path, authentication: none });
    const session = await logOn(own, {
      ...path,
      isPersistent: true,
      isMultipathEnabled: true,
      isHeaderDigest: false,
      isDataDigest: false,
      authentication: none,
    });
    const resume = { token: 'there', trigger: 'logon' as const, account: 'NODE1\\Administrator' };
    await own.apply(
      { do: 'host.registerResume', ...resume, passwordName: null },
      { resumeCommand: { program: 'C:\\q.exe', arguments: [] } },
    );
    await own.nics.armRevert({ token: 'there', afterSeconds: 3600, restore: [] });
    const disk = (await own.disks.list()).find((one) => one.serialNumber === 'LAB-DATA-0002')!.uniqueId!;
    known = { nic, first, disk, session: session.sessionIdentifier };
    await world.fault({ kind: 'accessDenied', server: 'NODE1' });
    engine = await startEngine({ world: { address: world.address, server: 'NODE1' } });
    ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
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
    const facts = await ports.host.readState();
    expect([facts.isAdministrator, facts.unread]).toEqual([false, []]);
    expect((await ports.nics.list())[0]!.unread).toEqual([]);
    expect((await ports.disks.list()).length).toBeGreaterThan(1);
  });
});

/** A target that shows one disk, another disk, and a file that is no disk any longer. */
const offerDisks = async (ports: Ports): Promise<void> => {
  await ports.apply({ do: 'roles.install', features: ['FS-iSCSITarget-Server'], source: null });
  const disk = { do: 'storageHost.createDisk', sizeBytes: 8_388_608, isFixed: false, description: '' } as const;
  for (const name of ['shown', 'free', 'old']) await ports.apply({ ...disk, path: `C:\\${name}.vhdx` });
  const initiators = ['iqn.1991-05.com.microsoft:node1'];
  await ports.apply({ do: 'storageHost.createTarget', name: 'cluster1', initiators });
  await ports.apply({ do: 'storageHost.mapDisk', name: 'cluster1', path: 'C:\\shown.vhdx', lun: 0 });
  await ports.apply({ do: 'storageHost.removeDisk', path: 'C:\\old.vhdx' });
};

/** The file that a kind is tried with. */
const fileFor = (kind: ServerChange['do']): string => {
  if (kind === 'storageHost.createDisk') return 'C:\\new.vhdx';
  if (kind === 'storageHost.importDisk' || kind === 'storageHost.deleteFile') return 'C:\\old.vhdx';
  return kind === 'storageHost.removeDisk' || kind === 'storageHost.mapDisk' ? 'C:\\free.vhdx' : 'C:\\shown.vhdx';
};

describe.skipIf(engineMissing)('changes of a cluster without the rights of an administrator', () => {
  let world: TestWorld;
  let engine: Engine;
  let ports: Ports;
  let servers: ReadyServers;
  let network: string;
  let nic: string;
  beforeAll(async () => {
    world = await startTestWorld();
    servers = await readyServers(world);
    await formCluster(servers);
    await addMachine(servers, 'VM1');
    // For the sample that removes it.
    await servers.node1.apply({
      do: 'vm.setStartSet',
      ...{ name: 'Web servers', machines: ['VM1'], after: [], delaySeconds: 20 },
    });
    await offerDisks(servers.node1);
    network = (await servers.node1.cluster.readState()).cluster!.networks[0]!.id;
    nic = (await servers.node1.nics.list())[4]!.interfaceGuid;
    await world.fault({ kind: 'accessDenied', server: 'NODE1' });
    engine = await startEngine({ world: { address: world.address, server: 'NODE1', without: [] } });
    ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  /** The sample of a kind, about what is there: only a disk that is not in the cluster can be added, and only a machine that is not there created. */
  const aboutCluster = (change: ServerChange): ServerChange =>
    Object.assign({}, change, {
      ...('disk' in change ? { disk: change.do === 'cluster.addDisk' ? servers.witness : servers.data } : {}),
      ...('witness' in change ? { witness: { kind: 'disk', disk: servers.data } } : {}),
      ...('network' in change ? { network } : {}),
      ...('exclude' in change ? { exclude: [network] } : {}),
      ...('nics' in change ? { nics: [nic] } : {}),
      ...('path' in change && typeof change.path === 'string' ? { path: fileFor(change.do) } : {}),
      ...(change.do === 'storageHost.mapDisk' ? { lun: null } : {}),
      ...(change.do === 'storageHost.createTarget' ? { name: 'cluster2' } : {}),
      ...(change.do === 'vm.create' ? { name: 'VM2', switch: null } : {}),
      ...(change.do === 'vm.setStartSet' ? { name: 'Databases', machines: ['VM1'], after: [] } : {}),
    });
  const ofVolumes: ReadonlySet<string> = new Set(['cluster.removeSharedVolume', 'cluster.renameSharedVolume']);
  const samples = allSamples.filter((change) => isOfCluster(change) && !ofVolumes.has(change.do));
  const isDenied = async (change: ServerChange): Promise<void> => {
    const before = await world.snapshot();
    await expect(ports.apply(aboutCluster(change), { secrets })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      effect: 'none',
    });
    const after = await world.snapshot();
    expect([after.servers, after.cluster, after.machines]).toEqual([before.servers, before.cluster, before.machines]);
  };

  it.each(samples.map((change) => [change.do, change] as const))('%s is denied and changes nothing', (_do, change) =>
    isDenied(change),
  );

  it('what is done with a shared volume is denied and changes nothing', async () => {
    await servers.node2.apply({ do: 'vm.leaveCluster', name: 'VM1' });
    await servers.node2.apply({ do: 'cluster.addSharedVolume', disk: servers.data });
    await isDenied({ do: 'cluster.renameSharedVolume', disk: servers.data, newName: 'Machines' });
    await isDenied({ do: 'cluster.removeSharedVolume', disk: servers.data });
  });
});
