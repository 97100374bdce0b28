import * as z from 'zod';
import type { Model } from './model.ts';
import { pack, type Item, type Packing } from './packing.ts';
import { join, memoryText } from './words.ts';

const verdicts = ['fits', 'doesNotFit', 'unknown'] as const;

/** Does the memory of the others hold everything when one node (N+1) or any two (N+2) are lost? */
export const headroomSchema = z.object({
  /** How many nodes are lost at once. */
  losses: z.union([z.literal(1), z.literal(2)]),
  /** `assigned`: what each virtual machine has now. `dynamic`: startup memory where it restarts, minimum where it runs. */
  memory: z.enum(['assigned', 'dynamic']),
  /** `notApplicable`: no node would be left. */
  verdict: z.enum([...verdicts, 'notApplicable']),
  /** Losses by verdict. */
  cases: z.object({ fits: z.number().int(), doesNotFit: z.number().int(), unknown: z.number().int() }),
  /** The loss with the least room to spare. */
  worst: z
    .object({
      lose: z.array(z.string()),
      verdict: z.enum(verdicts),
      neededMB: z.number().int(),
      freeMB: z.number().int(),
      /** The largest one that is left over when they are placed largest first. */
      largestNotRestarted: z.object({ name: z.string(), memoryMB: z.number().int() }).nullable(),
    })
    .nullable(),
  /** Memory that the hosts keep for themselves, all nodes together. */
  reserveMB: z.number().int(),
  sentence: z.string(),
});
export type Headroom = z.infer<typeof headroomSchema>;

/** Steps of the exhaustive search for one loss; the sums of many losses have to stay quick. */
const budget = 5_000;

interface Case {
  readonly nodes: readonly number[];
  /** Nodes that are left and whose memory is not known, where those that are known do not hold everything. */
  readonly unread: readonly number[];
  readonly verdict: Packing['verdict'];
  readonly proof: string;
  readonly neededMB: number;
  readonly freeMB: number;
  readonly largest: { readonly name: string; readonly memoryMB: number } | null;
}

/** The largest item that finds no room when the largest ones choose first. */
const leftOver = (items: readonly Item[], room: readonly number[]): number => {
  const left = [...room];
  const order = items.map((_, index) => index).sort((a, b) => (items[b]?.size ?? 0) - (items[a]?.size ?? 0));
  for (const index of order) {
    const item = items[index] as Item;
    const bin = left.findIndex((free, at) => free >= item.size && (item.bins === null || item.bins.includes(at)));
    if (bin < 0) return index;
    left[bin] = (left[bin] ?? 0) - item.size;
  }
  return -1;
};

const caseOf = (model: Model, nodes: readonly number[], memory: Headroom['memory']): Case => {
  const { state } = model;
  const start = (vm: number): number =>
    memory === 'dynamic'
      ? (state.vms[vm]?.dynamicMemory?.startupMB ?? model.vms[vm]?.memoryMB ?? 0)
      : (model.vms[vm]?.memoryMB ?? 0);
  const runs = (vm: number): number =>
    memory === 'dynamic'
      ? (state.vms[vm]?.dynamicMemory?.minimumMB ?? model.vms[vm]?.memoryMB ?? 0)
      : (model.vms[vm]?.memoryMB ?? 0);
  const others = model.nodes.flatMap((_, node) => (nodes.includes(node) ? [] : [node]));
  const room = others.map((node) => {
    const one = state.nodes[node];
    const used = (model.nodes[node]?.vms ?? []).reduce((sum, vm) => sum + runs(vm), 0);
    return Math.max(0, (one?.memoryMB ?? 0) - (one?.reserveMB ?? 0) - used);
  });
  const vms = nodes.flatMap((node) => model.nodes[node]?.vms ?? []).filter((vm) => (model.vms[vm]?.rank ?? 0) > 0);
  const items = vms.map((vm): Item => {
    const { possible, enforced } = model.vms[vm] as Model['vms'][number];
    return {
      size: start(vm),
      bins: possible === null ? null : possible.map((node) => others.indexOf(node)).filter((bin) => bin >= 0),
      classes: enforced,
    };
  });
  const taken = model.isAntiAffinityEnforced
    ? others.map((node) => new Set((model.nodes[node]?.vms ?? []).flatMap((vm) => model.vms[vm]?.enforced ?? [])))
    : [];
  const packing = pack(items, room, { taken, budget });
  const over = packing.verdict === 'fits' ? -1 : leftOver(items, room);
  const alone = packing.verdict === 'doesNotFit' && packing.proof.kind === 'item' ? packing.proof.item : over;
  const vm = alone < 0 ? undefined : vms[alone];
  const unread = packing.verdict === 'fits' ? [] : others.filter((node) => model.nodes[node]?.isRoomKnown === false);
  return {
    nodes,
    unread,
    verdict: unread.length > 0 ? 'unknown' : packing.verdict,
    proof: packing.verdict === 'doesNotFit' ? packing.proof.kind : '',
    neededMB: items.reduce((sum, { size }) => sum + size, 0),
    freeMB: room.reduce((sum, one) => sum + one, 0),
    largest: vm === undefined ? null : { name: model.vms[vm]?.name ?? '', memoryMB: start(vm) },
  };
};

