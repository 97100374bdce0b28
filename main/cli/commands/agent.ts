import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PeerSelf } from '../../../shared/contract/peers.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import type { LoopbackPage } from '../../agent/loopback.ts';
import { readAgentSettings, withAgentOptions, type AgentOptions } from '../agent-settings.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderTable } from '../text/table.ts';
import { localTime, zoneText } from '../../../shared/model/time.ts';

/** The built page beside the built command; a bundle has it two folders up. */
export const pageFolder = (): string => fileURLToPath(new URL('../renderer', import.meta.url)).replace(/[\\/]$/, '');

interface Options extends AgentOptions {
  readonly page?: boolean;
}

const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

const runAgent = async (context: CliContext, options: Options): Promise<void> => {
  const settings = readAgentSettings(options);
  const { openLastingCore } = await import('../../agent/core-process.ts');
  const { serveLoopback } = await import('../../agent/loopback.ts');
  const dataFolder = await context.dataFolder();
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
    // Whoever asks while it still starts is heard as well.
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let page: LoopbackPage | null = null;
  const { own, running } = await openLastingCore(
    {
      dataFolder,
      host: 'agent',
      onStop: stop,
      ...settings,
    },
    { pageAddress: async () => page?.newAddress() ?? '' },
    {
      signal: context.signal,
      told: (pid) =>
        context.note(
          `A command (process ${pid}) is working with the data folder ${dataFolder}. The agent starts when it has ended; Ctrl-C gives up.`,
        ),
    },
  );
  if (!own) {
    const address = await running.pageAddress();
    running.close();
    context.note(`Quorate (process ${running.pid}) is already running with the data folder ${dataFolder}.`);
    if (address) context.print(address);
    return;
  }
  try {
    const folder = pageFolder();
    if (options.page !== false && existsSync(folder)) page = await serveLoopback(own.core, folder);
    context.note(
      `The Quorate agent (process ${process.pid}) is running with the data folder ${dataFolder}. Ctrl-C ends it.`,
    );
    if (page) {
      context.note('Open this address in a browser on this server. It works once; "quorate agent url" prints another:');
      context.print(page.newAddress());
    } else if (options.page !== false) context.note('The page was not built, so there is no address to open.');
    if (settings.listen) {
      const self = await own.core.call('peers.self', {}, { caller: { kind: 'cli' } });
      if (self.ok)
        for (const door of (self.result as PeerSelf).listening)
          context.note(`Listens for peers on ${endpointText(door)}.`);
    }
    const open = own.mayHaveOpenChanges()
      ? await own.core.call('journal.list', { open: true }, { caller: { kind: 'cli' } })
      : null;
    const waiting = open?.ok ? (open.result as unknown[]).length : 0;
    if (waiting > 0)
      context.note(
        `${waiting} ${waiting === 1 ? 'change was' : 'changes were'} interrupted or left undecided: "quorate journal list --open" shows ${waiting === 1 ? 'it' : 'them'}; finish or undo.`,
      );
    await stopped;
  } finally {
    await page?.close();
    await own.close();
  }
};

