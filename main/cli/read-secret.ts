import { readFile } from 'node:fs/promises';
import { failure } from '../../shared/errors/failure.ts';
import { reasonOf } from '../agent/data-folder.ts';
import type { CliContext } from './context.ts';

/** The first line of a file, or of standard input for `-`: a secret never stands among the arguments. */
export const readSecret = async (context: CliContext, path: string): Promise<string> => {
  try {
    let text = '';
    if (path === '-') for await (const chunk of context.streams.stdin) text += String(chunk);
    else text = await readFile(path, 'utf8');
    return text.split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failure('FILE_NOT_FOUND', { path });
    throw failure('FILE_NOT_READABLE', { path, reason: reasonOf(error) }, { cause: error });
  }
};
