import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lunFromNumber, openSession, scsi, type ChapOptions, type Session } from '../../../main/iscsi/index.ts';
import { Secret } from '../../../main/ports/secret.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { Served } from '../../../main/rehearsal/world/serve.ts';
import { logOn } from '../../support/changes.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

const initiatorName = 'iqn.2026-01.example.quorate:looker';
const key = 0x51n;

/** The data LUN; LUN 0 is the witness. */
const dataLun = lunFromNumber(1);

const valueOf = <T>(outcome: { ok: true; value: T } | { ok: false }): T => {
  if (!outcome.ok) throw new Error(`the target refused: ${JSON.stringify(outcome)}`);
  return outcome.value;
};

describe('a target of the world, served on loopback', () => {
  let world: TestWorld;
  let ports: Ports;
  let served: Served;
  let session: Session;

  /** The first command of a session is told that the device was powered on. */
  const open = async (portal: number): Promise<Session> => {
    const { host, port } = served.portals[portal]!;
    const opened = await openSession({ portal: { host, port }, target: labTarget, initiatorName });
    await scsi.testUnitReady(opened, dataLun);
    return opened;
  };
  const dataDisk = async () => (await ports.disks.list()).find((disk) => disk.serialNumber === 'LAB-DATA-0002')!;
  const reservationsOfData = async () =>
    Object.values((await world.snapshot()).luns).find((lun) => lun.serial === 'LAB-DATA-0002')!;

  beforeAll(async () => {
    world = await startTestWorld();
    served = (await world.client.control('serveTarget', { target: labTarget })) as Served;
    session = await open(0);
    ports = await world.ports();
    const path = {
      targetPortalAddress: '198.51.100.10',
      targetPortalPort: 3260,
      initiatorPortalAddress: '198.51.100.21',
    };
    await ports.apply({ do: 'initiator.setService', running: true });
    const nic = (await ports.nics.list())[2]!;
    await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '198.51.100.21', prefixLength: 24 });
    await ports.apply({ do: 'initiator.addPortal', ...path, authentication: { kind: 'none' } });
    await logOn(ports, {
      ...path,
      targetNodeAddress: labTarget,
      isPersistent: false,
      isMultipathEnabled: true,
      isHeaderDigest: false,
      isDataDigest: false,
      authentication: { kind: 'none' },
    });
    await ports.disks.rescan();
  });
  afterAll(async () => {
    await session.close();
    await ports.close();
    await world.stop();
  });

  it('has a loopback port for each of its portals', async () => {
    expect(served.portals.map((portal) => portal.standsFor)).toEqual(['198.51.100.10:3260', '203.0.113.10:3260']);
    expect(await world.client.control('listServedTargets')).toEqual([served]);
    const second = await open(1);
    expect(second.info.portalGroupTag).not.toBe(session.info.portalGroupTag);
    await second.close();
  });

  it('shows the disks under the names that the simulated servers see', async () => {
    expect(valueOf(await scsi.unitSerialNumber(session, dataLun))).toBe('LAB-DATA-0002');
    const identity = scsi.pickIdentity(valueOf(await scsi.deviceIdentification(session, dataLun)))!;
    expect(identity.bytes.toString('hex').toUpperCase()).toBe((await dataDisk()).uniqueId);
    const capacity = valueOf(await scsi.readCapacity16(session, dataLun));
    expect(capacity.blocks * BigInt(capacity.blockSizeBytes)).toBe((await dataDisk()).sizeBytes);
  });

  it('keeps a reservation made over iSCSI from the simulated servers', async () => {
    const { uniqueId } = await dataDisk();
    valueOf(await scsi.persistentReserveOut(session, dataLun, { action: 'register', serviceActionKey: key }));
    valueOf(
      await scsi.persistentReserveOut(session, dataLun, {
        action: 'reserve',
        type: 'writeExclusiveRegistrantsOnly',
        key,
      }),
    );
    expect((await reservationsOfData()).reservations.registrations).toHaveLength(1);
    await expect(ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true })).rejects.toMatchObject({
      code: 'DISK_RESERVED',
    });
    expect(await world.client.control('readLog', { limit: 2 })).toContainEqual(
      expect.objectContaining({ who: initiatorName, what: 'persistent reservation' }),
    );

    valueOf(await scsi.persistentReserveOut(session, dataLun, { action: 'clear', key }));
    expect((await reservationsOfData()).reservations.registrations).toEqual([]);
    await ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true });
  });

  it('shows a reservation that the world was told to make', async () => {
    const lun = (await reservationsOfData()).id;
    const fault = await world.fault({ kind: 'diskReserved', lun, holder: 'iqn.2026-01.example:stranger' });
    const { reservation } = valueOf(await scsi.readReservation(session, dataLun));
    expect(reservation?.typeCode).toBe(5);
    await world.clearFault(fault);
    expect(valueOf(await scsi.readReservation(session, dataLun)).reservation).toBeUndefined();
  });

  it('shows what a simulated server wrote to a disk', async () => {
    const firstBlocks = async () => valueOf(await scsi.read(session, dataLun, { firstBlock: 0n, blocks: 2 }, 512));
    const { uniqueId } = await dataDisk();
    expect((await firstBlocks()).every((byte) => byte === 0)).toBe(true);
    await ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true });
    await ports.apply({ do: 'disk.setReadOnly', disk: uniqueId!, readOnly: false });
    await ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'gpt' });
    expect((await firstBlocks()).toString('latin1', 512, 520)).toBe('EFI PART');
  });

  it('has the bytes that an initiator wrote, over every path, and a simulated server clears those very bytes', async () => {
    const block = Buffer.alloc(512, 0xc3);
    const written = 100n;
    const other = await open(1);
    const there = async () =>
      valueOf(await scsi.read(other, dataLun, { firstBlock: written, blocks: 1 }, 512)).equals(block);
    expect(await there()).toBe(false);
    valueOf(await scsi.write(session, dataLun, written, block, 512));
    expect(await there()).toBe(true);
    const { uniqueId } = await dataDisk();
    await ports.apply({ do: 'disk.clear', disk: uniqueId!, content: '' });
    expect(await there()).toBe(false);
    await ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'gpt' });
    await other.close();
  });

  it('keeps reservations and bytes when the world is killed, and is served again when asked', async () => {
    valueOf(await scsi.persistentReserveOut(session, dataLun, { action: 'register', serviceActionKey: key }));
    await world.kill();
    await session.close();
    await world.start();
    expect(await world.client.control('listServedTargets')).toEqual([]);
    served = (await world.client.control('serveTarget', { target: labTarget })) as Served;
    session = await open(0);
    expect(valueOf(await scsi.readKeys(session, dataLun)).keys).toEqual([key]);
    expect(
      valueOf(await scsi.read(session, dataLun, { firstBlock: 1n, blocks: 1 }, 512)).toString('latin1', 0, 8),
    ).toBe('EFI PART');
    ports = await world.ports();
  });

  it('shows LUNs that a storage host maps, extends and takes away while it is served', async () => {
    await ports.apply({ do: 'roles.install', features: ['FS-iSCSITarget-Server'], source: null });
    const disk = (name: string) => `C:\\iSCSI\\${name}.vhdx`;
    const size = { isFixed: false, description: '' };
    await ports.apply({ do: 'storageHost.createDisk', path: disk('a'), sizeBytes: 16 * 1024 ** 2, ...size });
    await ports.apply({ do: 'storageHost.createTarget', name: 'late', initiators: [initiatorName] });
    await ports.apply({ do: 'storageHost.mapDisk', name: 'late', path: disk('a'), lun: 0 });
    const iqn = (await ports.storageHost.readState()).targets[0]!.iqn;
    const late = (await world.client.control('serveTarget', { target: iqn })) as Served;
    const [portal] = late.portals;
    const other = await openSession({
      portal: { host: portal!.host, port: portal!.port },
      ...{ target: iqn, initiatorName },
    });
    const shown = async () => valueOf(await scsi.reportLuns(other)).luns.map((lun) => Number(lun >> 48n));
    const bytesOf = async (lun: number) => {
      await scsi.testUnitReady(other, lunFromNumber(lun));
      const { blocks, blockSizeBytes } = valueOf(await scsi.readCapacity16(other, lunFromNumber(lun)));
      return Number(blocks) * blockSizeBytes;
    };
    expect(await shown()).toEqual([0]);
    await ports.apply({ do: 'storageHost.createDisk', path: disk('b'), sizeBytes: 32 * 1024 ** 2, ...size });
    await ports.apply({ do: 'storageHost.mapDisk', name: 'late', path: disk('b'), lun: 3 });
    expect(await shown()).toEqual([0, 3]);
    expect(await bytesOf(3)).toBe(32 * 1024 ** 2);
    const serial = (await ports.storageHost.readState()).disks.find(({ path }) => path === disk('b'))!.serialNumber;
    expect(valueOf(await scsi.unitSerialNumber(other, lunFromNumber(3)))).toBe(serial);
    await ports.apply({ do: 'storageHost.extendDisk', path: disk('b'), sizeBytes: 64 * 1024 ** 2 });
    expect(await bytesOf(3)).toBe(64 * 1024 ** 2);
    // Who may log on, and with what proof, counts for the next logon; the session that runs goes on.
    const logOnAs = async (initiator: string, chap?: ChapOptions): Promise<void> => {
      const { host, port } = portal!;
      const wanted = { portal: { host, port }, target: iqn, initiatorName: initiator };
      await (await openSession({ ...wanted, ...(chap ? { chap } : {}) })).close();
    };
    const [node1, node2] = ['iqn.1991-05.com.microsoft:node1', 'iqn.1991-05.com.microsoft:node2'] as const;
    await expect(logOnAs(node1)).rejects.toMatchObject({ code: 'LOGIN_NOT_AUTHORIZED' });
    await ports.apply({ do: 'storageHost.setInitiators', name: 'late', initiators: [initiatorName, node1] });
    await logOnAs(node1);
    await expect(logOnAs(node2)).rejects.toMatchObject({ code: 'LOGIN_NOT_AUTHORIZED' });
    const setChap = (secret: string) =>
      ports.apply(
        {
          ...{ do: 'storageHost.setChap', name: 'late', chap: { userName: 'nodes', secretName: 'one' } },
          reverse: { userName: 'storage', secretName: 'other' },
        },
        { secrets: { one: new Secret(secret), other: new Secret('a mutual secret1') } },
      );
    const chap = (secret: string): ChapOptions => ({
      ...{ name: 'nodes', secret },
      mutual: { name: 'storage', secret: 'a mutual secret1' },
    });
    await setChap('a first secret 1');
    await expect(logOnAs(node1)).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED' });
    await logOnAs(node1, chap('a first secret 1'));
    await setChap('another secret 2');
    await expect(logOnAs(node1, chap('a first secret 1'))).rejects.toMatchObject({
      code: 'LOGIN_AUTHENTICATION_FAILED',
    });
    await logOnAs(node1, chap('another secret 2'));
    await ports.apply({ do: 'storageHost.setChap', name: 'late', chap: null, reverse: null });
    await logOnAs(node1);
    expect(await shown()).toEqual([0, 3]);
    await ports.apply({ do: 'storageHost.unmapDisk', name: 'late', path: disk('a') });
    expect(await shown()).toEqual([3]);
    await ports.apply({ do: 'storageHost.unmapDisk', name: 'late', path: disk('b') });
    await ports.apply({ do: 'storageHost.removeTarget', name: 'late' });
    expect(await world.client.control('listServedTargets')).toEqual([served]);
    await other.close().catch(() => undefined);
  });

  it('is gone when it is stopped', async () => {
    expect(await world.client.control('stopTarget', { target: labTarget })).toBe(true);
    expect(await world.client.control('stopTarget', { target: labTarget })).toBe(false);
    await expect(open(0)).rejects.toMatchObject({ code: 'PORTAL_REFUSED' });
  });
});
