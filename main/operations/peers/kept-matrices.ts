import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';
import { networkMatrixSchema, type MatrixSummary, type NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import { readFileIfThere, replaceFile } from '../../system/durable-file.ts';

const mostKept = 100;

/** The network matrices of a data folder, a file each in `matrix/`; the oldest go when there are too many. */
export class KeptMatrices {
  readonly #folder: string;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'matrix');
  }

  /** A name that none has yet. */
  newId(at: Date): string {
    const digits = at.toISOString().replace(/[-:TZ.]/g, '');
    const stamp = `matrix-${digits.slice(0, 8)}-${digits.slice(8, 14)}-${digits.slice(14, 17)}`;
    const taken = new Set(this.#ids());
    let id = stamp;
    for (let number = 2; taken.has(id); number += 1) id = `${stamp}-${number}`;
    return id;
  }

  keep(matrix: NetworkMatrix): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    replaceFile(this.#pathOf(matrix.id), `${JSON.stringify(matrix)}\n`);
    for (const id of this.#ids().slice(mostKept)) rmSync(this.#pathOf(id), { force: true });
  }

  /** Newest first. Throws MATRIX_KEPT_DAMAGED. */
  list(): MatrixSummary[] {
    return this.#ids().map((id) => {
      const { endedAt, outcome, sentence, servers } = this.read(id);
      return { id, endedAt, outcome, sentence, servers: servers.map(({ name }) => name) };
    });
  }

  /** Throws MATRIX_NOT_FOUND, MATRIX_KEPT_DAMAGED. */
  read(id: string): NetworkMatrix {
    const path = this.#pathOf(id);
    const text = readFileIfThere(path);
    if (text === null) throw failure('MATRIX_NOT_FOUND', { id });
    try {
      return networkMatrixSchema.parse(JSON.parse(text));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('MATRIX_KEPT_DAMAGED', { path, reason }, { cause: error });
    }
  }

  /** The newest one; null where there is none. Throws MATRIX_KEPT_DAMAGED. */
  last(): NetworkMatrix | null {
    const [newest] = this.#ids();
    return newest === undefined ? null : this.read(newest);
  }

  #ids(): string[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names
      .flatMap((name) => (/^matrix-[0-9-]+\.json$/.test(name) ? [name.slice(0, -'.json'.length)] : []))
      .sort()
      .reverse();
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
