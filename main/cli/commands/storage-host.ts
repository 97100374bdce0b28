import { Option, type Command } from 'commander';
import type { Input, Output } from '../../../shared/contract/index.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { leastWitnessBytes, mappingOf, storageTargetNamed } from '../../../shared/model/storage-host.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { collectNotEmpty } from '../iscsi/access.ts';
import { readChapSecret } from '../read-secret.ts';
import { bytesOf, diskOf, initiatorOf } from '../storage-host/options.ts';
import { registerScript } from '../storage-host/script.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { renderTable } from '../text/table.ts';

type StorageChange = Input<'storageHost.apply'>['desire']['changes'][number];
type State = Output<'storageHost.read'>['state'];

interface ConfirmOptions extends ChangeOptions {
  readonly confirm?: string;
}

const secretName = 'CHAP secret';
const reverseName = 'reverse CHAP secret';

const withConfirm = (command: Command): Command =>
  withChange(command).option(
    '--confirm <name>',
    'the name of the file or target again, to confirm what cannot be undone',
  );

const serviceWords: Readonly<Record<Exclude<State['service'], 'running'>, string>> = {
  absent: 'iSCSI Target Server is not installed on this server. Install it with "quorate storage-host install".',
  stopped: 'The service of iSCSI Target Server (WinTarget) is not running.',
};

const printState = (context: CliContext, { state }: Output<'storageHost.read'>): void => {
  const table = (columns: Parameters<typeof renderTable>[0], rows: Parameters<typeof renderTable>[1]): void => {
    if (rows.length > 0) context.print(renderTable(columns, rows));
  };
  if (state.service !== 'running') context.print(serviceWords[state.service]);
  table(
    [{ title: 'TARGET' }, { title: 'IQN' }, { title: 'ADMITS' }, { title: 'CHAP' }, { title: 'LOGGED ON' }],
    state.targets.map(({ name, iqn, initiators, chap, reverseChap, connected }) => [
      name,
      iqn,
      initiators.map(({ value }) => value).join(', ') || 'nobody',
      chap ? `${chap.userName}${reverseChap ? `, mutual as ${reverseChap.userName}` : ''}` : 'none',
      [...new Set(connected)].join(', ') || 'nobody',
    ]),
  );
  table(
    [
      { title: 'VIRTUAL DISK' },
      { title: 'SIZE', align: 'right' },
      { title: 'KIND' },
      { title: 'SHOWN AS' },
      { title: 'SERIAL' },
    ],
    state.disks.map((disk) => [
      disk.path,
      formatSize(disk.sizeBytes),
      disk.kind,
      state.targets
        .flatMap((target) => {
          const mapping = mappingOf(target, disk.path);
          return mapping ? [`${target.name} LUN ${mapping.lun}`] : [];
        })
        .join(', ') || 'nowhere',
      disk.serialNumber ?? 'not known',
    ]),
  );
  for (const { path, sizeBytes } of state.files)
    context.print(
      `${path} (${formatSize(sizeBytes)}) is not a virtual disk; "quorate storage-host import" makes it one.`,
    );
  table(
    [{ title: 'VOLUME' }, { title: 'LABEL' }, { title: 'SIZE', align: 'right' }, { title: 'FREE', align: 'right' }],
    state.volumes.map(({ letter, label, sizeBytes, freeBytes }) => [
      `${letter}:`,
      label,
      formatSize(sizeBytes),
      formatSize(freeBytes),
    ]),
  );
  const listening = state.portals.filter(({ isEnabled }) => isEnabled).map(({ address, port }) => `${address}:${port}`);
  if (state.service === 'running') context.print(`Listens at ${listening.join(', ') || 'no address'}.`);
  for (const { property, because } of state.unread) context.note(`Not known: ${property} (${because}).`);
};

