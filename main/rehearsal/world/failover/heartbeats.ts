import { networkOf } from '../../../../shared/model/address.ts';
import { rest } from '../change.ts';
import { clusterNodeNamed, serverNamed } from '../cluster-view.ts';
import { hostOfMachine } from '../machines-view.ts';
import { nextId } from '../random.ts';
import type { ClusterNodeState, ClusterWorldState } from '../cluster-state.ts';
import type { ServerState, WorldState } from '../state.ts';
import type { Present } from './hearing.ts';
import { heartbeatOf } from './membership.ts';

/*
 * Who is not heard any more stays in the cluster until so many heartbeats in a row are missing: until then the others take it for up, its roles
 * stay where they are, and its vote counts.
 */

/** Without link-local ones, which every adapter has. */
const subnetsOf = ({ nics }: Pick<ServerState, 'nics'>): string[] =>
  nics.flatMap(({ addresses }) =>
    addresses.flatMap(({ address, prefixLength }) =>
      /^(?:fe80:|169\.254\.)/i.test(address) ? [] : [networkOf(address, prefixLength) ?? address],
    ),
  );

/** How long a node may be silent, in milliseconds: by the delay and threshold of the subnet that it shares with another node, or of other subnets. */
const graceOf = (world: WorldState, cluster: ClusterWorldState, node: ClusterNodeState): number => {
  const { sameSubnetDelayMs, sameSubnetThreshold, crossSubnetDelayMs, crossSubnetThreshold } = heartbeatOf(cluster);
  const own = new Set(subnetsOf(serverNamed(world, node.name) ?? { nics: [] }));
  const isShared =
    own.size === 0 ||
    cluster.nodes.some(({ name }) => {
      const other = name === node.name ? undefined : serverNamed(world, name);
      return other !== undefined && subnetsOf(other).some((subnet) => own.has(subnet));
    });
  return isShared ? sameSubnetDelayMs * sameSubnetThreshold : crossSubnetDelayMs * crossSubnetThreshold;
};

/** Nothing is counted of a node any more: it is heard again, or it is out. */
export const forgetSilence = (world: WorldState, node: ClusterNodeState): void => {
  if (node.silence === undefined) return;
  delete node.silence;
  const server = serverNamed(world, node.name);
  world.events = world.events.filter((event) => event.kind !== 'heartbeatsMissed' || event.server !== server?.name);
};

/**
 * Counts the heartbeats of members that those in touch with each other do not hear, and answers with the ones whose time is not over yet. Each of
 * them is in the cluster as before.
 */
export const countHeartbeats = (
  world: WorldState,
  cluster: ClusterWorldState,
  inTouch: readonly Present[],
  nowMs: number,
  used: Set<string>,
): Present[] => {
  const heard = new Set(inTouch.map(({ node }) => node));
  return cluster.nodes.flatMap((node) => {
    if (node.membership !== undefined || heard.has(node)) {
      forgetSilence(world, node);
      return [];
    }
    if (node.silence === 'missed') return [];
    const server = serverNamed(world, node.name);
    if (!server) return [];
    if (node.silence === undefined) {
      const graceMs = graceOf(world, cluster, node);
      if (graceMs === 0) return [];
      rest({ used }, 'cluster.heartbeat.threshold');
      node.silence = 'counting';
      world.events.push({
        ...{ id: `event-${nextId(world)}`, atMs: nowMs + graceMs, server: server.name },
        kind: 'heartbeatsMissed',
      });
    }
    return [{ node, server }];
  });
};

/** A server that starts was gone, whether the others had missed it or not: what ran on it is started anew. */
export const comeBack = (world: WorldState, server: ServerState): void => {
  const node = world.cluster ? clusterNodeNamed(world.cluster, server.computerName) : undefined;
  if (node?.silence === undefined) return;
  forgetSilence(world, node);
  for (const machine of world.machines ?? []) {
    if (machine.role === null || !machine.running || hostOfMachine(world, machine) !== node.name) continue;
    machine.running = false;
    machine.trouble = 'waiting';
  }
};

/** The threshold of a node is reached: whoever regroups next goes on without it. */
export const missHeartbeats = (world: WorldState, server: ServerState): void => {
  const node = world.cluster ? clusterNodeNamed(world.cluster, server.computerName) : undefined;
  if (node?.silence === 'counting') node.silence = 'missed';
};
