import { formatReservationKey, type ReservationType } from '../../iscsi/index.ts';
import { isSameNote, type KeyNote, type KeyNotes } from './key-notes.ts';
import type { Nexus } from './nexus.ts';
import { newKey, type MomentaryKey } from './remove-key.ts';

export interface OwnRegistration {
  readonly nexus: Nexus;
  readonly key: bigint;
}

export interface OwnReservation extends OwnRegistration {
  readonly type: ReservationType;
}

export interface Ownership {
  readonly target: string;
  readonly lun: number;
  readonly notes: KeyNotes;
  readonly now: () => Date;
}

/** A look at the keys is as good as new for so long. */
const momentMs = 50;

/** Which keys and which reservation on the device are ours, who made them, and the durable notes of them. */
export class OwnRegistrations {
  /** What this run holds; null as far as it knows. */
  held: OwnReservation | null = null;
  readonly #settings: Ownership;
  #own: OwnRegistration[] = [];
  /** Everything that was ever registered: what is forgotten on the word of the device may be shown again. */
  readonly #ever: OwnRegistration[] = [];
  /** Something was forgotten, and no look at the keys has followed. */
  #isUnproven = false;
  readonly #noted: KeyNote[] = [];
  readonly #notedKeys = new Map<Nexus, Set<bigint>>();
  readonly #momentaryKey = newKey();
  /** Of keys that are gone, but whose reservation stays. */
  readonly #kept: KeyNote[] = [];
  #freeSince: number | null = null;

  constructor(settings: Ownership) {
    this.#settings = settings;
  }

  get list(): readonly OwnRegistration[] {
    return this.#own;
  }

  get keys(): ReadonlySet<bigint> {
    return new Set(this.#own.map(({ key }) => key));
  }

  /** Whether this run made the key, also if it is gone by now. */
  wasOurs(key: bigint): boolean {
    return this.#ever.some((own) => own.key === key);
  }

  /** Whether the last look, a moment ago, showed neither a key nor a reservation on the device. */
  get isJustSeenFree(): boolean {
    return this.#freeSince !== null && this.#own.length === 0 && performance.now() - this.#freeSince < momentMs;
  }

  seeFree(isFree: boolean): void {
    this.#freeSince = isFree ? performance.now() : null;
  }

  /** The last key that a nexus registered and that is still there. */
  currentOf(nexus: Nexus): bigint | undefined {
    return this.#own.filter((own) => own.nexus === nexus).at(-1)?.key;
  }

  /**
   * Notes registrations that may be made, once a run. Every write is flushed to the disk: what belongs together is noted
   * together.
   */
  async note(registrations: readonly OwnRegistration[]): Promise<void> {
    // Asked before every registration, and mostly all of it is noted.
    const fresh = registrations.filter(({ nexus, key }) => this.#notedKeys.get(nexus)?.has(key) !== true);
    if (fresh.length === 0) return;
    const notes = fresh
      .map(({ nexus, key }) => this.#noteOf(nexus, key))
      .filter((note, at, all) => all.findIndex((one) => isSameNote(one, note)) === at)
      .filter((note) => !this.#noted.some((one) => isSameNote(one, note)));
    if (notes.length > 0) await this.#settings.notes.add(...notes);
    this.#noted.push(...notes);
    for (const { nexus, key } of fresh)
      this.#notedKeys.set(nexus, (this.#notedKeys.get(nexus) ?? new Set<bigint>()).add(key));
  }

  /** To be called before a key is registered: it is noted first, and what cannot be noted is not registered. */
  async add(nexus: Nexus, key: bigint): Promise<void> {
    await this.note([{ nexus, key }]);
    if (!this.#ever.some((own) => own.nexus === nexus && own.key === key)) this.#ever.push({ nexus, key });
    this.#own.push({ nexus, key });
  }

  forget(nexus: Nexus, key: bigint): void {
    const at = this.#own.findIndex((own) => own.nexus === nexus && own.key === key);
    if (at < 0) return;
    this.#own.splice(at, 1);
    this.#isUnproven = true;
  }

  /** Whether a look is due: there is something to remove, or something was said to be gone and not seen to be. */
  get needsLook(): boolean {
    return this.#own.length > 0 || this.held !== null || this.#isUnproven;
  }

  /** A look: a key of ours that is shown is there, whatever the device answered to its removal. */
  see(shown: readonly bigint[]): void {
    this.#isUnproven = false;
    // One key may be registered over several paths: it is back where it is shown more often than it is thought to be there.
    const times = (keys: readonly bigint[], key: bigint): number => keys.filter((one) => one === key).length;
    const listed = this.#own.map(({ key }) => key);
    const back = new Set(shown.filter((key) => times(shown, key) > times(listed, key)));
    const isListed = ({ nexus, key }: OwnRegistration): boolean =>
      this.#own.some((own) => own.nexus === nexus && own.key === key);
    this.#own.push(...this.#ever.filter((own) => back.has(own.key) && !isListed(own)));
  }

  /** Only registrations whose key the device still shows are kept. */
  keepShown(shown: readonly bigint[]): void {
    this.see(shown);
    this.#own = this.#own.filter(({ key }) => shown.includes(key));
  }

  /** The note of the holder stays although its key is gone: its reservation is still there. */
  keepNoteOf({ nexus, key }: OwnRegistration): void {
    const note = this.#noteOf(nexus, key);
    if (!this.#kept.some((one) => isSameNote(one, note))) this.#kept.push(note);
  }

  /** The key that the clean-up registers for a moment where another cannot be taken back: one a run, noted with the first. */
  momentaryOf(nexus: Nexus): MomentaryKey {
    return {
      key: this.#momentaryKey,
      add: (key) => this.add(nexus, key),
      remove: async (key) => this.forget(nexus, key),
    };
  }

  /** What every run may register, in one note: each is flushed to the disk. */
  noteWithMomentary(registrations: readonly OwnRegistration[]): Promise<void> {
    const nexuses = [...new Set(registrations.map(({ nexus }) => nexus))];
    return this.note([...registrations, ...nexuses.map((nexus) => ({ nexus, key: this.#momentaryKey }))]);
  }

  /** At the end of a run: only what could not be removed stays noted. */
  async settleNotes(): Promise<void> {
    const left = [...this.#own.map(({ nexus, key }) => this.#noteOf(nexus, key)), ...this.#kept];
    const gone = this.#noted.filter((note) => !left.some((one) => isSameNote(one, note)));
    if (gone.length > 0) await this.#settings.notes.remove(...gone);
  }

  #noteOf(nexus: Nexus, key: bigint): KeyNote {
    const { portal, sourceAddress } = nexus.path;
    return {
      portal,
      ...(sourceAddress === undefined ? {} : { sourceIp: sourceAddress }),
      target: this.#settings.target,
      lun: this.#settings.lun,
      initiator: nexus.name,
      isid: nexus.isidText,
      key: formatReservationKey(key),
      since: this.#settings.now().toISOString(),
    };
  }
}
