import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Unfinished } from '../../../shared/contract/core.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { UpdateFile } from '../../agent/update-program.ts';
import { pause } from '../../system/pause.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../text/style.ts';

interface Options {
  readonly check?: boolean;
  readonly rollback?: boolean;
  readonly sums?: string;
  readonly sha256?: string;
  readonly certificate?: string;
  readonly allowOlder?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What this data folder has begun and not ended; a folder that is not there has begun nothing. */
const listUnfinished = async (context: CliContext): Promise<Unfinished[]> =>
  existsSync(context.dataFolderPath) ? context.call('core.unfinished', {}) : [];

const linesOf = (unfinished: readonly Unfinished[]): string[] =>
  unfinished.flatMap(({ title, id, next }) => [`${title} (${id})`, `  ${next}`]);

/** What runs is never passed over; what waits is, with `--force`. */
const refuseUnfinished = (unfinished: readonly Unfinished[], isForced: boolean): void => {
  const inTheWay = unfinished.filter(({ kind }) => kind === 'activity' || !isForced);
  const [first] = inTheWay;
  if (!first) return;
  const what = inTheWay.map(({ title, id }) => `${title} (${id})`).join('; ');
  throw failure('UPDATE_UNFINISHED', { what, next: first.next });
};

const readFile = async (context: CliContext, path: string, options: Options): Promise<UpdateFile> => {
  const { openUpdateFile } = await import('../../agent/update-program.ts');
  context.progressLine()({ doing: `Reading ${path}`, done: null, total: null, leftMs: null });
  try {
    return await openUpdateFile(resolve(path), options);
  } finally {
    context.endProgressLine();
  }
};

const check = async (context: CliContext, path: string | undefined, options: Options): Promise<void> => {
  const unfinished = await listUnfinished(context);
  const { version } = await import('../../agent/version.ts');
  let here: string | null = null;
  let notHere: Failure | null = null;
  const { hereIsUpdated, refuseUpdateFile } = await import('../../agent/update-program.ts');
  try {
    here = hereIsUpdated();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notHere = error;
  }
  const read = path === undefined ? null : await readFile(context, path, options);
  try {
    if (read) refuseUpdateFile(read, version, options.allowOlder === true);
    if (options.json)
      context.printJson({
        schema: 'quorate.update-check/1',
        version,
        folder: here,
        notHere: notHere === null ? null : { what: notHere.message, next: notHere.next },
        file: read && {
          path: read.file.path,
          sha256: read.file.sha256,
          version: read.release.version,
          platform: read.release.platform,
          files: read.release.files.length,
          proven: read.proven,
        },
        unfinished,
      });
    else {
      context.print(`Version ${version}${here === null ? '' : ` in ${here}`}.`);
      if (read) {
        context.print(printable(`${read.file.path} is version ${read.release.version}: ${read.proven.join('; ')}.`));
        context.print(`It contains ${read.release.files.length} files, as in its list. Nothing was unpacked.`);
      }
      if (notHere) context.print(printable(`${notHere.message} ${notHere.next}`));
      for (const line of linesOf(unfinished)) context.print(printable(line));
      context.print(
        unfinished.length === 0
          ? 'Nothing is unfinished: the program may be replaced or removed.'
          : 'Do not replace or remove the program until that has ended.',
      );
    }
  } finally {
    read?.file.close();
  }
  // Setup and removal of the program ask this (build/delivery/installer.nsi).
  if (unfinished.length > 0) context.exitCode = exitCodes.checkFailed;
};

const endDeadlineMs = 20_000;

/** Tells the core that runs to end, which it refuses while it works on something, and waits until it has. */
const endCore = async (context: CliContext): Promise<void> => {
  const remote = await context.findCore();
  if (!remote) return;
  const outcome = await remote.call('core.stop', { force: false }, { caller: { kind: 'cli' } });
  remote.close();
  const answer = outcome.ok ? (outcome.result as { stopped: boolean; running: string[] }) : null;
  if (!answer?.stopped)
    throw failure('UPDATE_UNFINISHED', {
      what: answer?.running.join('; ') || 'the running Quorate did not say',
      next: 'Run "quorate agent status" to see what it is, wait until it has ended, then try again.',
    });
  const deadline = Date.now() + endDeadlineMs;
  for (;;) {
    const still = await context.findCore();
    if (!still) return;
    still.close();
    if (Date.now() > deadline)
      throw failure('UPDATE_UNFINISHED', {
        what: 'the running Quorate does not end',
        next: 'Close Quorate, then try again.',
      });
    await pause(100);
  }
};

const change = async (context: CliContext, path: string | undefined, options: Options): Promise<void> => {
  const { hereIsUpdated, switchVersion } = await import('../../agent/update-program.ts');
  const base = hereIsUpdated();
  const read = path === undefined ? null : await readFile(context, path, options);
  try {
    // Where none runs, this command becomes the core and stays it to the end, so that nothing begins meanwhile.
    const other = await context.findCore();
    other?.close();
    refuseUnfinished(await listUnfinished(context), options.force === true);
    let hasEnded = false;
    const progress = context.progressLine();
    const means = {
      endCore: async () => {
        if (other) await endCore(context);
        hasEnded = other !== null;
      },
      tell: (doing: string, done: number | null, total: number | null) =>
        progress({ doing, done, total, leftMs: null }),
      signal: context.signal,
    };
    const switched = await switchVersion(base, read, options.allowOlder === true, means);
    context.endProgressLine();
    const outcome = switched === null ? 'alreadyCurrent' : read ? 'updated' : 'rolledBack';
    if (options.json)
      context.printJson({
        schema: 'quorate.update/1',
        outcome,
        folder: base,
        from: switched?.from ?? read?.release.version ?? null,
        to: switched?.to ?? read?.release.version ?? null,
        removed: switched?.removed ?? [],
        endedCore: hasEnded,
        proven: read?.proven ?? [],
      });
    else if (switched === null) context.print(`Version ${read!.release.version} is already in use.`);
    else {
      context.print(
        `${read ? 'Updated' : 'Back'} from ${switched.from} to ${switched.to}: quorate.cmd in ${base} starts it, and it answered.`,
      );
      if (read) context.print(printable(`The file: ${read.proven.join('; ')}.`));
      if (switched.removed.length > 0) context.print(`Deleted: ${switched.removed.join(', ')}.`);
      context.print(`Data and settings stay as they are. Back to ${switched.from}: quorate update --rollback`);
      if (hasEnded) context.note('The running Quorate was ended; start it again: quorate agent');
    }
  } finally {
    read?.file.close();
  }
};

/** `quorate update`: another version of the program from a file, and back. */
export const register = (program: Command, context: CliContext): void => {
  program
    .command('update [file]')
    .description(
      'replace this version with the one in quorate-core-VERSION-win-x64.zip, once it is verified; data stays',
    )
    .option('--check', 'change nothing: verify the file, if one is given, and say what prevents an update')
    .option('--rollback', 'go back to the version that was in use before')
    .option('--sums <file>', 'the list with its digest; else SHA256SUMS beside it')
    .option('--sha256 <digest>', 'its SHA-256 digest, from a source that you trust')
    .option('--certificate <file>', 'the publisher’s certificate (PEM): SHA256SUMS.sig has to be signed with its key')
    .option('--allow-older', 'install a version older than the current one')
    .option('--force', 'update although something waits for a restart or a person; never while a task runs')
    .option('--json', 'one JSON document on stdout')
    .action(async (path: string | undefined, options: Options) => {
      if (options.sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(options.sha256))
        throw new UsageError('--sha256 takes 64 hexadecimal digits.');
      if (options.rollback && (path !== undefined || options.check))
        throw new UsageError('--rollback takes no file and no --check.');
      if (options.check) return check(context, path, options);
      if (path === undefined && !options.rollback)
        throw new UsageError('Name the file: quorate update quorate-core-VERSION-win-x64.zip, or add --rollback.');
      return change(context, path, options);
    });
};
