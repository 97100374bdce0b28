import { cleanUpDeadlineMs } from '../agent/clean-up-deadline.ts';

/** For pipe, claim and listeners, once the activities have ended. */
const reserveMs = 5_000;

/** How long a core may take to close, in milliseconds: its activities first undo what must not stay. What is under way then is in the journal. */
export const closePatienceMs = cleanUpDeadlineMs + reserveMs;

/** Waits until the core is closed, well or not, and no longer than it may take. */
export const whenClosed = async (closed: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, closePatienceMs)));
  await Promise.race([closed.then(() => undefined).catch(() => undefined), patience]);
  clearTimeout(timer);
};
