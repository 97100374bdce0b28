import * as z from 'zod';

/** What the logical unit is for; the purpose decides about the size and which cases matter. */
export const purposes = ['witness', 'vm', 'data'] as const;
export type Purpose = (typeof purposes)[number];

export const qualificationVerdicts = ['qualified', 'notQualified', 'inconclusive'] as const;
export type QualificationVerdict = (typeof qualificationVerdicts)[number];

/** A skip never counts as a pass. */
export const caseVerdicts = ['passed', 'failed', 'skipped', 'inconclusive'] as const;
export type CaseVerdict = (typeof caseVerdicts)[number];

export const qualificationStepSchema = z.strictObject({
  at: z.iso.datetime(),
  /** Which of the two initiators acted; null for a step of Quorate itself. */
  initiator: z.enum(['A', 'B']).nullable(),
  /** What was done, in the words of the later validation report. */
  text: z.string(),
  /** What the device answered, such as `GOOD` or `RESERVATION CONFLICT`. */
  answer: z.string().nullable(),
  /** Whether the answer is one that the standard wants here; null where nothing is judged. */
  asExpected: z.boolean().nullable(),
  tookMs: z.number().nullable(),
});
export type QualificationStep = z.infer<typeof qualificationStepSchema>;

export const qualificationCaseSchema = z.strictObject({
  /** `Family.Suite.Case`. */
  id: z.string(),
  title: z.string(),
  /** Whether the verdict on the target rests on it; the others inform. */
  required: z.boolean(),
  verdict: z.enum(caseVerdicts),
  /** Why it failed, was skipped or is inconclusive; null when it passed. */
  because: z.string().nullable(),
  /** What a failure means for the cluster. */
  meaning: z.string(),
  /** What to ask the storage vendor when it fails. */
  askVendor: z.string(),
  /** The public document behind the case. */
  source: z.string(),
  /** What was measured or reported, by name. */
  figures: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  steps: z.array(qualificationStepSchema),
});
export type QualificationCase = z.infer<typeof qualificationCaseSchema>;

const decimal = z.string().regex(/^\d+$/);

export const logicalUnitSchema = z.strictObject({
  /** The LUN, a number. */
  lun: z.number().int().min(0).max(16383),
  vendor: z.string(),
  product: z.string(),
  revision: z.string(),
  serial: z.string().nullable(),
  /** The identity of VPD page 83h that Windows uses first: NAA, EUI-64, T10, or null where there is none. */
  identity: z.string().nullable(),
  designators: z.array(z.string()),
  sizeBytes: decimal.nullable(),
  blockSizeBytes: z.number().int().nullable(),
  physicalBlockSizeBytes: z.number().int().nullable(),
  isThin: z.boolean().nullable(),
  isWriteProtected: z.boolean().nullable(),
  supportsAlua: z.boolean().nullable(),
});
export type LogicalUnit = z.infer<typeof logicalUnitSchema>;

export const registrationSchema = z.strictObject({
  key: z.string(),
  /** The initiator port of the registration, where the device tells (READ FULL STATUS). */
  holder: z.string().nullable(),
  isReservationHolder: z.boolean(),
});

export const reservationViewSchema = z.strictObject({
  generation: z.number().int(),
  keys: z.array(z.string()),
  registrations: z.array(registrationSchema).nullable(),
  reservation: z.strictObject({ key: z.string(), type: z.string(), holder: z.string().nullable() }).nullable(),
});
export type ReservationView = z.infer<typeof reservationViewSchema>;

/** One row of the access table: what another I_T nexus may do while a reservation of this type is held. */
export const accessRowSchema = z.strictObject({
  type: z.string(),
  registeredMayRead: z.boolean().nullable(),
  registeredMayWrite: z.boolean().nullable(),
  unregisteredMayRead: z.boolean().nullable(),
  unregisteredMayWrite: z.boolean().nullable(),
  isAsTheStandardSays: z.boolean().nullable(),
});
export type AccessRow = z.infer<typeof accessRowSchema>;

export const qualificationSchemaId = 'quorate.qualification/1';

export const qualificationReportSchema = z.strictObject({
  schema: z.literal(qualificationSchemaId),
  tool: z.strictObject({ name: z.literal('quorate'), version: z.string() }),
  machine: z.string(),
  /** True where the target is a simulated one of a rehearsal. */
  isRehearsal: z.boolean(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  verdict: z.enum(qualificationVerdicts),
  /** The verdict as one sentence. */
  sentence: z.string(),
  target: z.string(),
  portals: z.array(z.string()),
  /** The address that each portal was reached from, in the same order; null where the system chose. */
  sourceIps: z.array(z.string().nullable()).default([]),
  purpose: z.enum(purposes),
  nodes: z.number().int(),
  paths: z.number().int(),
  allowed: z.strictObject({ reservations: z.boolean(), dataLoss: z.boolean() }),
  initiators: z.array(z.strictObject({ label: z.enum(['A', 'B']), name: z.string(), isid: z.string() })),
  /** True where both initiators had the same name, because the target admits one only. */
  oneName: z.boolean(),
  lun: logicalUnitSchema,
  cases: z.array(qualificationCaseSchema),
  accessTable: z.array(accessRowSchema),
  /** What had to be cleaned and could not be, in sentences; empty when nothing was left behind. */
  leftBehind: z.array(z.string()),
});
export type QualificationReport = z.infer<typeof qualificationReportSchema>;

/** What a run tells while it goes on, in `Progress.data`. */
export type QualificationEvent =
  | { readonly kind: 'step'; readonly caseId: string; readonly step: QualificationStep }
  | { readonly kind: 'case'; readonly result: QualificationCase; readonly done: number; readonly total: number }
  | {
      readonly kind: 'begin';
      readonly caseId: string;
      readonly title: string;
      readonly done: number;
      readonly total: number;
    };

/** A critical failure makes it `notQualified`; else anything required that did not pass makes it `inconclusive`. */
export const addUpQualification = (
  cases: readonly Pick<QualificationCase, 'required' | 'verdict'>[],
): QualificationVerdict => {
  const required = cases.filter((one) => one.required);
  if (required.some((one) => one.verdict === 'failed')) return 'notQualified';
  if (required.length === 0 || required.some((one) => one.verdict !== 'passed')) return 'inconclusive';
  return 'qualified';
};
