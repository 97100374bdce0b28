import { whyUnread } from '../../model/observed.ts';
import type { HostMembership } from '../../model/host.ts';
import type { Account } from '../../plan/host/desire.ts';
import type { HostObserved } from '../../plan/observed.ts';
import { judge, unknown, type Done } from '../done.ts';
import type { Undo } from '../kind.ts';
import { isSameName } from '../../model/names.ts';

export const membershipText = (membership: HostMembership): string => `the ${membership.kind} ${membership.name}`;

/** An account with its password in place of the password's name. */
export const credentialOf = <Secret>(
  account: Account | null,
  secret: (name: string) => Secret,
): { readonly userName: string; readonly password: Secret } | null =>
  account && { userName: account.userName, password: secret(account.passwordName) };

export const secretNamesOf = (account: Account | null): string[] => (account ? [account.passwordName] : []);

/** What the server belongs to from its next start. */
export const nextMembership = ({ facts }: HostObserved): HostMembership => facts.nextMembership ?? facts.membership;

/** Does it belong already to what it is to belong to from its next start? */
export const isMembershipInForce = (observed: HostObserved): boolean => {
  const [now, next] = [observed.facts.membership, nextMembership(observed)];
  return now.kind === next.kind && isSameName(now.name, next.name);
};

export const judgeMembership = (observed: HostObserved, wanted: HostMembership): Done => {
  const { facts } = observed;
  const why = whyUnread(facts, 'nextMembership');
  if (facts.nextMembership === null && why !== null) return unknown(why);
  const current = nextMembership(observed);
  return judge(
    current.kind === wanted.kind && isSameName(current.name, wanted.name),
    `the next start belongs to ${membershipText(current)}`,
  );
};

/** Words and undo that joining a domain and a workgroup have in common. */
export const membershipWhy = (observed: HostObserved, wanted: HostMembership): string =>
  `It belongs to ${membershipText(nextMembership(observed))}; ${membershipText(wanted)} is wanted. Takes effect after a restart.`;

export const membershipTool = 'Server Manager, Local Server, Domain or Workgroup, Change.';

export const undoMembership = (observed: HostObserved, account: Account | null): Undo | null => {
  const current = nextMembership(observed);
  if (current.kind === 'workgroup')
    return {
      text: `Goes back to ${membershipText(current)}, which needs a restart too.`,
      changes: [{ do: 'host.joinWorkgroup', workgroup: current.name, account }],
    };
  return account
    ? {
        text: `Joins ${membershipText(current)} again, which needs an account that may do so there and a restart.`,
        changes: [{ do: 'host.joinDomain', domain: current.name, ou: null, account }],
      }
    : null;
};
