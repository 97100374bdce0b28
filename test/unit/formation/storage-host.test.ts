import { describe, expect, it } from 'vitest';
import { parseClusterFile, readClusterFile } from '../../../main/operations/formation/parse-cluster-file.ts';
import { assertSecretsGiven, secretsFor } from '../../../main/operations/formation/travelling-secrets.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { withStorageHost } from '../../../shared/model/cluster-file-storage-host.ts';
import type { FormationStep } from '../../../shared/model/formation.ts';
import type { StorageHostState } from '../../../shared/model/storage-host.ts';
import { plannedStepSchema } from '../../../shared/plan/draft.ts';
import { draftClusterFile, fileText } from '../../../shared/plan/formation/draft-file.ts';
import { planFormation } from '../../../shared/plan/formation/plan-formation.ts';
import { standIns } from '../../../shared/plan/formation/secrets.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import { planUndo } from '../../../shared/plan/formation/plan-undo.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { bareServer } from '../../support/formation.ts';
import { makeDisk, makeNic, makeStorage } from '../../support/observed-server.ts';

const fileWith = (change: (file: ReturnType<typeof exampleClusterFile>) => void = () => undefined): ClusterFile => {
  const file = structuredClone(exampleClusterFile({ servers: 2, storageHost: true }));
  change(file);
  return parseClusterFile(JSON.stringify(file), 'cluster.json');
};

const MiB = 1024 * 1024;
const host: StorageHostState = {
  service: 'running',
  portals: [],
  disks: [
    {
      path: 'E:\\iSCSIVirtualDisks\\witness.vhdx',
      sizeBytes: String(1024 * MiB),
      kind: 'fixed',
      isEnabled: true,
      description: '',
      serialNumber: 'S-1',
    },
    {
      path: 'E:\\iSCSIVirtualDisks\\data.vhdx',
      sizeBytes: String(102_400 * MiB),
      kind: 'fixed',
      isEnabled: true,
      description: '',
      serialNumber: 'S-2',
    },
  ],
  targets: [],
  volumes: [{ letter: 'E', label: 'iSCSI', fileSystem: 'NTFS', sizeBytes: '1', freeBytes: '0' }],
  files: [],
  unread: [],
};

/** The storage host of the file: its disks are made, and `state` says what else is there. */
const storageHost = (file: ClusterFile, state: StorageHostState, secrets = {}): ServerInput => {
  const { server } = file.storageHost!;
  const bare = bareServer({ ...file, servers: [server] }, 0);
  return {
    ...bare,
    file,
    secrets,
    observed: { ...bare.observed, storageHost: { node: server.name, state } },
  };
};

const stepsOf = (input: ServerInput, phase: string): FormationStep[] =>
  planServer(input).phases.find((one) => one.phase === phase)!.steps;

const targetOf = (file: ClusterFile) => ({
  name: 'cluster1',
  iqn: file.storage.target,
  isEnabled: true,
  initiators: [
    { method: 'iqn' as const, value: 'iqn.1991-05.com.microsoft:node1' },
    { method: 'iqn' as const, value: 'iqn.1991-05.com.microsoft:node2' },
  ],
  chap: null,
  reverseChap: null,
  mappings: [
    { lun: 0, path: 'E:\\iSCSIVirtualDisks\\witness.vhdx' },
    { lun: 1, path: 'E:\\iSCSIVirtualDisks\\data.vhdx' },
  ],
  connected: [],
});

