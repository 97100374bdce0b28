import { describe, expect, it } from 'vitest';
import { isHolder, nexusKey, reservationKey, senses } from '../../../main/rehearsal/store/index.ts';
import { conflicts } from '../../../main/rehearsal/store/reservation-conflicts.ts';
import { noReservations } from '../../../main/rehearsal/store/reservations.ts';
import type { ReservationType } from '../../../main/rehearsal/store/reservation-types.ts';
import {
  nexus,
  a,
  b,
  c,
  types,
  expectGood,
  run,
  attempt,
  keysOf,
  attentionsOf,
  registered,
  reserved,
  context,
} from './reservation-steps.ts';

describe('access of another I_T nexus per reservation type', () => {
  // SPC-4 clause 5.13.1: [registered reads, registered writes, unregistered reads, unregistered writes].
  const expected: Record<ReservationType, [boolean, boolean, boolean, boolean]> = {
    1: [true, false, true, false],
    3: [false, false, false, false],
    5: [true, true, true, false],
    6: [true, true, false, false],
    7: [true, true, true, false],
    8: [true, true, false, false],
  };
  it.each(types)('type %i', (type) => {
    const state = reserved(type);
    const seen = [b, c].flatMap((who) => [!conflicts(state, who, 'read'), !conflicts(state, who, 'write')]);
    expect(seen).toEqual(expected[type]);
    expect(conflicts(state, a, 'write')).toBe(false);
    expect(conflicts(state, c, 'always')).toBe(false);
  });
});

describe('REGISTER', () => {
  it('registers an unregistered nexus only with the reservation key zero', () => {
    expect(attempt(noReservations, a, { action: 'register', key: 9n, actionKey: 1n }).status).toBe(
      'reservationConflict',
    );
    const state = run([[a, { action: 'register', actionKey: 1n }]]);
    expect(keysOf(state)).toEqual([1n]);
    expect(state.generation).toBe(1);
  });

  it('changes the key only with the old one, and keeps the reservation', () => {
    const state = reserved(5);
    expect(attempt(state, a, { action: 'register', key: 7n, actionKey: 3n }).status).toBe('reservationConflict');
    const changed = run([[a, { action: 'register', key: 1n, actionKey: 3n }]], state);
    expect(reservationKey(changed)).toBe(3n);
    expect(isHolder(changed, a)).toBe(true);
  });

  it('does nothing, and grows nothing, when an unregistered nexus asks to unregister', () => {
    expect(run([[a, { action: 'register' }]])).toBe(noReservations);
    expect(run([[a, { action: 'registerAndIgnore', key: 5n }]])).toBe(noReservations);
  });

  it('REGISTER AND IGNORE EXISTING KEY looks at no key', () => {
    const state = run([
      [a, { action: 'registerAndIgnore', key: 99n, actionKey: 1n }],
      [a, { action: 'registerAndIgnore', key: 77n, actionKey: 4n }],
    ]);
    expect(keysOf(state)).toEqual([4n]);
    expect(state.generation).toBe(2);
  });

  it('is refused with INSUFFICIENT REGISTRATION RESOURCES when the table is full, changing nothing', () => {
    const state = run(registered);
    const outcome = attempt(state, c, { action: 'register', actionKey: 3n }, { ...context, maxRegistrations: 2 });
    expect(outcome).toEqual({ status: 'checkCondition', sense: senses.insufficientRegistrationResources });
    const rekey = attempt(
      state,
      a,
      { action: 'register', key: 1n, actionKey: 3n },
      { ...context, maxRegistrations: 2 },
    );
    expect(rekey.status).toBe('good');
  });

  it('ALL_TG_PT registers on every target port and unregisters there again', () => {
    const state = run([[a, { action: 'register', actionKey: 1n, allTargetPorts: true }]]);
    expect(state.registrations.map((one) => [one.nexus.portalGroupTag, one.allTargetPorts])).toEqual([
      [1, true],
      [2, true],
    ]);
    const gone = run([[a, { action: 'register', key: 1n, allTargetPorts: true }]], state);
    expect(gone.registrations).toEqual([]);
  });

  it('without ALL_TG_PT another target port, or another ISID, is another nexus', () => {
    const other = nexus('a', '400001370002');
    const state = run([
      [a, { action: 'register', actionKey: 1n }],
      [other, { action: 'register', actionKey: 2n }],
      [
        { ...a, portalGroupTag: 2 },
        { action: 'register', actionKey: 3n },
      ],
    ]);
    expect(keysOf(state)).toEqual([1n, 2n, 3n]);
  });

  it('SPEC_I_PT registers the named ports too, all known ones when the ISID is left out', () => {
    const first = run([
      [
        a,
        {
          action: 'register',
          actionKey: 1n,
          specifiedPorts: [
            { initiatorName: b.initiatorName, isid: '0000aa000001' },
            { initiatorName: c.initiatorName, isid: null },
          ],
        },
      ],
    ]);
    expect(first.registrations.map((one) => nexusKey(one.nexus))).toEqual([
      nexusKey(a),
      nexusKey({ ...b, isid: '0000aa000001' }),
      nexusKey(c),
    ]);
    const again = attempt(first, a, { action: 'register', key: 1n, actionKey: 5n, specifiedPorts: [] });
    expect(again).toEqual({ status: 'checkCondition', sense: senses.invalidFieldInParameterList });
  });

  it('SPEC_I_PT leaves a port that has a key alone', () => {
    const state = run([
      [b, { action: 'register', actionKey: 2n }],
      [a, { action: 'register', actionKey: 1n, specifiedPorts: [{ initiatorName: b.initiatorName, isid: b.isid }] }],
    ]);
    expect(keysOf(state)).toEqual([2n, 1n]);
  });
});

