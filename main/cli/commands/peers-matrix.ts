import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { MatrixOutcome } from '../../../shared/model/network-matrix.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { readEndpoint } from '../endpoints.ts';
import { repeated } from '../repeated.ts';
import { renderMatrix } from '../text/matrix-text.ts';
import { renderTable } from '../text/table.ts';
import { formatOfName } from './readiness.ts';
import { localTime, zoneText } from '../../../shared/model/time.ts';

const exitCodeOf: Readonly<Record<MatrixOutcome, ExitCode>> = {
  pass: exitCodes.done,
  warn: exitCodes.done,
  fail: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

interface MatrixOptions {
  readonly last?: boolean;
  readonly list?: boolean;
  readonly show?: string;
  readonly report?: string[];
  readonly portal?: Endpoint[];
  readonly peer?: string[];
  readonly echoes?: number;
  readonly bandwidth?: number | false;
  readonly json?: boolean;
}

const iscsiPort = 3260;

const wholeNumber =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least || number > most)
      throw new UsageError(`${option} takes a whole number from ${least} to ${most}.`);
    return number;
  };

const list = async (context: CliContext, options: MatrixOptions): Promise<void> => {
  const { matrices } = await context.call('peers.matrices', {});
  if (options.json) return context.printJson({ schema: 'quorate.peers-matrices/1', matrices });
  if (matrices.length === 0) return context.print('No network matrix is kept. Measure one: "quorate peers matrix".');
  context.print(
    renderTable(
      [{ title: 'ID' }, { title: `MEASURED, ${zoneText()}` }, { title: 'RESULT' }, { title: 'SERVERS', maxWidth: 60 }],
      matrices.map(({ id, endedAt, outcome, servers }) => [id, localTime(endedAt), outcome, servers.join(', ')]),
    ).trimEnd(),
  );
};

const measure = async (context: CliContext, options: MatrixOptions) => {
  const peers = options.peer ? (await context.call('peers.list', {})).peers : [];
  const servers = (options.peer ?? []).map((text) => {
    const found = peers.filter(({ id, name }) => id === text || name.toLowerCase() === text.toLowerCase());
    if (found.length !== 1)
      throw new UsageError(
        `--peer ${text}: ${found.length === 0 ? 'no peer has' : 'several peers have'} this name or id.`,
      );
    return found[0]!.id;
  });
  context.acknowledgeStop('Stopping: what is being measured ends first.');
  const matrix = await context.call(
    'peers.matrix',
    {
      portals: options.portal ?? [],
      servers: servers.length > 0 ? ['local', ...servers] : [],
      settings: {
        ...(options.echoes === undefined ? {} : { echoes: options.echoes }),
        ...(options.bandwidth === undefined
          ? {}
          : { bandwidthMs: options.bandwidth === false ? 0 : options.bandwidth }),
      },
    },
    context.progressLine(),
  );
  context.endProgressLine();
  return matrix;
};

const run = async (context: CliContext, options: MatrixOptions): Promise<void> => {
  const chosen = [options.last, options.list, options.show !== undefined].filter(Boolean).length;
  if (chosen > 1) throw new UsageError('Give one of --last, --list and --show.');
  if (options.list) return list(context, options);
  const targets = (options.report ?? []).map((path) => ({ path: resolve(path), format: formatOfName(path) }));
  const matrix =
    options.last || options.show !== undefined
      ? (await context.call('peers.readMatrix', { id: options.show ?? null })).matrix
      : await measure(context, options);
  if (!matrix) return void context.print('No network matrix is kept. Measure one: "quorate peers matrix".');
  for (const { path, format } of targets) {
    await context.call('peers.exportMatrix', { matrix, format, to: { kind: 'path', path } });
    context.note(`Written: ${path}`);
  }
  if (options.json) context.printJson(matrix);
  else context.print(renderMatrix(matrix, context.paint));
  context.exitCode = exitCodeOf[matrix.outcome];
};

/** `quorate peers matrix`. */
export const registerMatrix = (peers: Command, context: CliContext): void => {
  peers
    .command('matrix')
    .description('measure the networks between this server and its peers, pair by pair, and towards the portals')
    .option('--last', 'show the last measurement, and measure nothing')
    .option('--list', 'list the measurements that are kept')
    .option('--show <id>', 'show one of them, by its id')
    .option(
      '--portal <address[:port]>',
      'measure towards this iSCSI portal too; may be repeated',
      repeated((text) => readEndpoint(text, iscsiPort)),
    )
    .option(
      '--peer <peer>',
      'only with this peer, by name or id; may be repeated',
      repeated((text) => text),
    )
    .option(
      '--echoes <count>',
      'echoes for each direction, 5 to 1000; 50 by default',
      wholeNumber('--echoes', 5, 1_000),
    )
    .option(
      '--bandwidth <ms>',
      'how long each direction is filled with data, 100 to 10000 ms; 1000 by default',
      wholeNumber('--bandwidth', 100, 10_000),
    )
    .option('--no-bandwidth', 'do not fill the networks with data')
    .option('--report <file...>', 'write the report: FILE.html, FILE.pdf or FILE.json; a file of that name is replaced')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nNo server measures with two at once: n servers take n-1 rounds (n, if n is odd).\nExit codes: 0 the networks carry a cluster, 4 something failed, 5 something could not be measured.',
    )
    .action((options: MatrixOptions) => run(context, options));
};