describe('the storage host of a formation', () => {
  it('admits exactly the initiators of the nodes, which the nodes are then given', () => {
    const file = fileWith();
    const [made, ...maps] = stepsOf(storageHost(file, host), 'target');
    expect(made!.change).toMatchObject({
      do: 'storageHost.createTarget',
      initiators: ['iqn.1991-05.com.microsoft:node1', 'iqn.1991-05.com.microsoft:node2'],
    });
    expect(maps.map(({ change }) => change?.do)).toEqual(['storageHost.mapDisk', 'storageHost.mapDisk']);
    const names = stepsOf(bareServer(file, 1), 'initiator').flatMap(({ change }) =>
      change?.do === 'initiator.setName' ? [change.iqn] : [],
    );
    expect(names.every((name) => name === 'iqn.1991-05.com.microsoft:node2')).toBe(true);
  });

  it('has nothing left to do once all of it is there, and tells the serial numbers', () => {
    const file = fileWith();
    const plan = planServer(storageHost(file, { ...host, targets: [targetOf(file)] }));
    for (const phase of ['targetDisks', 'target'])
      expect(plan.phases.find((one) => one.phase === phase)).toMatchObject({ state: 'done', steps: [] });
    expect(plan.offered).toEqual([
      { disk: 'witness', serial: 'S-1', sizeBytes: String(1024 * MiB) },
      { disk: 'data', serial: 'S-2', sizeBytes: String(102_400 * MiB) },
    ]);
  });

  it('takes whoever else is admitted off the target', () => {
    const file = fileWith();
    const found = targetOf(file);
    const stranger = { method: 'iqn' as const, value: 'iqn.2004-04.test.lab:stranger' };
    const [first] = stepsOf(
      storageHost(file, { ...host, targets: [{ ...found, initiators: [...found.initiators, stranger] }] }),
      'target',
    );
    expect(first!.change).toMatchObject({ do: 'storageHost.setInitiators' });
  });

  it.each([
    ['shows another disk', { mappings: [{ lun: 5, path: 'E:\\other.vhdx' }] }, 'FORM_TARGET_IN_USE'],
    ['has another name', { iqn: 'iqn.1991-05.com.microsoft:elsewhere' }, 'FORM_TARGET_NAMED_OTHERWISE'],
  ])('refuses a target that %s', (_what, change, code) => {
    const file = fileWith();
    const plan = planServer(storageHost(file, { ...host, targets: [{ ...targetOf(file), ...change }] }));
    expect(plan.phases.find(({ phase }) => phase === 'target')!.refusals.map((one) => one.code)).toEqual([code]);
  });

  it('asks CHAP of the nodes where the file names a user, and needs the secret for that step alone', () => {
    const file = fileWith(({ storage }) => (storage.chapUser = 'nodes'));
    const without = planServer(storageHost(file, host)).phases.find(({ phase }) => phase === 'target')!;
    expect(without.refusals.map(({ code }) => code)).toEqual(['PLAN_SECRET_MISSING']);
    const secrets = { chap: 'twelve-bytes!', account: 'never needed' };
    const steps = stepsOf(storageHost(file, host, standIns), 'target');
    const chap = steps.find(({ change }) => change?.do === 'storageHost.setChap')!;
    expect(secretsFor(chap, secrets)).toEqual({ chap: 'twelve-bytes!' });
    for (const step of steps.filter((one) => one !== chap)) expect(secretsFor(step, secrets)).toEqual({});
    // The plan says which secrets it needs and for what; without them nothing is begun.
    const plan = planFormation(file, [planServer(storageHost(file, host, standIns))]);
    expect(plan.secrets).toEqual([{ name: 'chap', step: `STORE1: ${chap.title}` }]);
    expect(() => assertSecretsGiven(plan, {})).toThrow(expect.objectContaining({ code: 'FORM_SECRET_MISSING' }));
    expect(() => assertSecretsGiven(plan, secrets)).not.toThrow();
    // What is there already asks for none.
    const found = { ...targetOf(file), chap: { userName: 'nodes' } };
    const done = planServer(storageHost(file, { ...host, targets: [found] }, standIns));
    expect(planFormation(file, [done]).secrets).toEqual([]);
  });

  it('is waited for by every node before anybody asks for targets', () => {
    const file = fileWith();
    const plan = planFormation(
      file,
      [bareServer(file, 0), bareServer(file, 1), storageHost(file, { ...host, disks: [] })].map((one) =>
        planServer(one),
      ),
    );
    const last = plan.steps.findLast(({ phase }) => phase === 'target')!;
    const first = plan.steps.find(({ phase, node }) => phase === 'initiator' && node === 'NODE2')!;
    const before = new Set<string>();
    const walk = (id: string): void => {
      if (before.has(id)) return;
      before.add(id);
      for (const one of plan.steps.find((step) => step.id === id)?.requires ?? []) walk(one);
    };
    walk(first.id);
    expect(before.has(last.id)).toBe(true);
  });

  it('has a node refuse a disk that is not what was made under that serial number', () => {
    const file = withStorageHost(fileWith(), { witness: 'S-1', data: 'S-2' });
    const seen = (busType: 'iscsi' | 'sas', sizeBytes: bigint) => {
      const bare = bareServer(file, 0);
      const disks = [
        makeDisk(1, { uniqueId: 'A', serialNumber: 'S-1', busType, sizeBytes }),
        makeDisk(2, { uniqueId: 'B', serialNumber: 'S-2', busType: 'iscsi', sizeBytes: BigInt(102_400 * MiB) }),
      ];
      const plan = planServer({
        ...bare,
        observed: { ...bare.observed, storage: makeStorage({ node: 'WIN-0', disks }) },
      });
      return plan.phases.find(({ phase }) => phase === 'disks')!;
    };
    expect(seen('iscsi', BigInt(1024 * MiB)).refusals).toEqual([]);
    for (const wrong of [seen('iscsi', BigInt(2048 * MiB)), seen('sas', BigInt(1024 * MiB))])
      expect(wrong.refusals.map(({ code }) => code)).toContain('FORM_LUN_UNLIKE');
  });

  it('keeps its role, volume and disks when the formation is taken back: there may be data on them', () => {
    const file = fileWith();
    const input = storageHost(file, { ...host, targets: [targetOf(file)] });
    const bare = planServer(
      storageHost(file, { ...host, disks: [], volumes: [{ ...host.volumes[0]!, freeBytes: String(2 ** 50) }] }),
    );
    const done = bare.phases
      .filter(({ phase }) => phase.startsWith('target'))
      .flatMap(({ steps }) => steps)
      .flatMap((step) => (step.change ? [plannedStepSchema.parse(step)] : []))
      .toReversed();
    expect(done.map(({ change }) => change.do)).toContain('storageHost.createDisk');
    const plan = planUndo({ ...input, done, goOn: '' });
    const planned = plan.phases.flatMap(({ steps }) => steps).map(({ change }) => change?.do);
    expect(planned).toContain('storageHost.removeTarget');
    expect(planned).not.toContain('storageHost.removeDisk');
    expect(planned).not.toContain('storageHost.deleteFile');
    expect(plan.stays.map(({ title }) => title).join()).toContain('witness.vhdx');
  });

  it('is drafted from a paired server without a mistake, everything guessed marked', () => {
    const server = (name: string, count: number, at: number) => ({
      computerName: name,
      membership: { kind: 'workgroup' as const, name: 'WORKGROUP' },
      nics: Array.from({ length: count }, (_, index) => ({
        ...makeNic(index + 1),
        permanentAddress: `02-51-00-00-0${at}-0${index + 1}`,
        role: null,
      })),
    });
    const { file, guessed } = draftClusterFile({
      servers: [server('NODE1', 4, 1), server('NODE2', 4, 2)],
      storageHost: { ...server('STORE1', 3, 3), blankDisk: 'HDD-7' },
      cluster: null,
      target: null,
      portals: [],
      luns: null,
    });
    const read = readClusterFile(fileText(file));
    expect(read.ok === true ? [] : read).toEqual([]);
    expect(guessed).toEqual(expect.arrayContaining(['/storageHost/volume', '/storageHost/disks']));
    expect(file.storage.portals.map(({ address }) => address)).toEqual(['10.52.0.1', '10.53.0.1']);
  });

  it('is in the networks of the portals that were named, where the adapters have no address yet', () => {
    const bare = (name: string, at: number) => ({
      computerName: name,
      membership: { kind: 'workgroup' as const, name: 'WORKGROUP' },
      nics: Array.from({ length: 4 }, (_, index) => ({
        ...{ ...makeNic(index + 1), addresses: [], role: null },
        permanentAddress: `02-51-00-00-0${at}-0${index + 1}`,
      })),
    });
    const { file, guessed } = draftClusterFile({
      ...{ servers: [bare('NODE1', 1), bare('NODE2', 2)], storageHost: null, cluster: null, luns: null },
      ...{ target: 'iqn.2004-04.test.lab:array1' },
      portals: [
        { address: '198.51.100.11', port: 3260 },
        { address: '203.0.113.10', port: 3260 },
      ],
    });
    const addressesOf = (role: string) =>
      file.servers.map(({ nics }) => nics.find((one) => one.role === role)?.addresses?.[0]);
    // Not that of a portal either.
    expect(addressesOf('iscsiA')).toEqual(['198.51.100.111/24', '198.51.100.112/24']);
    expect(addressesOf('iscsiB')).toEqual(['203.0.113.111/24', '203.0.113.112/24']);
    expect(file.storage.portals.map(({ path }) => path)).toEqual(['iscsiA', 'iscsiB']);
    expect(guessed).toContain('/servers/0/nics/2/addresses');
    const read = readClusterFile(fileText(file));
    const said = read.ok ? [] : read.problems.map(({ text }) => text);
    expect(said.filter((text) => /portal|overlap|address/.test(text))).toEqual([]);
  });
});
