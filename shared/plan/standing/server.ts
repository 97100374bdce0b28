import type { HostMembership } from '../../model/host.ts';
import type { HostObserved } from '../observed.ts';
import type { Standing } from './standing.ts';

const membershipText = (membership: HostMembership): string =>
  membership.kind === 'domain' ? `a member of the domain ${membership.name}` : `in the workgroup ${membership.name}`;

/**
 * The server itself: done when no restart is pending, its name and membership are in force and no earlier change waits for a
 * decision. `openChanges`: entries of the journal that wait. Pending beats unknown, unknown beats not pending.
 */
export const serverStanding = ({ facts, pendingRestart }: HostObserved, openChanges: number): Standing => {
  const who = `${facts.computerName} is ${membershipText(facts.membership)}`;
  if (openChanges > 0)
    return {
      outcome: 'warn',
      word: openChanges === 1 ? 'A change is open' : `${openChanges} changes are open`,
      text: `${who}. ${openChanges === 1 ? 'A change was' : `${openChanges} changes were`} not completed; see History.`,
    };
  const signs = pendingRestart?.signs ?? null;
  if (signs?.some(({ state }) => state === 'pending'))
    return { outcome: 'warn', word: 'Restart pending', text: `${who}. A restart is pending.` };
  if (signs === null || signs.some(({ state }) => state === 'unknown'))
    return {
      outcome: 'unknown',
      word: 'Unknown',
      text: `${who}. Whether a restart is pending could not be determined.`,
    };
  return { outcome: 'pass', word: 'No pending changes', text: `${who}.` };
};
