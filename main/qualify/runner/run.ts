import { setMaxListeners } from 'node:events';
import { IscsiError } from '../../iscsi/index.ts';
import {
  addUpQualification,
  qualificationSchemaId,
  type LogicalUnit,
  type QualificationCase,
  type QualificationEvent,
  type QualificationReport,
  type QualificationVerdict,
} from '../../../shared/model/qualification.ts';
import { allCases } from '../suites/index.ts';
import type { CaseDefinition, Figures } from './case.ts';
import { describeBreak, NotPassed } from './not-passed.ts';
import { describeUnit } from './describe-unit.ts';
import { matchesGlob } from './glob.ts';
import { Laboratory, type LaboratorySettings } from './laboratory.ts';

export interface QualificationSettings extends Omit<LaboratorySettings, 'onStep'> {
  /** Globs over case ids; all cases when left out. */
  readonly cases?: readonly string[] | undefined;
  readonly machine: string;
  readonly toolVersion: string;
  readonly isRehearsal: boolean;
  readonly onProgress: (event: QualificationEvent) => void;
}

export type QualificationOutcome =
  | { readonly kind: 'report'; readonly report: QualificationReport }
  | { readonly kind: 'noSuchLun' }
  | { readonly kind: 'cancelled'; readonly leftBehind: readonly string[] };

/** The cases that match any of the globs; all when there are none. */
export const selectCases = (globs: readonly string[] | undefined): readonly CaseDefinition[] =>
  globs === undefined ? allCases : allCases.filter(({ id }) => globs.some((glob) => matchesGlob(glob, id)));

/** The embedded target says of itself, in INQUIRY, that it is not for data. */
const isPracticeUnit = ({ vendor, product }: LogicalUnit): boolean =>
  vendor === 'QUORATE' && product === 'NOT FOR DATA';

const runCase = async (definition: CaseDefinition, laboratory: Laboratory): Promise<QualificationCase> => {
  const figures: Figures = {};
  let verdict: QualificationCase['verdict'] = 'passed';
  let because: string | null = null;
  try {
    await definition.run(laboratory, figures);
  } catch (error) {
    if (laboratory.settings.signal.aborted) throw error;
    if (error instanceof NotPassed) {
      verdict = error.verdict;
      because = error.message;
    } else if (error instanceof IscsiError) {
      // The conversation broke: nothing is proven either way, and the next case starts over new sessions.
      verdict = 'inconclusive';
      because = describeBreak(error);
      laboratory.a.forgetBroken();
      laboratory.b.forgetBroken();
    } else throw error;
  } finally {
    await laboratory.closeExtras();
  }
  return {
    id: definition.id,
    title: definition.title,
    required: definition.required === 'whenRun' ? verdict !== 'skipped' : definition.required,
    verdict,
    because,
    meaning: definition.meaning,
    askVendor: definition.askVendor,
    source: definition.source,
    figures,
    steps: laboratory.takeSteps(),
  };
};

const sentenceOf = (verdict: QualificationVerdict, cases: readonly QualificationCase[], selected: number): string => {
  const required = cases.filter(({ required: isRequired }) => isRequired);
  const first = required.find((one) => one.verdict === 'failed');
  if (verdict === 'notQualified' && first)
    return `This logical unit can not be used for clustering: ${first.because ?? first.title}.`;
  if (verdict === 'qualified') {
    const remarks = cases.filter((one) => !one.required && one.verdict === 'failed').length;
    const more =
      remarks === 0
        ? ''
        : ` ${remarks} informing ${remarks === 1 ? 'case did' : 'cases did'} not pass: read ${remarks === 1 ? 'it' : 'them'}.`;
    return `This logical unit can be used for clustering: every required case passed.${more}`;
  }
  const open = required.filter((one) => one.verdict !== 'passed');
  const missing = selected < allCases.length ? `, and ${allCases.length - selected} cases were not asked for` : '';
  return `Not known yet: ${open.length} required ${open.length === 1 ? 'case is' : 'cases are'} not proven${missing}.${open[0]?.because ? ` First: ${open[0].because}.` : ''}`;
};

/**
 * Qualifies one logical unit. Own keys are removed at the end of every case and once more at the end of the run, also after a
 * failure, a cut connection or cancellation. Errors of the first logon are thrown as IscsiError.
 */
export const qualify = async (settings: QualificationSettings): Promise<QualificationOutcome> => {
  // Every session of a run listens to the one signal: nodes times paths of them.
  setMaxListeners(0, settings.signal);
  const selected = selectCases(settings.cases);
  let current = '';
  const laboratory = new Laboratory({
    ...settings,
    onStep: (step) => settings.onProgress({ kind: 'step', caseId: current, step }),
  });
  const startedAt = settings.now().toISOString();
  const results: QualificationCase[] = [];
  try {
    await laboratory.connect();
    laboratory.unit = await describeUnit(laboratory.a, settings.lun, settings.signal);
    if (!laboratory.unit) return { kind: 'noSuchLun' };
    await laboratory.needSecondSight();
    for (const definition of selected) {
      settings.signal.throwIfAborted();
      current = definition.id;
      const total = selected.length;
      settings.onProgress({
        kind: 'begin',
        caseId: definition.id,
        title: definition.title,
        done: results.length,
        total,
      });
      results.push(await runCase(definition, laboratory));
      const result = results.at(-1);
      if (result) settings.onProgress({ kind: 'case', result, done: results.length, total });
    }
  } catch (error) {
    if (!settings.signal.aborted) throw error;
    await laboratory.cleanUp();
    return { kind: 'cancelled', leftBehind: laboratory.leftBehind };
  } finally {
    await laboratory.cleanUp();
    await laboratory.settleNotes();
    await laboratory.close();
  }

  const asked = new Set(selected.map(({ id }) => id));
  const notAsked = allCases
    .filter(({ id, required }) => required === true && !asked.has(id))
    .map(() => ({ required: true, verdict: 'skipped' as const }));
  const verdict = addUpQualification([...results, ...notAsked]);
  const paths = [laboratory.a.path, ...settings.otherPaths];
  return {
    kind: 'report',
    report: {
      schema: qualificationSchemaId,
      tool: { name: 'quorate', version: settings.toolVersion },
      machine: settings.machine,
      isRehearsal: settings.isRehearsal || isPracticeUnit(laboratory.unit),
      startedAt,
      endedAt: settings.now().toISOString(),
      verdict,
      sentence: sentenceOf(verdict, results, selected.length),
      target: settings.target,
      portals: paths.map(({ portal }) => portal),
      sourceIps: paths.map(({ sourceAddress }) => sourceAddress ?? null),
      purpose: settings.purpose,
      nodes: settings.nodes,
      paths: settings.paths,
      allowed: { reservations: settings.allowReservations, dataLoss: settings.allowDataLoss },
      initiators: [laboratory.a, laboratory.b].map(({ label, name, isidText }) => ({ label, name, isid: isidText })),
      oneName: laboratory.oneName,
      lun: laboratory.unit,
      cases: results,
      accessTable: laboratory.accessTable,
      leftBehind: laboratory.leftBehind,
    },
  };
};
