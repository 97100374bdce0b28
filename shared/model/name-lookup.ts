import * as z from 'zod';
import { unreadSchema } from './observed.ts';

/**
 * What a server finds of a computer name in DNS and, where it is in a domain, in Active Directory, and what its account may do there. The rights are the
 * directory's own answer: `allowedChildClassesEffective` and `allowedAttributesEffective` ([MS-ADTS] 3.1.1.4.5) name only what the asking account may
 * create and write.
 */
export const nameLookupSchema = z.object({
  name: z.string(),
  isInDomain: z.boolean(),
  /** Addresses that DNS has for the name; none: an empty list. Null: not read. */
  addresses: z.array(z.string()).nullable(),
  /** The computer object of this name. Null: there is none, or it is in `unread` as `object`. */
  object: z
    .object({
      distinguishedName: z.string(),
      /** ACCOUNTDISABLE of userAccountControl: what was prestaged is disabled. */
      isDisabled: z.boolean(),
      /** It has the service principal names of a cluster (MSServerClusterMgmtAPI, MSClusterVirtualServer). */
      isCluster: z.boolean(),
      /** Null: the directory did not say. */
      isWritable: z.boolean().nullable(),
    })
    .nullable(),
  /** Where the computer object of this server is, and where Windows makes that of its cluster. Null outside of a domain, or in `unread` as `container`. */
  container: z
    .object({
      distinguishedName: z.string(),
      /** May this account create computer objects in it? Null: the directory did not say. */
      canCreateComputers: z.boolean().nullable(),
    })
    .nullable(),
  unread: z.array(unreadSchema),
});
export type NameLookup = z.infer<typeof nameLookupSchema>;
