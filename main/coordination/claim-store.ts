import { join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import { keptClaimSchema, type KeptClaim } from '../../shared/model/promise.ts';
import { reasonOfParsing } from '../../shared/model/issue-words.ts';
import type { Durability } from '../journal/journal-file.ts';
import { keepJson, readFileIfThere } from '../system/durable-file.ts';

const fileSchema = z.object({ version: z.literal(1), claims: z.array(keptClaimSchema) });

/** How this server stands to shared disks: what it promised, and where it writes itself. On the disk before anybody is answered. */
export class ClaimStore {
  readonly #path: string;
  readonly #isFlushed: boolean;
  #claims: readonly KeptClaim[] | null = null;

  constructor(dataFolder: string, durability: Durability = 'power') {
    this.#isFlushed = durability === 'power';
    this.#path = join(dataFolder, 'coordination', 'promises.json');
  }

  /** @throws Failure SETTINGS_DAMAGED: a damaged file never counts as "nothing was promised". */
  all(): readonly KeptClaim[] {
    if (this.#claims) return this.#claims;
    const text = readFileIfThere(this.#path);
    if (text === null) return (this.#claims = []);
    try {
      return (this.#claims = fileSchema.parse(JSON.parse(text)).claims);
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  of(disk: string): KeptClaim | null {
    return this.all().find((one) => one.disk === disk) ?? null;
  }

  /** Writes down how this server stands to a disk from now on; `free` leaves nothing. */
  put(claim: KeptClaim): void {
    const others = this.all().filter(({ disk }) => disk !== claim.disk);
    const claims = claim.claim.kind === 'free' ? others : [...others, claim];
    keepJson(this.#path, { version: 1, claims }, { isFlushed: this.#isFlushed });
    this.#claims = claims;
  }
}
