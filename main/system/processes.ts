import { uptime } from 'node:os';

/** Is there a process of this number? One of another user, which refuses the question (EPERM), lives, too. */
export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** When this machine was started, by its clock of now; in milliseconds since 1970, true to a second. */
const bootedAtMs = (): number => Date.now() - uptime() * 1000;

/**
 * Does the process of this number that was there at `since` (ISO time) still run? After a restart of the machine its number may be that of
 * any other program.
 */
export const isProcessStill = (pid: number, since: string): boolean =>
  Date.parse(since) > bootedAtMs() && isProcessAlive(pid);
