import { randomBytes } from 'node:crypto';
import {
  describeReservationType,
  describeSense,
  describeStatus,
  formatReservationKey,
  reservationTypeOfCode,
  scsi,
  STATUS,
  type PersistentReserveOut,
  type ReservationKeys,
  type ReservationState,
  type ScsiExecutor,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import { together } from './together.ts';

/** What a command brought, in the words of the standard. */
export const describeOutcome = (outcome: ScsiOutcome<unknown>): string =>
  outcome.ok ? 'GOOD' : `${describeStatus(outcome.status)}${outcome.sense ? `, ${describeSense(outcome.sense)}` : ''}`;

/** QRAT. */
const keyPrefix = 0x51524154n;

/** A run counts its further keys up from one: so many have to fit behind the prefix. */
const highestStart = 0xffff_fbff;

/** Keys of ours start with the letters QRAT, so that a person who reads them knows whose they are. */
export const newKey = (): bigint =>
  (keyPrefix << 32n) | BigInt((Math.min(randomBytes(4).readUInt32BE(), highestStart) | 1) >>> 0);

/** A key that a run of Quorate made, here or elsewhere. */
export const isQuorateKey = (key: bigint): boolean => key >> 32n === keyPrefix;

/** A second key of ours that is needed for a moment; noted durably like the first. */
export interface MomentaryKey {
  /** The key to take; a new one where it is left out. */
  readonly key?: bigint;
  readonly add: (key: bigint) => Promise<void>;
  readonly remove: (key: bigint) => Promise<void>;
}

export type Removal =
  | { readonly kind: 'removed' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'left'; readonly because: string };

/** Sends one command and keeps the record of it. */
export type Recording = <T>(
  text: string,
  send: (on: ScsiExecutor) => Promise<ScsiOutcome<T>>,
) => Promise<ScsiOutcome<T>>;

/** The commands of the removal, each in the record. */
class Remover {
  readonly #record: Recording;
  readonly #lun: bigint;

  constructor(record: Recording, lun: bigint) {
    this.#record = record;
    this.#lun = lun;
  }

  out(text: string, request: PersistentReserveOut): Promise<ScsiOutcome<undefined>> {
    return this.#record(text, (on) => scsi.persistentReserveOut(on, this.#lun, request));
  }

  readKeys(): Promise<ScsiOutcome<ReservationKeys>> {
    return this.#record('Attempting to read the registered PR keys', (on) => scsi.readKeys(on, this.#lun));
  }

  readReservation(): Promise<ScsiOutcome<ReservationState>> {
    return this.#record('Attempting to read PR', (on) => scsi.readReservation(on, this.#lun));
  }

  async look(): Promise<Look> {
    const [keys, state] = await together([this.readKeys(), this.readReservation()]);
    return { keys, state };
  }
}

/** The registered keys and the reservation. */
interface Look {
  readonly keys: ScsiOutcome<ReservationKeys>;
  readonly state: ScsiOutcome<ReservationState>;
}

const left = (what: string, outcome: ScsiOutcome<unknown>): Removal & { readonly kind: 'left' } => ({
  kind: 'left',
  because: `${what} was answered with ${describeOutcome(outcome)}`,
});

/**
 * Removes one registration of ours, and nothing else, through a session of the nexus that made it, and proves it by reading. A
 * reservation that is held with it is released first: some targets keep it when its holder unregisters.
 *
 * Some targets forget across a logout which nexus a registration belongs to: the key stays and nobody can unregister it. Then
 * this nexus registers once more and preempts exactly that key (SPC-4 section 5.13.11.3; the key is random and was made by
 * us, so no other registration has it), and removes its own registration.
 *
 * `justSeen`: the reservation, where it was read just now; only its release depends on it, and a release of what is not held harms nobody.
 */
export const removeRegistration = async (
  record: Recording,
  lun: bigint,
  key: bigint,
  momentary: MomentaryKey,
  justSeen?: ScsiOutcome<ReservationState>,
): Promise<Removal> => {
  const remover = new Remover(record, lun);
  const before = justSeen ?? (await remover.readReservation());
  if (!before.ok) return left('READ RESERVATION', before);
  const type = before.value.reservation ? reservationTypeOfCode(before.value.reservation.typeCode) : undefined;
  const isHeld = before.value.reservation?.key === key;

  // READ KEYS alone proves nothing: a device may keep what it does not show. REGISTER with the key itself harms nobody: a nexus that has
  // another key, or none, is answered with RESERVATION CONFLICT.
  // All of it behind each other over the one session.
  const [, first, early] = await together([
    isHeld && type ? remover.out('Releasing PR reserve', { action: 'release', type, key }) : null,
    remover.out('Unregistering PR key', { action: 'register', key, serviceActionKey: 0n }),
    remover.look(),
  ]);
  const isErring = !first.ok && first.status !== STATUS.RESERVATION_CONFLICT;
  const isThere = ({ keys, state }: Look): boolean =>
    (keys.ok && keys.value.keys.includes(key)) ||
    (state.ok && state.value.reservation !== undefined && (isHeld || state.value.reservation.key === key));
  // A look that a device carried out before the removal is taken again.
  const { keys: after, state } = (first.ok || isErring) && isThere(early) ? await remover.look() : early;
  if (!after.ok) return left('READ KEYS', after);
  const isShown = after.value.keys.includes(key);
  // Some targets fail a registration and its removal, and carry them out: what is shown counts.
  if (isErring && isShown) return left('REGISTER', first);
  if (!state.ok) return left('READ RESERVATION', state);
  // Held with our key before: with nobody registered under it any more the device may show another key for it, such as 0.
  const stays = state.value.reservation !== undefined && (state.value.reservation.key === key || (isHeld && !isShown));
  if (!isShown && !stays) return { kind: first.ok || isErring ? 'removed' : 'gone' };
  const own = momentary.key ?? newKey();
  return removeWithAnother(remover, { key, own, isShown, state: state.value, momentary });
};

/** {@link removeRegistration} over a session, for callers that keep no record. */
export const removeKey = (on: ScsiExecutor, lun: bigint, key: bigint, momentary: MomentaryKey): Promise<Removal> =>
  removeRegistration((_text, send) => send(on), lun, key, momentary);

/** What this nexus cannot take back under the old key, it takes back under another. */
const removeWithAnother = async (
  remover: Remover,
  {
    key,
    own,
    isShown,
    state,
    momentary,
  }: { key: bigint; own: bigint; isShown: boolean; state: ReservationState; momentary: MomentaryKey },
): Promise<Removal> => {
  await momentary.add(own);
  const registered = await remover.out(`Registering PR key ${formatReservationKey(own)} (REGISTER)`, {
    action: 'register',
    key: 0n,
    serviceActionKey: own,
  });
  if (!registered.ok) {
    await momentary.remove(own);
    return left('REGISTER', registered);
  }
  const type = state.reservation ? reservationTypeOfCode(state.reservation.typeCode) : undefined;
  const [taken, after] = await together([
    isShown
      ? remover.out('Preempting PR of the own registration of before', {
          action: 'preempt',
          type: type ?? 'writeExclusiveRegistrantsOnly',
          key: own,
          serviceActionKey: key,
        })
      : null,
    remover.readReservation(),
  ]);
  const held = after.ok ? after.value.reservation : undefined;
  const heldType = held ? reservationTypeOfCode(held.typeCode) : undefined;
  if (heldType && (!isShown || held?.key === own)) {
    const [, soon] = await together([
      remover.out('Releasing PR reserve', { action: 'release', type: heldType, key: own }),
      remover.look(),
    ]);
    // CLEAR takes every key: only where ours is the only one there, and a release did not help.
    const { keys, state: still } = soon.state.ok && soon.state.value.reservation ? await remover.look() : soon;
    const isAlone = keys.ok && keys.value.keys.length === 1 && keys.value.keys[0] === own;
    if (still.ok && still.value.reservation && isAlone) await remover.out('Clearing PR', { action: 'clear', key: own });
  }
  const [unregistered, early] = await together([
    remover.out('Unregistering PR key', { action: 'register', key: own, serviceActionKey: 0n }),
    remover.look(),
  ]);
  const isLeft = ({ keys, state: now }: Look): boolean =>
    keys.ok &&
    (keys.value.keys.includes(own) || (keys.value.keys.length === 0 && now.ok && now.value.reservation !== undefined));
  const { keys: last, state: end } = unregistered.ok && isLeft(early) ? await remover.look() : early;
  if (unregistered.ok || (last.ok && !last.value.keys.includes(own))) await momentary.remove(own);
  if (taken && !taken.ok) return left('PREEMPT', taken);
  if (!last.ok) return left('READ KEYS', last);
  if (last.value.keys.includes(key)) return { kind: 'left', because: 'the device still shows the key' };
  if (!end.ok) return left('READ RESERVATION', end);
  if (end.value.reservation && last.value.keys.length === 0)
    return {
      kind: 'left',
      because: `the device keeps the reservation ${describeReservationType(end.value.reservation.typeCode)} although nobody is registered`,
    };
  return { kind: 'removed' };
};
