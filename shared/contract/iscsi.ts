import * as z from 'zod';
import {
  logicalUnitSchema,
  purposes,
  qualificationReportSchema,
  reservationViewSchema,
} from '../model/qualification.ts';
import { qualificationComparisonSchema } from '../model/qualification-comparison.ts';
import { method } from './define.ts';
import { serverRefSchema } from './server.ts';
import { maxLunNumber } from '../model/lun-number.ts';
import { handedOverSchema, handOverToSchema } from './hand-over.ts';
import { fileInputSchema } from './readiness.ts';

const everybodyHere = ['ui', 'cli'] as const;

/** CHAP names and secrets (RFC 1994); `mutual*` is what the target proves. */
export const chapSchema = z.object({
  user: z.string().min(1),
  secret: z.string(),
  mutualUser: z.string().optional(),
  mutualSecret: z.string().optional(),
});

/** How to reach a target: the same for every iSCSI method. */
const accessSchema = z.object({
  /** `host`, `host:port` or `[ipv6]:port`; the port is 3260 unless it is given. */
  portal: z.string().min(1),
  /** The address of the NIC to use; the system chooses when it is left out. */
  sourceIp: z.string().optional(),
  /** The initiator's name; this server's own by default. */
  initiator: z.string().optional(),
  chap: chapSchema.optional(),
});

/** Redirects that the logon followed, in order. Permanent: the new address belongs into the configuration (RFC 7143 section 11.13.5). */
const redirectsSchema = z.array(z.object({ from: z.string(), to: z.string(), permanent: z.boolean() }));

const lunNumber = z.number().int().min(0).max(maxLunNumber);

/** From which addresses of this server a portal can be asked, with the names that its NICs have in the system's own tools. */
export const iscsiSourceAddresses = method({
  name: 'iscsi.sourceAddresses',
  kind: 'read',
  callers: everybodyHere,
  input: z.object({}),
  output: z.object({
    addresses: z.array(
      z.object({
        nic: z.string(),
        address: z.string(),
        prefixLength: z.number().int().min(0).max(128),
        family: z.enum(['ipv4', 'ipv6']),
        isLoopback: z.boolean(),
      }),
    ),
  }),
});

export const iscsiDiscover = method({
  name: 'iscsi.discover',
  kind: 'read',
  callers: everybodyHere,
  input: accessSchema.extend({ withLuns: z.boolean().default(false) }),
  output: z.object({
    portal: z.string(),
    localAddress: z.string(),
    redirects: redirectsSchema,
    initiator: z.string(),
    /** Of the discovery itself: a portal may take none for it and ask for CHAP at each target's logon. */
    authentication: z.enum(['none', 'chap', 'mutualChap']),
    targets: z.array(
      z.object({
        name: z.string(),
        portals: z.array(z.object({ address: z.string(), portalGroupTag: z.number().nullable() })),
        /** Asked for with `withLuns`; null when not asked, or when they could not be listed (see `problem`). */
        luns: z.array(logicalUnitSchema).nullable(),
        /** Over which portal the LUNs were read: the one that was asked, or one of those that the target lists. Null where no logon came about. */
        lunsReadOver: z.string().nullable(),
        /** What has to be known and hinders nothing: a name that is none, a tag that is none, another portal than was asked. */
        warnings: z.array(z.string()),
        /** Why the LUNs, some of them, or facts about them are missing. */
        problem: z.object({ code: z.string(), what: z.string(), next: z.string() }).nullable(),
      }),
    ),
  }),
});

export const inspectionSchema = z.object({
  portal: z.string(),
  redirects: redirectsSchema,
  target: z.string(),
  initiator: z.string(),
  authentication: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** What has to be known and hinders nothing, in sentences. */
  warnings: z.array(z.string()),
  /** Commands that were not answered, in sentences: what they would have shown is missing here. */
  problems: z.array(z.string()),
  luns: z.array(
    logicalUnitSchema.extend({
      /** What TEST UNIT READY was answered with; null where the device is ready. */
      notReady: z.string().nullable(),
      /** Null where the device does not know persistent reservations. */
      capabilities: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
      keys: z.array(z.string()).nullable(),
      reservation: reservationViewSchema.shape.reservation,
      /** `reservation` is null for three reasons, and only `none` means that nobody holds one. */
      reservationState: z.enum(['held', 'none', 'notSupported', 'notAnswered']),
      reservations: reservationViewSchema.nullable(),
      /** A command of this unit that was not answered; without it nothing is missing. */
      problem: z.string().nullable(),
    }),
  ),
});
export type Inspection = z.infer<typeof inspectionSchema>;

