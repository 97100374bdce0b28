import { describe, expect, it } from 'vitest';
import { mergeStates } from '../../../shared/availability/merge-states.ts';
import { headroomOf } from '../../../shared/availability/headroom.ts';
import { compile } from '../../../shared/availability/model.ts';
import { clusterOfObserved } from '../../../shared/availability/observed-cluster.ts';
import { whatIf } from '../../../shared/availability/what-if.ts';
import type { Cluster, ClusterState } from '../../../shared/model/cluster.ts';
import type { MachinesState, VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { stateOf } from '../../support/availability-states.ts';

const node = (name: string, assignedVote = 1) => ({
  name,
  id: Number(name.slice(2)),
  state: 'up' as const,
  assignedVote,
  currentVote: assignedVote,
});
const disk = (name: string, more: Partial<Cluster['disks'][number]>): Cluster['disks'][number] => ({
  name,
  state: 'online',
  group: name,
  ownerNode: 'HV1',
  use: 'role',
  disk: name,
  sizeBytes: null,
  path: null,
  driveLetter: null,
  ...more,
});
const cluster: Cluster = {
  name: 'C1',
  accessPoint: 'dns',
  addresses: [],
  functionalLevel: null,
  nodes: [node('HV1'), node('HV2'), node('HV3', 0)],
  networks: [],
  disks: [
    disk('Witness', { use: 'witness' }),
    disk('Data', { use: 'sharedVolume', path: 'C:\\ClusterStorage\\Volume1' }),
    disk('Old', { driveLetter: 'V' }),
  ],
  groups: [],
  witness: { kind: 'disk', resource: 'Witness', path: null, currentVote: 1 },
  dynamicQuorum: true,
  lowerQuorumPriorityNode: 'hv2',
  availableDisks: [],
};
const member = (value: Cluster | null): ClusterState => ({
  membership: value ? 'member' : 'stopped',
  cluster: value,
  unread: [],
});
const machine = (name: string, path: string, more: Partial<VirtualMachine> = {}): VirtualMachine => ({
  name,
  id: name,
  host: 'HV1',
  state: 'running',
  generation: 2,
  memoryBytes: String(4n * 1024n ** 3n),
  switches: [],
  files: [{ kind: 'disk', path }],
  hostDevices: [],
  role: { group: name, priority: 2000, preferredOwners: [], possibleOwners: ['HV1', 'HV2', 'HV3'], antiAffinity: [] },
  ...more,
});
const machines = (...list: VirtualMachine[]): MachinesState => ({
  isHyperVRunning: true,
  switches: [],
  machines: list,
  clusterNodes: null,
  unread: [],
});
const nodes = ['HV1', 'HV2', 'HV3'].map((name) => ({ name, memoryMB: 65_536, reserveMB: 4096 }));
const targets = [{ name: 'iqn.2004-04.example:san' }];

const seen = (list: readonly VirtualMachine[], of = nodes, on = targets) =>
  clusterOfObserved([{ node: 'HV1', cluster: member(cluster), machines: machines(...list) }], of, on);

describe('a cluster as its servers show it', () => {
  it('gives votes, witness with the fate of its target, and where each machine lies', () => {
    const { state } = seen([
      machine('web', 'C:\\ClusterStorage\\Volume1\\web.vhdx'),
      machine('old', 'V:\\old.vhdx', {
        role: {
          group: 'old',
          priority: 0,
          preferredOwners: ['HV2'],
          possibleOwners: ['HV1', 'HV2'],
          antiAffinity: ['a'],
        },
      }),
    ]);
    expect(state.nodes.map(({ vote }) => vote ?? true)).toEqual([true, true, false]);
    expect(state.witness).toEqual({ kind: 'disk', target: 'iqn.2004-04.example:san', lun: 'Witness' });
    expect(state.cluster).toEqual({ dynamicQuorum: true, lowerQuorumPriorityNode: 'HV2' });
    expect(state.targets[0]?.luns).toEqual(['Witness', 'Data', 'Old']);
    const target = 'iqn.2004-04.example:san';
    expect(state.vms).toEqual([
      { name: 'web', node: 'HV1', memoryMB: 4096, priority: 'medium', target, lun: 'Data' },
      {
        name: 'old',
        node: 'HV1',
        memoryMB: 4096,
        priority: 'noAutoStart',
        possibleOwners: ['HV1', 'HV2'],
        preferredOwners: ['HV2'],
        antiAffinity: ['a'],
        target,
        lun: 'Old',
      },
    ]);
  });
  it('keeps a machine that is not highly available on its host, and leaves out what does not run', () => {
    const { state, notes } = seen([
      machine('plain', 'C:\\Hyper-V\\plain.vhdx', { role: null }),
      machine('asleep', 'C:\\ClusterStorage\\Volume1\\a.vhdx', { state: 'off' }),
    ]);
    expect(state.vms.map(({ name, possibleOwners }) => [name, possibleOwners])).toEqual([['plain', ['HV1']]]);
    expect(notes.join(' ')).toMatch(/Not highly available.*plain.*left out: asleep/);
  });
  it('counts a node that was not read for the quorum, and says so', () => {
    const { state, notes } = seen([], nodes.slice(0, 1));
    expect(state.nodes.map(({ name, memoryMB }) => [name, memoryMB])).toEqual([
      ['HV1', 65_536],
      ['HV2', 0],
      ['HV3', 0],
    ]);
    expect(notes.join(' ')).toContain('HV2 and HV3 could not be read');
    expect(state.nodes.map(({ isMemoryKnown }) => isMemoryKnown)).toEqual([undefined, false, false]);
  });
  it('claims no target for a machine where several are there', () => {
    const { state, notes } = seen([machine('web', 'C:\\ClusterStorage\\Volume1\\w.vhdx')], nodes, [
      ...targets,
      { name: 'iqn.2004-04.example:other' },
    ]);
    expect(state.vms[0]).not.toHaveProperty('target');
    expect(state.witness).toEqual({ kind: 'disk' });
    expect(notes.join(' ')).toContain('is not known');
  });
  it('leaves the witness unknown where no server shows a cluster', () => {
    const { state, notes } = clusterOfObserved([{ node: 'HV1', cluster: member(null), machines: null }], nodes, []);
    expect(state).not.toHaveProperty('witness');
    expect(notes.join(' ')).toMatch(/HV1 does not run.*could not be read on HV1/);
  });
});

describe('a node of which nothing is known', () => {
  const { state } = seen(
    [
      machine('web', 'C:\\ClusterStorage\\Volume1\\web.vhdx'),
      machine('bound', 'C:\\ClusterStorage\\Volume1\\bound.vhdx', {
        role: { group: 'bound', priority: 2000, preferredOwners: [], possibleOwners: ['HV1'], antiAffinity: [] },
      }),
    ],
    nodes.slice(0, 1),
  );
  const losing = (lose: string) => whatIf(state, { lose: [lose], all: [] }).results[0]!;

  it('may take a machine: that is not known, and not foretold as a failure', () => {
    const result = losing('node:HV1');
    expect(result.counts).toEqual({ stays: 0, restarts: 0, down: 1, depends: 1 });
    expect(result.vms).toEqual([
      {
        name: 'web',
        outcome: 'depends',
        nodes: ['HV2', 'HV3'],
        because: 'The memory of HV2 and HV3 was not read: whether it finds room there is not known.',
      },
      {
        name: 'bound',
        outcome: 'down',
        nodes: [],
        because: expect.stringContaining('None of its possible owners') as never,
      },
    ]);
    // No placement is the worst of those that nobody knows.
    expect(result.worst).toBeNull();
  });
  it('leaves open whether N+1 holds', () => {
    const [first] = headroomOf(compile(state));
    expect(first).toMatchObject({
      verdict: 'unknown',
      sentence: 'Whether N+1 holds is not known: the memory of HV2 and HV3 was not read.',
    });
  });
  it('changes nothing where those that are known hold everything', () => {
    const two = seen([machine('web', 'C:\\ClusterStorage\\Volume1\\web.vhdx')], nodes.slice(0, 2)).state;
    expect(whatIf(two, { lose: ['node:HV1'], all: [] }).results[0]).toMatchObject({
      counts: { restarts: 1, down: 0, depends: 0 },
    });
    expect(headroomOf(compile(two))[0]).toMatchObject({ verdict: 'fits' });
  });
  it('is known as soon as another state holds it', () => {
    const other = clusterOfObserved(
      [{ node: 'HV2', cluster: member(cluster), machines: machines() }],
      nodes.slice(1, 2),
      targets,
    ).state;
    const merged = mergeStates([state, other]);
    expect(merged.nodes.map(({ memoryMB, isMemoryKnown }) => [memoryMB, isMemoryKnown])).toEqual([
      [65_536, undefined],
      [65_536, undefined],
      [0, false],
    ]);
  });
});

describe('states of servers that are far away', () => {
  const one = (name: string, known: string): ReturnType<typeof stateOf> =>
    stateOf({
      nodes: [
        { name: 'HV1', memoryMB: name === 'HV1' ? 1024 : 0, reserveMB: 0 },
        { name: 'HV2', memoryMB: name === 'HV2' ? 2048 : 0, reserveMB: 0 },
      ],
      ...(known === '' ? {} : { witness: { kind: 'share' as const } }),
      targets: [{ name: 'SAN', portals: [{ address: name === 'HV1' ? '10.0.0.1' : '10.0.1.1' }] }],
      vms: [{ name: 'web', node: 'HV1', memoryMB: 512, priority: 'high' }],
    });
  it('become one: each node from where it was read, the witness from whoever knew it', () => {
    const merged = mergeStates([one('HV1', ''), one('HV2', 'witness')]);
    expect(merged.nodes.map(({ name, memoryMB }) => [name, memoryMB])).toEqual([
      ['HV1', 1024],
      ['HV2', 2048],
    ]);
    expect(merged.witness).toEqual({ kind: 'share' });
    expect(merged.targets).toHaveLength(1);
    expect(merged.targets[0]?.portals?.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.1.1']);
    expect(merged.vms).toHaveLength(1);
  });
});
