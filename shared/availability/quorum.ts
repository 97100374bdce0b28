/**
 * Quorum arithmetic of a failover cluster. Source: Microsoft, Understanding cluster and pool quorum
 * (windowsserverdocs, storage/storage-spaces/understand-quorum.md) and Configure and manage quorum; the floor of three
 * votes: Microsoft's AskCore blog, 2016-03-21; LowerQuorumPriorityNodeID: Windows Server 2012 R2.
 */
export interface QuorumSettings {
  /** Votes are counted anew after each loss that the cluster survived (Windows Server 2012). */
  readonly dynamicQuorum: boolean;
  /** The witness votes only where that makes the number of votes odd (Windows Server 2012 R2). */
  readonly dynamicWitness: boolean;
  /** The index of the node that loses its vote first when nobody else breaks a tie; null: one at random. */
  readonly lowerPriorityNode: number | null;
}

export interface Electorate {
  /** Nodes with `NodeWeight` 1, whether they run or not. */
  readonly configuredVoters: number;
  /** Indexes of the voting nodes that run. */
  readonly voters: readonly number[];
  /** `none`: there is none configured. */
  readonly witness: 'none' | 'up' | 'lost';
}

/** Who holds votes before something is lost. */
export interface Ballot {
  readonly total: number;
  readonly witnessVotes: boolean;
  /** Nodes of which exactly one has no vote, to break a tie, and nobody can say which; empty: every voter votes. */
  readonly silent: readonly number[];
}

/** The votes as dynamic quorum and dynamic witness set them while nothing is being lost. */
export const ballotOf = ({ configuredVoters, voters, witness }: Electorate, settings: QuorumSettings): Ballot => {
  const count = voters.length;
  if (!settings.dynamicQuorum) {
    const witnessVotes = witness !== 'none';
    return { total: configuredVoters + (witnessVotes ? 1 : 0), witnessVotes, silent: [] };
  }
  if (witness === 'up') {
    // In a cluster of several nodes with a witness the votes are never brought below three: the last node and the witness are two of three.
    if (count === 1 && configuredVoters > 1) return { total: 3, witnessVotes: true, silent: [] };
    const witnessVotes = !settings.dynamicWitness || count % 2 === 0;
    return { total: count + (witnessVotes ? 1 : 0), witnessVotes, silent: [] };
  }
  // The tie-breaker comes with dynamic witness; two nodes without a witness were told apart before it already.
  const breaksTie = count > 0 && count % 2 === 0 && (settings.dynamicWitness || count === 2);
  if (!breaksTie) return { total: count, witnessVotes: false, silent: [] };
  const { lowerPriorityNode } = settings;
  const silent = lowerPriorityNode !== null && voters.includes(lowerPriorityNode) ? [lowerPriorityNode] : [...voters];
  return { total: count - 1, witnessVotes: false, silent };
};

/** A group of nodes that still hear each other. */
export interface Side {
  readonly voters: readonly number[];
  readonly reachesWitness: boolean;
}

export interface Tally {
  /** Votes that are left, of how many; the worst case. */
  readonly have: number;
  readonly of: number;
  /** In how many of the cases that nobody can tell apart the cluster goes on. */
  readonly kept: number;
  readonly cases: number;
  /** The sides that may go on, over all cases; more than one: nobody can say which. */
  readonly winners: readonly number[];
}

/**
 * Counts after a loss. At most one side goes on: the one with more than half of the votes, the witness's among them where
 * that side got hold of it.
 */
export const tally = (ballot: Ballot, sides: readonly Side[]): Tally => {
  const cases = ballot.silent.length > 1 ? ballot.silent : [ballot.silent[0] ?? -1];
  const winners = new Set<number>();
  let kept = 0;
  let have = Number.POSITIVE_INFINITY;
  for (const silent of cases) {
    const own = sides.map((side) => side.voters.length - (side.voters.includes(silent) ? 1 : 0));
    const most = own.map((votes, index) => votes + (ballot.witnessVotes && sides[index]?.reachesWitness ? 1 : 0));
    have = Math.min(have, Math.max(0, ...most));
    const alone = own.findIndex((votes) => votes * 2 > ballot.total);
    const able = alone >= 0 ? [alone] : most.flatMap((votes, index) => (votes * 2 > ballot.total ? [index] : []));
    if (able.length > 0) kept += 1;
    for (const side of able) winners.add(side);
  }
  return { have, of: ballot.total, kept, cases: cases.length, winners: [...winners] };
};

export type QuorumVerdict = 'kept' | 'lost' | 'depends';

export const verdictOf = ({ kept, cases }: { readonly kept: number; readonly cases: number }): QuorumVerdict =>
  kept === cases ? 'kept' : kept === 0 ? 'lost' : 'depends';
