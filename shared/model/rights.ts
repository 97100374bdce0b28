import * as z from 'zod';
import { unreadSchema } from './observed.ts';

/** As whom a core runs: the account of its process. */
export const accountSchema = z.object({
  /** As Windows writes it, such as `LAB\installer`. */
  name: z.string(),
  /** Security identifier in its text form (MS-DTYP 2.4.2.1). */
  sid: z.string(),
});
export type Account = z.output<typeof accountSchema>;

/** What another server said to this account. */
export const rightsThereSchema = z.object({
  server: z.string(),
  /**
   * `administrator`: its administrative share opened. `denied`: the server refused the account. `notReached`: the share is not there for this
   * server: the name is not resolved, SMB is closed, or the administrative shares are turned off.
   */
  outcome: z.enum(['administrator', 'denied', 'notReached', 'unknown']),
  because: z.string().nullable(),
});
export type RightsThere = z.output<typeof rightsThereSchema>;

export const rightsSchema = z.object({
  /** Null with the reason in `unread` where it was not read. */
  account: accountSchema.nullable(),
  there: z.array(rightsThereSchema),
  unread: z.array(unreadSchema),
});
export type Rights = z.output<typeof rightsSchema>;

export type AccountKind = 'service' | 'builtInAdministrator' | 'local' | 'domain';

/**
 * What kind of account it is. `service`: SYSTEM, LOCAL SERVICE and NETWORK SERVICE (S-1-5-18 to 20), virtual accounts of services (S-1-5-80),
 * and the accounts of computers and group managed service accounts, whose names end with "$". `builtInAdministrator`: RID 500 of this server, which
 * UAC does not filter over the network. Well-known SIDs: learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers.
 */
export const kindOfAccount = ({ name, sid }: Account, computerName: string): AccountKind => {
  if (/^S-1-5-(?:18|19|20)$/.test(sid) || sid.startsWith('S-1-5-80-') || name.endsWith('$')) return 'service';
  const [authority = ''] = name.split('\\');
  const isLocal = authority.toLowerCase() === computerName.toLowerCase() || authority === '.';
  if (!isLocal) return 'domain';
  return sid.endsWith('-500') ? 'builtInAdministrator' : 'local';
};
