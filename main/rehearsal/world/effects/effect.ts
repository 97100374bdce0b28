import type { ChangeName, ChangeOf } from '../../../../shared/changes/index.ts';
import type { Change } from '../change.ts';

/** A kind's effect on the state. `secret` gives the secrets that the change names. */
export type Effect<Name extends ChangeName> = (
  change: Change,
  input: ChangeOf<Name>,
  secret: (name: string) => string,
) => void;

/** The effects of one area; a table that lacks a kind does not compile. */
export type EffectsOf<Area extends string> = {
  readonly [Name in Extract<ChangeName, `${Area}.${string}`>]: Effect<Name>;
};
