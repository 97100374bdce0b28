import { InvalidArgumentError, Option, type Command } from 'commander';
import { withServer, type ServerOptions } from '../change.ts';
import type { CliContext } from '../context.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';

const longestHours = 168;

const minutesOf = (text: string): number => {
  const hours = Number(text);
  if (!/^\d{1,3}(\.\d{1,2})?$/.test(text) || hours <= 0 || hours > longestHours)
    throw new InvalidArgumentError(`It is a number of hours, more than 0 and at most ${longestHours}.`);
  return Math.max(1, Math.round(hours * 60));
};

const colours = { critical: 'red', error: 'red', warning: 'yellow', information: 'dim', unknown: 'dim' } as const;

/** `quorate cluster events`. */
export const registerEvents = (cluster: Command, context: CliContext): void => {
  withServer(cluster.command('events').description('list recent cluster events of this server, each with what to do'))
    .addOption(new Option('--hours <number>', 'how far back, in hours').argParser(minutesOf).default(60, '1'))
    .option('--all', 'show informational events too')
    .addHelpText('after', '\nEach node logs only what it saw itself: read the others too, with --server peer:ID.')
    .action(async (options: ServerOptions & { hours: number; all?: boolean }) => {
      const { hours: minutes, all = false } = options;
      const view = await context.call('cluster.events', { server: options.server, minutes, all });
      if (options.json === true) return context.printJson({ schema: 'quorate.cluster-events/1', ...view });
      printRehearsalMark(context, view.server.ref);
      for (const { at, id, level, log, text, means, next } of view.events) {
        context.print(`${at}  ${context.paint(colours[level], level)}  event ${id} (${log})`);
        context.print(`  ${text.replace(/\s+/g, ' ').trim()}`);
        if (means !== null) context.print(`  What it means: ${means}`);
        if (next !== null) context.print(`  What to do: ${next}`);
      }
      const span = minutes === 60 ? 'the last hour' : `the last ${minutes} minutes`;
      if (view.events.length === 0)
        context.print(
          `${view.server.computerName} logged no critical event, error or warning of the cluster in ${span}.`,
        );
      if (view.leftOut > 0)
        context.note(
          `${view.leftOut} informational ${view.leftOut === 1 ? 'event is' : 'events are'} not shown; --all shows them too.`,
        );
    });
};
