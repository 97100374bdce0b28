import { describe } from 'vitest';
import { nexusKey, type Nexus } from '../../../main/rehearsal/store/index.ts';
import {
  admitting,
  answering,
  changed,
  check,
  conflict,
  doingMore,
  good,
  holdsIt,
  isIn,
  isRegistering,
  isUnregistering,
  itFinds,
  keyOf,
  lyingIn,
  swallowing,
  type Lie,
  type Told,
} from '../../support/lying-device.ts';

/*
 * Each row is a device that does one thing wrong and everything else right: the case that judges it has to say so, the verdict
 * has to follow, and the logical unit has to be left as it was found. Here: registering and reserving.
 */

const isRealWrite = ({ name, cdb }: Told): boolean => name === 'write-10' && cdb.readUInt16BE(7) > 0;

/** A key that was replaced is kept in the list for as long as its nexus is registered. */
const showingReplaced: Lie['make'] = () => {
  const replaced = new Map<string, { nexus: Nexus; key: bigint }>();
  return {
    answers: (told) => {
      const { out, asked, nexus, unit } = told;
      const old = keyOf(unit.reservations, nexus);
      if (isRegistering(out) && old !== undefined && old !== out?.actionKey)
        replaced.set(nexusKey(nexus), { nexus, key: old });
      if (asked !== 'readKeys') return undefined;
      const state = unit.reservations;
      const also = [...replaced.values()]
        .filter((one) => keyOf(state, one.nexus) !== undefined)
        .map((one) => ({ ...one, allTargetPorts: false }));
      return told.showing({ ...state, registrations: [...state.registrations, ...also] });
    },
  };
};