/** `quorate agent`: the core without a window, and its loopback page. */
export const register = (program: Command, context: CliContext): void => {
  const agent = withAgentOptions(
    program
      .command('agent')
      .description('run Quorate without a window and serve its page on this server’s loopback address'),
  )
    .option('--page', 'serve the page (default)')
    .option('--no-page', 'serve no page')
    .action((options: Options) => runAgent(context, options));

  agent
    .command('url')
    .description('print a fresh address of the running agent’s page; it works once')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { json?: boolean }) => {
      const remote = await context.findCore();
      const address = await remote?.pageAddress();
      remote?.close();
      if (options.json) context.printJson({ schema: 'quorate.agent-url/1', address: address ?? null });
      else if (address) context.print(address);
      if (!address) {
        context.note('No agent with a page runs for this data folder. Start one with "quorate agent".');
        context.exitCode = exitCodes.failed;
      }
    });

  agent
    .command('status')
    .description('show whether Quorate runs for this data folder, and which tasks run')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { json?: boolean }) => {
      const remote = await context.findCore();
      if (!remote) {
        if (options.json) context.printJson({ schema: 'quorate.agent-status/1', running: false });
        else context.print('Quorate is not running with this data folder.');
        return;
      }
      const info = await remote.call('core.info', {}, { caller: { kind: 'cli' } });
      const activities = await remote.call('activity.list', {}, { caller: { kind: 'cli' } });
      remote.close();
      const details = info.ok ? (info.result as { host: string; pid: number; version: string }) : null;
      const list = activities.ok ? (activities.result as { title: string; state: string }[]) : [];
      if (options.json)
        context.printJson({ schema: 'quorate.agent-status/1', running: true, core: details, activities: list });
      else {
        context.print(
          `Quorate is running: ${details?.host ?? 'unknown'}, process ${details?.pid ?? 0}, version ${details?.version ?? ''}.`,
        );
        for (const activity of list.filter((one) => one.state === 'running'))
          context.print(`Running: ${activity.title}`);
      }
    });

  agent
    .command('stop')
    .description('stop the running Quorate; refuses with exit code 4 while a task runs, unless --force is given')
    .option('--force', 'cancel the tasks that run')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { force?: boolean; json?: boolean }) => {
      const remote = await context.findCore();
      if (!remote) {
        if (options.json)
          context.printJson({ schema: 'quorate.agent-stop/1', running: false, stopped: false, worksOn: [] });
        else context.print('Quorate is not running with this data folder.');
        return;
      }
      const outcome = await remote.call('core.stop', { force: options.force === true }, { caller: { kind: 'cli' } });
      remote.close();
      const answer = outcome.ok ? (outcome.result as { stopped: boolean; running: string[] }) : null;
      if (options.json)
        context.printJson({
          schema: 'quorate.agent-stop/1',
          running: true,
          stopped: answer?.stopped === true,
          worksOn: answer?.running ?? [],
        });
      else if (answer?.stopped) context.print('Quorate was asked to stop.');
      if (!answer?.stopped) {
        context.note(
          `Quorate is still working on: ${answer?.running.join(', ') ?? 'something unknown'}. Add --force to cancel it.`,
        );
        // Setup and removal of the program tell it from a core that could not be asked (build/delivery/installer.nsi).
        context.exitCode = answer ? exitCodes.checkFailed : exitCodes.failed;
      }
    });

  const activity = program.command('activity').description('list and cancel long-running tasks');
  activity
    .command('list', { isDefault: true })
    .description('list running and ended activities')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { json?: boolean }) => {
      const list = await context.call('activity.list', {});
      if (options.json) context.printJson({ schema: 'quorate.activities/1', activities: list });
      else if (list.length === 0) context.print('No activities.');
      else
        context.print(
          renderTable(
            [
              { title: 'ID' },
              { title: 'STATE' },
              { title: `SINCE, ${zoneText()}` },
              { title: 'SERVER' },
              { title: 'WHAT', maxWidth: 60 },
            ],
            list.map((one) => [
              one.id,
              one.state,
              localTime(one.startedAt),
              one.server ?? '',
              one.progress?.doing ?? one.title,
            ]),
          ),
        );
    });
  activity
    .command('cancel <id>')
    .description('cancel a running activity')
    .option('--json', 'one JSON document on stdout')
    .action(async (id: string, options: { json?: boolean }) => {
      const { cancelled } = await context.call('activity.cancel', { id });
      if (options.json) context.printJson({ schema: 'quorate.activity-cancel/1', id, cancelled });
      else if (cancelled) context.print(`${id} was asked to stop.`);
      if (!cancelled) {
        context.note(`There is no running activity ${id}. "quorate activity" lists them.`);
        context.exitCode = exitCodes.failed;
      }
    });
};
