import { expect, it } from 'vitest';
import { runTasks } from '../../../build/testing/schedule.mjs';

interface Doing {
  readonly tasks: Parameters<typeof runTasks>[0];
  readonly begun: string[];
  readonly end: (name: string) => Promise<void>;
}

/** Tasks that end when the test says so. */
const doing = (
  some: Readonly<
    Record<string, { seconds: number; after?: readonly string[]; needs?: readonly string[]; weight?: number }>
  >,
): Doing => {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string) => (): Promise<void> => {
    begun.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  };
  return {
    tasks: Object.entries(some).map(([name, rest]) => ({ name, ...rest, run: run(name) })),
    begun,
    end: async (name) => {
      ends.get(name)?.();
      // The scheduler goes on in microtasks.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

it('starts the longest first, and no more at once than there are lanes', async () => {
  const { tasks, begun, end } = doing({ short: { seconds: 1 }, long: { seconds: 3 }, middle: { seconds: 2 } });
  const all = runTasks(tasks, 2);
  expect(begun).toEqual(['long', 'middle']);
  await end('middle');
  expect(begun).toEqual(['long', 'middle', 'short']);
  await end('long');
  await end('short');
  await all;
});

it('runs one more beside what waits most of its time, and none that has no room', async () => {
  const { tasks, begun, end } = doing({
    windows: { seconds: 9 },
    waits: { seconds: 5, weight: 0.5 },
    computes: { seconds: 4 },
    'waits too': { seconds: 3, weight: 0.5 },
    rest: { seconds: 1 },
  });
  const all = runTasks(tasks, 2);
  expect(begun).toEqual(['windows', 'waits', 'waits too']);
  await end('waits');
  expect(begun).toEqual(['windows', 'waits', 'waits too']);
  await end('waits too');
  expect(begun).toEqual(['windows', 'waits', 'waits too', 'computes']);
  await end('windows');
  expect(begun.at(-1)).toBe('rest');
  for (const name of ['computes', 'rest']) await end(name);
  await all;
});

it('lets what waits for nothing pass what waits', async () => {
  const { tasks, begun, end } = doing({
    windows: { seconds: 9, after: ['set-up'] },
    'set-up': { seconds: 1 },
    rules: { seconds: 1 },
  });
  const all = runTasks(tasks, 2);
  expect(begun).toEqual(['set-up', 'rules']);
  await end('rules');
  expect(begun).toEqual(['set-up', 'rules']);
  await end('set-up');
  expect(begun).toEqual(['set-up', 'rules', 'windows']);
  await end('windows');
  await all;
});

it('never runs two that need the same, and does not wait for a task that is not in the run', async () => {
  const { tasks, begun, end } = doing({
    first: { seconds: 3, needs: ['display'], after: ['not asked for'] },
    second: { seconds: 2, needs: ['display'] },
    third: { seconds: 1 },
  });
  const all = runTasks(tasks, 3);
  expect(begun).toEqual(['first', 'third']);
  await end('first');
  expect(begun).toEqual(['first', 'third', 'second']);
  await end('third');
  await end('second');
  await all;
});

it('names tasks that wait for each other', async () => {
  const { tasks } = doing({ a: { seconds: 1, after: ['b'] }, b: { seconds: 1, after: ['a'] } });
  await expect(runTasks(tasks, 2)).rejects.toThrow('These wait for each other: a, b.');
});

it('ends with the failure of a task that rejects', async () => {
  const task = { name: 'a', seconds: 1, run: () => Promise.reject(new Error('no room')) };
  await expect(runTasks([task], 1)).rejects.toThrow('no room');
});
