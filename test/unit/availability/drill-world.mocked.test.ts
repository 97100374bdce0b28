import { failure } from '../../../shared/errors/failure.ts';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stateOfServers } from '../../../main/operations/availability/observed-state.ts';
import { DrillHistory } from '../../../main/operations/drills/history.ts';
import { planDrill, type DrillServer, type DrillTask } from '../../../main/operations/drills/plan-drill.ts';
import { recoverDrill } from '../../../main/operations/drills/recover-drill.ts';
import { runDrill, type DrillTools } from '../../../main/operations/drills/run-drill.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { formatLine, readJournalFile } from '../../../main/journal/journal-file.ts';
import { Journal } from '../../../main/journal/journal.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import { lossyWorld, mirrorTarget, readServer, type LossyCluster } from '../../support/losing-world.ts';
import { portsOf } from '../../support/validated-world.ts';

/* Drills on a cluster in this very process: planned, carried out, given back, and found again after the process died. */

const names = ['NODE1', 'NODE2'];
const nodes: DrillServer[] = names.map((node) => ({ node, server: `rehearsal:w/${node}` }));
const cluster: LossyCluster = {
  nodes: 2,
  witness: 'disk',
  isMirrored: true,
  machines: [1, 2].map((at) => ({ name: `vm${at}`, node: `NODE${at}`, gigabytes: 3 })),
};

let folder: string;
let world: World;
const journals = new Map<string, Journal>();

const serverOf = (reference: string): Server => {
  const name = reference.split('/').at(-1)!;
  const journal = journals.get(name) ?? new Journal(join(folder, 'journal', name));
  journals.set(name, journal);
  const server = {
    ...{ name: reference, ports: portsOf(world, name), journal, resumeCommand: { program: 'quorate', arguments: [] } },
    ...{ settings: { read: () => ({ roles: [], paths: [] }) }, now: () => new Date(world.nowMs) },
    patience: { pollMs: 1, verifyMs: 5000, restartMs: 5000 },
  };
  return server as unknown as Server;
};

const atServer = () => import('../../../main/operations/drills/at-server.ts');

const plan = async (element: string): Promise<DrillTask> => {
  const refs = names.map((server) => ({ kind: 'rehearsal', name: 'w', server }));
  const read = await stateOfServers(refs as never, (ref) => readServer(world, (ref as { server: string }).server));
  return planDrill(read, nodes, { element, holdSeconds: 5 }, [], async (server, act) => {
    const { lookAtAct } = await atServer();
    return { ok: true, ...(await lookAtAct(serverOf(server), act, new AbortController().signal)) };
  });
};

const history = (): DrillHistory => new DrillHistory(folder);

const tools = (): DrillTools => ({
  look: async () =>
    new Map(
      world.state.machines!.flatMap((machine) => {
        const on = world.state.cluster!.groups.find(({ name }) => name === machine.name)!.ownerNode;
        return machine.running && machine.trouble === undefined ? [[machine.name, on] as const] : [];
      }),
    ),
  begin: async (server, act, title, guardSeconds, signal) => {
    const { beginAct } = await atServer();
    return (await beginAct(serverOf(server), act, title, guardSeconds, { by: 'test', signal })).journal;
  },
  end: async (server, journal) => {
    const { endAct } = await atServer();
    return (await endAct(serverOf(server), journal, 'test')).isBack;
  },
  keep: (drill) => history().begin({ ...drill, pid: process.pid }),
  now: () => new Date(world.nowMs),
  progress: () => undefined,
  signal: new AbortController().signal,
  by: 'test',
  isRehearsal: true,
  everyMs: 1,
});

const sessionsTo = (target: string): number =>
  names.reduce(
    (sum, name) => sum + world.state.servers[name]!.initiator.sessions.filter((one) => one.target === target).length,
    0,
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-drills-'));
  world = await lossyWorld(join(folder, 'world'), cluster);
});
afterEach(async () => {
  await world.close();
  journals.clear();
  rmSync(folder, { recursive: true, force: true });
});

describe('a drill of a target whose disks another one serves as well', () => {
  it('is proven by the paths that MPIO holds, carried out on every node, and given back', async () => {
    const task = await plan(`target:${mirrorTarget}`);
    expect(task.plan.refusals).toEqual([]);
    expect(task.plan.expected.map(({ outcome }) => outcome)).toEqual(['stays', 'stays']);
    const seen: number[] = [];
    const given = tools();
    const record = await runDrill(
      { ...task, plan: { ...task.plan, holdSeconds: 0.02 } },
      {
        ...given,
        look: async (...asked) => {
          seen.push(sessionsTo(mirrorTarget));
          return given.look(...asked);
        },
      },
    );
    expect(record).toMatchObject({ outcome: 'asPredicted', isBack: true, findings: [] });
    expect(Math.min(...seen)).toBe(0);
    expect(sessionsTo(mirrorTarget)).toBe(4);
    history().add(record);
    expect(history().readRunning()).toBeNull();
  });

  it('is refused where one node lost its paths to the other target', async () => {
    world.control('test', 'lose', null, (state) => {
      const { initiator } = state.servers['NODE2']!;
      initiator.sessions = initiator.sessions.filter(({ target }) => target === mirrorTarget);
    });
    expect((await plan(`target:${mirrorTarget}`)).plan.refusals.join(' ')).toContain('No mirrored target is proven');
  });
});

