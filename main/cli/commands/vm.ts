import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Input, Output } from '../../../shared/contract/index.ts';
import { formatSize, parseSize } from '../../../shared/model/size.ts';
import {
  defaultStartDelaySeconds,
  machinePriorityNames,
  type MachinePriority,
} from '../../../shared/model/virtual-machines.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { findNic } from '../find-thing.ts';
import { collectNotEmpty } from '../iscsi/access.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { renderTable } from '../text/table.ts';

type MachineChange = Input<'vm.apply'>['desire']['changes'][number];

interface ConfirmOptions extends ChangeOptions {
  readonly confirm?: string;
}

const confirm = ['--confirm <name>', 'its name again, to confirm what cannot be undone'] as const;

const bytesOf = (text: string, option: string): number => {
  const size = parseSize(text);
  if (size === null || size > BigInt(Number.MAX_SAFE_INTEGER))
    throw new UsageError(`${option} is a size such as 4G or 512M.`);
  return Number(size);
};

const secondsOf = (text: string): number => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 86_400)
    throw new InvalidArgumentError('It is a number of seconds, at most 86400.');
  return Number(text);
};

const checkCodes: Readonly<Record<Output<'vm.check'>['result'], ExitCode>> = {
  pass: exitCodes.done,
  warn: exitCodes.done,
  fail: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

/** `quorate vm`: virtual switches and virtual machines. */
export const register = (program: Command, context: CliContext): void => {
  const vm = program
    .command('vm')
    .description('virtual switches and virtual machines: create, run, move, make highly available');
  const run = (title: string, changes: MachineChange[], options: ConfirmOptions): Promise<void> =>
    runChange(context, { domain: 'vm', desire: { title, changes }, answers: { agree: options.confirm } }, options);

  withServer(vm.command('list', { isDefault: true }).description('list virtual machines with owner and state'))
    .option('--files', 'also list the path of every file')
    .action(async (options: ServerOptions & { readonly files?: boolean }) => {
      const view = await context.call('vm.list', { server: options.server });
      if (options.json) return context.printJson({ schema: 'quorate.virtual-machines/1', ...view });
      printRehearsalMark(context, view.server.ref);
      const { state } = view;
      if (!state.isHyperVRunning)
        return context.print(
          'Hyper-V is not running on this server. If "quorate roles list" does not show it as installed, run "quorate roles install --feature Hyper-V --feature Hyper-V-PowerShell".',
        );
      if (state.machines.length === 0) context.print('There are no virtual machines.');
      else
        context.print(
          renderTable(
            [
              { title: 'NAME' },
              { title: 'STATE' },
              { title: 'ON' },
              { title: 'MEMORY', align: 'right' },
              { title: 'SWITCH' },
              { title: 'HIGHLY AVAILABLE' },
              { title: 'PREFERRED OWNERS' },
            ],
            state.machines.map((machine) => [
              machine.name,
              machine.state,
              machine.host,
              machine.memoryBytes === '0' ? 'see its node' : formatSize(machine.memoryBytes),
              machine.switches.join(', ') || 'none',
              machine.role ? 'yes' : 'no',
              machine.role?.preferredOwners.join(', ') || 'none',
            ]),
          ),
        );
      if (options.files === true)
        for (const machine of state.machines)
          for (const file of machine.files) context.print(`${machine.name}: ${file.kind} ${file.path}`);
      if ((state.startSets ?? []).length > 0)
        context.print(
          renderTable(
            [{ title: 'START SET' }, { title: 'MACHINES' }, { title: 'AFTER' }, { title: 'READY' }],
            (state.startSets ?? []).map(({ name, machines, after, ready, delaySeconds }) => [
              name,
              machines.join(', ') || 'none',
              after.join(', ') || 'none',
              ready === 'online' ? 'when online' : `after ${delaySeconds} s`,
            ]),
          ),
        );
      for (const one of state.switches)
        context.print(
          `Switch ${one.name}: ${one.kind}, ${one.hasHostNic ? 'the host uses it too' : 'for virtual machines only'}.`,
        );
      for (const { property, because } of state.unread) context.note(`Not known: ${property} (${because}).`);
    });

  withServer(vm.command('check <name>').description('check what prevents a machine from becoming highly available'))
    .addOption(
      new Option('--also <server>', 'another node to read; one option for each')
        .argParser(collectNotEmpty)
        .default([], 'none'),
    )
    .addHelpText('after', '\nExit codes: 0 nothing prevents it, 4 something does, 5 something could not be read.')
    .action(async (name: string, options: ServerOptions & { readonly also: readonly string[] }) => {
      const check = await context.call('vm.check', { server: options.server, name, others: [...options.also] });
      context.exitCode = checkCodes[check.result];
      if (options.json) return context.printJson({ schema: 'quorate.virtual-machine-check/1', ...check });
      printRehearsalMark(context, check.server.ref);
      for (const { result, found, next } of check.items)
        context.print(`${result.padEnd(8)}${found}${next === null ? '' : `\n        ${next}`}`);
    });

  withChange(
    vm.command('switch <name>').description('create an external virtual switch; give it the same name on every node'),
  )
    .addOption(
      new Option('--nic <nic>', 'a NIC by its name or InterfaceGuid; several make a team (SET)')
        .argParser(collectNotEmpty)
        .makeOptionMandatory(),
    )
    .option('--host-nic', 'the host shares the NIC through the switch')
    .action(async (name: string, options: ChangeOptions & { nic: readonly string[]; hostNic?: boolean }) => {
      const nics: string[] = [];
      for (const text of options.nic) nics.push((await findNic(context, options.server, text)).interfaceGuid);
      await run(
        `Create the virtual switch ${name}`,
        [{ do: 'switch.create', name, nics, hostNic: options.hostNic === true }],
        options,
      );
    });

  withChange(vm.command('create <name>').description('create a machine with all of its files on clustered storage'))
    .requiredOption('--folder <folder>', 'C:\\ClusterStorage\\..., or the letter of a disk of the cluster')
    .option('--memory <size>', 'its memory', '4G')
    .option('--disk <size>', 'the size of its disk, which grows as it is used', '60G')
    .option('--switch <name>', 'the virtual switch; default: none')
    .option('--iso <file>', 'an ISO file for its DVD drive, best on a cluster shared volume')
    .addOption(new Option('--generation <number>', '1 or 2').choices(['1', '2']).default('2'))
    .action(
      async (
        name: string,
        options: ChangeOptions & {
          folder: string;
          memory: string;
          disk: string;
          switch?: string;
          iso?: string;
          generation: '1' | '2';
        },
      ) =>
        run(
          `Create the virtual machine ${name}`,
          [
            {
              do: 'vm.create',
              name,
              folder: options.folder,
              memoryBytes: bytesOf(options.memory, '--memory'),
              diskBytes: bytesOf(options.disk, '--disk'),
              switch: options.switch ?? null,
              ...(options.iso === undefined ? {} : { iso: options.iso }),
              generation: options.generation === '1' ? 1 : 2,
            },
          ],
          options,
        ),
    );

  const simple: readonly (readonly [string, string, (name: string) => MachineChange])[] = [
    ['start', 'start a machine', (name) => ({ do: 'vm.start', name })],
    ['stop', 'shut its operating system down', (name) => ({ do: 'vm.stop', name })],
    [
      'turn-off',
      'turn it off at once, without shutting down its operating system',
      (name) => ({ do: 'vm.turnOff', name }),
    ],
    ['make-highly-available', 'make it a role of the cluster', (name) => ({ do: 'vm.makeHighlyAvailable', name })],
    ['leave-cluster', 'take it out of the cluster; it stays where it is', (name) => ({ do: 'vm.leaveCluster', name })],
    ['remove', 'remove a machine; its disk files stay', (name) => ({ do: 'vm.remove', name })],
  ];
  for (const [verb, text, change] of simple) {
    const command = withChange(vm.command(`${verb} <name>`).description(text)).action(
      async (name: string, options: ConfirmOptions) => run(`${verb}: ${name}`, [change(name)], options),
    );
    if (verb === 'turn-off' || verb === 'remove') command.option(...confirm);
  }

  withChange(vm.command('move <name>').description('move a highly available machine to another node'))
    .requiredOption('--node <node>', 'the node')
    .option('--quick', 'quick migration: save it, move it, resume it; default: live migration while it runs')
    .action(async (name: string, options: ChangeOptions & { node: string; quick?: boolean }) =>
      run(
        `Move ${name}`,
        [{ do: 'vm.move', name, node: options.node, kind: options.quick === true ? 'quick' : 'live' }],
        options,
      ),
    );

  withChange(vm.command('owners <name>').description('set the preferred and possible owners of a machine'))
    .addOption(new Option('--preferred <node>', 'a preferred owner; several in their order').argParser(collectNotEmpty))
    .addOption(new Option('--possible <node>', 'a possible owner; all when left out').argParser(collectNotEmpty))
    .action(async (name: string, options: ChangeOptions & { preferred?: string[]; possible?: string[] }) =>
      run(
        `Set the owners of ${name}`,
        [{ do: 'vm.setOwners', name, preferred: options.preferred ?? [], possible: options.possible ?? [] }],
        options,
      ),
    );

  withChange(vm.command('priority <name>').description('set the startup priority of a machine'))
    .addOption(new Option('--priority <priority>', 'the priority').choices(machinePriorityNames).makeOptionMandatory())
    .action(async (name: string, options: ChangeOptions & { priority: MachinePriority }) =>
      run(`Set the priority of ${name}`, [{ do: 'vm.setPriority', name, priority: options.priority }], options),
    );

  withChange(
    vm
      .command('apart <name>')
      .description('keep a machine on a different node from machines with the same anti-affinity name'),
  )
    .addOption(
      new Option(
        '--group <name>',
        'the anti-affinity name that they share; without it the machine may run beside any other',
      ).argParser(collectNotEmpty),
    )
    .action(async (name: string, options: ChangeOptions & { group?: string[] }) =>
      run(
        `Set the anti-affinity of ${name}`,
        [{ do: 'vm.setAntiAffinity', name, classes: options.group ?? [] }],
        options,
      ),
    );

  withChange(
    vm.command('start-order <set>').description('start machines as a set, after other sets ("vm list" shows the sets)'),
  )
    .addOption(new Option('--machine <name>', 'a machine of the set; one option for each').argParser(collectNotEmpty))
    .addOption(new Option('--after <set>', 'a set that is started before this one').argParser(collectNotEmpty))
    .option(
      '--delay <seconds>',
      'seconds that sets after it wait once it has been started',
      secondsOf,
      defaultStartDelaySeconds,
    )
    .option('--remove', 'remove the set; its machines wait for no other')
    .action(
      async (
        name: string,
        options: ChangeOptions & { machine?: string[]; after?: string[]; delay: number; remove?: boolean },
      ) => {
        const { machine: machines = [], after = [], delay: delaySeconds, remove = false } = options;
        if (remove === machines.length > 0) throw new UsageError('Give --machine, or --remove.');
        await run(
          remove ? `Remove the start set ${name}` : `Set the start order of ${name}`,
          [remove ? { do: 'vm.removeStartSet', name } : { do: 'vm.setStartSet', name, machines, after, delaySeconds }],
          options,
        );
      },
    );
};
