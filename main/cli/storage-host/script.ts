import { Option, type Command } from 'commander';
import { capital } from '../../../shared/availability/words.ts';
import { isAddress } from '../../../shared/model/address.ts';
import { problemOf } from '../../../shared/model/issue-words.ts';
import {
  linuxStorageSchema,
  linuxStorageScript,
  linuxTargetKinds,
  type LinuxTargetKind,
} from '../../../shared/model/storage-host-script.ts';
import { iscsiPort } from '../../../shared/model/storage-host.ts';
import { UsageError, type CliContext } from '../context.ts';
import { collectNotEmpty } from '../iscsi/access.ts';
import { diskOf, initiatorOf } from './options.ts';

/** `ADDRESS`, `ADDRESS:PORT` or `[IPv6]:PORT`. */
const portalOf = (text: string): { readonly address: string; readonly port: number } => {
  const match = /^(?:\[([0-9A-Fa-f:]+)\]|([0-9.]+)|([0-9A-Fa-f:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
  if (!isAddress(address)) throw new UsageError(`--portal ${text} is not an address.`);
  return { address, port: match?.[4] === undefined ? iscsiPort : Number(match[4]) };
};

interface ScriptOptions {
  readonly kind: LinuxTargetKind;
  readonly folder: string;
  readonly disk: readonly string[];
  readonly initiator: readonly string[];
  readonly portal: readonly string[];
  readonly chapUser?: string;
  readonly json?: boolean;
}

/** `quorate storage-host script`: the same on Linux, as commands to read and run. */
export const registerScript = (host: Command, context: CliContext): void => {
  host
    .command('script <iqn>')
    .description('print a shell script that makes a Linux server offer the disks; read it, then run it there')
    .addOption(
      new Option('--kind <kind>', 'lio: the target of the Linux kernel; tgt: a target in user space')
        .choices(linuxTargetKinds)
        .makeOptionMandatory(),
    )
    .requiredOption('--folder <folder>', 'the folder for the files, such as /srv/iscsi')
    .addOption(
      new Option('--disk <name=size>', 'a disk; one option for each').argParser(collectNotEmpty).makeOptionMandatory(),
    )
    .addOption(
      new Option('--initiator <iqn>', 'the initiator name of a node; one option for each')
        .argParser(collectNotEmpty)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--portal <address>', 'an address of that machine, with :PORT where it is not 3260')
        .argParser(collectNotEmpty)
        .makeOptionMandatory(),
    )
    .option('--chap-user <name>', 'the CHAP user name of the initiators; the script asks for the secret')
    .option('--json', 'one JSON document on stdout')
    .action((target: string, options: ScriptOptions) => {
      const parsed = linuxStorageSchema.safeParse({
        kind: options.kind,
        target,
        folder: options.folder,
        disks: options.disk.map(diskOf),
        initiators: options.initiator.map(initiatorOf),
        portals: options.portal.map(portalOf),
        chapUser: options.chapUser ?? null,
      });
      if (!parsed.success) throw new UsageError(`${capital(problemOf(parsed.error.issues))}.`);
      const script = linuxStorageScript(parsed.data);
      if (options.json) context.printJson({ schema: 'quorate.storage-host-script/1', ...parsed.data, script });
      else context.print(script.replace(/\n$/, ''));
    });
};
