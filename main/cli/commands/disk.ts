import { Argument, Option, type Command } from 'commander';
import type { Input, Output } from '../../../shared/contract/index.ts';
import { busWords, sanPolicies, type FileSystem, type SanPolicy } from '../../../shared/model/disk.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { sharedDiskWords } from '../../../shared/plan/plan.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { findDisk, parseSwitch } from '../find-thing.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { renderTable } from '../text/table.ts';

type StorageView = Output<'disk.list'>;
type DiskDesire = NonNullable<Input<'disk.plan'>['desire']['disks']>[number];

interface ConsentOptions extends ChangeOptions {
  readonly serial?: string;
  readonly confirmShared?: string;
}

const withConsent = (command: Command): Command =>
  withChange(command).option(
    '--confirm-shared <words>',
    `for a disk that other servers may reach: "${sharedDiskWords}"`,
  );

const printDisks = (context: CliContext, view: StorageView, options: ServerOptions): void => {
  if (options.json) return context.printJson({ schema: 'quorate.disks/1', ...view });
  printRehearsalMark(context, view.server.ref);
  context.print(
    renderTable(
      [
        { title: 'DISK' },
        { title: 'SIZE', align: 'right' },
        { title: 'BUS' },
        { title: 'PATHS' },
        { title: 'STATE' },
        { title: 'CONTENT', maxWidth: 30 },
        { title: 'SERIAL NUMBER', maxWidth: 24 },
        { title: 'UNIQUE ID', maxWidth: 40 },
      ],
      view.disks.map((disk) => [
        `#${disk.number}`,
        formatSize(disk.sizeBytes),
        busWords[disk.busType] + (disk.isShared ? ' (shared)' : ''),
        disk.pathCount === null ? '?' : String(disk.pathCount),
        `${disk.isOffline ? 'offline' : 'online'}${disk.isReadOnly ? ', read-only' : ''}${disk.isSystem || disk.isBoot ? ', system' : ''}`,
        disk.content.text,
        disk.serialNumber?.trim() ?? 'none',
        disk.uniqueId ?? 'none',
      ]),
    ),
  );
  if (view.policy)
    context.print(
      `SAN policy ${view.policy.sanPolicy ?? 'not known'}, automount ${view.policy.automount === null ? 'not known' : view.policy.automount ? 'on' : 'off'}.`,
    );
  for (const { property, because } of view.unread) context.note(`Not known: ${property} (${because}).`);
};

interface PrepareOptions extends ConsentOptions {
  readonly for?: 'witness' | 'data';
  readonly letter?: string;
  readonly label?: string;
  readonly fs?: FileSystem;
  readonly style?: 'gpt' | 'mbr';
  readonly allocationUnit?: string;
  readonly discardContent?: boolean;
}

const prepareOf = (options: PrepareOptions): Omit<DiskDesire, 'disk'> => {
  const { for: purpose } = options;
  if (purpose === undefined && options.letter === undefined)
    throw new UsageError('Say what the disk is for with --for witness or --for data, or give --letter.');
  const unit = options.allocationUnit === undefined ? null : Number(options.allocationUnit);
  if (unit !== null && !Number.isInteger(unit)) throw new UsageError('--allocation-unit is a number of bytes.');
  const isOwn =
    options.letter !== undefined || options.label !== undefined || options.fs !== undefined || unit !== null;
  const letter = options.letter ?? (purpose === 'witness' ? 'Q' : purpose === 'data' ? 'F' : null);
  return {
    ...(purpose ? { purpose } : {}),
    ...(options.style ? { partitionStyle: options.style } : {}),
    ...(isOwn
      ? {
          volume: {
            fileSystem: options.fs ?? ('NTFS' as const),
            label: options.label ?? '',
            driveLetter: letter === 'none' ? null : letter,
            allocationUnitBytes: unit,
          },
        }
      : {}),
    discardContent: options.discardContent === true,
  };
};

