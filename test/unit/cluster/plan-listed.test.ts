import { describe, expect, it } from 'vitest';
import { changeKinds, type Change } from '../../../shared/changes/index.ts';
import type { ClusterDisk, ClusterGroup, ClusterNetwork, ClusterState } from '../../../shared/model/cluster.ts';
import type { RolesState } from '../../../shared/model/roles.ts';
import { desireSchema } from '../../../shared/plan/desire.ts';
import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';

const create: Change = {
  do: 'cluster.create',
  name: 'CLU1',
  node: 'NODE1',
  addresses: ['192.0.2.50'],
  ignoreNetworks: [],
  accessPoint: 'dns',
};
const noCluster: ClusterState = { membership: 'none', cluster: null, unread: [] };

const plan = (changes: Change[], state: ClusterState, answers: PlanAnswers = {}) =>
  planListed('cluster', { title: 'Form it', changes }, { cluster: { node: 'NODE1', state } }, answers);

const planMachine = (change: Partial<Extract<Change, { do: 'vm.create' }>>) =>
  planListed(
    'vms',
    {
      title: 'Make it',
      changes: [
        {
          do: 'vm.create',
          name: 'VM1',
          folder: 'C:\\ClusterStorage\\Volume1\\',
          generation: 2,
          memoryBytes: 1,
          diskBytes: 1,
          switch: null,
          ...change,
        },
      ],
    },
    {
      vms: {
        node: 'NODE1',
        state: { isHyperVRunning: true, switches: [], machines: [], clusterNodes: null, unread: [] },
      },
    },
    {},
  );

const member: ClusterState = {
  membership: 'member',
  unread: [],
  cluster: {
    name: 'CLU1',
    accessPoint: 'dns',
    addresses: ['192.0.2.50'],
    functionalLevel: null,
    nodes: [{ name: 'NODE1', id: 1, state: 'up', assignedVote: 1, currentVote: 1 }],
    networks: [],
    disks: [],
    groups: [],
    witness: { kind: 'none', resource: null, path: null, currentVote: 0 },
    dynamicQuorum: true,
    lowerQuorumPriorityNode: null,
    availableDisks: [],
  },
};

