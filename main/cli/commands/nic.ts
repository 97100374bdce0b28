import { asClause } from '../../../shared/model/sentence.ts';
import { readFile } from 'node:fs/promises';
import { Argument, Option, type Command } from 'commander';
import type { Input, Output } from '../../../shared/contract/index.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { netbiosSettings, type NetbiosSetting } from '../../../shared/model/netbios.ts';
import type { NicRole } from '../../../shared/model/nic.ts';
import { fileReasonOf } from '../../system/reason.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findNic, parseSwitch } from '../find-thing.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { printable } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { zonedTime } from '../../../shared/model/time.ts';

type NicView = Output<'nic.list'>['nics'][number];
type NicDesire = Input<'nic.plan'>['desire']['nics'][number];

const roleWords: Readonly<Record<string, NicRole>> = {
  production: 'production',
  private: 'clusterPrivate',
  'iscsi-a': 'iscsiA',
  'iscsi-b': 'iscsiB',
  unused: 'unused',
};
const wordOfRole = (role: NicRole | null): string =>
  role === null ? '' : (Object.entries(roleWords).find(([, value]) => value === role)?.[0] ?? role);

const speedText = (bps: string | null): string => {
  if (bps === null) return 'not known';
  const megabits = Number(BigInt(bps) / 1_000_000n);
  if (megabits === 0) return '';
  return megabits >= 1000 ? `${megabits / 1000} Gbps` : `${megabits} Mbps`;
};

const addressesOf = (nic: NicView): string =>
  nic.addresses === null
    ? 'not known'
    : nic.addresses
        .filter((entry) => !/^fe80:/i.test(entry.address))
        .map(
          (entry) => `${entry.address}/${entry.prefixLength}${entry.state === 'preferred' ? '' : ` (${entry.state})`}`,
        )
        .join(', ');

const list = async (context: CliContext, options: ServerOptions): Promise<void> => {
  const view = await context.call('nic.list', { server: options.server });
  if (options.json) return context.printJson({ schema: 'quorate.nics/1', ...view });
  printRehearsalMark(context, view.server.ref);
  context.print(
    renderTable(
      [
        { title: 'NAME', maxWidth: 24 },
        { title: 'ROLE' },
        { title: 'LINK' },
        { title: 'ADDRESSES', maxWidth: 34 },
        { title: 'MAC' },
        { title: 'NOTE', maxWidth: 30 },
      ],
      view.nics.map((nic) => [
        nic.name,
        wordOfRole(nic.role),
        nic.adminStatus === 'down'
          ? 'disabled'
          : nic.mediaState === 'connected'
            ? speedText(nic.receiveLinkSpeedBps) || 'up'
            : nic.mediaState,
        addressesOf(nic),
        nic.permanentAddress ?? '',
        [
          nic.membership === null
            ? 'team or switch: not known'
            : nic.membership.kind === 'none'
              ? ''
              : nic.membership.kind,
          ...nic.carries.map((session) => `carries ${session.service} from ${session.remoteAddress}`),
        ]
          .filter((text) => text !== '')
          .join('; '),
      ]),
    ),
  );
  for (const { role, permanentAddress, interfaceGuid } of view.lostRoles)
    context.note(`The adapter with the role ${wordOfRole(role)} (${permanentAddress ?? interfaceGuid}) is not there.`);
  for (const revert of view.reverts)
    context.note(
      `Waits to be confirmed until ${zonedTime(revert.dueAt)}: ${revert.what} "quorate nic confirm ${revert.id}"`,
    );
};

const onOff = (value: boolean | null | undefined): string => (value == null ? 'not known' : value ? 'on' : 'off');

