import { join } from 'node:path';
import { keptFileSchema } from '../../../shared/contract/formation.ts';
import type * as z from 'zod';
import { keepJson, readFileIfThere } from '../../system/durable-file.ts';

type KeptFile = z.output<typeof keptFileSchema>;

/** The cluster file that another server coordinated last by, as this one was told it: that server may be lost, and the file with it. */
export class ToldFile {
  readonly #path: string;
  #known: KeptFile | null = null;

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

  /** Written once for each text: a coordinator tells it again in every round. */
  keep(file: KeptFile): void {
    const known = this.read();
    if (known?.text === file.text && known.from === file.from && known.direction === file.direction) return;
    keepJson(this.#path, file);
    this.#known = file;
  }
}
