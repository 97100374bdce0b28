import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Input, Output } from '../../../shared/contract/index.ts';
import {
  clusterDiskUse,
  nameAccountTrouble,
  networkRoles,
  type Cluster,
  type ClusterNetworkRole,
} from '../../../shared/model/cluster.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { registerEvents } from '../cluster/events-command.ts';
import { registerCheck } from '../cluster/check-commands.ts';
import { registerValidation } from '../cluster/validation-commands.ts';
import { UsageError, type CliContext } from '../context.ts';
import { findDisk } from '../find-thing.ts';
import { collectNotEmpty } from '../iscsi/access.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { renderTable } from '../text/table.ts';

type ClusterChange = Input<'cluster.apply'>['desire']['changes'][number];
type ClusterView = Output<'cluster.read'>;

const membershipWords: Readonly<Record<ClusterView['state']['membership'], string>> = {
  none: 'is in no cluster',
  member: 'is a node',
  leftover: 'holds what a failed creation left behind; clear it with "quorate cluster clear-node"',
  stopped: 'is a node, and its cluster service is not running',
  notInstalled:
    'does not have Failover Clustering; install it with "quorate roles install --feature Failover-Clustering --feature RSAT-Clustering-PowerShell"',
};

const networkUse: Readonly<Record<ClusterNetworkRole, string>> = {
  none: 'not used',
  cluster: 'cluster only',
  clusterAndClient: 'cluster and clients',
};

/** Whether live migration uses a network, and as which of those that it tries first. */
const migrationUse = ({ migrationExcludes, migrationOrder }: Cluster, id: string): string => {
  if (!migrationExcludes) return '?';
  if (migrationExcludes.includes(id)) return 'no';
  const at = migrationOrder?.indexOf(id) ?? -1;
  return at < 0 ? 'yes' : `${at + 1}`;
};

const printStatus = (context: CliContext, view: ClusterView, options: ServerOptions): void => {
  if (options.json) return context.printJson({ schema: 'quorate.cluster/1', ...view });
  printRehearsalMark(context, view.server.ref);
  const { cluster, membership, unread } = view.state;
  if (!cluster) {
    context.print(`${view.server.computerName} ${membershipWords[membership]}.`);
    for (const { property, because } of unread) context.note(`Not known: ${property} (${because}).`);
    return;
  }
  const trouble = nameAccountTrouble(cluster);
  if (trouble !== null) context.print(`The name ${cluster.name} ${trouble}. See "quorate cluster repair-name".`);
  const votes = cluster.nodes.reduce((sum, node) => sum + node.currentVote, cluster.witness.currentVote);
  context.print(`${cluster.name} (${cluster.addresses.join(', ') || 'no address of its own'})`);
  context.print(
    `Quorum: ${votes} ${votes === 1 ? 'vote' : 'votes'}, witness ${cluster.witness.kind === 'none' ? 'none' : `${cluster.witness.resource ?? cluster.witness.kind} (${cluster.witness.currentVote === 1 ? 'votes' : 'does not vote now'})`}.`,
  );
  context.print(
    renderTable(
      [{ title: 'NODE' }, { title: 'STATE' }, { title: 'VOTE', align: 'right' }],
      cluster.nodes.map(({ name, state, currentVote }) => [name, state, String(currentVote)]),
    ),
  );
  context.print(
    renderTable(
      [
        { title: 'NETWORK' },
        { title: 'SUBNET' },
        { title: 'USE' },
        { title: 'METRIC', align: 'right' },
        { title: 'LIVE MIGRATION' },
        { title: 'STATE' },
      ],
      cluster.networks.map(({ id, name, address, prefixLength, role, metric, autoMetric, state }) => [
        name,
        `${address}/${prefixLength}`,
        networkUse[role],
        `${metric}${autoMetric ? ' (auto)' : ''}`,
        migrationUse(cluster, id),
        state,
      ]),
    ),
  );
  if (cluster.disks.length > 0)
    context.print(
      renderTable(
        [
          { title: 'DISK' },
          { title: 'SIZE', align: 'right' },
          { title: 'USE' },
          { title: 'ON' },
          { title: 'STATE' },
          { title: 'PATH' },
        ],
        cluster.disks.map(({ name, sizeBytes, use, ownerNode, state, path, driveLetter }) => [
          name,
          sizeBytes === null ? '?' : formatSize(sizeBytes),
          clusterDiskUse[use],
          ownerNode,
          state,
          path ?? (driveLetter === null ? '' : `${driveLetter}:`),
        ]),
      ),
    );
  context.print(
    renderTable(
      [{ title: 'GROUP' }, { title: 'ON' }, { title: 'STATE' }],
      cluster.groups.map(({ name, ownerNode, state }) => [name, ownerNode, state]),
    ),
  );
  for (const { property, because } of unread) context.note(`Not known: ${property} (${because}).`);
};

const noCluster =
  'This server is in no cluster, or its cluster service does not run. "quorate cluster status" says which.';

