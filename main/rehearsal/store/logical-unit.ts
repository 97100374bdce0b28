import {
  answerCheck,
  answerConflict,
  answerGood,
  endOfAll,
  wanted,
  type Abortable,
  type AbortReason,
  type Answer,
  type EndCommands,
} from './answer.ts';
import { identityFromSerial, type LunIdentity } from './identity.ts';
import { nexusKey, sameNexus, type Nexus } from './nexus.ts';
import { conflicts, type Access } from './reservation-conflicts.ts';
import { applyWithFaults } from './reservation-faults.ts';
import { ownReservations, type ReservationHome } from './reservation-home.ts';
import { ReservationTables } from './reservation-tables.ts';
import { reservationTypes } from './reservation-types.ts';
import {
  afterPowerLoss,
  findRegistration,
  forgetNexus,
  fromSnapshot,
  isHolder,
  isRegistered,
  noReservations,
  toSnapshot,
  type OutRequest,
  type Registration,
  type ReservationSnapshot,
  type ReservationState,
} from './reservations.ts';
import { senses, type SenseName } from './sense.ts';
import { UnitAttentions } from './unit-attentions.ts';
import type { Medium } from './medium.ts';
import type { Faults } from '../faults/index.ts';
import { pause } from '../../system/pause.ts';

export interface LogicalUnitOptions {
  readonly medium: Medium;
  /** 512 or 4096; 512 by default. */
  readonly blockSizeBytes?: number;
  readonly identity: LunIdentity | string;
  /** Thin provisioned: UNMAP is offered and the VPD page B2h says so. True by default. */
  readonly thin?: boolean;
  readonly writeProtected?: boolean;
  /** How many registrations the device has room for; 256 by default. */
  readonly maxRegistrations?: number;
  readonly faults: Faults;
  /** Where its reservations are; its own when it is left out. */
  readonly reservations?: ReservationHome;
  /** Every target port of the device, as target portal group tags. */
  readonly portalGroupTags: () => readonly number[];
  readonly onChange?: (change: UnitChange) => void;
  /** PREEMPT AND ABORT and LOGICAL UNIT RESET end the commands of this nexus on this LUN. */
  readonly onAbort?: EndCommands<[nexus: Nexus, reason: AbortReason]>;
}

/** Something that whoever watches the store may want to log. */
export type UnitChange =
  | {
      readonly kind: 'reservations';
      readonly by: Nexus | null;
      readonly action: string;
      readonly state: ReservationState;
    }
  | { readonly kind: 'unitAttention'; readonly nexus: Nexus; readonly sense: SenseName };

/** A cluster of 64 nodes, the most that Windows Server has, with four paths each. */
const defaultMaxRegistrations = 256;

/** How a nexus ended: the initiator logged out, or the connection was cut (or replaced) without a word. */
export type NexusEnd = 'loggedOut' | 'cut';

const isWriteExclusive = ({ reservation }: ReservationState): boolean =>
  reservation !== null && reservationTypes[reservation.type].reads === 'all';

/** Who holds the LUN under the fault `reserve-6-held`. */
const stranger: Nexus = {
  initiatorName: 'iqn.2026-01.example.quorate:stranger',
  isid: '00023d000001',
  portalGroupTag: 1,
};

/**
 * One logical unit: bytes, identity and reservations, for any number of I_T nexuses. iSCSI sessions and simulated
 * servers use the same object, so they see the same bytes and the same reservations. It knows nothing of iSCSI and nothing
 * of CDBs; block addresses are checked here.
 */
