import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterState } from '../../../shared/model/cluster.ts';
import type { MachinesState, VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { checkMachine, worstOf, type OtherNode } from '../../../shared/rules/machine-check.ts';
import { guid } from '../../support/observed-server.ts';

const clusterNode = (name: string, id: number, state: 'up' | 'down' | 'paused' = 'up') => ({
  ...{ name, id, state },
  ...{ assignedVote: 1, currentVote: 1 },
});

const disk = (name: string, change: Partial<Cluster['disks'][number]>): Cluster['disks'][number] => ({
  ...{ name, state: 'online', group: 'Available Storage', ownerNode: 'NODE1', use: 'available' },
  ...{ disk: name, sizeBytes: null, path: null, driveLetter: null },
  ...change,
});

const clusterOf = (change: Partial<Cluster> = {}): ClusterState => ({
  membership: 'member',
  cluster: {
    ...{ name: 'CLU1', accessPoint: 'dns', addresses: [], functionalLevel: null, networks: [], groups: [] },
    nodes: [clusterNode('NODE1', 1), clusterNode('NODE2', 2)],
    disks: [
      disk('Volume', { use: 'sharedVolume', path: 'C:\\ClusterStorage\\Volume1' }),
      disk('Data', { driveLetter: 'F', ownerNode: 'NODE2' }),
      disk('Witness', { use: 'witness', driveLetter: 'Q' }),
    ],
    witness: { kind: 'disk', resource: 'Witness', path: null, currentVote: 1 },
    ...{ dynamicQuorum: true, lowerQuorumPriorityNode: null, availableDisks: [] },
    ...change,
  },
  unread: [],
});

const base = 'C:\\ClusterStorage\\Volume1\\VM1';
const machine = (change: Partial<VirtualMachine> = {}): VirtualMachine => ({
  ...{ name: 'VM1', id: 'a', host: 'NODE1', state: 'off', generation: 2, memoryBytes: '1' },
  switches: ['Production'],
  files: [
    { kind: 'configuration', path: `${base}\\VM1.vmcx` },
    { kind: 'disk', path: `${base}\\VM1.vhdx` },
  ],
  ...{ hostDevices: [], hasProcessorCompatibility: false, role: null },
  ...change,
});

const xeon = 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz';

const stateOf = (machines: VirtualMachine[], change: Partial<MachinesState> = {}): MachinesState => ({
  isHyperVRunning: true,
  processor: xeon,
  switches: [{ name: 'Production', kind: 'external', nics: [guid(1)], hasHostNic: true }],
  machines,
  clusterNodes: ['NODE1', 'NODE2'],
  unread: [],
  ...change,
});

const other = (change: Partial<MachinesState> = {}): OtherNode => ({
  node: 'NODE2',
  state: stateOf([], change),
  because: null,
});

describe('the check before a machine is made highly available', () => {
  const look = (
    found: VirtualMachine,
    { cluster = clusterOf(), others = [other()] }: { cluster?: ClusterState | null; others?: OtherNode[] } = {},
  ) => {
    const items = checkMachine({
      ...{ machine: found, node: 'NODE1', processor: xeon, cluster, others },
      clusterUnread: cluster ? null : 'denied',
    });
    return { worst: worstOf(items), bad: items.filter(({ result }) => result !== 'pass') };
  };

  it('finds nothing where everything is in place', () => {
    expect(look(machine())).toEqual({ worst: 'pass', bad: [] });
  });

  const local = { kind: 'disk' as const, path: 'C:\\VMs\\VM1.vhdx' };
  const iso = (path: string) => ({ kind: 'dvd' as const, path });
  it.each<[string, VirtualMachine, Parameters<typeof look>[1], string, string, RegExp]>([
    [
      'a file on a local disk',
      machine({ files: [...machine().files, local] }),
      {},
      'files',
      'fail',
      /C:\\VMs\\VM1.vhdx/,
    ],
    [
      'a file on the letter of the witness',
      machine({ files: [...machine().files, { kind: 'disk', path: 'Q:\\VM1.vhdx' }] }),
      {},
      ...(['files', 'fail', /Q:\\VM1.vhdx/] as const),
    ],
    [
      'an ISO on a local disk',
      machine({ files: [...machine().files, iso('D:\\a.iso')] }),
      {},
      'media',
      'fail',
      /D:\\a.iso/,
    ],
    [
      'an ISO on a shared volume',
      machine({ files: [...machine().files, iso(`${base}\\a.iso`)] }),
      {},
      'media',
      'warn',
      /0xC03A0014/,
    ],
    ['a disk of its host', machine({ hostDevices: ['disk 3 of the host'] }), {}, 'devices', 'fail', /disk 3/],
    [
      'a partition of a graphics processor',
      machine({ hostDevices: ['a partition of a graphics processor'] }),
      {},
      ...(['devices', 'fail', /graphics processor/] as const),
    ],
    [
      'a processor of another maker elsewhere',
      machine({ hasProcessorCompatibility: true }),
      { others: [other({ processor: 'AMD EPYC 7543 32-Core Processor' })] },
      ...(['processor', 'fail', /NODE2 has AMD EPYC 7543/] as const),
    ],
    [
      'another processor of the same maker elsewhere',
      machine(),
      { others: [other({ processor: 'Intel(R) Xeon(R) Gold 5218 CPU @ 2.30GHz' })] },
      ...(['processor', 'warn', /live migration can fail/] as const),
    ],
    [
      'a compatibility that was not read',
      machine({ hasProcessorCompatibility: null }),
      { others: [other({ processor: 'Intel(R) Xeon(R) Gold 5218 CPU @ 2.30GHz' })] },
      ...(['processor', 'unknown', /was not read/] as const),
    ],
    [
      'a processor that was not read',
      machine({ switches: [] }),
      { others: [other({ processor: null })] },
      ...(['processor', 'unknown', /NODE2/] as const),
    ],
    [
      'a switch that is missing elsewhere',
      machine(),
      { others: [other({ switches: [] })] },
      'switches',
      'fail',
      /Production on NODE2/,
    ],
    ['a node that was not read', machine(), { others: [] }, 'switches', 'unknown', /NODE2/],
    [
      'switches that were not read',
      machine(),
      { others: [other({ unread: [{ property: 'switches', because: 'denied' }] })] },
      ...(['switches', 'unknown', /NODE2/] as const),
    ],
    [
      'a machine of its name elsewhere',
      machine(),
      { others: [other({ machines: [machine({ id: 'b' })] })] },
      'name',
      'fail',
      /NODE2/,
    ],
    [
      'a role of its name',
      machine(),
      {
        cluster: clusterOf({
          groups: [{ name: 'vm1', kind: 'other', ownerNode: 'NODE1', state: 'online', preferredOwners: [] }],
        }),
      },
      ...(['name', 'fail', /role vm1/] as const),
    ],
    [
      'files that Hyper-V cannot reach',
      machine({ state: 'critical' }),
      {},
      ...(['configuration', 'fail', /NODE1 cannot reach .* VM1/] as const),
    ],
    ['no configuration', machine({ files: [] }), {}, 'configuration', 'fail', /no configuration/],
    [
      'a cluster service that does not run',
      machine(),
      { cluster: { membership: 'stopped', cluster: null, unread: [] } },
      ...(['cluster', 'fail', /is not running/] as const),
    ],
    ['a cluster that was not read', machine(), { cluster: null }, 'cluster', 'unknown', /denied/],
  ])('says of %s what was found and what to do', (_what, found, input, id, result, text) => {
    const item = look(found, input).bad.find((one) => one.id === id);
    expect(item).toMatchObject({ id, result, found: expect.stringMatching(text) as string });
    expect(item?.next).toMatch(/\w/);
  });

  it('takes another processor of the same maker where the compatibility of the machine is on', () => {
    const others = [other({ processor: 'Intel(R) Xeon(R) Gold 5218 CPU @ 2.30GHz' })];
    expect(look(machine({ hasProcessorCompatibility: true }), { others })).toEqual({ worst: 'pass', bad: [] });
  });
});
