import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nexusKey, senses } from '../../../main/rehearsal/store/index.ts';
import { afterPowerLoss, applyReserveOut, noReservations } from '../../../main/rehearsal/store/reservations.ts';
import { reserveOut } from '../../support/reserve-request.ts';
import type { ReservationType } from '../../../main/rehearsal/store/reservation-types.ts';
import {
  types,
  a,
  b,
  c,
  context,
  expectGood,
  run,
  attempt,
  keysOf,
  attentionsOf,
  registered,
  reserved,
} from './reservation-steps.ts';

describe('PREEMPT', () => {
  it('of the holder: its key goes, the reservation moves, the generation grows, it is told', () => {
    const state = reserved(5);
    const outcome = attempt(state, b, { action: 'preempt', key: 2n, actionKey: 1n, type: 5 });
    const after = expectGood(outcome).state;
    expect(keysOf(after)).toEqual([2n]);
    expect(after.reservation).toEqual({ type: 5, holder: b });
    expect(after.generation).toBe(state.generation + 1);
    expect(attentionsOf(outcome)).toEqual(['a registrationsPreempted']);
    expect(expectGood(outcome).abort).toEqual([]);
  });

  it('with another type tells the registrants that stay', () => {
    const state = run([[c, { action: 'register', actionKey: 3n }]], reserved(5));
    const outcome = attempt(state, b, { action: 'preempt', key: 2n, actionKey: 1n, type: 6 });
    expect(attentionsOf(outcome)).toEqual(['a registrationsPreempted', 'c reservationsReleased']);
  });

  it('of a registrant that does not hold it leaves the reservation alone', () => {
    const state = run([[c, { action: 'register', actionKey: 3n }]], reserved(5));
    const outcome = attempt(state, b, { action: 'preempt', key: 2n, actionKey: 3n, type: 8 });
    const after = expectGood(outcome).state;
    expect(keysOf(after)).toEqual([1n, 2n]);
    expect(after.reservation).toEqual({ type: 5, holder: a });
    expect(attentionsOf(outcome)).toEqual(['c registrationsPreempted']);
  });

  it('of its own reservation only changes the type', () => {
    const after = run([[a, { action: 'preempt', key: 1n, actionKey: 1n, type: 3 }]], reserved(5));
    expect(after.reservation).toEqual({ type: 3, holder: a });
    expect(keysOf(after)).toEqual([1n, 2n]);
  });

  it('of a key that nobody has conflicts; of key zero is an invalid parameter', () => {
    for (const state of [run(registered), reserved(5)]) {
      expect(attempt(state, b, { action: 'preempt', key: 2n, actionKey: 99n, type: 5 }).status).toBe(
        'reservationConflict',
      );
      expect(attempt(state, b, { action: 'preempt', key: 2n, actionKey: 0n, type: 5 })).toMatchObject({
        sense: senses.invalidFieldInParameterList,
      });
    }
  });

  it.each([7, 8] as const)('type %i: key zero takes everything over, another key only its registrants', (type) => {
    const state = run([[c, { action: 'register', actionKey: 3n }]], reserved(type));
    const one = run([[b, { action: 'preempt', key: 2n, actionKey: 3n, type: 5 }]], state);
    expect(keysOf(one)).toEqual([1n, 2n]);
    expect(one.reservation).toEqual({ type, holder: null });
    const all = attempt(state, b, { action: 'preempt', key: 2n, actionKey: 0n, type: 5 });
    expect(keysOf(expectGood(all).state)).toEqual([2n]);
    expect(expectGood(all).state.reservation).toEqual({ type: 5, holder: b });
    expect(attentionsOf(all)).toEqual(['a registrationsPreempted', 'c registrationsPreempted']);
  });

  it('AND ABORT names the nexuses whose commands end', () => {
    const outcome = attempt(reserved(5), b, { action: 'preemptAndAbort', key: 2n, actionKey: 1n, type: 5 });
    expect(expectGood(outcome).abort).toEqual([a]);
  });
});