export class LogicalUnit {
  readonly identity: LunIdentity;
  readonly medium: Medium;
  readonly blockSizeBytes: number;
  readonly blockCount: bigint;
  readonly thin: boolean;
  readonly faults: Faults;
  readonly maxRegistrations: number;
  readonly unitAttentions = new UnitAttentions();
  /** Set by the administrator of the device, not by a fault. */
  writeProtected: boolean;
  readonly #tables: ReservationTables;
  /** RESERVE(6) of SPC-2; it ends with its nexus and with a reset. */
  #legacyHolder: Nexus | null = null;
  readonly #nexuses = new Map<string, Nexus>();
  readonly #portalGroupTags: () => readonly number[];
  readonly #onChange: (change: UnitChange) => void;
  readonly #onAbort: EndCommands<[nexus: Nexus, reason: AbortReason]>;
  #ending: Promise<unknown> | null = null;
  /** Names of which a path has unregistered, for the fault of that. */
  readonly #lostNames = new Set<string>();

  constructor(options: LogicalUnitOptions) {
    const blockSizeBytes = options.blockSizeBytes ?? 512;
    if (blockSizeBytes !== 512 && blockSizeBytes !== 4096) throw new RangeError('the block size is 512 or 4096 bytes');
    const blockCount = options.medium.sizeBytes / BigInt(blockSizeBytes);
    if (blockCount < 1n) throw new RangeError('a LUN has at least one block');
    if (options.medium.sizeBytes > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('a LUN is smaller than 8 PiB');
    this.identity = typeof options.identity === 'string' ? identityFromSerial(options.identity) : options.identity;
    this.medium = options.medium;
    this.blockSizeBytes = blockSizeBytes;
    this.blockCount = blockCount;
    this.thin = options.thin ?? true;
    this.faults = options.faults;
    this.#tables = new ReservationTables(options.reservations ?? ownReservations(), () =>
      options.faults.has('reservations-per-portal'),
    );
    this.maxRegistrations = options.maxRegistrations ?? defaultMaxRegistrations;
    this.writeProtected = options.writeProtected ?? false;
    this.#portalGroupTags = options.portalGroupTags;
    this.#onChange = options.onChange ?? (() => {});
    this.#onAbort = options.onAbort ?? (() => null);
  }

  get sizeBytes(): bigint {
    return this.blockCount * BigInt(this.blockSizeBytes);
  }

  /** All that is registered and held, as the administrator of the device sees it. */
  get reservations(): ReservationState {
    return this.#tables.all;
  }

  /** What an initiator is told at this target port: the same everywhere, unless a fault says otherwise. */
  reservationsAt(portalGroupTag: number): ReservationState {
    return this.#tables.at(portalGroupTag);
  }

  get legacyHolder(): Nexus | null {
    return this.faults.has('reserve-6-held') ? stranger : this.#legacyHolder;
  }

  /** False for a target that lets anybody preempt, clear and release. */
  get checksKeys(): boolean {
    return !this.faults.has('keys-unchecked');
  }

  get isWriteProtected(): boolean {
    return this.writeProtected || this.faults.has('write-protected');
  }

  /** A nexus came into being: a session was opened, or a simulated server came up. */
  nexusFormed(nexus: Nexus): void {
    this.#nexuses.set(nexusKey(nexus), nexus);
  }

