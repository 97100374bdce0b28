import { formatReservationKey, IscsiError, scsi } from '../../iscsi/index.ts';
import { isSameNote, type KeyNote, type KeyNotes } from './key-notes.ts';
import type { Nexus } from './nexus.ts';
import { removeKey } from './remove-key.ts';

interface OwnRegistration {
  readonly nexus: Nexus;
  readonly key: bigint;
}

export interface Ownership {
  readonly target: string;
  readonly lun: number;
  readonly notes: KeyNotes;
  readonly now: () => Date;
}

/** A look at the keys is as good as new for so long. */
const momentMs = 50;

const removal = { timeoutMs: 10_000 };

/** Which keys on the device are ours, who registered them, and how they are removed again. */
export class OwnRegistrations {
  readonly #settings: Ownership;
  readonly #lun: bigint;
  #own: OwnRegistration[] = [];
  readonly #noted: KeyNote[] = [];
  #freeSince: number | null = null;

  constructor(settings: Ownership, lun: bigint) {
    this.#settings = settings;
    this.#lun = lun;
  }

  get keys(): ReadonlySet<bigint> {
    return new Set(this.#own.map(({ key }) => key));
  }

  /**
   * Whether the last look, a moment ago, showed no key at all on the device: then there is no reservation either, because one
   * needs a registered holder (SPC-4 section 5.13.9).
   */
  get isJustSeenFree(): boolean {
    return this.#freeSince !== null && this.#own.length === 0 && performance.now() - this.#freeSince < momentMs;
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
    const notes = registrations
      .map(({ nexus, key }) => this.#noteOf(nexus, key))
      .filter((note) => !this.#noted.some((one) => isSameNote(one, note)));
    if (notes.length === 0) return;
    await this.#settings.notes.add(...notes);
    this.#noted.push(...notes);
  }

  /** To be called before a key is registered: it is noted first. */
  async add(nexus: Nexus, key: bigint): Promise<void> {
    await this.note([{ nexus, key }]);
    this.#own.push({ nexus, key });
  }

  forget(nexus: Nexus, key: bigint): void {
    const at = this.#own.findIndex((own) => own.nexus === nexus && own.key === key);
    if (at >= 0) this.#own.splice(at, 1);
  }

  /** Removes every key of ours and proves it; a sentence for each that could not be removed. */
  async removeAll(reader: Nexus): Promise<string[]> {
    if (this.#own.length > 0) await this.#removeAtOnce(reader);
    const left: string[] = [];
    for (const { nexus, key } of [...this.#own]) {
      const problem = await this.#removeOne(nexus, key);
      if (problem === null) continue;
      nexus.forgetBroken();
      const again = await this.#removeOne(nexus, key);
      if (again !== null)
        left.push(
          `The key ${formatReservationKey(key)} of ${nexus.name} (ISID ${nexus.isidText}) could not be removed: ${again}. "quorate iscsi reservations clear-mine" removes it.`,
        );
    }
    return left;
  }

  /** Only what could not be removed stays noted. */
  async settleNotes(): Promise<void> {
    const left = this.#own.map(({ nexus, key }) => this.#noteOf(nexus, key));
    const gone = this.#noted.filter((note) => !left.some((one) => isSameNote(one, note)));
    if (gone.length > 0) await this.#settings.notes.remove(...gone);
  }

  /** The usual case, in as few commands as prove it: every nexus removes its own key, and one look shows that all are gone. */
  async #removeAtOnce(reader: Nexus): Promise<void> {
    const broken = new Set<Nexus>();
    const trying = async <T>(nexus: Nexus, send: () => Promise<T>): Promise<T | null> => {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof IscsiError)) throw error;
        broken.add(nexus);
        return null;
      }
    };
    await Promise.all(
      this.#own.map(({ nexus, key }) =>
        trying(nexus, () =>
          scsi.persistentReserveOut(
            nexus.afterwards,
            this.#lun,
            { action: 'register', key, serviceActionKey: 0n },
            removal,
          ),
        ),
      ),
    );
    const left =
      broken.size > 0 ? null : await trying(reader, () => scsi.readKeys(reader.afterwards, this.#lun, removal));
    // What is left then is removed one by one, over new sessions where the conversation broke.
    for (const nexus of broken) nexus.forgetBroken();
    if (!left?.ok) return;
    this.#own = this.#own.filter(({ key }) => left.value.keys.includes(key));
    this.#freeSince = left.value.keys.length === 0 ? performance.now() : null;
  }

  async #removeOne(nexus: Nexus, key: bigint): Promise<string | null> {
    try {
      const outcome = await removeKey(nexus.afterwards, this.#lun, key, {
        add: (own) => this.#settings.notes.add(this.#noteOf(nexus, own)),
        remove: (own) => this.#settings.notes.remove(this.#noteOf(nexus, own)),
      });
      if (outcome.kind === 'left') return outcome.because;
      this.forget(nexus, key);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
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
