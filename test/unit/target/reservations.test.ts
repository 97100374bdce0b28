import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterPowerLoss,
  applyReserveOut,
  conflicts,
  isHolder,
  nexusKey,
  noReservations,
  reservationKey,
  reservationTypes,
  reserveOut,
  senses,
  type Nexus,
  type OutContext,
  type OutOutcome,
  type OutRequest,
  type ReservationState,
  type ReservationType,
} from '../../../main/rehearsal/store/index.ts';

const nexus = (name: string, isid = '400001370001', portalGroupTag = 1): Nexus => ({
  initiatorName: `iqn.2026-01.test:${name}`,
  isid,
  portalGroupTag,
});
const a = nexus('a');
const b = nexus('b');
const c = nexus('c');
const context: OutContext = { portalGroupTags: [1, 2], knownNexuses: [a, b, c], maxRegistrations: 8 };
const types = Object.keys(reservationTypes).map(Number) as ReservationType[];

type Step = [Nexus, Partial<OutRequest> & Pick<OutRequest, 'action'>];

const expectGood = (outcome: OutOutcome) => {
  if (outcome.status !== 'good') throw new Error(`expected good, got ${JSON.stringify(outcome)}`);
  return outcome;
};
const run = (steps: Step[], from: ReservationState = noReservations): ReservationState =>
  steps.reduce(
    (state, [who, request]) => expectGood(applyReserveOut(state, who, reserveOut(request), context)).state,
    from,
  );
const attempt = (state: ReservationState, who: Nexus, request: Step[1], around = context): OutOutcome =>
  applyReserveOut(state, who, reserveOut(request), around);
const keysOf = (state: ReservationState) => state.registrations.map((one) => one.key);
const attentionsOf = (outcome: OutOutcome) =>
  expectGood(outcome).unitAttentions.map((one) => `${one.nexus.initiatorName.slice(-1)} ${one.sense}`);

const registered: Step[] = [
  [a, { action: 'register', actionKey: 1n }],
  [b, { action: 'register', actionKey: 2n }],
];
const reserved = (type: ReservationType): ReservationState =>
  run([...registered, [a, { action: 'reserve', key: 1n, type }]]);

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