/** The id of a cluster network by its name, id or subnet. */
const findNetwork = (cluster: Cluster | null, text: string): string => {
  if (!cluster) throw new UsageError(noCluster);
  const wanted = text.trim().toLowerCase();
  const found = cluster.networks.filter(({ id, name, address, prefixLength }) =>
    [id, name, address, `${address}/${prefixLength}`].some((one) => one.toLowerCase() === wanted),
  );
  const [network] = found;
  if (!network) throw new UsageError(`The cluster has no network ${text}. "quorate cluster status" lists them.`);
  return network.id;
};

interface NetworkOptions {
  readonly name?: string;
  readonly use?: ClusterNetworkRole;
  readonly metric?: number | null;
}

const metricOf = (text: string): number | null => {
  if (text === 'auto') return null;
  if (!/^[1-9]\d{0,8}$/.test(text) || Number(text) > 0x0f_ff_ff_ff)
    throw new InvalidArgumentError('It is a number from 1 to 268435455, or auto.');
  return Number(text);
};

interface ConfirmOptions extends ChangeOptions {
  readonly confirm?: string;
}

/** The verbs that change the cluster, each a plan that is shown before anything is done. */
const registerChanges = (cluster: Command, context: CliContext): void => {
  const run = (title: string, changes: ClusterChange[], options: ConfirmOptions): Promise<void> =>
    runChange(context, { domain: 'cluster', desire: { title, changes }, answers: { agree: options.confirm } }, options);
  const read = async (server: string): Promise<Cluster | null> =>
    (await context.call('cluster.read', { server })).state.cluster;
  const diskOf = async (options: ChangeOptions, text: string): Promise<string> => {
    const named = (await read(options.server))?.disks.find(({ name }) => name.toLowerCase() === text.toLowerCase());
    return named?.disk ?? (await findDisk(context, options.server, text));
  };
  const named = (verb: string, argument: string, text: string, change: (name: string) => ClusterChange): Command =>
    withChange(cluster.command(`${verb} ${argument}`).description(text)).action(
      async (name: string, options: ConfirmOptions) => run(`${verb}: ${name}`, [change(name)], options),
    );
  const confirm = ['--confirm <name>', 'the name again, to confirm what cannot be undone'] as const;

  withChange(
    cluster
      .command('create <name>')
      .description('create a cluster with one node, then add the others; without storage'),
  )
    .addOption(
      new Option('--node <node>', 'computer name of a node; the cluster is created on the first')
        .argParser(collectNotEmpty)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--address <address>', 'its static address in a network without DHCP').argParser(collectNotEmpty),
    )
    .addOption(
      new Option('--ignore-network <subnet>', 'a subnet that gets no address, such as 10.0.1.0/24').argParser(
        collectNotEmpty,
      ),
    )
    .addOption(
      new Option('--access-point <where>', 'where its name is registered')
        .choices(['activeDirectoryAndDns', 'dns', 'none'])
        .default('activeDirectoryAndDns'),
    )
    .action(
      async (
        name: string,
        options: ChangeOptions & {
          node: string[];
          address?: string[];
          ignoreNetwork?: string[];
          accessPoint: Cluster['accessPoint'];
        },
      ) => {
        const [first = '', ...others] = options.node;
        await run(
          `Create the cluster ${name}`,
          [
            {
              do: 'cluster.create',
              name,
              node: first,
              addresses: options.address ?? [],
              ignoreNetworks: options.ignoreNetwork ?? [],
              accessPoint: options.accessPoint,
            },
            ...others.map((node): ClusterChange => ({ do: 'cluster.addNode', node })),
          ],
          options,
        );
      },
    );
  named('add-node', '<node>', 'add a server to the cluster', (node) => ({ do: 'cluster.addNode', node }));
  named('pause', '<node>', 'pause a node and move its roles away', (node) => ({ do: 'cluster.pauseNode', node }));
  named('resume', '<node>', 'resume a paused node, so that it can run roles again', (node) => ({
    do: 'cluster.resumeNode',
    node,
  }));
  named('evict', '<node>', 'evict a node from the cluster', (node) => ({ do: 'cluster.evictNode', node })).option(
    ...confirm,
  );
  named('clear-node', '<node>', 'remove what a failed creation left behind on a server', (node) => ({
    do: 'cluster.clearNode',
    node,
  }));
  named('destroy', '<cluster>', 'destroy the cluster; data and virtual machines stay', (name) => ({
    do: 'cluster.destroy',
    name,
  })).option(...confirm);

  withChange(
    cluster
      .command('repair-name')
      .description(
        'reset the password of the cluster name object in Active Directory to the one that the cluster stores',
      ),
  ).action(async (options: ChangeOptions) => {
    const name = (await read(options.server))?.name;
    if (name === undefined) throw new UsageError(noCluster);
    await run(`Repair the account of ${name}`, [{ do: 'cluster.repairName', name }], options);
  });

  withChange(
    cluster
      .command('network <network>')
      .description('rename a network of the cluster, set what it is used for and its metric'),
  )
    .option('--name <name>', 'its new name')
    .addOption(new Option('--use <use>', 'what the cluster uses it for').choices(networkRoles))
    .option('--metric <number>', 'its metric, or auto; the cluster prefers the lowest', metricOf)
    .action(async (text: string, options: ChangeOptions & NetworkOptions) => {
      if (options.name === undefined && options.use === undefined && options.metric === undefined)
        throw new UsageError('Give --name, --use, --metric or several of them.');
      const network = findNetwork(await read(options.server), text);
      await run(
        `Set up the cluster network ${text}`,
        [
          ...(options.name === undefined
            ? []
            : [{ do: 'cluster.renameNetwork' as const, network, newName: options.name }]),
          ...(options.use === undefined ? [] : [{ do: 'cluster.setNetworkRole' as const, network, role: options.use }]),
          ...(options.metric === undefined
            ? []
            : [{ do: 'cluster.setNetworkMetric' as const, network, metric: options.metric }]),
        ],
        options,
      );
    });

  withChange(
    cluster
      .command('live-migration <network...>')
      .description(
        'set the networks that live migration may use, in the order that it tries them; it is kept off all others',
      ),
  ).action(async (texts: string[], options: ChangeOptions) => {
    const found = await read(options.server);
    const allowed = texts.map((text) => findNetwork(found, text));
    const exclude = (found?.networks ?? []).map(({ id }) => id).filter((id) => !allowed.includes(id));
    await run(
      'Set the networks of live migration',
      [{ do: 'cluster.setMigrationNetworks', exclude, order: allowed }],
      options,
    );
  });

  withChange(
    cluster
      .command('disk <disk>')
      .description('add a disk to the cluster, name it, make it a shared volume or take it out'),
  )
    .option('--name <name>', 'the name of its resource')
    .option('--shared-volume', 'make it a cluster shared volume')
    .option('--folder <name>', 'the name of the folder of the shared volume, below C:\\ClusterStorage')
    .option('--remove', 'take it out of the cluster; its data stays')
    .action(
      async (
        text: string,
        options: ChangeOptions & { name?: string; sharedVolume?: boolean; folder?: string; remove?: boolean },
      ) => {
        const disk = await diskOf(options, text);
        const changes: ClusterChange[] =
          options.remove === true
            ? [{ do: 'cluster.removeDisk', disk }]
            : [
                { do: 'cluster.addDisk', disk },
                ...(options.name === undefined
                  ? []
                  : [{ do: 'cluster.renameResource' as const, disk, newName: options.name }]),
                ...(options.sharedVolume === true || options.folder !== undefined
                  ? [{ do: 'cluster.addSharedVolume' as const, disk }]
                  : []),
                ...(options.folder === undefined
                  ? []
                  : [{ do: 'cluster.renameSharedVolume' as const, disk, newName: options.folder }]),
              ];
        await run(`Set up the cluster disk ${text}`, changes, options);
      },
    );

  withChange(cluster.command('quorum').description('set the witness of the quorum'))
    .option('--disk <disk>', 'a disk of the cluster of at least 512 MB')
    .option('--share <path>', 'a file share')
    .option('--no-witness', 'no witness')
    .option('--lower-priority <node>', 'the node that loses its vote first when an even number is left')
    .action(
      async (options: ChangeOptions & { disk?: string; share?: string; witness: boolean; lowerPriority?: string }) => {
        const changes: ClusterChange[] = [];
        if (options.disk !== undefined)
          changes.push({
            do: 'cluster.setQuorum',
            witness: { kind: 'disk', disk: await diskOf(options, options.disk) },
          });
        else if (options.share !== undefined)
          changes.push({ do: 'cluster.setQuorum', witness: { kind: 'share', path: options.share } });
        else if (!options.witness) changes.push({ do: 'cluster.setQuorum', witness: { kind: 'none' } });
        if (options.lowerPriority !== undefined)
          changes.push({ do: 'cluster.setLowerQuorumPriority', node: options.lowerPriority });
        if (changes.length === 0)
          throw new UsageError('Say which: --disk DISK, --share PATH, --no-witness or --lower-priority NODE.');
        await run('Set the quorum', changes, options);
      },
    );

  withChange(cluster.command('move-group <group>').description('move a group of the cluster to another node'))
    .requiredOption('--node <node>', 'the node')
    .action(async (group: string, options: ChangeOptions & { node: string }) =>
      run(`Move ${group}`, [{ do: 'cluster.moveGroup', group, node: options.node }], options),
    );
};

/** `quorate cluster`: what concerns the cluster as a whole. */
export const register = (program: Command, context: CliContext): void => {
  const cluster = program
    .command('cluster')
    .description('the failover cluster: its state, nodes, networks, disks and quorum; validation reports');

  withServer(
    cluster.command('status').description('show nodes, quorum, networks, disks and groups, as this server sees them'),
  ).action(async (options: ServerOptions) =>
    printStatus(context, await context.call('cluster.read', { server: options.server }), options),
  );
  registerEvents(cluster, context);
  registerChanges(cluster, context);

  registerCheck(cluster, context);
  registerValidation(cluster, context);
};
