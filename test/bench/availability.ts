import { assess } from '../../shared/availability/assess.ts';
import { compile } from '../../shared/availability/model.ts';
import { parseState } from '../../shared/availability/parse-state.ts';
import { singlePointsOf } from '../../shared/availability/single-points.ts';
import type { StateDocument } from '../../shared/availability/state.ts';
import { resultOf, whatIf } from '../../shared/availability/what-if.ts';

const nodeCount = 64;
const vmCount = 8000;

/** 64 nodes with 125 virtual machines of uneven size each; in the tight form the memory left is little. */
const cluster = (isTight: boolean, hasNetworks: boolean): StateDocument => ({
  nodes: Array.from({ length: nodeCount }, (_, at) => ({
    name: `HV${at + 1}`,
    memoryMB: isTight ? 640_000 : 1_048_576,
    reserveMB: 8192,
    ...(hasNetworks
      ? {
          nics: [
            { name: 'LAN', role: 'production' as const, switch: `SW${1 + (at % 2)}` },
            { name: 'Private', role: 'clusterPrivate' as const, switch: `SW${3 - (1 + (at % 2))}` },
            { name: 'A', role: 'iscsiA' as const, switch: 'SW3' },
            { name: 'B', role: 'iscsiB' as const, switch: 'SW4' },
          ],
        }
      : {}),
  })),
  witness: { kind: 'disk', target: 'SAN1' },
  targets: ['SAN1', 'SAN2'].map((name, at) => ({
    name,
    ...(hasNetworks
      ? {
          portals: [
            { address: `10.0.${at}.1`, network: 'iscsiA' as const, switch: 'SW3' },
            { address: `10.0.${at}.2`, network: 'iscsiB' as const, switch: 'SW4' },
          ],
        }
      : {}),
  })),
  vms: Array.from({ length: vmCount }, (_, at) => ({
    name: `VM${at + 1}`,
    node: `HV${1 + (at % nodeCount)}`,
    memoryMB: 1024 * (1 + ((at * 7) % 8)),
    priority: (['high', 'medium', 'medium', 'low'] as const)[at % 4]!,
    target: at % 2 === 0 ? 'SAN1' : 'SAN2',
  })),
});

/** The naive replay: for each loss the file is read anew, votes are counted and each machine is started, one after the other. */
const replay = (text: string | null, document: StateDocument, lost: readonly string[]): number => {
  const state = text === null ? document : (JSON.parse(text) as StateDocument);
  const up = state.nodes.filter(({ name }) => !lost.includes(name));
  const votes = state.nodes.length + (state.nodes.length % 2 === 0 ? 1 : 0);
  if ((up.length + (votes - state.nodes.length)) * 2 <= votes) return 0;
  const hosts = up.map(({ name, memoryMB, reserveMB }) => {
    const own = state.vms.filter((vm) => vm.node === name);
    return { name, groups: own.length, free: memoryMB - reserveMB - own.reduce((sum, vm) => sum + vm.memoryMB, 0) };
  });
  const rank = { high: 3, medium: 2, low: 1, noAutoStart: 0 };
  const moving = state.vms
    .filter((vm) => lost.includes(vm.node) && vm.priority !== 'noAutoStart')
    .sort((left, right) => rank[right.priority] - rank[left.priority]);
  let started = 0;
  for (const vm of moving) {
    const [host] = hosts.filter(({ free }) => free >= vm.memoryMB).sort((left, right) => left.groups - right.groups);
    if (!host) continue;
    host.groups += 1;
    host.free -= vm.memoryMB;
    started += 1;
  }
  return started;
};

const spread = (values: readonly number[]): { min: number; median: number; max: number } => {
  const sorted = values.toSorted((left, right) => left - right);
  return { min: sorted[0]!, median: sorted[Math.floor(sorted.length / 2)]!, max: sorted.at(-1)! };
};

const timeMs = (work: () => unknown): number => {
  const begun = performance.now();
  work();
  return performance.now() - begun;
};

const text = (value: { min: number; median: number; max: number }): string =>
  `${value.min.toFixed(1)} / ${value.median.toFixed(1)} / ${value.max.toFixed(1)} ms`;

