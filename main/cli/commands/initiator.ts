import { Argument, Option, type Command } from 'commander';
import type { Input, Output } from '../../../shared/contract/index.ts';
import { featureStateWords } from '../../../shared/model/roles.ts';
import { loadBalancePolicies, type LoadBalancePolicy } from '../../../shared/model/windows-iscsi.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { parsePortal, parseSwitch } from '../find-thing.ts';
import { readSecret } from '../read-secret.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { printable } from '../text/style.ts';
import { renderTable } from '../text/table.ts';

type InitiatorView = Output<'initiator.read'>;
type Desire = Input<'initiator.plan'>['desire'];

interface ChapOptions {
  readonly chapUser?: string;
  readonly chapSecretFile?: string;
  readonly mutual?: boolean;
}

const secretName = 'CHAP secret';
const mutualName = 'mutual CHAP secret';

const withChap = (command: Command): Command =>
  command
    .option('--chap-user <name>', 'the CHAP name')
    .option('--chap-secret-file <file>', 'a file with the secret in its first line; - reads standard input');

const chapOf = async (
  context: CliContext,
  options: ChapOptions,
): Promise<{
  authentication: { kind: 'none' } | { kind: 'oneWayChap' | 'mutualChap'; userName: string; secretName: string };
  secrets: Record<string, string>;
}> => {
  const { chapUser, chapSecretFile } = options;
  if ((chapUser === undefined) !== (chapSecretFile === undefined))
    throw new UsageError('--chap-user and --chap-secret-file belong together.');
  if (chapUser === undefined || chapSecretFile === undefined) {
    if (options.mutual) throw new UsageError('--mutual needs --chap-user and --chap-secret-file.');
    return { authentication: { kind: 'none' }, secrets: {} };
  }
  return {
    authentication: { kind: options.mutual ? 'mutualChap' : 'oneWayChap', userName: chapUser, secretName },
    secrets: { [secretName]: await readSecret(context, chapSecretFile) },
  };
};

const portalText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

const unread = (view: InitiatorView, property: string): string =>
  `not known (${(view.state.unread.find((entry) => entry.property === property)?.because ?? 'it was not read').replace('INITIATOR_SERVICE_STOPPED', 'the service is not running')})`;

const printPaths = (context: CliContext, view: InitiatorView): void => {
  if (view.paths.length === 0) return context.print('There is no favorite target and no session.');
  context.print(
    renderTable(
      [
        { title: 'VERDICT' },
        { title: 'WANTED' },
        { title: 'FROM' },
        { title: 'NIC', maxWidth: 16 },
        { title: 'PORTAL' },
        { title: 'TARGET', maxWidth: 40 },
        { title: 'WHY', maxWidth: 50 },
      ],
      view.paths.map(({ path, nic, wanted, verdict, text }) => [
        verdict,
        wanted ? 'yes' : 'no',
        path.initiatorPortalAddress,
        nic?.name ?? 'none',
        portalText(path.targetPortalAddress, path.targetPortalPort),
        path.targetNodeAddress,
        text,
      ]),
    ),
  );
};

const show = async (context: CliContext, options: ServerOptions): Promise<void> => {
  const view = await context.call('initiator.read', { server: options.server });
  if (options.json) return context.printJson({ schema: 'quorate.initiator/1', ...view });
  const { state, mpio } = view;
  printRehearsalMark(context, view.server.ref);
  const rows: [string, string][] = [
    ['Service', `${state.service.state ?? 'not there'}, startup type ${state.service.startMode ?? 'not known'}`],
    ['Name', state.iqn ?? unread(view, 'iqn')],
    [
      'Firewall rules',
      state.firewallRules === null
        ? unread(view, 'firewallRules')
        : `${state.firewallRules.filter((rule) => rule.enabled).length} of ${state.firewallRules.length} on`,
    ],
    [
      'Multipath I/O',
      mpio === null
        ? 'not known'
        : `${featureStateWords[mpio.feature]}, iSCSI claim ${mpio.claimsIscsi === null ? 'not known' : mpio.claimsIscsi ? 'on' : 'off'}, policy ${mpio.loadBalancePolicy ?? 'not known'}`,
    ],
    [
      'Portals',
      state.portals === null
        ? unread(view, 'portals')
        : state.portals
            .map(
              (portal) =>
                `${portalText(portal.targetPortalAddress, portal.targetPortalPort)} from ${portal.initiatorPortalAddress ?? 'any'}`,
            )
            .join('; ') || 'none',
    ],
    [
      'Targets',
      state.targets === null
        ? unread(view, 'targets')
        : state.targets
            .map((target) => `${target.nodeAddress}${target.isConnected ? ' (connected)' : ''}`)
            .join('; ') || 'none',
    ],
    [
      'Bound volumes',
      state.boundVolumes === null ? unread(view, 'boundVolumes') : state.boundVolumes.join('; ') || 'none',
    ],
  ];
  context.print(renderTable([{ title: '' }, { title: '', maxWidth: 90 }], rows).trim());
  context.print();
  printPaths(context, view);
};

