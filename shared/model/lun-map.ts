import * as z from 'zod';
import { busTypes, diskSchema, type BusType, type Disk } from './disk.ts';
import { uint64Schema } from './quantity.ts';

/*
 * Which server sees which logical unit over which path. The identity is that of VPD page 83h (SPC-4 section 7.8.6); numbers and serial
 * numbers are what a target tells beside it, and prove nothing by themselves.
 */

const decimal = z.string().regex(/^\d{1,20}$/);

/** A logical unit as one path shows it. */
export const seenUnitSchema = z.object({
  /** The LUN of the target; null: Windows does not tell it of a disk. */
  lun: z.number().int().min(0).max(16_777_215).nullable(),
  /** `naa.…`, `eui.…`, `t10.…` or a SCSI name string in one spelling; null: the unit has no identity that names it. */
  identity: z.string().min(1).max(512).nullable(),
  serial: z.string().max(256).nullable(),
  sizeBytes: decimal.nullable(),
});
export type SeenUnit = z.infer<typeof seenUnitSchema>;

/** A way from a server to logical units: a session of Windows, or a logon of Quorate's own initiator; another bus has no target. */
export const seenPathSchema = z.object({
  /** `windows`: what Windows itself shows. `quorate`: asked over the portal by Quorate's own initiator. */
  by: z.enum(['windows', 'quorate']),
  /** The bus of the disks; `iscsi` wherever there is a target. */
  bus: z.enum(Object.values(busTypes) as [BusType, ...BusType[]]),
  /** The iSCSI name of the target; null: of another bus, or a portal that told no target. */
  target: z.string().max(223).nullable(),
  /** Address and port, as `10.0.3.50:3260`. */
  portal: z.string().max(80).nullable(),
  /** The address of the server that the path starts from. */
  source: z.string().max(64).nullable(),
  /** Null: they could not be read, and `because` says why. */
  units: z.array(seenUnitSchema).max(4_096).nullable(),
  because: z.string().max(2_000).nullable(),
});
export type SeenPath = z.infer<typeof seenPathSchema>;

/** What one server sees. */
export const seenLunsSchema = z.object({
  schema: z.literal('quorate.seen-luns/1'),
  paths: z.array(seenPathSchema).max(1_024),
});
export type SeenLuns = z.infer<typeof seenLunsSchema>;

export const lunVerdicts = ['different', 'missing', 'unknown', 'same'] as const;
/**
 * `same`: every server sees it, and sees the same. `missing`: a server that was looked at does not. `different`: what carries one name is
 * not one unit, or one unit carries several names. `unknown`: a server did not answer, or could not look, and nothing else is wrong.
 */
export type LunVerdict = (typeof lunVerdicts)[number];

export const lunOutcomes = ['fail', 'unknown', 'warn', 'pass'] as const;
export type LunOutcome = (typeof lunOutcomes)[number];

export const lunCellSchema = z.object({
  /** Does this server see it? Null: not known. */
  isSeen: z.boolean().nullable(),
  paths: z.array(
    seenPathSchema
      .pick({ by: true, target: true, portal: true, source: true })
      .extend(seenUnitSchema.pick({ lun: true, serial: true, sizeBytes: true }).shape),
  ),
  /** Why it is not seen, or not known; null where it is seen over every path that was looked at. */
  because: z.string().nullable(),
});
export type LunCell = z.infer<typeof lunCellSchema>;

export const lunRowSchema = z.object({
  /** Of VPD page 83h; null: without one. Then the row is one number of one target, or one serial number. */
  identity: z.string().nullable(),
  serial: z.string().nullable(),
  sizeBytes: decimal.nullable(),
  verdict: z.enum(lunVerdicts),
  /** `warn`: the servers see one unit, but not over as many paths. */
  outcome: z.enum(lunOutcomes),
  /** What was found, and what it means for a cluster. */
  text: z.string(),
  /** What to do; null where nothing is to be done. */
  next: z.string().nullable(),
  /** In the order of `servers`. */
  cells: z.array(lunCellSchema),
});
export type LunRow = z.infer<typeof lunRowSchema>;

/** The logical units of all servers side by side, differences first. */
export const lunMapSchema = z.object({
  schema: z.literal('quorate.lun-map/1'),
  at: z.iso.datetime(),
  servers: z.array(
    z.object({
      /** The peer's id, or `local` for the server that asked. */
      id: z.string(),
      name: z.string(),
      /** Why it told nothing; null when it told something. */
      because: z.string().nullable(),
      /** Paths that could not be looked over, each with its reason. */
      notLooked: z.array(z.string()),
    }),
  ),
  /** The worst of the rows; `unknown` is worse than `warn`, because it may hide a failure. */
  outcome: z.enum(lunOutcomes),
  sentence: z.string(),
  luns: z.array(lunRowSchema),
  source: z.string(),
});
export type LunMap = z.infer<typeof lunMapSchema>;

/**
 * The identity of a disk of Windows in the spelling of the SCSI layer, so that both can be compared. `MSFT_Disk.UniqueIdFormat` 3 is a NAA and 2
 * an EUI-64 (windows-driver-docs, msft-disk.md), which Windows writes as bare hexadecimal digits; what it writes of the others is compared as it is.
 * Null where the disk reports no unique id.
 */
export const identityOfDisk = ({
  uniqueId,
  uniqueIdFormat,
}: Pick<Disk, 'uniqueId' | 'uniqueIdFormat'>): string | null => {
  const text = uniqueId?.trim() ?? '';
  if (text === '') return null;
  const isHex = /^[0-9a-f]+$/i.test(text);
  if (uniqueIdFormat === 'fcphName' && isHex) return `naa.${text.toLowerCase()}`;
  if (uniqueIdFormat === 'eui64' && isHex) return `eui.${text.toLowerCase()}`;
  return text;
};

/** The disks that one connected session of Windows' initiator leads to. */
export const sessionDisksSchema = z.object({
  sessionIdentifier: z.string(),
  /** Null: they could not be read, and `because` says why. */
  disks: z
    .array(
      diskSchema.pick({ uniqueId: true, uniqueIdFormat: true, serialNumber: true }).extend({ sizeBytes: uint64Schema }),
    )
    .nullable(),
  because: z.string().nullable(),
});
export type SessionDisks = z.infer<typeof sessionDisksSchema>;
