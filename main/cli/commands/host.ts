import { Option, type Command } from 'commander';
import { installationWords, isRestartPending } from '../../../shared/model/host.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { readSecret } from '../read-secret.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { printable } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { zonedTime } from '../../../shared/model/time.ts';

interface AccountOptions {
  readonly account?: string;
  readonly passwordFile?: string;
}

const passwordName = 'password';

const withAccount = (command: Command): Command =>
  command
    .option('--account <account>', 'an account that may do this: DOMAIN\\user or user@domain')
    .option('--password-file <file>', 'a file with its password in the first line; - reads standard input');

/** The account as a desire names it, and its password among the secrets. */
const accountOf = async (
  context: CliContext,
  { account, passwordFile }: AccountOptions,
): Promise<{
  account: { userName: string; passwordName: string } | null;
  secrets: Record<string, string>;
}> => {
  if ((account === undefined) !== (passwordFile === undefined))
    throw new UsageError('--account and --password-file belong together.');
  if (account === undefined || passwordFile === undefined) return { account: null, secrets: {} };
  return {
    account: { userName: account, passwordName },
    secrets: { [passwordName]: await readSecret(context, passwordFile) },
  };
};

const show = async (context: CliContext, options: ServerOptions): Promise<void> => {
  const view = await context.call('host.read', { server: options.server });
  if (options.json) return context.printJson({ schema: 'quorate.host/1', ...view });
  const { facts, pendingRestart, time } = view;
  const unread = (property: string): string =>
    `not known (${view.unread.find((entry) => entry.property === property)?.because ?? 'it was not read'})`;
  const restart = pendingRestart === null ? unread('pendingRestart') : isRestartPending(pendingRestart);
  const rows: [string, string][] = [
    ['Name', facts.computerName],
    [
      'Name after a restart',
      facts.nextComputerName === null
        ? 'not known'
        : facts.nextComputerName === facts.computerName
          ? 'the same'
          : facts.nextComputerName,
    ],
    ['Domain or workgroup', `the ${facts.membership.kind} ${facts.membership.name}`],
    [
      'System',
      `${facts.os.caption}, ${facts.os.version}${facts.os.installation === null ? '' : `, ${installationWords[facts.os.installation]}`}`,
    ],
    [
      'Hardware',
      `${facts.hardware.manufacturer} ${facts.hardware.model}, serial number ${facts.hardware.serialNumber ?? 'not known'}`,
    ],
    ['Started', zonedTime(facts.lastBootAt)],
    ['Its clock', zonedTime(facts.localTime)],
    [
      'Time from',
      time === null
        ? unread('time')
        : `${time.type ?? 'not known'}${time.servers.length > 0 ? ` (${time.servers.join(', ')})` : ''}, service ${time.serviceState}${facts.membership.kind === 'workgroup' && time.isDomainTriggered === true ? ', stops after each restart' : ''}`,
    ],
    ['Restart', restart === 'notPending' ? 'not pending' : restart],
    ['Administrator', facts.isAdministrator === null ? 'not known' : facts.isAdministrator ? 'yes' : 'no'],
  ];
  if (facts.nextMembership !== null)
    rows.splice(3, 0, [
      'Belongs, after a restart, to',
      `the ${facts.nextMembership.kind} ${facts.nextMembership.name}`,
    ]);
  printRehearsalMark(context, view.server.ref);
  context.print(renderTable([{ title: '' }, { title: '', maxWidth: 90 }], rows).trim());
};

const pending = async (context: CliContext, options: ServerOptions): Promise<void> => {
  const { pendingRestart, unread } = await context.call('host.read', { server: options.server });
  const state = pendingRestart === null ? 'unknown' : isRestartPending(pendingRestart);
  if (options.json)
    context.printJson({ schema: 'quorate.pending-restart/1', state, signs: pendingRestart?.signs ?? null, unread });
  else {
    context.print(
      {
        pending: 'A restart is pending.',
        notPending: 'No restart is pending.',
        unknown: 'Whether a restart is pending could not be determined.',
      }[state],
    );
    if (pendingRestart)
      context.print(
        renderTable(
          [{ title: 'SIGN' }, { title: 'STATE' }, { title: 'WHY', maxWidth: 60 }],
          pendingRestart.signs.map((sign) => [sign.sign, sign.state, sign.because ?? '']),
        ),
      );
  }
  context.exitCode =
    state === 'pending' ? exitCodes.checkFailed : state === 'unknown' ? exitCodes.unknown : exitCodes.done;
};

interface RestartOptions extends ChangeOptions {
  readonly reason: string;
  readonly ifPending?: boolean;
  readonly resume?: 'logon' | 'startup';
  readonly resumeAccount?: string;
  readonly passwordFile?: string;
}

