import { readFile } from 'node:fs/promises';
import { failure } from '../../shared/errors/failure.ts';
import { reasonOf } from '../agent/data-folder.ts';
import type { CliContext } from './context.ts';

/** The lines of standard input that no secret has taken yet: it can be read once only. */
const linesLeft = new WeakMap<CliContext, Promise<string[]>>();

const readLines = async (context: CliContext): Promise<string[]> => {
  let text = '';
  for await (const chunk of context.streams.stdin) text += String(chunk);
  return text.split(/\r?\n/);
};

const takeLine = async (context: CliContext): Promise<string> => {
  const lines = linesLeft.get(context) ?? readLines(context);
  linesLeft.set(context, lines);
  return (await lines).shift() ?? '';
};

/**
 * The first line of a file; `-` takes the next line of standard input. A secret never stands among the arguments, where every
 * user of the machine could read it.
 * @throws Failure FILE_NOT_FOUND, FILE_NOT_READABLE
 */
export const readSecret = async (context: CliContext, path: string): Promise<string> => {
  try {
    if (path === '-') return await takeLine(context);
    const text = await readFile(path, 'utf8');
    return text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failure('FILE_NOT_FOUND', { path });
    throw failure('FILE_NOT_READABLE', { path, reason: reasonOf(error) }, { cause: error });
  }
};
