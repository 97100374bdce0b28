import { formatReservationKey, type ReservationType } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import type { Figures } from '../runner/proofs.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { failed } from '../runner/not-passed.ts';
import { orProven } from './proven.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { together } from '../runner/together.ts';
import { sources } from './sources.ts';

/** The type that decides: Write Exclusive, Registrants Only. The others are reported as information. */
export const decidingType: ReservationType = 'writeExclusiveRegistrantsOnly';

/** Where persistent reservations are described. */
export const prOut = sources.spc4('5.13');

/** Starts with a free device and leaves it free, whatever happens in between. */
export const onFreeUnit =
  (run: (laboratory: Laboratory, figures: Figures) => Promise<void>): CaseDefinition['run'] =>
  async (laboratory, figures) => {
    await laboratory.needFreeUnit();
    try {
      await run(laboratory, figures);
    } finally {
      await laboratory.cleanUp();
    }
  };

/** The first initiator registers and reserves as clustering does. */
export const holdDeciding = async (laboratory: Laboratory): Promise<void> => {
  await laboratory.registerAndLook(laboratory.a, laboratory.keyA);
  await laboratory.reserve(laboratory.a, laboratory.keyA, decidingType);
};

/** The same, and meanwhile something of the second initiator for which it does not matter whether the first one holds already. */
export const holdWhile = async <T>(laboratory: Laboratory, meanwhile: () => Promise<T>): Promise<T> => {
  const { a, keyA } = laboratory;
  await laboratory.registerAndLook(a, keyA);
  const [, value] = await together([laboratory.reserve(a, keyA, decidingType), meanwhile()]);
  return value;
};

/** Both initiators are registered, and the first one holds. */
export const holdAndRegister = (laboratory: Laboratory): Promise<void> =>
  holdWhile(laboratory, () => laboratory.register(laboratory.b, laboratory.keyB));

export const needKeys = async (
  laboratory: Laboratory,
  wanted: readonly bigint[],
  reader = laboratory.a,
): Promise<number> => {
  const { keys, generation } = await laboratory.readKeys(reader);
  const shown = keys.map(formatReservationKey).join(', ') || 'none';
  for (const key of new Set(wanted)) {
    const [want, are] = [wanted, keys].map((list) => list.filter((one) => one === key).length);
    if (are === want) continue;
    const key16 = formatReservationKey(key);
    if (are === 0) throw failed(`the key ${key16} is not among the registered keys (${shown})`);
    throw failed(`the key ${key16} is registered ${are} times instead of ${want} (${shown})`);
  }
  if (keys.length !== wanted.length)
    throw failed(`${keys.length} keys are registered instead of ${wanted.length}: ${shown}`);
  return generation;
};

/** A reservation with this key must be seen; `because` says what it means that it is not. */
export const needHolder = async (
  laboratory: Laboratory,
  reader: Nexus,
  key: bigint,
  because: string,
): Promise<void> => {
  const { reservation } = await laboratory.readReservation(reader);
  if (reservation?.key !== key) throw failed(because);
};

/** No reservation must be seen; `because` says what it means that one is. */
export const needNoHolder = async (laboratory: Laboratory, reader: Nexus, because: string): Promise<void> => {
  const { reservation } = await laboratory.readReservation(reader);
  if (reservation) throw failed(because);
};

/** The first initiator removes its registration. */
export const needUnregister = async (laboratory: Laboratory, onSent?: () => void): Promise<void> => {
  const outcome = await laboratory.unregister(laboratory.a, onSent);
  if (!outcome.ok) throw failed(`removing the registration was answered with ${describeOutcome(outcome)}`);
};

export const reservationCase = (
  id: string,
  title: string,
  meaning: string,
  askVendor: string,
  run: CaseDefinition['run'],
  options: Partial<Pick<CaseDefinition, 'required' | 'needs' | 'source' | 'canRun'>> = {},
): CaseDefinition => ({
  id,
  title,
  required: true,
  needs: 'reservations',
  source: prOut,
  meaning,
  askVendor,
  ...options,
  run: orProven(id, onFreeUnit(run)),
});

export const askForPr =
  'Ask for SPC-3 persistent reservations on this logical unit, and whether they have to be switched on.';

/** Who may read and write under the deciding type. */
export const decidingAccessId = 'Reservations.Access.WERO';
