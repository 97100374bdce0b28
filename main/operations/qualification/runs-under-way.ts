import type { KeyNote, KeyNotes } from '../../qualify/index.ts';

/** The qualifications that this core has under way: their notes are no leftovers, and nothing may remove their keys. */
export class RunsUnderWay {
  readonly #runs = new Set<{ readonly startedAt: string }>();

  /** Notes that are made while `run` lasts belong to it. */
  async during<T>(startedAt: Date, run: () => Promise<T>): Promise<T> {
    const one = { startedAt: startedAt.toISOString() };
    this.#runs.add(one);
    try {
      return await run();
    } finally {
      this.#runs.delete(one);
    }
  }

  /** The same notes, of which only those are listed that no run of this core can have made. */
  leftovers(notes: KeyNotes): KeyNotes {
    const list = async (): Promise<KeyNote[]> => {
      const first = [...this.#runs].map(({ startedAt }) => startedAt).sort()[0];
      return (await notes.list()).filter(({ since }) => first === undefined || since < first);
    };
    return { add: (...more) => notes.add(...more), remove: (...registrations) => notes.remove(...registrations), list };
  }
}
