import { describe } from 'vitest';
import { nexusKey, type Nexus, type OutRequest, type ReservationState } from '../../../main/rehearsal/store/index.ts';
import {
  admitting,
  answering,
  check,
  conflict,
  doingMore,
  good,
  holdsIt,
  isIn,
  isPreempting,
  isRegistering,
  isUnregistering,
  itFinds,
  keyOf,
  lyingIn,
  swallowing,
  victimsOf,
  type Lie,
  type Lies,
  type Told,
} from '../../support/lying-device.ts';

/* Devices that lie where a disk goes from one node to another and is let go: see lying-devices.test.ts. */

const isPreempt = ({ action }: OutRequest): boolean => action === 'preempt';
const isPreemptAndAbort = ({ action }: OutRequest): boolean => action === 'preemptAndAbort';
const isRelease = ({ action }: OutRequest): boolean => action === 'release';
const isClear = ({ action }: OutRequest): boolean => action === 'clear';

/** The registrations that PREEMPT removed are there again. */
const keepVictims = ({ remember }: Told, before: ReservationState): void =>
  remember((state) => ({
    ...state,
    registrations: [
      ...before.registrations.filter((one) => keyOf(state, one.nexus) === undefined),
      ...state.registrations,
    ],
  }));

const takeNothingOver = ({ remember }: Told): void => remember((state) => ({ ...state, reservation: null }));

/** Those that such a PREEMPT drove out may still write, until they register again. */
const stillAdmitting = (isMeant: (told: Told, victim: Nexus) => boolean): Lies => {
  const driven = new Set<string>();
  return {
    answers: (told) => {
      if (isPreempting(told.out))
        for (const victim of victimsOf(told)) if (isMeant(told, victim)) driven.add(nexusKey(victim));
      if (isRegistering(told.out)) driven.delete(nexusKey(told.nexus));
      return undefined;
    },
    admits: ({ nexus, truth }) => driven.has(nexusKey(nexus)) || truth(),
  };
};

/** Which nexuses have a session: a lie that looks at it is told of every logon. */
const present = (): { lies: Pick<Lies, 'onFormed' | 'onLost'>; isHere: (nexus: Nexus) => boolean } => {
  const here = new Set<string>();
  return {
    lies: {
      onFormed: (nexus) => void here.add(nexusKey(nexus)),
      onLost: (nexus) => void here.delete(nexusKey(nexus)),
    },
    isHere: (nexus) => here.has(nexusKey(nexus)),
  };
};

const ofAbsent = (make: (isOfAbsent: (told: Told) => boolean) => Lies): Lies => {
  const { lies, isHere } = present();
  return { ...make((told) => victimsOf(told).some((one) => !isHere(one))), ...lies };
};

/** Each command that only a registrant may send, or only with its own key, is answered with GOOD and has no effect. */
const unchecked: readonly { lie: string; is: (out: OutRequest, told: Told) => boolean; because: RegExp }[] = [
  {
    lie: 'RELEASE of an unregistered initiator is answered with GOOD',
    is: (out, told) => isRelease(out) && !isIn(told),
    because: /^RELEASE by an initiator that is not registered was answered with GOOD instead of RESERVATION CONFLICT/,
  },
  {
    lie: 'PREEMPT of an unregistered initiator is answered with GOOD',
    is: (out, told) => isPreempt(out) && !isIn(told),
    because: /^PREEMPT by an initiator that is not registered was answered with GOOD instead of RESERVATION CONFLICT/,
  },
  {
    lie: 'RELEASE with a wrong key is answered with GOOD',
    is: (out, told) => isRelease(out) && isIn(told) && keyOf(told.unit.reservations, told.nexus) !== out.key,
    because: /^RELEASE with a wrong key was answered with GOOD instead of RESERVATION CONFLICT/,
  },
  {
    lie: 'REGISTER with a wrong key is answered with GOOD',
    is: (out, told) => out.action === 'register' && isIn(told) && keyOf(told.unit.reservations, told.nexus) !== out.key,
    because: /^REGISTER with a wrong key was answered with GOOD instead of RESERVATION CONFLICT/,
  },
  {
    lie: 'a first REGISTER with a key is answered with GOOD',
    is: (out, told) => out.action === 'register' && isRegistering(out) && !isIn(told) && out.key !== 0n,
    because: /^a first REGISTER with a key was answered with GOOD instead of RESERVATION CONFLICT/,
  },
  {
    lie: 'CLEAR of an unregistered initiator is answered with GOOD',
    is: (out, told) => isClear(out) && !isIn(told),
    because: /^CLEAR by an initiator that is not registered was answered with GOOD instead of RESERVATION CONFLICT/,
  },
];

