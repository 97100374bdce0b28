import { InvalidArgumentError, type Command } from 'commander';
import type { Progress } from '../../../shared/contract/define.ts';
import { formatSize, parseSize } from '../../../shared/model/size.ts';
import type { Input } from '../../../shared/contract/index.ts';
import type { ServedTarget, TargetNews } from '../../../shared/contract/target.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { addressFamilyOf } from '../../../shared/model/address.ts';
import type { CliContext } from '../context.ts';
import { readChapSecret } from '../read-secret.ts';
import { repeated } from '../repeated.ts';
import { renderTable } from '../text/table.ts';

type ServeInput = Input<'target.serve'>;
type Listen = NonNullable<ServeInput['listen']>[number];
type Lun = ServeInput['luns'][number];

const defaultPort = 3260;

/** `HOST`, `HOST:PORT`, `[IPV6]:PORT`, each with `,TAG` for a portal group; port 0 selects a free one. */
export const parseListen = (text: string): Listen => {
  const match = /^(?:\[([^\]]+)\]|([^:,]+)|([0-9a-fA-F:.%]+))(?::(\d{1,5}))?(?:,(\d{1,5}))?$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? defaultPort : Number(match[4]);
  const tag = match?.[5] === undefined ? undefined : Number(match[5]);
  const isBare = match?.[3] !== undefined && addressFamilyOf(match[3]) !== 'ipv6';
  if (host === undefined || isBare || port > 65535 || (tag !== undefined && (tag < 1 || tag > 65535))) {
    throw new InvalidArgumentError('It is HOST[:PORT][,PORTAL-GROUP], with an IPv6 address in brackets.');
  }
  return { host, port, ...(tag === undefined ? {} : { portalGroupTag: tag }) };
};

const leastLunBytes = 512n;

/** A limit of the target: 1 to 65535. */
export const parseLimit = (text: string): number => {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 65_535) throw new InvalidArgumentError('It is a number from 1 to 65535.');
  return limit;
};

/** `SIZE` (in memory), `FILE` (it exists) or `FILE,SIZE` (it is made); k, M, G and T count by 1024. */
export const parseLun = (text: string): Lun => {
  const size = parseSize(text);
  const comma = text.lastIndexOf(',');
  const newSize = comma < 0 ? null : parseSize(text.slice(comma + 1));
  if ((size ?? newSize ?? leastLunBytes) < leastLunBytes)
    throw new InvalidArgumentError('A LUN has at least one block of 512 bytes; give a size such as 10G.');
  if (size !== null) return { sizeBytes: size.toString(), file: null };
  if (newSize !== null) return { sizeBytes: newSize.toString(), file: text.slice(0, comma) };
  return { sizeBytes: null, file: text };
};

const readCredentials = async (
  context: CliContext,
  user: string | undefined,
  file: string | undefined,
): Promise<ServeInput['chap']> => {
  if (user === undefined && file === undefined) return null;
  if (user === undefined || file === undefined) {
    throw failure('TARGET_CHAP_UNUSABLE', { reason: 'a user and a file with the secret belong together' });
  }
  return { user, secret: await readChapSecret(context, file, user) };
};

const showFaults = async (context: CliContext, json: boolean): Promise<void> => {
  const { faults, steps } = await context.call('target.faults', {});
  if (json) {
    context.printJson({ schema: 'quorate.target-faults/1', faults, steps });
    return;
  }
  context.print(
    renderTable(
      [{ title: 'FAULT' }, { title: 'WHAT THE TARGET DOES WRONG', maxWidth: 78 }],
      faults.map((one) => [one.form, one.what]),
    ),
  );
  context.print();
  context.print(
    renderTable(
      [{ title: 'STEP' }, { title: 'WHEN', maxWidth: 78 }],
      steps.map((one) => [one.name, one.what]),
    ),
  );
};

const portalText = ({ host, port, portalGroupTag }: ServedTarget['portals'][number]): string =>
  `${addressFamilyOf(host) === 'ipv6' ? `[${host}]` : host}:${port},${portalGroupTag}`;

const describe = (context: CliContext, target: ServedTarget): void => {
  context.print(`Target  ${target.name}`);
  for (const portal of target.portals) context.print(`Portal  ${portalText(portal)}`);
  for (const lun of target.luns) {
    context.print(`LUN ${lun.lun}   ${formatSize(lun.sizeBytes)}, serial ${lun.serial}, ${lun.file ?? 'in memory'}`);
  }
  for (const fault of target.faults) context.print(`Fault   ${fault}`);
};

