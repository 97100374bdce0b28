import {
  describeReservationType,
  RESERVATION_TYPES,
  reservationTypeCode,
  type ReservationType,
} from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import { failed, inconclusive } from '../runner/not-passed.ts';
import { isConflict } from '../runner/absence.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { probeRead, probeWrite } from './probes.ts';
import { orProven } from './proven.ts';
import { judgingWrites } from './write-rule.ts';
import { decidingType, onFreeUnit } from './steps.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

/** Access of another I_T nexus while a reservation is held: SPC-4 table 50 and SBC-3 table 13, in four booleans a type. */
const standardAccess: Record<ReservationType, { registered: [boolean, boolean]; unregistered: [boolean, boolean] }> = {
  writeExclusive: { registered: [true, false], unregistered: [true, false] },
  exclusiveAccess: { registered: [false, false], unregistered: [false, false] },
  writeExclusiveRegistrantsOnly: { registered: [true, true], unregistered: [true, false] },
  exclusiveAccessRegistrantsOnly: { registered: [true, true], unregistered: [false, false] },
  writeExclusiveAllRegistrants: { registered: [true, true], unregistered: [true, false] },
  exclusiveAccessAllRegistrants: { registered: [true, true], unregistered: [false, false] },
};

type Access = [read: boolean | null, write: boolean | null];

const rowOf = ({ registered, unregistered }: { registered: Access; unregistered: Access }) => ({
  registeredMayRead: registered[0],
  registeredMayWrite: registered[1],
  unregisteredMayRead: unregistered[0],
  unregisteredMayWrite: unregistered[1],
});

/** One case a type: the four-booleans table. Only the deciding type counts for the verdict. */
export const accessCases: readonly CaseDefinition[] = RESERVATION_TYPES.map(({ type, short, name }) => ({
  id: `Reservations.Access.${short}`,
  title: `Who may read and write under ${name}`,
  required: type === decidingType,
  needs: 'reservations' as const,
  meaning:
    type === decidingType
      ? 'Nodes that should write cannot, or one that must not can.'
      : 'For information: clustering is said to use Write Exclusive - Registrants Only.',
  askVendor: 'Show the vendor the access table of the report.',
  source: sources.spc4('5.13.1, table 50'),
  run: orProven(
    `Reservations.Access.${short}`,
    judgingWrites(
      onFreeUnit(async (laboratory) => {
        await laboratory.registerAndLook(laboratory.a, laboratory.keyA);
        const taken = await laboratory.reserveOut(
          laboratory.a,
          `Putting PR reserve: ${describeReservationType(reservationTypeCode(type))}`,
          {
            action: 'reserve',
            type,
            key: laboratory.keyA,
          },
        );
        if (!taken.ok) {
          laboratory.accessTable.push({
            type: name,
            registeredMayRead: null,
            registeredMayWrite: null,
            unregisteredMayRead: null,
            unregisteredMayWrite: null,
            isAsTheStandardSays: null,
          });
          throw failed(`RESERVE was answered with ${describeOutcome(taken)}: the device does not have this type`);
        }
        const wanted = standardAccess[type];
        const open: string[] = [];
        let because: string | null = null;
        const look = async (access: [boolean, boolean]): Promise<Access> => {
          const [read, write] = await together([
            probeRead(laboratory, laboratory.b, !access[0]),
            probeWrite(laboratory, laboratory.b, !access[1]),
          ]);
          const mayRead = read.ok ? true : isConflict(read) ? false : null;
          if (mayRead === null) open.push(`READ: ${describeOutcome(read)}`);
          if (write.mayWrite === null) because ??= write.because;
          if (write.mayWrite === null) open.push(write.answers);
          return [mayRead, write.mayWrite];
        };
        const unregistered = await look(wanted.unregistered);
        await laboratory.register(laboratory.b, laboratory.keyB);
        const registered = await look(wanted.registered);
        const isAsTheStandardSays =
          open.length > 0
            ? null
            : JSON.stringify([registered, unregistered]) === JSON.stringify([wanted.registered, wanted.unregistered]);
        laboratory.accessTable.push({ type: name, ...rowOf({ registered, unregistered }), isAsTheStandardSays });
        if (isAsTheStandardSays === null)
          throw inconclusive(because ?? `who may read and write is not known (${open.join('; ')})`);
        const words = ([read, write]: Access): string =>
          `${read ? 'reads' : 'does not read'}, ${write ? 'writes' : 'does not write'}`;
        if (!isAsTheStandardSays)
          throw failed(
            `a registered initiator ${words(registered)} (the standard: ${words(wanted.registered)}); one that is not registered ${words(unregistered)} (the standard: ${words(wanted.unregistered)})`,
          );
      }),
    ),
    // Found to be as the standard says.
    async ({ accessTable }) =>
      void accessTable.push({ type: name, ...rowOf(standardAccess[type]), isAsTheStandardSays: true }),
  ),
}));
