import * as z from 'zod';
import { accountSchema } from '../../plan/host/desire.ts';
import type { ChangeKind } from '../kind.ts';
import {
  credentialOf,
  isMembershipInForce,
  judgeMembership,
  membershipTool,
  membershipWhy,
  secretNamesOf,
  undoMembership,
} from './host.ts';

const schema = z.object({
  do: z.literal('host.joinDomain'),
  domain: z.string(),
  /** Distinguished name of the unit for the computer's object; null: the domain's default. */
  ou: z.string().nullable(),
  account: accountSchema,
});

/**
 * Joins a domain (Add-Computer), in force after a restart. Throws `HOST_DOMAIN_NOT_FOUND`, `HOST_CREDENTIAL_REFUSED`,
 * `HOST_ALREADY_MEMBER`.
 */
export const joinDomain: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Set-HostDomain',
  parameters: ({ domain, ou, account }, { secret }) => ({
    domain,
    organizationalUnit: ou,
    credential: credentialOf(account, secret),
  }),
  timeoutMs: 180_000,
  restart: 'after',
  isInForce: isMembershipInForce,
  secrets: ({ account }) => secretNamesOf(account),
  subject: ({ domain }) => [domain],
  words: ({ domain }, observed) => {
    const { computerName, membership } = observed.facts;
    return {
      title:
        membership.kind === 'domain'
          ? `Move ${computerName} from the domain ${membership.name} to ${domain}`
          : `Join ${computerName} to the domain ${domain}`,
      why: membershipWhy(observed, { kind: 'domain', name: domain }),
      manual: membershipTool,
    };
  },
  undo: ({ account }, observed) => undoMembership(observed, account),
  done: ({ domain }, observed) => judgeMembership(observed, { kind: 'domain', name: domain }),
};
