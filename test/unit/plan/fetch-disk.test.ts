import { describe, expect, it } from 'vitest';
import type { Change } from '../../../shared/changes/index.ts';
import type { ClusterDisk, ClusterState } from '../../../shared/model/cluster.ts';
import type { VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { phases } from '../../../shared/plan/formation/phases.ts';
import { planUndo } from '../../../shared/plan/formation/plan-undo.ts';
import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';
import { makeDisk, makeHost, makeStorage } from '../../support/observed-server.ts';

/** The data disk of the example, with the letter F: online on one node alone. */
const dataDisk = (change: Partial<ClusterDisk> = {}): ClusterDisk => ({
  name: 'Data',
  state: 'online',
  group: 'Available Storage',
  ownerNode: 'NODE2',
  use: 'available',
  disk: 'D2',
  sizeBytes: null,
  path: null,
  driveLetter: 'F',
  ...change,
});

const clusterOf = (disk: ClusterDisk): ClusterState => ({
  membership: 'member',
  unread: [],
  cluster: {
    name: 'CLUSTER1',
    accessPoint: 'dns',
    addresses: [],
    functionalLevel: null,
    nodes: ['NODE1', 'NODE2'].map((name, at) => ({
      ...{ name, id: at + 1, state: 'up' as const, assignedVote: 1, currentVote: 1 },
    })),
    networks: [],
    disks: [disk],
    groups: [
      { name: disk.group, kind: 'availableStorage', ownerNode: disk.ownerNode, state: 'online', preferredOwners: [] },
    ],
    witness: { kind: 'none', resource: null, path: null, currentVote: 0 },
    dynamicQuorum: true,
    lowerQuorumPriorityNode: null,
    availableDisks: [],
  },
});

const machine = (name: string, change: Partial<VirtualMachine> = {}): VirtualMachine => ({
  ...{ name, id: name, host: 'NODE1', state: 'off', generation: 2, memoryBytes: '1', switches: [], hostDevices: [] },
  files: [{ kind: 'configuration', path: `F:\\${name}` }],
  role: null,
  ...change,
});
const role = (group: string): VirtualMachine['role'] => ({
  ...{ group, priority: 2000, preferredOwners: [], possibleOwners: ['NODE1', 'NODE2'], antiAffinity: [] },
});

const machinesState = (machines: readonly VirtualMachine[]) => ({
  ...{ isHyperVRunning: true, switches: [], clusterNodes: ['NODE1', 'NODE2'], unread: [], machines: [...machines] },
});

/** What is done, in order, with where it brings something. */
const told = (changes: readonly (Change | null)[]): string[] =>
  changes.map((change) => {
    if (change?.do === 'cluster.moveGroup') return `${change.group} to ${change.node}`;
    if (change?.do === 'vm.move') return `${change.name} to ${change.node} (${change.kind})`;
    return `${change?.do}${change !== null && 'name' in change ? ` ${change.name}` : ''}`;
  });

describe('the virtual machines of a formation', () => {
  const file = exampleFile(2);
  const names = (more: readonly string[]) => ({
    ...file,
    virtualMachines: ['VM1', ...more].map((name) => ({ ...file.virtualMachines[0]!, name, preferredOwners: [] })),
  });
  const planned = (disk: ClusterDisk, machines: readonly VirtualMachine[] = [], more: readonly string[] = []) => {
    const bare = bareServer(names(more), 0);
    const data = file.storage.luns.find(({ purpose }) => purpose === 'data')!;
    const draft = phases
      .find(({ name }) => name === 'machines')!
      .plan({
        ...bare,
        observed: {
          ...bare.observed,
          storage: makeStorage({
            node: 'NODE1',
            disks: [makeDisk(1, { uniqueId: 'D2', serialNumber: data.serial, isClustered: true })],
          }),
          cluster: { node: 'NODE1', state: clusterOf(disk) },
          vms: { node: 'NODE1', state: machinesState(machines) },
        },
      });
    return draft.drafts!.flatMap(({ steps }) => steps);
  };
  const changes = (...given: Parameters<typeof planned>) => told(planned(...given).map(({ change }) => change));
  const rest = ['vm.create VM1', 'vm.makeHighlyAvailable VM1', 'vm.start VM1'];

  it('fetch the disk from the node that has it before the first one is made', () => {
    const steps = planned(dataDisk());
    expect(told(steps.map(({ change }) => change))).toEqual(['Available Storage to NODE1', ...rest]);
    expect(steps[0]).toMatchObject({
      certainty: 'planned',
      title: 'Move Available Storage to NODE1',
      why: 'It is on NODE2. What follows is done there, where the disk is online.',
    });
    expect(steps[1]!.requires).toEqual([steps[0]!.id]);
  });

  it('fetch it once for all of them, and not where it is there', () => {
    expect(changes(dataDisk(), [], ['VM2']).filter((one) => one.includes(' to '))).toEqual([
      'Available Storage to NODE1',
    ]);
    expect(changes(dataDisk({ ownerNode: 'node1' }))).toEqual(rest);
    const shared = dataDisk({ use: 'sharedVolume', path: 'C:\\ClusterStorage\\Volume1', driveLetter: null });
    expect(changes(shared)).toEqual(rest);
  });

  it('find it by its letter where nobody tells which disk it is', () => {
    expect(changes(dataDisk({ disk: null }))[0]).toBe('Available Storage to NODE1');
  });

  it('fetch it for a machine that was made and is no role yet', () => {
    expect(changes(dataDisk(), [machine('VM1')])).toEqual(['Available Storage to NODE1', ...rest.slice(1)]);
    expect(changes(dataDisk(), [machine('VM1', { state: 'running' })])).toEqual([
      'Available Storage to NODE1',
      'vm.makeHighlyAvailable VM1',
    ]);
  });

  it('bring a role that does not run home before it is started, and leave one that runs where it is', () => {
    const disk = dataDisk({ group: 'VM1', use: 'role' });
    const away = { host: 'NODE2', role: role('VM1') };
    expect(changes(disk, [machine('VM1', away)])).toEqual(['VM1 to NODE1 (quick)', 'vm.start VM1']);
    expect(changes(disk, [machine('VM1', { ...away, state: 'running' })])).toEqual([]);
  });

  it('bring the machine that has the disk where a second one is made', () => {
    const disk = dataDisk({ group: 'VM1', use: 'role' });
    const first = machine('VM1', { host: 'NODE2', role: role('VM1'), state: 'running' });
    expect(changes(disk, [first], ['VM2'])).toEqual([
      'VM1 to NODE1 (quick)',
      'vm.create VM2',
      'vm.makeHighlyAvailable VM2',
      'vm.start VM2',
    ]);
  });

  it('leave nothing to be taken back of what was only fetched', () => {
    const done = planned(dataDisk()).toReversed();
    const bare = bareServer(file, 0);
    const cluster = { node: 'NODE1', state: clusterOf(dataDisk({ ownerNode: 'NODE1' })) };
    const vms = { node: 'NODE1', state: machinesState([machine('VM1', { role: role('VM1') })]) };
    const host = makeHost({ factsChange: { computerName: 'NODE1', nextComputerName: 'NODE1' } });
    const { phases: undone, stays } = planUndo({
      ...bare,
      observed: { ...bare.observed, host, cluster, vms },
      done,
      goOn: '',
    });
    expect(told(undone.flatMap(({ steps }) => steps.map(({ change }) => change)))).toEqual([
      'vm.leaveCluster VM1',
      'vm.remove VM1',
    ]);
    expect(stays).toEqual([]);
  });
});

describe('a machine that is made by itself', () => {
  const vm = { generation: 2 as const, memoryBytes: 1, diskBytes: 1, switch: null };
  const create: Change = { do: 'vm.create', name: 'VM2', folder: 'f:\\Machines', ...vm };
  const draftOf = (wanted: Change[], disk: ClusterDisk | null, machines: readonly VirtualMachine[] = []) => {
    const cluster = disk ? { cluster: clusterOf(disk) } : {};
    const vms = { node: 'NODE1', state: machinesState(machines), ...cluster };
    return planListed('vms', { title: 'Make it', changes: wanted }, { vms }, {});
  };
  const plan = (...given: Parameters<typeof draftOf>) => told(draftOf(...given).steps.map(({ change }) => change));

  it('fetches the disk of its folder first', () => {
    const both: Change[] = [create, { do: 'vm.makeHighlyAvailable', name: 'VM2' }];
    expect(plan(both, dataDisk())).toEqual([
      'Available Storage to NODE1',
      'vm.create VM2',
      'vm.makeHighlyAvailable VM2',
    ]);
    expect(plan([create], dataDisk({ ownerNode: 'NODE1' }))).toEqual(['vm.create VM2']);
  });

  it('brings the role that has the disk, and interrupts none that runs', () => {
    const disk = dataDisk({ group: 'VM1', use: 'role' });
    const first = machine('VM1', { host: 'NODE2', role: role('VM1') });
    expect(plan([create], disk, [first])).toEqual(['VM1 to NODE1 (quick)', 'vm.create VM2']);
    const { refusals } = draftOf([create], disk, [{ ...first, state: 'running' }]);
    expect(refusals.map(({ code, what }) => [code, what])).toEqual([
      [
        'VM_DISK_ELSEWHERE',
        'f:\\Machines lies on a disk that is online on NODE2 alone, because the virtual machine VM1 runs there.',
      ],
    ]);
  });

  it('is made on other storage without a look at the cluster', () => {
    expect(plan([{ ...create, folder: 'C:\\ClusterStorage\\Volume1' }], dataDisk())).toEqual(['vm.create VM2']);
    expect(plan([{ ...create, folder: 'D:\\Machines' }], dataDisk())).toEqual(['vm.create VM2']);
    expect(plan([create], null)).toEqual(['vm.create VM2']);
  });

  it('fetches the disk of its files before it becomes a role', () => {
    expect(plan([{ do: 'vm.makeHighlyAvailable', name: 'VM2' }], dataDisk(), [machine('VM2')])).toEqual([
      'Available Storage to NODE1',
      'vm.makeHighlyAvailable VM2',
    ]);
  });
});
