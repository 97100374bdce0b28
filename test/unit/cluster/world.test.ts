import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeMethods } from '../../../main/rehearsal/world/effects/index.ts';
import { portMethods } from '../../../main/rehearsal/world/ports/index.ts';
import type { ServerState, WorldState } from '../../../main/rehearsal/world/state.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import { changeKinds } from '../../../shared/changes/index.ts';
import type { Done } from '../../../shared/changes/done.ts';
import { clusterStateSchema, type ClusterState } from '../../../shared/model/cluster.ts';
import { machinesStateSchema, type MachinesState } from '../../../shared/model/virtual-machines.ts';
import { rolesStateSchema } from '../../../shared/model/roles.ts';
import type { FaultInput } from '../../../shared/model/rehearsal-faults.ts';
import { faultSchema } from '../../../shared/model/rehearsal-faults.ts';

/* The changes of roles and of the cluster on the model itself, without processes. */

let folder: string;
let world: World;
const request = (server: string, what: string) => ({ who: 'test', server, what, input: {} });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cluster-'));
  world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The failure's code that a change ends in, or null. */
const apply = (change: ServerChange, server = 'NODE1'): string | null => {
  const method = changeMethods.get(change.do);
  if (!method) throw new Error(change.do);
  const outcome = world.change(request(server, change.do), (draft) => {
    method.run(draft, { change, secrets: {} } as never);
    return null;
  });
  if (outcome.kind === 'done') return null;
  if (outcome.kind === 'refused') return outcome.refusal.behaviour.failure ?? outcome.refusal.behaviourId;
  throw new Error(JSON.stringify(outcome));
};

const edit = (change: (world: WorldState) => void): void => {
  const outcome = world.change(request('NODE1', 'test.edit'), (draft) => {
    change(draft.world);
    return null;
  });
  expect(outcome.kind).toBe('done');
};

const read = (server = 'NODE1'): ClusterState => {
  const method = portMethods.get('cluster.readState');
  const outcome = world.read(request(server, 'cluster.readState'), (state, at, used) =>
    method?.run({ world: state, server: at, used, nowMs: world.nowMs } as never, {} as never),
  );
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return clusterStateSchema.parse(outcome.value);
};

const isDone = (change: ServerChange, server = 'NODE1'): Done['is'] => {
  const kind = changeKinds[change.do] as unknown as {
    done(change: ServerChange, observed: { node: string; state: ClusterState }): Done;
  };
  return kind.done(change, { node: server, state: read(server) }).is;
};

const fault = (input: FaultInput): void =>
  edit((state) => {
    state.faults.push({ ...faultSchema.parse(input), id: 'f1' });
  });

const address = (server: ServerState, port: number, held: string, gateway?: string): void => {
  const nic = server.nics[port]!;
  nic.dhcp.ipv4 = false;
  nic.addresses = [
    { address: held, prefixLength: 24, family: 'ipv4', origin: 'manual', skipAsSource: false, duplicate: false },
  ];
  nic.gateways = gateway ? [{ family: 'ipv4', nextHop: gateway, metric: 0 }] : [];
};

const install = (server: string): void => {
  expect(apply({ do: 'roles.install', features: ['Failover-Clustering'], source: null }, server)).toBeNull();
};

const create: ServerChange = {
  do: 'cluster.create',
  name: 'CLU1',
  node: 'NODE1',
  addresses: ['192.0.2.200'],
  ignoreNetworks: [],
  accessPoint: 'dns',
};

/** Two servers with addresses and the feature, each logged on to both LUNs. */
const ready = (): void => {
  edit((state) => {
    Object.values(state.servers).forEach((server, at) => {
      address(server, 0, `192.0.2.${at + 31}`, '192.0.2.1');
      address(server, 2, `198.51.100.${at + 31}`);
      const [target] = Object.values(state.targets);
      const [portal] = target!.portals;
      server.initiator.sessions.push({
        ...{ id: `s${at}`, target: target!.name, initiatorName: server.initiator.name, boundAddress: null },
        ...{ localAddress: `198.51.100.${at + 31}`, localPort: 5000, portalAddress: portal!.address, portalPort: 3260 },
        ...{ connectionId: `c${at}`, isid: '400001370000', tsih: '1', persistent: true, connected: true },
        ...{ claimed: false, discovered: true, multipath: false, headerDigest: false, dataDigest: false },
        chap: { kind: 'NONE', userName: null, secret: null },
      });
    });
  });
  install('NODE1');
  install('NODE2');
};

