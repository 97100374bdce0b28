import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { keptValidationSchema, type KeptValidation } from '../../../shared/contract/validation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { acceptanceSchema, type Acceptance } from '../../../shared/validation/standing.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import { readFileIfThere, replaceFile } from '../../system/durable-file.ts';

const listSchema = z.object({
  version: z.literal(1),
  validations: z.array(keptValidationSchema),
  accepted: z.array(acceptanceSchema.extend({ nodes: z.array(z.string()) })),
});
type List = z.infer<typeof listSchema>;

const setOf = (nodes: readonly string[]): string =>
  nodes
    .map((node) => node.toLowerCase())
    .sort()
    .join(' ');

const listOf = (folder: string): string => join(folder, 'list.json');

/** The folders of the servers in a folder of them; none where it is not there. */
const foldersIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? [join(folder, one.name, 'validation')] : [],
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** The validations of a data folder: `validation/list.json`, and beside it every report as Windows wrote it. */
export class KeptValidations {
  readonly #folder: string;
  /** Where the cores that formed the cluster of a rehearsal keep theirs: read, never written. */
  readonly #formed: readonly string[];

  /** `formedIn`: the folder with a data folder for each server of a rehearsed formation. */
  constructor(dataFolder: string, formedIn: string | null = null) {
    this.#folder = join(dataFolder, 'validation');
    this.#formed = formedIn === null ? [] : foldersIn(formedIn);
  }

  /** Newest first. Throws VALIDATION_KEPT_DAMAGED: a damaged list never counts as "nothing was validated". */
  list(): readonly KeptValidation[] {
    const own = this.#read().validations;
    if (this.#formed.length === 0) return own;
    const all = [...own, ...this.#formed.flatMap((folder) => this.#read(folder).validations)];
    return all.toSorted((one, other) => other.at.localeCompare(one.at));
  }

  /**
   * Newest first: those that were run from this server, and those in which the formation of a rehearsal tested it, from whichever server.
   * @param server printed reference
   * @param node computer name
   */
  of(server: string, node: string): readonly KeptValidation[] {
    const formed = new Set(this.#formed.flatMap((folder) => this.#read(folder).validations.map(({ file }) => file)));
    return this.list().filter(
      (one) =>
        one.server === server ||
        (formed.has(one.file) && one.nodes.some((name) => name.toLowerCase() === node.toLowerCase())),
    );
  }

  /** The last one of these servers; null: none. */
  lastOf(nodes: readonly string[]): KeptValidation | null {
    return this.list().find((one) => setOf(one.nodes) === setOf(nodes)) ?? null;
  }

  /** Those of the same servers before one, newest first. */
  before(kept: KeptValidation): readonly KeptValidation[] {
    const list = this.list();
    return list
      .slice(list.findIndex(({ id }) => id === kept.id) + 1)
      .filter(({ nodes }) => setOf(nodes) === setOf(kept.nodes));
  }

  /** What was accepted for these servers. */
  accepted(nodes: readonly string[]): Acceptance[] {
    return [this.#folder, ...this.#formed]
      .flatMap((folder) => this.#read(folder).accepted)
      .filter((one) => setOf(one.nodes) === setOf(nodes))
      .map(({ nodes: _nodes, ...one }) => one);
  }

  /** Keeps a report and returns where it lies. */
  keep(bytes: Uint8Array, what: Omit<KeptValidation, 'id' | 'file'>): KeptValidation {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const stamp = what.at.replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
    const list = this.#read();
    const taken = new Set(list.validations.map(({ id }) => id));
    let id = `validation-${stamp}`;
    for (let number = 2; taken.has(id); number += 1) id = `validation-${stamp}-${number}`;
    const file = join(this.#folder, `${id}.htm`);
    replaceFile(file, bytes);
    const kept: KeptValidation = { ...what, id, file };
    this.#write({ ...list, validations: [kept, ...list.validations] });
    return kept;
  }

  accept(nodes: readonly string[], acceptances: readonly Acceptance[]): void {
    const list = this.#read();
    const isReplaced = (one: List['accepted'][number]): boolean =>
      setOf(one.nodes) === setOf(nodes) &&
      acceptances.some(({ test }) => test.toLowerCase() === one.test.toLowerCase());
    this.#write({
      ...list,
      accepted: [
        ...list.accepted.filter((one) => !isReplaced(one)),
        ...acceptances.map((one) => ({ ...one, nodes: [...nodes] })),
      ],
    });
  }

  #read(folder = this.#folder): List {
    const path = listOf(folder);
    const text = readFileIfThere(path);
    if (text === null) return { version: 1, validations: [], accepted: [] };
    try {
      return listSchema.parse(JSON.parse(text));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('VALIDATION_KEPT_DAMAGED', { path, reason }, { cause: error });
    }
  }

  #write(list: List): void {
    replaceFile(listOf(this.#folder), `${JSON.stringify(list, null, 2)}\n`);
  }
}
