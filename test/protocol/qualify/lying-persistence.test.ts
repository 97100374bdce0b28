import { describe } from 'vitest';
import { isHolder, nexusKey, type Nexus } from '../../../main/rehearsal/store/index.ts';
import {
  isRegistering,
  itFinds,
  keyOf,
  lyingIn,
  remember,
  swallowing,
  type Lie,
  type Lies,
} from '../../support/lying-device.ts';

/* Devices that lie about what outlives a session, and about how much they have room for: see lying-devices.test.ts. */

type Ended = ReadonlySet<string>;

/** Lies about nexuses whose session ended at least once, and about those that have none now. */
const after = (make: (ended: Ended, absent: Ended) => Lies): Lie['make'] => {
  return () => {
    const ended = new Set<string>();
    const absent = new Set<string>();
    const lies = make(ended, absent);
    return {
      ...lies,
      onFormed: (nexus, unit) => {
        absent.delete(nexusKey(nexus));
        lies.onFormed?.(nexus, unit);
      },
      onLost: (nexus, end, unit) => {
        ended.add(nexusKey(nexus));
        absent.add(nexusKey(nexus));
        lies.onLost?.(nexus, end, unit);
      },
      answers: (told) => {
        const answer = lies.answers?.(told);
        // What begins anew is a stranger no more.
        if (told.out?.action === 'reserve') ended.delete(nexusKey(told.nexus));
        return answer;
      },
    };
  };
};

const isIn = (set: Ended, nexus: Nexus | null | undefined): boolean => nexus != null && set.has(nexusKey(nexus));

/** While whoever holds is as told, the reservation keeps nobody from writing. */
const unenforced = (when: (ended: Ended, absent: Ended, holder: Nexus | null | undefined) => boolean): Lie['make'] =>
  after((ended, absent) => ({
    admits: ({ state, truth }) => truth() || when(ended, absent, state.reservation?.holder),
  }));