describe('CLEAR, REGISTER AND MOVE, power', () => {
  it('CLEAR removes everything and tells every other registrant', () => {
    const outcome = attempt(reserved(5), b, { action: 'clear', key: 2n });
    expect(expectGood(outcome).state).toMatchObject({ registrations: [], reservation: null, generation: 3 });
    expect(attentionsOf(outcome)).toEqual(['a reservationsPreempted']);
  });

  it('REGISTER AND MOVE hands the reservation over', () => {
    const to = { initiatorName: c.initiatorName, isid: c.isid };
    const move = { to, portalGroupTag: 1, unregister: true };
    const after = run([[a, { action: 'registerAndMove', key: 1n, actionKey: 3n, move }]], reserved(5));
    expect(after.reservation).toEqual({ type: 5, holder: c });
    expect(keysOf(after)).toEqual([2n, 3n]);
    expect(after.generation).toBe(3);
    const kept = run(
      [[a, { action: 'registerAndMove', key: 1n, actionKey: 3n, move: { ...move, unregister: false } }]],
      reserved(1),
    );
    expect(keysOf(kept)).toEqual([1n, 2n, 3n]);
  });

  it('REGISTER AND MOVE is refused without a reservation, by another than the holder, and to itself', () => {
    const move = { to: { initiatorName: c.initiatorName, isid: c.isid }, portalGroupTag: 1, unregister: false };
    const request = { action: 'registerAndMove', actionKey: 3n, move } as const;
    expect(attempt(run(registered), a, { ...request, key: 1n })).toMatchObject({ sense: senses.invalidFieldInCdb });
    expect(attempt(reserved(5), b, { ...request, key: 2n }).status).toBe('reservationConflict');
    expect(attempt(reserved(7), a, { ...request, key: 1n }).status).toBe('reservationConflict');
    const self = { ...move, to: { initiatorName: a.initiatorName, isid: a.isid } };
    for (const wrong of [
      { ...request, key: 1n, move: self },
      { ...request, key: 1n, actionKey: 0n },
      { ...request, key: 1n, move: null },
    ]) {
      expect(attempt(reserved(5), a, wrong)).toMatchObject({ sense: senses.invalidFieldInParameterList });
    }
  });

  it('REGISTER AND MOVE goes to a target port that exists only, and needs room in the table', () => {
    const to = { initiatorName: c.initiatorName, isid: c.isid };
    const request = { action: 'registerAndMove', key: 1n, actionKey: 3n } as const;
    const state = reserved(5);
    const move = { to, portalGroupTag: 2, unregister: false };
    expect(attempt(state, a, { ...request, move: { ...move, portalGroupTag: 3 } })).toEqual({
      status: 'checkCondition',
      sense: senses.invalidFieldInParameterList,
    });
    const full = { ...context, maxRegistrations: 2 };
    expect(attempt(state, a, { ...request, move }, full)).toEqual({
      status: 'checkCondition',
      sense: senses.insufficientRegistrationResources,
    });
    // In a full table there is room in the place of the nexus that gives it away, and of one that is registered already.
    const instead = expectGood(attempt(state, a, { ...request, move: { ...move, unregister: true } }, full)).state;
    expect(keysOf(instead)).toEqual([2n, 3n]);
    const toB = { ...move, to: { initiatorName: b.initiatorName, isid: b.isid }, portalGroupTag: 1 };
    expect(keysOf(expectGood(attempt(state, a, { ...request, move: toB }, full)).state)).toEqual([1n, 3n]);
  });

  it('power loss keeps registrations only with APTPL', () => {
    expect(afterPowerLoss(reserved(5))).toEqual(noReservations);
    const kept = run([
      [a, { action: 'register', actionKey: 1n, aptpl: true }],
      [a, { action: 'reserve', key: 1n, type: 5 }],
    ]);
    expect(afterPowerLoss(kept)).toMatchObject({ generation: 0, reservation: { type: 5, holder: a } });
    const changed = run([[b, { action: 'register', actionKey: 2n }]], kept);
    expect(afterPowerLoss(changed)).toEqual(noReservations);
  });

  it('REPLACE LOST RESERVATION is no service action of this device', () => {
    expect(attempt(reserved(5), a, { action: 'replaceLostReservation', key: 1n })).toMatchObject({
      sense: senses.invalidFieldInCdb,
    });
  });
});

describe('any sequence of service actions', () => {
  const actions = [
    'register',
    'registerAndIgnore',
    'reserve',
    'release',
    'clear',
    'preempt',
    'preemptAndAbort',
    'registerAndMove',
  ] as const;
  const step = fc.record({
    who: fc.constantFrom(a, b, c),
    to: fc.constantFrom(a, b, c),
    action: fc.constantFrom(...actions),
    key: fc.bigInt(0n, 3n),
    actionKey: fc.bigInt(0n, 3n),
    type: fc.constantFrom<ReservationType | null>(...types, null),
    allTargetPorts: fc.boolean(),
  });

  it('keeps the table sound', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (sequence) => {
        let state = noReservations;
        for (const { who, to, ...request } of sequence) {
          const move = { to: { initiatorName: to.initiatorName, isid: to.isid }, portalGroupTag: 1, unregister: true };
          const outcome = applyReserveOut(state, who, reserveOut({ ...request, move }), context);
          if (outcome.status !== 'good') continue;
          const before = state;
          state = outcome.state;
          const registeredKeys = state.registrations.map((one) => nexusKey(one.nexus));
          expect(new Set(registeredKeys).size).toBe(registeredKeys.length);
          expect(state.registrations.length).toBeLessThanOrEqual(context.maxRegistrations);
          expect(state.registrations.every((one) => one.key !== 0n)).toBe(true);
          // A reservation always has a registered holder, or registrants.
          if (state.reservation?.holder) expect(registeredKeys).toContain(nexusKey(state.reservation.holder));
          if (state.reservation) expect(state.registrations.length).toBeGreaterThan(0);
          // Registrations never change behind PRGENERATION's back.
          if (state.registrations !== before.registrations) expect(state.generation).not.toBe(before.generation);
          expect(outcome.unitAttentions.every((one) => nexusKey(one.nexus) !== nexusKey(who))).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
