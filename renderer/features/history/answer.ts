import type { Mark } from '../../ui/marks.ts';

/** What the page is for. `isSimulated`: what a rehearsed formation did there is taken back with the rehearsal. */
export const historyPurpose = (isSimulated: boolean): string =>
  isSimulated
    ? 'Every change made on this simulated server, singly or by a rehearsed formation: what was done, what was read back, and how to undo it.'
    : 'Every change that Quorate made on this server: what was done, what was read back, and how to undo it.';

const counted = (count: number, one: string, many: string): string => (count === 1 ? one : `${count} ${many}`);

/**
 * The headline of the history.
 * @param open changes that wait for a decision
 * @param isLost nobody tells any more how the changes go on: it is what was known last
 */
export const historyAnswer = (
  { open, running, all }: { readonly open: number; readonly running: number; readonly all: number },
  isLost: boolean,
): { readonly outcome: Mark; readonly answer: string } => {
  const waits = `${counted(open, 'One change waits', 'changes wait')} for your decision.`;
  const idle = all === 0 ? 'No changes yet.' : 'No pending changes.';
  if (isLost) {
    const known =
      open > 0 ? waits : running > 0 ? counted(running, 'A change was running.', 'changes were running.') : idle;
    return { outcome: 'unknown', answer: `Last known: ${known.charAt(0).toLowerCase()}${known.slice(1)}` };
  }
  if (open > 0) return { outcome: 'warn', answer: waits };
  if (running > 0)
    return { outcome: 'running', answer: counted(running, 'A change is running.', 'changes are running.') };
  return { outcome: 'pass', answer: idle };
};
