import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mapScriptError } from '../../../main/powershell/runner/error-table.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import { refusedChanges } from '../../../main/rehearsal/world/behaviours/cluster-refusals.ts';
import { behaviours } from '../../../main/rehearsal/world/behaviours/index.ts';
import { changeErrors } from '../../../main/windows/errors/index.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import { explain, Failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import { clusterRefusalNames, type ClusterRefusal } from '../../../shared/model/cluster-refusals.ts';
import type { FaultInput } from '../../../shared/model/rehearsal-faults.ts';
import { lossyWorld } from '../../support/losing-world.ts';
import { edit, plant, portsOf } from '../../support/validated-world.ts';

/*
 * What Windows refuses a change of the cluster with: fault, change, code, next step. The rehearsal refuses in this way, the table of errors of the
 * scripts knows the same number, and what a person is told to do fits.
 */

const create = {
  ...{ do: 'cluster.create', name: 'CLU2', node: 'NODE3', addresses: ['192.0.2.210'] },
  ...{ ignoreNetworks: ['198.51.100.0/24'], accessPoint: 'dns' },
} as Extract<ServerChange, { do: 'cluster.create' }>;
const add: ServerChange = { do: 'cluster.addNode', node: 'NODE3' };
const evict: ServerChange = { do: 'cluster.evictNode', node: 'NODE2' };
const pause: ServerChange = { do: 'cluster.pauseNode', node: 'NODE2' };
const moveGroup: ServerChange = { do: 'cluster.moveGroup', group: 'Cluster Group', node: 'NODE2' };
const moveMachine: ServerChange = { do: 'vm.move', name: 'vm1', node: 'NODE2', kind: 'live' };
const rename: ServerChange = { do: 'cluster.renameNetwork', network: 'net1', newName: 'Private' };

let folder: string;
let world: World;
/** The unique id of the disk that nothing uses. */
let free: string;

const removeDisk = (): ServerChange => ({ do: 'cluster.removeDisk', disk: free });
const quorum = (): ServerChange => ({ do: 'cluster.setQuorum', witness: { kind: 'share', path: '\\\\files\\w' } });

