import * as z from 'zod';
import { namedServerSchema, serverRefSchema } from './server.ts';
import { availabilityReportSchema, stateSourceKinds } from '../availability/report.ts';
import { stateDocumentSchema } from '../availability/state.ts';
import { whatIfSchema } from '../availability/what-if.ts';
import { method } from './define.ts';
import { initiatorRead } from './initiator.ts';
import { nicList } from './nic.ts';
import { clusterStateSchema } from '../model/cluster.ts';
import { machinesStateSchema } from '../model/virtual-machines.ts';
import { handedOverSchema, handOverToSchema } from './hand-over.ts';
import { fileInputSchema } from './readiness.ts';
import { reportFormats } from './reports.ts';

/** Where a configuration comes from. */
export const availabilitySourceSchema = z.discriminatedUnion('kind', [
  /** A state file, or an availability report that was exported as JSON: its state is taken. */
  z.object({ kind: z.literal('state'), file: fileInputSchema }),
  /** One file for each server: facts, readiness reports or texts of wmic. */
  z.object({ kind: z.literal('facts'), files: z.array(fileInputSchema).min(1).max(64) }),
  /** What the servers themselves show: NICs with their roles, paths, portals and targets. */
  z.object({ kind: z.literal('servers'), servers: z.array(namedServerSchema).min(1).max(64) }),
]);
export type AvailabilitySource = z.infer<typeof availabilitySourceSchema>;

const callers = ['ui', 'cli'] as const;

/** Errors: AVAILABILITY_STATE_*, AVAILABILITY_FACTS_*, IMPORT_*, FACTS_*, FILE_*, HOST_*. */
export const availabilityRead = method({
  name: 'availability.read',
  kind: 'read',
  callers,
  input: z.object({ source: availabilitySourceSchema }),
  output: z.object({
    state: stateDocumentSchema,
    source: z.object({ kind: z.enum(stateSourceKinds), names: z.array(z.string()) }),
    /** What a reader has to know of where it came from, as whole sentences. */
    notes: z.array(z.string()),
  }),
});

/**
 * What one server shows of itself and its cluster for the analysis, in one round trip. What could not be read is null. Errors: HOST_*.
 */
export const availabilityObserve = method({
  name: 'availability.observe',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: z.object({
    network: nicList.output,
    initiator: initiatorRead.output.nullable(),
    /** Physical memory in MB; null: nothing tells it. */
    memoryMB: z.number().int().nullable(),
    cluster: clusterStateSchema.nullable(),
    machines: machinesStateSchema.nullable(),
    /** Disks by their unique id with the paths that MPIO holds. */
    disks: z.array(z.object({ uniqueId: z.string().nullable(), pathCount: z.number().int().nullable() })).nullable(),
  }),
});

/** What is left after losses. Errors: those of `availability.read`, and AVAILABILITY_LOSS_*, AVAILABILITY_TOO_MANY_ELEMENTS. */
export const availabilityWhatIf = method({
  name: 'availability.whatIf',
  kind: 'read',
  callers,
  input: z.object({
    source: availabilitySourceSchema,
    /** Elements as `node:HV02`; several are lost in this order, and at once. */
    lose: z.array(z.string().min(1)).max(16).default([]),
    /** Every single loss, every pair. */
    all: z.array(z.enum(['single', 'double'])).default([]),
  }),
  output: whatIfSchema,
  title: 'What-if analysis',
});

/** The whole analysis: single points, pairs, headroom, advice, sites, hand-over. Errors: those of `availability.read`. */
export const availabilityReport = method({
  name: 'availability.report',
  kind: 'read',
  callers,
  input: z.object({ source: availabilitySourceSchema }),
  output: availabilityReportSchema,
  title: 'Availability report',
});

/** Writes a report, or hands the bytes over. Errors: FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE. */
export const availabilityExport = method({
  name: 'availability.export',
  kind: 'read',
  callers,
  input: z.object({ report: availabilityReportSchema, format: z.enum(reportFormats), to: handOverToSchema }),
  output: handedOverSchema,
});

/**
 * Keeps which switch the cables of NICs and portals end in, for the cluster that these servers show: no cmdlet of Windows shows it.
 * Errors: those of `availability.read`, AVAILABILITY_LOSS_UNKNOWN, AVAILABILITY_ANSWER_REFUSED.
 */
export const availabilityAnswer = method({
  name: 'availability.answer',
  kind: 'change',
  callers,
  input: z.object({
    servers: z.array(namedServerSchema).min(1).max(64),
    answers: z
      .array(
        z.object({
          /** `nic:NODE/NIC` or `portal:TARGET/ADDRESS`. */
          element: z.string().min(1),
          /** Null: forget what was answered. */
          switch: z.string().trim().min(1).max(256).nullable(),
        }),
      )
      .min(1)
      .max(1024),
  }),
  output: z.object({ cluster: z.string(), kept: z.number().int() }),
});

export const availabilityMethods = [
  availabilityRead,
  availabilityObserve,
  availabilityWhatIf,
  availabilityReport,
  availabilityExport,
  availabilityAnswer,
] as const;
