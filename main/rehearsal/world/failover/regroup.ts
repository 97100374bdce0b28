import { rest } from '../change.ts';
import { nextId } from '../random.ts';
import { serverNamed } from '../cluster-view.ts';
import type { ClusterNodeState, ClusterWorldState } from '../cluster-state.ts';
import type { ServerState, WorldState } from '../state.ts';
import { countHeartbeats, forgetSilence } from './heartbeats.ts';
import { hearingGroups, presentNodes, reachesClients, type Present } from './hearing.ts';
import { isServiceStarted, resiliencyOf, seesDisk } from './membership.ts';
import { ballotNow, castVotes } from './votes.ts';
import { moveWhatIsLost, ownedElsewhere } from './roles.ts';
import { isSameName } from '../../../../shared/model/names.ts';

const reachesWitness = (world: WorldState, cluster: ClusterWorldState, group: readonly Present[]): boolean => {
  const { witness } = cluster;
  if (witness.kind === 'none' || cluster.isWitnessOffline === true) return false;
  return group.some(({ server }) =>
    witness.kind === 'disk' ? seesDisk(world, server, witness.disk) : reachesClients(world, cluster, server),
  );
};

/** The one group that goes on, by the votes that were given before; of two that could, the one that holds the witness. */
const winnerOf = (
  world: WorldState,
  cluster: ClusterWorldState,
  groups: readonly (readonly Present[])[],
  used: Set<string>,
): readonly Present[] | null => {
  const ballot =
    ballotNow(cluster) ??
    castVotes(
      cluster,
      groups.flat().map(({ node }) => node.name),
      reachesWitness(world, cluster, groups.flat()),
    );
  const voters = new Set(ballot.nodes.map((name) => name.toLowerCase()));
  const votesOf = (group: readonly Present[]): number =>
    group.filter(({ node }) => voters.has(node.name.toLowerCase())).length;
  const isMost = (votes: number): boolean => votes * 2 > ballot.total;
  const own = groups.find((group) => isMost(votesOf(group)));
  if (own || ballot.witness === null) return own ?? null;
  const holder = cluster.groups.find(({ kind }) => kind === 'cluster')?.ownerNode ?? '';
  const able = groups.filter((group) => isMost(votesOf(group) + 1) && reachesWitness(world, cluster, group));
  if (able.length > 1) rest({ used }, 'cluster.quorum.holder');
  return able.find((group) => group.some(({ node }) => isSameName(node.name, holder))) ?? able[0] ?? null;
};

const isolationEvent = (world: WorldState, server: ServerState, atMs: number): void => {
  world.events.push({ id: `event-${nextId(world)}`, atMs, server: server.name, kind: 'isolationEnds' });
};

/** A node that was in the cluster and is so no longer: Isolated where it may come back in a moment, else out. */
const exclude = (
  world: WorldState,
  cluster: ClusterWorldState,
  node: ClusterNodeState,
  nowMs: number,
  used: Set<string>,
): void => {
  forgetSilence(world, node);
  const server = serverNamed(world, node.name);
  // A server whose cluster service died is still there, with its virtual machines.
  const isOn = server?.power === 'on';
  const { level, periodSeconds } = resiliencyOf(cluster);
  const hosts = cluster.groups.some(
    ({ kind, ownerNode }) => kind === 'virtualMachine' && isSameName(ownerNode, node.name),
  );
  // Level 1 isolates only a node that could still say so, which one without a network cannot.
  if (!isOn || !hosts || level === 'isolateOnSpecialHeartbeat' || periodSeconds === 0) {
    if (!isOn && hosts) rest({ used }, 'cluster.node.isolatedNotPowered');
    node.membership = 'out';
    return;
  }
  rest({ used }, 'cluster.node.isolated');
  if (!isServiceStarted(world, server)) rest({ used }, 'cluster.node.serviceDied');
  node.membership = 'isolated';
  node.isolatedSinceMs = nowMs;
  isolationEvent(world, server, nowMs + periodSeconds * 1000);
};

const include = (world: WorldState, { node, server }: Present): void => {
  if (node.membership === undefined) return;
  delete node.membership;
  delete node.isolatedSinceMs;
  world.events = world.events.filter((event) => event.kind !== 'isolationEnds' || event.server !== server.name);
};

const stopCluster = (world: WorldState, cluster: ClusterWorldState): void => {
  cluster.isQuorumLost = true;
  for (const node of cluster.nodes) {
    forgetSilence(world, node);
    node.membership = 'out';
    delete node.isolatedSinceMs;
  }
  world.events = world.events.filter((event) => event.kind !== 'isolationEnds');
  for (const machine of world.machines ?? [])
    if (machine.role && (machine.running || machine.trouble === 'critical')) {
      machine.running = false;
      machine.trouble = 'waiting';
    }
};

/** The time of a node that was isolated is over: its virtual machines start elsewhere. */
export const endIsolation = (world: WorldState, server: ServerState): void => {
  const node = world.cluster?.nodes.find(({ name }) => isSameName(name, server.computerName));
  if (node?.membership !== 'isolated') return;
  node.membership = 'out';
  delete node.isolatedSinceMs;
};

/**
 * The cluster takes account of what happened: who hears whom, who has the votes, which virtual machines go elsewhere, wait or pause. Run
 * after every transaction that touched something of it; the same state again changes nothing.
 */
export const regroup = (world: WorldState, nowMs: number, used: Set<string>): void => {
  const cluster = world.cluster ?? null;
  if (!cluster) return;
  const present = presentNodes(world, cluster);
  const heard = hearingGroups(world, cluster, present);
  const inTouch = winnerOf(world, cluster, heard, used) ?? heard[0] ?? [];
  const silent = countHeartbeats(world, cluster, inTouch, nowMs, used);
  const isSilent = ({ node }: Present): boolean => silent.some((one) => one.node === node);
  // Until the heartbeats of a node have been missing long enough, it is with the others.
  const groups =
    silent.length === 0
      ? heard
      : [
          [...inTouch, ...silent],
          ...heard.filter((group) => group !== inTouch).map((group) => group.filter((one) => !isSilent(one))),
        ];
  const winner = winnerOf(world, cluster, groups, used);
  if (winner === null) {
    if (cluster.isQuorumLost !== true) stopCluster(world, cluster);
    rest({ used }, 'cluster.quorum.lost');
    return;
  }
  delete cluster.isQuorumLost;
  for (const one of winner) include(world, one);
  const winners = new Set(winner.map(({ node }) => node));
  for (const node of cluster.nodes)
    if (node.membership === undefined && !winners.has(node)) exclude(world, cluster, node, nowMs, used);
  const members = cluster.nodes.filter(
    (node) => node.membership === undefined && (node.silence !== undefined || present.some((one) => one.node === node)),
  );
  // Votes are given anew by all members together, which they cannot while one of them is silent.
  const ballot =
    silent.length > 0
      ? cluster.ballot
      : castVotes(
          cluster,
          members.map(({ name }) => name),
          reachesWitness(world, cluster, winner),
        );
  if (ballot && JSON.stringify(ballot) !== JSON.stringify(cluster.ballot)) {
    cluster.ballot = ballot;
    rest({ used }, 'cluster.quorum.dynamic');
    if (ballot.total === 3 && ballot.nodes.length === 1) rest({ used }, 'cluster.quorum.floor');
  }
  ownedElsewhere(world, cluster, members);
  moveWhatIsLost(world, cluster, members, used);
};
