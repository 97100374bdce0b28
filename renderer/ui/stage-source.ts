/** Where the state of a stage comes from. `Readings` of renderer/ui/reading.ts is one; the host is the server that is open. */
export interface StageSource {
  /** Reads unless there is an answer that is fresh, or one is under way. */
  readonly ensure: (host: string) => void;
  /** Reads again, whatever is known. `quietly`: without a sign of it until there is another answer. */
  readonly read: (host: string, quietly?: boolean) => Promise<void>;
  /** True when it was read once: only then is it kept up to date while another stage is shown. */
  readonly isKnown: (host: string) => boolean;
}

/** Several sources that one stage shows together. */
export const together = (...sources: readonly StageSource[]): StageSource => ({
  ensure: (host) => {
    for (const source of sources) source.ensure(host);
  },
  read: async (host, quietly) => {
    await Promise.all(sources.map((source) => source.read(host, quietly)));
  },
  isKnown: (host) => sources.some((source) => source.isKnown(host)),
});
