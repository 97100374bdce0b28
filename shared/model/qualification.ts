import * as z from 'zod';

/** What the logical unit is for. The purpose decides about the size that is needed, and about nothing else. */
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

/** What a logical unit says of itself, by the page or command that it says it in. */
export const unitFactSchema = z.enum(['inquiry', 'identity', 'serial', 'size', 'writeProtection']);
export type UnitFact = z.infer<typeof unitFactSchema>;

export const logicalUnitSchema = z.strictObject({
  /** The LUN, a number: 24 bits in extended flat space addressing (SAM-5 section 4.7.7.5). */
  lun: z.number().int().min(0).max(16_777_215),
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
  /** What it was asked for and did not answer, or answered in data that cannot be read: null there is not "none". Left out where that is nothing. */
  unread: z.array(unitFactSchema).optional(),
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

/**
 * Why both initiators have one name: it was given for both, no second one can be made of it (eui., naa., too long), the target
 * refused the second one, or it let it log on and showed it no such LUN.
 */
export const oneNameReasons = ['chosen', 'impossible', 'refused', 'masked'] as const;
export type OneNameReason = (typeof oneNameReasons)[number];

/** Where the session over a portal ended: its own address, or the one that the target redirected to. */
export const portalEndSchema = z.strictObject({
  portal: z.string(),
  end: z.string(),
  redirects: z.array(z.strictObject({ from: z.string(), to: z.string(), permanent: z.boolean() })),
});
export type PortalEnd = z.infer<typeof portalEndSchema>;

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
  /** Cases on which the verdict rests and that were not asked for. */
  notAsked: z.array(z.string()).default([]),
  target: z.string(),
  portals: z.array(z.string()),
  /** The address that each portal was reached from, in the same order; null where the system chose. */
  sourceIps: z.array(z.string().nullable()).default([]),
  /** The portals that a session was opened over, in the order in which that was. */
  portalEnds: z.array(portalEndSchema).default([]),
  purpose: z.enum(purposes),
  nodes: z.number().int(),
  paths: z.number().int(),
  allowed: z.strictObject({ reservations: z.boolean(), dataLoss: z.boolean() }),
  initiators: z.array(z.strictObject({ label: z.enum(['A', 'B']), name: z.string(), isid: z.string() })),
  /** True where both initiators had the same name and were two ISIDs of it. */
  oneName: z.boolean(),
  /** Why that was; null where they had two names. */
  oneNameBecause: z.enum(oneNameReasons).nullable().default(null),
  lun: logicalUnitSchema,
  cases: z.array(qualificationCaseSchema),
  accessTable: z.array(accessRowSchema),
  /**
   * What somebody has to look after, in sentences: keys and reservations that could not be removed, and a stranger's registration
   * that may have been lost. Empty when nothing was left behind.
   */
  leftBehind: z.array(z.string()),
  /** SHA-256 of the canonical JSON of everything but this: an altered file is noticed. It is no signature. */
  digest: z
    .strictObject({ algorithm: z.literal('SHA-256'), value: z.string().regex(/^[0-9a-f]{64}$/) })
    .nullable()
    .default(null),
});
export type QualificationReport = z.infer<typeof qualificationReportSchema>;

const oneNameSentences: Readonly<Record<OneNameReason, string>> = {
  chosen: 'Both initiators were given one name: they were two ISIDs of it.',
  impossible:
    'No second name can be made of this one (eui., naa. or too long): the two initiators were two ISIDs of it.',
  refused: 'The target admits one initiator name: the two initiators were two ISIDs of it.',
  masked: 'The target shows the LUN to one initiator name only: the two initiators were two ISIDs of it.',
};

/** Two initiators of one name are a weaker proof than two names: why they were, as a sentence; null where they had two. */
export const describeOneName = ({
  oneName,
  oneNameBecause,
}: Pick<QualificationReport, 'oneName' | 'oneNameBecause'>): string | null =>
  oneNameBecause ? oneNameSentences[oneNameBecause] : oneName ? 'Both initiators were two ISIDs of one name.' : null;

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
    }
  /** Cancelled: own keys are removed now. */
  | { readonly kind: 'cleanUp'; readonly done: number; readonly total: number };

/** A critical failure makes it `notQualified`; else anything required that did not pass makes it `inconclusive`. */
export const addUpQualification = (
  cases: readonly Pick<QualificationCase, 'required' | 'verdict'>[],
): QualificationVerdict => {
  const required = cases.filter((one) => one.required);
  if (required.some((one) => one.verdict === 'failed')) return 'notQualified';
  if (required.length === 0 || required.some((one) => one.verdict !== 'passed')) return 'inconclusive';
  return 'qualified';
};
