import * as z from 'zod';
import { assess, vmOutcomes, type Assessment, type Touched } from './assess.ts';
import { findElement, type Element } from './elements.ts';
import { failure } from '../errors/failure.ts';
import { isolatedFor, missedAfter } from '../model/loss-times.ts';
import { compile, type Model, type ModelVm } from './model.ts';
import { keyOf } from './parse-state.ts';
import { assumptionsOf, questionSchema, questionsOf } from './questions.ts';
import type { AvailabilityState } from './state.ts';
import { capital, causeText, count, elementText, join, machines, memoryText, quorumText, votesLeft } from './words.ts';

export const whatIfSchemaName = 'quorate.availability-what-if/1' as const;

export const manners = ['single', 'inOrder', 'atOnce'] as const;
export type Manner = (typeof manners)[number];

export const vmResultSchema = z.object({
  name: z.string(),
  /** `depends`: on something that cannot be foretold, that the state does not say, or that could not be decided. */
  outcome: z.enum(vmOutcomes),
  /** Every node on which it may run afterwards; those it prefers first. */
  nodes: z.array(z.string()),
  because: z.string(),
});

export const lossResultSchema = z.object({
  /** What is lost, as `--lose` names it. */
  lose: z.array(z.string()),
  manner: z.enum(manners),
  quorum: z.enum(['kept', 'lost', 'depends']),
  /** Votes that are left after the (last) loss, and of how many; in the worst case. */
  votes: z.object({ have: z.number().int(), of: z.number().int() }),
  /** In how many of the cases that nobody can tell apart the cluster goes on. */
  cases: z.object({ kept: z.number().int(), of: z.number().int() }),
  because: z.string(),
  witness: z.enum(['none', 'unknown', 'votes', 'doesNotVote', 'lost', 'maybeLost']),
  /** Nodes that are lost, or cut off from the cluster. */
  nodesLost: z.array(z.string()),
  counts: z.object({
    stays: z.number().int(),
    restarts: z.number().int(),
    down: z.number().int(),
    depends: z.number().int(),
  }),
  vms: z.array(vmResultSchema),
  /** `notRunning`: in a very large answer only those that are down or depend are listed. */
  listed: z.enum(['all', 'notRunning']),
  largestNotRestarted: z.object({ name: z.string(), memoryMB: z.number().int() }).nullable(),
  /** The placement in which the most memory stays down, where every one was tried. */
  worst: z.object({ memoryMB: z.number().int(), down: z.array(z.string()) }).nullable(),
  /** In a sentence. */
  sentence: z.string(),
  /**
   * Nodes that run but are no longer heard: their virtual machines start elsewhere only after so many seconds, unless the node is heard
   * again before. Left out: none, or a version before Windows Server 2016.
   */
  isolated: z.object({ nodes: z.array(z.string()), seconds: z.number().int(), because: z.string() }).optional(),
  /** What drills in this cluster have measured at most until a machine ran again; left out: none has. */
  measuredRestart: z.object({ seconds: z.number().int(), drills: z.number().int(), last: z.string() }).optional(),
});
export type LossResult = z.infer<typeof lossResultSchema>;

export const whatIfSchema = z.object({
  schema: z.literal(whatIfSchemaName),
  sentence: z.string(),
  results: z.array(lossResultSchema),
  assumptions: z.array(z.string()),
  questions: z.array(questionSchema),
  notes: z.array(z.string()),
});
export type WhatIf = z.infer<typeof whatIfSchema>;

/** More virtual machines than this in one answer are listed only where they do not run. */
const mostListed = 200_000;
/** Pairs of more elements than this would take minutes. */
export const mostPairs = 100_000;

/** A virtual machine that nothing happened to. */
const staying = (assessment: Assessment, vm: ModelVm): Touched => ({
  vm: vm.index,
  outcome: assessment.quorum.verdict === 'depends' ? 'depends' : 'stays',
  cause: assessment.quorum.verdict === 'depends' ? 'quorumDepends' : 'untouched',
  nodes: [vm.node],
});

/** Every virtual machine in the order of the file, or those alone that do not run. */
export const touchedOf = (model: Model, assessment: Assessment, all: boolean): Touched[] => {
  if (!all && assessment.quorum.verdict !== 'depends')
    return assessment.touched.filter(({ outcome }) => outcome === 'down' || outcome === 'depends');
  const byVm = new Map(assessment.touched.map((one) => [one.vm, one]));
  return model.vms
    .map((vm) => byVm.get(vm.index) ?? staying(assessment, vm))
    .filter(({ outcome }) => all || outcome === 'down' || outcome === 'depends');
};

