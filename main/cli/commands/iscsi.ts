import { extname, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { accessOf, chapOf, collect, sourcesOf, withAccess, type AccessOptions } from '../iscsi-access.ts';
import { mebibytes, renderQualification, renderQualificationComparison } from '../text/qualification-text.ts';
import { printable } from '../text/style.ts';
import { renderTable } from '../text/table.ts';

const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
    return value;
  };

/** `4k`, `64k`, `1m` or bytes. */
export const parseBlock = (text: string): number => {
  const match = /^(\d+)([km]?)$/i.exec(text);
  const value = Number(match?.[1]) * ({ '': 1, k: 1024, m: 1048576 }[(match?.[2] ?? '').toLowerCase()] ?? Number.NaN);
  if (!(value >= 512 && value <= 16_777_216))
    throw new InvalidArgumentError('It is a size from 512 to 16m, such as 4k.');
  return value;
};

const tellRedirects = (
  context: CliContext,
  redirects: readonly { readonly from: string; readonly to: string; readonly permanent: boolean }[],
): void => {
  for (const { from, to, permanent } of redirects)
    context.note(
      permanent
        ? `The portal ${from} redirects to ${to} for good: use ${to} from now on.`
        : `The portal ${from} redirects to ${to} for now.`,
    );
};

const discoverTargets = async (context: CliContext, options: AccessOptions & { luns?: boolean }): Promise<void> => {
  const found = await context.call('iscsi.discover', {
    ...(await accessOf(context, options)),
    withLuns: options.luns === true,
  });
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-discovery/1', ...found });
  tellRedirects(context, found.redirects);
  if (found.targets.length === 0) {
    context.print(`The portal ${found.portal} answers and shows no target to ${found.initiator}.`);
    context.note('Admit this initiator name on the target, or give an admitted one with --initiator.');
    return;
  }
  for (const target of found.targets) {
    context.print(context.paint('bold', printable(target.name)));
    for (const { address, portalGroupTag } of target.portals)
      context.print(`  portal ${address}${portalGroupTag === null ? '' : `, portal group ${portalGroupTag}`}`);
    if (target.problem) context.print(printable(`  ${target.problem.what} ${target.problem.next}`));
    for (const unit of target.luns ?? [])
      context.print(
        printable(
          `  LUN ${unit.lun}: ${mebibytes(unit.sizeBytes)}, ${unit.vendor} ${unit.product}, serial ${unit.serial ?? 'none'}, ${unit.identity ?? 'no identity'}`,
        ),
      );
  }
};

const inspect = async (
  context: CliContext,
  options: AccessOptions & { target: string; lun?: number },
): Promise<void> => {
  const seen = await context.call('iscsi.inspect', {
    ...(await accessOf(context, options)),
    target: options.target,
    ...(options.lun === undefined ? {} : { lun: options.lun }),
  });
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-inspection/1', ...seen });
  tellRedirects(context, seen.redirects);
  context.print(`${seen.target} over ${seen.portal} as ${seen.initiator} (authentication: ${seen.authentication})`);
  for (const unit of seen.luns) {
    context.print();
    context.print(
      context.paint('bold', printable(`LUN ${unit.lun}: ${unit.vendor} ${unit.product} ${unit.revision}`.trimEnd())),
    );
    context.print(
      renderTable(
        [{ title: '' }, { title: '', maxWidth: 90 }],
        [
          ['identity', unit.identity ?? 'none'],
          ['serial', unit.serial ?? 'none'],
          ['size', `${mebibytes(unit.sizeBytes)}, blocks of ${unit.blockSizeBytes ?? '?'} bytes`],
          ['provisioning', unit.isThin === null ? 'unknown' : unit.isThin ? 'thin' : 'thick'],
          ['write protected', unit.isWriteProtected === null ? 'unknown' : unit.isWriteProtected ? 'yes' : 'no'],
          ['keys', unit.keys === null ? 'not answered' : unit.keys.join(', ') || 'none'],
          [
            'reservation',
            unit.reservation
              ? `${unit.reservation.type} with ${unit.reservation.key}, holder ${unit.reservation.holder ?? 'not told'}`
              : 'none',
          ],
          ['types', String(unit.capabilities?.['types'] ?? 'not reported')],
          ...(unit.problem ? [['problem', unit.problem]] : []),
        ],
      ).trimStart(),
    );
  }
};

const verdictExit = {
  qualified: exitCodes.done,
  notQualified: exitCodes.checkFailed,
  inconclusive: exitCodes.unknown,
} as const;