const sessions = async (context: CliContext, options: ServerOptions): Promise<void> => {
  const view = await context.call('initiator.read', { server: options.server });
  const list = view.state.sessions;
  if (options.json)
    context.printJson({
      schema: 'quorate.iscsi-sessions/1',
      sessions: list,
      favourites: view.state.favourites,
      unread: view.state.unread,
    });
  else if (list === null) context.print(`The sessions are ${unread(view, 'sessions')}.`);
  else {
    if (list.length === 0) context.print('There is no session.');
    else
      context.print(
        renderTable(
          [
            { title: 'SESSION', maxWidth: 36 },
            { title: 'TARGET', maxWidth: 40 },
            { title: 'BOUND TO' },
            { title: 'CONNECTIONS', maxWidth: 44 },
            { title: 'STATE' },
          ],
          list.map((session) => [
            session.sessionIdentifier,
            session.targetNodeAddress,
            session.initiatorPortalAddress ?? 'not bound',
            session.connections === null
              ? 'not known'
              : session.connections
                  .map((one) => `${one.initiatorAddress} to ${portalText(one.targetAddress, one.targetPort)}`)
                  .join('; '),
            `${session.isConnected ? 'connected' : 'not connected'}${session.isPersistent ? ', persistent' : ''}`,
          ]),
        ),
      );
    for (const favourite of view.state.favourites ?? [])
      context.print(
        printable(
          `Favorite target: ${favourite.targetNodeAddress} from ${favourite.initiatorPortalAddress ?? 'any address'} over ${favourite.targetPortalAddress ?? 'any portal'}`,
        ),
      );
  }
  if (list === null) context.exitCode = exitCodes.unknown;
};

const prove = async (context: CliContext, options: ServerOptions): Promise<void> => {
  const view = await context.call('initiator.read', { server: options.server });
  if (options.json) context.printJson({ schema: 'quorate.iscsi-paths/1', paths: view.paths });
  else printPaths(context, view);
  const wanted = view.paths.filter((path) => path.wanted);
  if (wanted.some((path) => path.verdict !== 'proven' && path.verdict !== 'unknown'))
    context.exitCode = exitCodes.checkFailed;
  else if (wanted.length === 0 || wanted.some((path) => path.verdict === 'unknown'))
    context.exitCode = exitCodes.unknown;
};

interface PathOptions extends ChangeOptions, ChapOptions {
  readonly from?: string;
  readonly portal?: string;
  readonly session?: string;
  readonly multipath: boolean;
  readonly headerDigest?: boolean;
  readonly dataDigest?: boolean;
}

const pathOf = (target: string, options: PathOptions) => {
  if (options.from === undefined || options.portal === undefined)
    throw new UsageError('Name the path with --from and --portal.');
  return { targetNodeAddress: target, initiatorPortalAddress: options.from, ...parsePortal(options.portal) };
};