/** `quorate disk`: disks, partitions, letters. */
export const register = (program: Command, context: CliContext): void => {
  const disk = program.command('disk').description('disks: online, initialize, format, letters, SAN policy');
  const set = async (text: string, desire: Omit<DiskDesire, 'disk'>, options: ConsentOptions): Promise<void> => {
    const id = await findDisk(context, options.server, text);
    await runChange(
      context,
      {
        domain: 'disk',
        desire: { disks: [{ disk: id, ...desire }] },
        answers: {
          serialNumber: options.serial,
          sharedDisk: options.confirmShared,
        },
      },
      options,
    );
  };

  withServer(
    disk.command('list', { isDefault: true }).description('list every disk with its state and content'),
  ).action(async (options: ServerOptions) =>
    printDisks(context, await context.call('disk.list', { server: options.server }), options),
  );
  withServer(disk.command('rescan').description('rescan for added and removed disks, then list them')).action(
    async (options: ServerOptions) =>
      printDisks(
        context,
        await context.call('disk.rescan', { server: options.server }, context.progressLine()),
        options,
      ),
  );
  const thing = 'unique id, serial number, or #NUMBER';
  withConsent(disk.command('online').description('bring a disk online').argument('<disk>', thing)).action(
    (text: string, options: ConsentOptions) => set(text, { online: true }, options),
  );
  withConsent(disk.command('offline').description('take a disk offline').argument('<disk>', thing)).action(
    (text: string, options: ConsentOptions) => set(text, { online: false }, options),
  );
  withConsent(disk.command('writable').description('clear the read-only attribute').argument('<disk>', thing)).action(
    (text: string, options: ConsentOptions) => set(text, { writable: true }, options),
  );
  withConsent(disk.command('readonly').description('set the read-only attribute').argument('<disk>', thing)).action(
    (text: string, options: ConsentOptions) => set(text, { writable: false }, options),
  );
  withConsent(
    disk.command('initialize').description('create the partition table of a blank disk').argument('<disk>', thing),
  )
    .addOption(new Option('--style <style>', 'the partition table').choices(['gpt', 'mbr']).default('gpt'))
    .action((text: string, options: ConsentOptions & { style: 'gpt' | 'mbr' }) =>
      set(text, { online: true, writable: true, partitionStyle: options.style }, options),
    );
  withConsent(
    disk
      .command('prepare')
      .description('bring a disk online, make it writable, and create one volume with label and letter')
      .argument('<disk>', thing),
  )
    .addOption(
      new Option(
        '--for <purpose>',
        'witness: NTFS, letter Q:, at least 512 MB; data, for the virtual machines: NTFS, letter F:',
      ).choices(['witness', 'data']),
    )
    .option('--letter <letter>', 'another letter, or "none"')
    .option('--label <text>', 'the label of the volume')
    .addOption(new Option('--fs <name>', 'the file system').choices(['NTFS', 'ReFS']))
    .addOption(new Option('--style <style>', 'the partition table').choices(['gpt', 'mbr']))
    .option('--allocation-unit <bytes>', 'the allocation unit size; default: chosen by Windows')
    .option('--discard-content', 'format the existing volume, or delete all partitions; needs --serial')
    .option('--serial <text>', 'the serial number of a disk whose content may be lost')
    .action((text: string, options: PrepareOptions) => set(text, prepareOf(options), options));
  withConsent(
    disk
      .command('letter')
      .description('assign a drive letter to the volume of a disk, or remove it')
      .argument('<disk>', thing)
      .argument('<letter>', 'a letter from C to Z, or "none"'),
  ).action((text: string, letter: string, options: ConsentOptions) =>
    set(text, { driveLetter: letter === 'none' ? null : letter }, options),
  );
  withChange(
    disk
      .command('san-policy')
      .description('set what Windows does with new disks (SAN policy)')
      .addArgument(new Argument('<policy>', 'the policy').choices(sanPolicies)),
  ).action((policy: SanPolicy, options: ChangeOptions) =>
    runChange(context, { domain: 'disk', desire: { sanPolicy: policy } }, options),
  );
  withChange(
    disk.command('automount <on|off>').description('let Windows give new volumes a drive letter, or not'),
  ).action((text: string, options: ChangeOptions) =>
    runChange(context, { domain: 'disk', desire: { automount: parseSwitch(text) } }, options),
  );
};
