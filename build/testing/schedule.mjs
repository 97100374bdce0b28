// What of a test run goes at the same time: a few tasks at once, the longest first, and never two that need the same thing.

/**
 * @typedef {object} Task
 * @property {string} name
 * @property {number} seconds about how long it takes; only the order depends on it
 * @property {readonly string[]} [after] names of tasks that have to be over before it starts; names that are not in the run do not count
 * @property {readonly string[]} [needs] what no two tasks may have at once
 * @property {() => Promise<void>} run must not reject
 */

/**
 * The next task that may start: the longest of those that wait for nothing. Undefined where each of them waits.
 * @param {readonly Task[]} waiting @param {readonly Task[]} running
 */
export const nextTask = (waiting, running) => {
  const open = new Set([...waiting, ...running].map(({ name }) => name));
  const taken = new Set(running.flatMap(({ needs = [] }) => needs));
  return [...waiting]
    .sort((a, b) => b.seconds - a.seconds)
    .find(
      ({ after = [], needs = [] }) => !after.some((name) => open.has(name)) && !needs.some((one) => taken.has(one)),
    );
};

/**
 * Runs all tasks, at most `lanes` of them at once.
 * @param {readonly Task[]} tasks @param {number} lanes at least 1
 * @returns {Promise<void>} rejects where tasks wait for each other, or one of them rejects
 */
export const runTasks = async (tasks, lanes) => {
  const waiting = [...tasks];
  /** @type {Map<Task, Promise<Task>>} */
  const running = new Map();
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < lanes) {
      const next = nextTask(waiting, [...running.keys()]);
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
