// What of a test run goes at the same time: a few tasks at once, the longest first, and never two that need the same thing.

/**
 * @typedef {object} Task
 * @property {string} name
 * @property {number} seconds about how long it takes; only the order depends on it
 * @property {readonly string[]} [after] names of tasks that have to be over before it starts; names that are not in the run do not count
 * @property {readonly string[]} [needs] what no two tasks may have at once
 * @property {number} [weight] the share of a lane that it takes; less than 1 where it waits most of its time, 1 where nothing is said
 * @property {() => Promise<void>} run must not reject
 */

const weightOf = ({ weight = 1 }) => weight;

/**
 * The next task that may start: the longest of those that wait for nothing and that the lanes have room for. Undefined where there is none.
 * @param {readonly Task[]} waiting @param {readonly Task[]} running @param {number} [lanes]
 */
export const nextTask = (waiting, running, lanes = Infinity) => {
  const room = lanes - running.reduce((sum, task) => sum + weightOf(task), 0);
  const open = new Set([...waiting, ...running].map(({ name }) => name));
  const taken = new Set(running.flatMap(({ needs = [] }) => needs));
  return [...waiting]
    .sort((a, b) => b.seconds - a.seconds)
    .find(
      ({ after = [], needs = [], weight }) =>
        weightOf({ weight }) <= room && !after.some((name) => open.has(name)) && !needs.some((one) => taken.has(one)),
    );
};

/**
 * Runs all tasks, as many at once as have room in the lanes.
 * @param {readonly Task[]} tasks @param {number} lanes at least 1
 * @returns {Promise<void>} rejects where tasks wait for each other, or one of them rejects
 */
export const runTasks = async (tasks, lanes) => {
  const waiting = [...tasks];
  /** @type {Map<Task, Promise<Task>>} */
  const running = new Map();
  while (waiting.length > 0 || running.size > 0) {
    for (;;) {
      const next = nextTask(waiting, [...running.keys()], lanes);
      if (!next) break;
      waiting.splice(waiting.indexOf(next), 1);
      running.set(
        next,
        next.run().then(() => next),
      );
    }
    if (running.size === 0)
      throw new Error(`These wait for each other: ${waiting.map(({ name }) => name).join(', ')}.`);
    running.delete(await Promise.race(running.values()));
  }
};
