/**
 * What a change of one server costs beside everything else: a verb of the command line on a simulated server beside a running core
 * against a Node process that does nothing; a plan with a journal of 5,000 changes against one with none; a change in a world of 64
 * servers against one in a world of one. In turns in one run. Prints JSON rows. It measures dist/, which `npm run bench` builds.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTypeScript } from './load-initiator.mjs';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'quorate.mjs');
const rounds = Number(process.env.QUORATE_BENCH_ROUNDS ?? 15);
const journalChanges = 5_000;
const manyServers = 64;
const data = mkdtempSync(join(tmpdir(), 'quorate-bench-'));

const spread = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};

const rowOf = (what, goal, pairs) => ({
  what,
  goal,
  ratio: spread(pairs.map(({ ours, other }) => ours / other)),
  oursMs: spread(pairs.map(({ ours }) => ours)),
  otherMs: spread(pairs.map(({ other }) => other)),
});

/** Processor time of the processes that this one has waited for, user and system, in milliseconds: proc(5), cutime and cstime in ticks of 10 ms. */
const childrenMs = () => {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
};

/** Both in turns, once more than counts, because the first is cold. */
const inTurns = async (ours, other, times = rounds, clock = () => performance.now()) => {
  const timeMs = async (work) => {
    const begun = clock();
    await work();
    return clock() - begun;
  };
  const pairs = [];
  for (let round = 0; round <= times; round += 1) pairs.push({ ours: await timeMs(ours), other: await timeMs(other) });
  return pairs.slice(1);
};

const node = (...args) => {
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, QUORATE_DATA: data },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
};
const quorate = (...args) => node(cli, ...args);

const verbRows = async () => {
  quorate('rehearsal', 'create', 'bench');
  const core = spawn(process.execPath, [cli, 'agent'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, QUORATE_DATA: data },
  });
  const ended = new Promise((resolve) => core.once('close', resolve));
  await new Promise((resolve) => core.stdout.once('data', resolve));
  try {
    const verb = ['nic', 'list', '--server', 'rehearsal:bench', '--json'];
    const ours = () => quorate(...verb);
    const nothing = () => node('-e', '0');
    const rows = [
      rowOf(
        '`quorate nic list` on a simulated server beside a running core against `node -e 0`, whole process',
        'at most 2.5',
        await inTurns(ours, nothing),
      ),
    ];
    if (process.platform === 'linux')
      rows.push(
        rowOf(
          'the same, processor time of the process (user and system; ticks of 10 ms)',
          'at most 2.5',
          await inTurns(ours, nothing, rounds, childrenMs),
        ),
      );
    return rows;
  } finally {
    core.kill('SIGTERM');
    await ended;
    quorate('rehearsal', 'stop', 'bench');
  }
};

const planRow = async (parts) => {
  const { Journal, ServerSettings, WorldClient, rehearsalPorts, worldAddress, makePlan, defaultPatience } = parts;
  quorate('rehearsal', 'create', 'plans');
  const client = await WorldClient.connect(worldAddress(join(data, 'rehearsal', 'plans')), 'bench');
  const name = 'rehearsal:plans/NODE1';
  const serverIn = (folder) => {
    mkdirSync(folder, { recursive: true });
    return {
      name,
      ports: rehearsalPorts(client, 'plans', 'NODE1'),
      settings: new ServerSettings(folder, name),
      journal: new Journal(folder),
      patience: defaultPatience,
      now: () => new Date(),
      renderScripts: async (changes) => changes.map(() => null),
      resumeCommand: { program: 'quorate', arguments: [] },
    };
  };
  const full = serverIn(join(data, 'full'));
  const empty = serverIn(join(data, 'empty'));
  const wanted = parts.desireSchema.parse({ area: 'host', desire: { computerName: 'HV01' } });
  try {
    const { steps } = await makePlan(empty, wanted, {}, {});
    for (let number = 0; number < journalChanges; number += 1) {
      const entry = full.journal.begin({
        server: name,
        node: 'NODE1',
        by: 'cli',
        title: `Change ${number}`,
        method: 'host.apply',
        desire: wanted,
        steps: [...steps],
        followUp: null,
      });
      entry.write('end', { state: 'done' });
      entry.close();
    }
    // As a core that has just been started finds it: the index is read from the disk in each round.
    const planIn = ({ journal: _journal, ...server }, folder) =>
      makePlan({ ...server, journal: new Journal(join(data, folder)) }, wanted, {}, {});
    return [
      rowOf(
        `a plan with a journal of ${journalChanges} changes against one with none, in a core that has just started`,
        null,
        await inTurns(
          () => planIn(full, 'full'),
          () => planIn(empty, 'empty'),
          rounds * 3,
        ),
      ),
      rowOf(
        `the same in a core that runs`,
        'at most 1.1',
        await inTurns(
          () => makePlan(full, wanted, {}, {}),
          () => makePlan(empty, wanted, {}, {}),
          rounds * 3,
        ),
      ),
    ];
  } finally {
    client.close();
    quorate('rehearsal', 'stop', 'plans');
  }
};

const worldRow = async ({ World, WorldRecord, buildScenario, changeMethods }) => {
  const method = changeMethods.get('nic.addAddress');
  const worldOf = (count) => {
    const folder = join(data, `world-${count}`);
    mkdirSync(folder, { recursive: true });
    const state = buildScenario('two-node-lab', 1, { mode: 'real', nowMs: Date.now() });
    const [first] = Object.values(state.servers);
    const servers = Array.from({ length: count }, (_, index) => ({
      ...structuredClone(first),
      name: `NODE${index + 1}`,
      computerName: `NODE${index + 1}`,
    }));
    const record = new WorldRecord(folder);
    record.checkpoint({ ...state, servers: Object.fromEntries(servers.map((server) => [server.name, server])) });
    record.close();
    return new World({ folder, scenario: 'two-node-lab', seed: 1, clock: 'real' });
  };
  let last = 0;
  const change = (world) => {
    const [nic] = world.state.servers.NODE1.nics;
    last += 1;
    const input = { do: 'nic.addAddress', nic: nic.guid, address: `10.${last >> 8}.${last & 255}.1`, prefixLength: 24 };
    const request = { who: 'bench', server: 'NODE1', what: 'nic.addAddress', input };
    const outcome = world.change(request, (draft) => method.run(draft, { change: input, secrets: {} }));
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  };
  const [many, one] = [worldOf(manyServers), worldOf(1)];
  const pairs = await inTurns(
    () => change(many),
    () => change(one),
    rounds * 10,
  );
  await Promise.all([many.close(), one.close()]);
  return rowOf(`a change in a world of ${manyServers} servers against one in a world of one`, 'at most 1.5', pairs);
};

try {
  const parts = await loadTypeScript('test/bench/servers-parts.ts');
  const rows = [...(await verbRows()), ...(await planRow(parts)), await worldRow(parts)];
  console.log(JSON.stringify({ bench: 'servers', rounds, rows }));
} finally {
  rmSync(data, { recursive: true, force: true });
}
