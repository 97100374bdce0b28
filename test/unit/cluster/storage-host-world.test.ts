import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeMethods } from '../../../main/rehearsal/world/effects/index.ts';
import { portalsOf } from '../../../main/rehearsal/world/reach.ts';
import { storageHostStateOf } from '../../../main/rehearsal/world/storage-host-view.ts';
import { visibleDisks } from '../../../main/rehearsal/world/visible-disks.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';

/* The scenario without a device: STORE offers the LUNs, on the model itself. Each test goes on from the one before. */

let folder: string;
let world: World;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-store-'));
  world = new World({ folder, scenario: 'two-node-storage-host', seed: 7, clock: 'driven' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const apply = (server: string, change: ServerChange): string | null => {
  const outcome = world.change({ who: 'test', server, what: change.do, input: {} }, (draft) => {
    changeMethods.get(change.do)!.run(draft, { change, secrets: {} } as never);
    return null;
  });
  if (outcome.kind === 'done') return null;
  return outcome.kind === 'refused' ? outcome.refusal.behaviourId : JSON.stringify(outcome);
};
const server = (name: string) => world.state.servers[name]!;
const store = () => storageHostStateOf(world.state, server('STORE'));
const witness = 'E:\\iSCSI\\witness.vhdx';
const size = 512 * 1024 * 1024;

it('begins without a target, with an empty disk on the third server', () => {
  expect(Object.keys(world.state.servers)).toEqual(['STORE', 'NODE1', 'NODE2']);
  expect(world.state.targets).toEqual({});
  expect(store()).toMatchObject({ service: 'absent', volumes: [{ letter: 'C' }] });
});

it('takes the room of a fixed disk from its volume, and refuses one that has none', () => {
  const disk = server('STORE').localDisks[1]!.uniqueId;
  for (const change of [
    { do: 'disk.setOnline', disk, online: true },
    { do: 'disk.setReadOnly', disk, readOnly: false },
    { do: 'disk.initialize', disk, style: 'gpt' },
    { do: 'disk.createPartition', disk, driveLetter: 'E' },
    {
      do: 'disk.format',
      disk,
      fileSystem: 'NTFS',
      label: 'LUNs',
      allocationUnitBytes: null,
      discardsContent: false,
      partitionNumber: Math.max(
        ...[2, ...server('STORE').localDisks[1]!.content.partitions.map(({ number }) => number)],
      ),
    },
    { do: 'roles.install', features: ['FS-iSCSITarget-Server'], source: null },
  ] satisfies ServerChange[])
    expect(apply('STORE', change), change.do).toBeNull();
  const free = () => BigInt(store().volumes.find(({ letter }) => letter === 'E')!.freeBytes);
  const before = free();
  const create = {
    do: 'storageHost.createDisk',
    path: witness,
    sizeBytes: size,
    isFixed: true,
    description: '',
  } as const;
  expect(apply('STORE', create)).toBeNull();
  expect(before - free()).toBe(BigInt(size));
  const large = { ...create, path: 'E:\\iSCSI\\large.vhdx', sizeBytes: 4 * 1024 ** 4 };
  expect(apply('STORE', large)).toBe('storageHost.disk.failed');
  expect(apply('STORE', { ...large, isFixed: false })).toBeNull();
});

it('is reached at the addresses of the server while it runs, and only by those it admits', () => {
  const iqn = 'iqn.1991-05.com.microsoft:store-cluster1-target';
  const admitted = server('NODE1').initiator.name;
  expect(apply('STORE', { do: 'storageHost.createTarget', name: 'cluster1', initiators: [admitted] })).toBeNull();
  expect(apply('STORE', { do: 'storageHost.mapDisk', name: 'cluster1', path: witness, lun: null })).toBeNull();
  const address = (name: string, held: string, port: number): string | null =>
    apply(name, { do: 'nic.addAddress', nic: server(name).nics[port]!.guid, address: held, prefixLength: 24 });
  expect([
    address('STORE', '198.51.100.40', 1),
    address('NODE1', '198.51.100.21', 2),
    address('NODE2', '198.51.100.22', 2),
  ]).toEqual([null, null, null]);
  const portals = () => portalsOf(world.state, world.state.targets[iqn]!).map((portal) => portal.address);
  expect(portals()).toContain('198.51.100.40');
  const path = { targetPortalAddress: '198.51.100.40', targetPortalPort: 3260 };
  for (const [name, own] of [
    ['NODE1', '198.51.100.21'],
    ['NODE2', '198.51.100.22'],
  ] as const) {
    expect(apply(name, { do: 'initiator.setService', running: true })).toBeNull();
    const portal = { ...path, initiatorPortalAddress: own };
    expect(apply(name, { do: 'initiator.addPortal', ...portal, authentication: { kind: 'none' } })).toBeNull();
    expect(server(name).initiator.discovered).toEqual(name === 'NODE1' ? [iqn] : []);
  }
  const logon = apply('NODE1', {
    do: 'initiator.logOn',
    path: { ...path, initiatorPortalAddress: '198.51.100.21', targetNodeAddress: iqn },
    isMultipathEnabled: true,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: { kind: 'none' },
  });
  expect(logon).toBeNull();
  const seen = () => visibleDisks(world.state, server('NODE1')).filter(({ bus }) => bus === 'iscsi');
  expect(seen().map(({ sizeBytes, serial }) => [sizeBytes, serial])).toEqual([
    [String(size), store().disks[0]!.serialNumber],
  ]);
  expect(apply('STORE', { do: 'storageHost.unmapDisk', name: 'cluster1', path: witness })).toBe(
    'storageHost.connected',
  );
  world.control('test', 'stop', {}, (state) => {
    state.servers['STORE']!.power = 'off';
  });
  expect([portals(), seen()]).toEqual([[], []]);
});
