import { rest } from '../change.ts';
import { bootMs } from '../boot-time.ts';
import { isClusteringInstalled, serverNamed } from '../cluster-view.ts';
import type { Look } from '../ports/method.ts';
import { refuse } from '../refusal.ts';
import type { ClusterEventState, ClusterWorldState } from '../cluster-state.ts';
import type { ServerState, WorldState } from '../state.ts';

/** The texts are those of the public list: `clusterEventsSource`. */
const texts: Readonly<Record<number, (name: string) => string>> = {
  1135: (node) =>
    `Cluster node '${node}' was removed from the active failover cluster membership. The Cluster service on this node may have stopped. This could also be due to the node having lost communication with other active nodes in the failover cluster.`,
  1177: () =>
    'The Cluster service is shutting down because quorum was lost. This could be due to the loss of network connectivity between some or all nodes in the cluster, or a failover of the witness disk.',
};

/** As many as are kept: the log of a world never grows without end. */
const longestLog = 200;

/**
 * Writes down what regrouping did: a node that is out on the nodes that go on, a lost quorum on those that ran. One that left in order was none of
 * `before`: the others log nothing of it.
 */
export const logRegrouping = (
  world: WorldState,
  before: Pick<ClusterWorldState, 'isQuorumLost'> & { readonly members: readonly string[] },
  nowMs: number,
  used: Set<string>,
): void => {
  const { cluster } = world;
  if (!cluster) return;
  const members = cluster.nodes.filter(({ membership }) => membership === undefined).map(({ name }) => name);
  const entries: ClusterEventState[] = [];
  const log = (node: string, id: number, name = ''): void => {
    entries.push({ atMs: nowMs, node, id, level: 1, text: texts[id]?.(name) ?? '' });
  };
  if (cluster.isQuorumLost === true && before.isQuorumLost !== true) {
    rest({ used }, 'cluster.event.quorumLost');
    for (const node of before.members) if (serverNamed(world, node)?.power === 'on') log(node, 1177);
  } else if (cluster.isQuorumLost !== true)
    for (const gone of before.members.filter((name) => !members.includes(name)))
      for (const node of members) {
        rest({ used }, 'cluster.event.nodeDown');
        log(node, 1135, gone);
      }
  if (entries.length > 0) world.clusterEvents = [...(world.clusterEvents ?? []), ...entries].slice(-longestLog);
};

/** What a server wrote of its last end and start in its log System, the newest first. A loss of power can only be written afterwards. */
export const stopEventsOf = ({
  wentDown,
  bootedAtMs,
}: Pick<ServerState, 'wentDown' | 'bootedAtMs'>): {
  readonly id: number;
  readonly provider: string;
  readonly atMs: number;
}[] => {
  if (wentDown === undefined) return [];
  return wentDown === 'inOrder'
    ? [{ id: 1074, provider: 'User32', atMs: bootedAtMs - bootMs }]
    : [{ id: 41, provider: 'Microsoft-Windows-Kernel-Power', atMs: bootedAtMs }];
};

/** What a server logged in the last minutes, the newest first, as Get-WinEvent gives it. */
export const eventsOf = (
  { world, server, nowMs }: Pick<Look, 'world' | 'server' | 'nowMs'>,
  minutes: number,
): ClusterEventState[] => {
  if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
  return (world.clusterEvents ?? [])
    .filter(({ node, atMs }) => node === server.computerName && atMs >= nowMs - minutes * 60_000)
    .toReversed();
};