describe('unregistering the holder', () => {
  it.each([1, 3] as const)('type %i: the reservation ends and nobody is told', (type) => {
    const outcome = attempt(reserved(type), a, { action: 'register', key: 1n });
    expect(expectGood(outcome).state.reservation).toBeNull();
    expect(attentionsOf(outcome)).toEqual([]);
  });
  it.each([5, 6] as const)('type %i: the reservation ends and the other registrants are told', (type) => {
    const outcome = attempt(reserved(type), a, { action: 'register', key: 1n });
    expect(expectGood(outcome).state.reservation).toBeNull();
    expect(attentionsOf(outcome)).toEqual(['b reservationsReleased']);
  });
  it.each([7, 8] as const)('type %i: it stays until the last registrant goes', (type) => {
    const first = run([[a, { action: 'register', key: 1n }]], reserved(type));
    expect(first.reservation?.type).toBe(type);
    expect(isHolder(first, b)).toBe(true);
    expect(run([[b, { action: 'register', key: 2n }]], first).reservation).toBeNull();
  });
});

describe('RESERVE and RELEASE', () => {
  it.each(types)(
    'type %i: reserving again is GOOD for the holder, a conflict for others and for other types',
    (type) => {
      const state = reserved(type);
      expect(run([[a, { action: 'reserve', key: 1n, type }]], state)).toBe(state);
      const other: ReservationType = type === 1 ? 3 : 1;
      expect(attempt(state, a, { action: 'reserve', key: 1n, type: other }).status).toBe('reservationConflict');
      const all = type === 7 || type === 8;
      expect(attempt(state, b, { action: 'reserve', key: 2n, type }).status).toBe(all ? 'good' : 'reservationConflict');
      expect(reservationKey(state)).toBe(all ? 0n : 1n);
    },
  );

  it('does not grow the generation', () => {
    expect(reserved(5).generation).toBe(2);
    expect(run([[a, { action: 'release', key: 1n, type: 5 }]], reserved(5)).generation).toBe(2);
  });

  it('conflicts without a registration or with a wrong key', () => {
    for (const action of ['reserve', 'release', 'clear', 'preempt', 'preemptAndAbort', 'registerAndMove'] as const) {
      expect(attempt(reserved(5), c, { action, type: 5 }).status).toBe('reservationConflict');
      expect(attempt(reserved(5), a, { action, key: 8n, type: 5 }).status).toBe('reservationConflict');
    }
  });

  it('refuses a type or a scope that does not exist', () => {
    const state = run(registered);
    expect(attempt(state, a, { action: 'reserve', key: 1n, type: null })).toMatchObject({
      sense: senses.invalidFieldInCdb,
    });
    expect(attempt(state, a, { action: 'reserve', key: 1n, type: 5, scope: 2 })).toMatchObject({
      sense: senses.invalidFieldInCdb,
    });
  });

  it('a registrant that does not hold it releases nothing and gets GOOD', () => {
    const state = reserved(5);
    expect(run([[b, { action: 'release', key: 2n, type: 5 }]], state)).toBe(state);
    expect(attempt(state, a, { action: 'release', key: 1n, type: 6 })).toEqual({
      status: 'checkCondition',
      sense: senses.invalidRelease,
    });
  });

  it.each(types)('type %i: release tells the other registrants, except for types 1 and 3', (type) => {
    const outcome = attempt(reserved(type), a, { action: 'release', key: 1n, type });
    expect(expectGood(outcome).state.reservation).toBeNull();
    expect(attentionsOf(outcome)).toEqual(type === 1 || type === 3 ? [] : ['b reservationsReleased']);
  });
});
