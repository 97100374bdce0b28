import { z } from 'zod';
import { checkResultSchema, verdicts } from './check.ts';
import { hostFactsSchema } from './facts.ts';
import { windowsServerSchema } from './windows-server.ts';

export const reportSchemaId = 'quorate.readiness';
export const reportSchemaVersion = 1;
export const reportSchemaName = `${reportSchemaId}/${reportSchemaVersion}` as const;

/** The checks, in the order in which they are shown. More may follow; none of these is ever left out. */
export const readinessCheckIds = [
  'cpu.x64',
  'cpu.dep',
  'cpu.virtualization',
  'cpu.slat',
  'firmware.virtualization',
  'hypervisor',
  'host.physical',
  'host.catalog',
  'memory',
  'os.version',
  'os.edition',
  'os.update.950050',
  'os.pendingReboot',
  'nic.count',
  'time.sync',
  'domain',
] as const;
export type ReadinessCheckId = (typeof readinessCheckIds)[number];

/** The three facts that the printed procedure asks of the hardware; the first screen shows them large. */
export const printedProcedureChecks = ['cpu.x64', 'cpu.dep', 'cpu.virtualization'] as const;

export const readinessGroups = [
  {
    id: 'hardware',
    title: 'Processor and firmware',
    checks: ['cpu.x64', 'cpu.dep', 'cpu.virtualization', 'cpu.slat', 'firmware.virtualization', 'hypervisor'],
  },
  { id: 'machine', title: 'Machine', checks: ['host.physical', 'host.catalog', 'memory', 'nic.count'] },
  {
    id: 'system',
    title: 'Operating system',
    checks: ['os.version', 'os.edition', 'os.update.950050', 'os.pendingReboot', 'time.sync', 'domain'],
  },
] as const satisfies readonly { id: string; title: string; checks: readonly ReadinessCheckId[] }[];

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

/** Why a check is made, for the person who opens it. */
export const whyItMatters: Readonly<Record<ReadinessCheckId, string>> = {
  'cpu.x64': 'Hyper-V exists for x64 processors only.',
  'cpu.dep': 'Hyper-V does not start unless hardware data execution prevention is available to the system.',
  'cpu.virtualization': "Hyper-V runs virtual machines with the processor's own virtualization: Intel VT-x or AMD-V.",
  'cpu.slat': 'From Windows Server 2016 on Hyper-V needs second-level address translation: Intel EPT or AMD NPT.',
  'firmware.virtualization': 'A processor that can virtualize is of no use while the firmware keeps that switched off.',
  hypervisor:
    'While a hypervisor runs, Windows can not read the processor flags, and other tools then report a capable server as incapable.',
  'host.physical': 'A virtual machine can be a cluster node for a laboratory, not for production.',
  'host.catalog': 'Microsoft supports failover clusters on hardware that is listed in the Windows Server Catalog.',
  memory: 'Windows Server has a minimum, and every virtual machine needs memory of its own besides.',
  'os.version': 'All nodes of a cluster run the same release of Windows Server.',
  'os.edition': 'Not every edition has Failover Clustering and Hyper-V.',
  'os.update.950050':
    'Windows Server 2008 came with a preview of Hyper-V; update 950050 replaces it with the released one.',
  'os.pendingReboot': 'A role can not be installed reliably while an earlier change waits for a restart.',
  'nic.count':
    'Production, cluster traffic and iSCSI each want a network of their own: two ports and at least one for iSCSI.',
  'time.sync': 'Kerberos refuses servers whose clocks are more than five minutes apart.',
  domain:
    'The nodes of a cluster are members of one domain; clusters without a domain exist from Windows Server 2016 on.',
};