const preempting: readonly Lie[] = [
  {
    lie: 'PREEMPT keeps the key of whom it drives out',
    id: 'Reservations.Preempt.TakesOver',
    because: /^2 keys are registered instead of 1/,
    make: doingMore(isPreempt, keepVictims),
  },
  {
    lie: 'PREEMPT is answered with GOOD and has no effect',
    id: 'Reservations.Preempt.TakesOver',
    because: /^2 keys are registered instead of 1/,
    make: swallowing(isPreempt),
  },
  {
    lie: 'PREEMPT removes the key and takes nothing over',
    id: 'Reservations.Preempt.TakesOver',
    because: /^after PREEMPT the second initiator is not the holder/,
    make: doingMore(isPreempt, takeNothingOver),
  },
  {
    lie: 'PREEMPT is not enforced',
    id: 'Reservations.Preempt.TakesOver',
    because: /^the initiator that was driven out can still write \(SYNCHRONIZE CACHE: GOOD; WRITE of no block: GOOD\)/,
    make: () => stillAdmitting(() => true),
  },
  {
    lie: 'the generation does not count PREEMPT',
    id: 'Reservations.Preempt.Generation',
    because: /^PREEMPT left the generation at \d+/,
    make: doingMore(isPreempt, ({ remember }, { generation }) => remember((state) => ({ ...state, generation }))),
  },
  {
    lie: 'the generation does not count registrations',
    id: 'Reservations.Preempt.Generation',
    because: /^two registrations left the generation at \d+/,
    make: doingMore(isRegistering, ({ remember }, { generation }) => remember((state) => ({ ...state, generation }))),
  },
  {
    lie: 'who was driven out is told something else',
    id: 'Reservations.Preempt.UnitAttention',
    because: /INQUIRY DATA HAS CHANGED|3Fh.* instead of a unit attention of 2Ah/,
    overall: 'qualified',
    make: () => ({ tells: (sense) => (sense === 'registrationsPreempted' ? 'inquiryDataChanged' : sense) }),
  },
  {
    lie: 'PREEMPT AND ABORT keeps the key of whom it drives out',
    id: 'Reservations.Preempt.AndAbort',
    because: /^2 keys are registered instead of 1/,
    overall: 'qualified',
    make: doingMore(isPreemptAndAbort, keepVictims),
  },
  {
    lie: 'PREEMPT AND ABORT takes nothing over',
    id: 'Reservations.Preempt.AndAbort',
    because: /^after PREEMPT AND ABORT the second initiator is not the holder/,
    overall: 'qualified',
    make: doingMore(isPreemptAndAbort, takeNothingOver),
  },
  {
    lie: 'PREEMPT of an initiator without a session is answered with GOOD and has no effect',
    id: 'Reservations.Preempt.OfGoneNode',
    because: /^2 keys are registered instead of 1/,
    make: () =>
      ofAbsent((isOfAbsent) => ({
        answers: (told) => (told.out && isPreempt(told.out) && isOfAbsent(told) ? good : undefined),
      })),
  },
  {
    lie: 'PREEMPT of an initiator without a session takes nothing over',
    id: 'Reservations.Preempt.OfGoneNode',
    because: /^after PREEMPT of a node that is gone the second initiator is not the holder/,
    make: () =>
      ofAbsent((isOfAbsent) => doingMore((out, told) => isPreempt(out) && isOfAbsent(told), takeNothingOver)()),
  },
  {
    lie: 'PREEMPT of an initiator without a session is not enforced when it comes back',
    id: 'Reservations.Preempt.OfGoneNode',
    because: /^the node that was driven out comes back and can still write/,
    make: () => {
      const { lies, isHere } = present();
      return { ...stillAdmitting((_told, victim) => !isHere(victim)), ...lies };
    },
  },
];

