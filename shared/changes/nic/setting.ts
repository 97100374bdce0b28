import type * as z from 'zod';
import type { Nic } from '../../model/nic.ts';
import type { ChangeKind, NamedChange } from '../kind.ts';

/**
 * A setting of an adapter that is wanted as one value. A kind of change that has one is wanted, planned, compared and gone over by
 * roles without another line: the desire's field, its schema and the planner's step follow from it.
 */
export interface NicSetting<Key extends string, Value extends z.ZodType> {
  /** The field of a NIC's desire. */
  readonly key: Key;
  readonly value: Value;
  /** What is not known where it could not be read, such as `the NetBIOS setting`. */
  readonly words: string;
  /** Where the adapter shows it; null says that it could not be read. */
  readonly property: keyof Nic;
  /** Why it is null where it was read: what has to be there before it can be set. */
  readonly absent?: string;
  /** Is the adapter as it is wanted? Left out: when the property has the value. */
  readonly isMet?: (nic: Nic, wanted: z.output<Value>) => boolean;
  readonly change: (nic: string, wanted: z.output<Value>) => NamedChange;
}

/** Declares a kind of change that sets one value of an adapter. */
export const nicSetting = <
  Schema extends z.ZodObject<{ do: z.ZodLiteral<string> }>,
  const Key extends string,
  Value extends z.ZodType,
>(
  kind: ChangeKind<Schema, 'network'> & { readonly setting: NicSetting<Key, Value> },
): ChangeKind<Schema, 'network'> & { readonly setting: NicSetting<Key, Value> } => kind;