const outliving: readonly Lie[] = [
  {
    lie: 'the reservation is shown after the logout of its holder, and not enforced',
    id: 'Reservations.Persistence.SurvivesLogout',
    because:
      /^after the holder’s logout the other initiator may write \(SYNCHRONIZE CACHE: GOOD; WRITE of no block: GOOD\)/,
    make: unenforced((_ended, absent, holder) => isIn(absent, holder)),
  },
  {
    lie: 'the keys are forgotten at the logout, the reservation is not',
    id: 'Reservations.Persistence.SurvivesLogout',
    because: /^after the holder’s logout its reservation is gone$/,
    make: after(() => ({
      onLost: (nexus, _end, unit) =>
        remember(unit, (state) => ({
          ...state,
          registrations: state.registrations.filter((one) => nexusKey(one.nexus) !== nexusKey(nexus)),
        })),
    })),
  },
  {
    lie: 'the reservation ends with the next logon of its holder',
    id: 'Reservations.Persistence.SurvivesLogout',
    because: /^after the holder’s next logon its reservation is gone/,
    make: after(() => ({
      onFormed: (nexus, unit) =>
        remember(unit, (state) => (isHolder(state, nexus) ? { ...state, reservation: null } : state)),
    })),
  },
  {
    lie: 'after a cut connection the reservation is shown and not enforced',
    id: 'Reservations.Persistence.SurvivesCut',
    because: /^after the connection was cut the other initiator may write/,
    make: () => {
      const cut = new Set<string>();
      return {
        onLost: (nexus, end) => void (end === 'cut' ? cut.add(nexusKey(nexus)) : cut.delete(nexusKey(nexus))),
        admits: ({ state, truth }) => truth() || isIn(cut, state.reservation?.holder),
      };
    },
  },
  {
    lie: 'a cut connection ends the key, not the reservation',
    id: 'Reservations.Persistence.SurvivesCut',
    because: /^after the connection was cut the reservation is gone$/,
    make: () => ({
      onLost: (nexus, end, unit) => {
        if (end !== 'cut') return;
        remember(unit, (state) => ({
          ...state,
          registrations: state.registrations.filter((one) => nexusKey(one.nexus) !== nexusKey(nexus)),
        }));
      },
    }),
  },
  {
    lie: 'after a cut connection the other node is shown no key',
    id: 'Reservations.Persistence.SurvivesCut',
    because: /^the key 0x51524154\w{8} is not among the registered keys \(none\)/,
    make: () => {
      let isCut = false;
      return {
        onLost: (_nexus, end) => {
          if (end === 'cut') isCut = true;
        },
        answers: ({ out, asked, role, showing, unit }) => {
          if (out?.action === 'reserve') isCut = false;
          return isCut && asked === 'readKeys' && role === 'B'
            ? showing({ ...unit.reservations, registrations: [] })
            : undefined;
        },
      };
    },
  },
  {
    lie: 'after its next logon the holder is refused until it registers again',
    id: 'Reservations.Persistence.KnowsHolderAgain',
    because: /^the same name and ISID is refused after its next logon/,
    overall: 'qualified',
    make: () => {
      const strangers = new Set<string>();
      return {
        onLost: (nexus) => void strangers.add(nexusKey(nexus)),
        answers: ({ out, nexus }) => {
          if (isRegistering(out)) strangers.delete(nexusKey(nexus));
          return undefined;
        },
        admits: ({ nexus, access, state, truth }) =>
          truth() &&
          !(access !== 'always' && access !== 'read' && state.reservation !== null && isIn(strangers, nexus)),
      };
    },
  },
  {
    lie: 'after its next logon a node is refused although it registered again and took the disk back',
    id: 'Reservations.Persistence.TakesBack',
    because: /^the node is still refused/,
    make: after((ended) => ({
      admits: ({ nexus, access, isHolder: holds, truth }) =>
        truth() && !(access !== 'always' && access !== 'read' && holds && isIn(ended, nexus)),
    })),
  },
  {
    lie: 'what a node took back after its logon keeps nobody from writing',
    id: 'Reservations.Persistence.TakesBack',
    because: /^meanwhile the other initiator may write/,
    make: () => {
      const back = new Set<string>();
      const lost = new Set<string>();
      return {
        onLost: (nexus) => void lost.add(nexusKey(nexus)),
        answers: ({ out, nexus, unit }) => {
          if (out?.action === 'reserve') lost.delete(nexusKey(nexus));
          if (isRegistering(out) && isIn(lost, nexus) && keyOf(unit.reservations, nexus) !== undefined)
            back.add(nexusKey(nexus));
          if (out?.action === 'reserve') back.clear();
          return undefined;
        },
        admits: ({ state, truth }) => truth() || isIn(back, state.reservation?.holder),
      };
    },
  },
  {
    lie: 'LOGICAL UNIT RESET leaves the reservation shown and not enforced',
    id: 'Reservations.Persistence.SurvivesReset',
    because: /^after LOGICAL UNIT RESET the other initiator may write/,
    make: () => {
      let isReset = false;
      return {
        tells: (sense) => {
          if (sense === 'busDeviceReset') isReset = true;
          return sense;
        },
        answers: ({ out }) => {
          if (out?.action === 'reserve') isReset = false;
          return undefined;
        },
        admits: ({ truth }) => truth() || isReset,
      };
    },
  },
];

const capacity: readonly Lie[] = [
  {
    lie: 'a full table drops further keys and answers GOOD',
    id: 'Reservations.Registrations.Capacity',
    because: /^4 keys were registered, 3 are shown/,
    make: swallowing(
      (out, { unit, nexus }) =>
        isRegistering(out) &&
        unit.reservations.registrations.length >= 3 &&
        keyOf(unit.reservations, nexus) === undefined,
    ),
  },
  {
    lie: 'a full table answers with INSUFFICIENT REGISTRATION RESOURCES',
    id: 'Reservations.Registrations.Capacity',
    because:
      /^after 3 registrations the next one was answered with CHECK CONDITION.*; 4 are needed \(2 nodes x 2 paths\)/,
    make: () => ({}),
    target: { faults: ['registrations-short:3'] },
  },
];

describe.each(lyingIn)('a device that lies about what outlives a session (%s)', (kind) => {
  itFinds(kind, [...outliving, ...capacity]);
});
