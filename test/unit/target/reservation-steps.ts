import { type Nexus, type OutRequest, type ReservationState } from '../../../main/rehearsal/store/index.ts';
import {
  applyReserveOut,
  noReservations,
  type OutContext,
  type OutOutcome,
} from '../../../main/rehearsal/store/reservations.ts';
import { reservationTypes, type ReservationType } from '../../../main/rehearsal/store/reservation-types.ts';
import { reserveOut } from '../../support/reserve-request.ts';

/* Three nexuses, and what they do one after the other. */

export const nexus = (name: string, isid = '400001370001', portalGroupTag = 1): Nexus => ({
  initiatorName: `iqn.2026-01.test:${name}`,
  isid,
  portalGroupTag,
});
export const a = nexus('a');
export const b = nexus('b');
export const c = nexus('c');
export const context: OutContext = { portalGroupTags: [1, 2], knownNexuses: [a, b, c], maxRegistrations: 8 };
export const types = Object.keys(reservationTypes).map(Number) as ReservationType[];

export type Step = [Nexus, Partial<OutRequest> & Pick<OutRequest, 'action'>];

export const expectGood = (outcome: OutOutcome) => {
  if (outcome.status !== 'good') throw new Error(`expected good, got ${JSON.stringify(outcome)}`);
  return outcome;
};
export const run = (steps: Step[], from: ReservationState = noReservations): ReservationState =>
  steps.reduce(
    (state, [who, request]) => expectGood(applyReserveOut(state, who, reserveOut(request), context)).state,
    from,
  );
export const attempt = (state: ReservationState, who: Nexus, request: Step[1], around = context): OutOutcome =>
  applyReserveOut(state, who, reserveOut(request), around);
export const keysOf = (state: ReservationState) => state.registrations.map((one) => one.key);
export const attentionsOf = (outcome: OutOutcome) =>
  expectGood(outcome).unitAttentions.map((one) => `${one.nexus.initiatorName.slice(-1)} ${one.sense}`);

export const registered: Step[] = [
  [a, { action: 'register', actionKey: 1n }],
  [b, { action: 'register', actionKey: 2n }],
];
export const reserved = (type: ReservationType): ReservationState =>
  run([...registered, [a, { action: 'reserve', key: 1n, type }]]);