const rounds = Number(process.env['QUORATE_BENCH_ROUNDS'] ?? 7);
let mostMiB = 0;
const watch = (): void => {
  mostMiB = Math.max(mostMiB, process.memoryUsage.rss() / 2 ** 20);
};

interface Row {
  readonly what: string;
  readonly goal: string | null;
  readonly ratio: { min: number; median: number; max: number };
  readonly more: string;
}

const losses = (nodes: readonly string[]): string[][] => [
  ...nodes.map((name) => [name]),
  ...nodes.flatMap((first, at) => nodes.slice(at + 1).map((second) => [first, second])),
];

const allLosses = (isTight: boolean): Row[] => {
  const document = cluster(isTight, false);
  const file = JSON.stringify(document);
  const { state } = parseState(document, 'bench');
  const wanted = losses(document.nodes.map(({ name }) => name));
  const ours: number[] = [];
  const fromFile: number[] = [];
  const fromMemory: number[] = [];
  // The replay takes so long that every fortieth loss stands for forty.
  const sample = wanted.filter((_, at) => at % 40 === 0);
  const scale = wanted.length / sample.length;
  for (let round = 0; round < rounds; round += 1) {
    ours.push(
      timeMs(() => {
        const model = compile(state);
        const byName = new Map(model.elements.map((element) => [element.name, element]));
        for (const lost of wanted) assess(model, [lost.map((name) => byName.get(name)!)]);
        watch();
      }),
    );
    fromFile.push(scale * timeMs(() => sample.forEach((lost) => replay(file, document, lost))));
    fromMemory.push(scale * timeMs(() => sample.forEach((lost) => replay(null, document, lost))));
  }
  const [o, f, m] = [spread(ours), spread(fromFile), spread(fromMemory)];
  const kind = isTight ? ', memory tight' : '';
  return [
    {
      what: `${wanted.length} single and double node losses of 64 nodes with 8,000 virtual machines${kind}: against the replay of each from the file`,
      goal: 'at most 0.01',
      ratio: spread(ours.map((one, at) => one / fromFile[at]!)),
      more: `${text(o)} against ${text(f)} (every fortieth loss was replayed, times ${scale.toFixed(1)})`,
    },
    {
      what: `the same${kind} against the replay of each from the parsed file`,
      goal: null,
      ratio: spread(ours.map((one, at) => one / fromMemory[at]!)),
      more: `${text(o)} against ${text(m)}`,
    },
    {
      what: `the same${kind}, in seconds`,
      goal: 'at most 1',
      ratio: spread(ours.map((one) => one / 1000)),
      more: `${mostMiB.toFixed(0)} MiB resident at most`,
    },
  ];
};

const others = (): Row[] => {
  const { state } = parseState(cluster(false, true), 'bench');
  const model = compile(state);
  const single: number[] = [];
  const click: number[] = [];
  const request: number[] = [];
  const [node] = model.elements;
  for (let round = 0; round < rounds; round += 1) {
    single.push(timeMs(() => singlePointsOf(compile(state))));
    click.push(timeMs(() => resultOf(model, assess(model, [[node!]]), 'single')));
    request.push(timeMs(() => whatIf(state, { lose: ['node:HV7', 'switch:SW3'], all: [] })));
    watch();
  }
  const row = (what: string, goalMs: number | null, values: readonly number[]): Row => ({
    what,
    goal: goalMs === null ? null : 'at most 1',
    ratio: spread(values.map((one) => one / (goalMs ?? 1000))),
    more: `${text(spread(values))}${goalMs === null ? '' : ` against a goal of ${goalMs} ms`}`,
  });
  return [
    row(
      `single points of 64 nodes with 256 NICs, 4 switches and 8,000 virtual machines (${model.elements.length} elements): share of the goal`,
      100,
      single,
    ),
    row('one click in the picture of the same, every virtual machine listed: share of the goal', 50, click),
    row('two losses in order and at once from the parsed state, in seconds', null, request),
  ];
};

const rows = [...allLosses(false), ...allLosses(true), ...others()];
rows.push({
  what: 'resident memory in all of it: share of 500 MB',
  goal: 'at most 1',
  ratio: spread([(mostMiB * 1.048576) / 500]),
  more: `${mostMiB.toFixed(0)} MiB`,
});
console.log(JSON.stringify({ bench: 'availability', rounds, rows }));