const show = async (context: CliContext, text: string, options: ServerOptions): Promise<void> => {
  const nic = await findNic(context, options.server, text);
  if (options.json) return context.printJson({ schema: 'quorate.nic/1', nic });
  const rows: [string, string][] = [
    ['Name', nic.name],
    ['Device', nic.description],
    ['Interface GUID', nic.interfaceGuid],
    ['MAC address', nic.permanentAddress ?? 'none'],
    ['MAC address in use', nic.macAddress ?? 'none'],
    ['Driver', `${nic.driver.provider ?? '?'} ${nic.driver.version ?? '?'} of ${nic.driver.date ?? '?'}`],
    ['Role', wordOfRole(nic.role) || 'none given'],
    ['Link', `${nic.adminStatus}, ${nic.mediaState}, ${speedText(nic.receiveLinkSpeedBps) || 'no speed'}`],
    ['Addresses', addressesOf(nic) || 'none'],
    ['DHCP', nic.dhcp === null ? 'not known' : `IPv4 ${onOff(nic.dhcp.ipv4)}, IPv6 ${onOff(nic.dhcp.ipv6)}`],
    [
      'Gateways',
      nic.gateways === null ? 'not known' : nic.gateways.map((gateway) => gateway.nextHop).join(', ') || 'none',
    ],
    [
      'DNS servers',
      nic.dnsServers === null ? 'not known' : [...nic.dnsServers.ipv4, ...nic.dnsServers.ipv6].join(', ') || 'none',
    ],
    ['DNS registration', onOff(nic.registersInDns)],
    ['NetBIOS', nic.netbios ?? 'not known'],
    ['File and Printer Sharing', nic.bindings === null ? 'not known' : onOff(nic.bindings['ms_server'] ?? false)],
    ['MTU', nic.mtuBytes === null ? 'not known' : `IPv4 ${nic.mtuBytes.ipv4} bytes`],
    [
      'Jumbo packet',
      nic.jumboPacket === null
        ? 'none'
        : `${nic.jumboPacket.valueBytes} bytes (of ${nic.jumboPacket.values.join(', ')})`,
    ],
    ['Power saving', nic.powerSaving ?? 'not known'],
    ['Team or switch', nic.membership?.kind ?? 'not known'],
  ];
  context.print(renderTable([{ title: '' }, { title: '', maxWidth: 90 }], rows).trim());
  for (const { property, because } of nic.unread) context.note(`Not known: ${property} (${because}).`);
};

/** Only IPv6 has colons. Whether it is an address at all is judged where it is planned, which refuses it by name. */
const isIpv6 = (text: string): boolean => text.includes(':');

const byFamily = (texts: readonly string[]): { ipv4?: string[]; ipv6?: string[] } => {
  const ipv6 = texts.filter(isIpv6);
  const ipv4 = texts.filter((text) => !isIpv6(text));
  return { ...(ipv4.length > 0 ? { ipv4 } : {}), ...(ipv6.length > 0 ? { ipv6 } : {}) };
};

interface AddressOptions extends ChangeOptions {
  readonly gateway?: string;
  readonly dns?: string[];
  readonly network?: string[];
}

interface SetOptions extends ChangeOptions {
  readonly dnsRegistration?: boolean;
  readonly netbios?: NetbiosSetting;
  readonly jumbo?: string;
  readonly sharing?: boolean;
  readonly powerSaving?: boolean;
  readonly dhcp?: boolean;
  readonly dhcp6?: boolean;
}

const setOf = (options: SetOptions): Omit<NicDesire, 'nic'> => {
  const jumbo = options.jumbo === undefined ? undefined : Number(options.jumbo);
  if (jumbo !== undefined && !Number.isInteger(jumbo))
    throw new UsageError('--jumbo is a number of bytes, such as 9014.');
  const desire: Omit<NicDesire, 'nic'> = {
    ...(options.dnsRegistration === undefined ? {} : { registersInDns: options.dnsRegistration }),
    ...(options.netbios === undefined ? {} : { netbios: options.netbios }),
    ...(jumbo === undefined ? {} : { jumboPacketBytes: jumbo }),
    ...(options.sharing === undefined ? {} : { fileAndPrinterSharing: options.sharing }),
    ...(options.powerSaving === undefined ? {} : { powerSaving: options.powerSaving }),
    ...(options.dhcp === undefined && options.dhcp6 === undefined
      ? {}
      : {
          dhcp: {
            ...(options.dhcp === undefined ? {} : { ipv4: options.dhcp }),
            ...(options.dhcp6 === undefined ? {} : { ipv6: options.dhcp6 }),
          },
        }),
  };
  if (Object.keys(desire).length === 0) throw new UsageError('Give at least one setting; --help lists the options.');
  return desire;
};

/** A wanted network from a file; NICs may be named as on the command line. */
const readDesire = async (context: CliContext, server: string, path: string): Promise<Input<'nic.plan'>['desire']> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw failure('FILE_NOT_READABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
  let raw: { nics?: { nic?: unknown }[] };
  try {
    raw = JSON.parse(text) as typeof raw;
  } catch {
    throw new UsageError(`${path} is not JSON.`);
  }
  const nics = await Promise.all(
    (raw.nics ?? []).map(async (entry) => ({
      ...entry,
      nic: (await findNic(context, server, typeof entry.nic === 'string' ? entry.nic : '')).interfaceGuid,
    })),
  );
  return { ...raw, nics };
};

