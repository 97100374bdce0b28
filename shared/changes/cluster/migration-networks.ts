import * as z from 'zod';
import type { Cluster } from '../../model/cluster.ts';
import { judge, unknown, type PlannedRefusal } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, judgeCluster, networkOf } from './cluster.ts';
import { isSameName, isSameOrder, isSameSet } from '../../model/names.ts';

const metricSchema = z.object({
  do: z.literal('cluster.setNetworkMetric'),
  /** The id of the cluster network. */
  network: z.string(),
  /** 1 to 0x0FFFFFFF; null: Windows chooses it (AutoMetric). */
  metric: z.number().int().min(1).max(0x0f_ff_ff_ff).nullable(),
});

const metricWords = (metric: number | null): string => (metric === null ? 'chosen by Windows' : String(metric));

/**
 * The metric of a cluster network: the lowest is preferred for the talk of the nodes. Throws `CLUSTER_OBJECT_GONE`.
 * https://learn.microsoft.com/en-us/previous-versions/windows/desktop/mscs/networks-metric
 */
export const setNetworkMetric: ChangeKind<typeof metricSchema, 'cluster'> = {
  schema: metricSchema,
  area: 'cluster',
  script: 'Set-FailoverClusterNetworkMetric',
  parameters: ({ network, metric }) => ({ network, metric: metric ?? 0 }),
  subject: ({ network }) => [network],
  locks: () => clusterLock,
  words: ({ network, metric }, { state }) => {
    const found = state.cluster && networkOf(state.cluster, network);
    return {
      title: `Set the metric of the cluster network ${found?.name ?? network}: ${metricWords(metric)}`,
      why: found
        ? `It is ${found.metric}${found.autoMetric ? ', chosen by Windows' : ''}. The nodes talk over the network with the lowest one first.`
        : 'Its metric was not read.',
      manual: `Windows PowerShell on a node: (Get-ClusterNetwork "${found?.name ?? network}").Metric. No console shows it.`,
    };
  },
  undo: ({ network }, { state }) => {
    const found = state.cluster && networkOf(state.cluster, network);
    return found
      ? {
          text: `Sets it back: ${metricWords(found.autoMetric ? null : found.metric)}.`,
          changes: [{ do: 'cluster.setNetworkMetric', network, metric: found.autoMetric ? null : found.metric }],
        }
      : null;
  },
  done: ({ network, metric }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = networkOf(cluster, network);
      if (!found) return unknown(`the cluster has no network ${network}`);
      return judge(
        metric === null ? found.autoMetric : !found.autoMetric && found.metric === metric,
        `the metric is ${found.metric}${found.autoMetric ? ', chosen by Windows' : ''}`,
      );
    }),
};

const schema = z.object({
  do: z.literal('cluster.setMigrationNetworks'),
  /** Ids of the networks that no live migration goes over; empty: it may use all. */
  exclude: z.array(z.string()),
  /** Ids of those that are tried first, in their order; empty: Windows goes by their metrics; left out: stays as it is. */
  order: z.array(z.string()).optional(),
});

const namesOf = (cluster: Cluster | null, ids: readonly string[]): string =>
  ids.map((id) => (cluster ? networkOf(cluster, id)?.name : undefined) ?? id).join(', ');

const orderText = (cluster: Cluster | null, ids: readonly string[]): string =>
  `${ids.map((id) => namesOf(cluster, [id])).join(', then ')}${ids.length === 1 ? ' first' : ''}`;

/**
 * The networks of live migration: the parameters MigrationExcludeNetworks (those that are left out) and MigrationNetworkOrder (those that are tried
 * first) of the resource type "Virtual Machine". They are not roles of networks. Throws `CLUSTER_MIGRATION_NETWORKS_REFUSED`; refused where none
 * would be left, or where one is both.
 * https://github.com/microsoft/MSLab/blob/d3c14de/Scenarios/Hyper-V%20with%20Shared%20Storage/Scenario.ps1,
 * https://learn.microsoft.com/en-us/previous-versions/windows/desktop/mscs/virtual-machines-migrationnetworkorder
 */
export const setMigrationNetworks: ChangeKind<typeof schema, 'cluster'> = {
  schema,
  area: 'cluster',
  script: 'Set-FailoverClusterMigrationNetwork',
  parameters: ({ exclude, order }) => ({
    exclude: exclude.join(';'),
    ...(order === undefined ? {} : { order: order.join(';') }),
  }),
  subject: () => [],
  locks: () => clusterLock,
  words: ({ exclude, order }, { state }) => ({
    title: `${
      exclude.length === 0
        ? 'Allow every cluster network for live migration'
        : `Keep live migration off ${namesOf(state.cluster, exclude)}`
    }${order === undefined || order.length === 0 ? '' : `, and try ${orderText(state.cluster, order)}`}`,
    why: `${
      state.cluster?.migrationExcludes?.length
        ? `It is kept off ${namesOf(state.cluster, state.cluster.migrationExcludes)}.`
        : 'It may use every network.'
    }${
      order === undefined
        ? ''
        : state.cluster?.migrationOrder?.length
          ? ` It tries ${orderText(state.cluster, state.cluster.migrationOrder)}.`
          : ' It tries them by their metrics.'
    } A live migration takes all the bandwidth that a network has, also what iSCSI needs.`,
    manual: `${clusterTool}: Networks, Live Migration Settings.`,
  }),
  refusal: ({ exclude, order }, { state }): PlannedRefusal | null => {
    if (state.cluster && state.cluster.networks.every(({ id }) => exclude.some((one) => isSameName(one, id))))
      return { code: 'CLUSTER_MIGRATION_NONE_LEFT', detail: {} };
    const both = order?.find((id) => exclude.some((one) => isSameName(one, id)));
    return both === undefined
      ? null
      : { code: 'CLUSTER_MIGRATION_BOTH', detail: { network: namesOf(state.cluster, [both]) } };
  },
  undo: (_change, { state }) =>
    state.cluster?.migrationExcludes
      ? {
          text: 'Sets the networks of live migration back.',
          changes: [
            {
              do: 'cluster.setMigrationNetworks',
              exclude: [...state.cluster.migrationExcludes],
              ...(state.cluster.migrationOrder ? { order: [...state.cluster.migrationOrder] } : {}),
            },
          ],
        }
      : null,
  done: ({ exclude, order }, observed) =>
    judgeCluster(observed, (cluster) => {
      const { migrationExcludes, migrationOrder } = cluster;
      if (!migrationExcludes || (order !== undefined && !migrationOrder))
        return unknown('the networks of live migration were not read');
      const allowed =
        migrationExcludes.length === 0
          ? 'live migration may use every network'
          : `live migration is kept off ${namesOf(cluster, migrationExcludes)}`;
      return judge(
        isSameSet(migrationExcludes, exclude) && (order === undefined || isSameOrder(migrationOrder ?? [], order)),
        migrationOrder && migrationOrder.length > 0
          ? `${allowed} and tries ${orderText(cluster, migrationOrder)}`
          : allowed,
      );
    }),
};