interface ServeOptions {
  listen?: Listen[];
  lun?: Lun[];
  name?: string;
  chapUser?: string;
  chapSecretFile?: string;
  mutualUser?: string;
  mutualSecretFile?: string;
  admit?: string[];
  fault?: string[];
  maxSessions?: number;
  maxRegistrations?: number;
  lab?: boolean;
  listFaults?: boolean;
  json?: boolean;
}

const serve = async (context: CliContext, options: ServeOptions): Promise<void> => {
  if (options.listFaults) return showFaults(context, options.json === true);
  const input: ServeInput = {
    ...(options.name === undefined ? {} : { name: options.name }),
    listen: options.listen ?? [],
    luns: options.lun ?? [parseLun('1G')],
    chap: await readCredentials(context, options.chapUser, options.chapSecretFile),
    mutualChap: await readCredentials(context, options.mutualUser, options.mutualSecretFile),
    admit: options.admit ?? [],
    faults: options.fault ?? [],
    ...(options.maxSessions === undefined ? {} : { maxSessions: options.maxSessions }),
    ...(options.maxRegistrations === undefined ? {} : { maxRegistrations: options.maxRegistrations }),
    lab: options.lab === true,
  };
  context.note('This target is not for data: it is a rehearsal’s disk array, with faults on demand.');
  const show = ({ doing, data }: Progress): void => {
    const news = data as TargetNews | undefined;
    if (options.json) {
      // One JSON document per line while it runs: a script waits for "started" and reads the port there.
      if (news) context.streams.stdout.write(`${JSON.stringify({ schema: 'quorate.target-news/1', ...news })}\n`);
      return;
    }
    if (news?.kind !== 'started') return context.note(doing);
    describe(context, news.target);
    context.note('Ctrl-C ends it.');
  };
  const served = await context.call('target.serve', input, show);
  if (options.json) {
    context.streams.stdout.write(`${JSON.stringify({ schema: 'quorate.target-served/1', ...served })}\n`);
    return;
  }
  context.note(
    `The target ended. It served ${served.sessionsServed} sessions and refused ${served.loginsRefused} logins.`,
  );
};

/** `quorate target`: the embedded iSCSI target. */
export const register = (program: Command, context: CliContext): void => {
  const target = program
    .command('target')
    .description('the practice target: an iSCSI target inside Quorate for rehearsals and labs, not for data');

  target
    .command('serve')
    .description('serve LUNs over iSCSI until Ctrl-C; not for data')
    .option(
      '--listen <host[:port][,group]>',
      'a portal; 127.0.0.1:3260 by default; may be repeated',
      repeated(parseListen),
    )
    .option(
      '--lun <size|file|file,size>',
      'a LUN, such as 10G or disk.img,10G; 1G by default; may be repeated',
      repeated(parseLun),
    )
    .option('--name <iqn>', 'the target’s name')
    .option('--chap-user <user>', 'CHAP name an initiator authenticates with')
    .option('--chap-secret-file <file>', 'a file with the secret; - reads standard input')
    .option('--mutual-user <user>', 'CHAP name the target authenticates with')
    .option('--mutual-secret-file <file>', 'a file with the target’s secret')
    .option('--admit <iqn>', 'an initiator that may log in; everybody by default; may be repeated', repeated(String))
    .option('--fault <name[:arg]>', 'a fault; --list-faults shows them; may be repeated', repeated(String))
    .option('--list-faults', 'list the faults and the steps at which they can strike')
    .option('--max-sessions <n>', 'how many sessions there may be at once; 256 by default', parseLimit)
    .option('--max-registrations <n>', 'how many registrations a LUN has room for; 256 by default', parseLimit)
    .option('--lab', 'allow other addresses than loopback')
    .option('--json', 'one JSON document per line for all that happens')
    .action((options: ServeOptions) => serve(context, options));

  target
    .command('list')
    .description('list the targets that the running core serves')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { json?: boolean }) => {
      const { targets } = await context.call('target.list', {});
      if (options.json) context.printJson({ schema: 'quorate.targets/1', targets });
      else if (targets.length === 0) context.print('No target is served.');
      else for (const one of targets) describe(context, one);
    });

  target
    .command('fault [fault...]')
    .description('switch faults of the served target on, or off with --off')
    .option('--off <name[:arg]>', 'a fault to switch off; a name alone means all of that name', repeated(String))
    .option('--id <id>', 'which target, where several are served')
    .option('--json', 'one JSON document on stdout')
    .action(async (on: string[], options: { off?: string[]; id?: string; json?: boolean }) => {
      const { faults } = await context.call('target.changeFaults', {
        id: options.id ?? null,
        on,
        off: options.off ?? [],
      });
      if (options.json) context.printJson({ schema: 'quorate.target-fault/1', faults });
      else context.print(faults.length === 0 ? 'The target behaves.' : `Faults: ${faults.join(', ')}`);
    });
};
