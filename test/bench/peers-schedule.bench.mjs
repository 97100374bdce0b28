/**
 * The network matrix of many agents in one process, each with an identity and a connection of its own: how long a round takes with more servers. One direction of a
 * measurement waits for a fixed time and sends nothing, so that what is compared is the schedule and what it costs. Prints JSON rows.
 *
 *   node test/bench/peers-schedule.bench.mjs [--measure-ms 1000]
 */
import { parseArgs } from 'node:util';
import { loadTypeScript } from './load-initiator.mjs';

const { values } = parseArgs({ options: { 'measure-ms': { type: 'string', default: '1000' } } });
const measureMs = Number(values['measure-ms']);
const { openManyAgents, measureMatrix, measureSettingsSchema } = await loadTypeScript('test/bench/schedule-parts.ts');

/** Milliseconds for each round with so many servers, and how many rounds there were. */
const perRound = async (count) => {
  const agents = await openManyAgents({ count, measureMs });
  try {
    const begun = new Map();
    const matrix = await measureMatrix(agents.group, {
      id: 'matrix-20260101-000000-000',
      isRehearsal: true,
      settings: measureSettingsSchema.parse({ segmentMs: 0 }),
      portals: [],
      now: () => new Date(0),
      progress: ({ done }) => begun.set(done, begun.get(done) ?? performance.now()),
    });
    const links = matrix.links.filter(({ outcome, to }) => to !== null && outcome === 'pass').length;
    if (links !== count * (count - 1)) throw new Error(`${links} links of ${count} servers were measured`);
    if (agents.most() !== 1) throw new Error(`a server measured with ${agents.most()} at once`);
    const rounds = begun.size - 1;
    return { rounds, ms: (begun.get(rounds) - begun.get(0)) / rounds };
  } finally {
    await agents.close();
  }
};

const few = await perRound(8);
const many = await perRound(64);
const ratio = many.ms / few.ms;
const rows = [
  {
    what: 'network matrix of 64 agents in one process against 8: time of a round, each direction waiting',
    goal: 'at most 1.2',
    ratio: { min: ratio, median: ratio, max: ratio },
    more: `${many.rounds} rounds of ${many.ms.toFixed(0)} ms against ${few.rounds} of ${few.ms.toFixed(0)} ms, each direction ${measureMs} ms`,
  },
];
console.log(JSON.stringify({ bench: 'peers-schedule', rows }));
process.exit(0);
