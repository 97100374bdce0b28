import { roleNames, type NicRole } from '../../model/nic.ts';
import type { NetworkObserved } from '../observed.ts';
import { noAnswers } from '../plan.ts';
import { networkDesireSchema } from '../nic/desire.ts';
import { finalNics } from '../nic/final-state.ts';
import { planNetwork } from '../nic/nic-planner.ts';
import { counted, listOf, type Standing } from './standing.ts';

const needed: readonly NicRole[] = ['production', 'clusterPrivate', 'iscsiA'];

/**
 * The network: done when every role that a cluster needs has a port with a link and a static address in a network of its own,
 * and planning these roles again would change nothing. `waiting`: changes that revert unless they are confirmed.
 */
export const networkStanding = (observed: NetworkObserved, waiting: number): Standing => {
  if (waiting > 0)
    return {
      outcome: 'warn',
      word: 'To be confirmed',
      text: `${waiting === 1 ? 'A change waits' : `${waiting} changes wait`} to be confirmed.`,
    };
  const given = observed.nics.flatMap((nic) => {
    const role = observed.roles.get(nic.interfaceGuid);
    return role === undefined ? [] : [{ nic, role }];
  });
  const inUse = given.filter(({ role }) => role !== 'unused');
  const missing = needed.filter((role) => !inUse.some((one) => one.role === role));
  if (missing.length > 0)
    return {
      outcome: 'warn',
      word: `${needed.length - missing.length} of ${needed.length} roles`,
      text: `No network adapter has the role ${listOf(
        missing.map((role) => roleNames[role]),
        'or',
      )}.`,
    };
  const dead = inUse.filter(({ nic }) => nic.adminStatus === 'down' || nic.mediaState === 'disconnected');
  if (dead.length > 0)
    return {
      outcome: 'fail',
      word: 'No link',
      text: `${listOf(dead.map(({ nic }) => nic.name))} ${dead.length === 1 ? 'has' : 'have'} no link.`,
    };
  const desire = networkDesireSchema.parse({
    complete: true,
    // A member of a switch or a team that is unused by itself has nothing of its own to be set.
    nics: given
      .filter(
        ({ nic, role }) =>
          role !== 'unused' || !['switchMember', 'teamMember'].includes(nic.membership?.kind ?? 'none'),
      )
      .map(({ nic, role }) => ({ nic: nic.interfaceGuid, role, applyRole: true })),
  });
  const unread = inUse.filter(
    ({ nic }) => nic.addresses === null || nic.mediaState === 'unknown' || nic.adminStatus === 'unknown',
  );
  const bare = finalNics(new Map(), observed).filter(
    ({ nic, addresses }) =>
      nic.addresses !== null &&
      inUse.some((one) => one.nic === nic) &&
      !addresses.some((address) => address.isStatic && !/^(fe80:|169\.254\.)/i.test(address.address)),
  );
  if (bare.length > 0)
    return {
      outcome: 'warn',
      word: counted(bare.length, 'address missing', 'addresses missing'),
      text: `${listOf(bare.map(({ nic }) => nic.name))} ${bare.length === 1 ? 'has' : 'have'} no static address.`,
    };
  const draft = planNetwork(desire, observed, noAnswers);
  if (unread.length > 0 || draft.unknowns.length > 0)
    return {
      outcome: 'unknown',
      word: 'Unknown',
      text: `Every role has its network adapter. Could not be determined: ${listOf([
        ...new Set([...draft.unknowns.map(({ what }) => what), ...unread.map(({ nic }) => `the state of ${nic.name}`)]),
      ])}.`,
    };
  if (draft.refusals.length > 0)
    return {
      outcome: 'warn',
      word: 'Not complete',
      text: draft.refusals.map(({ what }) => what).join(' '),
    };
  if (draft.steps.length > 0)
    return {
      outcome: 'warn',
      word: counted(draft.steps.length, 'setting differs', 'settings differ'),
      text: `Every role has its network adapter, but ${counted(draft.steps.length, 'setting does', 'settings do').toLowerCase()} not match the roles.`,
    };
  return {
    outcome: 'pass',
    word: 'Ready',
    text: inUse.some(({ role }) => role === 'iscsiB')
      ? 'Every role has its network adapter.'
      : 'Every role has its network adapter. There is one path to the storage; a second one would survive a failure.',
  };
};
