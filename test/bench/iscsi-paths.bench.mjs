/**
 * What digests cost, and what a second portal brings, against the practice target in a process of its own: on loopback, and where root may make network
 * namespaces, over two links of a known speed. Prints rows as JSON.
 *
 *   node test/bench/iscsi-paths.bench.mjs [--rounds 9] [--seconds 0.7]
 *
 * Needs the built command line (`npm run build`).
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadInitiator } from './load-initiator.mjs';
import { linkRate, startShaped } from './shaped-links.mjs';

const TARGET = 'iqn.2026-01.dev.quorate.bench:embedded';
const INITIATOR = 'iqn.2026-01.dev.quorate.bench:initiator';
const BLOCK = 512;
const DISK_MIB = 128;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, seconds: { type: 'string', default: '0.7' } },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A target with two portals; ready once it has named its LUN. */
const startTarget = async () => {
  const portals = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const cli = fileURLToPath(new URL('../../dist/cli/quorate.mjs', import.meta.url));
  const listen = portals.flatMap((portal) => ['--listen', portal]);
  const child = spawn(
    process.execPath,
    [cli, 'target', 'serve', ...listen, '--lun', `${DISK_MIB}M`, '--name', TARGET],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the target ended with ${code}`)));
    child.stdout.on('data', (text) => {
      if (String(text).includes('LUN 0')) resolve();
    });
  });
  return { portals, stop: () => child.kill('SIGTERM') };
};

const readFor = async (iscsi, portals, { block, depth, digest = 'None' }) => {
  const lun = iscsi.lunFromNumber(0);
  const blocks = block / BLOCK;
  const total = BigInt((DISK_MIB * 1024 * 1024) / BLOCK);
  const sessions = [];
  for (const portal of portals) {
    const session = await iscsi.openSession({
      portal,
      target: TARGET,
      initiatorName: INITIATOR,
      headerDigest: digest,
      dataDigest: digest,
    });
    await iscsi.scsi.testUnitReady(session, lun);
    sessions.push(session);
  }
  let next = 0n;
  let done = 0;
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const lane = async (session) => {
    const into = Buffer.allocUnsafeSlow(block);
    while (performance.now() < end) {
      const firstBlock = next;
      next = (next + BigInt(blocks)) % total;
      const outcome = await iscsi.scsi.read(session, lun, { firstBlock, blocks }, BLOCK, { into });
      if (!outcome.ok) throw new Error(`read at ${firstBlock}: status ${outcome.status}`);
      done += 1;
    }
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: depth }, () => lane(session))));
  const perSecond = (done * 1000) / (performance.now() - begun);
  for (const session of sessions) await session.close();
  return perSecond;
};

const spread = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};

/** Both portals at once against one, where neither the target's thread nor this machine is what bounds them. */
const measureShaped = async () => {
  const shaped = await startShaped().catch((error) => {
    console.error(`Links of a known speed are not measured: ${error.message}`);
    return null;
  });
  if (shaped === null) return [];
  const ratios = [];
  let [best, bestOfOne] = [0, 0];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const one = await shaped.measure(1, 1);
      const both = await shaped.measure(2, 1);
      ratios.push(both / one);
      best = Math.max(best, both);
      bestOfOne = Math.max(bestOfOne, one);
    }
  } finally {
    shaped.stop();
  }
  return [
    {
      what: `\`iscsi bench\` of 64 KiB, 32 in flight over two portals at once against one, each on a link of ${linkRate} (tbf), practice target (IOPS)`,
      goal: 'at least 1.7',
      ratio: spread(ratios),
      more: `${best} reads/s over two portals, ${bestOfOne} over one, at best`,
    },
  ];
};

const main = async () => {
  const iscsi = await loadInitiator();
  const target = await startTarget();
  const rows = [];
  try {
    const [first] = target.portals;
    const compare = async (what, goal, base, other, ratioOf, name) => {
      await base();
      await other();
      const [bases, others] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        // Who goes first changes, so that neither always finds the caches warm.
        if (round % 2 === 0) bases.push(await base());
        others.push(await other());
        if (round % 2 === 1) bases.push(await base());
      }
      rows.push({
        what,
        goal,
        ratio: spread(others.map((one, i) => ratioOf(one, bases[i]))),
        more: `${Math.round(Math.max(...others))} reads/s ${name}, ${Math.round(Math.max(...bases))} without, at best`,
      });
    };
    const whole = { block: 65_536, depth: 32 };
    await compare(
      'read 64 KiB, 32 in flight, header and data digests against none, practice target (time)',
      'at most 1.5',
      () => readFor(iscsi, [first], whole),
      () => readFor(iscsi, [first], { ...whole, digest: 'CRC32C' }),
      (other, base) => base / other,
      'with digests',
    );
    const small = { block: 4096, depth: 1 };
    await compare(
      'read 4 KiB, 1 in flight over each of two portals at once against one, practice target (IOPS)',
      'at least 1.7',
      () => readFor(iscsi, [first], small),
      () => readFor(iscsi, target.portals, small),
      (other, base) => other / base,
      'over two portals',
    );
  } finally {
    target.stop();
  }
  rows.push(...(await measureShaped()));
  console.log(JSON.stringify({ rows }, null, 2));
};

await main();
