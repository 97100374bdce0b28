import { describe, expect, it } from 'vitest';
import type { FormationServer } from '../../../main/operations/formation/ask-servers.ts';
import { FormationRun } from '../../../main/operations/formation/run-formation.ts';
import type { FormationStepResult } from '../../../shared/contract/formation.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { FormationStep, PhasePlan, ServerPlan } from '../../../shared/model/formation.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';

const file = exampleFile(2);
const names = file.servers.map(({ name }) => name);

/** What the servers really are: it outlives every coordinator. */
class Truth {
  readonly applied: string[] = [];
  readonly left: string[] = [];
  /** Servers that nobody reaches at the moment. */
  readonly gone = new Set<string>();
  /** Called when a step is ordered; it may end whoever ordered it. */
  during: (step: string, server: string) => void = () => undefined;
}

/** Each server has the steps of its network to do, one after the other; what was applied is found done. */
const serverOf = (truth: Truth, name: string, index: number): FormationServer => {
  const whole = planServer(bareServer(file, index));
  const network = whole.phases.find(({ phase }) => phase === 'network')!;
  const all = network.steps.slice(0, 4).map((step, at, list): FormationStep => ({
    ...step,
    certainty: 'planned',
    questions: [],
    requires: at === 0 ? [] : [list[at - 1]!.id],
  }));
  const assertThere = (): void => {
    if (truth.gone.has(name)) throw failure('HOST_UNREACHABLE', { server: name, reason: 'it does not answer' });
  };
  return {
    name,
    look: (): Promise<ServerPlan> => {
      assertThere();
      const steps = all.filter(({ id }) => !truth.applied.includes(id));
      const phase: PhasePlan = { ...network, state: steps.length > 0 ? 'planned' : 'done', steps };
      return Promise.resolve({ ...whole, phases: [phase] });
    },
    take: ({ id: step }) => {
      truth.during(step, name);
      assertThere();
      if (truth.applied.includes(step)) return Promise.resolve({ state: 'alreadyDone', proof: 'it is so' });
      truth.applied.push(step);
      return Promise.resolve({ state: 'done', proof: 'it is so' });
    },
    leave: (state) => {
      truth.left.push(`${name} ${state}`);
      return Promise.resolve();
    },
  };
};

const runOn = (truth: Truth, id: string, signal = new AbortController().signal, skips?: ReadonlySet<string>) =>
  new FormationRun({
    id,
    file,
    direction: 'form',
    servers: names.map((name, index) => serverOf(truth, name, index)),
    signal,
    progress: () => undefined,
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    isSettled: () => true,
    ...(skips ? { skips: () => skips } : {}),
  });

const expectOnce = (truth: Truth): void => {
  expect(new Set(truth.applied).size).toBe(truth.applied.length);
  expect(truth.applied).toHaveLength(8);
};

describe('a step that runs', () => {
  it('says what it does until it is over, and what was found before it', async () => {
    const truth = new Truth();
    const [one, other] = names.map((name, index) => serverOf(truth, name, index));
    let late: () => void = () => undefined;
    const told: (string | null)[] = [];
    const run = new FormationRun({
      ...{ id: 'form-1', file, direction: 'form', isSettled: () => true, signal: new AbortController().signal },
      now: () => new Date('2026-01-01T00:00:00.000Z'),
      servers: [
        {
          ...one!,
          take: (step, signal, tell) => {
            tell({ doing: 'Changing the server', done: null, total: null, leftMs: null });
            tell({ doing: 'List Disks', done: 2, total: 9, leftMs: null });
            late = () => tell({ doing: 'Too late', done: null, total: null, leftMs: null });
            return one!.take(step, signal, tell);
          },
        },
        other!,
      ],
      progress: ({ data }) => {
        const { changed } = data as { changed: FormationStepResult[] };
        told.push(...changed.filter(({ node }) => node === names[0]).map(({ doing }) => doing));
      },
    });
    const { steps } = await run.run();
    // Begun, twice told, over.
    expect(told.slice(0, 4)).toEqual([null, 'Changing the server', 'List Disks (2 of 9)', null]);
    late();
    expect(told.at(-1)).toBeNull();
    expect(run.results.every(({ doing }) => doing === null)).toBe(true);
    expect(steps.every(({ why }) => why.length > 0)).toBe(true);
  });
});

