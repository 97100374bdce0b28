import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { drillRecordSchema, type DrillRecord } from '../../../shared/contract/drill.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { readFileIfThere, replaceFile } from '../../system/durable-file.ts';

const mostKept = 1000;

/** Drills that were carried out from this data folder, newest first. */
export class DrillHistory {
  readonly #path: string;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'drills', 'history.json');
  }

  /** Throws SETTINGS_DAMAGED: evidence that cannot be read never counts as none. */
  read(): DrillRecord[] {
    const text = readFileIfThere(this.#path);
    if (text === null) return [];
    try {
      return z.array(drillRecordSchema).parse(JSON.parse(text));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  add(record: DrillRecord): void {
    const kept = [record, ...this.read()].slice(0, mostKept);
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    replaceFile(this.#path, `${JSON.stringify(kept, null, 2)}\n`);
  }
}
