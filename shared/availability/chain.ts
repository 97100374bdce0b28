import { attachmentOf, sidesOf, witnessFate, type Damage } from './damage.ts';
import type { Model } from './model.ts';
import { ballotOf, tally, verdictOf, type Electorate, type QuorumVerdict, type Tally } from './quorum.ts';

export interface QuorumResult {
  readonly verdict: QuorumVerdict;
  readonly have: number;
  readonly of: number;
  /** Cases that nobody can tell apart, and those of them in which the cluster goes on. */
  readonly cases: { readonly kept: number; readonly of: number };
  readonly witness: 'none' | 'unknown' | 'votes' | 'doesNotVote' | 'lost' | 'maybeLost';
  /** Several sides could go on and nobody can say which. */
  readonly isSplit: boolean;
}

interface Chain {
  readonly verdict: QuorumVerdict;
  readonly last: Tally;
  readonly cases: { readonly kept: number; readonly of: number };
  /** Nodes that may go on; empty where quorum is lost. */
  readonly going: readonly number[];
  readonly isSplit: boolean;
  readonly witnessVoted: boolean;
}

interface Uncertain {
  readonly witnessIsThere: boolean;
  readonly witnessGoes: boolean;
  readonly unsureAreCut: boolean;
}

/** One loss after the other: votes are counted anew after each that was survived. */
const runChain = (model: Model, steps: readonly Damage[], how: Uncertain): Chain => {
  const all = model.nodes.map((_, index) => index);
  const configuredVoters = model.nodes.filter(({ votes }) => votes).length;
  let going: readonly number[] = all;
  let witness: Electorate['witness'] =
    model.witness.kind === 'none' || (model.witness.kind === 'unknown' && !how.witnessIsThere) ? 'none' : 'up';
  let cases = { kept: 1, of: 1 };
  let last: Tally = { have: 0, of: 0, kept: 1, cases: 1, winners: [0] };
  let isSplit = false;
  let witnessVoted = false;
  for (const damage of steps) {
    const voters = going.filter((node) => model.nodes[node]?.votes);
    const ballot = ballotOf({ configuredVoters, voters, witness }, model.settings);
    witnessVoted = ballot.witnessVotes;
    const fate = witnessFate(model, damage);
    if (witness === 'up' && (fate === 'yes' || (fate === 'maybe' && how.witnessGoes))) witness = 'lost';
    const left = going.filter((node) => damage.nodeLost[node] !== 1);
    const sides = sidesOf(model, damage, left, how.unsureAreCut);
    last = tally(
      ballot,
      sides.map(({ side }) => ({
        voters: side.voters,
        reachesWitness: witness === 'up' && (side.reachesWitness || model.witness.kind === 'unknown'),
      })),
    );
    cases = { kept: cases.kept * last.kept, of: cases.of * last.cases };
    if (last.kept === 0) return { verdict: 'lost', last, cases, going: [], isSplit, witnessVoted };
    if (last.winners.length > 1) isSplit = true;
    const [only = 0, ...others] = last.winners;
    going =
      others.length === 0
        ? (sides[only]?.nodes ?? [])
        : last.winners.flatMap((winner) => sides[winner]?.nodes ?? []).sort((one, other) => one - other);
  }
  return { verdict: verdictOf({ kept: cases.kept, cases: cases.of }), last, cases, going, isSplit, witnessVoted };
};

/** Quorum after one loss or several in order, over everything that the state leaves open. */
export const quorumAfter = (
  model: Model,
  steps: readonly Damage[],
): { readonly result: QuorumResult; readonly going: readonly number[]; readonly unsure: readonly number[] } => {
  const fates = steps.map((damage) => witnessFate(model, damage));
  const fate = fates.includes('yes') ? 'yes' : fates.includes('maybe') ? 'maybe' : 'no';
  const unsure = steps.every(({ nicDown }) => nicDown === null)
    ? []
    : [...new Set(steps.flatMap(({ touched }) => touched))]
        .sort((one, other) => one - other)
        .filter((node) =>
          steps.some((damage) => damage.nodeLost[node] !== 1 && attachmentOf(model, damage, node).isUnsure),
        );
  const choices: Uncertain[] = [];
  for (const witnessIsThere of model.witness.kind === 'unknown' ? [false, true] : [true])
    for (const witnessGoes of fates.includes('maybe') ? [true, false] : [true])
      for (const unsureAreCut of unsure.length > 0 ? [true, false] : [false])
        choices.push({ witnessIsThere, witnessGoes, unsureAreCut });
  const chains = choices.map((how) => runChain(model, steps, how));
  const worst = chains.reduce((bad, one) =>
    one.cases.kept * bad.cases.of < bad.cases.kept * one.cases.of ||
    (one.verdict === bad.verdict && one.last.have - one.last.of / 2 < bad.last.have - bad.last.of / 2)
      ? one
      : bad,
  );
  const same = chains.every(({ verdict }) => verdict === worst.verdict);
  const going =
    worst.verdict === 'lost' && !same ? (chains.find((one) => one.going.length > 0)?.going ?? []) : worst.going;
  const { kind } = model.witness;
  return {
    result: {
      verdict: same ? worst.verdict : 'depends',
      have: worst.last.have,
      of: worst.last.of,
      cases: worst.cases,
      witness:
        kind === 'none' || kind === 'unknown'
          ? kind
          : fate === 'yes'
            ? 'lost'
            : fate === 'maybe'
              ? 'maybeLost'
              : worst.witnessVoted
                ? 'votes'
                : 'doesNotVote',
      isSplit: chains.some(({ isSplit }) => isSplit),
    },
    going,
    unsure,
  };
};