describe('a drill whose process died', () => {
  it('is found at the next start, taken back, and kept as interrupted', async () => {
    const task = await plan('node:NODE2');
    expect(task.plan.refusals).toEqual([]);
    const given = tools();
    const [{ server, act }] = task.acts as [DrillTask['acts'][number]];
    given.keep({
      ...{ id: '2026-01-05-abc123', at: new Date(world.nowMs).toISOString(), by: 'test', kind: 'node' },
      ...{ element: 'node:NODE2', title: task.plan.title, cluster: 'CLU1', isRehearsal: true, observer: 'NODE1' },
      ...{ journal: [], servers: [server], guardSeconds: 120 },
    });
    await given.begin(server, act, task.plan.title, 120, new AbortController().signal);
    expect(world.state.cluster!.nodes[1]!.membership).toBe('out');
    const recover = (isAlive: boolean) =>
      recoverDrill(history(), {
        end: async (at) => (await (await atServer()).endInterrupted(serverOf(at), 'test')).isBack,
        isAlive: () => isAlive,
        now: () => new Date(world.nowMs),
      });
    // The one that runs is left alone.
    expect(await recover(true)).toBeNull();
    // Another process knows nothing of what this one held.
    vi.resetModules();
    journals.clear();
    const record = await recover(false);
    expect(record).toMatchObject({ outcome: 'interrupted', isBack: true, element: 'node:NODE2', vms: [] });
    expect(record?.findings[0]).toContain('Everything was read as back');
    expect(world.state.cluster!.nodes[1]!.membership).toBeUndefined();
    expect(await portsOf(world, 'NODE2').guard.list()).toEqual([]);
    expect(history().read()).toEqual([record]);
    expect(await recover(false)).toBeNull();
  });

  it.each([
    ['is asked again until this console is connected to its server', 'PEER_NOT_CONNECTED', 3, true],
    ['is asked once where asking again changes nothing', 'PEER_UNKNOWN', 1, false],
  ] as const)('%s', async (_what, code, asked, isBack) => {
    const task = await plan('node:NODE2');
    const [{ server }] = task.acts as [DrillTask['acts'][number]];
    tools().keep({
      ...{ id: '2026-01-05-abc124', at: new Date(world.nowMs).toISOString(), by: 'test', kind: 'node' },
      ...{ element: 'node:NODE2', title: task.plan.title, cluster: 'CLU1', isRehearsal: true, observer: 'NODE1' },
      ...{ journal: [], servers: [server], guardSeconds: 120 },
    });
    let count = 0;
    const record = await recoverDrill(history(), {
      end: () => {
        count += 1;
        return count < 3
          ? Promise.reject(failure(code, { name: 'NODE2', peer: 'NODE2', reason: 'not reached yet' }))
          : Promise.resolve(true);
      },
      isAlive: () => false,
      now: () => new Date(world.nowMs),
    });
    expect([count, record?.isBack]).toEqual([asked, isBack]);
  });

  it('is given back after a restart of its server, whichever program has the number of its process now', async () => {
    const task = await plan('node:NODE2');
    const [{ server, act }] = task.acts as [DrillTask['acts'][number]];
    await tools().begin(server, act, task.plan.title, 120, new AbortController().signal);
    const journal = join(folder, 'journal', 'NODE2', 'journal');
    const files = readdirSync(journal).filter((name) => name.endsWith('.jsonl'));
    const rewrite = (at: string): void => {
      for (const file of files) {
        const { records } = readJournalFile(join(journal, file))!;
        const since = records.map((one) => formatLine({ ...one, at, ...('pid' in one ? { pid: process.ppid } : {}) }));
        writeFileSync(join(journal, file), since.join(''));
      }
      vi.resetModules();
      journals.clear();
    };
    const giveBack = async () => (await atServer()).endInterrupted(serverOf(server), 'test');
    // A process that is still there gives back what it took itself.
    rewrite(new Date().toISOString());
    await giveBack();
    expect(world.state.cluster!.nodes[1]!.membership).toBe('out');
    rewrite('2000-01-01T00:00:00.000Z');
    expect(await giveBack()).toEqual({ isBack: true });
    expect(world.state.cluster!.nodes[1]!.membership).toBeUndefined();
  });
});