const keys: readonly Lie[] = [
  ...unchecked.map(({ lie, is, because }): Lie => ({
    lie,
    id: 'Reservations.Keys.Checked',
    because,
    make: swallowing(is),
  })),
  {
    lie: 'a refused CLEAR ends the reservation all the same',
    id: 'Reservations.Keys.Checked',
    because: /^after refused commands the first initiator is no longer the holder/,
    make: () => ({
      answers: (told) => {
        if (!told.out || !isClear(told.out) || isIn(told)) return undefined;
        takeNothingOver(told);
        return conflict;
      },
    }),
  },
  {
    lie: 'the other path of the holder is refused',
    id: 'Reservations.Paths.OneKey',
    because: /^the other path of the holder is refused/,
    make: admitting(({ nexus, access, state, isHolder, truth }) => {
      const held = state.reservation?.holder ? keyOf(state, state.reservation.holder) : undefined;
      return truth() && (access === 'read' || isHolder || held === undefined || keyOf(state, nexus) !== held);
    }),
  },
  {
    lie: 'one key registered over two paths is shown once',
    id: 'Reservations.Paths.OneKey',
    because: /^the key 0x51524154\w{8} is registered 1 times instead of 2/,
    make: answering(
      ({ asked }) => asked === 'readKeys',
      ({ unit, showing }) => {
        const state = unit.reservations;
        const registrations = state.registrations.filter(
          (one, at, all) => all.findIndex(({ key }) => key === one.key) === at,
        );
        return showing({ ...state, registrations });
      },
    ),
  },
  {
    lie: 'one key registered over two paths is shown once to the other node',
    id: 'Reservations.Paths.OneKey',
    because: /^the key 0x51524154\w{8} is registered 1 times instead of 2/,
    make: answering(
      ({ asked, role }) => asked === 'readKeys' && role === 'B',
      ({ unit, showing }) => {
        const state = unit.reservations;
        const registrations = state.registrations.filter(
          (one, at, all) => all.findIndex(({ key }) => key === one.key) === at,
        );
        return showing({ ...state, registrations });
      },
    ),
  },
  {
    lie: 'RELEASE over one path ends the registrations of both',
    id: 'Reservations.Paths.OneKey',
    because: /^the key 0x51524154\w{8} is not among the registered keys \(none\)/,
    make: doingMore(
      (out, { unit }) => isRelease(out) && unit.reservations.registrations.length > 1,
      ({ remember, out }) =>
        remember((state) => ({ ...state, registrations: state.registrations.filter(({ key }) => key !== out?.key) })),
    ),
  },
  {
    lie: 'the second path of a node that was driven out may still write',
    id: 'Reservations.Paths.OneKey',
    because: /^the other path of the node that was driven out can still write/,
    make: () =>
      stillAdmitting(
        ({ unit, out }, victim) =>
          unit.reservations.registrations.filter(({ key }) => key === out?.actionKey).length > 1 &&
          !(
            unit.reservations.reservation?.holder && nexusKey(unit.reservations.reservation.holder) === nexusKey(victim)
          ),
      ),
  },
];

/** After a RELEASE the others are refused for as long as anybody is registered. */
const refusingAfterRelease: Lie['make'] = () => {
  let isReleased = false;
  return {
    answers: (told) => {
      if (told.out && isRelease(told.out) && holdsIt(told)) isReleased = true;
      if (told.out?.action === 'reserve' || isUnregistering(told.out)) isReleased = false;
      return undefined;
    },
    admits: ({ access, isRegistered, state, truth }) =>
      truth() &&
      !(isReleased && state.registrations.length > 0 && (access === 'write' || access === 'control') && !isRegistered),
  };
};