describe('a plan of wishes that are named as changes', () => {
  it('has a step for each that is not there, in order, and none for what is', () => {
    const changes: Change[] = [create, { do: 'cluster.addNode', node: 'NODE2' }];
    const draft = plan(changes, noCluster);
    expect(draft.steps.map(({ id, requires }) => [id, requires])).toEqual([
      ['NODE1/cluster.create:CLU1', []],
      ['NODE1/cluster.addNode:NODE2', ['NODE1/cluster.create:CLU1']],
    ]);
    expect(draft.steps.every(({ locks }) => locks.includes('cluster'))).toBe(true);
    expect(plan(changes, member).steps.map(({ change }) => change.do)).toEqual(['cluster.addNode']);
    expect(plan([create], member).steps).toEqual([]);
  });

  it.each<[Partial<typeof create>, Partial<NonNullable<ClusterState['cluster']>>, RegExp]>([
    [
      { addresses: ['192.0.2.60'] },
      {},
      /^The cluster CLU1 .*: its address is 192\.0\.2\.50, not 192\.0\.2\.60\. .*Properties/,
    ],
    [{ addresses: ['192.0.2.60'] }, { addresses: [] }, /its address is given by DHCP, not 192\.0\.2\.60/],
    [{ accessPoint: 'none' }, {}, /its name is registered in DNS only, not nowhere\./],
    [{ name: 'CLU9' }, {}, /^NODE1 belongs to a cluster already\./],
  ])('says how the cluster that is there differs from %o %o', (wish, found, told) => {
    const state: ClusterState = { ...member, cluster: { ...member.cluster!, ...found } };
    const { steps, refusals } = plan([{ ...create, ...wish }], state);
    expect([steps, refusals.map(({ what, next }) => `${what} ${next}`)]).toEqual([
      [],
      [expect.stringMatching(told) as string],
    ]);
  });

  it('asks nothing of addresses that it does not name', () => {
    const addresses = ['192.0.2.50', '2001:db8::32'];
    const state: ClusterState = { ...member, cluster: { ...member.cluster!, addresses } };
    for (const wish of [[], ['192.0.2.50']])
      expect(plan([{ ...create, addresses: wish }], state)).toMatchObject({
        ...{ steps: [], refusals: [], unknowns: [] },
      });
    const unread = { ...state, unread: [{ property: 'parameters', because: 'denied' }] };
    expect(plan([create], unread).unknowns.map(({ because }) => because)).toEqual([
      'the addresses of CLU1 were not read: denied',
    ]);
  });

  it('stops at what cannot be judged: a service that stopped is not a cluster that is not there', () => {
    const draft = plan([create], { membership: 'stopped', cluster: null, unread: [] });
    expect(draft.steps).toEqual([]);
    expect(draft.unknowns.map(({ because }) => because)).toEqual(['the cluster service on NODE1 does not run']);
  });

  it.each(['a-name-of-16-chars', 'clüster', '12345', 'node1'])('refuses the name %s', (name) => {
    expect(plan([{ ...create, name }], noCluster).refusals.map(({ code }) => code)).toEqual(['CLUSTER_NAME_INVALID']);
  });

  it.each([
    ['192.0.2.255', 'is the broadcast address of its network (/24)'],
    ['192.0.2.0', 'is the address of the network itself (/24)'],
    ['192.0.2.200', undefined],
    ['192.0.2.21', 'is the address of NODE1 itself'],
    // In no network of this server: other nodes may have it, and Windows says where nobody does.
    ['10.255.255.255', undefined],
  ])('judges %s by the adapters that were read', (address, problem) => {
    const draft = planListed(
      'cluster',
      { title: 'Form it', changes: [{ ...create, addresses: [address] }] },
      { cluster: { node: 'NODE1', state: noCluster, held: [{ address: '192.0.2.21', prefixLength: 24 }] } },
      {},
    );
    expect(draft.refusals.map(({ code, detail }) => [code, detail['problem']])).toEqual(
      problem === undefined ? [] : [['CLUSTER_ADDRESS_INVALID', problem]],
    );
  });

  it.each([
    [{ ...create, ignoreNetworks: ['10.0.1.0'] }, noCluster, 'CLUSTER_NETWORK_INVALID'],
    [{ ...create, ignoreNetworks: ['banana'] }, noCluster, 'CLUSTER_NETWORK_INVALID'],
    [{ ...create, ignoreNetworks: ['10.0.1.0/24'] }, noCluster, undefined],
    ...['C:\\witness', '\\\\server', '\\\\server\\', '//server/share', ''].map(
      (path) =>
        [{ do: 'cluster.setQuorum', witness: { kind: 'share', path } }, member, 'CLUSTER_WITNESS_REFUSED'] as const,
    ),
    [{ do: 'cluster.setQuorum', witness: { kind: 'share', path: '\\\\files\\quorum$\\clu1' } }, member, undefined],
    [{ do: 'cluster.pauseNode', node: 'NODE9' }, member, 'CLUSTER_NODE_NOT_FOUND'],
    [{ do: 'cluster.resumeNode', node: 'NODE9' }, member, 'CLUSTER_NODE_NOT_FOUND'],
    [{ do: 'cluster.setLowerQuorumPriority', node: 'NODE9' }, member, 'CLUSTER_NODE_NOT_FOUND'],
    [{ do: 'cluster.moveGroup', group: 'Nope', node: 'NODE1' }, member, 'CLUSTER_OBJECT_GONE'],
  ] as const)('%o is refused before Windows is asked: %s', (change, state, code) => {
    const { refusals, steps } = plan([change as Change], state);
    expect(refusals[0]?.code).toBe(code);
    if (code === undefined) expect(steps.length).toBe(1);
  });

  it('wants the name typed before the cluster is destroyed, whatever its letter case', () => {
    const destroy: Change = { do: 'cluster.destroy', name: 'CLU1' };
    const [question] = plan([destroy], member).questions;
    expect(question).toMatchObject({ kind: 'agree', expected: 'CLU1', answered: false });
    const answer = (typed: string) => plan([destroy], member, { [question?.id ?? '']: typed }).questions[0]?.answered;
    expect([answer('CLU2'), answer('clu1')]).toEqual([false, true]);
  });

  it.each<[ClusterState['membership'], Change, string | undefined]>([
    ['notInstalled', create, 'CLUSTER_FEATURE_MISSING'],
    ['leftover', create, 'CLUSTER_LEFTOVER'],
    ['none', create, undefined],
    ['none', { do: 'cluster.addNode', node: 'NODE2' }, 'CLUSTER_SERVICE_STOPPED'],
    ['none', { do: 'cluster.setQuorum', witness: { kind: 'none' } }, 'CLUSTER_SERVICE_STOPPED'],
    ['leftover', { do: 'cluster.clearNode', node: 'NODE1' }, undefined],
    ['notInstalled', { do: 'cluster.clearNode', node: 'NODE1' }, 'CLUSTER_FEATURE_MISSING'],
    ['member', { do: 'cluster.clearNode', node: 'NODE1' }, 'CLUSTER_NODE_ACTIVE'],
  ])('promises nothing that cannot run: on a server that reads %s, %o', (membership, change, code) => {
    const { refusals, steps } = plan([change], { membership, cluster: null, unread: [] });
    expect([refusals[0]?.code, steps.length]).toEqual([code, code === undefined ? 1 : 0]);
  });

  it.each<[RolesState['features'][number]['state'], Partial<RolesState>, RegExp]>([
    [
      'available',
      {},
      /^HYPERV_MISSING: Hyper-V on NODE1 is not installed\. .*roles install --feature Hyper-V .*restart/,
    ],
    ['installPending', {}, /^HYPERV_MISSING: Hyper-V on NODE1 is installed after a restart\./],
    [
      'notOffered',
      {},
      /^HYPERV_NOT_OFFERED: Windows on NODE1 does not offer Hyper-V in this edition (?!.*roles install)/,
    ],
    ['available', { features: [] }, /^HYPERV_MISSING: Hyper-V on NODE1 is not running, and whether .* was not read/],
    [
      'installed',
      { hypervisorPresent: false },
      /^HYPERV_NOT_RUNNING: .*but the hypervisor is not running\. .*readiness/,
    ],
    ['installed', {}, /^HYPERV_NOT_RUNNING: .*but its management service \(vmms\) is not running\./],
  ])('refuses every change of a machine or switch where Hyper-V is %s %o', (state, found, told) => {
    const roles: RolesState = {
      ...{ features: [{ name: 'Hyper-V', state }], hypervisorPresent: true, managementService: 'stopped', unread: [] },
      ...found,
    };
    const machines = { isHyperVRunning: false, switches: [], machines: [], clusterNodes: null, unread: [] };
    const kinds = Object.entries(changeKinds).filter(([, kind]) => kind.area === 'vms');
    expect(kinds.length).toBeGreaterThan(12);
    for (const [name] of kinds) {
      const draft = planListed(
        'vms',
        { title: 'Do it', changes: [{ do: name, name: 'VM1' } as unknown as Change] },
        { vms: { node: 'NODE1', state: machines, roles } },
        {},
      );
      expect([
        draft.steps,
        draft.unknowns,
        draft.refusals.map((one) => `${one.code}: ${one.what} ${one.next}`),
      ]).toEqual([[], [], [expect.stringMatching(told) as string]]);
    }
  });

  it.each([
    ['absent', 'is not installed'],
    ['stopped', 'does not run'],
  ] as const)('refuses every change of a storage host whose service is %s', (service, words) => {
    const state = { service, portals: [], disks: [], targets: [], volumes: [], files: [], unread: [] };
    const kinds = Object.entries(changeKinds).filter(([, kind]) => kind.area === 'storageHost');
    expect(kinds.length).toBeGreaterThan(8);
    for (const [name] of kinds) {
      const draft = planListed(
        'storageHost',
        { title: 'Do it', changes: [{ do: name, name: 'a', path: 'C:\\a.vhdx' } as unknown as Change] },
        { storageHost: { node: 'STORE', state } },
        {},
      );
      expect(draft.refusals.map(({ what }) => what)).toEqual([`iSCSI Target Server ${words} on STORE.`]);
    }
  });

  it.each([
    ['fits', 'activeDirectoryAndDns', 'CLU1', undefined, 0],
    ['passwordDiffers', 'activeDirectoryAndDns', 'CLU1', undefined, 1],
    ['unknown', 'activeDirectoryAndDns', 'clu1', undefined, 1],
    ['missing', 'activeDirectoryAndDns', 'CLU1', 'CLUSTER_NAME_ACCOUNT_MISSING', 0],
    ['disabled', 'activeDirectoryAndDns', 'CLU1', 'CLUSTER_NAME_ACCOUNT_DISABLED', 0],
    ['passwordDiffers', 'activeDirectoryAndDns', 'CLU2', 'CLUSTER_OBJECT_GONE', 0],
    [null, 'dns', 'CLU1', 'CLUSTER_NAME_WITHOUT_ACCOUNT', 0],
  ] as const)('repairs an account that %s (%s, %s): %s', (account, accessPoint, name, code, steps) => {
    const state = account === 'fits' ? 'online' : 'failed';
    const nameAccount = account === null ? null : ({ resource: 'Cluster Name', state, account } as const);
    const draft = plan([{ do: 'cluster.repairName', name }], {
      ...member,
      cluster: { ...member.cluster!, accessPoint, nameAccount },
    });
    expect([draft.refusals[0]?.code, draft.steps.length, draft.unknowns]).toEqual([code, steps, []]);
    expect(draft.refusals.every(({ next }) => next !== '' && !next.includes('{'))).toBe(true);
  });

  it('repairs no account that was not read', () => {
    const draft = plan([{ do: 'cluster.repairName', name: 'CLU1' }], {
      ...member,
      cluster: { ...member.cluster!, accessPoint: 'activeDirectoryAndDns' },
    });
    expect([draft.steps, draft.unknowns.map(({ because }) => because)]).toEqual([
      [],
      ['the name of CLU1 was not read'],
    ]);
  });

  it.each([
    ['192.0.2.300', 'is not an IPv4 or IPv6 address'],
    ['192.0.2.20/24', 'is not an IPv4 or IPv6 address'],
    ['255.255.255.255', 'is the broadcast address of every network'],
    ['0.0.0.0', 'means "no address"'],
    ['224.0.0.18', 'is a multicast address'],
    ['127.0.0.1', 'is a loopback address'],
    ['169.254.10.1', 'is a link-local address, which the server gives itself'],
    ['2001:db8::20', 'is an IPv6 address, and a cluster gets those by itself'],
  ])('plans no cluster with the address %s', (address, problem) => {
    const given: Change = { ...create, addresses: ['192.0.2.20', address] };
    const { refusals } = plan([given], { membership: 'none', cluster: null, unread: [] });
    expect(refusals).toMatchObject([{ code: 'CLUSTER_ADDRESS_INVALID', detail: { address, problem } }]);
  });

  it.each<[string, string | null]>([
    ['VM1', null],
    ['SQL Server 2022 (Übung)', null],
    ['console', null],
    ['a/b', 'VM_NAME_INVALID'],
    ['a\\b', 'VM_NAME_INVALID'],
    ['why?', 'VM_NAME_INVALID'],
    ['tab\there', 'VM_NAME_INVALID'],
    ['web01.', 'VM_NAME_INVALID'],
    ['web01 ', 'VM_NAME_INVALID'],
    [' web01', 'VM_NAME_INVALID'],
    ['  ', 'VM_NAME_INVALID'],
    ['NUL', 'VM_NAME_INVALID'],
    ['com1.local', 'VM_NAME_INVALID'],
    ['v'.repeat(256), 'VM_NAME_INVALID'],
    // Its name is in the path twice.
    ['v'.repeat(120), 'VM_NAME_INVALID'],
  ])('plans no virtual machine whose files could not be made: %j', (name, code) => {
    const draft = planMachine({ name });
    expect([draft.refusals[0]?.code ?? null, draft.steps.length]).toEqual([code, code === null ? 1 : 0]);
    if (code !== null)
      expect(draft.refusals[0]).toMatchObject({ detail: { name }, what: expect.stringContaining(name) as string });
  });

  it.each(['VMs', '\\\\files\\vms', 'F:', 'F:\\con\\x', 'F:\\a..\\b', 'F:\\\\x', 'F:\\a?'])(
    'plans no virtual machine in the folder %s',
    (folder) => {
      expect(planMachine({ folder }).refusals.map(({ code }) => code)).toEqual(['VM_FOLDER_INVALID']);
    },
  );

  it.each(['setup.iso', 'F:\\setup.img', 'F:\\a?.iso', '\\\\files\\setup.iso'])(
    'plans no virtual machine with the ISO %s',
    (iso) => {
      expect(planMachine({ iso }).refusals.map(({ code }) => code)).toEqual(['VM_ISO_INVALID']);
    },
  );

  it.each(['F:\\setup.iso', '\\\\files\\isos\\Server 2022.ISO'])(
    'says of the ISO %s that it is to be ejected',
    (iso) => {
      const { refusals, steps } = planMachine({ iso });
      expect([refusals, steps[0]?.why]).toEqual([[], expect.stringContaining(`${iso} is in its DVD drive; eject it`)]);
    },
  );

  describe('of networks and folders', () => {
    const network = (id: string, name: string): ClusterNetwork => ({
      ...{ id, name, role: 'cluster', metric: 30_384, autoMetric: true, address: '10.0.1.0', prefixLength: 24 },
      state: 'up',
    });
    const volume = (name: string, folder: string, ownerNode: string): ClusterDisk => ({
      ...{ name, state: 'online', group: name, ownerNode, use: 'sharedVolume', disk: name, sizeBytes: null },
      ...{ path: `C:\\ClusterStorage\\${folder}`, driveLetter: null },
    });
    const formed: ClusterState = {
      ...member,
      cluster: {
        ...member.cluster!,
        networks: [network('a', 'Private'), network('b', 'Production')],
        disks: [volume('Data', 'Volume1', 'NODE1'), volume('Other', 'Volume2', 'NODE2')],
        migrationExcludes: ['b'],
      },
    };
    const codes = (change: Change, state = formed) => plan([change], state).refusals.map(({ code }) => code);
    const rename = (disk: string, newName: string): Change => ({ do: 'cluster.renameSharedVolume', disk, newName });

    it('keeps a network for live migration, and sets nothing that is set', () => {
      expect(plan([{ do: 'cluster.setMigrationNetworks', exclude: ['B'] }], formed).steps).toEqual([]);
      expect(codes({ do: 'cluster.setMigrationNetworks', exclude: ['a', 'b'] })).toEqual([
        'CLUSTER_MIGRATION_NONE_LEFT',
      ]);
      const undo = changeKinds['cluster.setMigrationNetworks'].undo(
        { do: 'cluster.setMigrationNetworks', exclude: [] },
        { node: 'NODE1', state: formed },
      );
      expect(undo?.changes).toEqual([{ do: 'cluster.setMigrationNetworks', exclude: ['b'] }]);
      const unread = { ...formed, cluster: { ...formed.cluster!, migrationExcludes: null } };
      expect(plan([{ do: 'cluster.setMigrationNetworks', exclude: [] }], unread).unknowns).toHaveLength(1);
    });

    it('tries networks of live migration in their order, each that it is not kept off', () => {
      const ordered = { ...formed, cluster: { ...formed.cluster!, migrationExcludes: [], migrationOrder: ['a', 'b'] } };
      const set = (order: string[], exclude: string[] = []): Change => ({
        ...{ do: 'cluster.setMigrationNetworks', exclude, order },
      });
      expect(plan([set(['A', 'b'])], ordered).steps).toEqual([]);
      const [step] = plan([set(['b', 'a'])], ordered).steps;
      expect(step?.title).toBe('Allow every cluster network for live migration, and try Production, then Private');
      expect(step?.why).toContain('It tries Private, then Production.');
      expect(codes(set(['b'], ['b']), ordered)).toEqual(['CLUSTER_MIGRATION_BOTH']);
      const undo = changeKinds['cluster.setMigrationNetworks'].undo(
        { do: 'cluster.setMigrationNetworks', exclude: ['a'], order: ['b'] },
        { node: 'NODE1', state: ordered },
      );
      expect(undo?.changes).toEqual([set(['a', 'b'])]);
      expect(plan([set(['a'])], formed).unknowns).toHaveLength(1);
    });

    it('gives a metric back to Windows when it was of Windows', () => {
      const undo = changeKinds['cluster.setNetworkMetric'].undo(
        { do: 'cluster.setNetworkMetric', network: 'a', metric: 900 },
        { node: 'NODE1', state: formed },
      );
      expect(undo?.changes).toEqual([{ do: 'cluster.setNetworkMetric', network: 'a', metric: null }]);
      expect(plan([{ do: 'cluster.setNetworkMetric', network: 'a', metric: null }], formed).steps).toEqual([]);
    });

    it.each([
      ['a name that no folder has', rename('Data', 'a:b'), 'CLUSTER_FOLDER_NAME_INVALID'],
      ['the name of another volume', rename('Data', 'volume2'), 'CLUSTER_FOLDER_NAME_TAKEN'],
      ['a volume of another node', rename('Other', 'Machines'), 'CLUSTER_SHARED_VOLUME_ELSEWHERE'],
    ] as const)('renames no folder to %s', (_what, change, code) => {
      expect(codes(change)).toEqual([code]);
    });

    it('renames no folder that the configuration of a machine may name', () => {
      const group: ClusterGroup = {
        name: 'VM1',
        kind: 'virtualMachine',
        ownerNode: 'NODE1',
        state: 'online',
        preferredOwners: [],
      };
      const used = { ...formed, cluster: { ...formed.cluster!, groups: [group] } };
      expect([codes(rename('Data', 'Machines')), codes(rename('Data', 'Machines'), used)]).toEqual([
        [],
        ['CLUSTER_FOLDER_IN_USE'],
      ]);
    });
  });

  it('is refused as data where a change belongs to another area', () => {
    const wanted = { area: 'roles', desire: { title: 'x', changes: [create] } };
    expect(desireSchema.safeParse(wanted).success).toBe(false);
    expect(desireSchema.safeParse({ ...wanted, area: 'cluster' }).success).toBe(true);
  });

  it('tells a restart only where one of the features wants it', () => {
    const state = {
      features: [
        { name: 'Hyper-V' as const, state: 'available' as const },
        { name: 'Failover-Clustering' as const, state: 'available' as const },
      ],
      hypervisorPresent: false,
      managementService: 'absent' as const,
      unread: [],
    };
    const restartOf = (feature: 'Hyper-V' | 'Failover-Clustering') =>
      planListed(
        'roles',
        { title: 'x', changes: [{ do: 'roles.install', features: [feature], source: null }] },
        { roles: { node: 'NODE1', state } },
        {},
      ).steps[0]?.restart;
    expect([restartOf('Hyper-V'), restartOf('Failover-Clustering')]).toEqual(['after', 'none']);
  });
});

