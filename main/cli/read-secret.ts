import { readFile } from 'node:fs/promises';
import { failure } from '../../shared/errors/failure.ts';
import { fileReasonOf } from '../system/reason.ts';
import type { CliContext } from './context.ts';

/** The lines of standard input that no secret has taken yet: it can be read once only. */
const linesLeft = new WeakMap<CliContext, Promise<string[]>>();

/**
 * Text as the editors and shells of Windows write it: Windows PowerShell 5.1 redirects in UTF-16 with a byte order mark, others put one
 * before UTF-8. Taken for a part of the secret it would look like a wrong one.
 */
export const decodeText = (bytes: Uint8Array): string => {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  // TextDecoder takes the mark of UTF-8 off.
  return new TextDecoder('utf-8').decode(bytes);
};

const linesOf = (bytes: Uint8Array): string[] => decodeText(bytes).split(/\r?\n/);

const readLines = async (context: CliContext): Promise<string[]> => {
  const chunks: Buffer[] = [];
  for await (const chunk of context.streams.stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return linesOf(Buffer.concat(chunks));
};

const takeLine = async (context: CliContext): Promise<string> => {
  const lines = linesLeft.get(context) ?? readLines(context);
  linesLeft.set(context, lines);
  return (await lines).shift() ?? '';
};

/**
 * The first line of a file; `-` takes the next line of standard input. A secret never stands among the arguments, where every
 * user of the machine could read it.
 * @throws Failure SECRET_FILE_UNUSABLE
 */
export const readSecret = async (context: CliContext, path: string): Promise<string> => {
  try {
    return path === '-' ? await takeLine(context) : (linesOf(await readFile(path))[0] ?? '');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : fileReasonOf(error);
    throw failure('SECRET_FILE_UNUSABLE', { path, reason }, { cause: error });
  }
};

/** The Microsoft initiator refuses any other length with ISDSC_INVALID_CHAP_SECRET (docs/windows-model.md, iscsi.chap.length). */
const longestWindowsSecretBytes = 16;

/**
 * A CHAP secret: never empty, and one that is too long for Windows is told, because the nodes of the cluster will log on with it.
 * @param whose "the initiator" or "the target": with two secrets it is said which one is meant
 * @throws Failure SECRET_FILE_UNUSABLE
 */
export const readChapSecret = async (context: CliContext, path: string, whose: string): Promise<string> => {
  const secret = await readSecret(context, path);
  const place = path === '-' ? 'standard input' : path;
  if (secret === '') {
    const what = path === '-' ? 'no line is left' : 'its first line is empty';
    throw failure('SECRET_FILE_UNUSABLE', { path: `${place}, for ${whose}`, reason: what });
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes > longestWindowsSecretBytes)
    context.note(
      `The secret of ${whose} (${place}) is ${bytes} bytes long. The initiator of Windows takes 12 to 16 bytes only.`,
    );
  return secret;
};
