import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Output } from '../../../shared/contract/index.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { fileReasonOf } from '../../system/reason.ts';
import { withServer, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { expandFactFiles } from '../fact-files.ts';
import { repeated } from '../repeated.ts';
import { withServerOption } from '../server-option.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';

type Check = Output<'cluster.check'>;

const checkCodes: Readonly<Record<Check['result'], ExitCode>> = {
  pass: exitCodes.done,
  warn: exitCodes.done,
  fail: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

const texts = repeated((text) => text);
const addressText = 'a static address for the cluster; may be repeated';

const printItem = (
  context: CliContext,
  { title, result, found, next, later, source }: Check['items'][number],
): void => {
  context.print(`${result.padEnd(8)}${title}: ${found}`);
  if (result === 'pass') return;
  if (next !== null) context.print(`        What to do: ${next}`);
  context.print(`        If ignored: ${later}`);
  context.print(`        Known from: ${source}`);
};

const printCheck = (context: CliContext, check: Check): void => {
  context.print(`Servers: ${check.nodes.join(', ')}`);
  for (const { node, readAt, file } of check.sources)
    if (file !== null) context.print(`${node} as it was on ${readAt}, from ${file}`);
  for (const item of check.items.filter(({ isManual }) => !isManual)) printItem(context, item);
  const manual = check.items.filter(({ isManual }) => isManual);
  context.print(`\nNot checked from here; check it yourself where it matters:`);
  for (const { title, next } of manual) context.print(`        ${title}. ${next ?? ''}`);
};

interface CheckOptions extends Omit<ServerOptions, 'server'> {
  readonly server?: string;
  readonly also?: string[];
  readonly facts?: string[];
  readonly address?: string[];
}

/** Without --server this server is meant, unless files are given: they are compared offline. */
const serversOf = ({ server, also, facts }: CheckOptions): string[] => {
  const named = [...(server === undefined ? [] : [server]), ...(also ?? [])];
  if (facts === undefined && server === undefined) return ['local', ...named];
  return named;
};

/** `quorate cluster facts` and `quorate cluster check`. */
export const registerCheck = (cluster: Command, context: CliContext): void => {
  withServer(
    cluster
      .command('facts [name]')
      .description(
        'write what the check reads on this server to a file, to compare servers that cannot reach each other',
      ),
  )
    .option('--out <file>', 'the file; an existing one is replaced. Without it the document goes to stdout')
    .option('--address <address>', `${addressText}; this server checks now whether it is in use`, texts)
    .addHelpText(
      'after',
      '\nWrite one file on each server, bring them together and run "quorate cluster check NAME --facts FILE...". It changes nothing.',
    )
    .action(async (name: string | undefined, options: ServerOptions & { out?: string; address?: string[] }) => {
      const facts = await context.call('cluster.observe', {
        server: options.server,
        name: name ?? null,
        addresses: options.address ?? [],
      });
      if (options.out === undefined) return context.printJson(facts);
      try {
        writeFileSync(options.out, `${JSON.stringify(facts, null, 2)}\n`);
      } catch (error) {
        throw failure('FILE_NOT_WRITABLE', { path: options.out, reason: fileReasonOf(error) }, { cause: error });
      }
      if (options.json === true) return context.printJson({ schema: 'quorate.written/1', path: options.out });
      printRehearsalMark(context, options.server);
      context.print(`The facts of ${facts.node} are in ${options.out}.`);
    });

  withServerOption(
    cluster
      .command('check [name]')
      .description('look for known failures before servers become a cluster; NAME is the name of the future cluster'),
    null,
  )
    .option('--also <server>', 'another future node; one option for each', texts)
    .option(
      '--facts <file...>',
      'compare servers whose facts "quorate cluster facts" wrote, offline; for a folder, all files in it; wildcards are allowed',
    )
    .option('--address <address>', addressText, texts)
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nWhat only a person can prove is listed last and does not count.\nExit codes: 0 no known failure, 4 there is one, 5 something was not read.',
    )
    .action(async (name: string | undefined, options: CheckOptions) => {
      const servers = serversOf(options);
      const facts = expandFactFiles(options.facts ?? []);
      if (servers.length + facts.length === 0) throw new UsageError('Name a server or a file of facts.');
      const check = await context.call('cluster.check', {
        servers,
        facts,
        name: name ?? null,
        addresses: options.address ?? [],
      });
      context.exitCode = checkCodes[check.result];
      if (options.json === true) context.printJson({ schema: 'quorate.cluster-check/1', ...check });
      else printCheck(context, check);
    });
};