describe('roles', () => {
  const roles = (server = 'NODE1') => {
    const outcome = world.read(request(server, 'roles.readState'), (state, at, used) =>
      portMethods.get('roles.readState')?.run({ world: state, server: at, used, nowMs: 0 } as never, {} as never),
    );
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    return rolesStateSchema.parse(outcome.value);
  };

  it('are in force at once where Windows wants no restart, and wait for it where it does', () => {
    install('NODE1');
    expect(apply({ do: 'roles.install', features: ['Hyper-V'], source: null })).toBeNull();
    const states = new Map(roles().features.map(({ name, state }) => [name, state]));
    expect([states.get('Failover-Clustering'), states.get('Hyper-V')]).toEqual(['installed', 'installPending']);
    expect(roles().hypervisorPresent).toBe(false);
  });

  it.each<[FaultInput, string]>([
    [{ kind: 'virtualizationOff', server: 'NODE1' }, 'ROLE_PREREQUISITE_FAILED'],
    [{ kind: 'featureSourceMissing', server: 'NODE1', feature: 'Hyper-V' }, 'ROLE_SOURCE_MISSING'],
    [{ kind: 'featureFails', server: 'NODE1', feature: 'Hyper-V' }, 'ROLE_INSTALL_FAILED'],
  ])('are refused with their own code: %o', (given, code) => {
    fault(given);
    expect(apply({ do: 'roles.install', features: ['Hyper-V'], source: null })).toBe(code);
    expect(roles().features.find(({ name }) => name === 'Hyper-V')?.state).toBe('available');
  });

  it('are not believed while the hypervisor does not run', () => {
    const state = {
      features: [{ name: 'Hyper-V' as const, state: 'installed' as const }],
      hypervisorPresent: false,
      managementService: 'running' as const,
      unread: [],
    };
    const change = { do: 'roles.install' as const, features: ['Hyper-V' as const], source: null };
    const done = changeKinds['roles.install'].done(change, { node: 'NODE1', state });
    expect(done).toEqual({ is: 'no', found: 'Hyper-V is installed, but the hypervisor is not running' });
  });
});