interface QualifyOptions extends AccessOptions {
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
}

const listCases = async (context: CliContext, options: QualifyOptions): Promise<void> => {
  const cases = await context.call('iscsi.cases', options.case ? { cases: options.case } : {});
  if (options.json) return context.printJson({ schema: 'quorate.qualification-cases/1', cases });
  const needs = {
    nothing: 'reads only',
    reservations: '--allow-reservations',
    dataLoss: '--allow-data-loss, or a blank LUN',
  };
  context.print(
    renderTable(
      [{ title: 'CASE' }, { title: 'COUNTS' }, { title: 'NEEDS' }, { title: 'WHAT', maxWidth: 70 }],
      cases.map((one) => [one.id, one.required ? 'yes' : 'informs', needs[one.needs], one.title]),
    ),
  );
};

const formatOf = (path: string): 'html' | 'json' | 'pdf' => {
  const format = extname(path).slice(1).toLowerCase();
  if (format === 'html' || format === 'json' || format === 'pdf') return format;
  throw new UsageError(`--report ${path}: the name ends with .html, .pdf or .json.`);
};

const runQualify = async (context: CliContext, options: QualifyOptions): Promise<void> => {
  if (options.list) return listCases(context, options);
  if (!options.portal?.[0] || options.target === undefined || options.lun === undefined)
    throw new UsageError(
      'A qualification names --portal, --target and --lun ("quorate iscsi discover --luns" lists them).',
    );
  const format = options.report === undefined ? null : formatOf(options.report);
  const sources = sourcesOf(options);
  const own = await context.call('iscsi.ownKeys', {});
  if (own.keys.length > 0)
    context.note(
      `${own.keys.length} ${own.keys.length === 1 ? 'key' : 'keys'} of an earlier run that ended early may still be registered. "quorate iscsi reservations clear-mine" removes exactly these.`,
    );
  const line = context.progressLine();
  const report = await context.call(
    'iscsi.qualify',
    {
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
      ...(options.secondInitiator ? { secondInitiator: options.secondInitiator } : {}),
      clusterInitiators: options.clusterNode ?? [],
    },
    line,
  );
  context.endProgressLine();
  if (options.report !== undefined && format) {
    await context.call('iscsi.exportReport', { report, format, to: { kind: 'path', path: resolve(options.report) } });
    context.note(`The report was written to ${options.report}.`);
  }
  if (options.json) context.printJson(report);
  else context.print(renderQualification(report, context.paint));
  for (const sentence of report.leftBehind) context.note(sentence);
  context.exitCode = verdictExit[report.verdict];
};

const runBench = async (
  context: CliContext,
  options: AccessOptions & {
    target: string;
    lun: number;
    block: number;
    depth: number;
    seconds: number;
    digests?: boolean;
  },
): Promise<void> => {
  const result = await context.call(
    'iscsi.bench',
    {
      ...(await accessOf(context, options)),
      target: options.target,
      lun: options.lun,
      blockBytes: options.block,
      depth: options.depth,
      seconds: options.seconds,
      digests: options.digests === true,
    },
    context.progressLine(),
  );
  context.endProgressLine();
  if (options.json) return context.printJson(result);
  const { latencyMs } = result;
  context.print(
    `${result.iops} reads/s, ${result.mbPerSecond} MB/s with ${result.blockBytes} bytes and ${result.depth} in flight`,
  );
  context.print(
    `latency p50 ${latencyMs.p50} ms, p90 ${latencyMs.p90} ms, p99 ${latencyMs.p99} ms, longest ${latencyMs.max} ms`,
  );
};

const clearMine = async (context: CliContext, options: Partial<AccessOptions>): Promise<void> => {
  const result = await context.call('iscsi.clearMine', {
    ...(await chapOf(context, options)),
    ...(options.sourceIp?.[0] ? { sourceIp: options.sourceIp[0] } : {}),
    ...(options.portal ? { portals: options.portal } : {}),
    ...(options.initiator ? { initiator: options.initiator } : {}),
  });
  if (result.left.length > 0) context.exitCode = exitCodes.unknown;
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-clear-mine/1', ...result });
  const place = (one: { key: string; lun: number; target: string; portal: string }): string =>
    `${one.key} on LUN ${one.lun} of ${one.target} (${one.portal})`;
  for (const one of result.removed) context.print(`removed: ${place(one)}`);
  for (const one of result.gone) context.print(`was gone: ${place(one)}`);
  for (const one of result.left) context.print(`still there: ${place(one)}: ${one.because}`);
  if (result.removed.length + result.gone.length + result.left.length === 0)
    context.print('There is nothing to remove: no run left a key behind.');
};

