import * as z from 'zod';
import { checkResultSchema, verdicts } from './check.ts';
import { hostFactsSchema } from './facts.ts';
import { reportSchemaName } from './readiness-checks.ts';
import { windowsServers } from './windows-server.ts';

export * from './readiness-checks.ts';

export const windowsServerSchema = z.enum(windowsServers);

/** What the report calls the machine; null where the facts do not hold it. */
export const reportMachineSchema = z.object({
  name: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  serialNumber: z.string().nullable(),
  firmware: z.string().nullable(),
  operatingSystem: z.string().nullable(),
  processors: z.string().nullable(),
});

/** One machine, judged: the JSON of `quorate readiness --json`, of an exported report and of the window. */
export const readinessReportSchema = z.object({
  schema: z.literal(reportSchemaName),
  tool: z.object({ name: z.literal('quorate'), version: z.string() }),
  /** When the judgement was made, ISO 8601 in UTC. The facts carry their own time. */
  at: z.iso.datetime(),
  machine: reportMachineSchema,
  judgedFor: windowsServerSchema,
  /** Who chose it: the user, the Windows Server that runs there, or nobody (then it is 2025). */
  judgedForBecause: z.enum(['chosen', 'running', 'default']),
  /** `hardware`: the machine does not run Windows, the verdict speaks of the hardware alone. */
  scope: z.enum(['server', 'hardware']),
  verdict: z.enum(verdicts),
  /** The verdict as one sentence. */
  sentence: z.string(),
  checks: z.array(checkResultSchema),
  /** What to look up, and where, on a phone. */
  catalog: z.object({ address: z.string(), lookUp: z.string().nullable() }),
  /** The facts, whole, so that nothing is lost when the report is read elsewhere. */
  facts: hostFactsSchema,
  /** SHA-256 of the canonical JSON of everything but this: an altered file is noticed. It is no signature. */
  digest: z.object({ algorithm: z.literal('SHA-256'), value: z.string().regex(/^[0-9a-f]{64}$/) }),
});
export type ReportMachine = z.infer<typeof reportMachineSchema>;
export type ReadinessReport = z.infer<typeof readinessReportSchema>;

/** `must`: a cluster is refused or unsupported otherwise. `should`: it works, but asks for trouble. `info`: to be seen. */
export const matchRules = ['must', 'should', 'info'] as const;

/** Two or more servers side by side. */
export const comparisonSchema = z.object({
  schema: z.literal('quorate.comparison/1'),
  servers: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(verdicts),
      sentence: z.string(),
      judgedFor: windowsServerSchema,
      at: z.iso.datetime(),
    }),
  ),
  /** `match`: all that must match does. `differ`: something does not. `unknown`: something is not known on one side. */
  verdict: z.enum(['match', 'differ', 'unknown']),
  sentence: z.string(),
  rows: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      /** The id of a group of {@link readinessGroups}. */
      group: z.string(),
      match: z.enum(matchRules),
      outcome: z.enum(['same', 'different', 'unknown']),
      /** One per server, in the servers' order; null where it is not known. */
      values: z.array(z.string().nullable()),
      /** Why it matters that they match. */
      why: z.string(),
    }),
  ),
});
export type Comparison = z.infer<typeof comparisonSchema>;
