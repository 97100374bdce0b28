import * as z from 'zod';

/**
 * What was shown once and leaves no trace in Windows: kept by the server that did it, so that a second run does not do it again.
 * Each says of what it is the proof; where that has changed since, it is none any more.
 */
export const proofsSchema = z.object({
  version: z.literal(1),
  /** LUNs whose reservations were proven, by serial number, for so many servers. */
  qualified: z
    .array(z.object({ serial: z.string(), nodes: z.number().int(), at: z.iso.datetime(), verdict: z.string() }))
    .default([]),
  /** Validations that ended without a failure: of which servers, and where the report lies. */
  validated: z
    .array(
      z.object({
        nodes: z.array(z.string()),
        at: z.iso.datetime(),
        report: z.string().nullable(),
        accepted: z.array(z.string()),
      }),
    )
    .default([]),
  /** Drills that ended as they should: which, of what, among which servers, and how long it took. */
  drilled: z
    .array(
      z.object({
        drill: z.string(),
        subject: z.string(),
        nodes: z.array(z.string()),
        at: z.iso.datetime(),
        tookMs: z.number().int(),
      }),
    )
    .default([]),
  /** Restarts of a drill that were ordered: the core that ordered one may be gone with it, and another goes on with the drill. */
  begun: z
    .array(z.object({ subject: z.string(), bootedAt: z.string(), startedMs: z.number(), isMember: z.boolean() }))
    .default([]),
});
export type Proofs = z.output<typeof proofsSchema>;

export const noProofs: Proofs = { version: 1, qualified: [], validated: [], drilled: [], begun: [] };

/** Are all of these servers among those, whatever their order and spelling? */
export const areAmong = (some: readonly string[], all: readonly string[]): boolean => {
  const known = new Set(all.map((name) => name.toLowerCase()));
  return some.every((name) => known.has(name.toLowerCase()));
};
