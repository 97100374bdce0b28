import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { historyAnswer, historyPurpose } from '../../../renderer/features/history/answer.ts';
import { needsLook, waysOn } from '../../../renderer/features/history/ways-on.ts';

const step = (state: JournalEntry['steps'][number]['result']['state']): JournalEntry['steps'][number] =>
  ({ step: { id: state }, result: { id: state, state } }) as JournalEntry['steps'][number];

const entry = { state: 'interrupted', node: 'HV01', canFinish: true, canUndo: true, undoLimits: null } as const;

describe('the purpose', () => {
  it('of a simulated server names both that change it', () => {
    expect(historyPurpose(true)).toContain('singly or by a rehearsed formation');
    expect(historyPurpose(false)).toMatch(/^Every change that Quorate made on this server:/);
  });
});

describe('the headline', () => {
  it.each([
    [{ open: 2, running: 1, all: 3 }, 'warn', '2 changes wait for your decision.'],
    [{ open: 0, running: 1, all: 3 }, 'running', 'A change is running.'],
    [{ open: 0, running: 0, all: 3 }, 'pass', 'No pending changes.'],
    [{ open: 0, running: 0, all: 0 }, 'pass', 'No changes yet.'],
  ])('of %o is %s: %s', (counts, outcome, answer) => expect(historyAnswer(counts, false)).toEqual({ outcome, answer }));

  it.each([
    [{ open: 1, running: 1, all: 3 }, 'Last known: one change waits for your decision.'],
    [{ open: 0, running: 1, all: 3 }, 'Last known: a change was running.'],
    [{ open: 0, running: 2, all: 3 }, 'Last known: 2 changes were running.'],
    [{ open: 0, running: 0, all: 3 }, 'Last known: no pending changes.'],
  ])('of %o is what was known last while the core is away: %s', (counts, answer) =>
    expect(historyAnswer(counts, true)).toEqual({ outcome: 'unknown', answer }),
  );
});

describe('a change that waits for a decision', () => {
  it('asks the server only about steps whose end nobody wrote', () => {
    expect(needsLook({ isOpen: true, steps: [step('done'), step('unknown')] })).toBe(true);
    expect(needsLook({ isOpen: true, steps: [step('failed')] })).toBe(true);
    expect(needsLook({ isOpen: true, steps: [step('done'), step('waiting')] })).toBe(false);
    expect(needsLook({ isOpen: false, steps: [step('unknown')] })).toBe(false);
  });

  it('offers what can be done, each with what it does', () => {
    expect(waysOn(entry).map((way) => way.split(':')[0])).toEqual(['Continue', 'Undo', 'Dismiss']);
    expect(waysOn({ ...entry, canFinish: false, undoLimits: 'A restart cannot be undone.' })).toEqual([
      'Undo: reverses the steps that were done, last one first. Not all of them can be undone.',
      'Dismiss: leaves HV01 as it is now. The change stays in this list.',
    ]);
    expect(waysOn({ ...entry, state: 'restartNeeded' })[0]).toContain('Restart HV01');
  });

  it('is not dismissed while it waits to be confirmed', () => {
    const ways = waysOn({ ...entry, state: 'waitingForConfirmation', canFinish: false, canUndo: false });
    expect(ways).toEqual([
      'Select "Keep the change" on the Network page. Otherwise the server reverts the change by itself.',
    ]);
  });
});
