import * as z from 'zod';

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
