import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import { problemInFile } from '../../shared/model/issue-words.ts';
import { maxLunNumber } from '../../shared/model/lun-number.ts';
import { replaceFile } from '../system/durable-file.ts';
import { fileReasonOf, messageOf } from '../system/reason.ts';
import { isSameNote, type KeyNote, type KeyNotes } from '../qualify/index.ts';

const schemaName = 'quorate.registered-keys';
const schemaVersion = 1;

const noteSchema = z.strictObject({
  portal: z.string().min(1),
  sourceIp: z.string().optional(),
  target: z.string().min(1),
  lun: z.number().int().min(0).max(maxLunNumber),
  initiator: z.string().min(1),
  isid: z.string().regex(/^[0-9a-f]{12}$/i),
  key: z.string().regex(/^0x[0-9a-f]{16}$/i),
  since: z.iso.datetime(),
});
const fileSchema = z.strictObject({
  schema: z.literal(`${schemaName}/${schemaVersion}`),
  notes: z.array(noteSchema),
});

/** @throws Error with what is wrong, in words */
const parseNotes = (text: string): KeyNote[] => {
  const document: unknown = JSON.parse(text);
  const schema = (document as { schema?: unknown } | null)?.schema;
  const version = typeof schema === 'string' ? /^quorate\.registered-keys\/(\d+)$/.exec(schema)?.[1] : undefined;
  if (version !== undefined && Number(version) > schemaVersion)
    throw new Error(`a newer version of Quorate wrote it (${String(schema)})`);
  const parsed = fileSchema.safeParse(document);
  if (parsed.success) return parsed.data.notes;
  throw new Error(problemInFile(parsed.error.issues));
};

/**
 * The notes of registered keys, in the data folder: written and flushed before a key is registered. The file is replaced as a
 * whole, and only by one that was read back and understood: notes of earlier runs are never lost to a full disk.
 */
export const keyNotesFile = (dataFolder: string): KeyNotes => {
  const path = join(dataFolder, 'registered-keys.json');

  const read = (): KeyNote[] => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw failure('FILE_NOT_READABLE', { path, reason: fileReasonOf(error) }, { cause: error });
    }
    try {
      return parseNotes(text);
    } catch (error) {
      const reason = messageOf(error);
      throw failure('KEY_NOTES_DAMAGED', { path, reason, aside: 'registered-keys.damaged.json' }, { cause: error });
    }
  };

  const write = (notes: readonly KeyNote[], isFolderFlushed: boolean): void => {
    const text = `${JSON.stringify({ schema: `${schemaName}/${schemaVersion}`, notes }, null, 2)}\n`;
    const check = (beside: string): void => {
      if (readFileSync(beside, 'utf8') !== text || parseNotes(text).length !== notes.length)
        throw new Error('what was written is not what is read back');
    };
    try {
      replaceFile(path, text, { check, survivesPowerLoss: isFolderFlushed });
    } catch (error) {
      throw failure('FILE_NOT_WRITABLE', { path, reason: fileReasonOf(error) }, { cause: error });
    }
  };

  /** No note is left: without the file there is none, and nothing has to be flushed for it. */
  const forget = (): void => {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw failure('FILE_NOT_WRITABLE', { path, reason: fileReasonOf(error) }, { cause: error });
    }
  };

  return {
    add: async (...more) => write([...read(), ...more], true),
    remove: async (...registrations) => {
      const notes = read();
      const kept = notes.filter((note) => !registrations.some((one) => isSameNote(note, one)));
      // A removal that a loss of power undoes leaves a note too many, which harms nobody.
      if (kept.length === notes.length) return;
      if (kept.length > 0) write(kept, false);
      else forget();
    },
    list: async () => read(),
  };
};