const restart = async (context: CliContext, options: RestartOptions): Promise<void> => {
  const { resume: trigger, resumeAccount: account } = options;
  if (trigger !== undefined && account === undefined) throw new UsageError('--resume needs --resume-account.');
  if (trigger === 'startup' && options.passwordFile === undefined)
    throw new UsageError('--resume startup needs --password-file: Windows keeps the password for the task.');
  if (trigger !== undefined) {
    // Told now rather than after the restart: what goes on by itself does so from a protected folder only.
    await context.dataFolder();
    await context.provenDataFolder();
  }
  const secrets: Record<string, string> =
    trigger === 'startup' ? { [passwordName]: await readSecret(context, options.passwordFile!) } : {};
  const resume =
    trigger === undefined || account === undefined
      ? null
      : trigger === 'logon'
        ? { trigger, account }
        : { trigger, account, passwordName };
  const wanted = { reason: options.reason, resume, always: options.ifPending !== true };
  await runChange(context, { domain: 'host', desire: { restart: wanted }, secrets }, options);
};

/** `quorate host`: the server itself. */
export const register = (program: Command, context: CliContext): void => {
  const host = program.command('host').description('the server itself: name, membership, restart, time');

  withServer(
    host.command('show', { isDefault: true }).description('show name, membership, operating system and time source'),
  ).action((options: ServerOptions) => show(context, options));

  withServer(
    host.command('pending').description('check whether a restart is pending (exit codes: 4 yes, 5 unknown)'),
  ).action((options: ServerOptions) => pending(context, options));

  withAccount(withChange(host.command('rename <name>').description('give the server a new name')))
    .option('--restart', 'restart it afterwards')
    .action(async (name: string, options: ChangeOptions & AccountOptions & { restart?: boolean }) => {
      const { account, secrets } = await accountOf(context, options);
      const desire = { computerName: name, account };
      await runChange(
        context,
        { domain: 'host', desire: options.restart ? { ...desire, restart: { always: false } } : desire, secrets },
        options,
      );
    });

  withAccount(withChange(host.command('join <domain>').description('join a domain, by its full DNS name')))
    .option('--ou <dn>', 'distinguished name of the organizational unit for the computer account')
    .option('--name <name>', 'give the server this name first')
    .option('--restart', 'restart it afterwards')
    .action(
      async (
        domain: string,
        options: ChangeOptions & AccountOptions & { ou?: string; name?: string; restart?: boolean },
      ) => {
        const { account, secrets } = await accountOf(context, options);
        const desire = {
          membership: { kind: 'domain' as const, name: domain, ou: options.ou ?? null },
          ...(options.name === undefined ? {} : { computerName: options.name }),
          account,
        };
        await runChange(
          context,
          { domain: 'host', desire: options.restart ? { ...desire, restart: { always: false } } : desire, secrets },
          options,
        );
      },
    );

  withAccount(
    withChange(host.command('workgroup <name>').description('leave the domain for a workgroup, or change it')),
  )
    .option('--restart', 'restart it afterwards')
    .action(async (name: string, options: ChangeOptions & AccountOptions & { restart?: boolean }) => {
      const { account, secrets } = await accountOf(context, options);
      const desire = { membership: { kind: 'workgroup' as const, name }, account };
      await runChange(
        context,
        { domain: 'host', desire: options.restart ? { ...desire, restart: { always: false } } : desire, secrets },
        options,
      );
    });

  withChange(host.command('time').description('set the time source'))
    .option('--domain', 'from its domain')
    .option('--ntp-server <address...>', 'from these time servers')
    .action(async (options: ChangeOptions & { domain?: boolean; ntpServer?: string[] }) => {
      if ((options.domain === true) === (options.ntpServer !== undefined))
        throw new UsageError('Give either --domain or --ntp-server.');
      const time = options.ntpServer
        ? { kind: 'servers' as const, servers: options.ntpServer }
        : { kind: 'domain' as const };
      await runChange(context, { domain: 'host', desire: { time } }, options);
    });

  withChange(host.command('restart').description('restart the server; with --resume the work continues afterwards'))
    .option('--reason <text>', 'the reason in the event log', 'Quorate')
    .option('--if-pending', 'only if a restart is pending')
    .addOption(new Option('--resume <when>', 'continue automatically afterwards').choices(['logon', 'startup']))
    .option(
      '--resume-account <account>',
      'the account that has to log on, or that it runs as: DOMAIN\\user or SERVER\\user',
    )
    .option('--password-file <file>', 'for --resume startup: a file with the password; - reads standard input')
    .action((options: RestartOptions) => restart(context, options));

  withServer(host.command('resumes').description('list what continues after a restart')).action(
    async (options: ServerOptions) => {
      const { resumes } = await context.call('host.read', { server: options.server });
      if (options.json) context.printJson({ schema: 'quorate.resumes/1', resumes });
      else if (resumes === null) {
        context.print('Not known.');
        context.exitCode = exitCodes.unknown;
      } else if (resumes.length === 0) context.print('No task is registered.');
      else
        for (const resume of resumes)
          context.print(printable(`${resume.token}: ${resume.account}, at ${resume.trigger}`));
    },
  );
};
