import type { DrillAct } from '../../../shared/contract/drill.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { isDone, isServerChange, kindOf, type Change } from '../../../shared/changes/index.ts';
import type { Entry } from '../../journal/entry.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { pause } from '../../system/pause.ts';
import { isProcessStill } from '../../system/processes.ts';
import { inLane } from '../plans/lane.ts';
import { observeArea } from '../areas/index.ts';
import type { Server } from '../plans/server.ts';
import { takeAway } from './acts.ts';

/** Entries of drills that this process has begun and not ended; what a dead process left shows as interrupted. */
const held = new Map<string, OpenEntry>();

/** Throws DRILL_REFUSED, NIC_NOT_FOUND. */
export const lookAtAct = async (
  server: Server,
  act: DrillAct,
  signal: AbortSignal,
): Promise<{ node: string; what: string; back: string }> => {
  const { node, steps } = await takeAway(server, act, 'Drill', signal);
  return {
    node,
    what: steps.map(({ title }) => title).join('; '),
    back: steps.map(({ undo }) => undo ?? '').join(' '),
  };
};

const make = async (server: Server, change: Change, signal?: AbortSignal): Promise<void> => {
  if (!isServerChange(change)) throw failure('INTERNAL_BUG', { message: `a drill does not make ${change.do}` });
  await server.ports.apply(change, { secrets: {}, resumeCommand: server.resumeCommand, ...(signal ? { signal } : {}) });
};

const guardedChanges = (steps: readonly { readonly undoChanges: readonly Change[] | null }[]) =>
  steps
    .toReversed()
    .flatMap(({ undoChanges }) => undoChanges ?? [])
    .filter(isServerChange);

/**
 * Takes something away from this server: the guard is armed and the intent is on disk before. The entry stays open until
 * {@link endAct}. Throws DRILL_REFUSED, and whatever the change throws, after it was taken back.
 */
export const beginAct = (
  server: Server,
  act: DrillAct,
  title: string,
  guardSeconds: number,
  options: {
    readonly by: string;
    readonly signal: AbortSignal;
    /** Where another server ordered it. */
    readonly ordered?: { readonly coordinator: string; readonly epoch: number; readonly parent: string | null };
  },
): Promise<{ journal: string }> =>
  inLane(server, title, async () => {
    const { node, steps } = await takeAway(server, act, title, options.signal);
    const entry = server.journal.begin({
      server: server.name,
      by: options.by,
      node,
      title,
      method: 'drill.begin',
      desire: null,
      steps: [...steps],
      followUp: null,
      ...options.ordered,
    });
    held.set(entry.id, entry);
    const dueAt = new Date(server.now().getTime() + guardSeconds * 1000).toISOString();
    entry.write('armed', { token: entry.id, dueAt, what: steps.map(({ undo }) => undo ?? '').join(' ') });
    try {
      await server.ports.guard.arm(
        { token: entry.id, afterSeconds: guardSeconds, changes: guardedChanges(steps) },
        { signal: options.signal },
      );
      if (!(await server.ports.guard.list()).some(({ token }) => token === entry.id))
        throw failure('DRILL_REFUSED', { because: `${node} did not keep the scheduled task that undoes the drill` });
      for (const step of steps) {
        entry.write('intent', { step: step.id });
        await make(server, step.change, options.signal);
        entry.write('result', { step: step.id, state: 'done', proof: null });
      }
    } catch (error) {
      await giveBack(server, entry.id, options.by).catch(() => undefined);
      throw error;
    }
    return { journal: entry.id };
  });

const isBackNow = async (server: Server, change: Change): Promise<boolean> => {
  try {
    return isDone(change, await observeArea(server, kindOf(change).area)).is === 'yes';
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
};

const untilBack = async (server: Server, changes: readonly Change[]): Promise<boolean> => {
  const deadline = performance.now() + server.patience.verifyMs;
  for (;;) {
    const states = await Promise.all(changes.map((change) => isBackNow(server, change)));
    if (states.every(Boolean)) return true;
    if (performance.now() > deadline) return false;
    await pause(server.patience.pollMs);
  }
};

const giveBack = async (server: Server, journal: string, by: string): Promise<boolean> => {
  const entry = held.get(journal) ?? server.journal.continue(journal, by);
  try {
    const { steps } = server.journal.read(journal).begin;
    entry.write('undoBegin', { pid: process.pid });
    const changes = guardedChanges(steps);
    let first: Failure | null = null;
    for (const change of changes) {
      // The guard may have been first.
      if (await isBackNow(server, change)) continue;
      try {
        await make(server, change);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        first ??= error;
      }
    }
    const isBack = await untilBack(server, changes);
    if (!isBack && first !== null) throw first;
    if (isBack) {
      for (const step of steps) entry.write('undoResult', { step: step.id, proof: 'it is back; this was read back' });
      await server.ports.guard.disarm(journal);
      entry.write('end', { state: 'undone' });
    }
    return isBack;
  } finally {
    held.delete(journal);
    entry.close();
  }
};

const isDrill = ({ method }: { readonly method: string }): boolean => method === 'drill.begin';

/**
 * Gives back what drills took away whose process is gone; the guard of a server may have been first. With `orderer`: what that server
 * ordered, whose own process is the one that is gone.
 */
export const endInterrupted = (
  server: Server,
  by: string,
  orderer: string | null = null,
): Promise<{ isBack: boolean }> =>
  inLane(server, 'End a drill', async () => {
    const isLeft = ({ begin, pid, pidSince }: Entry): boolean =>
      orderer === null
        ? !held.has(begin.id) && (pid === process.pid || !isProcessStill(pid, pidSince))
        : begin.coordinator === orderer;
    const left = server.journal.listOpen().filter((entry) => isDrill(entry.begin) && isLeft(entry));
    let isBack = true;
    for (const { begin } of left) if (!(await giveBack(server, begin.id, by))) isBack = false;
    return { isBack };
  });

/**
 * Gives back, proves it by reading, and only then lets go of the guard. What is not back stays guarded.
 * @throws Failure DRILL_NOT_YOURS where `orderer` did not order it, JOURNAL_ENTRY_NOT_FOUND
 */
export const endAct = (
  server: Server,
  journal: string,
  by: string,
  orderer: string | null = null,
): Promise<{ isBack: boolean }> =>
  inLane(server, 'End a drill', async () => {
    const { begin, state } = server.journal.read(journal);
    if (!isDrill(begin) || (orderer !== null && begin.coordinator !== orderer))
      throw failure('DRILL_NOT_YOURS', { journal, caller: by }, { effect: 'none' });
    // Its own time may have been over first.
    return { isBack: state === 'undone' || (await giveBack(server, journal, by)) };
  });
