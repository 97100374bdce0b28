import * as z from 'zod';

/**
 * The wire between runner and session: one JSON document to a line, ASCII in both directions, so that no console code
 * page can break it. What a session sends is marked; every other line on its stdout is chatter.
 */

/** A secret in a script's input. It is revealed in the line on stdin and nowhere else. */
export interface Revealable {
  reveal(): string;
}

const isRevealable = (value: unknown): value is Revealable =>
  typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function';

export interface CredentialLike {
  readonly userName: string;
  readonly password: Revealable;
}

export const isCredential = (value: unknown): value is CredentialLike =>
  typeof value === 'object' &&
  value !== null &&
  'userName' in value &&
  typeof value.userName === 'string' &&
  'password' in value &&
  isRevealable(value.password);

export { isRevealable };

/** Brings an input into the plain form of the wire: secrets become `$secret`, 64-bit quantities decimal text. */
const toPlain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  if (isRevealable(value)) return { $secret: value.reveal() };
  if (isCredential(value)) {
    return { $credential: { userName: value.userName, password: { $secret: value.password.reveal() } } };
  }
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toPlain(inner)]));
  }
  return value;
};

/** The parameters that a script gets: a property that is null or undefined is not passed at all. */
export const toParameters = (input: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, toPlain(value)]),
  );

/** One line of ASCII JSON, line end included. */
export const encodeLine = (message: unknown): string =>
  `${JSON.stringify(message).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`;

/** The longest line that is taken, in characters: a little under what V8 can hold in one string. */
const longestLine = 500_000_000;

/**
 * Puts chunks together to lines. Pieces are joined once per line, so a line of 50 MB costs no more than its own length.
 * Throws a RangeError for a line that no string can hold.
 */
export const createLineReader = (onLine: (line: string) => void): ((chunk: string) => void) => {
  let pieces: string[] = [];
  let length = 0;
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      pieces.push(chunk.slice(from, end));
      const line = pieces.length === 1 ? pieces[0]! : pieces.join('');
      pieces = [];
      length = 0;
      from = end + 1;
      onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    if (from < chunk.length) {
      pieces.push(chunk.slice(from));
      length += chunk.length - from;
      if (length > longestLine) throw new RangeError(`a line of more than ${longestLine} characters`);
    }
  };
};

/** What PowerShell knows of an error. `id` is the FullyQualifiedErrorId; nothing is ever decided by `message`. */
export const scriptErrorSchema = z.object({
  id: z.string(),
  category: z.string(),
  /** As a signed 32-bit number, null where the error has none. */
  hresult: z.number().int().nullable(),
  /** The Win32 code inside it, null where there is none. */
  win32: z.number().int().nullable(),
  message: z.string(),
  at: z.object({
    script: z.string().nullable(),
    line: z.number().int().nullable(),
    command: z.string().nullable(),
    target: z.string().nullable(),
  }),
});
export type ScriptError = z.infer<typeof scriptErrorSchema>;

/**
 * What a script writes beside its result. None of it makes a call fail. In order within a level, not between levels: PowerShell keeps a stream for
 * each, and the session reads one after another while the script writes.
 */
export interface Notice {
  readonly level: 'warning' | 'verbose' | 'debug' | 'information' | 'error';
  readonly text: string;
  /** For a non-terminating error. */
  readonly error: ScriptError | null;
}

export const envelopeSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: scriptErrorSchema }),
]);
export type ScriptEnvelope = z.infer<typeof envelopeSchema>;

/** Every message that a session sends. */
export const sessionMessageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ready'),
    version: z.string(),
    edition: z.string(),
    processId: z.number(),
    culture: z.string(),
  }),
  z.object({ kind: z.literal('blocked'), mode: z.string() }),
  z.object({ kind: z.literal('refused'), error: z.string(), category: z.string(), detail: z.string() }),
  z.object({
    kind: z.literal('progress'),
    id: z.number(),
    activityId: z.number(),
    activity: z.string(),
    status: z.string().nullable(),
    operation: z.string().nullable(),
    percent: z.number(),
    secondsLeft: z.number(),
    completed: z.boolean(),
  }),
  z.object({
    kind: z.literal('notice'),
    id: z.number(),
    level: z.enum(['warning', 'verbose', 'debug', 'information', 'error']),
    text: z.string(),
    error: scriptErrorSchema.nullable(),
  }),
  z.object({ kind: z.literal('end'), id: z.number(), envelope: envelopeSchema }),
  z.object({ kind: z.literal('stopped'), id: z.number() }),
]);
export type SessionMessage = z.infer<typeof sessionMessageSchema>;
export type ProgressMessage = Extract<SessionMessage, { kind: 'progress' }>;
