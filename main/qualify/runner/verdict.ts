import {
  addUpQualification,
  type QualificationCase,
  type QualificationVerdict,
} from '../../../shared/model/qualification.ts';
import { allCases, realWriteId } from '../suites/index.ts';
import { proveBlank } from '../suites/blank.ts';
import { IscsiError } from '../../iscsi/index.ts';
import { NotPassed } from './not-passed.ts';
import type { Laboratory } from './laboratory.ts';

/**
 * Cases on which the verdict rests and that were not asked for: naming the others by `--case` must not hide them. A case that
 * counts where it can run is among them where it could have.
 */
export const findNotAsked = async (
  laboratory: Laboratory,
  results: readonly QualificationCase[],
): Promise<string[]> => {
  const { settings } = laboratory;
  const asked = new Set(results.map(({ id }) => id));
  const isMissing = (one: (typeof allCases)[number]): boolean =>
    !asked.has(one.id) && (one.required === true || (one.required === 'whenRun' && one.canRun?.(settings) === true));
  const missing = allCases.filter(isMissing).map(({ id }) => id);
  if (missing.length > 0 || asked.has(realWriteId) || laboratory.gone !== null) return missing;
  if (!settings.allowReservations || addUpQualification(results) !== 'qualified') return missing;
  // Without leave to lose data the proof by writing runs on a blank LUN only; whether it is one is looked at here.
  try {
    return (await proveBlank(laboratory)) === null ? [realWriteId] : [];
  } catch (error) {
    if (error instanceof IscsiError || error instanceof NotPassed) return [realWriteId];
    throw error;
  }
};

const cases = (count: number): string => (count === 1 ? '1 case' : `${count} cases`);
const requiredCases = (count: number): string => (count === 1 ? '1 required case' : `${count} required cases`);

/** The verdict as one sentence. */
export const sentenceOf = (
  verdict: QualificationVerdict,
  results: readonly QualificationCase[],
  notAsked: readonly string[],
): string => {
  const required = results.filter((one) => one.required);
  const remarks = results.filter(
    (one) => !one.required && (one.verdict === 'failed' || one.verdict === 'inconclusive'),
  ).length;
  const remark =
    remarks === 0
      ? ''
      : ` ${remarks} informational ${remarks === 1 ? 'case did' : 'cases did'} not pass: read ${remarks === 1 ? 'it' : 'them'}.`;
  const first = required.find((one) => one.verdict === 'failed');
  if (verdict === 'notQualified' && first)
    return `This logical unit cannot be used for clustering: ${first.because ?? first.title}.`;
  if (verdict === 'qualified')
    return `This logical unit can be used for clustering: every required case passed.${remark}`;
  const open = required.filter((one) => one.verdict !== 'passed');
  const missing = `${requiredCases(notAsked.length)} ${notAsked.length === 1 ? 'was' : 'were'} not asked for`;
  const [firstOpen] = open;
  if (firstOpen) {
    const also = notAsked.length === 0 ? '' : `, and ${missing}`;
    const because = firstOpen.because === null ? '' : ` First: ${firstOpen.because}.`;
    return `Not known yet: ${requiredCases(open.length)} ${open.length === 1 ? 'is' : 'are'} not proven${also}.${because}`;
  }
  const passed = results.filter((one) => one.verdict === 'passed').length;
  const outcome =
    passed === results.length
      ? `${results.length === 1 ? 'The one case' : `All ${results.length} cases`} asked for passed`
      : `Of ${cases(results.length)} asked for ${passed} passed`;
  return `Not known yet: ${missing}. ${outcome}.${remark}`;
};
