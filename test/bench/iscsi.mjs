/**
 * The initiator against libiscsi's iscsi-perf on the same target, in one run: Debian's tgt in user space on loopback. Prints JSON.
 *
 *   node test/bench/iscsi.mjs [--rounds 3] [--seconds 2] [--gib 0] [--only 64k-32,4k-1,4k-32,digests] [--beside COMMIT]
 *
 * Needs tgtd, tgtadm and iscsi-perf (Debian: tgt, libiscsi-bin). Rounds alternate between the two, so that a busy machine hits both. With
 * --beside COMMIT the initiator of another commit is measured in turn with this one, for the processor that a read costs. With
 * --gib N it also reads N GiB and reports how memory moved (run node with --expose-gc for exact numbers).
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { parseArgs, promisify } from 'node:util';
import { loadInitiator, loadInitiatorOf } from './load-initiator.mjs';

const run = promisify(execFile);
const TARGET = 'iqn.2026-01.dev.quorate.bench:disk';
const TARGET_WITH_DIGESTS = 'iqn.2026-01.dev.quorate.bench:digests';
const INITIATOR = 'iqn.2026-01.dev.quorate.bench:initiator';
const BLOCK = 512;
const DISK_MIB = 1024;

const WORKLOADS = [
  { name: '64k-32', block: 65536, depth: 32, goal: 1 },
  { name: '4k-1', block: 4096, depth: 1, goal: 0.95 },
  { name: '4k-32', block: 4096, depth: 32, goal: 1.1 },
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    gib: { type: 'string', default: '0' },
    beside: { type: 'string' },
    only: { type: 'string', default: '64k-32,4k-1,4k-32,digests' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const only = values.only.split(',');

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A tgtd of our own: control socket, port and disk belong to this run and go with it. */
const startTarget = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-bench-'));
  const port = await freePort();
  // tgt keeps it in a signed 16-bit number.
  const control = String(1000 + (process.pid % 20000));
  const environment = { ...process.env, TGT_IPC_SOCKET: join(folder, 'control') };
  const disk = join(folder, 'disk');
  const file = await open(disk, 'w');
  await file.truncate(DISK_MIB * 1024 * 1024);
  await file.close();
  const daemon = spawn('tgtd', ['-f', '-C', control, '--iscsi', `portal=127.0.0.1:${port}`], {
    env: environment,
    stdio: 'ignore',
  });
  const admin = (...args) => run('tgtadm', ['-C', control, '--lld', 'iscsi', ...args], { env: environment });
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      await admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', TARGET);
      break;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  // Two targets: iscsi-perf offers "None,CRC32C", and a target that has digests would make it, and not us, compute them.
  await admin('--op', 'new', '--mode', 'target', '--tid', '2', '-T', TARGET_WITH_DIGESTS);
  for (const tid of ['1', '2']) {
    await admin('--op', 'new', '--mode', 'logicalunit', '--tid', tid, '--lun', '1', '-b', disk);
    await admin('--op', 'bind', '--mode', 'target', '--tid', tid, '-I', 'ALL');
  }
  await admin('--op', 'update', '--mode', 'target', '--tid', '2', '-n', 'HeaderDigest', '-v', 'CRC32C');
  await admin('--op', 'update', '--mode', 'target', '--tid', '2', '-n', 'DataDigest', '-v', 'CRC32C');
  return {
    port,
    stop: async () => {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const measureTheirs = async (port, { block, depth }) => {
  const { stdout } = await run('iscsi-perf', [
    '-i',
    INITIATOR,
    '-m',
    String(depth),
    '-b',
    String(block / BLOCK),
    '-t',
    String(seconds),
    `iscsi://127.0.0.1:${port}/${TARGET}/1`,
  ]);
  // The last average is the one over the whole run.
  const averages = [...stdout.matchAll(/iops average (\d+)/g)];
  return Number(averages.at(-1)[1]);
};

const openSession = async (iscsi, port, digest, target = digest === 'CRC32C' ? TARGET_WITH_DIGESTS : TARGET) => {
  const session = await iscsi.openSession({
    portal: `127.0.0.1:${port}`,
    target,
    initiatorName: INITIATOR,
    headerDigest: digest,
    dataDigest: digest,
  });
  const { headerDigest, dataDigest } = session.info.parameters;
  const isOn = digest === 'CRC32C';
  if (headerDigest !== isOn || dataDigest !== isOn)
    throw new Error(`digests ${digest} were asked for, and header ${headerDigest}, data ${dataDigest} agreed`);
  return session;
};

/** What iscsi-perf offers is answered as what we ask for: without digests. */
const checkLikeForLike = async (iscsi, port) => {
  const session = await openSession(iscsi, port, 'None,CRC32C');
  await session.close();
};

/** The time that the garbage collector takes while `work` runs, and how long that was. */
const watchGarbage = async (work) => {
  let collectedMs = 0;
  const add = (list) => {
    for (const entry of list.getEntries()) collectedMs += entry.duration;
  };
  const observer = new PerformanceObserver(add);
  observer.observe({ entryTypes: ['gc'] });
  const begun = performance.now();
  const result = await work();
  const elapsedMs = performance.now() - begun;
  add({ getEntries: () => observer.takeRecords() });
  observer.disconnect();
  return { result, share: collectedMs / elapsedMs };
};

const readFor = async (iscsi, session, { block, depth, ownBuffers = true }, isOver) => {
  const lun = iscsi.lunFromNumber(1);
  const blocks = block / BLOCK;
  const total = (DISK_MIB * 1024 * 1024) / BLOCK;
  await iscsi.scsi.testUnitReady(session, lun);
  let next = 0;
  let done = 0;
  const worker = async () => {
    const options = ownBuffers ? { into: Buffer.allocUnsafeSlow(block) } : {};
    // The clock is looked at now and then: looking costs what sending a command costs, and is not what is measured.
    while (done % 16 !== 0 || !isOver(done)) {
      const firstBlock = next;
      next = (next + blocks) % total;
      const outcome = await iscsi.scsi.read(session, lun, { firstBlock: BigInt(firstBlock), blocks }, BLOCK, options);
      if (!outcome.ok) throw new Error(`read at ${firstBlock}: status ${outcome.status}`);
      done++;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: depth }, worker));
  return { done, elapsedMs: performance.now() - start };
};

/** `isWatched`: with the share of the garbage collector, which costs something to watch and is not in the race. */
const measureOurs = async (iscsi, port, workload, { digest = 'None', isWatched = false } = {}) => {
  const session = await openSession(iscsi, port, digest);
  const cpuBefore = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  const work = () => readFor(iscsi, session, workload, () => performance.now() >= end);
  const { result, share } = isWatched ? await watchGarbage(work) : { result: await work(), share: null };
  const { done, elapsedMs } = result;
  const cpu = process.cpuUsage(cpuBefore);
  await session.close();
  return {
    iops: Math.round((done * 1000) / elapsedMs),
    cpuMicrosecondsPerRead: Number(((cpu.user + cpu.system) / done).toFixed(1)),
    garbageShare: share,
  };
};

const spread = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const round = (value) => Number(value.toFixed(2));
  return {
    min: round(sorted[0]),
    median: round(sorted[Math.floor(sorted.length / 2)]),
    max: round(sorted.at(-1)),
  };
};