const letting: readonly Lie[] = [
  {
    lie: 'RELEASE is answered with GOOD and has no effect',
    id: 'Reservations.Release.Ends',
    because: /^after RELEASE there still is a reservation/,
    make: swallowing(isRelease),
  },
  {
    lie: 'RELEASE is refused',
    id: 'Reservations.Release.Ends',
    because: /^RELEASE was answered with CHECK CONDITION/,
    make: swallowing(isRelease, check('invalidRelease')),
  },
  {
    lie: 'RELEASE ends the registration too',
    id: 'Reservations.Release.Ends',
    because: /^the key 0x51524154\w{8} is not among the registered keys/,
    make: doingMore(
      (out, told) => isRelease(out) && holdsIt(told),
      ({ remember, nexus }) =>
        remember((state) => ({
          ...state,
          registrations: state.registrations.filter((one) => nexusKey(one.nexus) !== nexusKey(nexus)),
        })),
    ),
  },
  {
    lie: 'after RELEASE the others are still refused',
    id: 'Reservations.Release.Ends',
    because: /^after RELEASE the other initiator is still refused/,
    make: refusingAfterRelease,
  },
  {
    lie: 'the reservation outlives the registration of its holder',
    id: 'Reservations.Release.ByUnregister',
    because: /^the reservation outlived the registration of its holder/,
    make: doingMore(isUnregistering, ({ remember }, { reservation }) =>
      remember((state) => ({ ...state, reservation })),
    ),
  },
  {
    lie: 'CLEAR keeps the reservation',
    id: 'Reservations.Clear.Removes',
    because: /^after CLEAR there still is a reservation/,
    make: doingMore(isClear, ({ remember }, { reservation }) => remember((state) => ({ ...state, reservation }))),
  },
  {
    lie: 'CLEAR is answered with GOOD and has no effect',
    id: 'Reservations.Clear.Removes',
    because: /^after CLEAR 2 keys are registered/,
    make: swallowing(isClear),
  },
  {
    lie: 'CLEAR removes the key of whom sends it alone',
    id: 'Reservations.Clear.Removes',
    because: /^after CLEAR 1 keys are registered/,
    make: doingMore(isClear, ({ remember, nexus }, { registrations }) =>
      remember((state) => ({
        ...state,
        registrations: registrations.filter((one) => nexusKey(one.nexus) !== nexusKey(nexus)),
      })),
    ),
  },
  {
    lie: 'CLEAR is refused',
    id: 'Reservations.Clear.Removes',
    because: /^CLEAR was answered with CHECK CONDITION/,
    make: swallowing(isClear, check('invalidFieldInCdb')),
  },
];

const status: readonly Lie[] = [
  {
    lie: 'READ FULL STATUS names another initiator',
    because: /^the key of iqn\.\S+ is shown as that of iqn\.2026-01\.example:another/,
    change: (state: ReservationState): ReservationState => ({
      ...state,
      registrations: state.registrations.map((one) => ({
        ...one,
        nexus: { ...one.nexus, initiatorName: 'iqn.2026-01.example:another' },
      })),
    }),
  },
  {
    lie: 'READ FULL STATUS leaves a registration out',
    because: /^the full status leaves out 0x[0-9a-f]{16}, which READ KEYS shows/,
    change: (state: ReservationState): ReservationState => ({
      ...state,
      registrations: state.registrations.slice(1),
    }),
  },
  {
    lie: 'READ FULL STATUS shows no holder',
    because: /^iqn\.\S+ is shown as if it held nothing/,
    change: (state: ReservationState): ReservationState => ({ ...state, reservation: null }),
  },
].map(({ lie, because, change }): Lie => ({
  lie,
  id: 'Reservations.Status.Owners',
  because,
  overall: 'qualified',
  make: answering(
    ({ asked }) => asked === 'readFullStatus',
    ({ showing, unit }) => showing(change(unit.reservations)),
  ),
}));

describe.each(lyingIn)('a device that lies about a handover (%s)', (kind) => {
  itFinds(kind, [...preempting, ...keys, ...letting, ...status]);
});
