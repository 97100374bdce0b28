import type { PeerSelf, PeerView } from '../../../shared/contract/peers.ts';
import type { Outcome } from '../../../shared/model/check.ts';

/** How this server stands among its peers: the sentence of the page, and the word of the list of stages. */
export interface Standing {
  readonly outcome: Outcome;
  readonly text: string;
  readonly word: string;
}

const names = (peers: readonly PeerView[]): string => peers.map(({ name }) => name).join(', ');

/** The worst first: an identity that is not what it was, then who waits for a person, then who is not there. */
export const standingOf = (self: Pick<PeerSelf, 'name' | 'copyHeardAt'>, peers: readonly PeerView[]): Standing => {
  const wrong = peers.filter(({ changedIdentity, state }) => changedIdentity !== null || state === 'cloned');
  const waiting = peers.filter(({ state }) => state === 'introduced');
  const members = peers.filter(({ state }) => state === 'paired' || state === 'unfinished');
  const away = members.filter(({ link }) => link.state !== 'connected');
  if (self.copyHeardAt !== null)
    return {
      outcome: 'fail',
      word: 'Identity copied',
      text: `Another server shows the identity of ${self.name}: one is a copy of the other’s disk.`,
    };
  if (wrong.length > 0 && wrong.every(({ state }) => state === 'cloned'))
    return {
      outcome: 'fail',
      word: 'Identity copied',
      text: `Two servers show the identity of ${names(wrong)}: one is a copy of the other’s disk.`,
    };
  if (wrong.length > 0)
    return {
      outcome: 'fail',
      word: 'Wrong identity',
      text: `The identity of ${names(wrong)} is not the one that was paired.`,
    };
  if (waiting.length > 0)
    return {
      outcome: 'warn',
      word: 'Consent needed',
      text: `${names(waiting)} ${waiting.length === 1 ? 'was' : 'were'} introduced and ${waiting.length === 1 ? 'waits' : 'wait'} for your consent.`,
    };
  if (members.length === 0)
    return { outcome: 'notApplicable', word: 'None paired', text: `${self.name} is paired with no other server.` };
  const all = members.length === 1 ? names(members) : `its ${members.length} peers`;
  if (away.length > 0)
    return {
      outcome: 'warn',
      word: `${away.length} not connected`,
      text:
        away.length === members.length
          ? `${self.name} is not connected to ${all}.`
          : `${self.name} is not connected to ${names(away)} (${away.length} of ${members.length} peers).`,
    };
  const unlike = members.filter(({ versionSkew }) => versionSkew === 'unlike');
  if (unlike.length > 0)
    return {
      outcome: 'warn',
      word: 'Another version',
      text:
        members.length === 1
          ? `${self.name} is connected to ${all}, which runs another version of Quorate.`
          : `${self.name} is connected to ${all}. Another version of Quorate runs on ${names(unlike)}.`,
    };
  return { outcome: 'pass', word: `${members.length} connected`, text: `${self.name} is connected to ${all}.` };
};
