import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../shared/changes/index.ts';
import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import { noAnswers } from '../../../shared/plan/plan.ts';
import {
  linuxStorageSchema,
  linuxStorageScript,
  serialOf,
  type LinuxStorage,
} from '../../../shared/model/storage-host-script.ts';
import type { StorageHostState, StorageTarget } from '../../../shared/model/storage-host.ts';

const gibibyte = 1024 ** 3;
const path = 'E:\\iSCSI\\witness.vhdx';
const nodes = ['iqn.1991-05.com.microsoft:node1', 'iqn.1991-05.com.microsoft:node2'];

const target: StorageTarget = {
  name: 'cluster1',
  iqn: 'iqn.1991-05.com.microsoft:store-cluster1-target',
  isEnabled: true,
  initiators: nodes.map((value) => ({ method: 'iqn', value })),
  chap: null,
  reverseChap: null,
  mappings: [{ lun: 0, path }],
  connected: [],
};

const state: StorageHostState = {
  service: 'running',
  portals: [],
  disks: [{ path, sizeBytes: String(gibibyte), kind: 'fixed', isEnabled: true, description: '', serialNumber: null }],
  targets: [target],
  volumes: [
    {
      letter: 'E',
      label: 'Data',
      fileSystem: 'NTFS',
      sizeBytes: String(200 * gibibyte),
      freeBytes: String(100 * gibibyte),
    },
  ],
  files: [{ path: 'E:\\old.vhdx', sizeBytes: '4194304' }],
  unread: [],
};

const plan = (changes: readonly Change[], found: Partial<StorageHostState> = {}) =>
  planListed(
    'storageHost',
    { title: 'Offer disks', changes: [...changes] },
    { storageHost: { node: 'STORE', state: { ...state, ...found } } },
    noAnswers,
  );
const create = (more: Partial<Extract<Change, { do: 'storageHost.createDisk' }>> = {}): Change => ({
  do: 'storageHost.createDisk',
  path: 'E:\\iSCSI\\vm1.vhdx',
  sizeBytes: 40 * gibibyte,
  isFixed: true,
  description: '',
  ...more,
});

