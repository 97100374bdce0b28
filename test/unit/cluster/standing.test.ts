import { describe, expect, test } from 'vitest';
import type { Cluster, ClusterState } from '../../../shared/model/cluster.ts';
import { nodeFeatures, type RolesState } from '../../../shared/model/roles.ts';
import type { MachinesState, VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { clusterStanding, machinesStanding, rolesStanding } from '../../../shared/plan/standing/cluster.ts';

const roles = (part: Partial<RolesState> = {}): RolesState => ({
  features: nodeFeatures.map((name) => ({ name, state: 'installed' })),
  hypervisorPresent: true,
  managementService: 'running',
  unread: [],
  ...part,
});

describe('how far the roles are', () => {
  const of = (state: RolesState) => rolesStanding({ node: 'NODE1', state });

  test('installed and running is done', () => {
    expect(of(roles())).toMatchObject({ outcome: 'pass', word: 'Installed' });
  });

  test.each([
    ['a hypervisor that does not run', roles({ hypervisorPresent: false }), 'fail', 'Hypervisor off'],
    ['a hypervisor that was not asked', roles({ hypervisorPresent: null }), 'unknown', 'Unknown'],
    ['features that were not read', roles({ features: [] }), 'unknown', 'Unknown'],
    [
      'a feature that waits for a restart',
      roles({ features: nodeFeatures.map((name) => ({ name, state: 'installPending' })) }),
      'warn',
      'Restart pending',
    ],
    [
      'a feature that is missing',
      roles({
        features: nodeFeatures.map((name) => ({ name, state: name === 'Hyper-V' ? 'available' : 'installed' })),
      }),
      'warn',
      '3 of 4 features',
    ],
  ] as const)('%s is not done', (_what, state, outcome, word) => {
    expect(of(state)).toMatchObject({ outcome, word });
  });
});

const node = (name: string, id: number): Cluster['nodes'][number] => ({
  ...{ name, id, state: 'up', assignedVote: 1, currentVote: 1 },
});

const cluster = (part: Partial<Cluster> = {}): Cluster => ({
  ...{ name: 'CLU1', accessPoint: 'dns', addresses: ['192.0.2.50'], functionalLevel: 11 },
  nodes: [node('NODE1', 1), node('NODE2', 2)],
  networks: [],
  disks: [],
  groups: [],
  witness: { kind: 'disk', resource: 'Witness', path: null, currentVote: 1 },
  ...{ dynamicQuorum: true, lowerQuorumPriorityNode: null, availableDisks: [] },
  ...part,
});

const member = (part: Partial<Cluster> = {}, unread: ClusterState['unread'] = []): ClusterState => ({
  ...{ membership: 'member', cluster: cluster(part), unread },
});

describe('how far the cluster is', () => {
  const of = (state: ClusterState) => clusterStanding({ node: 'NODE1', state });

  test('every node up and a witness is done', () => {
    expect(of(member())).toEqual({ outcome: 'pass', word: '2 nodes up', text: 'CLU1: 2 nodes up, with a witness.' });
  });

  const share = { kind: 'share', resource: 'File Share Witness', currentVote: 0, state: 'failed' } as const;
  test.each([
    [
      'a node that is down',
      { nodes: [node('NODE1', 1), { ...node('NODE2', 2), state: 'down' }] },
      'fail',
      'NODE2 (down)',
    ],
    [
      'a node that is paused',
      { nodes: [node('NODE1', 1), { ...node('NODE2', 2), state: 'paused' }] },
      'warn',
      'paused',
    ],
    ['one node alone', { nodes: [node('NODE1', 1)] }, 'warn', 'one node'],
    [
      'two nodes without a witness',
      { witness: { kind: 'none', resource: null, currentVote: 0 } },
      'warn',
      'no witness',
    ],
    ['a share that does not answer', { witness: share }, 'fail', 'witness File Share Witness (failed)'],
    [
      'a name whose account has another password',
      { nameAccount: { resource: 'Cluster Name', state: 'failed', account: 'passwordDiffers' } },
      'fail',
      'the name CLU1 cannot log on to its account in Active Directory',
    ],
    [
      'a group that failed',
      { groups: [{ name: 'VM1', kind: 'virtualMachine', ownerNode: 'NODE1', state: 'failed', preferredOwners: [] }] },
      'fail',
      'group VM1 (failed)',
    ],
  ] as const)('%s is not done', (_what, part, outcome, text) => {
    const found = of(member(part as Partial<Cluster>));
    expect(found.outcome).toBe(outcome);
    expect(found.text).toContain(text);
  });

  test('what was not read is never done', () => {
    expect(of(member({}, [{ property: 'groups', because: 'Access is denied.' }]))).toMatchObject({
      outcome: 'unknown',
      text: 'A part of the cluster CLU1 could not be read: Access is denied.',
    });
    // A failure's code is no word of a headline.
    const { text } = of(member({}, [{ property: 'groups', because: 'INITIATOR_SERVICE_STOPPED' }]));
    expect(text).not.toContain('INITIATOR_');
    expect(text).toMatch(/could not be read: .{10,}\.$/);
    expect(of({ membership: 'member', cluster: null, unread: [] }).outcome).toBe('unknown');
  });

  test.each([
    ['none', 'warn'],
    ['notInstalled', 'warn'],
    ['leftover', 'fail'],
    ['stopped', 'fail'],
  ] as const)('a server that reads %s is in no cluster', (membership, outcome) => {
    expect(of({ membership, cluster: null, unread: [] }).outcome).toBe(outcome);
  });
});

const machine = (name: string, isRole: boolean): VirtualMachine => ({
  ...{ name, id: name, host: 'NODE1', state: 'running', generation: 2, memoryBytes: '1', switches: [], files: [] },
  hostDevices: [],
  role: isRole
    ? { group: name, priority: 2000, preferredOwners: [], possibleOwners: ['NODE1'], antiAffinity: [] }
    : null,
});

describe('how far the virtual machines are', () => {
  const of = (part: Partial<MachinesState>) =>
    machinesStanding({
      node: 'NODE1',
      state: { isHyperVRunning: true, switches: [], machines: [], clusterNodes: null, unread: [], ...part },
    });

  test('done when each is a role of the cluster', () => {
    expect(of({ machines: [machine('VM1', true)] })).toMatchObject({ outcome: 'pass', word: '1 highly available' });
    expect(of({ machines: [machine('VM1', false)] }).text).toBe('VM1 is not highly available.');
    expect(of({ machines: [machine('VM1', true), machine('VM2', false)] })).toMatchObject({
      outcome: 'warn',
      word: '1 of 2 highly available',
      text: '1 of 2 virtual machines highly available.',
    });
  });

  test('none, no Hyper-V and a list that was not read are no pass', () => {
    expect(of({}).outcome).toBe('warn');
    expect(of({ isHyperVRunning: false }).word).toBe('No Hyper-V');
    expect(of({ unread: [{ property: 'machines', because: 'timed out' }] })).toMatchObject({
      outcome: 'unknown',
      text: 'A part of the virtual machines could not be read: timed out.',
    });
  });
});
