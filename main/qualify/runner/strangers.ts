import {
  describeReservationType,
  formatReservationKey,
  type Registration,
  type ReservationState,
  type TransportId,
} from '../../iscsi/index.ts';
import type { KeyNote } from './key-notes.ts';
import { isQuorateKey } from './remove-key.ts';

export interface FoundRegistrations {
  /** Keys on the device that this run did not register. */
  readonly keys: readonly bigint[];
  /** A reservation that this run does not hold. */
  readonly held: NonNullable<ReservationState['reservation']> | null;
  /** READ FULL STATUS of the device; null where it does not have it. */
  readonly registrations: readonly Registration[] | null;
}

/** Whose registrations are expected here. */
export interface KnownOwners {
  /** Initiator names of the cluster that this server belongs to, as its administrator gave them. */
  readonly clusterInitiators: readonly string[];
  /** The name of this server's own initiator; null where it is not known. */
  readonly ownInitiator: string | null;
  /** What earlier runs of Quorate on this data folder registered on this logical unit and did not remove. */
  readonly notes: readonly KeyNote[];
}

/** The initiator port that a TransportID names: SPC-4 section 7.6.4.6. */
export const describeHolder = (id: TransportId): string | null => {
  if (id.protocol !== 'iscsi') return null;
  return id.isid ? `${id.name} (ISID ${id.isid})` : id.name;
};

/**
 * SPC-4 section 5.13.3: while a reservation of SPC-2 is held, PERSISTENT RESERVE IN and OUT of everybody else conflict, and so
 * does TEST UNIT READY. Nobody can ask whose it is.
 */
export const describeLegacyHolder = (step: string): string =>
  `somebody holds a reservation of SPC-2, RESERVE(6): "${step}" was answered with RESERVATION CONFLICT, which no persistent reservation causes. Backup software and older clusters do that; the device does not tell who it is, and nothing was changed`;

const nameOf = (one: Registration): string | null =>
  // RFC 3722: iSCSI names are prepared, and so compared, in lower case.
  one.transportId.protocol === 'iscsi' ? one.transportId.name.toLowerCase() : null;

/**
 * Who uses the logical unit, as a sentence with key, type and holder; null when nobody does.
 *
 * The cluster is recognised by initiator names alone, exactly: those that were given, and this server's own, because Windows
 * registers a disk of its own accord for a cluster only. Every other registrant beside it under the same reservation is then
 * a node of that cluster or a stranger to it; either way nothing is touched.
 */
export const describeStrangers = (found: FoundRegistrations, known: KnownOwners): string | null => {
  const { keys, held, registrations } = found;
  if (keys.length === 0 && !held) return null;
  const strangers = registrations?.filter(({ key }) => keys.includes(key)) ?? null;
  const named = (strangers ?? []).map(
    (one) => `${formatReservationKey(one.key)} of ${describeHolder(one.transportId) ?? 'an unnamed initiator'}`,
  );
  const ofNobody = keys.filter((key) => strangers?.some((one) => one.key === key) !== true);
  const ofEach = [
    ...named,
    ...ofNobody.map((key) => `${formatReservationKey(key)} (the device does not tell whose it is)`),
  ];
  const reservation = held
    ? `; ${describeReservationType(held.typeCode)} held with ${formatReservationKey(held.key)}`
    : '';
  const list = `${ofEach.join(', ') || 'a reservation without a key'}${reservation}; nothing was changed`;

  const noted = new Set(known.notes.map(({ key }) => BigInt(key)));
  if (keys.length > 0 && keys.every((key) => noted.has(key)))
    return `an earlier run of Quorate that was ended left ${list}. "quorate iscsi reservations clear-mine" removes exactly that`;
  if (keys.length > 0 && keys.every((key) => noted.has(key) || isQuorateKey(key)))
    return `a run of Quorate on another server, or with another data folder, uses this logical unit or left keys on it: ${list}`;

  const given = new Set(known.clusterInitiators.map((name) => name.toLowerCase()));
  const isGiven = (one: Registration): boolean => given.has(nameOf(one) ?? '');
  const isOwn = (one: Registration): boolean =>
    nameOf(one) === known.ownInitiator?.toLowerCase() && !isQuorateKey(one.key);
  if (
    strangers &&
    strangers.length > 0 &&
    ofNobody.length === 0 &&
    strangers.every((one) => isGiven(one) || isOwn(one))
  )
    return `the logical unit is in use by the cluster that this server belongs to: ${list}`;
  if (strangers?.some((one) => isOwn(one)))
    return `the logical unit is in use by this server together with others, as a cluster does (name the other nodes with --cluster-node): ${list}`;
  return `somebody else uses this logical unit: ${list}`;
};
