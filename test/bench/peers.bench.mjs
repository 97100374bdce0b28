/**
 * A call between servers against a bare TLS echo of messages of the same size: one connection each, both ends in this process, the same certificates,
 * in turns in one run. Memory over very many calls. Pairing to the first answer. The built agent with three connected peers that ask nothing, against a
 * process of the same runtime that waits (Linux alone tells both). Prints JSON rows.
 *
 *   node --expose-gc test/bench/peers.bench.mjs [--calls 100000] [--idle-seconds 20]
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findElectron } from '../../build/setup/electron-runtime.mjs';
import { loadTypeScript } from './load-initiator.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    'idle-seconds': { type: 'string', default: '20' },
    here: { type: 'boolean', default: false },
  },
});
const rounds = 7;
const sequential = 1_500;
const perCaller = 250;
const callers = 16;
const manyCalls = Number(values.calls);
const idleSeconds = Number(values['idle-seconds']);
const pairings = 7;

const spread = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};
const median = (numbers) => spread(numbers).median;

const memory = () => {
  const content = {};
  return {
    pathOf: (name) => name,
    read: (name) => content[name] ?? null,
    replace: (name, text) => (content[name] = text),
  };
};

/** A server in this process, on loopback, that answers with what it is asked. */
const startService = (PeerService, name) =>
  PeerService.open({
    files: memory(),
    name,
    version: '0',
    isDiscovering: false,
    answer: async (_method, input) => input,
  });

/** From the moment that a person typed the code to the first answer, in milliseconds. */
const pairOnce = async (PeerService) => {
  const [one, two] = [await startService(PeerService, 'ONE'), await startService(PeerService, 'TWO')];
  try {
    const [door] = await one.listen([{ address: '127.0.0.1', port: 0 }]);
    const { code } = one.invite();
    const begun = performance.now();
    await two.join(code, [{ address: door.address, port: door.port }]);
    await two.call(one.me.identity.id, 'bench.echo', {});
    return performance.now() - begun;
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
};

const measure = async () => {
  const { Channel, PeerService, peerLimits, frameOf, connectTls, listenTls, openIdentity } =
    await loadTypeScript('test/bench/peers-parts.ts');
  const pairing = [];
  for (let n = 0; n < pairings; n += 1) pairing.push(await pairOnce(PeerService));
  const identities = [await openIdentity(memory(), 'A', []), await openIdentity(memory(), 'B', [])];
  const connect = async (onArrival) => {
    const listener = await listenTls({ address: '127.0.0.1', port: 0, identity: identities[0], onArrival });
    const { socket } = await connectTls({
      address: '127.0.0.1',
      port: listener.port,
      identity: identities[1],
      timeoutMs: 5_000,
    });
    return { listener, socket };
  };

  const input = { text: 'x'.repeat(150) };
  const size = frameOf({
    jsonrpc: '2.0',
    id: 1,
    method: 'call',
    params: { call: 1, method: 'bench.echo', input },
  }).length;

  const channel = await connect(({ socket, place }) => {
    place.release();
    new Channel(socket, { peer: 'far', limits: peerLimits, onCall: async (call) => call.input });
  });
  const near = new Channel(channel.socket, { peer: 'near', limits: peerLimits, onCall: async () => null });
  const call = () => near.call('bench.echo', input);

  const bare = await connect(({ socket, place }) => {
    place.release();
    socket.on('data', (bytes) => socket.write(bytes));
  });
  const message = Buffer.alloc(size, 0x78);
  const waiting = [];
  let received = 0;
  bare.socket.on('data', (bytes) => {
    received += bytes.length;
    while (received >= size) {
      received -= size;
      waiting.shift()?.();
    }
  });
  const echo = () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      bare.socket.write(message);
    });

  const timeEach = async (act) => {
    const times = [];
    for (let n = 0; n < sequential; n += 1) {
      const begun = performance.now();
      await act();
      times.push(performance.now() - begun);
    }
    return median(times);
  };
  const perSecond = async (act) => {
    const begun = performance.now();
    const one = async () => {
      for (let n = 0; n < perCaller; n += 1) await act();
    };
    await Promise.all(Array.from({ length: callers }, one));
    return (callers * perCaller * 1_000) / (performance.now() - begun);
  };

  await timeEach(call);
  await timeEach(echo);
  const latency = [];
  const throughput = [];
  for (let round = 0; round < rounds; round += 1) {
    const turns = round % 2 === 0 ? [call, echo] : [echo, call];
    const times = new Map();
    const rates = new Map();
    for (const act of turns) times.set(act, await timeEach(act));
    for (const act of turns) rates.set(act, await perSecond(act));
    latency.push({ ours: times.get(call), theirs: times.get(echo) });
    throughput.push({ ours: rates.get(call), theirs: rates.get(echo) });
  }

  const resident = () => {
    globalThis.gc?.();
    return process.memoryUsage().rss / (1 << 20);
  };
  const tenth = Math.floor(manyCalls / 10);
  const callMany = async (count) => {
    for (let done = 0; done < count; done += callers) await Promise.all(Array.from({ length: callers }, call));
  };
  await callMany(tenth);
  const first = resident();
  const samples = [];
  for (let part = 1; part < 10; part += 1) {
    await callMany(tenth);
    samples.push(resident());
  }
  near.destroy('the bench ends');
  bare.socket.destroy();
  await Promise.all([channel.listener.close(), bare.listener.close()]);
  return { pairing, latency, throughput, memory: { first, last: samples.at(-1), most: Math.max(...samples) } };
};

if (values.here) {
  console.log(JSON.stringify(await measure()));
  process.exit(0);
}