const lies: readonly Lie[] = [
  {
    lie: 'REGISTER is answered with GOOD and has no effect',
    id: 'Reservations.Register.Register',
    because: /^the key 0x51524154\w{8} is not among the registered keys \(none\)/,
    make: swallowing((out) => out.action === 'register' && isRegistering(out) && out.key === 0n),
  },
  {
    lie: 'READ KEYS shows every key twice',
    id: 'Reservations.Register.Register',
    because: /^the key 0x51524154\w{8} is registered 2 times instead of 1/,
    make: answering(
      ({ asked }) => asked === 'readKeys',
      ({ unit, showing }) => {
        const state = unit.reservations;
        return showing({ ...state, registrations: [...state.registrations, ...state.registrations] });
      },
    ),
  },
  {
    lie: 'a key that was replaced is still shown beside the new one',
    id: 'Reservations.Register.IgnoreExisting',
    because: /^2 keys are registered instead of 1/,
    make: showingReplaced,
  },
  {
    lie: 'unregistering is answered with GOOD and has no effect',
    id: 'Reservations.Register.Unregister',
    because: /^1 keys are registered instead of 0/,
    make: swallowing((out) => out.action === 'registerAndIgnore' && isUnregistering(out)),
  },
  {
    lie: 'READ RESERVATION shows another key',
    id: 'Reservations.Reserve.Held',
    because: /^the reservation is shown with the key 0x51524154\w{6}fe, not 0x51524154/,
    make: answering(
      ({ asked }) => asked === 'readReservation',
      ({ truth }) => changed(truth(), (data) => data.length > 8 && data.writeUInt8(0xfe, 15)),
    ),
  },
  {
    lie: 'READ RESERVATION shows another type',
    id: 'Reservations.Reserve.Held',
    because: /^the reservation is shown as Exclusive Access - Registrants Only/,
    make: answering(
      ({ asked }) => asked === 'readReservation',
      ({ truth }) => changed(truth(), (data) => data.length > 8 && data.readUInt8(21) === 5 && data.writeUInt8(6, 21)),
    ),
  },
  {
    lie: 'the other initiator is shown no reservation',
    id: 'Reservations.Reserve.Held',
    because: /^the other initiator sees no reservation/,
    make: answering(
      ({ asked, role }) => asked === 'readReservation' && role === 'B',
      (told) => told.showing({ ...told.unit.reservations, reservation: null }),
    ),
  },
  {
    lie: 'RESERVE of an unregistered initiator is answered with GOOD and has no effect',
    id: 'Reservations.Reserve.NeedsRegistration',
    because: /^an initiator that is not registered could reserve/,
    make: swallowing((out, told) => out.action === 'reserve' && !isIn(told)),
  },
  {
    lie: 'an unregistered initiator reserves',
    id: 'Reservations.Reserve.NeedsRegistration',
    because: /^an initiator that is not registered could reserve/,
    make: () => ({
      answers: (told) => {
        const { out, nexus, unit } = told;
        if (out?.action !== 'reserve' || out.type === null || isIn(told) || unit.reservations.reservation)
          return undefined;
        const reservation = { type: out.type, holder: nexus };
        told.remember((state) => ({ ...state, reservation }));
        return good;
      },
    }),
  },
  {
    lie: 'RESERVE of an unregistered initiator is an invalid field',
    id: 'Reservations.Reserve.NeedsRegistration',
    because: /^an unregistered RESERVE was answered with CHECK CONDITION.* instead of RESERVATION CONFLICT/,
    make: swallowing((out, told) => out.action === 'reserve' && !isIn(told), check('invalidFieldInParameterList')),
  },
  {
    lie: 'reads of an unregistered initiator are refused',
    id: 'Reservations.Conflict.UnregisteredReader',
    because: /^reading was answered with RESERVATION CONFLICT/,
    make: admitting(
      ({ access, state, isRegistered, truth }) =>
        truth() && (access !== 'read' || isRegistered || state.reservation?.type !== 5),
    ),
  },
  {
    lie: 'a real WRITE does not conflict, WRITE of no block does',
    id: 'Reservations.Conflict.RealWrite',
    because: /^the write of an initiator that is not registered was answered with GOOD/,
    make: answering(
      (told) => isRealWrite(told) && told.unit.reservations.reservation !== null && !isIn(told),
      () => good,
    ),
  },
  {
    lie: 'the WRITE of the holder is refused',
    id: 'Reservations.Conflict.RealWrite',
    because: /^the holder of the reservation cannot write: RESERVATION CONFLICT/,
    make: answering(
      (told) => isRealWrite(told) && holdsIt(told),
      () => conflict,
    ),
  },
  ...(['write', 'control'] as const).map((refused): Lie => ({
    lie: `a registered initiator that does not hold is refused one of the two commands (${refused})`,
    id: 'Reservations.Second.RegistersAndWrites',
    because:
      refused === 'write'
        ? /^a registered initiator is refused \(SYNCHRONIZE CACHE: GOOD; WRITE of no block: RESERVATION CONFLICT\)/
        : /^a registered initiator is refused \(SYNCHRONIZE CACHE: RESERVATION CONFLICT; WRITE of no block: GOOD\)/,
    make: admitting(
      ({ access, state, isHolder, isRegistered, truth }) =>
        truth() && !(access === refused && isRegistered && !isHolder && state.reservation?.type === 5),
    ),
  })),
  {
    lie: 'a registered initiator that does not hold is refused',
    id: 'Reservations.Second.RegistersAndWrites',
    because: /^a registered initiator is refused/,
    whenGuarded: {
      verdict: 'inconclusive',
      overall: 'inconclusive',
      because: /^the target takes two sessions of \S+ for one initiator, and admits no other name/,
    },
    make: admitting(
      ({ access, state, isHolder, isRegistered, truth }) =>
        truth() && !(access !== 'read' && isRegistered && !isHolder && state.reservation?.type === 5),
    ),
  },
  {
    lie: 'a second registration takes the reservation',
    id: 'Reservations.Second.KeepsHolder',
    because: /^after the second registration the first initiator is no longer the holder/,
    make: doingMore(isRegistering, ({ remember, nexus, unit }) => {
      const held = unit.reservations.reservation;
      if (held?.holder) remember((state) => ({ ...state, reservation: { ...held, holder: nexus } }));
    }),
  },
  {
    lie: 'RESERVE of a second initiator is answered with GOOD',
    id: 'Reservations.Second.KeepsHolder',
    because: /^a second RESERVE was answered with GOOD instead of RESERVATION CONFLICT/,
    make: swallowing(
      (out, told) => out.action === 'reserve' && told.unit.reservations.reservation !== null && !holdsIt(told),
    ),
  },
];

describe.each(lyingIn)('a device that lies about registering and reserving (%s)', (kind) => {
  itFinds(kind, lies);
});
