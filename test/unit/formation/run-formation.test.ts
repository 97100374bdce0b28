import { describe, expect, it } from 'vitest';
import type { FormationServer } from '../../../main/operations/formation/ask-servers.ts';
import { FormationRun } from '../../../main/operations/formation/run-formation.ts';
import type { FormationStepResult } from '../../../shared/contract/formation.ts';
import { explain, Failure, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { FormationStep, PhasePlan, ServerPlan } from '../../../shared/model/formation.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';
import { clock } from '../../support/clock.ts';

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
      return Promise.resolve(null);
    },
  };
};

/** A server of a larger file, which has the first step of its network to do. */
const lookOf = (many: ClusterFile, name: string, index: number): Promise<ServerPlan> => {
  const whole = planServer(bareServer(many, index));
  const network = whole.phases.find(({ phase }) => phase === 'network')!;
  const [step] = network.steps;
  const steps: FormationStep[] = [{ ...step!, node: name, certainty: 'planned', questions: [], requires: [] }];
  return Promise.resolve({ ...whole, phases: [{ ...network, state: 'planned', steps }] });
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

/** What is said of a connection that broke: a sentence, not its code. */
const lostReason = (code: FailureCode, server: string): string =>
  code === 'CANCELLED' ? `Quorate on ${server} ended.` : new Failure(code, {}).message;

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
    const failed = await run.run().catch((error: unknown) => error);
    expect(failed).toMatchObject({ detail: { node: names[1], server: names[0] } });
    // Whose step it was is said first: many a sentence speaks of "this server".
    const { what } = explain(toEnvelope(failed));
    expect(what).toMatch(new RegExp(`^${names[0]}: [^.]+\\. ${names[1]} was not added to the cluster`));
  });

  it.each([2, 5])('says what failed on the others at the same time, of %i servers', async (count) => {
    const many = exampleFile(count);
    const run = new FormationRun({
      ...{ id: 'form-1', file: many, direction: 'form', isSettled: () => true, signal: new AbortController().signal },
      ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), progress: () => undefined },
      servers: many.servers.map(({ name }, index) => ({
        name,
        // The first one says how it was left.
        leave: () => Promise.resolve(index === 0 ? 'Ethernet 2 has no IPv4 address now.' : null),
        look: () => lookOf(many, name, index),
        take: () => Promise.reject(failure('CLUSTER_SERVICE_STOPPED', { node: name })),
      })),
    });
    const failed = await run.run().catch((error: unknown) => error);
    const { what, next } = explain(toEnvelope(failed));
    expect(next).toMatch(/^NODE1: Ethernet 2 has no IPv4 address now\. Run "quorate cluster status"/);
    expect(what).toMatch(/^NODE1: [^.]+\. The cluster service is not running on NODE1/);
    expect(what).toMatch(/ Also failed: NODE2: [^.]+\. The cluster service is not running on NODE2/);
    if (count === 2) expect(what).not.toContain(' more.');
    else expect(what).toMatch(/ NODE3: .* And 2 more\.$/);
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
        ...{ id: 'form-1', direction: 'form', servers: [first, servers[1]!] },
        file: { ...file, restartWaitSeconds: comesBack ? 60 : 1 },
        ...{ signal: new AbortController().signal, progress: () => undefined, isSettled: () => true },
        ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), pollMs: 1 },
      });
      if (comesBack) {
        expect((await run.run()).outcome).toBe('formed');
        expectOnce(truth);
        expect(run.results.find(({ proof }) => proof === `${name} answers again`)?.state).toBe('done');
      } else
        await expect(run.run()).rejects.toMatchObject({
          code: 'FORM_SERVER_NOT_BACK',
          effect: 'unknown',
          detail: { node: name, seconds: 1, reason: lostReason(code, name) },
        });
    }
  });

  it.each([
    ['serialNumber', '6001405A', '"quorate form resume --serial 6001405A=SERIAL", with the serial number'],
    ['sharedDisk', '6001405A', '"quorate form resume", once every other server has the disk offline'],
    ['cutConnection', 'nic', '"quorate form resume --yes"'],
  ] as const)(
    'stops before anything is ordered where a question is open, with the command that answers it: %s',
    async (kind, subject, command) => {
      const truth = new Truth();
      const servers = names.map((name, index) => serverOf(truth, name, index));
      const id = `${names[0] ?? ''}/${kind}:${subject}`;
      const question = { id, node: names[0]!, kind, subject, text: 'May it?', expected: null, answered: false };
      const first: FormationServer = {
        ...servers[0]!,
        look: async (signal, made) => {
          const plan = await servers[0]!.look(signal, made);
          const [phase] = plan.phases;
          const steps = phase!.steps.map((step) => ({ ...step, questions: [id] }));
          return { ...plan, phases: [{ ...phase!, steps, questions: [question] }] };
        },
      };
      const run = new FormationRun({
        ...{ id: 'form-1', direction: 'form', servers: [first, servers[1]!], file },
        ...{ signal: new AbortController().signal, progress: () => undefined, isSettled: () => false },
        ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), pollMs: 5 },
      });
      const failed = await run.run().catch((error: unknown) => error as Failure);
      expect(failed).toMatchObject({ code: 'FORM_QUESTION_OPEN', effect: 'none' });
      expect((failed as Failure).next).toContain(command);
      expect(truth.applied).toEqual([]);
    },
  );

  it('waits for what cannot be read yet after a restart, however long the server was gone after its last answer', async () => {
    const truth = new Truth();
    const [name = ''] = names;
    const servers = names.map((one, index) => serverOf(truth, one, index));
    // Nothing of the time passes but what each look takes: however busy this machine is, the order stays the same.
    const time = clock({ standsStill: true });
    let since = 0;
    let unread = 0;
    const first: FormationServer = {
      ...servers[0]!,
      look: async (signal, made) => {
        time.putForward(15);
        const plan = await servers[0]!.look(signal, made);
        const [phase] = plan.phases;
        const [step, ...after] = phase!.steps;
        if (truth.applied.some((id) => id.startsWith(name)) && since === 0) return plan;
        // It answers once more, is gone for a while, and then its services are not there yet.
        const goneMs = since === 0 ? 0 : performance.now() - since;
        if (since === 0 || goneMs < 20)
          return { ...plan, phases: [{ ...phase!, steps: [{ ...step!, restart: 'now' }, ...after] }] };
        if (goneMs < 5_200) throw failure('PEER_UNREACHABLE', { address: name, reason: 'it did not answer' });
        if ((unread += 1) < 3) return { ...plan, phases: [{ ...phase!, state: 'stopped', steps: [] }] };
        truth.applied.push(step!.id);
        since = 0;
        return servers[0]!.look(signal, made);
      },
      take: (step, signal, tell) => {
        if (step.restart !== 'now') return servers[0]!.take(step, signal, tell);
        since = performance.now();
        return Promise.reject(new Failure('CHANNEL_LOST', {}, { effect: 'unknown' }));
      },
    };
    const run = new FormationRun({
      ...{ id: 'form-1', direction: 'form', servers: [first, servers[1]!], file },
      ...{ signal: new AbortController().signal, progress: () => undefined, isSettled: () => true },
      ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), pollMs: 5 },
    });
    expect((await run.run()).outcome).toBe('formed');
    expect(run.results.find(({ proof }) => proof === `${name} answers again`)?.state).toBe('done');
    expectOnce(truth);
  });

  it('gives the order to restart once more where it was lost on its way, and no third time', async () => {
    for (const losses of [1, 2]) {
      const truth = new Truth();
      const [name = ''] = names;
      const servers = names.map((one, index) => serverOf(truth, one, index));
      let ordered = 0;
      const first: FormationServer = {
        ...servers[0]!,
        look: async (signal, made) => {
          const plan = await servers[0]!.look(signal, made);
          const steps = plan.phases[0]!.steps.map((step, at) =>
            at === 0 ? { ...step, restart: 'now' as const } : step,
          );
          return truth.applied.some((id) => id.startsWith(name))
            ? plan
            : { ...plan, phases: [{ ...plan.phases[0]!, steps }] };
        },
        take: (step, signal, tell) => {
          if (step.restart !== 'now') return servers[0]!.take(step, signal, tell);
          // It never arrives, and the server answers on.
          if ((ordered += 1) <= losses) return Promise.reject(new Failure('CHANNEL_LOST', {}, { effect: 'unknown' }));
          return servers[0]!.take(step, signal, tell);
        },
      };
      const run = new FormationRun({
        ...{ id: 'form-1', direction: 'form', servers: [first, servers[1]!], file },
        ...{ signal: new AbortController().signal, progress: () => undefined, isSettled: () => true },
        ...{ now: () => new Date('2026-01-01T00:00:00.000Z'), pollMs: 5 },
      });
      if (losses === 1) {
        expect((await run.run()).outcome).toBe('formed');
        expectOnce(truth);
      } else await expect(run.run()).rejects.toMatchObject({ code: 'CHANNEL_LOST', detail: { node: name } });
      expect(ordered).toBe(2);
    }
  });

  /** What is lost between two servers, as it comes to whoever waits for an answer. */
  const lostCodes = ['CHANNEL_LOST', 'CHANNEL_TIMEOUT', 'PEER_UNREACHABLE', 'PEER_NOT_CONNECTED', 'CANCELLED'] as const;

  /** Both servers, the second of which is lost to its coordinator with its second step, which it may have done; it is back after some questions. */
  const losing = (
    truth: Truth,
    {
      code,
      isDone,
      questions,
    }: { readonly code: (typeof lostCodes)[number]; readonly isDone: boolean; readonly questions: number },
  ) => {
    const [one, other] = names.map((name, index) => serverOf(truth, name, index));
    const name = names[1]!;
    let ordered = 0;
    let asked = 0;
    const second: FormationServer = {
      ...other!,
      look: async (signal, made) => {
        if (truth.gone.has(name) && (asked += 1) > questions) truth.gone.delete(name);
        return truth.gone.has(name)
          ? Promise.reject(failure('PEER_NOT_CONNECTED', { name, reason: 'it was not reached' }))
          : other!.look(signal, made);
      },
      take: async (step, signal, tell) => {
        if ((ordered += 1) !== 2) return other!.take(step, signal, tell);
        if (isDone) await other!.take(step, signal, tell);
        truth.gone.add(name);
        throw new Failure(code, {}, { effect: 'unknown' });
      },
    };
    const told: string[] = [];
    const run = (servers: readonly FormationServer[] = [one!, second], lostMs = 60_000) =>
      new FormationRun({
        ...{ id: 'form-1', file, direction: 'form', servers, signal: new AbortController().signal },
        ...{ isSettled: () => true, now: () => new Date('2026-01-01T00:00:00.000Z'), pollMs: 1, lostMs },
        progress: ({ doing }) => void told.push(doing),
      });
    return { run, one: one!, second, told, ordered: () => ordered };
  };

  it.each(lostCodes.flatMap((code) => [true, false].map((isDone) => ({ code, isDone }))))(
    'waits for a server that is lost with a step, and does it once: $code, done before: $isDone',
    async ({ code, isDone }) => {
      const truth = new Truth();
      const { run, told, ordered } = losing(truth, { code, isDone, questions: 3 });
      const own = run();
      expect((await own.run()).outcome).toBe('formed');
      expectOnce(truth);
      expect(ordered()).toBe(isDone ? 4 : 5);
      expect(told.filter((doing) => doing.endsWith(': Waiting until Quorate answers on NODE2 again'))).toHaveLength(1);
      expect(own.results.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'done'));
    },
  );

  it('names a server that is lost with a step and does not come back, and goes on from there once it is there', async () => {
    const truth = new Truth();
    const { run } = losing(truth, { code: 'CHANNEL_LOST', isDone: true, questions: Infinity });
    const failed = await run(undefined, 50)
      .run()
      .catch((error: unknown) => error as Failure);
    expect(failed).toMatchObject({
      code: 'FORM_SERVER_LOST',
      effect: 'unknown',
      detail: { server: 'NODE2', node: 'NODE2', reason: lostReason('CHANNEL_LOST', 'NODE2') },
    });
    expect((failed as Failure).message).toContain('NODE2');
    expect((failed as Failure).next).toContain('quorate form resume');
    truth.gone.clear();
    expect((await runOn(truth, 'form-2').run()).outcome).toBe('formed');
    expectOnce(truth);
  });

  it('ends where a person at the other server cancels the step, which stays there', async () => {
    const truth = new Truth();
    const { run, ordered } = losing(truth, { code: 'CANCELLED', isDone: false, questions: 0 });
    await expect(run().run()).rejects.toMatchObject({ code: 'CANCELLED', detail: { node: 'NODE2' } });
    expect(ordered()).toBe(2);
  });

  it('is not told that all is well where another step failed while a server was waited for', async () => {
    const truth = new Truth();
    const { run, one, second, ordered } = losing(truth, { code: 'CHANNEL_LOST', isDone: true, questions: 200 });
    let orders = 0;
    const failing: FormationServer = {
      ...one,
      take: () => {
        orders += 1;
        return Promise.reject(failure('CLUSTER_ADD_NODE_FAILED', { node: names[0]!, reason: 'it timed out' }));
      },
    };
    // It fails while the other is away.
    const slow: FormationServer = {
      ...failing,
      take: async (...given) => {
        await expect.poll(ordered).toBe(2);
        return failing.take(...given);
      },
    };
    await expect(run([slow, second]).run()).rejects.toMatchObject({ code: 'CLUSTER_ADD_NODE_FAILED' });
    expect(orders).toBe(1);
  });

  it('waits for a server that still does what it was told when the connection broke', async () => {
    const truth = new Truth();
    const { run, one, second } = losing(truth, { code: 'CHANNEL_LOST', isDone: false, questions: 1 });
    const time = clock({ standsStill: true });
    let busy = 40;
    const working: FormationServer = {
      ...second,
      look: async (signal, made) => {
        const plan = await second.look(signal, made);
        if (truth.applied.filter((id) => id.startsWith('NODE2/')).length !== 1 || (busy -= 1) < 0) return plan;
        time.putForward(2);
        if (busy === 0) truth.applied.push(plan.phases[0]!.steps[0]!.id);
        throw failure('PLAN_BUSY', { server: 'NODE2', title: 'A step', since: '2026-03-01 14:05:09' });
      },
    };
    expect((await run([one, working], 40).run()).outcome).toBe('formed');
    expectOnce(truth);
  });

  it('asks again for a plan and for consent where the connection broke meanwhile', async () => {
    const truth = new Truth();
    const { run, one, second } = losing(truth, { code: 'CHANNEL_LOST', isDone: true, questions: 0 });
    let silent = 0;
    const broken = (): Promise<never> | null =>
      (silent += 1) % 3 === 0
        ? null
        : Promise.reject(failure('PEER_NOT_CONNECTED', { name: names[1]!, reason: 'it was not reached' }));
    const asked: FormationServer = {
      ...second,
      look: async (signal, made) => (await broken()) ?? second.look(signal, made),
      consent: async () => (await broken()) ?? 'given',
    };
    expect((await run([one, asked]).run()).outcome).toBe('formed');
    expectOnce(truth);
  });

  it.each([
    { drill: true, says: 'as long as a restart may take' },
    { drill: false, says: 'for a moment' },
  ])(
    'waits $says for a server that does not answer after a step on another one, its power taken: $drill',
    async ({ drill }) => {
      const truth = new Truth();
      const { run, one, second } = losing(truth, { code: 'CHANNEL_LOST', isDone: true, questions: 0 });
      const time = clock({ standsStill: true });
      let awayUntil = 0;
      const drills: FormationServer = {
        ...one,
        look: async (signal, made) => {
          const plan = await one.look(signal, made);
          const [phase] = plan.phases;
          const [first, ...rest] = phase!.steps;
          const check = drill ? ({ check: 'drill.loseHost', subject: names[1]! } as const) : {};
          return first ? { ...plan, phases: [{ ...phase!, steps: [{ ...first, ...check }, ...rest] }] } : plan;
        },
        take: (step, signal, tell) => {
          awayUntil ||= drill ? performance.now() + 400 : Number.POSITIVE_INFINITY;
          return one.take(step, signal, tell);
        },
      };
      const logsOnLater: FormationServer = {
        ...second,
        // It has nothing to do but to answer in the next round.
        look: async (signal, made) => {
          time.putForward(10);
          if (performance.now() < awayUntil)
            throw failure('PEER_NOT_CONNECTED', { name: names[1]!, reason: 'it was not reached' });
          return { ...(await second.look(signal, made)), phases: [] };
        },
      };
      const outcome = await run([drills, logsOnLater], 50)
        .run()
        .then(
          ({ outcome: how }) => how,
          ({ code }: Failure) => code,
        );
      expect(outcome).toBe(drill ? 'formed' : 'FORM_STOPPED');
    },
  );

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