type Case = readonly [ClusterRefusal, () => ServerChange, FailureCode, RegExp];
const refusals: readonly Case[] = [
  ['rpcUnavailable', () => add, 'CLUSTER_NODE_UNREACHABLE', /firewall lets RPC \(135 and 445\) in/],
  ['networkPathNotFound', () => add, 'CLUSTER_NODE_UNREACHABLE', /Failover Clustering is installed there/],
  ['noDomainController', () => create, 'CLUSTER_NO_DOMAIN_CONTROLLER', /port 464.*clear-node/],
  ['resourceNotFound', removeDisk, 'CLUSTER_OBJECT_GONE', /Read it again with "quorate cluster status"/],
  ['groupNotFound', () => moveGroup, 'CLUSTER_OBJECT_GONE', /review the plan again/],
  ['networkNotFound', () => rename, 'CLUSTER_OBJECT_GONE', /Read it again/],
  ['notAnOwner', () => moveMachine, 'CLUSTER_NODE_CANNOT_HOST', /quorate vm owners/],
  ['resourceOnline', removeDisk, 'CLUSTER_DISK_IN_USE', /Release it there first/],
  ['notQuorumCapable', quorum, 'CLUSTER_WITNESS_REFUSED', /at least 512 MB/],
  ['coreResource', removeDisk, 'CLUSTER_DISK_IN_USE', /Release it there first/],
  ['noMigrationNetwork', () => moveMachine, 'VM_MOVE_NO_NETWORK', /Allow a network for live migration/],
  ['nodeNotAvailable', () => moveGroup, 'CLUSTER_NODE_DOWN', /Start it, or choose another node/],
  ['noNodeAvailable', () => moveMachine, 'CLUSTER_NODE_DOWN', /Start it, or choose another node/],
  ['resourceFailed', () => moveGroup, 'CLUSTER_MOVE_FAILED', /cluster events" on both nodes/],
  ['nodeExists', () => add, 'CLUSTER_NODE_IN_CLUSTER', /Evict it there first/],
  ['nodeUnreachable', () => evict, 'CLUSTER_NODE_UNREACHABLE', /switched on/],
  ['nodeNotMember', () => pause, 'CLUSTER_NODE_DOWN', /Start it/],
  ['addressInUse', () => create, 'CLUSTER_ADDRESS_TAKEN', /free address in the same subnet/],
  ['alreadyMember', () => add, 'CLUSTER_NODE_IN_CLUSTER', /clear-node/],
  ['cannotHost', () => moveGroup, 'CLUSTER_NODE_CANNOT_HOST', /possible owner of every resource/],
  ['joinAborted', () => add, 'CLUSTER_JOIN_ABORTED', /UDP 3343.*clear-node NODE3/],
  ['incompatibleVersions', () => add, 'CLUSTER_VERSIONS_DIFFER', /quorate cluster check/],
  ['quorumDiskNotFound', quorum, 'CLUSTER_WITNESS_REFUSED', /Available Storage/],
  ['membershipHalt', () => moveGroup, 'CLUSTER_HALTED', /on another node.*ClusSvc/],
  ['evictedUncleaned', () => evict, 'CLUSTER_EVICTED_UNCLEANED', /clear-node NODE2/],
  ['cannotBeClustered', () => add, 'CLUSTER_NODE_UNFIT', /edition/],
  ['wrongVersion', () => add, 'CLUSTER_VERSIONS_DIFFER', /version of the cluster/],
  ['systemDriveConflict', () => add, 'CLUSTER_SYSTEM_DRIVE_CONFLICT', /another letter/],
  ['accountMismatch', () => add, 'CLUSTER_ACCOUNT_MISMATCH', /Restart it if a rename is waiting/],
  ['portRefused', () => moveMachine, 'VM_MOVE_PORT_CLOSED', /TCP port 6600 in on NODE2/],
  ['portTimedOut', () => moveMachine, 'VM_MOVE_PORT_CLOSED', /TCP port 6600/],
  ['noMemory', () => moveMachine, 'VM_MOVE_NO_MEMORY', /another virtual machine on NODE2/],
  ['noResources', () => moveMachine, 'VM_MOVE_NO_MEMORY', /choose another node/],
  ['fileNotOpened', () => moveMachine, 'VM_MOVE_FILE_UNREACHABLE', /eject an ISO/],
  ['noCredentials', () => moveMachine, 'VM_MOVE_NOT_TRUSTED', /clocks/],
  ['logonNotGranted', () => moveMachine, 'VM_MOVE_NOT_TRUSTED', /Log on as a service/],
];

/** Where something stays behind. */
const halfDone: Readonly<Partial<Record<ClusterRefusal, string>>> = {
  noDomainController: 'NODE3',
  joinAborted: 'NODE3',
  evictedUncleaned: 'NODE2',
};

/** Refusals that have a fault of their own, or follow from the state. */
const others: readonly (readonly [string, FaultInput | null, () => ServerChange, FailureCode, RegExp])[] = [
  [
    'a cluster service that stopped',
    { kind: 'clusterServiceStopped', server: 'NODE1' },
    () => moveGroup,
    'CLUSTER_SERVICE_STOPPED',
    /Start the service ClusSvc/,
  ],
  [
    'a node that is not reached',
    { kind: 'nodeUnreachable', server: 'NODE3' },
    () => add,
    'CLUSTER_NODE_UNREACHABLE',
    /RPC/,
  ],
  [
    'an account without rights there',
    { kind: 'clusterRightsMissing', server: 'NODE3' },
    () => add,
    'CLUSTER_RIGHTS_MISSING',
    /administrator of every node/,
  ],
  [
    'a creation that times out',
    { kind: 'clusterCreateTimesOut', server: 'NODE3' },
    () => create,
    'CLUSTER_TIMED_OUT',
    /clear-node.*one node alone/,
  ],
  [
    'a creation with a warning',
    { kind: 'clusterCreateWarns', server: 'NODE3' },
    () => create,
    'CLUSTER_CREATE_WARNED',
    /Read that report.*not created twice/,
  ],
  [
    'a name that is taken',
    { kind: 'clusterNameTaken', name: 'CLU2' },
    () => create,
    'CLUSTER_NAME_TAKEN',
    /another name/,
  ],
  [
    'a node that has one',
    null,
    () => ({ ...create, node: 'NODE1' }),
    'CLUSTER_NODE_IN_CLUSTER',
    /Evict it there first/,
  ],
  [
    'an address in no network',
    null,
    () => ({ ...create, addresses: ['10.9.9.9'] }),
    'CLUSTER_ADDRESS_NOT_IN_NETWORK',
    /subnet that every node/,
  ],
  [
    'a join that fails',
    { kind: 'nodeAddFails', server: 'NODE3' },
    () => add,
    'CLUSTER_ADD_NODE_FAILED',
    /Cluster\\Reports/,
  ],
  [
    'an account of the name on Windows before 2025',
    null,
    () => ({ do: 'cluster.repairName', name: 'CLU1' }),
    'CLUSTER_NAME_REPAIR_BY_HAND',
    /Failover Cluster Manager.*Repair Active Directory Object/,
  ],
  ['a witness that exists', { kind: 'witnessRefused', server: 'NODE1' }, quorum, 'CLUSTER_WITNESS_REFUSED', /512 MB/],
  [
    'a drain that fails',
    { kind: 'drainFails', server: 'NODE2' },
    () => pause,
    'CLUSTER_DRAIN_FAILED',
    /which role stays/,
  ],
];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-refusals-'));
  world = await lossyWorld(folder, {
    nodes: 3,
    witness: 'none',
    machines: [{ name: 'vm1', node: 'NODE1', gigabytes: 2 }],
  });
  // The third server has everything and is no node yet.
  edit(world, (state) => {
    const cluster = state.cluster!;
    cluster.nodes = cluster.nodes.filter(({ name }) => name !== 'NODE3');
    free = state.luns['own']!.uniqueId;
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a change that is refused ends in, asked over the server that a person would ask. */
const refused = async (change: ServerChange): Promise<Failure> => {
  const asked = change.do === 'cluster.create' && change.node === 'NODE3' ? 'NODE3' : 'NODE1';
  if (asked === 'NODE3') edit(world, (state) => void (state.cluster = null));
  const error: unknown = await portsOf(world, asked)
    .apply(change)
    .then(
      () => null,
      (reason: unknown) => reason,
    );
  if (!(error instanceof Failure)) throw new Error(`it was not refused: ${String(error)}`);
  return error;
};
const clusterOf = (): string => JSON.stringify([world.state.cluster, world.state.machines]);

describe('a refusal of the cluster', () => {
  it('each has a case, and at least 25 faults are told apart from each other', () => {
    expect(refusals.map(([name]) => name)).toEqual(clusterRefusalNames);
    expect(refusals.length + others.filter(([, fault]) => fault !== null).length).toBeGreaterThanOrEqual(25);
    expect(new Set([...refusals, ...others.map(([, ...rest]) => rest)].map((one) => one[2])).size).toBeGreaterThan(20);
  });

  it.each(refusals)('%s: the code and the next step', async (name, makeChange, code, next) => {
    const change = makeChange();
    expect(refusedChanges(name)).toContain(change.do);
    const server = change.do === 'cluster.create' ? 'NODE3' : 'NODE1';
    await plant(world, { kind: 'clusterRefuses', server, refusal: name });
    if (server === 'NODE3') edit(world, (state) => void (state.cluster = null));
    const before = clusterOf();
    const failure = await refused(change);
    const { what, next: step } = explain(toEnvelope(failure));
    expect([failure.code, `${what} ${step}`.includes('{')]).toEqual([code, false]);
    expect(step).toMatch(next);
    // What was done by half is there to be cleared, and nothing else was.
    const left = Object.values(world.state.servers).filter(({ clusterLeftover }) => clusterLeftover === true);
    expect(left.map((one) => one.name)).toEqual(halfDone[name] === undefined ? [] : [halfDone[name]]);
    if (name !== 'evictedUncleaned') expect(clusterOf()).toBe(before);
    // The scripts' table knows the same error, by number alone: its words are of a language nobody reads.
    const { error } = behaviours[`cluster.refuses.${name}`];
    const rows = changeErrors[change.do];
    const mapped = mapScriptError(
      {
        ...{ id: `${error!.id},X`, category: error!.category, message: 'アクセスが拒否されました。' },
        ...{ hresult: error!.hresult ?? null, win32: error!.win32 ?? null },
        at: { script: null, line: null, command: behaviours[`cluster.refuses.${name}`].at[0]!, target: null },
      },
      typeof rows === 'function' ? rows({}) : rows,
      { script: 'X', path: '', changes: 'one', input: { ...change } },
    );
    expect([mapped.code, mapped.effect]).toEqual([code, failure.effect]);
    expect(explain(toEnvelope(mapped)).next).toMatch(next);
  });

  it.each(others)('%s: the code and the next step', async (_what, fault, makeChange, code, next) => {
    if (fault) await plant(world, fault);
    const failure = await refused(makeChange());
    expect(failure.code).toBe(code);
    expect(explain(toEnvelope(failure)).next).toMatch(next);
  });

  it('a creation after one that timed out is an invalid handle, until the node is cleared', async () => {
    await plant(world, { kind: 'clusterCreateTimesOut', server: 'NODE3' });
    const failure = await refused(create);
    expect(failure.code).toBe('CLUSTER_TIMED_OUT');
    const report = String(failure.detail['report']);
    expect(await portsOf(world, 'NODE3').cluster.readReport(report)).toContain(
      'class="error">The cluster CLU2 was not',
    );
    const again = await refused(create);
    expect([again.code, again.next]).toEqual(['CLUSTER_LEFTOVER', expect.stringMatching(/clear-node/) as string]);
    const ports = portsOf(world, 'NODE3');
    await ports.apply({ do: 'cluster.clearNode', node: 'NODE3' });
    await ports.apply(create);
    expect(world.state.cluster?.name).toBe('CLU2');
  });
});
