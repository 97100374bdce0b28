import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coordinator, type CoordinatedStep } from '../../../main/coordination/coordinator.ts';
import { failure } from '../../../shared/errors/failure.ts';

const step = (id: string, over: Partial<CoordinatedStep> = {}): CoordinatedStep => ({
  id,
  node: id.split('/')[0]!,
  title: `Do ${id}`,
  requires: [],
  locks: [],
  certainty: 'planned',
  ...over,
});

interface Running {
  readonly id: string;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

/** A coordinator whose steps end when the test says so. */
const start = (steps: readonly CoordinatedStep[], signal = new AbortController().signal) => {
  const running = new Map<string, Running>();
  const ended: string[] = [];
  const coordinator = new Coordinator(
    steps,
    ({ id }) =>
      new Promise<void>((resolve, reject) => {
        const end = (settle: () => void) => (): void => {
          running.delete(id);
          ended.push(id);
          settle();
        };
        running.set(id, { id, finish: end(resolve), fail: (error) => end(() => reject(error))() });
      }),
    signal,
  );
  const run = coordinator.run().then(
    () => 'done',
    (error: unknown) => error,
  );
  return { coordinator, run, running, ended, ids: () => [...running.keys()].sort() };
};

const turn = async (): Promise<void> => {
  for (let index = 0; index < 10; index += 1) await Promise.resolve();
};

describe('a coordinator', () => {
  it('does the steps of one node one after the other, and of several together', async () => {
    const { running, ids, run } = start([step('A/1'), step('A/2'), step('B/1')]);
    await turn();
    expect(ids()).toEqual(['A/1', 'B/1']);
    running.get('A/1')!.finish();
    await turn();
    expect(ids()).toEqual(['A/2', 'B/1']);
    running.get('A/2')!.finish();
    running.get('B/1')!.finish();
    expect(await run).toBe('done');
  });

  it('obeys what a step requires, on whatever node', async () => {
    const { running, ids, run } = start([step('B/format', { requires: ['A/online'] }), step('A/online')]);
    await turn();
    expect(ids()).toEqual(['A/online']);
    running.get('A/online')!.finish();
    await turn();
    expect(ids()).toEqual(['B/format']);
    running.get('B/format')!.finish();
    expect(await run).toBe('done');
  });

  it('takes what is required and not in the plan for done', async () => {
    const { running, run } = start([step('A/1', { requires: ['A/0'] })]);
    await turn();
    running.get('A/1')!.finish();
    expect(await run).toBe('done');
  });

  it('restarts one server at a time', async () => {
    const restart = { locks: ['restart'] };
    const { running, ids, run } = start(['A', 'B', 'C'].map((node) => step(`${node}/restart`, restart)));
    for (const node of ['A', 'B', 'C']) {
      await turn();
      expect(ids()).toEqual([`${node}/restart`]);
      running.get(`${node}/restart`)!.finish();
    }
    expect(await run).toBe('done');
  });

  it('starts nothing more after a failure, lets the rest end, and tells the first', async () => {
    const { running, ids, ended, run } = start([step('A/1'), step('A/2'), step('B/1'), step('B/2')]);
    await turn();
    running.get('A/1')!.fail(failure('ACCESS_DENIED', { what: 'A' }));
    await turn();
    expect(ids()).toEqual(['B/1']);
    running.get('B/1')!.fail(failure('DISK_OFFLINE', { disk: '1' }));
    expect(await run).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(ended).toEqual(['A/1', 'B/1']);
  });

  it('pauses and goes on', async () => {
    const { coordinator, running, ids, run } = start([step('A/1'), step('A/2')]);
    await turn();
    coordinator.pause();
    running.get('A/1')!.finish();
    await turn();
    expect([ids(), coordinator.isPaused]).toEqual([[], true]);
    coordinator.resume();
    await turn();
    expect(ids()).toEqual(['A/2']);
    running.get('A/2')!.finish();
    expect(await run).toBe('done');
  });

  it('is cancelled after what runs has ended, and says whether anything was changed', async () => {
    const abort = new AbortController();
    const { running, run } = start([step('A/1'), step('A/2')], abort.signal);
    await turn();
    abort.abort();
    running.get('A/1')!.finish();
    expect(await run).toMatchObject({ code: 'CANCELLED', effect: 'partial' });
    const before = start([step('A/1')], AbortSignal.abort());
    expect(await before.run).toMatchObject({ code: 'CANCELLED', effect: 'none' });
  });

  it('is cancelled while it is paused', async () => {
    const abort = new AbortController();
    const { coordinator, running, run } = start([step('A/1'), step('A/2')], abort.signal);
    coordinator.pause();
    await turn();
    running.get('A/1')?.finish();
    abort.abort();
    expect(await run).toMatchObject({ code: 'CANCELLED' });
  });

  it('never starts what is only expected, and names what is left to be planned again', async () => {
    const steps = [
      step('A/1'),
      step('A/2', { requires: ['A/1'], certainty: 'expected' }),
      step('B/1', { requires: ['A/2'] }),
      step('B/2'),
    ];
    const taken: string[] = [];
    const left = await new Coordinator(
      steps,
      async ({ id }) => void taken.push(id),
      new AbortController().signal,
    ).run();
    expect(taken).toEqual(['A/1', 'B/2']);
    expect(left.map(({ id }) => id)).toEqual(['A/2', 'B/1']);
  });

  it('refuses a plan that could never end', () => {
    const circle = [step('A/1', { requires: ['B/1'] }), step('B/1', { requires: ['A/1'] })];
    expect(() => start(circle)).toThrow(/require each other/);
    expect(() => start([step('A/1'), step('A/1')])).toThrow(/one id/);
  });

  it('runs every step once, in an order that the plan allows, whatever the plan', async () => {
    const plans = fc
      .array(
        fc.record({
          node: fc.constantFrom('A', 'B', 'C'),
          needs: fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
          locks: fc.subarray(['restart', 'disk:1', 'cluster']),
        }),
        { maxLength: 12 },
      )
      .map((entries) =>
        entries.map(({ node, needs, locks }, index) =>
          step(`${node}/${index}`, {
            node,
            locks,
            // Only earlier ones, so that no plan is a circle.
            requires: needs.filter((need) => need < index).map((need) => `${entries[need]!.node}/${need}`),
          }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(plans, async (steps) => {
        const now: CoordinatedStep[] = [];
        const done: string[] = [];
        const take = async (one: CoordinatedStep): Promise<void> => {
          expect(one.requires.every((id) => done.includes(id))).toBe(true);
          expect(now.every((other) => other.node !== one.node)).toBe(true);
          expect(now.every((other) => !other.locks.some((lock) => one.locks.includes(lock)))).toBe(true);
          now.push(one);
          await Promise.resolve();
          await Promise.resolve();
          now.splice(now.indexOf(one), 1);
          done.push(one.id);
        };
        await new Coordinator(steps, take, new AbortController().signal).run();
        expect([...done].sort()).toEqual(steps.map(({ id }) => id).sort());
      }),
    );
  });
});