/** `quorate storage-host`: the third machine of the procedure, where there is no device. */
export const register = (program: Command, context: CliContext): void => {
  const host = program
    .command('storage-host')
    .description('offer virtual disks to the nodes: iSCSI Target Server, its disks, targets and CHAP');
  const run = (
    title: string,
    changes: StorageChange[],
    options: ConfirmOptions,
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<void> =>
    runChange(
      context,
      { domain: 'storageHost', desire: { title, changes }, answers: { agree: options.confirm }, secrets },
      options,
    );

  withServer(
    host.command('list', { isDefault: true }).description('targets, virtual disks, who is logged on, free space'),
  ).action(async (options: ServerOptions) => {
    const view = await context.call('storageHost.read', { server: options.server });
    if (options.json) return context.printJson({ schema: 'quorate.storage-host/1', ...view });
    printRehearsalMark(context, view.server.ref);
    printState(context, view);
  });

  withChange(host.command('install').description('install the role iSCSI Target Server; it needs no restart')).action(
    async (options: ChangeOptions) =>
      runChange(
        context,
        {
          domain: 'roles',
          desire: {
            title: 'Install iSCSI Target Server',
            changes: [{ do: 'roles.install', features: ['FS-iSCSITarget-Server'], source: null }],
          },
        },
        options,
      ),
  );

  interface OfferOptions extends ChangeOptions {
    readonly folder: string;
    readonly disk: readonly string[];
    readonly initiator: readonly string[];
    readonly fixed?: boolean;
    readonly chapUser?: string;
    readonly chapSecretFile?: string;
  }
  withChange(
    host
      .command('offer <target>')
      .description('create the disks of a cluster and a target that shows them only to the nodes'),
  )
    .requiredOption('--folder <folder>', 'the folder for the files, such as E:\\iSCSI')
    .addOption(
      new Option('--disk <name=size>', 'a virtual disk; one option for each, in the order of their LUNs')
        .argParser(collectNotEmpty)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--initiator <iqn>',
        'the initiator name of a node; one option for each ("quorate initiator" shows it)',
      )
        .argParser(collectNotEmpty)
        .makeOptionMandatory(),
    )
    .option(
      '--fixed',
      'allocate all of the space now; a dynamic disk grows as it is written, and can find its volume full',
    )
    .option('--chap-user <name>', 'the CHAP user name of the initiators')
    .option('--chap-secret-file <file>', 'a file with the secret in its first line; - reads standard input')
    .addHelpText(
      'after',
      `\nA witness disk needs at least ${formatSize(leastWitnessBytes)}. Disks and targets that exist are left as they are.\n\nExample:\n  quorate storage-host offer cluster1 --folder E:\\iSCSI --disk witness=512M --disk vm1=100G --fixed \\\n    --initiator iqn.1991-05.com.microsoft:node1 --initiator iqn.1991-05.com.microsoft:node2`,
    )
    .action(async (target: string, options: OfferOptions) => {
      if ((options.chapUser === undefined) !== (options.chapSecretFile === undefined))
        throw new UsageError('--chap-user and --chap-secret-file belong together.');
      const disks = options.disk.map(diskOf);
      const initiators = options.initiator.map(initiatorOf);
      const small = disks.find(({ name, sizeBytes }) => /witness|quorum/i.test(name) && sizeBytes < leastWitnessBytes);
      if (small)
        throw new UsageError(`--disk ${small.name}: a witness disk needs at least ${formatSize(leastWitnessBytes)}.`);
      const folder = options.folder.replace(/[\\/]+$/, '');
      const pathOf = (name: string): string => `${folder}\\${name}.vhdx`;
      const { state } = await context.call('storageHost.read', { server: options.server });
      const isThere = storageTargetNamed(state, target) !== undefined;
      const changes: StorageChange[] = [
        ...disks.map(({ name, sizeBytes }): StorageChange => ({
          do: 'storageHost.createDisk',
          path: pathOf(name),
          sizeBytes,
          isFixed: options.fixed === true,
          description: '',
        })),
        {
          do: isThere ? 'storageHost.setInitiators' : 'storageHost.createTarget',
          name: target,
          initiators,
        },
        ...disks.map(({ name }): StorageChange => ({
          do: 'storageHost.mapDisk',
          name: target,
          path: pathOf(name),
          lun: null,
        })),
      ];
      const secrets: Record<string, string> = {};
      if (options.chapUser !== undefined && options.chapSecretFile !== undefined) {
        secrets[secretName] = await readChapSecret(context, options.chapSecretFile, 'the initiator');
        changes.push({
          do: 'storageHost.setChap',
          name: target,
          chap: { userName: options.chapUser, secretName },
          reverse: null,
        });
      }
      await run(
        `Offer ${disks.length} ${disks.length === 1 ? 'disk' : 'disks'} at ${target}`,
        changes,
        options,
        secrets,
      );
    });

  withChange(host.command('create-disk <path>').description('create a virtual disk in a new file'))
    .requiredOption('--size <size>', 'the size of the LUN, such as 512M or 100G')
    .option('--fixed', 'allocate all of the space now; dynamic when left out')
    .option('--description <text>', 'a description', '')
    .action(async (path: string, options: ChangeOptions & { size: string; fixed?: boolean; description: string }) =>
      run(
        `Create the virtual disk ${path}`,
        [
          {
            do: 'storageHost.createDisk',
            path,
            sizeBytes: bytesOf(options.size, '--size'),
            isFixed: options.fixed === true,
            description: options.description,
          },
        ],
        options,
      ),
    );

  withChange(host.command('extend <path>').description('extend a virtual disk; it can stay in use'))
    .requiredOption('--size <size>', 'its new size')
    .action(async (path: string, options: ChangeOptions & { size: string }) =>
      run(
        `Extend ${path}`,
        [{ do: 'storageHost.extendDisk', path, sizeBytes: bytesOf(options.size, '--size') }],
        options,
      ),
    );

  withChange(host.command('import <path>').description('import an existing .vhdx file as a virtual disk')).action(
    async (path: string, options: ChangeOptions) =>
      run(`Import ${path}`, [{ do: 'storageHost.importDisk', path }], options),
  );

  withConfirm(host.command('remove-disk <path>').description('remove a virtual disk; its file is kept'))
    .option('--delete-file', 'delete the file as well, with all that is in it')
    .action(async (path: string, options: ConfirmOptions & { readonly deleteFile?: boolean }) => {
      const { state } = await context.call('storageHost.read', { server: options.server });
      const shown = state.targets.flatMap((target): StorageChange[] =>
        mappingOf(target, path) ? [{ do: 'storageHost.unmapDisk', name: target.name, path }] : [],
      );
      const last: StorageChange[] = options.deleteFile === true ? [{ do: 'storageHost.deleteFile', path }] : [];
      await run(`Remove ${path}`, [...shown, { do: 'storageHost.removeDisk', path }, ...last], options);
    });

  withChange(host.command('map <target> <path>').description('assign a virtual disk to a target'))
    .option('--lun <number>', 'the number of the LUN; the next free one when left out')
    .action(async (name: string, path: string, options: ChangeOptions & { readonly lun?: string }) => {
      if (options.lun !== undefined && !/^\d{1,3}$/.test(options.lun))
        throw new UsageError('--lun is a number from 0 to 255.');
      const lun = options.lun === undefined ? null : Number(options.lun);
      await run(`Assign ${path} to ${name}`, [{ do: 'storageHost.mapDisk', name, path, lun }], options);
    });

  withConfirm(host.command('unmap <target> <path>').description('remove a virtual disk from a target')).action(
    async (name: string, path: string, options: ConfirmOptions) =>
      run(`Remove ${path} from ${name}`, [{ do: 'storageHost.unmapDisk', name, path }], options),
  );

  withChange(
    host.command('admit <target>').description('set which initiators may log on to a target; all others may not'),
  )
    .addOption(
      new Option('--initiator <iqn>', 'an initiator name; one option for each; none: nobody')
        .argParser(collectNotEmpty)
        .default([], 'nobody'),
    )
    .action(async (name: string, options: ChangeOptions & { readonly initiator: readonly string[] }) =>
      run(
        `Set who may log on to ${name}`,
        [{ do: 'storageHost.setInitiators', name, initiators: options.initiator.map(initiatorOf) }],
        options,
      ),
    );

  interface ChapOptions extends ChangeOptions {
    readonly user?: string;
    readonly secretFile?: string;
    readonly reverseUser?: string;
    readonly reverseSecretFile?: string;
    readonly remove?: boolean;
  }
  withChange(host.command('chap <target>').description('set the CHAP of a target'))
    .option('--user <name>', 'the CHAP user name of the initiators')
    .option('--secret-file <file>', 'a file with its secret in the first line; - reads standard input')
    .option('--reverse-user <name>', 'the CHAP user name of the target (mutual CHAP)')
    .option('--reverse-secret-file <file>', 'a file with its secret; - reads standard input')
    .option('--remove', 'stop requiring CHAP')
    .action(async (name: string, options: ChapOptions) => {
      const { user, secretFile, reverseUser, reverseSecretFile } = options;
      if ((user === undefined) !== (secretFile === undefined) || (user === undefined) !== (options.remove === true))
        throw new UsageError('Give --user and --secret-file, or --remove.');
      if ((reverseUser === undefined) !== (reverseSecretFile === undefined) || (reverseUser && user === undefined))
        throw new UsageError('--reverse-user and --reverse-secret-file belong together, and beside --user.');
      const secrets: Record<string, string> = {};
      if (secretFile !== undefined) secrets[secretName] = await readChapSecret(context, secretFile, 'the initiator');
      if (reverseSecretFile !== undefined)
        secrets[reverseName] = await readChapSecret(context, reverseSecretFile, 'the target');
      await run(
        `Set the CHAP of ${name}`,
        [
          {
            do: 'storageHost.setChap',
            name,
            chap: user === undefined ? null : { userName: user, secretName },
            reverse: reverseUser === undefined ? null : { userName: reverseUser, secretName: reverseName },
            renews: true,
          },
        ],
        options,
        secrets,
      );
    });

  registerScript(host, context);

  withConfirm(host.command('remove-target <target>').description('remove a target that nobody is logged on to')).action(
    async (name: string, options: ConfirmOptions) =>
      run(`Remove the target ${name}`, [{ do: 'storageHost.removeTarget', name }], options),
  );
};
