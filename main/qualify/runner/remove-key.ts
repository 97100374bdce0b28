import { randomBytes } from 'node:crypto';
import {
  describeSense,
  describeStatus,
  reservationTypeOfCode,
  scsi,
  type ReservationKeys,
  type ScsiExecutor,
  type ScsiOutcome,
} from '../../iscsi/index.ts';

/** What a command brought, in the words of the standard. */
export const describeOutcome = (outcome: ScsiOutcome<unknown>): string =>
  outcome.ok ? 'GOOD' : `${describeStatus(outcome.status)}${outcome.sense ? `, ${describeSense(outcome.sense)}` : ''}`;

/** QRAT. */
const keyPrefix = 0x51524154n;

/** Keys of ours start with the letters QRAT, so that a person who reads them knows whose they are. */
export const newKey = (): bigint => (keyPrefix << 32n) | BigInt((randomBytes(4).readUInt32BE() | 1) >>> 0);

/** A key that a run of Quorate made, here or elsewhere. */
export const isQuorateKey = (key: bigint): boolean => key >> 32n === keyPrefix;

/** A second key of ours that is needed for a moment; noted durably like the first. */
export interface MomentaryKey {
  readonly add: (key: bigint) => Promise<void>;
  readonly remove: (key: bigint) => Promise<void>;
}

export type Removal =
  { readonly kind: 'removed' } | { readonly kind: 'gone' } | { readonly kind: 'left'; readonly because: string };

const timeoutMs = 10_000;

/**
 * Removes one registration of ours, and nothing else, through a session of the nexus that made it, and proves it by reading.
 *
 * Some targets forget across a logout which nexus a registration belongs to: the key stays and nobody can unregister it. Then
 * this nexus registers once more and preempts exactly that key (SPC-4 section 5.13.11.3; the key is random and was made by
 * us, so no other registration has it), and removes its own registration.
 */
export const removeKey = async (
  on: ScsiExecutor,
  lun: bigint,
  key: bigint,
  momentary: MomentaryKey,
): Promise<Removal> => {
  const options = { timeoutMs };
  const readKeys = (): Promise<ScsiOutcome<ReservationKeys>> => scsi.readKeys(on, lun, options);
  const left = (what: string, outcome: ScsiOutcome<unknown>): Removal => ({
    kind: 'left',
    because: `${what} was answered with ${describeOutcome(outcome)}`,
  });

  const before = await readKeys();
  if (!before.ok) return left('READ KEYS', before);
  if (!before.value.keys.includes(key)) return { kind: 'gone' };

  // REGISTER with the key itself: a nexus that has another key by now is refused, and nothing of anybody is taken away.
  await scsi.persistentReserveOut(on, lun, { action: 'register', key, serviceActionKey: 0n }, options);
  const after = await readKeys();
  if (!after.ok) return left('READ KEYS', after);
  if (!after.value.keys.includes(key)) return { kind: 'removed' };

  const own = newKey();
  await momentary.add(own);
  const registered = await scsi.persistentReserveOut(
    on,
    lun,
    { action: 'register', key: 0n, serviceActionKey: own },
    options,
  );
  if (!registered.ok) {
    await momentary.remove(own);
    return left('REGISTER', registered);
  }
  const state = await scsi.readReservation(on, lun, options);
  const type =
    state.ok && state.value.reservation ? reservationTypeOfCode(state.value.reservation.typeCode) : undefined;
  const preempted = await scsi.persistentReserveOut(
    on,
    lun,
    { action: 'preempt', type: type ?? 'writeExclusiveRegistrantsOnly', key: own, serviceActionKey: key },
    options,
  );
  const unregistered = await scsi.persistentReserveOut(
    on,
    lun,
    { action: 'register', key: own, serviceActionKey: 0n },
    options,
  );
  if (unregistered.ok) await momentary.remove(own);
  if (!preempted.ok) return left('PREEMPT', preempted);
  const last = await readKeys();
  if (!last.ok) return left('READ KEYS', last);
  return last.value.keys.includes(key)
    ? { kind: 'left', because: 'the device still shows the key' }
    : { kind: 'removed' };
};
