import {
  describeReservationType,
  formatReservationKey,
  IscsiError,
  lunFromNumber,
  reservationTypeCode,
  scsi,
  STATUS,
  type PersistentReserveOut,
  type ReservationKeys,
  type ReservationState,
  type ReservationType,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { AccessRow, LogicalUnit, Purpose, QualificationStep } from '../../../shared/model/qualification.ts';
import { failed, inconclusive } from './not-passed.ts';
import type { KeyNotes } from './key-notes.ts';
import { Nexus, type Access, type Path } from './nexus.ts';
import { OwnRegistrations } from './own-registrations.ts';
import { describeOutcome, newKey } from './remove-key.ts';
import { describeStrangers } from './strangers.ts';

export interface LaboratorySettings {
  readonly access: Access;
  /** Further portals of the same target, each with the address to reach it from: the networks of two paths are often two. */
  readonly otherPaths: readonly Path[];
  readonly target: string;
  readonly lun: number;
  readonly purpose: Purpose;
  readonly nodes: number;
  readonly paths: number;
  readonly allowReservations: boolean;
  readonly allowDataLoss: boolean;
  readonly initiatorA: string;
  readonly initiatorB: string;
  /** Initiator names of the cluster that this server belongs to: their registrations are in use, not a fault. */
  readonly clusterInitiators: readonly string[];
  /** The name of this server's own initiator, asked for once somebody is there; null where it is not known. */
  readonly findOwnInitiator?: () => Promise<string | null>;
  readonly notes: KeyNotes;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onStep: (step: QualificationStep) => void;
}

export const isConflict = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok && outcome.status === STATUS.RESERVATION_CONFLICT;

/** Two initiators of ours, one logical unit, and the record of everything that was done to it. */
export class Laboratory {
  readonly settings: LaboratorySettings;
  readonly a: Nexus;
  b: Nexus;
  oneName = false;
  unit: LogicalUnit | null = null;
  readonly accessTable: AccessRow[] = [];
  readonly keyA = newKey();
  readonly keyB = newKey();
  readonly lun: bigint;
  leftBehind: string[] = [];
  #steps: QualificationStep[] = [];
  readonly #own: OwnRegistrations;
  readonly #extra = new Set<Nexus>();

  constructor(settings: LaboratorySettings) {
    this.settings = settings;
    this.lun = lunFromNumber(settings.lun);
    this.#own = new OwnRegistrations(settings, this.lun);
    this.a = new Nexus('A', settings.initiatorA, settings.access, settings.signal);
    this.b = new Nexus('B', settings.initiatorB, settings.access, settings.signal);
  }

  /** Another initiator port of ours; closed at the end of the run. */
  addNexus(label: 'A' | 'B', path?: Path): Nexus {
    const base = label === 'A' ? this.a : this.b;
    const { sourceAddress: _of, ...anywhere } = this.settings.access;
    const { portal, sourceAddress } = path ?? this.a.path;
    const access = { ...anywhere, portal, ...(sourceAddress === undefined ? {} : { sourceAddress }) };
    const nexus = new Nexus(label, base.name, access, this.settings.signal);
    this.#extra.add(nexus);
    return nexus;
  }

  /** Logs both initiators on. Where the target admits one name only, the second nexus is a second ISID of it. */
  async connect(): Promise<void> {
    const second = this.b.session();
    // The first one's failure is told first; the second one's has its turn below.
    second.catch(() => undefined);
    await this.a.session();
    try {
      await second;
    } catch (error) {
      const refusals = [
        'LOGIN_NOT_AUTHORIZED',
        'LOGIN_AUTHENTICATION_FAILED',
        'LOGIN_TARGET_NOT_FOUND',
        'LOGIN_INITIATOR_ERROR',
      ];
      if (!(error instanceof IscsiError) || !refusals.includes(error.code) || this.a.name === this.b.name) throw error;
      this.oneName = true;
      this.b = new Nexus('B', this.a.name, this.settings.access, this.settings.signal);
      await this.b.session();
    }
    this.oneName ||= this.a.name === this.b.name;
    for (const { from, to, permanent } of (await this.a.session()).info.redirects)
      this.note(`The portal ${from} redirects to ${to} (${permanent ? 'for good' : 'for now'})`);
  }

  /**
   * Many targets let everybody log on and show a logical unit to chosen names only. A second name that does not see what the
   * first one sees is not admitted: then, too, the second nexus is a second ISID of the first name.
   */
  async needSecondSight(): Promise<void> {
    if (this.oneName) return;
    const seen = await scsi.inquiry(this.b, this.lun);
    if (seen.ok && seen.value.peripheralQualifier === 0) return;
    await this.b.close().catch(() => undefined);
    this.oneName = true;
    this.b = new Nexus('B', this.a.name, this.settings.access, this.settings.signal);
    await this.b.session();
  }

  takeSteps(): QualificationStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  note(text: string, answer: string | null = null, asExpected: boolean | null = null): void {
    this.#record({ initiator: null, text, answer, asExpected, tookMs: null });
  }

  /** Sends something as one of the initiators and records what came back. */
  async ask<T>(
    nexus: Nexus,
    text: string,
    send: (nexus: Nexus) => Promise<ScsiOutcome<T>>,
    judge?: (outcome: ScsiOutcome<T>) => boolean,
  ): Promise<ScsiOutcome<T>> {
    this.settings.signal.throwIfAborted();
    const begun = performance.now();
    const outcome = await send(nexus);
    this.#record({
      initiator: nexus.label,
      text,
      answer: describeOutcome(outcome),
      asExpected: judge ? judge(outcome) : null,
      tookMs: Math.round((performance.now() - begun) * 100) / 100,
    });
    return outcome;
  }

  /** Like {@link ask}, for an answer without which the case makes no sense: anything but GOOD fails it. */
  async need<T>(nexus: Nexus, text: string, send: (nexus: Nexus) => Promise<ScsiOutcome<T>>): Promise<T> {
    const outcome = await this.ask(nexus, text, send, ({ ok }) => ok);
    if (outcome.ok) return outcome.value;
    throw failed(`${text}: the device answered ${describeOutcome(outcome)} instead of GOOD`);
  }

  // --- reservations

  /**
   * Must stand before the first PERSISTENT RESERVE OUT of every case: reservations are allowed, and nobody else has a key or a
   * reservation here.
   */
  async needFreeUnit(): Promise<void> {
    if (!this.settings.allowReservations)
      throw inconclusive('it was not asked for: reservation cases need --allow-reservations');
    // The end of the case before has looked already, a moment ago.
    if (!this.#own.isJustSeenFree) await this.needNobodyElse();
  }

  /** Anybody else's key or reservation makes a case inconclusive, with key, type and holder. */
  async needNobodyElse(): Promise<void> {
    const [keys, state] = await Promise.all([this.readKeys(this.a), this.readReservation(this.a)]);
    const own = this.#own.keys;
    const strangers = keys.keys.filter((key) => !own.has(key));
    const held = state.reservation && !own.has(state.reservation.key) ? state.reservation : null;
    if (strangers.length === 0 && !held) return;
    const full = await scsi.readFullStatus(this.a, this.lun);
    const notes = (await this.settings.notes.list()).filter(
      ({ target, lun }) => target === this.settings.target && lun === this.settings.lun,
    );
    const because = describeStrangers(
      { keys: strangers, held, registrations: full.ok ? full.value.registrations : null },
      {
        clusterInitiators: this.settings.clusterInitiators,
        ownInitiator: (await this.settings.findOwnInitiator?.()) ?? null,
        notes,
      },
    );
    if (because !== null) throw inconclusive(because);
  }

  readKeys(nexus: Nexus): Promise<ReservationKeys> {
    return this.need(nexus, 'Attempting to read the registered PR keys', (on) => scsi.readKeys(on, this.lun));
  }

  readReservation(nexus: Nexus): Promise<ReservationState> {
    return this.need(nexus, 'Attempting to read PR', (on) => scsi.readReservation(on, this.lun));
  }

  /** PERSISTENT RESERVE OUT, recorded; the caller judges. */
  reserveOut(
    nexus: Nexus,
    text: string,
    request: PersistentReserveOut,
    judge: (outcome: ScsiOutcome<undefined>) => boolean = ({ ok }) => ok,
  ): Promise<ScsiOutcome<undefined>> {
    return this.ask(nexus, text, (on) => scsi.persistentReserveOut(on, this.lun, request), judge);
  }

  /** Notes registrations that a case is about to make, in one go. */
  noteRegistrations(registrations: Parameters<OwnRegistrations['note']>[0]): Promise<void> {
    return this.#own.note(registrations);
  }

  /** Registers a key, noted durably first. Anything but GOOD fails the case. */
  async register(
    nexus: Nexus,
    key: bigint,
    action: 'register' | 'registerAndIgnoreExistingKey' = 'registerAndIgnoreExistingKey',
  ): Promise<void> {
    const outcome = await this.tryRegister(nexus, key, action);
    if (!outcome.ok) {
      const words = action === 'register' ? 'REGISTER' : 'REGISTER AND IGNORE EXISTING KEY';
      throw failed(`${words} was answered with ${describeOutcome(outcome)} instead of GOOD`);
    }
  }

  /**
   * Registers a key and hands the answer over. `keepsOld`: an earlier key of this nexus is not replaced by it, because the
   * device no longer knows whose it is.
   */
  async tryRegister(
    nexus: Nexus,
    key: bigint,
    action: 'register' | 'registerAndIgnoreExistingKey' = 'registerAndIgnoreExistingKey',
    { keepsOld = false, persistThroughPowerLoss = false } = {},
  ): Promise<ScsiOutcome<undefined>> {
    const before = this.#own.currentOf(nexus);
    // A key is noted once there is a session to register it over: one that was never sent needs no clean-up.
    await nexus.session();
    await this.#own.add(nexus, key);
    const outcome = await this.reserveOut(
      nexus,
      `Registering PR key ${formatReservationKey(key)} (${action === 'register' ? 'REGISTER' : 'REGISTER AND IGNORE EXISTING KEY'}${persistThroughPowerLoss ? ', APTPL' : ''})`,
      { action, serviceActionKey: key, ...(persistThroughPowerLoss ? { persistThroughPowerLoss } : {}) },
    );
    if (!outcome.ok) this.forget(nexus, key);
    else if (before !== undefined && before !== key && !keepsOld) this.forget(nexus, before);
    return outcome;
  }

  /** Removes a registration as clustering does: REGISTER AND IGNORE EXISTING KEY with key 0. */
  async unregister(nexus: Nexus): Promise<ScsiOutcome<undefined>> {
    const outcome = await this.reserveOut(nexus, 'Unregistering PR key', {
      action: 'registerAndIgnoreExistingKey',
      serviceActionKey: 0n,
    });
    if (outcome.ok) this.forget(nexus);
    return outcome;
  }

  /** A registration of ours is gone by another's doing (preempt, clear), or was never made. */
  forget(nexus: Nexus, key = this.#own.currentOf(nexus)): void {
    if (key !== undefined) this.#own.forget(nexus, key);
  }

  async reserve(nexus: Nexus, key: bigint, type: ReservationType): Promise<void> {
    const name = describeReservationType(reservationTypeCode(type));
    const outcome = await this.reserveOut(nexus, `Putting PR reserve: ${name}`, { action: 'reserve', type, key });
    if (!outcome.ok) throw failed(`RESERVE, ${name}, was answered with ${describeOutcome(outcome)} instead of GOOD`);
  }

  /**
   * Does a write of this initiator conflict? Asked with two commands that change nothing even where reservations are ignored:
   * SYNCHRONIZE CACHE and WRITE with transfer length 0 (SBC-3, table of commands allowed in the presence of reservations).
   */
  async probeWrite(nexus: Nexus, conflictExpected: boolean | null): Promise<{ conflicts: boolean; answers: string }> {
    const judge =
      conflictExpected === null
        ? undefined
        : (outcome: ScsiOutcome<unknown>): boolean => isConflict(outcome) === conflictExpected;
    const [cache, write] = await Promise.all([
      this.ask(
        nexus,
        'SYNCHRONIZE CACHE (changes nothing, counts as a write)',
        (on) => scsi.synchronizeCache(on, this.lun),
        judge,
      ),
      this.ask(
        nexus,
        'WRITE of no block (changes nothing, counts as a write)',
        (on) => scsi.write(on, this.lun, 0n, Buffer.alloc(0), this.unit?.blockSizeBytes ?? 512),
        judge,
      ),
    ]);
    if (isConflict(cache) !== isConflict(write))
      this.note('The two commands were not answered alike: the device judges them by different rules');
    return {
      conflicts: isConflict(cache) || isConflict(write),
      answers: `SYNCHRONIZE CACHE: ${describeOutcome(cache)}; WRITE of no block: ${describeOutcome(write)}`,
    };
  }

  probeRead(nexus: Nexus, conflictExpected: boolean | null): Promise<ScsiOutcome<Buffer>> {
    return this.ask(
      nexus,
      'READ of block 0',
      (on) => scsi.read(on, this.lun, { firstBlock: 0n, blocks: 1 }, this.unit?.blockSizeBytes ?? 512),
      conflictExpected === null ? undefined : (outcome) => isConflict(outcome) === conflictExpected,
    );
  }

  needUnit(): LogicalUnit {
    if (!this.unit) throw inconclusive('the logical unit could not be described');
    return this.unit;
  }

  /** Removes every key of ours from the device; what can not be removed is named in {@link leftBehind} and stays noted. */
  async cleanUp(): Promise<void> {
    this.leftBehind = await this.#own.removeAll(this.a);
  }

  /** Ends the sessions of a case that only this case needed; those of registrations that could not be removed stay. */
  async closeExtras(): Promise<void> {
    const ended = [...this.#extra].filter((nexus) => this.#own.currentOf(nexus) === undefined);
    for (const nexus of ended) this.#extra.delete(nexus);
    await Promise.all(ended.map((nexus) => nexus.close().catch(() => undefined)));
  }

  async close(): Promise<void> {
    await Promise.all([this.a, this.b, ...this.#extra].map((nexus) => nexus.close().catch(() => undefined)));
  }

  /** At the end of a run: only what could not be removed stays noted. */
  settleNotes(): Promise<void> {
    return this.#own.settleNotes();
  }

  #record(step: Omit<QualificationStep, 'at'>): void {
    const full = { at: this.settings.now().toISOString(), ...step };
    this.#steps.push(full);
    this.settings.onStep(full);
  }
}
