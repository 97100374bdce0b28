import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { composeCore } from '../../../main/agent/compose.ts';
import type { DrillPlan, DrillRecord } from '../../../shared/contract/drill.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { startWorld } from '../../../main/rehearsal/host/start-world.ts';
import type { WorldClient } from '../../../main/rehearsal/world/client.ts';
import { isProcessAlive } from '../../../main/system/processes.ts';
import { builtCli, runCli, startCli, temporaryData, type RunningCli } from '../../support/built-cli.ts';
import { freePort } from '../../support/free-port.ts';
import { lossyWorld, mirrorTarget } from '../../support/losing-world.ts';
import { until } from '../../support/peers.ts';

/* Servers of one simulated cluster, each with a core of its own, paired over TLS: drills that one console orders at the others. */

const machines = [1, 2].map((at) => ({ name: `vm${at}`, node: `NODE${at}`, gigabytes: 3 }));

const clusterIn = async (data: string): Promise<WorldClient> => {
  const folder = join(data, 'rehearsal', 'lab');
  await (await lossyWorld(folder, { nodes: 2, witness: 'disk', isMirrored: true, machines })).close();
  const client = await startWorld({ folder, who: 'test', entry: join(builtCli, '..', '..', 'world', 'world.mjs') });
  const { pid } = (await client.control('describe')) as { pid: number };
  onTestFinished(async () => {
    await client.shutdown();
    client.close();
    await until('the world ended', () => !isProcessAlive(pid));
  });
  return client;
};

const coreOf = (data: string, worlds: string, server: string) => {
  const localServer = { kind: 'rehearsal', world: 'lab', server } as const;
  const composed = composeCore({ dataFolder: data, worldsFolder: worlds, host: 'agent', localServer });
  onTestFinished(async () => {
    await composed.peers.close();
    await composed.closeServers();
  });
  const call = async <T>(method: string, input: object = {}): Promise<T> => {
    const outcome = await composed.core.call(method, input, { caller: { kind: 'cli' } });
    if (!outcome.ok) throw Object.assign(new Error(outcome.error.code), outcome.error);
    return outcome.result as T;
  };
  return { ...composed, call };
};
type TestCore = ReturnType<typeof coreOf>;

/** The person at this console agrees as soon as somebody asks. */
const agreeTo = (core: TestCore): Promise<void> =>
  until(
    'this server is asked',
    async () => {
      const { consents } = await core.call<{ consents: { state: string }[] }>('formation.consents');
      if (!consents.some(({ state }) => state === 'needed')) return false;
      await core.call('formation.consent', { agrees: true });
      return true;
    },
    180_000,
    100,
  );

const entriesOf = (core: TestCore, method: string) =>
  core.call<JournalEntry[]>('journal.list').then((all) => all.filter((one) => one.method === method));

it('orders drills at a peer, which judges, asks its person, and journals who asked', async () => {
  const worlds = temporaryData();
  await clusterIn(worlds);
  const one = coreOf(temporaryData(), worlds, 'NODE1');
  const two = coreOf(temporaryData(), worlds, 'NODE2');
  await one.peers.start([{ address: '127.0.0.1', port: 0 }]);
  await two.peers.start([{ address: '127.0.0.1', port: 0 }]);
  const invited = await one.call<{ code: string; endpoints: object[] }>('peers.invite');
  await two.call('peers.join', { code: invited.code, endpoints: invited.endpoints });
  const [peer] = await one.peers.names();
  const servers = ['local', `peer:${peer!.id}`];
  const planOf = (element: string) => one.call<DrillPlan>('drill.plan', { servers, element, holdSeconds: 5 });

  // Nobody coordinates yet: peers take no orders.
  expect((await planOf('node:NODE2')).refusals.join(' ')).toContain('quorate peers coordinator --take');
  await one.call('coordinator.take', { poweredDown: [] });

  const plan = await planOf('node:NODE2');
  expect(plan.refusals).toEqual([]);
  expect(plan.notes.join(' ')).toContain('A person at NODE2 is asked to agree');
  // What this server does not come to itself, nobody has it do: a coordinator may be wrong.
  const order = { element: 'node:NODE2', others: [{ name: 'NODE1', memoryMB: 64, reserveMB: 64 }] };
  const { heard } = await one.call<{ heard: { number: number; coordinator: string } }>('coordinator.show');
  const atPeer = (method: string, input: object, isOrder = true) =>
    one.peers.call(peer!.id, method, input, isOrder ? { epoch: heard } : {});
  const begin = (input: object) =>
    atPeer('drill.begin', { act: { kind: 'node' }, title: 'x', guardSeconds: 60, ...input });
  await expect(begin({ order })).rejects.toMatchObject({ code: 'DRILL_REFUSED', detail: { because: /stay down/ } });
  await expect(begin({})).rejects.toMatchObject({ code: 'DRILL_REFUSED' });
  await expect(begin({ order: { ...order, element: 'witness' } })).rejects.toMatchObject({ code: 'DRILL_REFUSED' });
  const right = { ...order, others: [{ name: 'NODE1', memoryMB: 65_536, reserveMB: 4096 }] };
  await expect(begin({ order: right })).rejects.toMatchObject({ code: 'FORM_CONSENT_NEEDED' });
  expect(await entriesOf(two, 'drill.begin')).toEqual([]);

  const ran = one.call<DrillRecord>('drill.run', { servers, element: 'node:NODE2', holdSeconds: 5, plan: plan.id });
  await agreeTo(two);
  expect(await ran).toMatchObject({ outcome: 'asPredicted', isBack: true, observer: 'NODE1' });
  const [ordered] = await entriesOf(one, 'drill.run');
  const [taken] = await entriesOf(two, 'drill.begin');
  const self = await one.call<{ id: string }>('peers.self');
  expect(ordered).toMatchObject({ by: 'cli', nodes: ['NODE2'], state: 'done', coordinator: null });
  expect(taken).toMatchObject({
    ...{ by: `peer:${self.id}`, coordinator: `peer:${self.id}`, parent: ordered!.id, state: 'undone' },
  });

  // One of every node: taken away at both, without asking the person a second time.
  const element = `target:${mirrorTarget}`;
  const target = await planOf(element);
  expect(target.refusals).toEqual([]);
  const record = await one.call<DrillRecord>('drill.run', { servers, element, holdSeconds: 5, plan: target.id });
  expect(record).toMatchObject({ outcome: 'asPredicted', isBack: true });
  expect(record.journal.map(({ server }) => server)).toEqual(servers);

  const end = (isOrder: boolean) => atPeer('drill.end', { journal: taken!.id }, isOrder);
  await expect(end(false)).rejects.toMatchObject({ code: 'CALL_NOT_ALLOWED' });
  // What is back already is not given back twice.
  expect(await end(true)).toEqual({ isBack: true });
  const own = await two.call<{ journal: string }>('drill.begin', {
    act: { kind: 'node' },
    title: 'x',
    guardSeconds: 60,
  });
  await expect(atPeer('drill.end', { journal: own.journal })).rejects.toMatchObject({ code: 'DRILL_NOT_YOURS' });
  expect(await two.call('drill.end', { journal: own.journal })).toEqual({ isBack: true });
});