const compareExit = { match: exitCodes.done, differ: exitCodes.checkFailed, unknown: exitCodes.unknown } as const;

const compare = async (context: CliContext, files: readonly string[], options: { json?: boolean }): Promise<void> => {
  if (files.length < 2) throw new UsageError('Give two reports or more.');
  const reports = [];
  for (const file of files)
    reports.push(await context.call('iscsi.importReport', { file: { kind: 'path', path: resolve(file) } }));
  const comparison = await context.call('iscsi.compareReports', { reports });
  if (options.json) context.printJson(comparison);
  else context.print(renderQualificationComparison(comparison, context.paint));
  context.exitCode = compareExit[comparison.verdict];
};

/** `quorate iscsi ...`: our own initiator, which leaves the system's alone. */
export const register = (program: Command, context: CliContext): void => {
  const iscsi = program
    .command('iscsi')
    .description('look at an iSCSI target and qualify it for clustering, with Quorate’s own initiator');

  withAccess(iscsi.command('discover').description('list the targets that a portal shows'))
    .option('--luns', 'look at each target’s logical units, too')
    .action((options: AccessOptions & { luns?: boolean }) => discoverTargets(context, options));

  withAccess(
    iscsi.command('inspect').description('identity, capacity, keys and reservation of logical units; changes nothing'),
  )
    .requiredOption('--target <iqn>', 'the target’s name')
    .option('--lun <number>', 'one LUN; all when it is left out', integer(0, 16383))
    .action((options: AccessOptions & { target: string; lun?: number }) => inspect(context, options));

  // `--list` needs no portal; the action checks it instead.
  const qualify = withAccess(
    iscsi.command('qualify').description('qualify one logical unit for clustering; reads only unless more is allowed'),
    {
      portalText: 'a portal of the target; give it again for further portals',
      sourceText: 'the address of the NIC to use: one for all portals, or one for each in the same order',
      isPortalNeeded: false,
    },
  );
  qualify
    .option('--target <iqn>', 'the target’s name')
    .option('--lun <number>', 'the LUN', integer(0, 16383))
    .addOption(
      new Option('--purpose <purpose>', 'what the LUN is for').choices(['witness', 'vm', 'data']).default('vm'),
    )
    .option('--nodes <number>', 'how many nodes the cluster will have', integer(2, 64), 2)
    .option('--paths <number>', 'how many paths each node will have', integer(1, 8), 1)
    .option('--second-initiator <iqn>', 'the name of the second initiator')
    .option(
      '--cluster-node <iqn>',
      'an initiator name of the cluster that this server belongs to; may be repeated',
      collect,
    )
    .option('--allow-reservations', 'allow reservations on this LUN, removed again at the end')
    .option('--allow-data-loss', 'allow writing to this LUN; needs --serial')
    .option('--serial <serial>', 'the serial number of the LUN whose data may be lost')
    .option('--case <glob>', 'only the cases that match; may be repeated', collect)
    .option('--list', 'list the cases')
    .option('--report <file>', 'write the report: .html, .pdf or .json')
    .action((options: QualifyOptions) => runQualify(context, options));

  withAccess(iscsi.command('bench').description('measure how quickly a logical unit is read; never writes'))
    .requiredOption('--target <iqn>', 'the target’s name')
    .requiredOption('--lun <number>', 'the LUN', integer(0, 16383))
    .option('--block <size>', 'bytes of one read', parseBlock, 4096)
    .option('--depth <number>', 'reads in flight', integer(1, 256), 32)
    .option('--seconds <number>', 'how long', integer(1, 600), 5)
    .option('--digests', 'with header and data digests')
    .action((options: Parameters<typeof runBench>[1]) => runBench(context, options));

  iscsi
    .command('compare <files...>')
    .description('put exported qualifications side by side: several targets, or one LUN seen from several servers')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExit codes: 0 all that must match does, 4 something differs, 5 something is not proven.')
    .action((files: string[], options: { json?: boolean }) => compare(context, files, options));

  const reservations = iscsi.command('reservations').description('registrations of Quorate itself');
  withAccess(
    reservations
      .command('clear-mine')
      .description('remove exactly the keys that a run of Quorate left behind when it was killed'),
    { portalText: 'only those registered over this portal; may be repeated', isPortalNeeded: false },
  ).action((options: Partial<AccessOptions>) => clearMine(context, options));
};
