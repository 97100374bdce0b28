import type { BallotState, ClusterWorldState } from '../cluster-state.ts';
import { isSameName } from '../../../../shared/model/names.ts';

const setOf = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => name.toLowerCase()));

/** Names the witness as it is configured, so that another one does not inherit its vote. */
export const witnessName = ({ witness }: ClusterWorldState): string | null =>
  witness.kind === 'none' ? null : witness.kind === 'disk' ? `disk ${witness.disk}` : `share ${witness.path}`;

/**
 * The votes as dynamic quorum and dynamic witness give them to those that are in the cluster (`cluster.quorum.dynamic`): the witness
 * votes where the nodes are even; without one a node of an even number has none; the last node and the witness are two of three.
 */
export const castVotes = (
  cluster: ClusterWorldState,
  members: readonly string[],
  reachesWitness: boolean,
): BallotState => {
  const configured = cluster.nodes.filter(({ weight }) => weight > 0);
  const present = setOf(members);
  const voters = configured.map(({ name }) => name).filter((name) => present.has(name.toLowerCase()));
  const witness = reachesWitness ? witnessName(cluster) : null;
  if (witness !== null) {
    if (voters.length === 1 && configured.length > 1) return { nodes: voters, witness, total: 3 };
    const votes = voters.length % 2 === 0;
    return { nodes: voters, witness: votes ? witness : null, total: voters.length + (votes ? 1 : 0) };
  }
  if (voters.length === 0 || voters.length % 2 === 1) return { nodes: voters, witness: null, total: voters.length };
  const named = cluster.lowerQuorumPriorityNode;
  const silent = voters.find((name) => named !== null && isSameName(name, named)) ?? voters[0]!;
  const nodes = voters.filter((name) => name !== silent);
  return { nodes, witness: null, total: nodes.length };
};

/** The votes that were given last, without those of nodes and of a witness that have been taken out of the cluster in order. */
export const ballotNow = (cluster: ClusterWorldState): BallotState | null => {
  const { ballot } = cluster;
  if (!ballot) return null;
  const voting = setOf(cluster.nodes.flatMap(({ name, weight }) => (weight > 0 ? [name] : [])));
  const nodes = ballot.nodes.filter((name) => voting.has(name.toLowerCase()));
  const witness = ballot.witness !== null && ballot.witness === witnessName(cluster) ? ballot.witness : null;
  const gone = ballot.nodes.length - nodes.length + (ballot.witness !== null && witness === null ? 1 : 0);
  return { nodes, witness, total: ballot.total - gone };
};

/** A node leaves in order: its vote moves before it goes ("Understanding cluster and pool quorum"). */
export const leaveInOrder = (cluster: ClusterWorldState, name: string, reachesWitness: boolean): void => {
  const members = cluster.nodes.filter((node) => node.membership === undefined && !isSameName(node.name, name));
  // The last one takes nobody's place: it starts the cluster again.
  if (members.length > 0)
    cluster.ballot = castVotes(
      cluster,
      members.map((node) => node.name),
      reachesWitness,
    );
};
