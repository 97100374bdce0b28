import { join } from 'node:path';
import { keptFileSchema } from '../../../shared/contract/formation.ts';
import type * as z from 'zod';
import { keepJson, readFileIfThere } from '../../system/durable-file.ts';

type KeptFile = z.output<typeof keptFileSchema>;

/** The cluster file that another server coordinated last by, as this one was told it: that server may be lost, and the file with it. */
export class ToldFile {
  readonly #path: string;
  #known: KeptFile | null = null;
  /** The formation that it was told for last, by this process. */
  #formation: string | null = null;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'formation', 'told.json');
  }

  /** Null where nobody told any, or what is there is not understood: then a person names the file. */
  read(): KeptFile | null {
    if (this.#known) return this.#known;
    try {
      this.#known = keptFileSchema.parse(JSON.parse(readFileIfThere(this.#path) ?? 'null'));
    } catch {
      return null;
    }
    return this.#known;
  }

  /** Written once for each formation: a coordinator tells it again in every round. */
  keep(formation: string, file: KeptFile): void {
    if (formation === this.#formation) return;
    keepJson(this.#path, file);
    this.#known = file;
    this.#formation = formation;
  }
}
