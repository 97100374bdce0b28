import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  drillRecordSchema,
  runningDrillSchema,
  type DrillRecord,
  type RunningDrill,
} from '../../../shared/contract/drill.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import { keepJson, readFileIfThere } from '../../system/durable-file.ts';

const mostKept = 1000;

/** Drills that were carried out from this data folder, newest first. */
export class DrillHistory {
  readonly #path: string;
  readonly #running: string;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'drills', 'history.json');
    this.#running = join(dataFolder, 'drills', 'running.json');
  }

  /** Throws SETTINGS_DAMAGED: evidence that cannot be read never counts as none. */
  read(): DrillRecord[] {
    const text = readFileIfThere(this.#path);
    if (text === null) return [];
    try {
      return z.array(drillRecordSchema).parse(JSON.parse(text));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  /** The drill that is under way, or that a process left which is gone. Throws SETTINGS_DAMAGED. */
  readRunning(): RunningDrill | null {
    const text = readFileIfThere(this.#running);
    if (text === null) return null;
    try {
      return runningDrillSchema.parse(JSON.parse(text));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#running, reason }, { cause: error });
    }
  }

  begin(drill: RunningDrill): void {
    keepJson(this.#running, drill);
  }

  /** Keeps how a drill ended; after that none is under way. */
  add(record: DrillRecord): void {
    const kept = [record, ...this.read()].slice(0, mostKept);
    keepJson(this.#path, kept);
    this.forgetRunning();
  }

  forgetRunning(): void {
    rmSync(this.#running, { force: true });
  }
}
