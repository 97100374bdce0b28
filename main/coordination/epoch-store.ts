import { join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import type { Epoch } from '../../shared/model/caller.ts';
import { heardEpochSchema, judgeEpoch, type HeardEpoch } from '../../shared/model/epoch.ts';
import { fingerprintSchema } from '../../shared/model/peer.ts';
import { reasonOfParsing } from '../../shared/model/issue-words.ts';
import { keepJson, readFileIfThere } from '../system/durable-file.ts';

const fileSchema = z.object({
  version: z.literal(1),
  heard: heardEpochSchema.nullable(),
  /** Who acknowledged this server's own epoch, and who was declared powered down; empty where another one coordinates. */
  acknowledged: z.array(fingerprintSchema),
  poweredDown: z.array(fingerprintSchema),
});
type EpochFile = z.output<typeof fileSchema>;

const nothing: EpochFile = { version: 1, heard: null, acknowledged: [], poweredDown: [] };

/** The highest epoch that this server heard, and who acknowledged its own: on its disk before anybody is answered. */
export class EpochStore {
  readonly #path: string;
  readonly #server: () => string;
  readonly #now: () => Date;
  #file: EpochFile | null = null;

  /** `server` is this server's name, for failures. */
  constructor(dataFolder: string, server: () => string, now: () => Date = () => new Date()) {
    this.#path = join(dataFolder, 'coordination', 'epoch.json');
    this.#server = server;
    this.#now = now;
  }

  /** @throws Failure COORDINATOR_FILE_DAMAGED: a damaged file never counts as "nobody coordinates". */
  heard(): HeardEpoch | null {
    return this.#read().heard;
  }

  /**
   * Takes note of an epoch that was shown; it is on the disk when this returns. An epoch in force already changes nothing.
   * @throws Failure COORDINATOR_OUTDATED for a lower one, and for an equal one of another coordinator
   */
  hear(shown: Epoch, name: string): HeardEpoch {
    const { heard } = this.#read();
    const standing = judgeEpoch(heard, shown);
    if (heard !== null && standing === 'same') return heard;
    if (heard !== null && standing !== 'newer')
      throw failure('COORDINATOR_OUTDATED', {
        server: this.#server(),
        coordinator: heard.name,
        at: heard.heardAt,
        heard: heard.number,
        shown: shown.number,
        asked: name,
      });
    const next = { number: shown.number, coordinator: shown.coordinator, name, heardAt: this.#now().toISOString() };
    // Who acknowledged an older epoch says nothing about this one.
    this.#write({ version: 1, heard: next, acknowledged: [], poweredDown: [] });
    return next;
  }

  /** Who acknowledged this server's own epoch, and who was declared powered down, by fingerprint. */
  standing(): Pick<EpochFile, 'acknowledged' | 'poweredDown'> {
    const { acknowledged, poweredDown } = this.#read();
    return { acknowledged, poweredDown };
  }

  /** Writes down who acknowledged the epoch; nothing is kept where another one is in force meanwhile. */
  keepStanding(epoch: Epoch, standing: Pick<EpochFile, 'acknowledged' | 'poweredDown'>): void {
    const file = this.#read();
    if (file.heard === null || judgeEpoch(file.heard, epoch) !== 'same') return;
    this.#write({ ...file, ...standing });
  }

  #read(): EpochFile {
    if (this.#file) return this.#file;
    const text = readFileIfThere(this.#path);
    if (text === null) return (this.#file = nothing);
    try {
      return (this.#file = fileSchema.parse(JSON.parse(text)));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('COORDINATOR_FILE_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  #write(file: EpochFile): void {
    keepJson(this.#path, file);
    this.#file = file;
  }
}