  /** A nexus ended. Its RESERVE(6) and its unit attentions go; its persistent reservations stay. */
  nexusLost(nexus: Nexus, end: NexusEnd): void {
    this.#nexuses.delete(nexusKey(nexus));
    this.unitAttentions.forget(nexus);
    if (this.#legacyHolder && sameNexus(this.#legacyHolder, nexus)) this.#legacyHolder = null;
    const forgets =
      this.faults.has('reservations-forgotten') || (end === 'cut' && this.faults.has('reservations-forgotten-on-cut'));
    if (forgets) this.#setReservations(nexus, forgetNexus(this.#stateFor(nexus), nexus), 'forgotten');
  }

  /** Nexuses that have a session or a registration. */
  knownNexuses(): Nexus[] {
    const registered = this.reservations.registrations.map((one): [string, Nexus] => [nexusKey(one.nexus), one.nexus]);
    return [...new Map([...this.#nexuses, ...registered]).values()];
  }

  /** May a command with this access run now? Asked again after its data has arrived. */
  admits(nexus: Nexus, access: Access): boolean {
    if (this.faults.has('reservations-ignored')) return true;
    if (access !== 'always' && this.legacyConflicts(nexus)) return false;
    if (access === 'write' && this.faults.has('writes-not-enforced')) return true;
    const state = this.#stateFor(nexus);
    if (access === 'control' && this.onlyRefusesData && isWriteExclusive(state)) return true;
    return !conflicts(this.faults.has('path-unregisters-name') ? this.#withoutLostNames(state) : state, nexus, access);
  }

  /** Judges a command by the direction of its data: what carries none is no write. */
  get onlyRefusesData(): boolean {
    return this.faults.has('only-data-refused');
  }

  /** What is enforced where a name has lost its right with one of its paths; the holder keeps it. */
  #withoutLostNames(state: ReservationState): ReservationState {
    const isKept = ({ nexus }: Registration): boolean =>
      !this.#lostNames.has(nexus.initiatorName) || isHolder(state, nexus);
    return { ...state, registrations: state.registrations.filter(isKept) };
  }

  #noticeRegistration(nexus: Nexus, { action, actionKey }: OutRequest): void {
    if (action !== 'register' && action !== 'registerAndIgnore') return;
    if (actionKey === 0n) this.#lostNames.add(nexus.initiatorName);
    else this.#lostNames.delete(nexus.initiatorName);
  }

  /** Does somebody else hold a RESERVE(6)? */
  legacyConflicts(nexus: Nexus): boolean {
    return this.legacyHolder !== null && !sameNexus(this.legacyHolder, nexus);
  }

  /** Reads `count` blocks from `lba`. The answer's value is a copy of the bytes. */
  async read(nexus: Nexus, lba: bigint, count: number): Promise<Answer<Buffer>> {
    if (!this.admits(nexus, 'read')) return answerConflict;
    if (!this.holds(lba, BigInt(count))) return answerCheck(senses.lbaOutOfRange);
    if (this.faults.has('read-error')) return answerCheck(senses.unrecoveredReadError);
    await this.#beSlow();
    const bytes = this.medium.read(Number(lba) * this.blockSizeBytes, count * this.blockSizeBytes);
    return { status: 'good', value: bytes instanceof Promise ? await bytes : bytes };
  }

  /** Writes whole blocks from `lba` on. */
  async write(nexus: Nexus, lba: bigint, data: Buffer, command: Abortable = wanted): Promise<Answer> {
    const refused = this.refusesWrite(nexus, lba, BigInt(Math.ceil(data.length / this.blockSizeBytes)));
    if (refused) return refused;
    if (this.faults.has('space-exhausted')) return answerCheck(senses.spaceAllocationFailed);
    const late = await this.#waitToWrite(nexus, command);
    if (late) return late;
    const done = this.medium.write(Number(lba) * this.blockSizeBytes, data);
    return (typeof done === 'boolean' ? done : await done) ? answerGood : answerCheck(senses.spaceAllocationFailed);
  }

  /** Deallocates blocks; they read as zeros afterwards. */
  async unmap(nexus: Nexus, lba: bigint, count: bigint, command: Abortable = wanted): Promise<Answer> {
    const refused = this.refusesWrite(nexus, lba, count);
    if (refused) return refused;
    const late = await this.#waitToWrite(nexus, command);
    if (late) return late;
    await this.medium.unmap(Number(lba) * this.blockSizeBytes, Number(count) * this.blockSizeBytes);
    return answerGood;
  }

  /** Hardens what was written. */
  async flush(nexus: Nexus): Promise<Answer> {
    if (!this.admits(nexus, 'control')) return answerConflict;
    await this.medium.flush();
    return answerGood;
  }

  /**
   * The time that the disk takes; then the question again whether the write may still be done. Nothing of a command that was
   * ended meanwhile reaches the medium (SPC-4 clause 5.13.11.2.5), and a reservation may apply to commands that were
   * already there when it was made (SPC-4 clause 5.13.1).
   */
  async #waitToWrite(nexus: Nexus, command: Abortable): Promise<Exclude<Answer, { status: 'good' }> | null> {
    await this.#beSlow();
    if (command.isAborted) return { status: 'aborted' };
    return this.admits(nexus, 'write') ? null : answerConflict;
  }

  /** The answer that a write to this range ends in before any data moves; null when it may go on. */
  refusesWrite(nexus: Nexus, lba: bigint, count: bigint): Exclude<Answer, { status: 'good' }> | null {
    if (!this.admits(nexus, 'write')) return answerConflict;
    if (!this.holds(lba, count)) return answerCheck(senses.lbaOutOfRange);
    if (this.isWriteProtected) return answerCheck(senses.writeProtected);
    return null;
  }

  /** Are these blocks inside the LUN? A range of no blocks may start at the end, not beyond it (SBC-3 clause 5). */
  holds(lba: bigint, count: bigint): boolean {
    return lba >= 0n && lba + count <= this.blockCount;
  }

  /** One PERSISTENT RESERVE OUT. */
  persistentReserveOut(nexus: Nexus, request: OutRequest): Answer {
    if (this.faults.has('no-reservations')) return answerCheck(senses.invalidOperationCode);
    // SPC-2: while a RESERVE is in force, both PERSISTENT RESERVE commands conflict, whoever sends them.
    if (this.legacyHolder) return answerConflict;
    if (request.aptpl && this.faults.has('aptpl-refused')) return answerCheck(senses.invalidFieldInParameterList);
    const supported = this.supportedTypes();
    if (usesType(request) && request.type !== null && !supported.includes(request.type)) {
      return answerCheck(senses.invalidFieldInCdb);
    }
    const state = this.#stateFor(nexus);
    if (this.faults.has('reserve-not-ready') && request.action === 'reserve' && !isRegistered(state, nexus))
      return state.reservation ? answerConflict : answerCheck(senses.communicationFailure);
    const outcome = applyWithFaults(state, nexus, request, {
      portalGroupTags: this.#portalGroupTags(),
      knownNexuses: this.knownNexuses(),
      maxRegistrations: this.faults.amount('registrations-short') ?? this.maxRegistrations,
      faults: this.faults,
      hasSession: (one) => this.#nexuses.has(nexusKey(one)),
    });
    if (outcome.status !== 'good') return outcome;
    const generation = this.faults.has('generation-stuck') ? state.generation : outcome.state.generation;
    this.#setReservations(nexus, { ...outcome.state, generation }, request.action);
    if (!this.faults.has('unit-attentions-missing')) {
      for (const attention of outcome.unitAttentions) this.establish(attention.nexus, attention.sense);
    }
    this.#noticeRegistration(nexus, request);
    this.#ending = endOfAll(outcome.abort.map((victim) => this.#onAbort(victim, 'preempted')));
    const isRegistering = request.action === 'register' || request.action === 'registerAndIgnore';
    if (isRegistering && this.faults.has('register-fails-and-registers'))
      return answerCheck(senses.communicationFailure);
    return answerGood;
  }

  /**
   * Until when the GOOD of the PREEMPT AND ABORT that was just carried out is to be held back: whoever hears it relies on it
   * that the other's writes have ended (SPC-4 clause 5.13.11.2.5). Null when nothing runs any more.
   */
  get endOfAborted(): Promise<unknown> | null {
    return this.#ending;
  }

  /**
   * The NAA designator that VPD page 83h shows at one portal; null when there is none. Every path shows the same one,
   * unless a fault says otherwise.
   */
  reportedNaa(portalIndex: number): Buffer | null {
    if (this.faults.has('vpd83-missing')) return null;
    if (this.faults.has('vpd83-not-unique')) return identityFromSerial('NOT-UNIQUE').naa;
    if (portalIndex > 0 && this.faults.has('vpd83-per-portal')) {
      return identityFromSerial(`${this.identity.serial}/${portalIndex}`).naa;
    }
    return this.identity.naa;
  }

  /** The types that this device supports; all six unless a fault says otherwise. */
  supportedTypes(): readonly number[] {
    return this.faults.argument('reservation-types')?.split(',').map(Number) ?? [1, 3, 5, 6, 7, 8];
  }

  /** RESERVE(6) of SPC-2: conflicts once anything is registered, because CRH is reported as zero. */
  reserveLegacy(nexus: Nexus): Answer {
    if (this.#stateFor(nexus).registrations.length > 0 || this.legacyConflicts(nexus)) return answerConflict;
    this.#legacyHolder = nexus;
    return answerGood;
  }

  /** RELEASE(6) of SPC-2: of somebody else's reservation it is GOOD and does nothing. */
  releaseLegacy(nexus: Nexus): Answer {
    if (this.#stateFor(nexus).registrations.length > 0) return answerConflict;
    if (this.#legacyHolder && sameNexus(this.#legacyHolder, nexus)) this.#legacyHolder = null;
    return answerGood;
  }

  /** The key under which this nexus is registered; null when it is not. */
  keyOf(nexus: Nexus): bigint | null {
    return findRegistration(this.#stateFor(nexus), nexus)?.key ?? null;
  }

  establish(nexus: Nexus, sense: SenseName): void {
    this.unitAttentions.establish(nexus, sense);
    this.#onChange({ kind: 'unitAttention', nexus, sense });
  }

  establishForAll(sense: SenseName, except?: Nexus): void {
    for (const nexus of this.#nexuses.values()) {
      if (!except || !sameNexus(nexus, except)) this.establish(nexus, sense);
    }
  }

  /**
   * LOGICAL UNIT RESET (SAM-5 clause 6.3.3): commands end, RESERVE(6) ends, persistent reservations stay; every nexus is
   * told, the one that asked as well. Resolves when the commands have ended, null when none does anything any more.
   */
  reset(): Promise<unknown> | null {
    this.#legacyHolder = null;
    const ending = endOfAll([...this.#nexuses.values()].map((nexus) => this.#onAbort(nexus, 'reset')));
    if (this.faults.has('reservations-lost-on-reset')) {
      this.#replaceReservations({ ...noReservations, generation: this.reservations.generation }, 'reset');
    }
    this.establishForAll('busDeviceReset');
    return ending;
  }

  /** Power goes and comes back: without APTPL nothing is left. */
  losePower(): void {
    this.#legacyHolder = null;
    this.#replaceReservations(afterPowerLoss(this.reservations), 'powerLoss');
    this.establishForAll('powerOn');
  }

  reservationSnapshot(): ReservationSnapshot {
    return toSnapshot(this.reservations);
  }

  restoreReservations(snapshot: ReservationSnapshot): void {
    this.#replaceReservations(fromSnapshot(snapshot), 'restored');
  }

  #stateFor(nexus: Nexus): ReservationState {
    return this.#tables.at(nexus.portalGroupTag);
  }

  #setReservations(by: Nexus, state: ReservationState, action: string): void {
    if (state === this.#stateFor(by)) return;
    this.#tables.set(by, state);
    this.#onChange({ kind: 'reservations', by, action, state: this.reservations });
  }

  #replaceReservations(state: ReservationState, action: string): void {
    if (state === this.reservations) return;
    this.#tables.replace(state);
    this.#onChange({ kind: 'reservations', by: null, action, state });
  }

  async #beSlow(): Promise<void> {
    const delayMs = this.faults.amount('slow-disk');
    if (delayMs !== undefined) await pause(delayMs);
  }
}

const usesType = (request: OutRequest): boolean =>
  request.action === 'reserve' ||
  request.action === 'release' ||
  request.action === 'preempt' ||
  request.action === 'preemptAndAbort';
