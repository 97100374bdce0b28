import { asClause, asSentence } from '../model/sentence.ts';
import { shellCommand } from './shell-command.ts';

/** May the same call be made again: at once, after a while, after something was changed, or never. */
export type Retry = 'now' | 'later' | 'afterChange' | 'never';

/** What a failed call changed. It is the first thing that an administrator asks. */
export type Effect = 'none' | 'partial' | 'complete' | 'unknown';

/**
 * One row of the message table: what happened, to which named thing, and what to do next.
 * `{name}` in a text is replaced by the failure's detail of that name; whoever raises the failure must give it.
 */
export interface MessageRow {
  /** What happened, as a whole sentence that names the thing. */
  readonly what: string;
  /** What to do next, as a whole sentence. */
  readonly next: string;
  /** May the same call be made again? */
  readonly retry: Retry;
  /** What the failed call changed, unless whoever raises it knows better. */
  readonly effect: Effect;
}

/** The names between braces in a text. */
export type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** Keeps the literal types of a message table, so that a missing detail does not compile. */
export const defineMessages = <const Table extends Record<string, MessageRow>>(table: Table): Table => table;

const isFilling = (value: unknown): value is string | number | boolean | bigint =>
  ['string', 'number', 'boolean', 'bigint'].includes(typeof value);

/** A command of ours in a sentence, with something to fill in. */
const commandWithNames = /"(quorate [^"]*\{\w+\}[^"]*)"/g;

/**
 * Fills `{name}` from `detail`; a name that is missing stays visible. A detail that is a sentence or a question brings its own mark, and begins
 * with a small letter after a colon or in brackets. Inside a command each word is quoted as a shell takes it for one: names of machines, adapters and
 * networks have blanks.
 */
export const fillText = (text: string, detail: Readonly<Record<string, unknown>>): string =>
  text
    .split(commandWithNames)
    .map((part, at) => (at % 2 === 1 ? fillCommand(part, detail) : fillWords(part, detail)))
    .join('');

const fillCommand = (command: string, detail: Readonly<Record<string, unknown>>): string => {
  const names = [...command.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (names.some((name) => !isFilling(detail[name]))) return `"${fillWords(command, detail)}"`;
  return shellCommand(command.split(' ').map((word) => fillWords(word, detail)));
};

/** Details that are names of things, or lists of them: they keep their letters wherever they stand. */
const ofThings: ReadonlySet<string> = new Set([
  ...['asked', 'check', 'disk', 'files', 'ids', 'machine', 'machines', 'name', 'names', 'nic', 'node', 'path'],
  ...['role', 'server', 'step', 'tests', 'title'],
]);

const fillWords = (text: string, detail: Readonly<Record<string, unknown>>): string =>
  text.replace(/(: |\()?\{(\w+)\}(\.?)/g, (whole, before: string | undefined, name: string, stop: string) => {
    const value = detail[name];
    if (!isFilling(value)) return whole;
    const said = `${before ?? ''}${before === undefined || ofThings.has(name) ? String(value) : asClause(String(value))}`;
    return stop === '.' ? asSentence(said) : said;
  });
