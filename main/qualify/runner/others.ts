import {
  formatReservationKey,
  scsi,
  type ReservationKeys,
  type ReservationState,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { GenerationWatch } from './generation-watch.ts';
import type { KeyNote, KeyNotes } from './key-notes.ts';
import type { Nexus } from './nexus.ts';
import { inconclusive, NotPassed } from './not-passed.ts';
import type { OwnRegistrations } from './own-registrations.ts';
import { describeStrangers } from './strangers.ts';
import { together } from './together.ts';

/** What of the laboratory is needed to look. */
export interface Outlook {
  readonly a: Nexus;
  readonly lun: bigint;
  readonly settings: {
    readonly target: string;
    readonly lun: number;
    readonly clusterInitiators: readonly string[];
    readonly findOwnInitiator?: () => Promise<string | null>;
    readonly notes: KeyNotes;
  };
  readKeys(nexus: Nexus): Promise<ReservationKeys>;
  readReservation(nexus: Nexus): Promise<ReservationState>;
  ask<T>(nexus: Nexus, text: string, send: (nexus: Nexus) => Promise<ScsiOutcome<T>>): Promise<ScsiOutcome<T>>;
  note(text: string, answer: string): void;
}

/** Whoever else uses the logical unit: looked for before anything is reserved, and again before a failure is believed. */
export class Others {
  readonly #laboratory: Outlook;
  readonly #own: OwnRegistrations;
  readonly #watch: GenerationWatch;
  #seen: readonly bigint[] = [];

  constructor(laboratory: Outlook, own: OwnRegistrations, watch: GenerationWatch) {
    this.#laboratory = laboratory;
    this.#own = own;
    this.#watch = watch;
  }

  /** Remembers foreign keys that any look shows, and own ones that were thought to be gone. */
  see({ keys }: ReservationKeys): void {
    this.#own.see(keys);
    const foreign = keys.filter((key) => !this.#own.wasOurs(key));
    if (foreign.length > 0) this.#seen = foreign;
  }

  forgetSeen(): void {
    this.#seen = [];
    this.#watch.takeForeignChanges();
  }

  /** Anybody else's key or reservation makes a case inconclusive, with key, type and holder. */
  async needNobody(): Promise<void> {
    const { a, lun, settings } = this.#laboratory;
    const [keys, state] = await together([this.#laboratory.readKeys(a), this.#laboratory.readReservation(a)]);
    this.#watch.look(keys);
    this.#own.seeFree(keys.keys.length === 0 && !state.reservation);
    const strangers = keys.keys.filter((key) => !this.#own.wasOurs(key));
    const { reservation } = state;
    // One that this run holds may be shown without a key of its own: all registrants hold it, or the device forgot whose it is.
    const isOurs =
      reservation !== undefined &&
      (this.#own.wasOurs(reservation.key) || (this.#own.held !== null && strangers.length === 0));
    const held = isOurs ? null : (reservation ?? null);
    if (strangers.length === 0 && !held) return;
    const full = await this.#laboratory.ask(a, 'Attempting to read the full PR status', (on) =>
      scsi.readFullStatus(on, lun, { keys }),
    );
    const because = describeStrangers(
      {
        keys: strangers,
        held,
        registrations: full.ok && full.value.notAsked === undefined ? full.value.registrations : null,
      },
      {
        clusterInitiators: settings.clusterInitiators,
        ownInitiator: (await settings.findOwnInitiator?.()) ?? null,
        notes: await this.#notesOfThisUnit(),
      },
    );
    if (because !== null) throw inconclusive(because);
  }

  /** Somebody else's keys make the case inconclusive; what this run registered is removed at the end of the case. */
  async needOwnKeysOnly(nexus: Nexus): Promise<void> {
    const { keys } = await this.#laboratory.readKeys(nexus);
    if (keys.every((key) => this.#own.wasOurs(key))) return;
    await this.needNobody();
    throw inconclusive(this.#describeSeen());
  }

  /**
   * Why somebody else may be the reason for a failure; null when nobody is to be seen. What was seen during the case counts as
   * well: a second run of Quorate is there for a moment only.
   */
  async explain(): Promise<string | null> {
    try {
      await this.needNobody();
    } catch (error) {
      return error instanceof NotPassed && error.verdict === 'inconclusive' ? error.message : null;
    }
    return this.#seen.length > 0 ? this.#describeSeen() : this.#describeChanges();
  }

  /**
   * Before what would take everybody's keys: whoever changed registrations a moment ago may do so again, although no key of theirs is to be seen now. As far
   * as the device's counter tells. No own command may be under way.
   */
  needQuiet(keys: ReservationKeys): void {
    this.#watch.look(keys);
    const because = this.#describeChanges();
    if (because !== null) throw inconclusive(because);
  }

  #describeChanges(): string | null {
    const changes = this.#watch.takeForeignChanges();
    return changes > 0
      ? `somebody else changed registrations meanwhile: the generation grew by ${changes} more than own commands account for`
      : null;
  }

  #describeSeen(): string {
    return `somebody else registered meanwhile (${this.#seen.map(formatReservationKey).join(', ')}), and is gone again`;
  }

  async #notesOfThisUnit(): Promise<KeyNote[]> {
    const { notes, target, lun } = this.#laboratory.settings;
    try {
      return (await notes.list()).filter((one) => one.target === target && one.lun === lun);
    } catch (error) {
      // A run that only reads needs no notes; one that registers fails where it would write the first.
      const because = error instanceof Error ? error.message : String(error);
      this.#laboratory.note('The notes of earlier runs could not be read', because);
      return [];
    }
  }
}