describe('a plan of a storage host', () => {
  it('sets a secret anew where that is asked for, because nobody can read whether it is another one', () => {
    const chap = { do: 'storageHost.setChap', name: 'cluster1', reverse: null } as const;
    const given = { userName: 'nodes', secretName: 'secret' };
    const asked = { targets: [{ ...target, chap: { userName: 'nodes' } }] };
    const steps = (change: Change, found = {}) => plan([change], found).steps.length;
    expect(steps({ ...chap, chap: given })).toBe(1);
    expect(steps({ ...chap, chap: given }, asked)).toBe(0);
    expect(steps({ ...chap, chap: given, renews: true }, asked)).toBe(1);
    expect(steps({ ...chap, chap: null, renews: true })).toBe(0);
  });

  it('makes what is missing in order, and nothing of what is there', () => {
    const map: Change = { do: 'storageHost.mapDisk', name: 'cluster1', path: 'E:\\iSCSI\\vm1.vhdx', lun: null };
    const have: Change[] = [
      create({ path, sizeBytes: gibibyte }),
      { do: 'storageHost.createTarget', name: 'cluster1', initiators: [...nodes].reverse() },
      { do: 'storageHost.mapDisk', name: 'cluster1', path, lun: 0 },
    ];
    expect(plan([...have, create(), map]).steps.map(({ change }) => change)).toEqual([create(), map]);
    expect(plan(have).steps).toEqual([]);
  });

  it('says whether a disk is fixed or dynamic, and what a dynamic one can come to', () => {
    expect(plan([create()]).steps[0]!.title).toContain('(fixed)');
    const dynamic = plan([create({ isFixed: false, sizeBytes: 500 * gibibyte })]).steps[0]!;
    expect(dynamic.title).toContain('500 GiB (dynamic)');
    expect(dynamic.why).toMatch(/when its volume is full.*E: has 100 GiB free/);
  });

  it.each<[string, readonly Change[], Partial<StorageHostState>, string]>([
    ['without the role', [create()], { service: 'absent', volumes: [] }, 'STORAGE_HOST_ROLE_MISSING'],
    ['with more than the volume has', [create({ sizeBytes: 150 * gibibyte })], {}, 'STORAGE_HOST_NO_SPACE'],
    ['on a volume that is not there', [create({ path: 'K:\\vm1.vhdx' })], {}, 'STORAGE_HOST_VOLUME_MISSING'],
    ['over a file', [create({ path: 'e:\\OLD.vhdx' })], {}, 'STORAGE_HOST_FILE_EXISTS'],
    ['over a disk of another size', [create({ path })], {}, 'PLAN_EXISTS_DIFFERENT'],
    [
      'under another number',
      [{ do: 'storageHost.mapDisk', name: 'cluster1', path, lun: 7 }],
      {},
      'PLAN_EXISTS_DIFFERENT',
    ],
    ['smaller', [{ do: 'storageHost.extendDisk', path, sizeBytes: 1024 ** 2 }], {}, 'STORAGE_HOST_SHRINK'],
    [
      'beyond the volume',
      [{ do: 'storageHost.extendDisk', path, sizeBytes: 150 * gibibyte }],
      {},
      'STORAGE_HOST_NO_SPACE',
    ],
    [
      'where the number is taken',
      [{ do: 'storageHost.mapDisk', name: 'cluster1', path: 'E:\\old.vhdx', lun: 0 }],
      {},
      'STORAGE_HOST_LUN_TAKEN',
    ],
    [
      'of a name that is taken',
      [{ do: 'storageHost.createTarget', name: 'CLUSTER1', initiators: [nodes[0]!] }],
      {},
      'STORAGE_HOST_TARGET_EXISTS',
    ],
  ])('is refused %s', (_title, changes, found, code) => {
    const draft = plan(changes, found);
    expect(draft.refusals.map((one) => one.code)).toEqual([code]);
    expect(draft.steps).toEqual([]);
  });

  const inUse = { targets: [{ ...target, connected: [nodes[0]!] }] };
  it.each<Change>([
    { do: 'storageHost.unmapDisk', name: 'cluster1', path },
    { do: 'storageHost.removeDisk', path },
    { do: 'storageHost.deleteFile', path },
    { do: 'storageHost.removeTarget', name: 'cluster1' },
    { do: 'storageHost.setInitiators', name: 'cluster1', initiators: [nodes[1]!] },
  ])('takes nothing from an initiator that is logged on: $do', (change) => {
    const [refusal] = plan([change], inUse).refusals;
    expect(refusal).toMatchObject({ code: 'STORAGE_HOST_CONNECTED' });
    expect(refusal!.what).toContain(nodes[0]!);
    expect(plan([change]).refusals).toEqual([]);
  });

  it('names what is lost, and wants its name typed', () => {
    const [question] = plan([{ do: 'storageHost.deleteFile', path }]).questions;
    expect(question).toMatchObject({ kind: 'agree', expected: 'witness.vhdx', answered: false });
    expect(question!.text).toMatch(/1 GiB.*cluster1 shows.*nothing brings it back/);
    expect(plan([{ do: 'storageHost.removeTarget', name: 'cluster1' }]).questions[0]).toMatchObject({
      expected: 'cluster1',
      text: expect.stringContaining(path) as string,
    });
  });

  it('takes a target back with its disks and initiators, and none whose secret is gone', () => {
    const remove: Change = { do: 'storageHost.removeTarget', name: 'cluster1' };
    expect(plan([remove]).steps[0]!.undoChanges!.map((one) => one.do)).toEqual([
      'storageHost.createTarget',
      'storageHost.mapDisk',
    ]);
    expect(plan([remove], { targets: [{ ...target, chap: { userName: 'nodes' } }] }).steps[0]!.undoChanges).toBeNull();
  });
});

describe('a script for a target of Linux', () => {
  const wanted: LinuxStorage = {
    kind: 'tgt',
    target: 'iqn.2026-01.example.lab:cluster1',
    folder: '/srv/iscsi',
    disks: [
      { name: 'witness', sizeBytes: gibibyte / 2 },
      { name: 'vm1', sizeBytes: 10 * gibibyte },
    ],
    initiators: nodes,
    portals: [{ address: '198.51.100.40', port: 3260 }],
    chapUser: 'nodes',
  };

  it.each(['lio', 'tgt'] as const)('is a shell script that admits the named alone and holds no secret: %s', (kind) => {
    const text = linuxStorageScript({ ...wanted, kind });
    const parsed = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
    expect([parsed.status, parsed.stderr]).toEqual([0, '']);
    for (const name of nodes) expect(text).toContain(name);
    expect(text).toMatch(/read -r SECRET/);
    expect(linuxStorageScript({ ...wanted, kind, chapUser: null })).not.toContain('SECRET');
    expect(linuxStorageScript({ ...wanted, kind })).toBe(text);
  });

  it('gives each disk a serial number of its own from its first digits on', () => {
    const serials = ['witness', 'vm1', 'vm2', 'vm10'].map((name) => serialOf(wanted.target, name));
    expect(new Set(serials.map((serial) => serial.slice(0, 20))).size).toBe(4);
    for (const serial of serials) expect(serial).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    [{ folder: '/srv/$(reboot)' }, 'folder'],
    [{ target: 'iqn.2026-01.lab:a b' }, 'target'],
    [{ initiators: ['iqn;rm'] }, 'initiators'],
    [{ disks: [{ name: 'a/b', sizeBytes: gibibyte }] }, 'disks'],
    [{ chapUser: "o'brien" }, 'chapUser'],
  ])('takes nothing that the shell would read as its own: %o', (bad, field) => {
    const parsed = linuxStorageSchema.safeParse({ ...wanted, ...bad });
    expect(parsed.error?.issues[0]?.path[0]).toBe(field);
  });
});