const identify = async (
  context: CliContext,
  text: string | undefined,
  options: ServerOptions & { watch?: string | true; times: string },
): Promise<void> => {
  const { server } = options;
  const progress = context.progressLine();
  if ((text === undefined) === (options.watch === undefined))
    throw new UsageError('Name an adapter to blink, or give --watch and pull a cable.');
  const found =
    text === undefined
      ? await context.call(
          'nic.identify',
          { how: 'watch', server, ...(typeof options.watch === 'string' ? { seconds: Number(options.watch) } : {}) },
          progress,
        )
      : await context.call(
          'nic.identify',
          {
            how: 'blink',
            server,
            nic: (await findNic(context, server, text)).interfaceGuid,
            times: Number(options.times),
          },
          progress,
        );
  context.endProgressLine();
  if (options.json) context.printJson({ schema: 'quorate.nic-identified/1', ...found });
  else if (text !== undefined) context.print('The port LED blinked; the adapter is enabled.');
  else {
    const link = found.links.find((candidate) => candidate.interfaceGuid === found.found);
    context.print(
      link ? printable(`It is ${link.name}: its link is ${link.mediaState} now.`) : 'No link changed in time.',
    );
  }
  if (found.found === null) context.exitCode = exitCodes.unknown;
};

/** `quorate nic`: the network adapters of a server. */
export const register = (program: Command, context: CliContext): void => {
  const nic = program.command('nic').description('network adapters: roles, addresses, settings, finding a port');
  const set = async (text: string, desire: Omit<NicDesire, 'nic'>, options: ChangeOptions): Promise<void> => {
    const { interfaceGuid } = await findNic(context, options.server, text);
    await runChange(context, { domain: 'nic', desire: { nics: [{ nic: interfaceGuid, ...desire }] } }, options);
  };

  withServer(
    nic.command('list', { isDefault: true }).description('list the adapters with their roles and addresses'),
  ).action((options: ServerOptions) => list(context, options));
  withServer(nic.command('show <nic>').description('show everything about one adapter')).action(
    (text: string, options: ServerOptions) => show(context, text, options),
  );
  withChange(
    nic
      .command('role <nic>')
      .description('set the role of an adapter')
      .addArgument(new Argument('<role>', 'the role').choices(Object.keys(roleWords))),
  )
    .option('--apply', 'also apply the settings that the role needs')
    .action((text: string, word: string, options: ChangeOptions & { apply?: boolean }) =>
      set(text, { role: roleWords[word]!, applyRole: options.apply === true }, options),
    );
  withChange(nic.command('rename <nic> <name>').description('give an adapter a new name')).action(
    async (text: string, name: string, options: ChangeOptions) => {
      // Done before, the old name is not there any more; a second run has nothing to change then.
      const { nics } = await context.call('nic.list', { server: options.server });
      const isDone = nics.some((one) => one.name === name) && !nics.some((one) => one.name === text);
      await set(isDone ? name : text, { name }, options);
    },
  );
  withChange(
    nic
      .command('address <nic> <address...>')
      .description('set static addresses, such as 10.0.0.1/24; others are removed'),
  )
    .option('--network <network...>', 'refuse addresses outside this network, such as 10.0.0.0/24')
    .option('--gateway <address>', 'the default gateway; only for the production adapter')
    .option('--dns <address...>', 'the DNS servers')
    .action((text: string, addresses: string[], options: AddressOptions) =>
      set(
        text,
        {
          addresses: byFamily(addresses),
          ...(options.network ? { networks: options.network } : {}),
          ...(options.gateway === undefined
            ? {}
            : {
                gateway: isIpv6(options.gateway) ? { ipv6: options.gateway } : { ipv4: options.gateway },
              }),
          ...(options.dns ? { dnsServers: byFamily(options.dns) } : {}),
        },
        options,
      ),
    );
  withChange(
    nic
      .command('gateway <nic> <address>')
      .description('set the default gateway, or "none"; only for the production adapter'),
  )
    .option('--ipv6', 'with "none": the IPv6 gateway')
    .action((text: string, address: string, options: ChangeOptions & { ipv6?: boolean }) => {
      const isNone = address === 'none';
      const isOfIpv6 = isNone ? options.ipv6 === true : isIpv6(address);
      const value = isNone ? null : address;
      return set(text, { gateway: isOfIpv6 ? { ipv6: value } : { ipv4: value } }, options);
    });
  withChange(
    nic
      .command('dns <nic> [address...]')
      .description('set the DNS servers, in order; without an address they are removed'),
  ).action((text: string, addresses: string[], options: ChangeOptions) =>
    set(text, { dnsServers: addresses.length === 0 ? { ipv4: [], ipv6: [] } : byFamily(addresses) }, options),
  );
  withChange(
    nic
      .command('set <nic>')
      .description('change an adapter: DNS registration, NetBIOS, jumbo packet, sharing, power saving, DHCP'),
  )
    .option('--dns-registration <on|off>', 'register the addresses of the adapter in DNS', parseSwitch)
    .addOption(new Option('--netbios <setting>', 'NetBIOS over TCP/IP').choices(netbiosSettings))
    .option('--jumbo <bytes>', 'the driver’s jumbo packet, such as 9014')
    .option('--sharing <on|off>', 'File and Printer Sharing', parseSwitch)
    .option('--power-saving <on|off>', 'let Windows switch it off to save power', parseSwitch)
    .option('--dhcp <on|off>', 'DHCP for IPv4', parseSwitch)
    .option('--dhcp6 <on|off>', 'DHCP for IPv6', parseSwitch)
    .action((text: string, options: SetOptions) => set(text, setOf(options), options));
  for (const enabled of [true, false])
    withChange(
      nic
        .command(`${enabled ? 'enable' : 'disable'} <nic>`)
        .description(`${enabled ? 'enable' : 'disable'} an adapter`),
    ).action((text: string, options: ChangeOptions) => set(text, { enabled }, options));
  withChange(nic.command('harden').description('give every adapter the settings that its role needs')).action(
    async (options: ChangeOptions) => {
      const { nics } = await context.call('nic.list', { server: options.server });
      const withRole = nics.filter((one) => one.role !== null && one.role !== 'unused');
      if (withRole.length === 0) throw new UsageError('No adapter has a role yet. Give roles with "quorate nic role".');
      const desire = { nics: withRole.map((one) => ({ nic: one.interfaceGuid, applyRole: true })) };
      await runChange(context, { domain: 'nic', desire }, options);
    },
  );
  withChange(nic.command('setup <file>').description('set up all adapters of a server from a JSON file')).action(
    async (path: string, options: ChangeOptions) => {
      const desire = await readDesire(context, options.server, path);
      await runChange(context, { domain: 'nic', desire: { complete: true, ...desire } }, options);
    },
  );
  withServer(nic.command('identify [nic]').description('find a port: blink an adapter, or watch which link drops'))
    .option('--watch [seconds]', 'report the first link that changes while you pull a cable')
    .option('--times <count>', 'how often to blink', '5')
    .action((text: string | undefined, options: ServerOptions & { watch?: string | true; times: string }) =>
      identify(context, text, options),
    );
  withServer(nic.command('confirm <id>').description('keep a change that would otherwise revert automatically')).action(
    async (id: string, options: ServerOptions) => {
      const { confirmed } = await context.call('nic.confirm', { server: options.server, revert: id });
      if (options.json) context.printJson({ schema: 'quorate.nic-confirmed/1', confirmed });
      else context.print(confirmed ? 'Confirmed: the change stays.' : 'Nothing waits to be confirmed under this id.');
    },
  );
  withServer(nic.command('echo <address>').description('one ICMP echo, to prove a path or a packet size end to end'))
    .option('--bytes <count>', 'payload; 8972 unfragmented proves an MTU of 9000', '32')
    .option('--source <address>', 'send from this address of the server; without it Windows chooses one')
    .option('--fragment', 'allow fragmentation')
    .action(
      async (address: string, options: ServerOptions & { bytes: string; source?: string; fragment?: boolean }) => {
        const answer = await context.call('nic.echo', {
          server: options.server,
          destination: address,
          source: options.source ?? null,
          payloadBytes: Number(options.bytes),
          dontFragment: options.fragment !== true,
        });
        if (options.json) context.printJson({ schema: 'quorate.nic-echo/1', destination: address, ...answer });
        else
          context.print(
            answer.answered
              ? `${address} answered after ${(answer.roundTripMs ?? 0).toFixed(2)} ms.`
              : `${address} did not answer: ${asClause(answer.because ?? 'no reason given')}.`,
          );
        if (!answer.answered) context.exitCode = exitCodes.checkFailed;
      },
    );
};
