import * as z from 'zod';

/**
 * A property that could not be read. The property itself is null in the observed object; whoever shows or judges it
 * says "unknown" and why, never "off" or "absent".
 */
export const unreadSchema = z.object({
  /** The property's path in the object, such as `netbios` or `powerManagement`. */
  property: z.string(),
  /** Why it is not known: a failure code, or the name of what is missing. */
  because: z.string(),
});
export type Unread = z.infer<typeof unreadSchema>;

/** Why a property is unknown; null when it was read. */
export const whyUnread = (observed: { readonly unread: readonly Unread[] }, property: string): string | null =>
  observed.unread.find((entry) => entry.property === property)?.because ?? null;
