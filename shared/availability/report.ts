import * as z from 'zod';
import { adviceSchema, advise } from './advisor.ts';
import { firstSentence } from './first-sentence.ts';
import { headroomOf, headroomSchema } from './headroom.ts';
import { compile } from './model.ts';
import { siteLossesOf, sitesSchema } from './multi-site.ts';
import { assumptionsOf, questionSchema, questionsOf } from './questions.ts';
import { impactSchema, pairsOf, singlePointsOf } from './single-points.ts';
import { stateDocumentSchema, type AvailabilityState } from './state.ts';
import { vmmHandOver, vmmSchema } from './vmm.ts';

export const availabilityReportId = 'quorate.availability';
export const availabilityReportVersion = 1;
export const availabilityReportName = `${availabilityReportId}/${availabilityReportVersion}` as const;

export const stateSourceKinds = ['state', 'facts', 'live', 'rehearsal'] as const;

export const availabilityContentSchema = z.object({
  schema: z.literal(availabilityReportName),
  tool: z.object({ name: z.literal('quorate'), version: z.string() }),
  at: z.iso.datetime(),
  source: z.object({ kind: z.enum(stateSourceKinds), names: z.array(z.string()) }),
  /** The sentence to read first. */
  sentence: z.string(),
  state: stateDocumentSchema,
  /** Every element, those whose loss stops most first. */
  singlePoints: z.array(impactSchema),
  /** Pairs that are graver together than either alone. */
  pairs: z.array(impactSchema),
  pairsCompared: z.number().int(),
  /** Kinds that were left out of the pairs, because there would have been too many. */
  pairsLeftOut: z.array(z.string()),
  headroom: z.array(headroomSchema),
  advice: z.array(adviceSchema),
  multiSite: sitesSchema,
  vmm: vmmSchema,
  assumptions: z.array(z.string()),
  questions: z.array(questionSchema),
  notes: z.array(z.string()),
});

export const availabilityReportSchema = availabilityContentSchema.extend({
  digest: z.object({ algorithm: z.literal('SHA-256'), value: z.string() }),
});
export type AvailabilityReport = z.infer<typeof availabilityReportSchema>;
export type AvailabilityContent = Omit<AvailabilityReport, 'digest'>;

export interface AnalysisFrame {
  readonly version: string;
  readonly at: string;
  readonly source: AvailabilityReport['source'];
  readonly notes: readonly string[];
}

/** The whole analysis of one configuration; only the digest is added where files are written. */
export const analyze = (state: AvailabilityState, frame: AnalysisFrame): AvailabilityContent => {
  const model = compile(state);
  const { pairs, compared, leftOut } = pairsOf(model);
  return {
    schema: availabilityReportName,
    tool: { name: 'quorate', version: frame.version },
    at: frame.at,
    source: frame.source,
    sentence: firstSentence(model),
    state: state as AvailabilityContent['state'],
    singlePoints: singlePointsOf(model),
    pairs: [...pairs],
    pairsCompared: compared,
    pairsLeftOut: [...leftOut],
    headroom: headroomOf(model),
    advice: advise(state),
    multiSite: siteLossesOf(model),
    vmm: vmmHandOver(state),
    assumptions: assumptionsOf(model),
    questions: questionsOf(model),
    notes: [...frame.notes],
  };
};