const sentenceOf = (model: Model, losses: 1 | 2, memory: Headroom['memory'], worst: Case): string => {
  const lost = join(worst.nodes.map((node) => model.nodes[node]?.name ?? ''));
  const kind = memory === 'dynamic' ? ' with dynamic memory (startup memory to restart, minimum while running)' : '';
  const sums = `${memoryText(worst.neededMB)} have to restart and ${memoryText(worst.freeMB)} are free`;
  if (worst.verdict === 'fits')
    return `N+${losses}${kind} holds: in the worst case, the loss of ${lost}, ${sums}, and every virtual machine fits.`;
  if (worst.unread.length > 0)
    return `Whether N+${losses}${kind} holds is not known: the memory of ${join(worst.unread.map((node) => model.nodes[node]?.name ?? ''))} was not read.`;
  if (worst.verdict === 'unknown')
    return `Whether N+${losses}${kind} holds was not decided: after the loss of ${lost}, ${sums}; neither an arrangement nor a proof against one was found.`;
  const who = worst.largest ? `; ${worst.largest.name} with ${memoryText(worst.largest.memoryMB)} stays down` : '';
  if (worst.proof === 'item')
    return `N+${losses}${kind} does not hold: after the loss of ${lost}, no node that is left can take ${worst.largest?.name ?? 'one of them'}, which needs ${memoryText(worst.largest?.memoryMB ?? 0)}.`;
  if (worst.neededMB > worst.freeMB)
    return `N+${losses}${kind} does not hold: after the loss of ${lost}, ${sums}${who}.`;
  return `N+${losses}${kind} does not hold: after the loss of ${lost}, ${sums}: the sum fits but does not pack${who}.`;
};

const severity = { doesNotFit: 2, unknown: 1, fits: 0 } as const;

const headroom = (model: Model, losses: 1 | 2, memory: Headroom['memory']): Headroom => {
  const cases: Case[] = [];
  const { length } = model.nodes;
  const reserveMB = model.state.nodes.reduce((sum, node) => sum + node.reserveMB, 0);
  if (length > losses)
    for (let first = 0; first < length; first += 1)
      if (losses === 1) cases.push(caseOf(model, [first], memory));
      else
        for (let second = first + 1; second < length; second += 1) cases.push(caseOf(model, [first, second], memory));
  if (cases.length === 0)
    return {
      losses,
      memory,
      verdict: 'notApplicable',
      cases: { fits: 0, doesNotFit: 0, unknown: 0 },
      worst: null,
      reserveMB,
      sentence: `N+${losses} asks for more than ${losses === 1 ? 'one node' : 'two nodes'}; the cluster has ${length}.`,
    };
  const worst = cases.reduce((bad, one) =>
    severity[one.verdict] > severity[bad.verdict] ||
    (one.verdict === bad.verdict && one.freeMB - one.neededMB < bad.freeMB - bad.neededMB)
      ? one
      : bad,
  );
  const number = (verdict: Case['verdict']): number => cases.filter((one) => one.verdict === verdict).length;
  return {
    losses,
    memory,
    verdict: worst.verdict,
    cases: { fits: number('fits'), doesNotFit: number('doesNotFit'), unknown: number('unknown') },
    worst: {
      lose: worst.nodes.map((node) => `node:${model.nodes[node]?.name ?? ''}`),
      verdict: worst.verdict,
      neededMB: worst.neededMB,
      freeMB: worst.freeMB,
      largestNotRestarted: worst.largest,
    },
    reserveMB,
    sentence: sentenceOf(model, losses, memory, worst),
  };
};

/** N+1 and N+2, with the memory that is assigned and, where a machine has it, with dynamic memory. */
export const headroomOf = (model: Model): Headroom[] => {
  const memories: readonly Headroom['memory'][] = model.state.vms.some(({ dynamicMemory }) => dynamicMemory)
    ? ['assigned', 'dynamic']
    : ['assigned'];
  return ([1, 2] as const).flatMap((losses) => memories.map((memory) => headroom(model, losses, memory)));
};
