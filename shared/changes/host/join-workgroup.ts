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
  do: z.literal('host.joinWorkgroup'),
  workgroup: z.string(),
  /** Who may disable the computer's object; null in a workgroup. */
  account: accountSchema.nullable(),
});

/** Leaves a domain for a workgroup, or changes the workgroup. In force after a restart. */
export const joinWorkgroup: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Set-HostWorkgroup',
  parameters: ({ workgroup, account }, { secret }) => ({ workgroup, credential: credentialOf(account, secret) }),
  timeoutMs: 180_000,
  restart: 'after',
  isInForce: isMembershipInForce,
  secrets: ({ account }) => secretNamesOf(account),
  subject: ({ workgroup }) => [workgroup],
  words: ({ workgroup }, observed) => ({
    title: `Put ${observed.facts.computerName} into the workgroup ${workgroup}`,
    why: membershipWhy(observed, { kind: 'workgroup', name: workgroup }),
    manual: membershipTool,
  }),
  undo: ({ account }, observed) => undoMembership(observed, account),
  done: ({ workgroup }, observed) => judgeMembership(observed, { kind: 'workgroup', name: workgroup }),
};
