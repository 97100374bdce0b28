import type { Command } from 'commander';
import type { CoordinatorView } from '../../../shared/contract/coordinator.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { repeated } from '../repeated.ts';
import { renderTable } from '../text/table.ts';
import { zonedTime } from '../../../shared/model/time.ts';

const stateWords = {
  acknowledged: 'acknowledged it',
  poweredDown: 'was declared powered down',
  silent: 'has not acknowledged it',
} as const;

/** Who coordinates, in sentences. */
export const printCoordinator = (context: CliContext, view: CoordinatorView): void => {
  const { heard, isThisServer, mayOrder, members, running } = view;
  if (!heard) context.print('No server is the coordinator yet. "quorate peers coordinator --take" makes this one.');
  else
    context.print(
      `${isThisServer ? 'This server' : heard.name} is the coordinator, epoch ${heard.number}, since ${zonedTime(heard.heardAt)}.`,
    );
  if (members.length > 0)
    context.print(
      renderTable(
        [{ title: 'SERVER' }, { title: 'ID' }, { title: 'EPOCH', maxWidth: 60 }],
        members.map(({ name, id, state }) => [name, id, stateWords[state]]),
      ).trimEnd(),
    );
  if (isThisServer && !mayOrder)
    context.note(
      'It gives no orders until all of them have. Start Quorate there, then run "quorate peers coordinator --take" again.',
    );
  for (const title of running) context.note(`Running here on a coordinator’s order: ${title}`);
};

interface CoordinatorOptions {
  readonly take?: boolean;
  readonly poweredDown?: string[];
  readonly json?: boolean;
}

/** `quorate peers coordinator`. */
export const registerCoordinator = (peers: Command, context: CliContext): void => {
  peers
    .command('coordinator')
    .description('show which server coordinates, or make this one the coordinator')
    .option('--take', 'make this server the coordinator; every other one has to acknowledge it')
    .option(
      '--powered-down <peer>',
      'declare that this server has no power, after you checked; may be repeated',
      repeated((text) => text),
    )
    .option('--json', 'one JSON document on stdout')
    .action(async (options: CoordinatorOptions) => {
      if (options.poweredDown && !options.take) throw new UsageError('--powered-down goes with --take.');
      if (options.take) context.acknowledgeStop('Stopping: the servers keep what they acknowledged.');
      const view = options.take
        ? await context.call('coordinator.take', { poweredDown: options.poweredDown ?? [] }, context.progressLine())
        : await context.call('coordinator.show', {});
      if (options.take) context.endProgressLine();
      if (options.json) context.printJson({ schema: 'quorate.coordinator/1', ...view });
      else printCoordinator(context, view);
      if (view.isThisServer && !view.mayOrder) context.exitCode = exitCodes.unknown;
    });
};
