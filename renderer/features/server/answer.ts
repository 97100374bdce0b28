import type { HostView } from '../../../shared/contract/host.ts';
import type { HostMembership } from '../../../shared/model/host.ts';
import type { Outcome } from '../../../shared/model/check.ts';
import type { StageState } from '../../ui/stage-states.ts';

export interface Answer {
  readonly outcome: Outcome;
  readonly text: string;
  /** What the list of stages says. */
  readonly state: StageState;
}

const belongsTo = (membership: HostMembership): string =>
  membership.kind === 'domain' ? `a member of the domain ${membership.name}` : `in the workgroup ${membership.name}`;

/** Pending beats unknown, unknown beats not pending: as shared/model/host.ts judges it. */
const restartOf = ({ pendingRestart }: HostView): 'pending' | 'unknown' | 'notPending' => {
  if (pendingRestart === null) return 'unknown';
  if (pendingRestart.signs.some(({ state }) => state === 'pending')) return 'pending';
  return pendingRestart.signs.some(({ state }) => state === 'unknown') ? 'unknown' : 'notPending';
};

/** The server in one sentence: what it is, and whether it waits for a restart. */
export const answerOfServer = (view: HostView): Answer => {
  const { facts } = view;
  const restart = restartOf(view);
  const who = `${facts.computerName} is ${belongsTo(facts.membership)}`;
  if (restart === 'pending')
    return {
      outcome: 'warn',
      text: `${who}, and a restart is due.`,
      state: { outcome: 'warn', word: 'Restart due' },
    };
  if (restart === 'unknown')
    return {
      outcome: 'unknown',
      text: `${who}. Not known whether a restart is due.`,
      state: { outcome: 'unknown', word: 'Not known' },
    };
  return { outcome: 'pass', text: `${who}.`, state: { outcome: 'pass', word: 'Settled' } };
};
