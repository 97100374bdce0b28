import { isSameName } from '../../../shared/model/names.ts';
import { Argument, Option, type Command } from 'commander';
import type { Input } from '../../../shared/contract/index.ts';
import type { Rehearsal } from '../../../shared/contract/rehearsal.ts';
import {
  faultFields,
  faultKinds,
  faultSchema,
  faultText,
  type FaultKind,
} from '../../../shared/model/rehearsal-faults.ts';
import { problemOf } from '../../../shared/model/issue-words.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { UsageError, type CliContext } from '../context.ts';
import { printable } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { zonedTime } from '../../../shared/model/time.ts';

interface Options {
  readonly json?: boolean;
}

const withJson = (command: Command): Command => command.option('--json', 'one JSON document on stdout');

const printRehearsal = (context: CliContext, rehearsal: Rehearsal, options: Options): void => {
  if (options.json) return context.printJson({ schema: 'quorate.rehearsal/1', rehearsal });
  const { name, running } = rehearsal;
  if (!running) return context.print(`${name}: not running; it starts when it is used.`);
  context.print(
    `${name}: ${running.scenario}, seed ${running.seed}, clock ${running.clock.mode} at ${running.clock.now}, process ${running.pid}`,
  );
  for (const server of running.servers)
    context.print(
      printable(
        `  ${server.name}: ${isSameName(server.name, server.computerName) ? '' : `called ${server.computerName}, `}Windows Server ${server.version}${server.core ? ' Core' : ''}, ${server.power}; --server rehearsal:${name}/${server.name}`,
      ),
    );
  for (const { name: target, portals, luns } of running.targets) {
    context.print(printable(`  target ${target}`));
    for (const { address, port, network, served } of portals)
      context.print(
        printable(
          `    portal ${address}:${port} (${network})${served ? `, served on ${served.host}:${served.port}` : ''}`,
        ),
      );
    for (const { lun, name: id, serial, sizeBytes } of luns)
      context.print(printable(`    LUN ${lun}: ${id}, ${formatSize(sizeBytes)}, serial ${serial || 'none'}`));
  }
  for (const fault of running.faults) context.print(printable(`  fault ${fault.id}: ${JSON.stringify(fault)}`));
};

