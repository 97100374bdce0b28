import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { maxLunNumber } from '../../../shared/model/lun-number.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { collectNotEmpty, notEmpty, withAccess, type AccessOptions } from '../iscsi/access.ts';
import { parseBlock, runBench, type BenchOptions } from '../iscsi/bench.ts';
import { clearMine, type ClearOptions } from '../iscsi/clear-mine.ts';
import { discoverTargets, inspect, listAddresses } from '../iscsi/look.ts';
import { runQualify, type QualifyOptions } from '../iscsi/qualify.ts';
import { renderQualificationComparison } from '../text/qualification-text.ts';

const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
    return value;
  };

const compareExit = { match: exitCodes.done, differ: exitCodes.checkFailed, unknown: exitCodes.unknown } as const;

const compare = async (context: CliContext, files: readonly string[], options: { json?: boolean }): Promise<void> => {
  if (files.length < 2) throw new UsageError('Give two reports or more.');
  const reports = [];
  for (const file of files)
    reports.push(await context.call('iscsi.importReport', { file: { kind: 'path', path: resolve(file) } }));
  const comparison = await context.call('iscsi.compareReports', { reports });
  if (options.json) context.printJson(comparison);
  else context.print(renderQualificationComparison(comparison, context.paint, context.columns));
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
    .requiredOption('--target <iqn>', 'the target’s name', notEmpty)
    .option('--lun <number>', 'one LUN; all when it is left out', integer(0, maxLunNumber))
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
    .option('--target <iqn>', 'the target’s name', notEmpty)
    .option('--lun <number>', 'the LUN', integer(0, maxLunNumber))
    .addOption(
      new Option('--purpose <purpose>', 'what the LUN is for').choices(['witness', 'vm', 'data']).default('vm'),
    )
    .option('--nodes <number>', 'how many nodes the cluster will have', integer(2, 64), 2)
    .option('--paths <number>', 'how many paths each node will have', integer(1, 8), 1)
    .option('--second-initiator <iqn>', 'the name of the second initiator', notEmpty)
    .option(
      '--cluster-node <iqn>',
      'an initiator name of the cluster that this server belongs to; may be repeated',
      collectNotEmpty,
    )
    .option(
      '--allow-reservations',
      'allow reservations on this LUN, removed again at the end; hosts that write to it without a key (a mounted disk) are refused meanwhile',
    )
    .option('--allow-data-loss', 'allow writing to this LUN; needs --serial')
    .option('--serial <serial>', 'the serial number of the LUN whose data may be lost', notEmpty)
    .option('--case <glob>', 'only the cases that match; may be repeated', collectNotEmpty)
    .option('--list', 'list the cases')
    .option('--report <file>', 'write the report: .html, .pdf or .json; a file of that name is replaced')
    .option('--all', 'print every case, also those that passed')
    .action((options: QualifyOptions) => runQualify(context, options));

  withAccess(iscsi.command('bench').description('measure how quickly a logical unit is read; never writes'), {
    portalText: 'a portal; give it again to read over several portals at once',
    sourceText: 'the address of the NIC to use: once for all portals, or once for each in their order',
  })
    .requiredOption('--target <iqn>', 'the target’s name', notEmpty)
    .requiredOption('--lun <number>', 'the LUN', integer(0, maxLunNumber))
    .option('--block <size>', 'bytes of one read', parseBlock, 4096)
    .option('--depth <number>', 'reads in flight', integer(1, 256), 32)
    .option('--seconds <number>', 'how long', integer(1, 600), 5)
    .option('--digests', 'with header and data digests')
    .action((options: BenchOptions) => runBench(context, options));

  iscsi
    .command('addresses')
    .description('list the addresses of this server that --source-ip can name, with their NICs')
    .option('--json', 'one JSON document on stdout')
    .action((options: { json?: boolean }) => listAddresses(context, options));

  iscsi
    .command('compare <files...>')
    .description('put exported qualifications side by side: several targets, or one LUN seen from several servers')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExit codes: 0 all that must match does, 4 something differs, 5 something is not proven.')
    .action((files: string[], options: { json?: boolean }) => compare(context, files, options));

  const reservations = iscsi.command('reservations').description('reservation keys that Quorate itself registered');
  withAccess(
    reservations
      .command('clear-mine')
      .description('remove exactly the keys that a run of Quorate left behind when it was killed'),
    { portalText: 'only those registered over this portal; may be repeated', isPortalNeeded: false },
  )
    .option('--forget', 'only forget these keys, without asking a target: for a target that no longer exists')
    .option('-y, --yes', 'do not ask before the keys are forgotten')
    .action((options: ClearOptions) => clearMine(context, options));
};