describe('a plan of a start order', () => {
  const role = (name: string) => ({ name, role: { group: name } }) as never;
  const sets = [
    { name: 'Data', machines: ['SQL'], after: [], ready: 'delay', delaySeconds: 60 },
    { name: 'Web', machines: ['WEB'], after: ['Data'], ready: 'delay', delaySeconds: 20 },
  ] as const;
  const planned = (change: Change, startSets: unknown = sets) =>
    planListed(
      'vms',
      { title: 'Order', changes: [change] },
      {
        vms: {
          node: 'NODE1',
          state: {
            ...{ isHyperVRunning: true, switches: [], clusterNodes: ['NODE1'], unread: [] },
            machines: [role('SQL'), role('WEB'), { name: 'LOCAL', role: null } as never],
            startSets: startSets as never,
          },
        },
      },
      {},
    );
  const web = { do: 'vm.setStartSet', name: 'web', machines: ['web'], after: ['data'], delaySeconds: 20 } as const;
  const remove = (name: string): Change => ({ do: 'vm.removeStartSet', name });
  const set = (part: object): Change => ({ ...web, ...part }) as never;

  it.each([
    ['what is there', set({}), undefined, 0],
    ['another delay', set({ delaySeconds: 5 }), undefined, 1],
    ['a machine that is no role', set({ machines: ['WEB', 'LOCAL'] }), 'VM_NO_ROLE', 0],
    ['a machine that is nowhere', set({ machines: ['VM9'] }), 'VM_NO_ROLE', 0],
    ['a set that is nowhere', set({ after: ['Nobody'] }), 'VM_START_SET_UNKNOWN', 0],
    ['itself', set({ after: ['WEB'] }), 'VM_START_SET_CIRCULAR', 0],
    ['a circle over another', set({ name: 'Data', machines: ['SQL'], after: ['Web'] }), 'VM_START_SET_CIRCULAR', 0],
    ['a removal', remove('DATA'), undefined, 1],
    ['a removal of what is not there', remove('x'), undefined, 0],
  ])('%s', (_what, change, code, steps) => {
    const draft = planned(change);
    expect([draft.refusals[0]?.code, draft.steps.length, draft.unknowns]).toEqual([code, steps, []]);
  });

  it('is none without a cluster, and unknown where it was not read', () => {
    expect(planned(set({}), null).unknowns.map(({ because }) => because)).toEqual(['the start order was not read']);
  });

  it('takes a removal back with what waited for it', () => {
    const undo = changeKinds['vm.removeStartSet'].undo(
      { do: 'vm.removeStartSet', name: 'data' },
      { node: 'NODE1', state: { startSets: sets } as never },
    );
    expect(undo?.changes).toEqual([
      { do: 'vm.setStartSet', name: 'Data', machines: ['SQL'], after: [], delaySeconds: 60 },
      { do: 'vm.setStartSet', name: 'Web', machines: ['WEB'], after: ['Data'], delaySeconds: 20 },
    ]);
  });
});