/** `KEY=VALUE` words as an object. */
const fieldsOf = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new UsageError(`"${word}" is not KEY=VALUE.`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `2h`, `1d` in milliseconds. */
const parseDuration = (text: string): number => {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new UsageError(`"${text}" is not a time such as 90s, 5m, 2h or 1d.`);
  return Number(match[1]) * durationUnits[match[2]!]!;
};

/** `quorate rehearsal`: simulated servers. */
export const register = (program: Command, context: CliContext): void => {
  const rehearsal = program
    .command('rehearsal')
    .description('simulated servers to rehearse on: create, break, watch, remove');

  withJson(
    rehearsal.command('list', { isDefault: true }).description('list the rehearsals of this data folder'),
  ).action(async (options: Options) => {
    const list = await context.call('rehearsal.list', {});
    if (options.json) context.printJson({ schema: 'quorate.rehearsals/1', rehearsals: list });
    else if (list.length === 0)
      context.print('There is no rehearsal. Create one with "quorate rehearsal create NAME".');
    else for (const one of list) printRehearsal(context, one, {});
  });
  withJson(rehearsal.command('scenarios').description('list what a rehearsal can start with')).action(
    async (options: Options) => {
      const scenarios = await context.call('rehearsal.scenarios', {});
      if (options.json) context.printJson({ schema: 'quorate.scenarios/1', scenarios });
      else
        context.print(
          renderTable(
            [{ title: 'SCENARIO' }, { title: 'WHAT', maxWidth: 80 }],
            scenarios.map((one) => [one.name, one.what]),
          ),
        );
    },
  );
  withJson(rehearsal.command('create <name>').description('create a rehearsal'))
    .option('--scenario <name>', 'what it starts with; see "quorate rehearsal scenarios"')
    .option('--seed <number>', 'the same seed gives the same servers', '1')
    .addOption(
      new Option('--clock <mode>', 'real, or driven: it stands still until "quorate rehearsal clock" moves it')
        .choices(['real', 'driven'])
        .default('real'),
    )
    .action(async (name: string, options: Options & { scenario?: string; seed: string; clock: 'real' | 'driven' }) =>
      printRehearsal(
        context,
        await context.call('rehearsal.create', {
          name,
          seed: Number(options.seed),
          clock: options.clock,
          ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
        }),
        options,
      ),
    );
  withJson(rehearsal.command('show <name>').description('show its servers, clock and faults')).action(
    async (name: string, options: Options) =>
      printRehearsal(context, await context.call('rehearsal.show', { name }), options),
  );

  /** `slow: the server takes its time (server=..., byMs=..., [on=...])` */
  const explain = (kind: FaultKind): string =>
    `  ${kind}: ${faultText(kind)} (${faultFields(kind)
      .map(({ name, choices, isOptional }) => {
        const word = `${name}=${choices?.join('|') ?? '...'}`;
        return isOptional ? `[${word}]` : word;
      })
      .join(' ')})`;
  withJson(
    rehearsal
      .command('fault')
      .description('break something: KEY=VALUE words say what, such as server=NODE1 nic=Ethernet')
      .argument('<name>', 'the rehearsal')
      .addArgument(new Argument('<kind>', 'the fault').choices(faultKinds))
      .argument('[words...]', 'KEY=VALUE'),
  )
    .addHelpText('after', `\n${faultKinds.map(explain).join('\n')}\n`)
    .action(async (name: string, kind: string, words: string[], options: Options) => {
      const parsed = faultSchema.safeParse({ kind, ...fieldsOf(words) });
      if (!parsed.success)
        throw new UsageError(`${problemOf(parsed.error.issues)}. --help lists what each fault needs.`);
      const { id } = await context.call('rehearsal.setFault', { name, fault: parsed.data });
      if (options.json) context.printJson({ schema: 'quorate.fault/1', id });
      else context.print(`${id}: ${faultText(parsed.data.kind)}.`);
    });
  withJson(
    rehearsal.command('repair <name> [fault]').description('remove a fault by its id or kind, or all of them'),
  ).action(async (name: string, id: string | undefined, options: Options) => {
    const { cleared } = await context.call('rehearsal.clearFault', { name, id: id ?? null });
    if (options.json) context.printJson({ schema: 'quorate.repair/1', cleared });
    else context.print(cleared === 0 ? 'There was no such fault.' : `Faults removed: ${cleared}.`);
  });
  withJson(rehearsal.command('log <name>').description('show who did what, and when'))
    .option('--limit <count>', 'how many entries, newest last', '50')
    .action(async (name: string, options: Options & { limit: string }) => {
      const entries = await context.call('rehearsal.log', { name, limit: Number(options.limit) });
      if (options.json) context.printJson({ schema: 'quorate.rehearsal-log/1', entries });
      else
        for (const entry of entries)
          context.print(printable(`${zonedTime(entry.at)} ${entry.server ?? ''} ${entry.who}: ${entry.what}`));
    });
  withJson(
    rehearsal.command('clock <name> [time]').description('show the clock, or move it on by 90s, 5m, 2h, 1d'),
  ).action(async (name: string, time: string | undefined, options: Options) => {
    const now =
      time === undefined
        ? (await context.call('rehearsal.show', { name })).running?.clock.now
        : (await context.call('rehearsal.advance', { name, byMs: parseDuration(time) })).now;
    if (options.json) context.printJson({ schema: 'quorate.rehearsal-clock/1', now });
    else context.print(now ?? 'not known');
  });

  const act = async (name: string, what: Input<'rehearsal.act'>['act'], options: Options): Promise<void> =>
    printRehearsal(context, await context.call('rehearsal.act', { name, act: what }), options);
  withJson(
    rehearsal
      .command('power <name> <server>')
      .description('press the power button')
      .addArgument(new Argument('<what>', 'what the button does').choices(['on', 'off', 'restart'])),
  ).action((name: string, server: string, what: 'on' | 'off' | 'restart', options: Options) =>
    act(name, { do: what === 'on' ? 'powerOn' : what === 'off' ? 'powerOff' : 'restart', server }, options),
  );
  withJson(
    rehearsal.command('plug <name> <server> <nic> <network>').description('plug a cable in, or pull it with "none"'),
  ).action((name: string, server: string, nic: string, network: string, options: Options) =>
    act(name, { do: 'plug', server, nic, network: network === 'none' ? null : network }, options),
  );
  withJson(
    rehearsal.command('logon <name> <server> <account>').description('log on at the console of a server'),
  ).action((name: string, server: string, account: string, options: Options) =>
    act(name, { do: 'logon', server, account }, options),
  );
  withJson(rehearsal.command('stop <name>').description('end its process; what was done is kept')).action(
    async (name: string, options: Options) => {
      const { stopped } = await context.call('rehearsal.stop', { name });
      if (options.json) context.printJson({ schema: 'quorate.rehearsal-stopped/1', stopped });
      else context.print(stopped ? `${name} was stopped.` : `${name} was not running.`);
    },
  );
  withJson(rehearsal.command('remove <name>').description('delete a rehearsal with all that was done in it'))
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: Options & { yes?: boolean }) => {
      if (!options.yes) {
        const { askLine, canAsk } = await import('../change.ts');
        if (!canAsk(context, options)) throw new UsageError('There is no terminal to ask on. Add --yes.');
        const typed = await askLine(context, `Delete the rehearsal ${name} and all that was done in it? [y/N] `);
        if (!/^(y|yes)$/i.test(typed.trim())) return context.note('Nothing was changed.');
      }
      await context.call('rehearsal.remove', { name });
      if (options.json) context.printJson({ schema: 'quorate.rehearsal-removed/1', removed: true });
      else context.print(`${name} was removed.`);
    });
};
