import { setMaxListeners } from 'node:events';
import { IscsiError } from '../../iscsi/index.ts';
import {
  addUpQualification,
  qualificationSchemaId,
  type LogicalUnit,
  type QualificationCase,
  type QualificationEvent,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';
import { allCases } from '../suites/index.ts';
import type { CaseDefinition } from './case.ts';
import type { Figures } from './proofs.ts';
import { describeBreak, NotPassed } from './not-passed.ts';
import { examineUnit } from './describe-unit.ts';
import { matchesGlob } from './glob.ts';
import { Laboratory, type LaboratorySettings } from './laboratory.ts';
import { isBusy, type Path } from './nexus.ts';
import { describeOutcome } from './remove-key.ts';
import { explainOneName } from '../suites/one-name.ts';
import { findNotAsked, sentenceOf } from './verdict.ts';

export interface QualificationSettings extends Omit<LaboratorySettings, 'onStep' | 'onCleanUp'> {
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
  | { readonly kind: 'unreadable'; readonly reason: string }
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
  laboratory.beginCase(definition.id);
  let isBroken = false;
  let isSilence = false;
  try {
    if (laboratory.gone !== null) throw new NotPassed('inconclusive', laboratory.gone);
    if (laboratory.isTimeOver) throw new NotPassed('inconclusive', 'the time for this run was over');
    await definition.run(laboratory, figures);
  } catch (error) {
    if (laboratory.settings.signal.aborted) throw error;
    if (error instanceof NotPassed) {
      verdict = error.verdict;
      because = error.message;
      ({ isSilence } = error);
    } else if (error instanceof IscsiError) {
      // The conversation broke: nothing is proven either way, and the next case starts over new sessions.
      verdict = 'inconclusive';
      because = describeBreak(error);
      laboratory.a.cut();
      laboratory.b.cut();
      isBroken = true;
    } else throw error;
  } finally {
    await laboratory.closeExtras({ keepsSpares: !isBroken });
  }
  // A failure is believed only of the logical unit that the run began with.
  if (verdict === 'failed' && laboratory.gone === null) {
    const notThisUnit = await laboratory.whyNotThisUnit(definition.title, isSilence);
    if (notThisUnit !== null) {
      laboratory.note('The case failed, perhaps at another logical unit', because);
      verdict = 'inconclusive';
      because = notThisUnit;
    }
  }
  // ... and only where nobody else can be its reason.
  const isAboutReservations = definition.needs !== 'nothing' || laboratory.hasMetConflict;
  if (verdict === 'failed' && isAboutReservations && laboratory.gone === null) {
    const others = await laboratory.others.explain();
    if (others !== null) {
      laboratory.note('The case failed while somebody else was there', because);
      verdict = 'inconclusive';
      because = others;
    } else {
      const oneName = await explainOneName(laboratory);
      if (oneName !== null) {
        laboratory.note('The case failed with two sessions that the target takes for one initiator', because);
        verdict = 'inconclusive';
        because = oneName;
      }
    }
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
    steps: laboratory.log.take(),
  };
};

/**
 * Qualifies one logical unit. Own keys are removed at the end of every case and once more at the end of the run, also after a
 * failure, a cut connection or cancellation. Errors of the first logon are thrown as IscsiError.
 */
export const qualify = (settings: QualificationSettings): Promise<QualificationOutcome> => qualifyOver(settings, []);

/** The same run over the next of its portals: the last one takes the place of the first. */
const overNextPath = (settings: QualificationSettings): QualificationSettings | null => {
  const [next, ...others] = settings.otherPaths;
  if (!next) return null;
  const { portal, sourceAddress, ...access } = settings.access;
  const path = (of: Path): Path => ({
    portal: of.portal,
    ...(of.sourceAddress === undefined ? {} : { sourceAddress: of.sourceAddress }),
  });
  return {
    ...settings,
    access: { ...access, ...path(next) },
    otherPaths: [...others, path({ portal, sourceAddress })],
  };
};

/** `standby`: what was met over portals that were tried before this one. Over a path in standby (ALUA) no unit can be judged, and over another it can. */
const qualifyOver = async (
  settings: QualificationSettings,
  standby: readonly string[],
): Promise<QualificationOutcome> => {
  // Every session of a run listens to the one signal: nodes times paths of them.
  setMaxListeners(0, settings.signal);
  const selected = selectCases(settings.cases);
  let current = '';
  const results: QualificationCase[] = [];
  const laboratory = new Laboratory({
    ...settings,
    onStep: (step) => settings.onProgress({ kind: 'step', caseId: current, step }),
    onCleanUp: () => settings.onProgress({ kind: 'cleanUp', done: results.length, total: selected.length }),
  });
  const { initiators } = laboratory;
  const startedAt = settings.now().toISOString();
  let notAsked: string[] = [];
  let isCancelled = false;
  try {
    const { redirects } = await initiators.connect();
    for (const { from, to, permanent } of redirects)
      laboratory.note(`The portal ${from} redirects to ${to} (${permanent ? 'for good' : 'for now'})`);
    const [description] = await Promise.all([
      examineUnit(laboratory.a, settings.lun, settings.signal),
      initiators.needSecondSight(laboratory.lun),
    ]);
    const { refusal } = description;
    if (!description.unit)
      return refusal && !refusal.ok && isBusy(refusal.status)
        ? { kind: 'unreadable', reason: `INQUIRY was answered with ${describeOutcome(refusal)}` }
        : { kind: 'noSuchLun' };
    const { pathState } = description;
    const next = pathState !== null && standby.length < settings.otherPaths.length ? overNextPath(settings) : null;
    if (next) {
      await initiators.close();
      return await qualifyOver(next, [...standby, `The path over ${laboratory.a.portal} ${pathState ?? ''}`]);
    }
    for (const one of standby) laboratory.note(one, 'the logical unit is judged over another');
    laboratory.unit = description.unit;
    laboratory.refusal = refusal;
    laboratory.unanswered = description.unanswered;
    laboratory.wrong = description.wrong;
    laboratory.note(
      'Read INQUIRY, VPD pages 83h and 80h, the capacity and the mode parameters',
      description.unit.identity ?? 'no identity',
    );
    for (const problem of description.problems) laboratory.note('An answer that cannot be read', problem);
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
      const result = await runCase(definition, laboratory);
      results.push(result);
      settings.onProgress({ kind: 'case', result, done: results.length, total });
    }
    notAsked = await findNotAsked(laboratory, results);
  } catch (error) {
    if (!settings.signal.aborted) throw error;
    isCancelled = true;
  } finally {
    try {
      await laboratory.cleanUp();
    } finally {
      await Promise.all([laboratory.settleNotes(), initiators.close()]);
    }
  }
  const leftBehind = [...laboratory.leftBehind, ...laboratory.warnings];
  const { unit } = laboratory;
  if (isCancelled || !unit) return { kind: 'cancelled', leftBehind };

  const missing = notAsked.map(() => ({ required: true, verdict: 'skipped' as const }));
  const verdict = addUpQualification([...results, ...missing]);
  const paths = [laboratory.a.path, ...settings.otherPaths];
  return {
    kind: 'report',
    report: {
      schema: qualificationSchemaId,
      tool: { name: 'quorate', version: settings.toolVersion },
      machine: settings.machine,
      isRehearsal: settings.isRehearsal || isPracticeUnit(unit),
      startedAt,
      endedAt: settings.now().toISOString(),
      verdict,
      sentence: sentenceOf(verdict, results, notAsked),
      notAsked,
      target: settings.target,
      portals: paths.map(({ portal }) => portal),
      sourceIps: paths.map(({ sourceAddress }) => sourceAddress ?? null),
      portalEnds: initiators.ends,
      purpose: settings.purpose,
      nodes: settings.nodes,
      paths: settings.paths,
      allowed: { reservations: settings.allowReservations, dataLoss: settings.allowDataLoss },
      initiators: [laboratory.a, laboratory.b].map(({ label, name, isidText }) => ({ label, name, isid: isidText })),
      oneName: initiators.oneName !== null,
      oneNameBecause: initiators.oneName,
      lun: unit,
      cases: results,
      accessTable: laboratory.accessTable,
      leftBehind,
      // Whoever hands the report out takes it.
      digest: null,
    },
  };
};