const runIn = (executable, env, args) => {
  const self = fileURLToPath(import.meta.url);
  const { stdout, stderr, status } = spawnSync(executable, [...args, self, '--here', '--calls', String(manyCalls)], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const residentMiB = (pid) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
/** Processor time so far, in seconds: utime and stime of proc_pid_stat(5), in ticks of 10 ms. */
const processorSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

const cli = fileURLToPath(new URL('../../dist/cli/quorate.mjs', import.meta.url));

/** The built agent with three peers that are connected and ask nothing. Null where it is not built, or the system does not tell. */
const measureIdle = async (executable, env) => {
  if (process.platform !== 'linux' || !existsSync(cli)) return null;
  const { PeerService } = await loadTypeScript('test/bench/peers-parts.ts');
  const data = mkdtempSync(join(tmpdir(), 'quorate-idle-'));
  const options = { env: { ...process.env, ...env, QUORATE_DATA: data }, stdio: ['ignore', 'ignore', 'pipe'] };
  const agent = spawn(executable, [cli, 'agent', '--listen', '127.0.0.1:0', '--no-page'], options);
  const waiting = spawn(executable, ['-e', 'setInterval(() => {}, 1e9)'], options);
  const peers = [];
  try {
    let said = '';
    agent.stderr.on('data', (text) => (said += text));
    for (let tries = 0; !said.includes('Listens for peers'); tries += 1) {
      if (tries > 300) throw new Error(said || 'the agent did not start');
      await pause(100);
    }
    const quorate = (...words) => {
      const { stdout, stderr } = spawnSync(process.execPath, [cli, ...words, '--json'], {
        encoding: 'utf8',
        env: options.env,
      });
      if (!stdout) throw new Error(stderr);
      return JSON.parse(stdout);
    };
    for (const name of ['ONE', 'TWO', 'THREE']) {
      const { code, endpoints } = quorate('peers', 'invite');
      const peer = await startService(PeerService, name);
      peers.push(peer);
      await peer.join(code, endpoints);
    }
    const isIdle = () => quorate('peers', 'list').peers.filter(({ link }) => link.state === 'connected').length === 3;
    for (let tries = 0; !isIdle(); tries += 1) {
      if (tries > 30) throw new Error('the peers did not connect');
      await pause(500);
    }
    // After it was busy it gives memory back, and V8 collects once more by itself some 40 s later, which is no part of being idle.
    await pause(70_000);
    const before = processorSeconds(agent.pid);
    await pause(idleSeconds * 1_000);
    const share = (processorSeconds(agent.pid) - before) / idleSeconds;
    return { share, ours: residentMiB(agent.pid), theirs: residentMiB(waiting.pid) };
  } finally {
    agent.kill('SIGKILL');
    waiting.kill('SIGKILL');
    await Promise.all(peers.map((peer) => peer.close()));
    rmSync(data, { recursive: true, force: true });
  }
};

const idle = await measureIdle(process.execPath, {});
const same = (value) => ({ min: value, median: value, max: value });
const idleRows = idle
  ? [
      {
        what: 'an idle agent with three peers against `node -e setInterval` (resident)',
        goal: 'at most 1.8',
        ratio: same(idle.ours / idle.theirs),
        more: `${idle.ours.toFixed(0)} MiB against ${idle.theirs.toFixed(0)} MiB`,
      },
      {
        what: 'an idle agent with three peers: share of a core, against 0.5 %',
        goal: 'at most 1',
        ratio: same(idle.share / 0.005),
        more: `${(idle.share * 100).toFixed(2)} % over ${idleSeconds} s`,
      },
    ]
  : [];
const electron = findElectron();
const runtimes = [
  ['Node', runIn(process.execPath, {}, ['--expose-gc'])],
  ...(electron ? [['Electron', runIn(electron.executable, { ELECTRON_RUN_AS_NODE: '1' }, ['--expose-gc'])]] : []),
];
const rows = runtimes.flatMap(([name, { pairing, latency, throughput, memory }]) => [
  {
    what: `${name}: from the typed invitation to the first answer, against a second`,
    goal: 'at most 1',
    ratio: spread(pairing.map((ms) => ms / 1_000)),
    more: `${median(pairing).toFixed(0)} ms`,
  },
  {
    what: `${name}: a call between servers against a bare TLS echo of the same size (p50)`,
    goal: 'at most 2.5',
    ratio: spread(latency.map(({ ours, theirs }) => ours / theirs)),
    more: `${median(latency.map(({ ours }) => ours * 1_000)).toFixed(0)} µs against ${median(latency.map(({ theirs }) => theirs * 1_000)).toFixed(0)} µs`,
  },
  {
    what: `${name}: calls per second of ${callers} callers against the echo`,
    goal: 'at least 0.35',
    ratio: spread(throughput.map(({ ours, theirs }) => ours / theirs)),
    more: `${median(throughput.map(({ ours }) => ours)).toFixed(0)} against ${median(throughput.map(({ theirs }) => theirs)).toFixed(0)}`,
  },
  {
    what: `${name}: memory after ${manyCalls} calls against memory after the first tenth (resident)`,
    goal: 'at most 1.1',
    ratio: { min: memory.last / memory.first, median: memory.last / memory.first, max: memory.most / memory.first },
    more: `${memory.first.toFixed(0)} MiB first, ${memory.last.toFixed(0)} MiB last, ${memory.most.toFixed(0)} MiB at most`,
  },
]);
console.log(JSON.stringify({ bench: 'peers', rows: [...rows, ...idleRows] }));
process.exit(0);