const measureMemory = async (iscsi, port, gib, ownBuffers) => {
  const session = await openSession(iscsi, port, 'None');
  const workload = { block: 65536, depth: 32, ownBuffers };
  const wanted = (gib * 1024 ** 3) / workload.block;
  const samples = [];
  const step = Math.max(1, Math.floor(wanted / 20));
  let sampleAt = step;
  await readFor(iscsi, session, workload, (done) => {
    if (done >= sampleAt) {
      sampleAt += step;
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      samples.push({
        rssMiB: Math.round(rss / 2 ** 20),
        heapMiB: Math.round(heapUsed / 2 ** 20),
        heapBytes: heapUsed,
        externalMiB: Math.round(external / 2 ** 20),
      });
    }
    return done >= wanted;
  });
  await session.close();
  return {
    gib,
    ownBuffers,
    commands: wanted,
    first: samples[0],
    last: samples.at(-1),
    // Of what is alive after a collection, from the first twentieth to the end: a leak of a few bytes a command shows here.
    heapBytesPerCommand: (samples.at(-1).heapBytes - samples[0].heapBytes) / (wanted * 0.95) || 0,
    maxRssMiB: Math.max(...samples.map((sample) => sample.rssMiB)),
  };
};

const main = async () => {
  const iscsi = await loadInitiator();
  // A clone without its history has no other build: then that row is left out, and it is said.
  const beside =
    values.beside === undefined
      ? null
      : await loadInitiatorOf(values.beside).catch((error) => {
          console.error(`${values.beside} is not measured beside: ${error.message}`);
          return null;
        });
  const target = await startTarget();
  // A ratio says little on a machine that is busy with something else: the load at both ends is part of the result.
  const report = { rounds, seconds, node: process.version, cpus: cpus().length, loadBefore: loadavg(), workloads: {} };
  try {
    await checkLikeForLike(iscsi, target.port);
    for (const workload of WORKLOADS.filter(({ name }) => only.includes(name))) {
      const ours = [];
      const theirs = [];
      const cpu = [];
      const garbage = [];
      const besideCpu = [];
      const besideIops = [];
      // Not counted: the target, the file cache and the compiler warm up.
      await measureTheirs(target.port, workload);
      await measureOurs(iscsi, target.port, workload);
      for (let round = 0; round < rounds; round++) {
        // Who goes first changes, so that neither always finds the caches warm.
        const oursFirst = round % 2 === 0;
        if (!oursFirst) theirs.push(await measureTheirs(target.port, workload));
        const measured = await measureOurs(iscsi, target.port, workload);
        ours.push(measured.iops);
        cpu.push(measured.cpuMicrosecondsPerRead);
        if (beside !== null) {
          const other = await measureOurs(beside, target.port, workload);
          besideCpu.push(other.cpuMicrosecondsPerRead);
          besideIops.push(other.iops);
        }
        if (oursFirst) theirs.push(await measureTheirs(target.port, workload));
        garbage.push((await measureOurs(iscsi, target.port, workload, { isWatched: true })).garbageShare);
      }
      const ratio = spread(ours.map((iops, i) => iops / theirs[i]));
      report.workloads[workload.name] = {
        goal: workload.goal,
        ratio,
        // The best of each: what both do in a window in which nobody else uses the machine.
        ratioOfBest: Number((Math.max(...ours) / Math.max(...theirs)).toFixed(2)),
        reached: ratio.median >= workload.goal,
        ours,
        theirs,
        cpuMicrosecondsPerRead: spread(cpu),
        ...(beside === null
          ? {}
          : {
              beside: {
                cpuMicrosecondsPerRead: spread(besideCpu),
                cpuRatio: spread(cpu.map((one, i) => one / besideCpu[i])),
                iopsRatio: spread(ours.map((iops, i) => iops / besideIops[i])),
              },
            }),
        garbageShare: {
          min: Math.min(...garbage),
          median: [...garbage].sort((a, b) => a - b)[Math.floor(rounds / 2)],
          max: Math.max(...garbage),
        },
      };
    }
    if (only.includes('digests')) {
      const workload = WORKLOADS[0];
      const without = [];
      const withDigests = [];
      for (let round = 0; round < rounds; round++) {
        without.push((await measureOurs(iscsi, target.port, workload)).iops);
        withDigests.push((await measureOurs(iscsi, target.port, workload, { digest: 'CRC32C' })).iops);
      }
      report.digests = {
        workload: workload.name,
        ratio: spread(withDigests.map((iops, i) => iops / without[i])),
        without,
        with: withDigests,
      };
    }
    const gib = Number(values.gib);
    if (gib > 0) {
      report.memory = await measureMemory(iscsi, target.port, gib, true);
      report.memoryOwn = await measureMemory(iscsi, target.port, gib / 4, false);
    }
  } finally {
    await target.stop();
  }
  report.loadAfter = loadavg();
  console.log(JSON.stringify(report, null, 2));
};

await main();