const vmSentence = (model: Model, assessment: Assessment): string => {
  const { counts } = assessment;
  if (model.vms.length === 0) return 'The state names no virtual machine.';
  const targets = new Set<number>();
  // Where there are few nodes left they are named.
  if (counts.restarts > 0 && model.nodes.length - assessment.gone.length <= 3)
    for (const { outcome, nodes } of assessment.touched)
      if (outcome === 'restarts') for (const node of nodes) targets.add(node);
  const where =
    targets.size > 0 && targets.size <= 3
      ? ` on ${join(
          [...targets].map((node) => model.nodes[node]?.name ?? ''),
          'or',
        )}`
      : '';
  const parts = [
    ...(counts.restarts > 0
      ? [`${machines(counts.restarts)} ${counts.restarts === 1 ? 'restarts' : 'restart'}${where}`]
      : []),
    ...(counts.down > 0 ? [`${machines(counts.down)} ${counts.down === 1 ? 'stays' : 'stay'} down`] : []),
    ...(counts.depends > 0 ? [`${machines(counts.depends)} may stay down`] : []),
  ];
  if (parts.length === 0) return 'Every virtual machine keeps running where it is.';
  const largest = assessment.largestNotRestarted === null ? null : model.vms[assessment.largestNotRestarted];
  return `${capital(join(parts))}.${largest ? ` The largest that ${counts.down > 0 ? 'stays' : 'may stay'} down is ${largest.name} with ${memoryText(largest.memoryMB)}.` : ''}`;
};

/** The loss in a sentence: quorum, what restarts, what stays down. */
export const lossSentence = (model: Model, assessment: Assessment, manner: Manner): string => {
  const what = join(assessment.lost.map(elementText));
  const how =
    manner === 'inOrder' && assessment.lost.length > 1
      ? ', one after the other'
      : manner === 'atOnce'
        ? ' at once'
        : '';
  const verb = assessment.lost.length > 1 ? 'are' : 'is';
  const { verdict, have, of } = assessment.quorum;
  const quorum =
    verdict === 'kept'
      ? `the cluster keeps quorum with ${have} of ${of} votes`
      : verdict === 'lost'
        ? `the cluster stops: ${votesLeft(have, of)}`
        : `it cannot be predicted whether the cluster keeps quorum`;
  return `If ${what} ${verb} lost${how}, ${quorum}. ${vmSentence(model, assessment)}`;
};

const before2016: readonly string[] = ['2008', '2008R2', '2012', '2012R2'];

/** Microsoft, "Virtual Machine Compute Resiliency in Windows Server 2016": a node that is no longer heard keeps its machines for a while. */
const isolatedOf = (model: Model, { cutOff, quorum }: Assessment): Pick<LossResult, 'isolated'> => {
  const { operatingSystem, resiliency, heartbeat } = model.state.cluster ?? {};
  const nodes = cutOff.filter((node) => (model.nodes[node]?.vms.length ?? 0) > 0);
  if (nodes.length === 0 || quorum.verdict === 'lost' || before2016.includes(operatingSystem ?? '')) return {};
  const isolated = isolatedFor({ resiliency });
  if (isolated.seconds === 0) return {};
  const missed = missedAfter({ heartbeat });
  const names = nodes.map((node) => model.nodes[node]?.name ?? '');
  return {
    isolated: {
      nodes: names,
      seconds: missed.seconds + isolated.seconds,
      because: `${join(names)} ${names.length === 1 ? 'runs' : 'run'} on but ${names.length === 1 ? 'is' : 'are'} not heard: missed after ${missed.seconds} s without heartbeats (${missed.because}), and then Isolated for up to ${isolated.seconds} s (${isolated.because}) before virtual machines start elsewhere; until then those on shared storage are paused.`,
    },
  };
};

export const resultOf = (
  model: Model,
  assessment: Assessment,
  manner: Manner,
  listed: LossResult['listed'] = 'all',
): LossResult => {
  const nameOf = (node: number): string => model.nodes[node]?.name ?? '';
  const shared = new Map<readonly number[], string[]>();
  const namesOf = (nodes: readonly number[]): string[] => {
    const known = shared.get(nodes);
    if (known) return known;
    const names = nodes.map(nameOf);
    shared.set(nodes, names);
    return names;
  };
  const { quorum, placement } = assessment;
  const largest =
    assessment.largestNotRestarted === null ? null : (model.vms[assessment.largestNotRestarted] as ModelVm);
  // With a node that nobody read there is no placement of which it is known that it is the worst.
  const worst = (assessment.unread.length === 0 ? placement?.placed.worst : null) ?? null;
  return {
    lose: assessment.lost.map(({ id }) => id),
    manner,
    quorum: quorum.verdict,
    votes: { have: quorum.have, of: quorum.of },
    cases: { kept: quorum.cases.kept, of: quorum.cases.of },
    because: quorumText(quorum),
    witness: quorum.witness,
    nodesLost: assessment.gone.map(nameOf),
    counts: { ...assessment.counts },
    vms: touchedOf(model, assessment, listed === 'all').map((one) => ({
      name: (model.vms[one.vm] as ModelVm).name,
      outcome: one.outcome,
      nodes: namesOf(one.nodes),
      because: causeText(model, assessment, one),
    })),
    listed,
    largestNotRestarted: largest ? { name: largest.name, memoryMB: largest.memoryMB } : null,
    worst: worst
      ? { memoryMB: worst.memoryMB, down: worst.down.map((at) => model.vms[placement?.vms[at] ?? -1]?.name ?? '') }
      : null,
    sentence: lossSentence(model, assessment, manner),
    ...isolatedOf(model, assessment),
  };
};

