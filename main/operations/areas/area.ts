import type { Area, ObservedOf } from '../../../shared/changes/kind.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import type { Draft } from '../../../shared/plan/draft.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import type { SecretTexts } from '../../coordination/server.ts';
import type { Server } from '../plans/server.ts';

export type DesireOf<A extends Area> = Extract<Desire, { area: A }>['desire'];

/** What a plan is made of besides the wanted state and what was read. */
export interface PlanGiven {
  readonly answers: PlanAnswers;
  readonly secrets: SecretTexts;
  /** Disks whose partition the journal entry that is gone on with made. */
  readonly ownPartitions?: readonly string[];
}

/** Everything about one observed area that is the same on every host: how it is read over the ports, and how it is planned. */
export interface AreaEntry<A extends Area> {
  /** Reads what shows whether its changes are done. Throws where nothing at all could be read. */
  readonly observe: (server: Server, signal?: AbortSignal) => Promise<ObservedOf<A>>;
  /** Reads what only a plan needs besides, about what is wanted. Left out: nothing. */
  readonly observeWanted?: (
    server: Server,
    desire: DesireOf<A>,
    observed: ObservedOf<A>,
    signal?: AbortSignal,
  ) => Promise<ObservedOf<A>>;
  readonly plan: (desire: DesireOf<A>, observed: ObservedOf<A>, given: PlanGiven) => Draft;
}