describe('a formation that does not come to its end', () => {
  it('goes on from another console when its coordinator is lost after any step, and does nothing twice', async () => {
    for (let lost = 1; lost <= 8; lost += 1) {
      const truth = new Truth();
      const first = new AbortController();
      let ordered = 0;
      truth.during = () => {
        ordered += 1;
        if (ordered === lost) first.abort();
      };
      // The last step may end before it is heard that nobody waits any more.
      const ended = await runOn(truth, 'form-1', first.signal)
        .run()
        .then(({ outcome }) => outcome)
        .catch((error: { code: string }) => error.code);
      expect(['CANCELLED', 'formed']).toContain(ended);
      truth.during = () => undefined;
      const result = await runOn(truth, 'form-2').run();
      expect(result.outcome).toBe(
        truth.applied.length === 8 && result.steps.length === 0 ? 'nothingToChange' : 'formed',
      );
      expectOnce(truth);
      expect((await runOn(truth, 'form-3').run()).outcome).toBe('nothingToChange');
    }
  });

  it('names a server that restarts meanwhile, lets the other come as far as it can, and goes on when it is back', async () => {
    for (const name of names) {
      const truth = new Truth();
      truth.during = (_step, server) => {
        if (server === name) truth.gone.add(name);
      };
      await expect(runOn(truth, 'form-1').run()).rejects.toMatchObject({
        code: 'HOST_UNREACHABLE',
        detail: { server: name, node: name },
      });
      truth.during = () => undefined;
      // Still away: what the other one has to do alone is done.
      await expect(runOn(truth, 'form-2').run()).rejects.toMatchObject({
        code: 'FORM_STOPPED',
        detail: { server: name },
      });
      expect(truth.applied.filter((id) => id.startsWith(`${name}/`))).toEqual([]);
      expect(truth.applied).toHaveLength(4);
      truth.gone.clear();
      expect((await runOn(truth, 'form-3').run()).outcome).toBe('formed');
      expectOnce(truth);
    }
  });

  it('speaks of the server that the failure is about, which may be another than the one whose step it is', async () => {
    const truth = new Truth();
    const [one, other] = names.map((name, index) => serverOf(truth, name, index));
    const run = new FormationRun({
      ...{ id: 'form-1', file, direction: 'form', isSettled: () => true, signal: new AbortController().signal },
      ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), progress: () => undefined },
      servers: [
        {
          ...one!,
          take: () => Promise.reject(failure('CLUSTER_ADD_NODE_FAILED', { node: names[1]!, reason: 'it timed out' })),
        },
        other!,
      ],
    });
    await expect(run.run()).rejects.toMatchObject({ detail: { node: names[1], server: names[0] } });
  });

  it.each([
    // As it is lost: by a simulated server, by the connection to a peer, and by one that ends in order.
    ...(['HOST_UNREACHABLE', 'CHANNEL_LOST', 'CHANNEL_TIMEOUT', 'PEER_UNREACHABLE', 'CANCELLED'] as const),
  ])('waits for a server whose Quorate goes with its restart, and gives up in the end: %s', async (code) => {
    for (const comesBack of [true, false]) {
      const truth = new Truth();
      const [name = ''] = names;
      const servers = names.map((one, index) => serverOf(truth, one, index));
      const asRestart = (steps: readonly FormationStep[]): FormationStep[] =>
        steps.map((step, at) => (at === 1 ? { ...step, restart: 'now' } : step));
      let asked = 0;
      const first: FormationServer = {
        ...servers[0]!,
        look: async (signal, made) => {
          if (truth.gone.has(name) && comesBack && (asked += 1) > 2) truth.gone.clear();
          const plan = await servers[0]!.look(signal, made);
          return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, steps: asRestart(phase.steps) })) };
        },
        take: (step, signal, tell) => {
          if (step.restart !== 'now') return servers[0]!.take(step, signal, tell);
          // The order is carried out, and its answer is lost with whoever would give it.
          truth.applied.push(step.id);
          truth.gone.add(name);
          return Promise.reject(new Failure(code, {}, { effect: 'unknown' }));
        },
      };
      const run = new FormationRun({
        ...{ id: 'form-1', file, direction: 'form', servers: [first, servers[1]!] },
        ...{ signal: new AbortController().signal, progress: () => undefined, isSettled: () => true },
        ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), pollMs: 1, restartMs: comesBack ? 60_000 : 1_000 },
      });
      if (comesBack) {
        expect((await run.run()).outcome).toBe('formed');
        expectOnce(truth);
        expect(run.results.find(({ proof }) => proof === `${name} answers again`)?.state).toBe('done');
      } else
        await expect(run.run()).rejects.toMatchObject({
          code: 'FORM_SERVER_NOT_BACK',
          effect: 'unknown',
          detail: { node: name, seconds: 1, reason: code },
        });
    }
  });

  it('tells every server how it ended, whatever became of it', async () => {
    const truth = new Truth();
    truth.during = (_step, server) => {
      if (server === 'NODE2') truth.gone.add('NODE2');
    };
    await expect(runOn(truth, 'form-1').run()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(truth.left.toSorted()).toEqual(['NODE1 failed', 'NODE2 failed']);
    truth.left.length = 0;
    truth.gone.clear();
    truth.during = () => undefined;
    await runOn(truth, 'form-2').run();
    expect(truth.left.toSorted()).toEqual(['NODE1 done', 'NODE2 done']);
  });

  it('orders nothing of anybody when a person at one server says no, and names that server', async () => {
    const truth = new Truth();
    const asked = names.map((name, index) => ({
      ...serverOf(truth, name, index),
      consent: () => Promise.resolve(name === 'NODE2' ? ('refused' as const) : ('given' as const)),
    }));
    const run = new FormationRun({
      id: 'form-1',
      file,
      direction: 'form',
      servers: asked,
      signal: new AbortController().signal,
      progress: () => undefined,
      now: () => new Date('2026-01-01T00:00:00.000Z'),
      isSettled: () => true,
    });
    await expect(run.run()).rejects.toMatchObject({ code: 'FORM_CONSENT_REFUSED', detail: { server: 'NODE2' } });
    expect(truth.applied).toEqual([]);
    expect(truth.left.toSorted()).toEqual(['NODE1 failed', 'NODE2 failed']);
  });

  it('waits while it is paused, and orders nothing then', async () => {
    const truth = new Truth();
    const run = runOn(truth, 'form-1');
    truth.during = () => {
      if (truth.applied.length === 2) run.pause();
    };
    const ended = run.run();
    await expect.poll(() => run.isPaused).toBe(true);
    const before = truth.applied.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(truth.applied.length).toBeLessThanOrEqual(before + 1);
    truth.during = () => undefined;
    run.resume();
    expect((await ended).outcome).toBe('formed');
    expectOnce(truth);
  });

  it('takes nothing that is left out while its round is under way, and goes on behind it', async () => {
    const truth = new Truth();
    const [first] = names;
    const { phases } = await serverOf(truth, first!, 0).look(new AbortController().signal, {});
    const left = phases[0]!.steps[1]!.id;
    const skips = new Set<string>();
    truth.during = () => void skips.add(left);
    const result = await runOn(truth, 'form-1', new AbortController().signal, skips).run();
    expect(result.outcome).toBe('formed');
    expect(truth.applied).not.toContain(left);
    expect(truth.applied).toHaveLength(7);
    expect(result.steps.filter(({ state }) => state === 'skipped').map(({ id }) => id)).toEqual([left]);
  });
});