/** Identity, capacity, reservations of one logical unit or of all; changes nothing. */
export const iscsiInspect = method({
  name: 'iscsi.inspect',
  kind: 'read',
  callers: everybodyHere,
  input: accessSchema.extend({ target: z.string(), lun: lunNumber.optional() }),
  output: inspectionSchema,
});

export const iscsiCases = method({
  name: 'iscsi.cases',
  kind: 'read',
  callers: everybodyHere,
  input: z.object({ cases: z.array(z.string()).optional() }),
  output: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      required: z.boolean(),
      /** Whether the verdict rests on it: always, where it can run (a second portal, a proof by writing), or never. */
      counts: z.enum(['yes', 'where it can run', 'informs']),
      /** What has to be allowed for it. */
      needs: z.enum(['nothing', 'reservations', 'dataLoss']),
      source: z.string(),
    }),
  ),
});

export const qualifyInputSchema = accessSchema.extend({
  /** Further portals of the same target, each with the address of the NIC to reach it from; the system chooses when it is left out. */
  otherPortals: z.array(z.object({ portal: z.string().min(1), sourceIp: z.string().optional() })).default([]),
  target: z.string(),
  lun: lunNumber,
  purpose: z.enum(purposes).default('vm'),
  nodes: z.number().int().min(2).max(64).default(2),
  paths: z.number().int().min(1).max(8).default(1),
  allowReservations: z.boolean().default(false),
  allowDataLoss: z.boolean().default(false),
  /** The LUN's serial number, typed by its user; needed with `allowDataLoss`. */
  serial: z.string().optional(),
  /** Globs over case ids; all when left out. */
  cases: z.array(z.string()).optional(),
  /** The name of the second initiator; by default one of Quorate's own, and the first one's where the target admits no other. */
  secondInitiator: z.string().optional(),
  /** Initiator names of the cluster that this server belongs to: their registrations are in use, not a fault. */
  clusterInitiators: z.array(z.string()).default([]),
});

export const iscsiQualify = method({
  name: 'iscsi.qualify',
  kind: 'work',
  title: 'Qualification of an iSCSI logical unit',
  callers: everybodyHere,
  input: qualifyInputSchema,
  output: qualificationReportSchema,
});

export const iscsiBench = method({
  name: 'iscsi.bench',
  kind: 'work',
  title: 'Reading speed of an iSCSI logical unit',
  callers: everybodyHere,
  input: accessSchema.extend({
    /** Further portals of the same target, read over at the same time, each with as many reads in flight. */
    otherPortals: z
      .array(z.object({ portal: z.string().min(1), sourceIp: z.string().optional() }))
      .max(7)
      .default([]),
    target: z.string(),
    lun: lunNumber,
    blockBytes: z.number().int().min(512).max(16_777_216).default(4096),
    depth: z.number().int().min(1).max(256).default(32),
    seconds: z.number().min(0.1).max(600).default(5),
    digests: z.boolean().default(false),
  }),
  output: z.object({
    schema: z.literal('quorate.iscsi-bench/1'),
    target: z.string(),
    lun: z.number(),
    blockBytes: z.number(),
    /** Reads in flight over each portal. */
    depth: z.number(),
    seconds: z.number(),
    /** What each portal carried, in the order in which they were given. */
    portals: z.array(z.object({ portal: z.string(), reads: z.number(), iops: z.number(), mbPerSecond: z.number() })),
    /** Over all portals together, as are the figures below. */
    reads: z.number(),
    iops: z.number(),
    mbPerSecond: z.number(),
    latencyMs: z.object({ p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() }),
  }),
});

const ownKeySchema = z.object({
  portal: z.string(),
  sourceIp: z.string().optional(),
  target: z.string(),
  lun: z.number().int(),
  initiator: z.string(),
  isid: z.string(),
  key: z.string(),
  since: z.iso.datetime(),
});

/** What logical units are for as this server's person chose, by their VPD 83h identity, else by target and number. Errors: SETTINGS_DAMAGED. */
export const iscsiPurposes = method({
  name: 'iscsi.purposes',
  kind: 'read',
  callers: everybodyHere,
  input: z.object({ server: serverRefSchema }),
  output: z.object({ purposes: z.record(z.string(), z.enum(purposes)) }),
});

