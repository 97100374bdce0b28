import { join } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';
import { noProofs, proofsSchema, type Proofs } from '../../../shared/plan/formation/proofs.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import { keepJson, readFileIfThere } from '../../system/durable-file.ts';

/** The proofs of one server, in its data folder: whole on disk before a step counts as done. */
export class ProofStore {
  readonly #path: string;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'formation', 'proofs.json');
  }

  /** Throws SETTINGS_DAMAGED: a damaged file never counts as "nothing was proven". */
  read(): Proofs {
    const text = readFileIfThere(this.#path);
    if (text === null) return noProofs;
    try {
      return proofsSchema.parse(JSON.parse(text));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  /** The cluster is gone: who validated and drilled it says nothing of the next one. What a LUN can, it still can. */
  forgetCluster(): void {
    if (readFileIfThere(this.#path) !== null)
      this.add((proofs) => ({ ...proofs, validated: [], drilled: [], begun: [] }));
  }

  add(change: (proofs: Proofs) => Proofs): void {
    keepJson(this.#path, change(this.read()));
  }
}
