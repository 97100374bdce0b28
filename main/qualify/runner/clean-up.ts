import {
  describeReservationType,
  formatReservationKey,
  IscsiError,
  reservationTypeCode,
  scsi,
  type PersistentReserveOut,
  type ReservationKeys,
  type ReservationState,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import { absenceOf } from './absence.ts';
import { Deadline } from './deadline.ts';
import type { GenerationWatch } from './generation-watch.ts';
import type { Nexus } from './nexus.ts';
import { describeBreak } from './not-passed.ts';
import type { OwnRegistration, OwnRegistrations, OwnReservation } from './own-registrations.ts';
import { describeOutcome, removeRegistration, type Recording } from './remove-key.ts';
import type { StepLog } from './step-log.ts';

/** A person who pressed Ctrl-C waits for no longer than this for a target that says nothing; every key has its share beside. */
const limitMs = 30_000;
const perKeyMs = 200;
/** Sessions that are opened at once only to unregister: a target that had no room for all has room for a few. */
const atOnce = 4;
/** After these the portal is not tried again: whoever waits for the clean-up would wait once more for each key. */
const unreachable: ReadonlySet<string> = new Set(['TIMED_OUT', 'PORTAL_REFUSED', 'PORTAL_UNREACHABLE']);

/** The registered keys and the reservation, as far as they could be read. */
type Shown = readonly [ScsiOutcome<ReservationKeys>, ScsiOutcome<ReservationState>];

const isFree = ([keys, state]: Shown): boolean =>
  keys.ok && keys.value.keys.length === 0 && state.ok && !state.value.reservation;

/** Removes what this run registered, over the sessions and after the cancellation of everything else. */
export class CleanUp {
  readonly #own: OwnRegistrations;
  readonly #lun: bigint;
  readonly #log: StepLog;
  readonly #watch: GenerationWatch;
  /** Portals that did not answer, with what was met there: nobody waits for them again. */
  readonly #silent = new Map<string, string>();
  #deadline: Deadline | null = null;
  /** The reservation as the look showed it right behind which a key is removed; null where anything came in between. */
  #justSeen: ScsiOutcome<ReservationState> | null = null;

  constructor(own: OwnRegistrations, lun: bigint, log: StepLog, watch: GenerationWatch) {
    this.#own = own;
    this.#lun = lun;
    this.#log = log;
    this.#watch = watch;
  }

  /** A portal answered again: it is waited for as if nothing had been. */
  heard(portal: string): void {
    if (this.#silent.delete(portal) && this.#silent.size === 0) this.#deadline = null;
  }

  /** Removes every key and the reservation of ours and proves it; a sentence for each that could not be removed. */
  async run(reader: Nexus): Promise<string[]> {
    const { list } = this.#own;
    if (!this.#own.needsLook) return [];
    const deadline = this.#deadline ?? new Deadline(limitMs + perKeyMs * list.length);
    const left: string[] = [];
    this.#justSeen = null;
    await this.#removeAtOnce(reader, deadline);
    for (const own of [...this.#own.list]) {
      const because = await this.#removeOne(own, deadline);
      if (because !== null)
        left.push(
          `The key ${formatReservationKey(own.key)} of ${own.nexus.name} (ISID ${own.nexus.isidText}) could not be removed: ${because}. "quorate iscsi reservations clear-mine" removes it.`,
        );
    }
    const reservation = left.length === 0 ? await this.#endReservation(reader, deadline) : null;
    if (reservation !== null) left.push(reservation);
    // Clean-ups that follow each other at a silent target share the one deadline.
    this.#deadline = this.#silent.size > 0 ? deadline : null;
    return left;
  }

  #recording(nexus: Nexus, deadline: Deadline): Recording {
    return async (text, send) => {
      const { outcome } = await this.#log.record(nexus.label, text, () => send(nexus.afterwards(deadline)));
      return outcome;
    };
  }

  async #out(
    nexus: Nexus,
    deadline: Deadline,
    text: string,
    request: PersistentReserveOut,
  ): Promise<ScsiOutcome<undefined> | null> {
    try {
      const outcome = await this.#recording(nexus, deadline)(text, (on) =>
        scsi.persistentReserveOut(on, this.#lun, request),
      );
      this.#watch.count(request.action, outcome);
      this.heard(nexus.portal);
      return outcome;
    } catch (error) {
      this.#watch.count(request.action, null);
      if (!(error instanceof IscsiError)) throw error;
      // It is tried once more over a new session; what is left then is named.
      nexus.cut();
      this.#noticeSilence(nexus, error);
      return null;
    }
  }

  /**
   * The usual case, in as few commands as prove it: the holder releases, every nexus removes its own key, and one look shows
   * that all are gone. Released first, because some targets keep a reservation whose holder unregisters.
   */
  async #removeAtOnce(reader: Nexus, deadline: Deadline): Promise<void> {
    const { held } = this.#own;
    const removed: OwnRegistration[] = [];
    const unregister = async (own: OwnRegistration): Promise<void> => {
      const { nexus, key } = own;
      const request = { action: 'register', key, serviceActionKey: 0n } as const;
      const outcome = await this.#out(nexus, deadline, 'Unregistering PR key', request);
      if (outcome?.ok) removed.push(own);
    };
    const release = async (): Promise<void> => {
      if (!held) return;
      const { nexus, key, type } = held;
      const request = { action: 'release', type, key } as const;
      if ((await this.#out(nexus, deadline, 'Releasing PR reserve', request))?.ok) this.#own.held = null;
    };
    const staying = this.#own.list.filter(({ nexus }) => !nexus.isPassing);
    const holder = staying.filter(({ nexus }) => nexus === held?.nexus);
    const others = staying.filter(({ nexus }) => nexus !== held?.nexus);
    const removals = [...others.map(unregister), release(), ...holder.map(unregister)];
    // The look can follow at once. Over the one session commands are delivered in their order (RFC 7143 section 4.2.2.1); over several, and where a device
    // carries them out in another order, it may come too early. Then it shows something, and another one follows.
    if (reader.hasSession && staying.length === this.#own.list.length) {
      const [shown] = await Promise.all([this.#read(reader, deadline), ...removals]);
      // What was refused is there, and is removed one by one.
      const isRefused = removed.length < staying.length;
      if (shown === null || isFree(shown) || isRefused) return this.#believe(shown, removed, held);
    }
    await Promise.all(removals);
    const passing = this.#own.list.filter(({ nexus }) => nexus.isPassing);
    const lane = async (): Promise<void> => {
      for (let next = passing.shift(); next && !deadline.isOver; next = passing.shift()) {
        await unregister(next);
        await next.nexus.logout().catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    this.#believe(await this.#read(reader, deadline), removed, held);
  }

  /** What the device shows; null when the conversation broke, and then what is left is removed one by one over new sessions. */
  async #read(reader: Nexus, deadline: Deadline): Promise<Shown | null> {
    const record = this.#recording(reader, deadline);
    try {
      return await Promise.all([
        record('Attempting to read the registered PR keys', (on) => scsi.readKeys(on, this.#lun)),
        record('Attempting to read PR', (on) => scsi.readReservation(on, this.#lun)),
      ]);
    } catch (error) {
      if (!(error instanceof IscsiError)) throw error;
      reader.cut();
      return null;
    }
  }

  /** `removed` and the reservation are believed to be gone only where a look cannot show it any more. */
  #believe(shown: Shown | null, removed: readonly OwnRegistration[], held: OwnReservation | null): void {
    if (shown === null) return;
    const [keys, state] = shown;
    if (!keys.ok) {
      // A device that is gone shows nothing any more: its GOOD to the removal is all that there will be.
      for (const { nexus, key } of removed) this.#own.forget(nexus, key);
      return;
    }
    this.#watch.look(keys.value);
    this.#own.keepShown(keys.value.keys);
    if (!state.ok) return;
    this.#justSeen = state;
    // Its GOOD to the release was no word to rely on where the reservation is still shown.
    this.#own.held = state.value.reservation ? held : null;
    this.#own.seeFree(isFree(shown));
  }

  /** One after the other; a portal that does not answer is not asked again for its other keys. */
  async #removeOne({ nexus, key }: OwnRegistration, deadline: Deadline): Promise<string | null> {
    for (let attempt = 1; ; attempt += 1) {
      const silent = this.#silent.get(nexus.portal);
      if (silent !== undefined) return silent;
      if (deadline.isOver) return 'the time for the clean-up was over';
      try {
        const before = this.#justSeen ?? undefined;
        this.#justSeen = null;
        const momentary = this.#own.momentaryOf(nexus);
        const removal = await removeRegistration(this.#recording(nexus, deadline), this.#lun, key, momentary, before);
        if (removal.kind === 'left') return removal.because;
        this.#own.forget(nexus, key);
        if (this.#own.held?.nexus === nexus && this.#own.held.key === key) this.#own.held = null;
        return null;
      } catch (error) {
        nexus.cut();
        if (!(error instanceof IscsiError)) return error instanceof Error ? error.message : String(error);
        this.#noticeSilence(nexus, error, attempt > 1);
      } finally {
        this.#watch.count('register', null);
        if (nexus.isPassing) await nexus.logout().catch(() => undefined);
      }
    }
  }

  #noticeSilence({ portal }: Nexus, error: IscsiError, isCertain = false): void {
    if (isCertain || unreachable.has(error.code)) this.#silent.set(portal, describeBreak(error));
  }

  /**
   * A reservation of ours that its holder cannot release, because the device shows it under another of its keys: CLEAR ends it. It takes every key, so the
   * holder has to be the only one that is registered.
   */
  async #clearAlone(reader: Nexus, { nexus, key }: OwnReservation, deadline: Deadline): Promise<boolean> {
    const text = `Registering PR key ${formatReservationKey(key)} (REGISTER)`;
    await this.#out(nexus, deadline, text, { action: 'register', key: 0n, serviceActionKey: key });
    const shown = await this.#read(reader, deadline);
    const isAlone = shown?.[0].ok === true && shown[0].value.keys.length === 1 && shown[0].value.keys[0] === key;
    if (!isAlone) return false;
    await this.#out(nexus, deadline, 'Clearing PR', { action: 'clear', key });
    const after = await this.#read(reader, deadline);
    return after !== null && isFree(after);
  }

  /** Is the reservation that this run took still there, although its key is gone? Then the holder registers again and ends it. */
  async #endReservation(reader: Nexus, deadline: Deadline): Promise<string | null> {
    const { held } = this.#own;
    if (!held) return null;
    const { nexus, key, type } = held;
    const name = describeReservationType(reservationTypeCode(type));
    const words = (because: string): string => {
      this.#own.keepNoteOf(held);
      return `The reservation ${name} that ${nexus.name} (ISID ${nexus.isidText}) took with the key ${formatReservationKey(key)} is still there, although nobody is registered: ${because}. The administrator of the storage can clear it.`;
    };
    try {
      const record = this.#recording(reader, deadline);
      const [keys, state] = await Promise.all([
        record('Attempting to read the registered PR keys', (on) => scsi.readKeys(on, this.#lun)),
        record('Attempting to read PR', (on) => scsi.readReservation(on, this.#lun)),
      ]);
      if (!keys.ok || !state.ok) {
        // Gone after the removal of its holder was answered GOOD, which ends it (SPC-4 section 5.13.11.1.2): more cannot be known.
        const answer = keys.ok ? state : keys;
        if (absenceOf(answer) === null) return words(`reading it was answered with ${describeOutcome(answer)}`);
        this.#own.held = null;
        return null;
      }
      const { reservation } = state.value;
      // Held under another key, or with somebody else registered, it may be somebody else's: nothing of that is touched.
      const isOurs = reservation?.key === 0n || (reservation !== undefined && this.#own.wasOurs(reservation.key));
      if (!isOurs || keys.value.keys.some((one) => !this.#own.wasOurs(one))) {
        this.#own.held = null;
        return null;
      }
      const text = `Registering PR key ${formatReservationKey(key)} (REGISTER)`;
      await this.#out(nexus, deadline, text, { action: 'register', key: 0n, serviceActionKey: key });
      const momentary = this.#own.momentaryOf(nexus);
      const removal = await removeRegistration(this.#recording(nexus, deadline), this.#lun, key, momentary);
      this.#watch.count('register', null);
      if (removal.kind === 'left') return words(removal.because);
      const after = await record('Attempting to read PR', (on) => scsi.readReservation(on, this.#lun));
      if (!after.ok) return words(`READ RESERVATION was answered with ${describeOutcome(after)}`);
      if (after.value.reservation && !(await this.#clearAlone(reader, held, deadline)))
        return words('its holder could not release it');
      this.#own.held = null;
      return null;
    } catch (error) {
      return words(error instanceof IscsiError ? describeBreak(error) : String(error));
    }
  }
}
