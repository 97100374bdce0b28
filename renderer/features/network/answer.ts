import type { NetworkView } from '../../../shared/contract/nic.ts';
import type { Outcome } from '../../../shared/model/check.ts';
import type { StageState } from '../../ui/stage-states.ts';
import { lanes, linkOf, roleNames } from './words.ts';

export interface Answer {
  readonly outcome: Outcome;
  readonly text: string;
  readonly state: StageState;
}

const joinWords = (words: readonly string[], last: 'and' | 'or'): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** At least production, cluster-private and one path to the storage; the second path is advice. */
export const answerOfNetwork = (view: NetworkView): Answer => {
  const waiting = view.reverts.length;
  if (waiting > 0)
    return {
      outcome: 'warn',
      text: `${waiting === 1 ? 'A change waits' : `${waiting} changes wait`} to be confirmed.`,
      state: { outcome: 'warn', word: 'To be confirmed' },
    };
  const nicOf = (role: string) => view.nics.find((nic) => nic.role === role);
  const needed = lanes.filter((role) => role !== 'iscsiB');
  const missing = needed.filter((role) => !nicOf(role));
  if (missing.length > 0)
    return {
      outcome: 'warn',
      text: `No port has the role ${joinWords(
        missing.map((role) => roleNames[role]),
        'or',
      )} yet.`,
      state: { outcome: 'warn', word: `${needed.length - missing.length} of ${needed.length} roles` },
    };
  const given = lanes.flatMap((role) => nicOf(role) ?? []);
  const dead = given.filter((nic) => linkOf(nic).outcome === 'fail' || linkOf(nic).word === 'Disabled');
  if (dead.length > 0)
    return {
      outcome: 'fail',
      text: `${joinWords(
        dead.map(({ name }) => name),
        'and',
      )} ${dead.length === 1 ? 'has' : 'have'} no link.`,
      state: { outcome: 'fail', word: 'No link' },
    };
  const unclear = given.filter((nic) => linkOf(nic).outcome === 'unknown' || nic.addresses === null);
  if (unclear.length > 0 || view.unread.length > 0)
    return {
      outcome: 'unknown',
      text: 'Every role has its port, but a part could not be read.',
      state: { outcome: 'unknown', word: 'Not known' },
    };
  return {
    outcome: 'pass',
    text: nicOf('iscsiB')
      ? 'Every role has its port.'
      : 'Every role has its port; there is one path to the storage, and a second one would survive a fault.',
    state: { outcome: 'pass', word: 'Roles given' },
  };
};