/** `quorate initiator`: the Microsoft iSCSI initiator and multipath I/O. */
export const register = (program: Command, context: CliContext): void => {
  const initiator = program
    .command('initiator')
    .description('iSCSI logons of Windows: service, portals, paths, multipath');
  const set = (desire: Desire, options: ChangeOptions, secrets: Record<string, string> = {}): Promise<void> =>
    runChange(context, { domain: 'initiator', desire, secrets }, options);

  withServer(
    initiator.command('show', { isDefault: true }).description('service, name, portals, targets and every path'),
  ).action((options: ServerOptions) => show(context, options));
  withServer(initiator.command('sessions').description('sessions, connections and favorite targets')).action(
    (options: ServerOptions) => sessions(context, options),
  );
  withServer(
    initiator
      .command('prove')
      .description('check that every configured path is connected (exit codes: 4 no, 5 unknown)'),
  ).action((options: ServerOptions) => prove(context, options));
  withChange(
    initiator
      .command('prepare')
      .description('prepare the initiator: service, firewall rules, Multipath I/O and its claim for iSCSI'),
  )
    .option('--no-mpio', 'without multipath I/O: one path only')
    .action((options: ChangeOptions & { mpio: boolean }) =>
      set(
        { service: true, firewall: true, ...(options.mpio ? { mpio: { installed: true, claimsIscsi: true } } : {}) },
        options,
      ),
    );
  withChange(
    initiator
      .command('service')
      .description('the Microsoft iSCSI Initiator Service')
      .addArgument(new Argument('<state>').choices(['start', 'stop'])),
  ).action((state: string, options: ChangeOptions) => set({ service: state === 'start' }, options));
  withChange(initiator.command('firewall <on|off>').description('Windows’ own firewall rules for iSCSI')).action(
    (text: string, options: ChangeOptions) => set({ firewall: parseSwitch(text) }, options),
  );
  withChange(initiator.command('name [iqn]').description('show or set the initiator’s name')).action(
    async (iqn: string | undefined, options: ChangeOptions) => {
      if (iqn !== undefined) return set({ iqn }, options);
      const view = await context.call('initiator.read', { server: options.server });
      if (options.json)
        context.printJson({ schema: 'quorate.initiator-name/1', iqn: view.state.iqn, unread: view.state.unread });
      else context.print(view.state.iqn ?? `The name is ${unread(view, 'iqn')}.`);
      if (view.state.iqn === null) context.exitCode = exitCodes.unknown;
    },
  );
  withChange(
    initiator.command('mutual-secret').description('the CHAP secret that targets authenticate with (mutual CHAP)'),
  )
    .option('--secret-file <file>', 'a file with the secret in its first line; - reads standard input')
    .option('--remove', 'remove it')
    .action(async (options: ChangeOptions & { secretFile?: string; remove?: boolean }) => {
      if ((options.secretFile === undefined) === (options.remove === undefined))
        throw new UsageError('Give either --secret-file or --remove.');
      if (options.secretFile === undefined) return set({ mutualSecretName: null }, options);
      return set({ mutualSecretName: mutualName }, options, {
        [mutualName]: await readSecret(context, options.secretFile),
      });
    });
  withChange(initiator.command('mpio').description('multipath I/O: feature, claim for iSCSI, load-balance policy'))
    .option('--install', 'install the feature')
    .option('--claim <on|off>', 'let Multipath I/O claim iSCSI disks automatically', parseSwitch)
    .addOption(
      new Option('--policy <policy>', 'load-balance policy for disks claimed from now on').choices(loadBalancePolicies),
    )
    .action((options: ChangeOptions & { install?: boolean; claim?: boolean; policy?: LoadBalancePolicy }) => {
      const { install, claim, policy } = options;
      if (install === undefined && claim === undefined && policy === undefined)
        throw new UsageError('Give --install, --claim or --policy.');
      const mpio = {
        ...(install ? { installed: true as const } : {}),
        ...(claim === undefined ? {} : { claimsIscsi: claim }),
        ...(policy === undefined ? {} : { loadBalancePolicy: policy }),
      };
      return set({ mpio }, options);
    });

  const portal = initiator.command('portal').description('target portals that Windows asks for targets');
  withChap(withChange(portal.command('add <portal>').description('add a target portal: ADDRESS[:PORT]')))
    .option('--from <address>', 'the source address: that of the iSCSI NIC')
    .action(async (text: string, options: PathOptions) => {
      const { authentication, secrets } = await chapOf(context, options);
      await set(
        { portals: [{ ...parsePortal(text), initiatorPortalAddress: options.from ?? null, authentication }] },
        options,
        secrets,
      );
    });
  withChange(portal.command('remove <portal>').description('remove a target portal')).action(
    (text: string, options: ChangeOptions) => set({ portals: [{ ...parsePortal(text), present: false }] }, options),
  );
  withChange(initiator.command('discover').description('refresh the targets of all portals')).action(
    (options: ChangeOptions) => set({ discover: true }, options),
  );
  withChap(
    withChange(
      initiator
        .command('logon <target>')
        .description('log on over one path, persistent and bound to its source address'),
    ),
  )
    .option('--from <address>', 'the source address: that of the iSCSI NIC')
    .option('--portal <portal>', 'the target portal: ADDRESS[:PORT]')
    .option('--no-multipath', 'without multipath I/O')
    .option('--mutual', 'this server also authenticates the target (see mutual-secret)')
    .option('--header-digest', 'CRC-32C over headers')
    .option('--data-digest', 'CRC-32C over data')
    .action(async (target: string, options: PathOptions) => {
      const { authentication, secrets } = await chapOf(context, options);
      const path = {
        ...pathOf(target, options),
        isMultipathEnabled: options.multipath,
        isHeaderDigest: options.headerDigest === true,
        isDataDigest: options.dataDigest === true,
        authentication,
      };
      await set({ paths: [path] }, options, secrets);
    });
  withChange(
    initiator
      .command('logoff [target]')
      .description('log off one path and remove its favorite target, or log off one session'),
  )
    .option('--from <address>', 'the source address of the path')
    .option('--portal <portal>', 'the target portal of the path')
    .option('--session <id>', 'a session by its identifier')
    .action((target: string | undefined, options: PathOptions) => {
      if ((target === undefined) === (options.session === undefined))
        throw new UsageError('Name a target with --from and --portal, or give --session.');
      return target === undefined
        ? set({ logOff: [options.session!] }, options)
        : set({ paths: [{ ...pathOf(target, options), present: false }] }, options);
    });
  withChange(
    initiator
      .command('remove-favorite <target>')
      .alias('remove-favourite')
      .description('remove a favorite target; an option that is left out matches any'),
  )
    .option('--from <address>', 'its source address')
    .option('--portal <portal>', 'its target portal')
    .action((target: string, options: PathOptions) => {
      const at =
        options.portal === undefined
          ? { targetPortalAddress: null, targetPortalPort: null }
          : parsePortal(options.portal);
      return set(
        { removeFavourites: [{ targetNodeAddress: target, initiatorPortalAddress: options.from ?? null, ...at }] },
        options,
      );
    });
  withChange(
    initiator
      .command('bind-volumes')
      .description('bind the volumes on iSCSI disks, so that the service waits for them at startup'),
  ).action((options: ChangeOptions) => set({ bindVolumes: true }, options));
};
