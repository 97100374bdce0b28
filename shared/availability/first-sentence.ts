import { assess, type Assessment } from './assess.ts';
import type { Model } from './model.ts';
import { capital, count, join, machines, memoryText } from './words.ts';

const lossOf = (model: Model, node: number): Assessment => {
  const element = model.elements.filter(({ kind, name }) => kind === 'node' && name === model.nodes[node]?.name);
  return assess(model, [element]);
};

/** Those that are down because nobody wants them started by themselves; not asked where quorum is lost. */
const noStartOf = ({ counts, notRestarted }: Assessment): number => counts.down - notRestarted;

/** What becomes of the machines of a lost node, in half a sentence about the memory. */
const fateText = (model: Model, loss: Assessment): string => {
  const { quorum, counts } = loss;
  if (quorum.verdict === 'lost') return 'but the cluster loses quorum, and all of them stop';
  const noStart = noStartOf(loss);
  const down = loss.notRestarted;
  const largest = loss.largestNotRestarted === null ? undefined : model.vms[loss.largestNotRestarted];
  const most = largest ? `, the largest of them ${largest.name} with ${memoryText(largest.memoryMB)}` : '';
  const notStarted =
    noStart > 0 ? `; ${count(noStart)} with No Auto Start ${noStart === 1 ? 'is' : 'are'} not started` : '';
  if (quorum.verdict === 'depends') return `if the cluster keeps quorum, which cannot be predicted${notStarted}`;
  if (down > 0) return `but ${count(down)} of them ${down === 1 ? 'stays' : 'stay'} down${most}${notStarted}`;
  if (counts.depends > 0) return `but ${count(counts.depends)} of them may stay down${most}${notStarted}`;
  return `and its memory holds them${notStarted}`;
};

/** Four and four become eight on one; of a single machine there is nothing to add up. */
const oneMachine = (model: Model): string => {
  const [vm] = model.vms;
  const loss = lossOf(model, vm?.node ?? 0);
  const { counts, quorum } = loss;
  const [home, other] = [model.nodes[vm?.node ?? 0]?.name, model.nodes[vm?.node === 0 ? 1 : 0]?.name];
  const head = `${vm?.name} runs on ${home}: if ${home} is lost,`;
  if (quorum.verdict === 'lost') return `${head} the cluster loses quorum and it stops.`;
  if (counts.restarts > 0) return `${head} it restarts on ${other}.`;
  if (noStartOf(loss) > 0) return `${head} it is not started on ${other}, because its priority is No Auto Start.`;
  return `${head} it ${counts.depends > 0 ? 'may stay' : 'stays'} down.`;
};

const twoNodes = (model: Model): string => {
  const [first, second] = model.nodes;
  const own = [first?.vms.length ?? 0, second?.vms.length ?? 0];
  const all = model.vms.length;
  if (all === 1) return oneMachine(model);
  const losses = [lossOf(model, 0), lossOf(model, 1)];
  const [left, right] = losses.map((loss) => fateText(model, loss));
  const head = `${capital(count(own[0] ?? 0))} and ${count(own[1] ?? 0)} become ${count(all)} on one`;
  if (left === right)
    return `${head}: if ${first?.name} or ${second?.name} is lost, the other has to run all ${count(all)} virtual machines, ${left}.`;
  return `${head}: if ${first?.name} is lost, ${second?.name} has to run all ${count(all)} virtual machines, ${left}; if ${second?.name} is lost, ${first?.name} has to, ${right}.`;
};

/**
 * The sentence that a manager reads first: what the loss of one node means, in machines.
 * For two nodes it is the printed example's: four and four become eight on one.
 */
export const firstSentence = (model: Model): string => {
  const { nodes, vms } = model;
  const [only] = nodes;
  if (nodes.length === 1) return `${only?.name} is the only node: when it is lost, everything stops.`;
  if (vms.length === 0) {
    const stops = nodes.flatMap((node, index) => (lossOf(model, index).quorum.verdict === 'kept' ? [] : [node.name]));
    const state = 'No virtual machine is in the state yet.';
    return stops.length === 0
      ? `${state} The cluster keeps quorum when any one of its ${count(nodes.length)} nodes is lost.`
      : `${state} It is not certain that the cluster keeps quorum when ${join(stops.slice(0, 4), 'or')} is lost.`;
  }
  if (nodes.length === 2) return twoNodes(model);
  const losses = nodes.map((node, index) => ({ node, loss: lossOf(model, index) }));
  const weigh = ({ loss }: (typeof losses)[number]): number =>
    (loss.quorum.verdict === 'lost' ? 1e9 : loss.quorum.verdict === 'depends' ? 1e8 : 0) +
    (loss.notRestarted + loss.counts.depends) * 1e4 +
    loss.counts.restarts +
    noStartOf(loss) * 1e-4;
  const worst = losses.reduce((bad, one) => (weigh(one) > weigh(bad) ? one : bad));
  const { loss, node } = worst;
  const others = nodes.length - 1;
  if (loss.quorum.verdict === 'lost')
    return `If ${node.name} is lost, the cluster loses quorum and all ${machines(vms.length)} stop.`;
  if (loss.quorum.verdict === 'depends')
    return `If ${node.name} is lost, it cannot be predicted whether the cluster keeps quorum; with it run ${machines(vms.length)}.`;
  if (node.vms.length === 0 || loss.counts.restarts + loss.counts.down + loss.counts.depends === 0)
    return `Whichever of the ${count(nodes.length)} nodes is lost, the cluster goes on and no virtual machine stops.`;
  const largest = loss.largestNotRestarted === null ? undefined : vms[loss.largestNotRestarted];
  const open = loss.notRestarted + loss.counts.depends;
  const noStart = noStartOf(loss);
  const meant = node.vms.length - noStart;
  if (meant === 0)
    return `If ${node.name} is lost, its ${machines(noStart)} ${noStart === 1 ? 'is' : 'are'} not started on another node, because the priority is No Auto Start.`;
  const head = `If ${node.name} is lost, its ${machines(meant)} ${meant === 1 ? 'has' : 'have'} to restart on the ${count(others)} others`;
  const notStarted =
    noStart > 0
      ? ` ${capital(count(noStart))} more with No Auto Start ${noStart === 1 ? 'is' : 'are'} not started.`
      : '';
  return open === 0
    ? `${head}, and their memory holds them; the same is true for every other node.${notStarted}`
    : `${head}, but ${count(open)} ${loss.counts.depends > 0 ? 'may stay' : open === 1 ? 'stays' : 'stay'} down${largest ? `, the largest of them ${largest.name} with ${memoryText(largest.memoryMB)}` : ''}.${notStarted}`;
};