describe('a cluster', () => {
  it('is made of one node, then of two, with networks, disks and a witness, and nothing is done twice', () => {
    expect(read().membership).toBe('notInstalled');
    ready();
    expect(read().membership).toBe('none');
    expect(isDone(create)).toBe('no');
    expect(apply(create)).toBeNull();
    expect(isDone(create)).toBe('yes');
    expect(apply(create)).toBe('CLUSTER_NODE_IN_CLUSTER');
    const addNode: ServerChange = { do: 'cluster.addNode', node: 'NODE2' };
    expect(apply(addNode)).toBeNull();
    expect(isDone(addNode)).toBe('yes');
    const networks = read().cluster?.networks.map(({ name, role }) => [name, role]);
    expect(networks).toEqual([
      ['Cluster Network 1', 'clusterAndClient'],
      ['Cluster Network 2', 'none'],
    ]);
    const disks = read().cluster?.availableDisks ?? [];
    expect(disks).toHaveLength(2);
    for (const disk of disks) expect(apply({ do: 'cluster.addDisk', disk })).toBeNull();
    const [small = ''] = disks;
    const quorum: ServerChange = { do: 'cluster.setQuorum', witness: { kind: 'disk', disk: small } };
    expect(isDone(quorum)).toBe('no');
    expect(apply(quorum)).toBeNull();
    expect(isDone(quorum)).toBe('yes');
    expect(apply(quorum)).toBe('CLUSTER_WITNESS_REFUSED');
    expect(read('NODE2').cluster?.witness).toMatchObject({ kind: 'disk', currentVote: 1 });
    expect(read().cluster?.nodes.map(({ currentVote }) => currentVote)).toEqual([1, 1]);
    expect(apply({ do: 'cluster.removeDisk', disk: small })).toBe('CLUSTER_DISK_IN_USE');
  });

  it('takes another share for no witness that is set', () => {
    ready();
    apply(create);
    const share = (path: string): ServerChange => ({ do: 'cluster.setQuorum', witness: { kind: 'share', path } });
    expect(apply(share('\\\\files\\witness'))).toBeNull();
    expect(read().cluster?.witness.path).toBe('\\\\files\\witness');
    expect(isDone(share('\\\\FILES\\Witness\\'))).toBe('yes');
    expect(isDone(share('\\\\files\\other'))).toBe('no');
    const { cluster } = read();
    const unread = {
      node: 'NODE1',
      state: { ...read(), cluster: { ...cluster!, witness: { ...cluster!.witness, path: null } } },
    };
    expect(changeKinds['cluster.setQuorum'].done(share('\\\\files\\witness') as never, unread).is).toBe('unknown');
  });

  it('gives what a node owned to the other when that node restarts, and takes the node back', () => {
    ready();
    apply(create);
    apply({ do: 'cluster.addNode', node: 'NODE2' });
    const [disk = ''] = read().cluster?.availableDisks ?? [];
    apply({ do: 'cluster.addDisk', disk });
    expect(
      apply({ do: 'host.restart', reason: 'test', bootedBefore: new Date(world.nowMs).toISOString() }, 'NODE1'),
    ).toBeNull();
    const { cluster } = read('NODE2');
    expect(cluster?.nodes.map(({ state }) => state)).toEqual(['down', 'up']);
    expect(cluster?.disks.map(({ ownerNode }) => ownerNode)).toEqual(['NODE2']);
    expect(cluster?.groups.map(({ ownerNode }) => ownerNode)).toEqual(['NODE2', 'NODE2']);
  });

  it('whose creation timed out leaves a mark that has to be cleared before the next try', () => {
    ready();
    fault({ kind: 'clusterCreateTimesOut', server: 'NODE1' });
    expect(apply(create)).toBe('CLUSTER_TIMED_OUT');
    expect(read().membership).toBe('leftover');
    expect(apply(create)).toBe('CLUSTER_LEFTOVER');
    const clear: ServerChange = { do: 'cluster.clearNode', node: 'NODE1' };
    expect(isDone(clear)).toBe('no');
    expect(apply(clear)).toBeNull();
    expect(isDone(clear)).toBe('yes');
    expect(apply(create)).toBeNull();
  });

  it('that was created with a warning is there all the same, and is not created twice', () => {
    ready();
    fault({ kind: 'clusterCreateWarns', server: 'NODE1' });
    expect(apply(create)).toBe('CLUSTER_CREATE_WARNED');
    expect(read().membership).toBe('member');
    expect(isDone(create)).toBe('yes');
  });

  it.each<[FaultInput, ServerChange, string]>([
    [{ kind: 'clusterNameTaken', name: 'CLU1' }, create, 'CLUSTER_NAME_TAKEN'],
    [{ kind: 'clusterRightsMissing', server: 'NODE1' }, create, 'CLUSTER_RIGHTS_MISSING'],
    [{ kind: 'nodeUnreachable', server: 'NODE1' }, create, 'CLUSTER_NODE_UNREACHABLE'],
  ])('is refused with its own code: %o', (given, change, code) => {
    ready();
    fault(given);
    expect(apply(change)).toBe(code);
    expect(read().membership).toBe('none');
  });

  it.each<[string, Partial<Extract<ServerChange, { do: 'cluster.create' }>>, string]>([
    ['an address in no network', { addresses: ['203.0.113.9'] }, 'CLUSTER_ADDRESS_NOT_IN_NETWORK'],
    ['an address that somebody has', { addresses: ['192.0.2.53'] }, 'CLUSTER_ADDRESS_TAKEN'],
    ['no address in a network that wants one', { addresses: [] }, 'CLUSTER_CREATE_FAILED'],
    ['the name of a server', { name: 'node2' }, 'CLUSTER_NAME_TAKEN'],
    ['a domain without being in one', { accessPoint: 'activeDirectoryAndDns' }, 'CLUSTER_CREATE_FAILED'],
    ['a server that is not there', { node: 'NODE9' }, 'CLUSTER_NODE_UNREACHABLE'],
  ])('is refused with %s', (_what, change, code) => {
    ready();
    expect(apply({ ...create, ...change })).toBe(code);
  });

  it.each<[string, FaultInput | null, ServerChange, string]>([
    [
      'a node that is not reached',
      { kind: 'nodeUnreachable', server: 'NODE2' },
      { do: 'cluster.addNode', node: 'NODE2' },
      'CLUSTER_NODE_UNREACHABLE',
    ],
    [
      'a node that fails to join',
      { kind: 'nodeAddFails', server: 'NODE2' },
      { do: 'cluster.addNode', node: 'NODE2' },
      'CLUSTER_ADD_NODE_FAILED',
    ],
    [
      'a service that stopped',
      { kind: 'clusterServiceStopped', server: 'NODE1' },
      { do: 'cluster.addNode', node: 'NODE2' },
      'CLUSTER_SERVICE_STOPPED',
    ],
    ['its last node', null, { do: 'cluster.evictNode', node: 'NODE1' }, 'CLUSTER_LAST_NODE'],
    ['a node that it does not have', null, { do: 'cluster.pauseNode', node: 'NODE7' }, 'CLUSTER_NODE_NOT_FOUND'],
    ['a disk that not every node sees', null, { do: 'cluster.addDisk', disk: 'NONE' }, 'CLUSTER_DISK_NOT_AVAILABLE'],
    [
      'a group that does not move',
      { kind: 'groupMoveFails', server: 'NODE1' },
      { do: 'cluster.moveGroup', group: 'Cluster Group', node: 'NODE1' },
      'CLUSTER_MOVE_FAILED',
    ],
    [
      'a drain that fails',
      { kind: 'drainFails', server: 'NODE1' },
      { do: 'cluster.pauseNode', node: 'NODE1' },
      'CLUSTER_DRAIN_FAILED',
    ],
    [
      'a witness that is not taken',
      { kind: 'witnessRefused', server: 'NODE1' },
      { do: 'cluster.setQuorum', witness: { kind: 'share', path: '\\\\dc\\witness' } },
      'CLUSTER_WITNESS_REFUSED',
    ],
  ])('says the right code for %s', (_what, given, change, code) => {
    ready();
    expect(apply(create)).toBeNull();
    if (given) fault(given);
    expect(apply(change)).toBe(code);
  });

  it('asked where it is not tells so, and is not read as absent where its service stopped', () => {
    ready();
    expect(apply({ do: 'cluster.addNode', node: 'NODE2' })).toBe('CLUSTER_SERVICE_STOPPED');
    apply(create);
    fault({ kind: 'clusterServiceStopped', server: 'NODE1' });
    expect(read().membership).toBe('stopped');
    expect(isDone(create)).toBe('unknown');
  });

  it('keeps one network to talk over, and never two of one name', () => {
    ready();
    apply(create);
    const networks = read().cluster?.networks ?? [];
    const [production, storage] = networks;
    const rename: ServerChange = { do: 'cluster.renameNetwork', network: production!.id, newName: 'Production' };
    expect(apply(rename)).toBeNull();
    expect(isDone(rename)).toBe('yes');
    expect(apply({ do: 'cluster.renameNetwork', network: storage!.id, newName: 'production' })).toBe(
      'CLUSTER_NETWORK_NAME_TAKEN',
    );
    expect(apply({ do: 'cluster.setNetworkRole', network: production!.id, role: 'none' })).toBe(
      'CLUSTER_NETWORK_LAST_INTERNAL',
    );
  });

  it('is destroyed to its last trace', () => {
    ready();
    apply(create);
    apply({ do: 'cluster.addNode', node: 'NODE2' });
    const destroy: ServerChange = { do: 'cluster.destroy', name: 'CLU1' };
    expect(apply(destroy)).toBeNull();
    expect(['NODE1', 'NODE2'].map((server) => read(server).membership)).toEqual(['none', 'none']);
    expect(isDone(destroy)).toBe('yes');
    expect(apply(create)).toBeNull();
  });
});

