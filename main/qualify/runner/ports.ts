import type { Initiators } from './initiators.ts';
import type { Nexus, Path } from './nexus.ts';
import type { OwnRegistration } from './own-registrations.ts';

interface Spares {
  readonly A: Nexus;
  readonly B: Nexus;
}

interface Wanted {
  readonly nodes: number;
  readonly paths: number;
  readonly otherPaths: readonly Path[];
}

/** Initiator ports beside the two of the run: those that several cases need, and one for every registration that there has to be room for. */
export class Ports {
  readonly #initiators: Initiators;
  readonly #wanted: Wanted;
  readonly #firstKey: bigint;
  #spares: Spares | null = null;
  #capacity: OwnRegistration[] | null = null;

  constructor(initiators: Initiators, wanted: Wanted, firstKey: bigint) {
    this.#initiators = initiators;
    this.#wanted = wanted;
    this.#firstKey = firstKey;
  }

  /** One more port of each initiator: the same name with another ISID. They stay logged on between the cases that need them. */
  get spares(): Spares {
    return (this.#spares ??= { A: this.#initiators.add('A'), B: this.#initiators.add('B') });
  }

  /** One registration for every node over every path, alternately of the first and the second initiator. */
  get capacity(): readonly OwnRegistration[] {
    if (this.#capacity) return this.#capacity;
    const { nodes, paths, otherPaths } = this.#wanted;
    const first = this.#initiators.a.path;
    const over = [first, ...otherPaths];
    const unused: { A?: Nexus | undefined; B?: Nexus | undefined } = { ...this.spares };
    const nexusOf = (label: 'A' | 'B', path: Path | undefined): Nexus => {
      const spare = path === first ? unused[label] : undefined;
      if (spare) unused[label] = undefined;
      return spare ?? this.#initiators.add(label, path);
    };
    this.#capacity = Array.from({ length: nodes * paths }, (_, at) => ({
      nexus: nexusOf(at % 2 === 0 ? 'A' : 'B', over[at % over.length]),
      key: this.#firstKey + BigInt(at),
    }));
    return this.#capacity;
  }

  /**
   * Sessions of one case alone end with it, and those of the spares where they are not kept or had to take turns; those that are needed, because a
   * registration could not be removed, stay.
   */
  async close(isNeeded: (nexus: Nexus) => boolean, keepsSpares: boolean): Promise<void> {
    const spares = this.#spares ? [this.#spares.A, this.#spares.B] : [];
    const isKept = keepsSpares && !spares.some(({ isPassing }) => isPassing);
    // What is closed is closed for good: who needs spares again gets others.
    if (!isKept && spares.some(({ isInUse }) => isInUse)) {
      this.#spares = null;
      this.#capacity = null;
    }
    await this.#initiators.closeExtras((nexus) => isNeeded(nexus) || (isKept && spares.includes(nexus)));
  }
}
