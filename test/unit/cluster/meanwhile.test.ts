import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../main/journal/journal.ts';
import { applyDesire } from '../../../main/operations/plans/apply-plan.ts';
import { isOpen } from '../../../main/journal/entry.ts';
import { planFinish } from '../../../main/operations/plans/finish-change.ts';
import { lookAgain } from '../../../main/operations/plans/look-again.ts';
import { planUndo, undoChange } from '../../../main/operations/plans/undo-change.ts';
import { makePlan } from '../../../main/operations/plans/make-plan.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import type { Change } from '../../../shared/changes/index.ts';
import type { ClusterState } from '../../../shared/model/cluster.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { ApplyResult } from '../../../shared/contract/apply.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { edit, plant, portsOf, readyWorld } from '../../support/validated-world.ts';

/* A cluster is not of one person alone: what others change, and what dies, between the plan and its last step. */

const create: Change = {
  ...{ do: 'cluster.create', name: 'CLU1', node: 'NODE1', addresses: ['192.0.2.200'] },
  ...{ ignoreNetworks: [], accessPoint: 'dns' },
};
const add: Change = { do: 'cluster.addNode', node: 'NODE2' };

let folder: string;
let world: World;
let server: Server;
/** What happens before the change of this kind is made. */
const before = new Map<string, () => unknown>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-meanwhile-'));
  world = readyWorld(folder, false);
  const ports = portsOf(world, 'NODE1');
  const apply: Ports['apply'] = async (change, options) => {
    await before.get(change.do)?.();
    before.delete(change.do);
    return ports.apply(change, options);
  };
  server = {
    ...{
      name: 'rehearsal:w/NODE1',
      ports: { ...ports, apply },
      renderScripts: () => Promise.resolve([]),
      journal: new Journal(join(folder, 'journal')),
    },
    ...{ resumeCommand: { program: 'quorate', arguments: [] }, now: () => new Date(world.nowMs) },
    ...{ settings: { read: () => ({ roles: [], paths: [] }) }, patience: { pollMs: 1, verifyMs: 50, restartMs: 50 } },
  } as unknown as Server;
});
afterEach(() => {
  before.clear();
  rmSync(folder, { recursive: true, force: true });
});

const run = { by: 'test', secrets: {}, signal: new AbortController().signal, progress: () => undefined };
const wanted = (changes: readonly Change[]) => ({
  area: 'cluster' as const,
  desire: { title: 'Form it', changes: [...changes] },
});
const planId = async (changes: readonly Change[]): Promise<string> =>
  (await makePlan(server, wanted(changes), {}, {}, { signal: run.signal, withScripts: false })).view.id;
const apply = (changes: readonly Change[], expectedPlan: string | null = null): Promise<ApplyResult> =>
  applyDesire(
    server,
    'cluster.apply',
    wanted(changes),
    { expectedPlan, answers: {} },
    { ...run, revertAfterSeconds: 60 },
  );
const failed = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => {
      throw new Error('it went well');
    },
    (error: unknown) => error as Failure,
  );
const clusterIs = (change: (state: NonNullable<WorldState['cluster']>) => void) => () =>
  edit(world, (state) => change(state.cluster!));
const formed = async (): Promise<string> => {
  await apply([create, add]);
  return world.state.cluster!.networks[1]!.id;
};

