import type { Faults } from '../faults/index.ts';
import { initiatorPortKey, sameNexus, type Nexus } from './nexus.ts';
import {
  applyReserveOut,
  findRegistration,
  isHolder,
  isRegistered,
  type OutContext,
  type OutOutcome,
  type OutRequest,
  type Registration,
  type ReservationState,
} from './reservations.ts';

type Good = Extract<OutOutcome, { status: 'good' }>;

const conflict: OutOutcome = { status: 'reservationConflict' };

const isRegistering = ({ action }: OutRequest): boolean => action === 'register' || action === 'registerAndIgnore';
const isPreempting = ({ action }: OutRequest): boolean => action === 'preempt' || action === 'preemptAndAbort';

export interface FaultyContext extends OutContext {
  readonly faults: Faults;
  /** Has this nexus a session now? */
  readonly hasSession: (nexus: Nexus) => boolean;
}

/**
 * One PERSISTENT RESERVE OUT as a target carries it out that has these faults: {@link applyReserveOut} stays what the
 * standard says, and what is done wrong is done around it.
 */
export const applyWithFaults = (
  state: ReservationState,
  sender: Nexus,
  request: OutRequest,
  context: FaultyContext,
): OutOutcome => {
  const { faults } = context;
  const nexus =
    faults.has('names-taken-for-initiators') && !isRegistering(request) ? firstOfName(state, sender) : sender;
  if (faults.has('one-key-once') && isTaken(state, nexus, request)) return conflict;
  if (faults.has('preempt-of-absent-refused') && isPreempting(request)) {
    const victims = state.registrations.filter((one) => one.key === request.actionKey && !sameNexus(one.nexus, nexus));
    if (victims.some((one) => !context.hasSession(one.nexus))) return conflict;
  }
  const outcome = faults.has('keys-unchecked')
    ? applyUnchecked(state, nexus, request, context)
    : applyReserveOut(state, nexus, request, context);
  if (outcome.status !== 'good') return outcome;
  if (faults.has('reservation-kept-on-unregister') && isRegistering(request)) return keepReservation(state, outcome);
  if (faults.has('preempt-removes-one') && isPreempting(request)) return removeOne(state, outcome);
  return outcome;
};

/** The first registered nexus of the sender's name. */
const firstOfName = ({ registrations }: ReservationState, sender: Nexus): Nexus =>
  registrations.find(({ nexus }) => nexus.initiatorName === sender.initiatorName)?.nexus ?? sender;

/** Has another nexus this key? With ALL_TG_PT the nexus's own other target ports do not count. */
const isTaken = (state: ReservationState, nexus: Nexus, request: OutRequest): boolean =>
  isRegistering(request) &&
  request.actionKey !== 0n &&
  state.registrations.some(
    (one) =>
      one.key === request.actionKey &&
      !sameNexus(one.nexus, nexus) &&
      !(request.allTargetPorts && initiatorPortKey(one.nexus) === initiatorPortKey(nexus)),
  );

const uncheckedActions: readonly OutRequest['action'][] = ['release', 'clear', 'preempt', 'preemptAndAbort'];

const applyUnchecked = (
  state: ReservationState,
  nexus: Nexus,
  request: OutRequest,
  context: OutContext,
): OutOutcome => {
  const own = findRegistration(state, nexus);
  if (isRegistering(request)) return applyReserveOut(state, nexus, { ...request, key: own?.key ?? 0n }, context);
  if (!uncheckedActions.includes(request.action) || own?.key === request.key) {
    return applyReserveOut(state, nexus, request, context);
  }
  if (request.action === 'release') {
    // As if the holder had sent it.
    const holder = state.registrations.find((one) => isHolder(state, one.nexus));
    if (!holder) return { status: 'good', state, unitAttentions: [], abort: [] };
    return applyReserveOut(state, holder.nexus, { ...request, key: holder.key }, context);
  }
  if (own) return applyReserveOut(state, nexus, { ...request, key: own.key }, context);
  // As if it were registered, for this one command.
  const guest: Registration = { nexus, key: request.key, allTargetPorts: false };
  const outcome = applyReserveOut(
    { ...state, registrations: [...state.registrations, guest] },
    nexus,
    request,
    context,
  );
  if (outcome.status !== 'good') return outcome;
  const registrations = outcome.state.registrations.filter((one) => !sameNexus(one.nexus, nexus));
  return { ...outcome, state: { ...outcome.state, registrations } };
};

const keepReservation = (before: ReservationState, outcome: Good): OutOutcome =>
  before.reservation && !outcome.state.reservation
    ? { ...outcome, state: { ...outcome.state, reservation: before.reservation }, unitAttentions: [] }
    : outcome;

/** Of the registrations that PREEMPT removed all but one come back: the holder's goes, else the oldest. */
const removeOne = (before: ReservationState, outcome: Good): OutOutcome => {
  const removed = before.registrations.filter((one) => !isRegistered(outcome.state, one.nexus));
  const gone = removed.find((one) => isHolder(before, one.nexus)) ?? removed[0];
  if (!gone) return outcome;
  const cameBack = (nexus: Nexus): boolean =>
    !sameNexus(nexus, gone.nexus) && removed.some((one) => sameNexus(one.nexus, nexus));
  return {
    ...outcome,
    state: { ...outcome.state, registrations: before.registrations.filter((one) => one !== gone) },
    unitAttentions: outcome.unitAttentions.filter((one) => !cameBack(one.nexus)),
    abort: outcome.abort.filter((nexus) => !cameBack(nexus)),
  };
};