it('is given back by the next start of a console that was killed, or by the server itself where none comes', async () => {
  const data = temporaryData();
  const world = await clusterIn(data);
  const two = coreOf(temporaryData(), data, 'NODE2');
  await two.peers.start([{ address: '127.0.0.1', port: 0 }]);
  const startAgent = async () => {
    const words = [
      'agent',
      '--listen',
      `127.0.0.1:${await freePort()}`,
      '--no-page',
      '--server',
      'rehearsal:lab/NODE1',
    ];
    const agent = startCli(words, { data });
    onTestFinished(async () => {
      agent.child.kill('SIGKILL');
      await agent.done;
    });
    await until('the agent listens', () => agent.soFar().err.includes('Listens for peers'));
    return agent;
  };
  const first = await startAgent();
  const invited = await two.call<{ code: string; endpoints: { address: string; port: number }[] }>('peers.invite');
  const [at] = invited.endpoints;
  const quorate = (...words: string[]) => runCli(words, { data });
  await quorate('peers', 'join', invited.code, '--address', `${at!.address}:${at!.port}`);
  await quorate('peers', 'coordinator', '--take');
  const { id } = await two.call<{ id: string }>('peers.self');
  const isOut = async (): Promise<boolean> => {
    const { state } = await two.call<{ state: { membership: string } }>('cluster.read');
    return state.membership !== 'member';
  };
  const killInTheMiddle = async (agent: RunningCli, isAsked: boolean): Promise<void> => {
    const words = ['drill', 'node', 'NODE2', '--server', 'local', '--server', `peer:${id}`, '--hold', '600', '--yes'];
    const ordering = startCli(words, { data });
    const tooEarly = ordering.done.then(({ out, err }) =>
      Promise.reject(new Error(`it ended too early: ${out}${err}`)),
    );
    if (isAsked) await Promise.race([agreeTo(two), tooEarly]);
    await Promise.race([until('the cluster service of NODE2 is stopped', isOut, 180_000, 100), tooEarly]);
    agent.child.kill('SIGKILL');
    await tooEarly.catch(() => undefined);
  };
  const interrupted = (count: number): Promise<void> =>
    until(
      'the next start found the drill',
      async () => {
        const { out } = await quorate('drill', 'list', '--json');
        const { drills } = JSON.parse(out) as { drills: DrillRecord[] };
        return drills.length === count && drills.every(({ outcome, isBack }) => outcome === 'interrupted' && isBack);
      },
      180_000,
      500,
    );

  // The next start gives it back, long before the guard's time.
  await killInTheMiddle(first, true);
  expect(await isOut()).toBe(true);
  const second = await startAgent();
  await until('the next start gave it back', async () => !(await isOut()), 180_000, 100);
  await interrupted(1);

  // Nobody starts again: the guard's time comes, and who starts later finds it given back.
  await killInTheMiddle(second, false);
  await world.control('advance', { byMs: 800_000 });
  await until('NODE2 gave it back by itself', async () => !(await isOut()), 180_000, 100);
  await startAgent();
  await interrupted(2);
  expect(await entriesOf(two, 'drill.begin')).toMatchObject([{ state: 'undone' }, { state: 'undone' }]);
});
