import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../../shared/errors/failure.ts';
import type { ScriptChanges } from './error-table.ts';

const entrySchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  changes: z.enum(['nothing', 'one', 'something']).optional(),
  os: z.array(z.string()).optional(),
});
const listSchema = z.record(z.string(), entrySchema);

export interface VerifiedScript {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly changes: ScriptChanges;
  /** The Windows Servers that the script claims, such as `2016`. */
  readonly os: readonly string[];
  readonly text: string;
}

export interface ScriptStore {
  readonly sessionFolder: string;
  /** The names of all scripts, without `.ps1`. */
  names(): Promise<readonly string[]>;
  /** Reads a script and checks its digest. Throws `POWERSHELL_SCRIPT_UNKNOWN` or `POWERSHELL_SCRIPT_ALTERED`. */
  read(name: string): Promise<VerifiedScript>;
  /** Checks the two files of the session itself. */
  checkSession(): Promise<void>;
  /** The functions that every script may use, for text that a person pastes. */
  readSupport(): Promise<string>;
}

/** Put in by the bundler: the entries of scripts.json, so that what vouches for a script does not lie beside it. */
declare const __QUORATE_SCRIPTS__: unknown;

/** The digests that this build carries; null in code that runs unbundled. */
const ownList = (): unknown => (typeof __QUORATE_SCRIPTS__ === 'undefined' ? null : __QUORATE_SCRIPTS__);

/**
 * The scripts in `folder`, which holds session/ and scripts/. Their digests are those of the build itself; code that runs unbundled
 * reads scripts.json beside them (build/hash-scripts.mjs).
 */
export const openScriptStore = (folder: string, own: unknown = ownList()): ScriptStore => {
  let list: Promise<z.infer<typeof listSchema>> | null = null;
  const readList = () =>
    (list ??= (async () => {
      if (own !== null) return listSchema.parse(own);
      const path = join(folder, 'scripts.json');
      try {
        return listSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      } catch (cause) {
        list = null;
        throw failure('FILE_NOT_READABLE', { path, reason: 'it is missing or damaged' }, { cause });
      }
    })());
  const readChecked = async (file: string) => {
    const entry = (await readList())[file];
    const path = join(folder, file);
    const name = file.replace(/^.*\//, '').replace(/\.ps1$/, '');
    if (!entry) throw failure('POWERSHELL_SCRIPT_UNKNOWN', { script: name });
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      throw failure('POWERSHELL_SCRIPT_UNKNOWN', { script: name, path }, { cause });
    }
    if (createHash('sha256').update(bytes).digest('hex') !== entry.sha256) {
      throw failure('POWERSHELL_SCRIPT_ALTERED', { path, script: name });
    }
    return { name, path, entry, text: bytes.toString('latin1') };
  };
  return {
    sessionFolder: join(folder, 'session'),
    names: async () =>
      Object.keys(await readList())
        .filter((file) => file.startsWith('scripts/'))
        .map((file) => file.slice('scripts/'.length, -'.ps1'.length)),
    read: async (name) => {
      const { path, entry, text } = await readChecked(`scripts/${name}.ps1`);
      return { name, path, sha256: entry.sha256, changes: entry.changes ?? 'something', os: entry.os ?? [], text };
    },
    checkSession: async () => {
      await readChecked('session/Start-Session.ps1');
      await readChecked('session/Script-Support.ps1');
    },
    readSupport: async () => (await readChecked('session/Script-Support.ps1')).text,
  };
};
