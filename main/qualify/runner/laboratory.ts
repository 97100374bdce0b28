import {
  describeReservationType,
  formatReservationKey,
  IscsiError,
  lunFromNumber,
  reservationTypeCode,
  scsi,
  SENSE_KEY,
  type PersistentReserveOut,
  type ReservationKeys,
  type ReservationState,
  type ReservationType,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type {
  AccessRow,
  LogicalUnit,
  Purpose,
  QualificationStep,
  UnitFact,
} from '../../../shared/model/qualification.ts';
import { absenceOf, isConflict, isNotReady, pathStateOf } from './absence.ts';
import { lookBehind } from './behind.ts';
import { CleanUp } from './clean-up.ts';
import { Deadline } from './deadline.ts';
import { GenerationWatch } from './generation-watch.ts';
import { Initiators, type InitiatorSettings } from './initiators.ts';
import type { KeyNotes } from './key-notes.ts';
import type { Nexus } from './nexus.ts';
import { failed, inconclusive } from './not-passed.ts';
import { Others } from './others.ts';
import { Ports } from './ports.ts';
import { Proofs } from './proofs.ts';
import { OwnRegistrations, type OwnRegistration } from './own-registrations.ts';
import { describeOutcome, newKey } from './remove-key.ts';
import { describeUnreachableKey, findUnitAgain } from './same-unit.ts';
import { StepLog } from './step-log.ts';
import type { RealWrites, WriteRule } from './write-rule.ts';
import { describeLegacyHolder } from './strangers.ts';
import { together } from './together.ts';

export interface LaboratorySettings extends InitiatorSettings {
  readonly target: string;
  readonly lun: number;
  readonly purpose: Purpose;
  readonly nodes: number;
  readonly paths: number;
  readonly allowReservations: boolean;
  readonly allowDataLoss: boolean;
  /** Initiator names of the cluster that this server belongs to: their registrations are in use, not a fault. */
  readonly clusterInitiators: readonly string[];
  /** The name of this server's own initiator, asked for once somebody is there; null where it is not known. */
  readonly findOwnInitiator?: () => Promise<string | null>;
  readonly notes: KeyNotes;
  /** How long new questions may be asked, in milliseconds; left out, fifteen minutes. */
  readonly limitMs?: number;
  readonly now: () => Date;
  readonly onStep: (step: QualificationStep) => void;
  /** Cancelled, and own keys are removed now. */
  readonly onCleanUp: () => void;
}

/** Notes of so many registrations cost nothing beside the first; more would be many to look after where a run is killed early. */
const mostNotedAhead = 16;

/** How long a run may ask new questions; what is open then stays open. */
const runLimitMs = 15 * 60_000;
/** A question that stayed unanswered so often is not asked again: each time costs its whole deadline. */
const mostUnanswered = 2;

/** A command that failed at the device, as against one that it refuses. */
const isErring = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok && outcome.sense !== undefined && outcome.sense.senseKey !== SENSE_KEY.ILLEGAL_REQUEST;

/*
 * Longer than a file here usually is: what a case may do to the unit is one vocabulary over one state. Whether a question may still be asked, what
 * silence or another unit under the number means, what is registered and what has to be removed, each rests on all the others; what
 * does not (clean-up, generations, others' keys, proofs, deadlines, words) has files of its own beside this one.
 */

/** Two initiators of ours, one logical unit, and the record of everything that was done to it. */
export class Laboratory {
  readonly settings: LaboratorySettings;
  readonly initiators: Initiators;
  readonly ports: Ports;
  unit: LogicalUnit | null = null;
  /** An answer that kept the description from being whole: a conflict, or a device that is not there. */
  refusal: ScsiOutcome<unknown> | null = null;
  /** A question about the unit that stayed unanswered, as a sentence: a figure that is missing then is nobody's fault. */
  unanswered: string | null = null;
  /** What the device sent in place of a fact, as a sentence for each. */
  wrong: ReadonlyMap<UnitFact, string> = new Map();
  readonly accessTable: AccessRow[] = [];
  readonly keyA = newKey();
  readonly keyB = newKey();
  readonly lun: bigint;
  /** What stays on the device, in sentences. */
  leftBehind: string[] = [];
  /** What has to be said of this run whatever its verdict. */
  readonly warnings: string[] = [];
  /** Why nothing more can be asked of the logical unit; null while it answers. */
  gone: string | null = null;
  /** Another unit answers under the number. */
  #isElsewhere = false;
  /** Whether a command of this case was answered with RESERVATION CONFLICT. */
  hasMetConflict = false;
  /** By what it is judged on this device whether a write is refused; null until it was found out. */
  writeRule: WriteRule | null = null;
  /** What block 0 held when it was read last; null before. */
  blockZero: Buffer | null = null;
  /** What real writes brought, where they were needed to find the rule. */
  realWrites: RealWrites | null = null;
  /** Whether the target takes two sessions of one name for one initiator; null until it had to be found out. */
  isOneInitiator: boolean | null = null;
  /** What cases have found out for others. */
  readonly proofs = new Proofs();
  /** How long each PERSISTENT RESERVE OUT took. */
  readonly reserveOutMs: number[] = [];
  readonly log: StepLog;
  readonly others: Others;
  readonly #own: OwnRegistrations;
  readonly #watch = new GenerationWatch();
  readonly #cleanUp: CleanUp;
  readonly #deadline: Deadline;
  /** Questions that were not answered, by their words, and how often. */
  readonly #unanswered = new Map<string, number>();
  /** The keys were read since the last PERSISTENT RESERVE OUT was sent. */
  #hasLooked = false;
  /** Whether this run holds the reservation, as far as it was told. */
  #isHeld = false;

  constructor(settings: LaboratorySettings) {
    this.settings = settings;
    this.lun = lunFromNumber(settings.lun);
    this.log = new StepLog(settings.now, settings.onStep);
    this.initiators = new Initiators(settings, (initiator, answer) =>
      this.log.note('An answer that was passed over', answer, null, { initiator }),
    );
    this.ports = new Ports(this.initiators, settings, this.keyA);
    this.#deadline = new Deadline(settings.limitMs ?? runLimitMs);
    this.#own = new OwnRegistrations(settings);
    this.others = new Others(this, this.#own, this.#watch);
    this.#cleanUp = new CleanUp(this.#own, this.lun, this.log, this.#watch);
  }

  get a(): Nexus {
    return this.initiators.a;
  }

  get b(): Nexus {
    return this.initiators.b;
  }

  note(text: string, answer: string | null = null, asExpected: boolean | null = null): void {
    this.log.note(text, answer, asExpected);
  }

  // --- asking

  /**
   * Sends something as one of the initiators and records what came back. `isRaw`: the case itself judges a device that is not there. `onSent`: see
   * {@link lookBehind}.
   */
  async ask<T>(
    nexus: Nexus,
    text: string,
    send: (nexus: Nexus) => Promise<ScsiOutcome<T>>,
    judge?: (outcome: ScsiOutcome<T>) => boolean,
    { isRaw = false, onSent }: { isRaw?: boolean; onSent?: (() => void) | undefined } = {},
  ): Promise<ScsiOutcome<T>> {
    this.settings.signal.throwIfAborted();
    this.#needAnswerable(text);
    const sendAndTell = (): Promise<ScsiOutcome<T>> => {
      const answer = send(nexus);
      onSent?.();
      return answer;
    };
    const { outcome } = await this.log.record(nexus.label, text, sendAndTell, judge).catch((error: unknown) => {
      throw this.#noticeSilence(error, text, nexus);
    });
    this.#cleanUp.heard(nexus.portal);
    if (outcome.ok) return outcome;
    if (!isRaw) await this.heed(outcome, text, nexus);
    else if (isConflict(outcome)) this.hasMetConflict = true;
    return outcome;
  }

  /** A target may answer all but one question: that one costs the case in which it is asked, twice, and no time after that. */
  #needAnswerable(text: string): void {
    if (this.#deadline.isOver) throw inconclusive('the time for this run was over');
    if ((this.#unanswered.get(text) ?? 0) >= mostUnanswered)
      throw inconclusive(`the target did not answer "${text}" before, and is not asked again`);
  }

  /** The session of a question that was not answered is dropped: the next question opens another one. */
  #noticeSilence(error: unknown, text: string, nexus: Nexus): unknown {
    if (error instanceof IscsiError && error.code === 'COMMAND_TIMED_OUT') {
      this.#unanswered.set(text, (this.#unanswered.get(text) ?? 0) + 1);
      nexus.cut();
    }
    return error;
  }

  /** Whether the time in which new questions are asked is over. */
  get isTimeOver(): boolean {
    return this.#deadline.isOver;
  }

  /**
   * A device that is gone, not ready or lastingly busy ends the case and all that follow: it says nothing about reservations. NOT READY may be the answer
   * to the command alone, which was refused then: only where TEST UNIT READY says the same it is one of the logical unit. A state of asymmetric access
   * belongs to the path.
   */
  async heed(outcome: ScsiOutcome<unknown>, text: string, nexus: Nexus = this.a): Promise<void> {
    if (isConflict(outcome)) this.hasMetConflict = true;
    const path = pathStateOf(outcome);
    if (path !== null)
      throw inconclusive(
        `the path over ${nexus.portal} ${path}: "${text}" was answered with ${describeOutcome(outcome)}. Name a portal whose path is active first`,
      );
    const absence = absenceOf(outcome);
    if (absence === null || (isNotReady(outcome) && !(await this.#isUnitNotReady(nexus)))) return;
    this.gone ??= this.#describeAbsence(absence, text, outcome, nexus);
    throw inconclusive(this.gone);
  }

  #describeAbsence(absence: string, text: string, outcome: ScsiOutcome<unknown>, nexus: Nexus): string {
    const { lun, target } = this.settings;
    return `LUN ${lun} of ${target} at ${nexus.portal} ${absence} since the step "${text}" (${describeOutcome(outcome)})`;
  }

  /**
   * Asked where a case failed: why that says nothing of the unit that the run began with (see {@link findUnitAgain}), or null. Nothing more is asked of
   * another unit then, the clean-up included; where the unit could not be asked, the next case asks it.
   * @param isSilence the case failed because nothing was answered: that the unit does not answer now either says no more than that
   */
  async whyNotThisUnit(since: string, isSilence: boolean): Promise<string | null> {
    const { lun, target } = this.settings;
    const found = await findUnitAgain(this.a, lun, this.unit, this.log);
    if (found.kind === 'same') return null;
    if (found.kind === 'unknown')
      return isSilence
        ? null
        : `whether LUN ${lun} of ${target} still is the logical unit that the run began with could not be asked after the case failed: ${found.because}`;
    const text = 'TEST UNIT READY, because INQUIRY tells of another unit or none';
    const ready = await this.log
      .record(this.a.label, text, () => scsi.testUnitReady(this.a, this.lun))
      .catch((error: unknown) => {
        if (error instanceof IscsiError) return null;
        throw error;
      });
    const absence = ready === null ? null : absenceOf(ready.outcome);
    if (ready !== null && absence !== null) {
      this.gone = this.#describeAbsence(absence, text, ready.outcome, this.a);
      return this.gone;
    }
    this.gone = `LUN ${lun} of ${target} was ${this.unit?.identity ?? 'a disk'} when the run began, and ${found.name} answers under this number since the case "${since}": it was unmapped or mapped anew`;
    this.#isElsewhere = true;
    return this.gone;
  }

  async #isUnitNotReady(nexus: Nexus): Promise<boolean> {
    const text = 'TEST UNIT READY, because NOT READY may have been said of the command alone';
    const send = (): Promise<ScsiOutcome<undefined>> => scsi.testUnitReady(nexus, this.lun);
    return isNotReady((await this.log.record(nexus.label, text, send)).outcome);
  }

  /** Like {@link ask}, for an answer without which the case makes no sense: anything but GOOD fails it. */
  async need<T>(nexus: Nexus, text: string, send: (nexus: Nexus) => Promise<ScsiOutcome<T>>): Promise<T> {
    const outcome = await this.ask(nexus, text, send, ({ ok }) => ok);
    if (outcome.ok) return outcome.value;
    throw failed(`${text}: the device answered ${describeOutcome(outcome)} instead of GOOD`);
  }

  needUnit(): LogicalUnit {
    if (!this.unit) throw inconclusive('the logical unit could not be described');
    return this.unit;
  }

  /** What was met in the case before does not count in the next. */
  beginCase(id: string): void {
    this.proofs.begin(id);
    this.others.forgetSeen();
    this.hasMetConflict = false;
  }

  // --- who else is there

  /**
   * Must stand before the first PERSISTENT RESERVE OUT of every case: reservations are allowed, and nobody else has a key or a
   * reservation here.
   */
  async needFreeUnit(): Promise<void> {
    if (!this.settings.allowReservations)
      throw inconclusive(
        'reserving the LUN was not allowed (--allow-reservations, or the box "Reserve LUN" in the window)',
      );
    // The end of the case before has looked already, a moment ago; and the keys are read again before every RESERVE.
    if (!this.#own.isJustSeenFree) await this.needNobodyElse();
    if (this.leftBehind.length === 0) return;
    // What a case could not remove would be the reason of every failure after it.
    await this.cleanUp();
    const [left] = this.leftBehind;
    if (left !== undefined)
      throw inconclusive(`what a case before this one made is still there. ${left.replace(/\.$/, '')}`);
  }

  needNobodyElse(): Promise<void> {
    return this.others.needNobody();
  }

  async readKeys(nexus: Nexus): Promise<ReservationKeys> {
    const keys = await this.#readIn(nexus, 'Attempting to read the registered PR keys', (on) =>
      scsi.readKeys(on, this.lun),
    );
    this.others.see(keys);
    return keys;
  }

  async readReservation(nexus: Nexus): Promise<ReservationState> {
    const state = await this.#readIn(nexus, 'Attempting to read PR', (on) => scsi.readReservation(on, this.lun));
    if (!state.reservation) this.#own.held = null;
    this.#isHeld = this.#own.held !== null;
    return state;
  }

  /** PERSISTENT RESERVE IN never conflicts with a persistent reservation; it does with one of SPC-2. */
  async #readIn<T>(nexus: Nexus, text: string, send: (nexus: Nexus) => Promise<ScsiOutcome<T>>): Promise<T> {
    const outcome = await this.ask(nexus, text, send, ({ ok }) => ok);
    if (outcome.ok) return outcome.value;
    if (isConflict(outcome)) throw inconclusive(describeLegacyHolder(text));
    throw failed(`${text}: the device answered ${describeOutcome(outcome)} instead of GOOD`);
  }

  // --- reservations

  /** PERSISTENT RESERVE OUT, recorded; the caller judges. */
  async reserveOut(
    nexus: Nexus,
    text: string,
    request: PersistentReserveOut,
    judge?: (outcome: ScsiOutcome<undefined>) => boolean,
    onSent?: () => void,
  ): Promise<ScsiOutcome<undefined>> {
    const outcome = await this.#reserveOut(nexus, text, request, judge, onSent);
    if (!outcome.ok) await this.heed(outcome, text, nexus);
    return outcome;
  }

  /** Nothing is reserved over a stranger who came since the last look; what is held and what was changed is remembered. */
  async #reserveOut(
    nexus: Nexus,
    text: string,
    request: PersistentReserveOut,
    judge: (outcome: ScsiOutcome<undefined>) => boolean = ({ ok }) => ok,
    onSent?: () => void,
  ): Promise<ScsiOutcome<undefined>> {
    const { action, type, key = 0n } = request;
    if (action === 'reserve' && !this.#isHeld && !this.#hasLooked) await this.others.needOwnKeysOnly(nexus);
    this.#hasLooked = false;
    const begun = performance.now();
    let outcome: ScsiOutcome<undefined> | null = null;
    try {
      outcome = await this.ask(nexus, text, (on) => scsi.persistentReserveOut(on, this.lun, request), judge, {
        isRaw: true,
        onSent,
      });
    } finally {
      this.#watch.count(action, outcome);
      this.reserveOutMs.push(performance.now() - begun);
      // Whether it was carried out is not known where there was no answer: then it counts as held, and is released.
      const isDone = outcome === null || outcome.ok;
      const isTaking = action === 'reserve' || action === 'preempt' || action === 'preemptAndAbort';
      if (isDone && isTaking && type !== undefined) this.#own.held = { nexus, key, type };
      // What the device says to be released is held until a look shows that it is not; nothing is reserved on its word alone.
      if (isDone) this.#isHeld = isTaking || (this.#isHeld && action !== 'clear' && action !== 'release');
    }
    return outcome;
  }

  /** Notes registrations that a case is about to make, in one go. */
  noteRegistrations(registrations: readonly OwnRegistration[]): Promise<void> {
    return this.#own.noteWithMomentary(registrations);
  }

  /** What a run registers as a rule, the few of Reservations.Registrations.Capacity included. */
  #usual(): OwnRegistration[] {
    const few = this.ports.capacity.length <= mostNotedAhead ? this.ports.capacity : [];
    return [
      { nexus: this.a, key: this.keyA },
      { nexus: this.a, key: this.keyB },
      { nexus: this.b, key: this.keyB },
      { nexus: this.ports.spares.A, key: this.keyA },
      ...few,
    ];
  }

  /** Registers a key, noted durably first. Anything but GOOD fails the case. */
  async register(
    nexus: Nexus,
    key: bigint,
    action: 'register' | 'registerAndIgnoreExistingKey' = 'registerAndIgnoreExistingKey',
    onSent?: () => void,
  ): Promise<void> {
    const outcome = await this.tryRegister(nexus, key, action, onSent ? { onSent } : {});
    if (!outcome.ok) {
      const words = action === 'register' ? 'REGISTER' : 'REGISTER AND IGNORE EXISTING KEY';
      throw failed(`${words} was answered with ${describeOutcome(outcome)} instead of GOOD`);
    }
  }

  /** Registers a key and looks at something behind it over the same session: see {@link lookBehind}. */
  async registerAndSee<Seen>(nexus: Nexus, key: bigint, look: () => Promise<Seen>): Promise<Seen> {
    return (await lookBehind((onSent) => this.register(nexus, key, undefined, onSent), look))[1];
  }

  /** Registers a key and reads the keys in one go, for a RESERVE that follows at once. */
  async registerAndLook(nexus: Nexus, key: bigint): Promise<void> {
    // In whatever order: strangers are looked for.
    await together([this.register(nexus, key), nexus.session().then(() => this.others.needOwnKeysOnly(nexus))]);
    this.#hasLooked = true;
  }

  /**
   * Registers a key and hands the answer over. `keepsOld`: an earlier key of this nexus is not replaced by it, because the
   * device no longer knows whose it is. `withKey`: the reservation key that is given, right or wrong.
   */
  async tryRegister(
    nexus: Nexus,
    key: bigint,
    action: 'register' | 'registerAndIgnoreExistingKey' = 'registerAndIgnoreExistingKey',
    {
      keepsOld = false,
      persistThroughPowerLoss = false,
      withKey,
      judge,
      onSent,
    }: {
      keepsOld?: boolean;
      persistThroughPowerLoss?: boolean;
      withKey?: bigint;
      judge?: (outcome: ScsiOutcome<undefined>) => boolean;
      onSent?: () => void;
    } = {},
  ): Promise<ScsiOutcome<undefined>> {
    const before = this.#own.currentOf(nexus);
    // A key is noted once there is a session to register it over: one that was never sent needs no clean-up.
    await nexus.session();
    // In one go with what every run needs: each note is flushed to the disk.
    await this.#own.noteWithMomentary([...this.#usual(), { nexus, key }]);
    if (before !== key) await this.#own.add(nexus, key);
    const words = [
      action === 'register' ? 'REGISTER' : 'REGISTER AND IGNORE EXISTING KEY',
      ...(persistThroughPowerLoss ? ['APTPL'] : []),
      ...(withKey === undefined ? [] : ['a wrong reservation key']),
    ].join(', ');
    const text = `Registering PR key ${formatReservationKey(key)} (${words})`;
    const request = {
      action,
      serviceActionKey: key,
      ...(withKey === undefined ? {} : { key: withKey }),
      ...(persistThroughPowerLoss ? { persistThroughPowerLoss } : {}),
    };
    const outcome = await this.#reserveOut(nexus, text, request, judge, onSent);
    if (outcome.ok) {
      if (before !== key && before !== undefined && !keepsOld) this.forget(nexus, before);
      return outcome;
    }
    if (before !== key && isErring(outcome) && (await this.#isShown(nexus, key)))
      throw failed(this.#describeErringRegister(text, outcome));
    if (before !== key) this.forget(nexus, key);
    await this.heed(outcome, text, nexus);
    return outcome;
  }

  /** Whether a key of ours is on the device, whatever was answered to its registration; it stays ours then, and is removed at the end of the case. */
  async #isShown(nexus: Nexus, key: bigint): Promise<boolean> {
    const text = 'Attempting to read the registered PR keys, because a refused registration may have been made';
    const { outcome } = await this.log.record(nexus.label, text, () => scsi.readKeys(nexus, this.lun));
    return outcome.ok && outcome.value.keys.includes(key);
  }

  /** Seen on Debian's default set-up of the Linux kernel's target: its tools name a folder for APTPL that nothing makes. */
  #describeErringRegister(text: string, outcome: ScsiOutcome<unknown>): string {
    const said = `"${text}" was answered with ${describeOutcome(outcome)}, and the key was registered all the same`;
    if (this.unit?.vendor !== 'LIO-ORG') return `${said}: the target cannot keep its registrations, look into its log`;
    return `${said}. On the Linux kernel's target the folder "pr" is missing below the folder that /sys/kernel/config/target/dbroot names there, such as /etc/rtslib-fb-target: make it (mkdir -p /etc/rtslib-fb-target/pr) and run this again`;
  }

  /** Removes a registration as clustering does: REGISTER AND IGNORE EXISTING KEY with key 0. */
  async unregister(nexus: Nexus, onSent?: () => void): Promise<ScsiOutcome<undefined>> {
    const request = { action: 'registerAndIgnoreExistingKey', serviceActionKey: 0n } as const;
    const outcome = await this.reserveOut(nexus, 'Unregistering PR key', request, undefined, onSent);
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

  // --- the end

  /** Removes every key of ours from the device; what cannot be removed is named in {@link leftBehind} and stays noted. */
  async cleanUp(): Promise<void> {
    if (this.settings.signal.aborted && this.#own.list.length > 0) this.settings.onCleanUp();
    this.#isHeld = false;
    if (this.#isElsewhere) {
      // What answers now is not ours to change, and shows nothing of the unit that it was.
      this.leftBehind = this.#own.list.map((own) => describeUnreachableKey(own, this.settings.lun, this.unit));
      return;
    }
    this.leftBehind = await this.#cleanUp.run(this.a);
  }

  /** Sessions that only this case needed end with it: see {@link Ports.close}. */
  closeExtras({ keepsSpares = false } = {}): Promise<void> {
    return this.ports.close((nexus) => this.#own.currentOf(nexus) !== undefined, keepsSpares);
  }

  /** At the end of a run: only what could not be removed stays noted. A note that cannot be removed is said, and costs nothing else. */
  async settleNotes(): Promise<void> {
    try {
      await this.#own.settleNotes();
    } catch (error) {
      this.warnings.push(
        `The notes of the keys of this run, which are gone from the device, could not be removed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