/** Keeps what a logical unit is for, until it is seen again. Errors: SETTINGS_DAMAGED. */
export const iscsiSetPurpose = method({
  name: 'iscsi.setPurpose',
  kind: 'change',
  callers: everybodyHere,
  input: z.object({ server: serverRefSchema, unit: z.string().min(1).max(1024), purpose: z.enum(purposes) }),
  output: z.object({ purposes: z.record(z.string(), z.enum(purposes)) }),
});

/** Notes of runs that ended without cleaning up (killed, power lost): the keys that are ours. */
export const iscsiOwnKeys = method({
  name: 'iscsi.ownKeys',
  kind: 'read',
  inCore: true,
  callers: everybodyHere,
  input: z.object({
    /** Only those registered over one of these portals, in any spelling. */
    portals: z.array(z.string()).optional(),
    /** Only those registered under this name. */
    initiator: z.string().optional(),
  }),
  output: z.object({ keys: z.array(ownKeySchema) }),
});

/** Removes exactly the keys of those notes, and nothing else. What is given narrows them. */
export const iscsiClearMine = method({
  name: 'iscsi.clearMine',
  kind: 'change',
  callers: everybodyHere,
  input: z.object({
    chap: chapSchema.optional(),
    sourceIp: z.string().optional(),
    /** Only those registered over one of these portals. */
    portals: z.array(z.string()).optional(),
    /** Only those registered under this name. */
    initiator: z.string().optional(),
    /** Only those of this logical unit; `over`: how it is reached now, tried where the noted portals do not answer. */
    unit: z
      .object({
        target: z.string(),
        lun: lunNumber,
        over: z.array(z.object({ portal: z.string(), sourceIp: z.string().optional() })),
      })
      .optional(),
  }),
  output: z.object({
    removed: z.array(ownKeySchema),
    gone: z.array(ownKeySchema),
    left: z.array(
      ownKeySchema.extend({
        because: z.string(),
        /** What to do next. */
        next: z.string(),
        /** True where the device still shows the key; false where it could not be asked. */
        isSeen: z.boolean(),
      }),
    ),
    /** Those that were not looked at because `portals`, `initiator` or `unit` left them out. */
    excluded: z.array(ownKeySchema),
  }),
});

/** Drops notes without touching a target: for a target or a LUN that is gone for good. Errors: none; a note that is not there is left out. */
export const iscsiForgetKeys = method({
  name: 'iscsi.forgetKeys',
  kind: 'change',
  callers: everybodyHere,
  input: z.object({ keys: z.array(ownKeySchema).min(1) }),
  output: z.object({ forgotten: z.array(ownKeySchema) }),
});

/**
 * Whether a report can be written there, asked before a qualification touches a target: a verdict that cannot be kept is found out too
 * late after it. Leaves nothing behind. Errors: FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE.
 */
export const iscsiCheckReport = method({
  name: 'iscsi.checkReport',
  kind: 'read',
  callers: ['cli'],
  input: z.object({ path: z.string().min(1), format: z.enum(['html', 'json', 'pdf']) }),
  output: z.object({ replaces: z.boolean() }),
});

/** Writes a qualification report into a file that the user named, or hands the bytes over (a browser saves them itself). */
export const iscsiExportReport = method({
  name: 'iscsi.exportReport',
  kind: 'read',
  callers: everybodyHere,
  input: z.object({
    report: qualificationReportSchema,
    format: z.enum(['html', 'json', 'pdf']),
    to: handOverToSchema,
  }),
  output: handedOverSchema,
});

/** Opens an exported qualification. Errors: QUALIFY_REPORT_OF_ANOTHER_KIND, REPORT_INVALID, IMPORT_*, FILE_*. */
export const iscsiImportReport = method({
  name: 'iscsi.importReport',
  kind: 'read',
  callers: everybodyHere,
  input: z.object({ file: fileInputSchema }),
  output: qualificationReportSchema,
});

/** Two or more qualifications side by side, with what must match marked. */
export const iscsiCompareReports = method({
  name: 'iscsi.compareReports',
  kind: 'read',
  callers: everybodyHere,
  input: z.object({ reports: z.array(qualificationReportSchema).min(2).max(16) }),
  output: qualificationComparisonSchema,
});

export const iscsiMethods = [
  iscsiSourceAddresses,
  iscsiDiscover,
  iscsiInspect,
  iscsiCases,
  iscsiQualify,
  iscsiBench,
  iscsiPurposes,
  iscsiSetPurpose,
  iscsiOwnKeys,
  iscsiClearMine,
  iscsiForgetKeys,
  iscsiCheckReport,
  iscsiExportReport,
  iscsiImportReport,
  iscsiCompareReports,
] as const;
