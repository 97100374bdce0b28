import type { JournalEntry } from '../../../shared/contract/journal.ts';

/** Is there a step that was begun and of which the journal does not know whether it was done? Then the server is asked. */
export const needsLook = ({ isOpen, steps }: Pick<JournalEntry, 'isOpen' | 'steps'>): boolean =>
  isOpen && steps.some(({ result: { state } }) => state === 'unknown' || state === 'failed');

/** What a person can do about a change that waits for a decision, in the order of its buttons. */
export const waysOn = ({
  state,
  node,
  canFinish,
  canUndo,
  undoLimits,
}: Pick<JournalEntry, 'state' | 'node' | 'canFinish' | 'canUndo' | 'undoLimits'>): string[] => [
  ...(canFinish
    ? [
        state === 'restartNeeded'
          ? `Restart ${node}, then select Continue: Quorate checks the server and runs the steps that are left.`
          : 'Continue: Quorate checks the server and runs the steps that are left. Steps that are done are not repeated.',
      ]
    : []),
  ...(canUndo
    ? [
        `Undo: reverses the steps that were done, last one first.${undoLimits === null ? '' : ' Not all of them can be undone.'}`,
      ]
    : []),
  state === 'waitingForConfirmation'
    ? 'Select "Keep the change" on the Network page. Otherwise the server reverts the change by itself.'
    : `Dismiss: leaves ${node} as it is now. The change stays in this list.`,
];