export interface WhatIfRequest {
  readonly lose: readonly string[];
  readonly all: readonly ('single' | 'double')[];
}

interface Wanted {
  readonly steps: readonly (readonly Element[])[];
  readonly manner: Manner;
}

const wantedOf = (elements: readonly Element[], { lose, all }: WhatIfRequest): Wanted[] => {
  const wanted: Wanted[] = [];
  const named = lose.map((id) => findElement(elements, id));
  named.forEach((element, index) => {
    if (named.indexOf(element) !== index) throw failure('AVAILABILITY_LOSS_TWICE', { loss: element.id });
  });
  if (named.length === 1) wanted.push({ steps: [named], manner: 'single' });
  else if (named.length > 1) {
    named.forEach((_, index) =>
      wanted.push({ steps: named.slice(0, index + 1).map((element) => [element]), manner: 'inOrder' }),
    );
    wanted.push({ steps: [named], manner: 'atOnce' });
  }
  if (all.includes('single') || (all.length === 0 && named.length === 0))
    for (const element of elements) wanted.push({ steps: [[element]], manner: 'single' });
  if (all.includes('double')) {
    const pairs = (elements.length * (elements.length - 1)) / 2;
    if (pairs > mostPairs)
      throw failure('AVAILABILITY_TOO_MANY_ELEMENTS', { elements: elements.length, pairs, limit: mostPairs });
    elements.forEach((first, at) => {
      for (const second of elements.slice(at + 1))
        if (!contains(first, second) && !contains(second, first))
          wanted.push({ steps: [[first, second]], manner: 'atOnce' });
    });
  }
  return wanted;
};

/** A part of something that is lost adds nothing to it. */
const contains = (whole: Element, part: Element): boolean =>
  part.owner !== null &&
  keyOf(part.owner) === keyOf(whole.name) &&
  ((whole.kind === 'node' && (part.kind === 'nic' || part.kind === 'path')) ||
    (whole.kind === 'target' && (part.kind === 'portal' || part.kind === 'lun')));

const overallSentence = (results: readonly LossResult[]): string => {
  const [only] = results;
  if (results.length === 1 && only) return only.sentence;
  const stop = results.filter(({ quorum }) => quorum === 'lost').length;
  const open = results.filter(({ quorum }) => quorum === 'depends').length;
  const down = results.filter(({ quorum, counts }) => quorum !== 'lost' && counts.down > 0).length;
  const unsure = results.filter(
    ({ quorum, counts }) => quorum === 'kept' && counts.down === 0 && counts.depends > 0,
  ).length;
  const rest =
    results.length -
    stop -
    open -
    results.filter(({ quorum, counts }) => quorum === 'kept' && counts.down > 0).length -
    unsure;
  const parts = [
    ...(stop > 0 ? [`${count(stop)} ${stop === 1 ? 'stops' : 'stop'} the cluster`] : []),
    ...(open > 0 ? [`${count(open)} may stop it`] : []),
    ...(down > 0 ? [`${count(down)} ${down === 1 ? 'leaves' : 'leave'} virtual machines down`] : []),
    ...(unsure > 0 ? [`${count(unsure)} may leave virtual machines down`] : []),
    ...(rest > 0
      ? [`${count(rest)} ${rest === 1 ? 'is' : 'are'} survived with every virtual machine running or restarted`]
      : []),
  ];
  return `Of ${results.length} losses, ${join(parts)}.`;
};

/** How many virtual machines an answer would list in full. */
const listingOf = (model: Model, results: number): LossResult['listed'] =>
  results * model.vms.length > mostListed ? 'notRunning' : 'all';

/**
 * What is left after the named losses: each alone where one is named; several in the order given, one result after each, and
 * then all at once; every single loss or every pair (`all`). Without either: every single loss.
 * @throws Failure AVAILABILITY_LOSS_UNKNOWN, AVAILABILITY_LOSS_TWICE, AVAILABILITY_TOO_MANY_ELEMENTS
 */
export const whatIf = (state: AvailabilityState, request: WhatIfRequest, notes: readonly string[] = []): WhatIf => {
  const model = compile(state);
  const wanted = wantedOf(model.elements, request);
  const listed = listingOf(model, wanted.length);
  const results = wanted.map(({ steps, manner }) => resultOf(model, assess(model, steps), manner, listed));
  return {
    schema: whatIfSchemaName,
    sentence: results.length === 0 ? 'There is nothing to lose.' : overallSentence(results),
    results,
    assumptions: assumptionsOf(model),
    questions: questionsOf(model),
    notes: [...notes],
  };
};