describe('virtual machines', () => {
  const machines = (server = 'NODE1') => {
    const outcome = world.read(request(server, 'machines.readState'), (state, at, used) =>
      portMethods.get('machines.readState')?.run({ world: state, server: at, used, nowMs: 0 } as never, {} as never),
    );
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    return machinesStateSchema.parse(outcome.value);
  };
  const check = (change: ServerChange, server = 'NODE1'): Done['is'] => {
    const kind = changeKinds[change.do] as unknown as {
      done(change: ServerChange, observed: { node: string; state: MachinesState }): Done;
    };
    return kind.done(change, { node: server, state: machines(server) }).is;
  };
  const vm: ServerChange = {
    do: 'vm.create',
    name: 'VM1',
    folder: 'C:\\ClusterStorage\\Volume1',
    generation: 2,
    memoryBytes: 4 * 1024 ** 3,
    diskBytes: 40 * 1024 ** 3,
    switch: 'Production',
  };
  const nicOf = (server: string): string => world.state.servers[server]!.nics[4]!.guid;

  /** A formed cluster with a shared volume, Hyper-V in force and the switch on both nodes. */
  const formed = (): void => {
    ready();
    expect(apply(create)).toBeNull();
    expect(apply({ do: 'cluster.addNode', node: 'NODE2' })).toBeNull();
    edit((state) => {
      for (const server of Object.values(state.servers))
        server.features['Hyper-V'] = { ...server.features['Hyper-V']!, state: 'installed' };
      const lun = state.luns['data']!;
      lun.content = {
        ...{ style: 'gpt', guid: '{G}', signature: null, clustered: false },
        partitions: [
          {
            ...{ number: 1, offsetBytes: '0', sizeBytes: '1', gptType: null, mbrType: null, guid: '{P}' },
            volume: { guid: '{V}', fileSystem: 'NTFS', label: '', allocationUnitBytes: 4096 },
          },
        ],
      };
    });
    const disk = world.state.luns['data']!.uniqueId;
    expect(apply({ do: 'cluster.addDisk', disk })).toBeNull();
    expect(apply({ do: 'cluster.addSharedVolume', disk })).toBeNull();
    for (const server of ['NODE1', 'NODE2'])
      expect(
        apply({ do: 'switch.create', name: 'Production', nics: [nicOf(server)], hostNic: false }, server),
      ).toBeNull();
  };

  it('are made with every file on the shared volume, made highly available, moved, and restarted elsewhere', () => {
    formed();
    expect(check(vm)).toBe('no');
    expect(apply(vm)).toBeNull();
    expect(check(vm)).toBe('yes');
    const files = machines().machines[0]?.files.map(({ path }) => path) ?? [];
    expect(files).toHaveLength(4);
    expect(files.every((path) => path.startsWith('C:\\ClusterStorage\\Volume1\\VM1'))).toBe(true);
    expect(apply({ do: 'vm.start', name: 'VM1' })).toBeNull();
    expect(apply({ do: 'vm.makeHighlyAvailable', name: 'VM1' })).toBeNull();
    expect(check({ do: 'vm.makeHighlyAvailable', name: 'VM1' })).toBe('yes');
    const move: ServerChange = { do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' };
    expect(apply(move)).toBeNull();
    expect([check(move), check(move, 'NODE2')]).toEqual(['yes', 'yes']);
    expect(apply({ do: 'vm.start', name: 'VM1' })).toBe('VM_NOT_FOUND');
    expect(apply({ do: 'host.restart', reason: 'test', bootedBefore: '2026-01-01T00:00:00.000Z' }, 'NODE2')).toBeNull();
    expect(machines().machines[0]).toMatchObject({ host: 'NODE1', state: 'running' });
  });

  it('are not highly available where a file is local: a warning is not a success', () => {
    formed();
    expect(apply({ ...vm, folder: 'C:\\VMs' })).toBeNull();
    expect(apply({ do: 'vm.makeHighlyAvailable', name: 'VM1' })).toBe('VM_ROLE_WARNED');
    expect(check({ do: 'vm.makeHighlyAvailable', name: 'VM1' })).toBe('yes');
    expect(apply({ do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'quick' })).toBe('VM_MOVE_FAILED');
    expect(apply({ do: 'vm.leaveCluster', name: 'VM1' })).toBeNull();
    expect(machines().machines[0]?.role).toBeNull();
  });

  it.each<[string, (state: WorldState) => void, ServerChange, string]>([
    [
      'a switch that is missing there',
      (state) => (state.servers['NODE2']!.switches = []),
      { do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' },
      'VM_MOVE_FAILED',
    ],
    [
      'too little memory there',
      (state) => (state.servers['NODE2']!.hardware.memoryBytes = '1'),
      { do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' },
      'VM_MOVE_FAILED',
    ],
    [
      'a node that is paused',
      (state) => (state.cluster!.nodes[1]!.paused = true),
      { do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' },
      'CLUSTER_NODE_PAUSED',
    ],
    [
      'an owner that is no node',
      () => undefined,
      { do: 'vm.setOwners', name: 'VM1', preferred: ['NODE9'], possible: [] },
      'VM_OWNERS_REFUSED',
    ],
    ['one that is highly available', () => undefined, { do: 'vm.remove', name: 'VM1' }, 'VM_REMOVE_FAILED'],
    ['a name that is taken', () => undefined, vm, 'VM_NAME_TAKEN'],
    [
      'a folder on no disk of this server',
      () => undefined,
      { ...vm, name: 'VM2', folder: 'X:\\' },
      'VM_FOLDER_MISSING',
    ],
    ['a switch that is not there', () => undefined, { ...vm, name: 'VM2', switch: 'Other' }, 'VM_CREATE_FAILED'],
    [
      'a guest that does not answer',
      (state) => state.faults.push({ kind: 'guestHangs', name: 'VM1', id: 'f' }),
      { do: 'vm.stop', name: 'VM1' },
      'VM_STOP_FAILED',
    ],
  ])('are refused with the right code: %s', (_what, prepare, change, code) => {
    formed();
    for (const one of [
      vm,
      { do: 'vm.start', name: 'VM1' },
      { do: 'vm.makeHighlyAvailable', name: 'VM1' },
    ] as ServerChange[])
      expect(apply(one)).toBeNull();
    edit((state) => void prepare(state));
    expect(apply(change)).toBe(code);
  });

  it('keep their owners and priority, on both resources', () => {
    formed();
    apply(vm);
    apply({ do: 'vm.makeHighlyAvailable', name: 'VM1' });
    const owners: ServerChange = { do: 'vm.setOwners', name: 'VM1', preferred: ['NODE2', 'NODE1'], possible: [] };
    expect(check(owners)).toBe('no');
    expect(apply(owners)).toBeNull();
    expect(check(owners)).toBe('yes');
    const priority: ServerChange = { do: 'vm.setPriority', name: 'VM1', priority: 'high' };
    expect(apply(priority)).toBeNull();
    expect(check(priority)).toBe('yes');
  });

  it('a switch takes a NIC once, and is not read as there without Hyper-V', () => {
    const change: ServerChange = { do: 'switch.create', name: 'Production', nics: [nicOf('NODE1')], hostNic: true };
    expect(check(change)).toBe('unknown');
    formed();
    expect(apply({ ...change, name: 'Second' })).toBe('SWITCH_NIC_IN_USE');
  });
});

describe('what drills take away', () => {
  const guard = (server: string, changes: ServerChange[]): void => {
    const outcome = world.change(request(server, 'guard.arm'), (draft) => {
      portMethods.get('guard.arm')?.run(draft, { token: 'drill-1', afterSeconds: 60, changes } as never);
      return null;
    });
    expect(outcome.kind).toBe('done');
  };
  const stateOf = (node: string) => read().cluster?.nodes.find(({ name }) => name === node)?.state;
  const form = (): void => {
    ready();
    expect(apply(create)).toBeNull();
    expect(apply({ do: 'cluster.addNode', node: 'NODE2' })).toBeNull();
  };

  it('a node whose service is stopped is down, and up again when it is started', () => {
    form();
    const stop: ServerChange = { do: 'cluster.stopNode', node: 'NODE2' };
    const start: ServerChange = { do: 'cluster.startNode', node: 'NODE2' };
    expect(isDone(start)).toBe('yes');
    expect(apply(stop, 'NODE2')).toBeNull();
    expect([stateOf('NODE2'), isDone(stop), isDone(stop, 'NODE2'), isDone(start, 'NODE2')]).toEqual([
      'down',
      'yes',
      'yes',
      'no',
    ]);
    expect(apply(stop)).toBe('CLUSTER_NODE_DOWN');
    // On the node itself, where no other cluster cmdlet answers.
    expect(apply(start, 'NODE2')).toBeNull();
    expect(stateOf('NODE2')).toBe('up');
  });

  it('the guard gives back by itself when its time is over, and is forgotten then', () => {
    form();
    guard('NODE2', [{ do: 'cluster.startNode', node: 'NODE2' }]);
    expect(apply({ do: 'cluster.stopNode', node: 'NODE2' }, 'NODE2')).toBeNull();
    world.advance(59_000);
    expect([stateOf('NODE2'), world.state.servers['NODE2']?.tasks.length]).toEqual(['down', 1]);
    world.advance(2000);
    expect([stateOf('NODE2'), world.state.servers['NODE2']?.tasks.length]).toEqual(['up', 0]);
  });

  it('a witness that is offline does not vote', () => {
    form();
    edit((state) => {
      state.cluster!.witness = { kind: 'share', path: '\\\\fs\\w' };
    });
    const take: ServerChange = { do: 'cluster.takeWitnessOffline', resource: 'File Share Witness' };
    expect(read().cluster?.witness).toMatchObject({ currentVote: 1, state: 'online' });
    expect([apply(take), isDone(take), read().cluster?.witness.currentVote]).toEqual([null, 'yes', 0]);
    expect(apply({ do: 'cluster.bringWitnessOnline', resource: 'File Share Witness' })).toBeNull();
    expect(read().cluster?.witness).toMatchObject({ currentVote: 1, state: 'online' });
    expect(apply({ ...take, resource: 'Other' })).toBe('CLUSTER_WITNESS_REFUSED');
  });
});
