import type { ResumeCommand } from '../../../../shared/changes/kind.ts';
import type { ServerChangeName, ChangeOf } from '../../../../shared/changes/index.ts';
import type { Change } from '../change.ts';

/** What a change needs besides itself. */
export interface EffectGiven {
  readonly secret: (name: string) => string;
  readonly resumeCommand: ResumeCommand;
}

/** A kind's effect on the state. */
export type Effect<Name extends ServerChangeName> = (change: Change, input: ChangeOf<Name>, given: EffectGiven) => void;

/** The effects of one area; a table that lacks a kind does not compile. */
export type EffectsOf<Area extends string> = {
  readonly [Name in Extract<ServerChangeName, `${Area}.${string}`>]: Effect<Name>;
};