describe('a creation that fails', () => {
  it('has left something: the report is named, its undo clears that, and nothing waits afterwards', async () => {
    await plant(world, { kind: 'clusterCreateTimesOut', server: 'NODE1' });
    const failure = await failed(apply([create]));
    expect(failure).toMatchObject({ code: 'CLUSTER_TIMED_OUT', effect: 'partial', detail: { node: 'NODE1' } });
    expect(failure.next).toMatch(/clear-node NODE1".*The handle is invalid/);
    expect(failure.detail['report']).toMatch(/Create Cluster Wizard CLU1/);
    const id = String(failure.detail['journal']);
    expect(server.journal.listOpen().filter(isOpen)).toHaveLength(1);
    const { steps, questions } = await planUndo(server, id, {});
    expect([steps.map(({ title, manual }) => [title, manual]), questions]).toEqual([
      [['Clear what the creation of CLU1 left on NODE1', expect.stringMatching(/Clear-ClusterNode -Force/)]],
      [],
    ]);
    await undoChange(server, id, {}, { ...run, revertAfterSeconds: 60 });
    expect(world.state.servers['NODE1']!.clusterLeftover).toBeUndefined();
    expect([server.journal.read(id)?.state, server.journal.listOpen().filter(isOpen)]).toEqual(['undone', []]);
    await apply([create]);
    expect(world.state.cluster?.name).toBe('CLU1');
  });

  it.each([
    [
      'failed',
      'another change of Quorate',
      () => apply([{ do: 'cluster.clearNode', node: 'NODE1' }]).then(() => undefined),
    ],
    [
      'done',
      'hand, and the next change looks',
      () => Promise.resolve(edit(world, (state) => delete state.servers['NODE1']!.clusterLeftover)),
    ],
  ] as const)('and reads %s once it was cleared by %s: nothing waits', async (state, _how, clear) => {
    await plant(world, { kind: 'clusterCreateTimesOut', server: 'NODE1' });
    const id = String((await failed(apply([create, add]))).detail['journal']);
    const warned = async (): Promise<number> => {
      const options = { signal: run.signal, withScripts: false };
      return (await makePlan(server, wanted([{ ...create, name: 'CLU2' }]), {}, {}, options)).view.warnings.length;
    };
    expect([server.journal.read(id).state, await warned()]).toEqual(['failed', 1]);
    await clear();
    expect(await warned()).toBe(0);
    if (state === 'failed') expect(server.journal.listOpen().filter(isOpen)).toEqual([]);
    // What is over can still be finished.
    expect((await planFinish(server, id, {}, {})).steps.map(({ title }) => title)).toHaveLength(2);
    await apply([create, add]);
    expect(server.journal.listOpen().filter(isOpen)).toEqual([]);
    expect(server.journal.read(id).state).toBe(state);
  });

  it('that Windows warned of waits for a person, although the cluster is there', async () => {
    await plant(world, { kind: 'clusterCreateWarns', server: 'NODE1' });
    const id = String((await failed(apply([create]))).detail['journal']);
    await apply([add]);
    expect(
      server.journal
        .listOpen()
        .filter(isOpen)
        .map(({ begin }) => begin.id),
    ).toEqual([id]);
  });

  it('waits while it is not known, or something of it is there', async () => {
    await plant(world, { kind: 'clusterCreateTimesOut', server: 'NODE1' });
    const id = String((await failed(apply([create, add]))).detail['journal']);
    const entry = server.journal.read(id);
    const read = (state: Partial<ClusterState>): Observed => ({
      cluster: { node: 'NODE1', state: { membership: 'none', cluster: null, unread: [], ...state } },
    });
    expect(lookAgain(entry, read({}))).toMatchObject({ state: 'gone' });
    expect(lookAgain(entry, read({ membership: 'leftover' }))).toBeNull();
    expect(lookAgain(entry, read({ membership: 'stopped' }))).toBeNull();
    expect(lookAgain(entry, {})).toBeNull();
  });

  it.each([
    ['dns', 'none', 0],
    // Whether its computer object stayed in Active Directory is not read here.
    ['activeDirectoryAndDns', 'partial', 1],
  ] as const)(
    'and left nothing on the server, with the access point %s: effect %s',
    async (accessPoint, effect, open) => {
      before.set('cluster.create', () => {
        throw new Failure('CLUSTER_CREATE_FAILED', { name: 'CLU1', reason: 'New-Cluster' });
      });
      expect(await failed(apply([{ ...create, accessPoint }]))).toMatchObject({
        code: 'CLUSTER_CREATE_FAILED',
        effect,
      });
      expect(server.journal.listOpen().filter(isOpen)).toHaveLength(open);
    },
  );
});

describe('a cluster that changes while it is worked on', () => {
  it('is not changed by a plan that was read before somebody else changed it', async () => {
    const network = await formed();
    const changes: Change[] = [
      { do: 'cluster.renameNetwork', network, newName: 'Private' },
      { do: 'cluster.setNetworkRole', network, role: 'cluster' },
    ];
    const shown = await planId(changes);
    clusterIs((cluster) => void (cluster.networks[1]!.name = 'Private'))();
    expect(await failed(apply(changes, shown))).toMatchObject({ code: 'PLAN_CHANGED', effect: 'none' });
    expect(world.state.cluster!.networks[1]!.role).toBe('cluster');
  });

  it('somebody who does the same meanwhile is no failure: the step counts as done', async () => {
    const network = await formed();
    const changes: Change[] = [
      { do: 'cluster.renameNetwork', network, newName: 'Private' },
      { do: 'cluster.setLowerQuorumPriority', node: 'NODE2' },
    ];
    before.set(
      'cluster.renameNetwork',
      clusterIs((cluster) => void (cluster.lowerQuorumPriorityNode = 'NODE2')),
    );
    expect((await apply(changes)).steps.map(({ state }) => state)).toEqual(['done', 'alreadyDone']);
  });

  it.each<[string, Change, () => unknown, string]>([
    [
      'the network is gone',
      { do: 'cluster.setNetworkRole', network: '', role: 'none' },
      clusterIs((cluster) => void (cluster.networks = cluster.networks.slice(0, 1))),
      'CLUSTER_OBJECT_GONE',
    ],
    [
      'the node is evicted',
      { do: 'cluster.pauseNode', node: 'NODE2' },
      clusterIs((cluster) => void (cluster.nodes = cluster.nodes.slice(0, 1))),
      'CLUSTER_NODE_NOT_FOUND',
    ],
    [
      'the group is gone',
      { do: 'cluster.moveGroup', group: 'Available Storage', node: 'NODE2' },
      clusterIs((cluster) => void (cluster.groups = cluster.groups.slice(0, 1))),
      'CLUSTER_MOVE_FAILED',
    ],
  ])('%s at the second step: named, with what the first did', async (_what, second, happens, code) => {
    const network = await formed();
    const change = 'network' in second ? { ...second, network } : second;
    before.set(change.do, happens);
    const first: Change = { do: 'cluster.setLowerQuorumPriority', node: 'NODE2' };
    const failure = await failed(apply([first, change]));
    expect(failure).toMatchObject({ code, effect: 'partial' });
    expect(failure.detail).toMatchObject({ step: expect.any(String) as string, journal: expect.any(String) as string });
    expect(world.state.cluster!.lowerQuorumPriorityNode).toBe('NODE2');
  });

  it('a node that vanishes between two steps is named, the cluster of the first stays, and the next run adds the node alone', async () => {
    before.set('cluster.addNode', () => edit(world, (state) => void (state.servers['NODE2']!.power = 'off')));
    const failure = await failed(apply([create, add]));
    expect(failure).toMatchObject({ code: 'CLUSTER_NODE_UNREACHABLE', effect: 'partial', detail: { node: 'NODE2' } });
    expect(world.state.cluster?.nodes.map(({ name }) => name)).toEqual(['NODE1']);
    edit(world, (state) => void (state.servers['NODE2']!.power = 'on'));
    const again = await apply([create, add]);
    expect(again.steps.map(({ id, state }) => [id, state])).toEqual([['NODE1/cluster.addNode:NODE2', 'done']]);
  });

  it('a cluster service that stops between two steps is named with its node, and nothing is taken for absent', async () => {
    await formed();
    before.set('cluster.pauseNode', () => plant(world, { kind: 'clusterServiceStopped', server: 'NODE1' }));
    const first: Change = { do: 'cluster.setLowerQuorumPriority', node: 'NODE2' };
    const failure = await failed(apply([first, { do: 'cluster.pauseNode', node: 'NODE2' }]));
    expect(failure).toMatchObject({ code: 'CLUSTER_SERVICE_STOPPED', effect: 'partial', detail: { node: 'NODE1' } });
    expect(failure.next).toMatch(/Start the service ClusSvc, or ask another node/);
    // Asked again, creating it is refused: what does not answer is not what is not there.
    expect(await failed(apply([create]))).toMatchObject({ code: 'PLAN_STOPPED_UNKNOWN', effect: 'none' });
  });
});
