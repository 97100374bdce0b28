import { failure } from '../../../shared/errors/failure.ts';
import { isSameNote, type KeyNote, type KeyNotes, type NotedRegistration } from '../../qualify/index.ts';

/** The logical unit of a run. */
export interface UnitOfRun {
  readonly target: string;
  readonly lun: number;
}

/** The qualifications that this core has under way: their notes are no leftovers, and nothing may remove their keys. */
export class RunsUnderWay {
  readonly #runs = new Map<string, KeyNote[]>();

  /**
   * One run for a logical unit at a time. What is noted through the notes that `run` gets belongs to it while it lasts; what it
   * lists are the leftovers of others.
   * @throws Failure QUALIFY_UNDER_WAY
   */
  async during<T>(unit: UnitOfRun, notes: KeyNotes, run: (notes: KeyNotes) => Promise<T>): Promise<T> {
    // RFC 3722: iSCSI names are compared in lower case.
    const id = `${unit.target.toLowerCase()}\n${unit.lun}`;
    if (this.#runs.has(id)) throw failure('QUALIFY_UNDER_WAY', { target: unit.target, lun: unit.lun });
    const own: KeyNote[] = [];
    this.#runs.set(id, own);
    const leftovers = this.leftovers(notes);
    try {
      return await run({
        add: (...more) => {
          own.push(...more);
          return notes.add(...more);
        },
        remove: (...registrations) => notes.remove(...registrations),
        list: () => leftovers.list(),
      });
    } finally {
      this.#runs.delete(id);
    }
  }

  /** The same notes, of which only those are listed that no run under way has made. */
  leftovers(notes: KeyNotes): KeyNotes {
    const isOfRun = (note: NotedRegistration): boolean =>
      [...this.#runs.values()].some((own) => own.some((one) => isSameNote(one, note)));
    return {
      add: (...more) => notes.add(...more),
      remove: (...registrations) => notes.remove(...registrations),
      list: async () => (await notes.list()).filter((note) => !isOfRun(note)),
    };
  }
}
