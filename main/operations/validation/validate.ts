import type { Progress } from '../../../shared/contract/define.ts';
import type { JudgedValidation, KeptValidation } from '../../../shared/contract/validation.ts';
import { cancelled, Failure, failure } from '../../../shared/errors/failure.ts';
import { changedCategories } from '../../../shared/validation/selection.ts';
import { findingsOf, isNewSince, judgeValidation, standingOf } from '../../../shared/validation/standing.ts';
import type { ValidationReport, ValidationTest } from '../../../shared/validation/report.ts';
import { readValidationReport } from '../cluster/read-validation-report.ts';
import { inLane } from '../plans/lane.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import { areasChangedSince, planValidation, type ValidationAsk, type ValidationTools } from './plan-validation.ts';

const fold = (text: string): string => text.replace(/\s+/g, ' ').trim();

/**
 * The warning stream says in a line which tests were not clean ("Category - Test: ..."), wrapped in any way. A test that it names and that the report calls
 * clean is told: one of both is wrong.
 */
export const disagreementsOf = (report: ValidationReport, warnings: readonly string[]): string[] => {
  const clean = report.tests.filter(({ result }) => result === 'success');
  return warnings
    .map(fold)
    .filter((line) =>
      clean.some(({ category, name }) => line.toLowerCase().startsWith(`${category} - ${name}:`.toLowerCase())),
    );
};

/** Every test was run for it: whole, or whole once and then only what changed. */
const isWhole = (kept: KeptValidation, before: readonly KeptValidation[]): boolean => {
  const base = [kept, ...before].find(({ selection }) => selection.kind !== 'changed');
  return base?.selection.kind === 'whole';
};

/** The report before, as far as it can be read: without it nothing is called new. */
const reportBefore = async (
  before: KeptValidation | undefined,
  { files }: ValidationTools,
): Promise<ValidationReport | null> => {
  if (!before) return null;
  try {
    return await readValidationReport({ kind: 'path', path: before.file }, files);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return null;
  }
};

/** A report under what was accepted, beside the one before, and under what was changed on this server since. */
const judge = async (
  server: Server,
  kept: KeptValidation,
  report: ValidationReport,
  tools: ValidationTools,
): Promise<JudgedValidation> => {
  const accepted = tools.kept.accepted(kept.nodes);
  const { verdict, tests } = judgeValidation(report, accepted);
  const before = tools.kept.before(kept);
  const old = await reportBefore(before[0], tools);
  return {
    kept,
    verdict,
    tests: tests.map((test, at) => ({ ...test, isNew: old !== null && isNewSince(report.tests[at]!, old) })),
    comparedWith: old && before[0] ? { id: before[0].id, at: before[0].at } : null,
    isWhole: isWhole(kept, before),
    outdated: changedCategories(areasChangedSince(server, kept.at), { ...report, tests: [] }),
    accepted: [...accepted],
    report,
  };
};

/** Runs Test-Cluster, keeps its report and judges it. Throws what keeps it from running, before Windows is asked. */
export const validate = async (
  server: Server,
  ask: ValidationAsk,
  tools: ValidationTools,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<JudgedValidation> => {
  const { plan, refusal } = await planValidation(server, ask, tools, signal);
  if (refusal) throw refusal;
  return inLane(server, 'Validate the servers', async () => {
    progress({ doing: `Validating ${plan.nodes.join(', ')}`, done: 0, total: plan.tests.length, leftMs: null });
    const { bytes, warnings, isCancelled } = await server.ports.cluster.validate(
      { nodes: plan.nodes, include: plan.include, ignore: plan.ignore },
      { signal, progress },
    );
    const at = server.now().toISOString();
    const content = { kind: 'content', name: 'report.htm', base64: Buffer.from(bytes).toString('base64') } as const;
    const keep = (disagreements: readonly string[]): KeptValidation =>
      tools.kept.keep(bytes, {
        server: server.name,
        nodes: plan.nodes,
        at,
        selection: ask.selection,
        disagreements: [...disagreements],
      });
    if (isCancelled) {
      // Whoever cancelled sees what was tested until then, and "only what changed" runs the rest.
      const { file } = keep([]);
      throw cancelled(`The validation (its report is kept in ${file})`, 'none');
    }
    let report: ValidationReport;
    try {
      report = await readValidationReport(content, tools.files);
    } catch (error) {
      // What cannot be understood is kept all the same: a person can open it.
      keep(warnings.map(fold));
      throw error;
    }
    const kept = keep(disagreementsOf(report, warnings));
    return judge(server, kept, { ...report, source: kept.file }, tools);
  });
};

/** A kept validation under what was accepted by now. Throws VALIDATION_NOT_FOUND, VALIDATION_NOTHING_KEPT. */
export const readKept = async (
  server: Server,
  id: string | null,
  tools: ValidationTools,
): Promise<JudgedValidation> => {
  const kept =
    id === null
      ? tools.kept.of(server.name, await readNode(server))[0]
      : tools.kept.list().find((one) => one.id === id);
  if (!kept) throw id === null ? failure('VALIDATION_NOTHING_KEPT', {}) : failure('VALIDATION_NOT_FOUND', { id });
  const report = await readValidationReport({ kind: 'path', path: kept.file }, tools.files);
  return judge(server, kept, report, tools);
};

const testNamed = ({ report, kept }: JudgedValidation, name: string): ValidationTest => {
  const wanted = fold(name).toLowerCase();
  const found = report.tests.find((test) => test.name.toLowerCase() === wanted);
  if (!found) throw failure('VALIDATION_TEST_NOT_IN_REPORT', { test: name, at: kept.at });
  return found;
};

/**
 * Accepts warnings of a kept report by their names. A journal entry says who, what and why; it changes nothing of Windows. A warning that is
 * expected or accepted already may be named and stays as it is.
 */
export const acceptWarnings = async (
  server: Server,
  { id, tests, because }: { readonly id: string | null; readonly tests: readonly string[]; readonly because: string },
  tools: ValidationTools,
  by: string,
): Promise<JudgedValidation> => {
  const before = await readKept(server, id, tools);
  const named = tests.map((name) => testNamed(before, name));
  const refused = named.find((test) => ['blocks', 'clean'].includes(standingOf(test, before.accepted)));
  if (refused) throw failure('VALIDATION_NOT_ACCEPTABLE', { test: refused.name, result: refused.raw });
  const open = named.filter((test) => standingOf(test, before.accepted) === 'new');
  if (open.length === 0) return before;
  const at = server.now().toISOString();
  const entry = server.journal.begin({
    node: await readNode(server),
    by,
    server: server.name,
    title: `Accept the validation warning ${open.map(({ name }) => `"${name}"`).join(' and ')}: ${because}`,
    method: 'cluster.acceptWarning',
    desire: null,
    steps: [],
    followUp: null,
  });
  try {
    tools.kept.accept(
      before.kept.nodes,
      open.map((test) => ({ test: test.name, findings: findingsOf(test), because, by, at, journal: entry.id })),
    );
    entry.write('end', { state: 'done' });
  } finally {
    entry.close();
  }
  return judge(server, before.kept, before.report, tools);
};
