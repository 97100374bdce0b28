import * as z from 'zod';
import { uint64TextSchema } from '../model/quantity.ts';
import { method } from './define.ts';

/*
 * The embedded iSCSI target: for rehearsals, tests and labs, never for data. RFC 7143 on the wire; its LUNs are in
 * memory or plain files.
 */

const portalSchema = z.object({
  host: z.string(),
  port: z.number().int().min(0).max(65535),
  portalGroupTag: z.number().int().min(1).max(65535),
});

const credentialsSchema = z.object({
  user: z.string().min(1).max(255),
  /** At least 12 bytes: RFC 7143 section 12.1.3 wants 96 bits. */
  secret: z.string(),
});

/** A fault as on the command line: `NAME` or `NAME:ARG`. */
const faultTextSchema = z.string().min(1).max(300);

export const servedTargetSchema = z.object({
  id: z.string(),
  name: z.string(),
  portals: z.array(portalSchema),
  luns: z.array(
    z.object({
      lun: z.number().int(),
      sizeBytes: uint64TextSchema,
      blockSizeBytes: z.number().int(),
      serial: z.string(),
      /** The NAA designator of VPD page 83h, in upper-case hexadecimal digits. */
      uniqueId: z.string(),
      /** Null: in memory. */
      file: z.string().nullable(),
      /** Registered keys as decimal strings, with their nexus. */
      registrations: z.array(z.object({ nexus: z.string(), key: uint64TextSchema })),
      /** Type code and holder; the holder is null for the all-registrants types. */
      reservation: z.object({ type: z.number().int(), holder: z.string().nullable() }).nullable(),
    }),
  ),
  sessions: z.array(
    z.object({
      id: z.number().int(),
      sessionType: z.enum(['Normal', 'Discovery']),
      initiatorName: z.string(),
      isid: z.string(),
      from: z.string(),
    }),
  ),
  faults: z.array(faultTextSchema),
});
export type ServedTarget = z.infer<typeof servedTargetSchema>;

/** What a served target reports while it runs, as the progress' `data`. */
export const targetNewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), target: servedTargetSchema }),
  z.object({
    kind: z.literal('login'),
    session: z.number().int(),
    sessionType: z.enum(['Normal', 'Discovery']),
    initiatorName: z.string(),
    isid: z.string(),
    from: z.string(),
    reinstated: z.boolean(),
  }),
  z.object({ kind: z.literal('loginRefused'), from: z.string(), status: z.string(), because: z.string() }),
  z.object({ kind: z.literal('sessionEnded'), session: z.number().int(), because: z.string() }),
  z.object({ kind: z.literal('protocolError'), from: z.string(), because: z.string() }),
  z.object({ kind: z.literal('fault'), fault: z.string(), steps: z.array(z.string()) }),
  z.object({
    kind: z.literal('reservations'),
    lun: z.number().int(),
    by: z.string().nullable(),
    action: z.string(),
    generation: z.number().int(),
  }),
]);
export type TargetNews = z.infer<typeof targetNewsSchema>;

/** The faults that the embedded target can show, and the steps at which it can stall, cut or talk garbage. */
export const targetFaults = method({
  name: 'target.faults',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({}),
  output: z.object({
    faults: z.array(
      z.object({
        name: z.string(),
        /** How it is written: `cut:STEP[@N]`. */
        form: z.string(),
        what: z.string(),
        where: z.enum(['unit', 'conversation']),
      }),
    ),
    steps: z.array(z.object({ name: z.string(), what: z.string() })),
  }),
});

/**
 * Serves an embedded target until it is cancelled, which is its normal end. Not for data. Errors:
 * TARGET_ADDRESS_NOT_LOOPBACK, TARGET_CANNOT_LISTEN, TARGET_LUN_UNUSABLE, TARGET_FAULT_UNKNOWN, TARGET_NAME_INVALID,
 * TARGET_CHAP_UNUSABLE.
 */
export const targetServe = method({
  name: 'target.serve',
  kind: 'work',
  title: 'Serve a practice target (not for data)',
  callers: ['ui', 'cli'],
  input: z.object({
    name: z.string().optional(),
    /** Empty: 127.0.0.1:3260. The portal group tag is 1 unless given. */
    listen: z
      .array(portalSchema.partial({ portalGroupTag: true }))
      .max(16)
      .default([]),
    luns: z
      .array(
        z.object({
          /** Bytes; needed unless the file exists. */
          sizeBytes: uint64TextSchema.nullable(),
          file: z.string().nullable(),
          blockSizeBytes: z.union([z.literal(512), z.literal(4096)]).optional(),
        }),
      )
      .min(1)
      .max(64),
    chap: credentialsSchema.nullable().default(null),
    /** With what the target proves itself; only together with `chap`. */
    mutualChap: credentialsSchema.nullable().default(null),
    /** Initiator names that may log in; empty: everybody. */
    admit: z.array(z.string()).default([]),
    faults: z.array(faultTextSchema).default([]),
    /** How many normal sessions there may be at once; 256 unless given. A TSIH has 16 bits (RFC 7143 section 11.12.6). */
    maxSessions: z.number().int().min(1).max(65_535).optional(),
    /** How many registrations each LUN has room for; 256 unless given: 64 nodes with four paths each. */
    maxRegistrations: z.number().int().min(1).max(65_535).optional(),
    /** Other addresses than loopback are allowed. */
    lab: z.boolean().default(false),
  }),
  output: z.object({ target: servedTargetSchema, sessionsServed: z.number().int(), loginsRefused: z.number().int() }),
});

/** The targets that this core serves now. */
export const targetList = method({
  name: 'target.list',
  kind: 'read',
  inCore: true,
  callers: ['ui', 'cli'],
  input: z.object({}),
  output: z.object({ targets: z.array(servedTargetSchema) }),
});

/** Switches faults of a served target on and off while it runs. Errors: TARGET_NOT_SERVED, TARGET_FAULT_UNKNOWN. */
export const targetChangeFaults = method({
  name: 'target.changeFaults',
  kind: 'change',
  callers: ['ui', 'cli'],
  input: z.object({
    /** Null: the only one. */
    id: z.string().nullable().default(null),
    on: z.array(faultTextSchema).default([]),
    /** As `faults` shows them, `NAME:ARG`; a name alone switches off all of that name. */
    off: z.array(z.string()).default([]),
  }),
  output: z.object({ faults: z.array(faultTextSchema) }),
});

export const targetMethods = [targetFaults, targetServe, targetList, targetChangeFaults] as const;
