import { extname, resolve } from 'node:path';
import type { Input } from '../../../shared/contract/index.ts';
import { Failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import { reportFailure, UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { renderCaseList, renderQualification } from '../text/qualification-text.ts';
import { accessOf, sourcesOf, type AccessOptions } from './access.ts';
import { tellMadeName } from './look.ts';

export interface QualifyOptions extends AccessOptions {
  readonly target?: string;
  readonly lun?: number;
  readonly purpose: 'witness' | 'vm' | 'data';
  readonly nodes: number;
  readonly paths: number;
  readonly secondInitiator?: string;
  readonly clusterNode?: string[];
  readonly allowReservations?: boolean;
  readonly allowDataLoss?: boolean;
  readonly serial?: string;
  readonly case?: string[];
  readonly list?: boolean;
  readonly report?: string;
  readonly all?: boolean;
}

type Format = 'html' | 'json' | 'pdf';

const verdictExit = {
  qualified: exitCodes.done,
  notQualified: exitCodes.checkFailed,
  inconclusive: exitCodes.unknown,
} as const;

const listCases = async (context: CliContext, options: QualifyOptions): Promise<void> => {
  const cases = await context.call('iscsi.cases', options.case ? { cases: options.case } : {});
  if (options.json) return context.printJson({ schema: 'quorate.qualification-cases/1', cases });
  context.print(renderCaseList(cases, context.columns));
};

const formatOf = (path: string): Format => {
  const format = extname(path).slice(1).toLowerCase();
  if (format === 'html' || format === 'json' || format === 'pdf') return format;
  throw new UsageError(`--report ${path}: the name ends with .html, .pdf or .json.`);
};

interface ReportFile {
  readonly given: string;
  readonly path: string;
  readonly format: Format;
  readonly replaces: boolean;
}

/** Where the report goes, found to be writable before the target is asked anything. */
const chooseReport = async (context: CliContext, given: string | undefined): Promise<ReportFile | null> => {
  if (given === undefined) return null;
  const format = formatOf(given);
  const path = resolve(given);
  const { replaces } = await context.call('iscsi.checkReport', { path, format });
  return { given, path, format, replaces };
};

const inputOf = async (context: CliContext, options: QualifyOptions): Promise<Input<'iscsi.qualify'>> => {
  if (!options.portal?.[0] || options.target === undefined || options.lun === undefined)
    throw new UsageError(
      'A qualification names --portal, --target and --lun ("quorate iscsi discover --luns" lists them).',
    );
  const sources = sourcesOf(options);
  return {
    ...(await accessOf(context, options, { mostPortals: 16 })),
    otherPortals: options.portal.slice(1).map((portal, at) => {
      const sourceIp = sources[at + 1];
      return { portal, ...(sourceIp === undefined ? {} : { sourceIp }) };
    }),
    target: options.target,
    lun: options.lun,
    purpose: options.purpose,
    nodes: options.nodes,
    paths: options.paths,
    allowReservations: options.allowReservations === true,
    allowDataLoss: options.allowDataLoss === true,
    ...(options.serial === undefined ? {} : { serial: options.serial }),
    ...(options.case ? { cases: options.case } : {}),
    ...(options.secondInitiator === undefined ? {} : { secondInitiator: options.secondInitiator }),
    clusterInitiators: options.clusterNode ?? [],
  };
};

/** Notes that cannot be read are no reason not to look at a target; whether anything may be registered, the operation decides. */
const tellLeftovers = async (context: CliContext): Promise<void> => {
  const noted = await context.call('iscsi.ownKeys', {}).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.code === 'CANCELLED') throw error;
    context.note(`${error.message} [${error.code}]`);
    context.note(error.next);
    return null;
  });
  const keys = noted?.keys ?? [];
  if (keys.length > 0)
    context.note(
      `${keys.length} ${keys.length === 1 ? 'key' : 'keys'} of an earlier run that ended early may still be registered. "quorate iscsi reservations clear-mine" removes exactly these.`,
    );
};

/** Runs it; a run that was stopped says what became of its keys. */
const ask = async (context: CliContext, input: Input<'iscsi.qualify'>): Promise<QualificationReport> => {
  context.acknowledgeStop(
    input.allowReservations
      ? 'Stopping: own keys are removed first; Ctrl-C again ends at once and leaves a note.'
      : 'Stopping; Ctrl-C again ends at once.',
  );
  const line = context.progressLine();
  line({ doing: `Waiting for ${input.portal}: logon`, done: null, total: null, leftMs: null });
  try {
    return await context.call('iscsi.qualify', input, line);
  } catch (error) {
    const isStopped = error instanceof Failure && error.code === 'CANCELLED';
    if (isStopped && input.allowReservations && error.effect === 'none')
      context.note(`Own keys were removed: none is left on LUN ${input.lun} of ${input.target}.`);
    throw error;
  } finally {
    context.endProgressLine();
  }
};

/** Writes the report; a verdict is told all the same where that fails by now. */
const write = async (context: CliContext, report: QualificationReport, file: ReportFile): Promise<Failure | null> => {
  const { path, format, given, replaces } = file;
  try {
    await context.call('iscsi.exportReport', { report, format, to: { kind: 'path', path } });
    context.note(`The report ${replaces ? 'replaced' : 'was written to'} ${given}.`);
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
};

export const runQualify = async (context: CliContext, options: QualifyOptions): Promise<void> => {
  if (options.list) return listCases(context, options);
  const input = await inputOf(context, options);
  const file = await chooseReport(context, options.report);
  await tellLeftovers(context);
  const report = await ask(context, input);
  tellMadeName(context, options.initiator, report.initiators[0]?.name ?? '');
  const unwritten = file === null ? null : await write(context, report, file);
  if (options.json) context.printJson(report);
  else
    context.print(
      renderQualification(report, context.paint, { columns: context.columns, isAll: options.all === true }),
    );
  for (const sentence of report.leftBehind) context.note(sentence);
  const verdict: ExitCode = verdictExit[report.verdict];
  // The document of a --json run is the verdict; that the file is missing stands on stderr.
  const refused = unwritten === null ? exitCodes.done : reportFailure(context, toEnvelope(unwritten), false);
  context.exitCode = verdict === exitCodes.done ? refused : verdict;
};
