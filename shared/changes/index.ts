import type * as z from 'zod';
import type { Observed } from '../plan/observed.ts';
import { unknown, type Done } from './done.ts';
import type { ChangeKind, Given } from './kind.ts';
import { addAddress } from './nic/add-address.ts';
import { removeAddress } from './nic/remove-address.ts';

/** Every kind of change by its name. Whatever is asked of a change is looked up here; nothing else knows the kinds. */
export const changeKinds = {
  'nic.addAddress': addAddress,
  'nic.removeAddress': removeAddress,
} as const;

export type ChangeName = keyof typeof changeKinds;
export type ChangeOf<Name extends ChangeName> = z.output<(typeof changeKinds)[Name]['schema']>;
export type Change = { [Name in ChangeName]: ChangeOf<Name> }[ChangeName];

/** What a host does for each kind: a table that lacks one does not compile. */
export type EffectTable<Context> = {
  readonly [Name in ChangeName]: (change: ChangeOf<Name>, context: Context) => void;
};

export const isMoved = (action: { readonly do: string }): action is Change => action.do in changeKinds;

/** Whether the effect of a change is there, judged on what was observed. */
export const isDone = (change: Change, observed: Observed): Done => {
  const kind = kindOf(change);
  const part = observed[kind.area];
  return part ? kind.done(change, part) : unknown('it was not read');
};

/** The parameters of a change's script. */
export const parametersOf = <Secret>(change: Change, given: Given<Secret>): Readonly<Record<string, unknown>> => {
  const { parameters } = kindOf(change);
  if (parameters) return parameters(change, given);
  const { do: _name, ...fields } = change;
  return fields;
};

/** A kind for code that treats all of them alike. */
export const kindOf = (change: Change): ChangeKind<z.ZodObject<{ do: z.ZodLiteral<string> }>> =>
  changeKinds[change.do] as unknown as ChangeKind<z.ZodObject<{ do: z.ZodLiteral<string> }>>;
