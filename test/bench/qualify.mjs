/**
 * The qualification of one LUN against the reservation suites of libiscsi's iscsi-test-cu, on one target in one run: Debian's
 * tgt in user space on loopback. Prints JSON.
 *
 *   node test/bench/qualify.mjs [--rounds 11]
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { loadTypeScript } from './load-initiator.mjs';
import { runSuites, spread, suites, timeMs } from './reservation-suites.mjs';

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'quorate.mjs');
const target = 'iqn.2026-01.dev.quorate.bench:disk';
const initiator = 'iqn.2026-01.dev.quorate.bench:initiator';
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' } } });
const rounds = Number(values.rounds);

const { keyNotesFile, qualify, freePort, startTgt, tgtIsHere } = await loadTypeScript('test/bench/qualify-parts.ts');
const skip = (reason) => {
  console.log(JSON.stringify({ bench: 'qualify', skipped: reason }));
  process.exit(0);
};
if (!tgtIsHere) skip('tgtd is not installed (Debian: tgt)');
if (spawnSync('iscsi-test-cu', ['--list']).error) skip('iscsi-test-cu is not installed (Debian: libiscsi-bin)');

const portal = `127.0.0.1:${await freePort()}`;
const tgt = await startTgt([portal]);
const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
try {
  await tgt.admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target);
  const disk = tgt.makeDisk('disk', 600);
  await tgt.admin('--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '-b', disk);
  await tgt.admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');

  /** As the core does it, with the notes of its keys flushed to the disk. */
  const inCore = async (cases) => {
    const outcome = await qualify({
      access: { portal, target },
      otherPaths: [],
      target,
      lun: 1,
      purpose: 'vm',
      nodes: 2,
      paths: 1,
      allowReservations: true,
      allowDataLoss: false,
      initiatorA: initiator,
      initiatorB: `${initiator}.second`,
      clusterInitiators: [],
      notes: keyNotesFile(folder),
      now: () => new Date(),
      signal: new globalThis.AbortController().signal,
      cases,
      machine: 'bench',
      toolVersion: '0',
      isRehearsal: false,
      onProgress: () => undefined,
    });
    const failed = outcome.report?.cases.filter(({ required, verdict }) => required && verdict === 'failed');
    if (failed?.length !== 0) throw new Error(`the target is not qualified: ${JSON.stringify(failed)}`);
  };
  const asProcess = () =>
    run(
      process.execPath,
      [
        ...[cli, 'iscsi', 'qualify', '--portal', portal, '--target', target, '--lun', '1', '--json'],
        ...['--initiator', initiator, '--allow-reservations'],
      ],
      { env: { ...process.env, QUORATE_DATA: folder }, maxBuffer: 64 * 1024 * 1024 },
    );
  const theirs = (asked = suites) => runSuites(`iscsi://${portal}/${target}/1`, asked);

  // A core that has run for a while; the row of the whole process shows what a first run costs.
  for (let warm = 0; warm < 25; warm += 1) await inCore();
  await asProcess();
  theirs();
  // The whole list of what the tool has on reservations, once: Reserve6 sleeps for seconds.
  const whole = await timeMs(() => theirs([...suites, 'Reserve6']));
  const all = [];
  const reservations = [];
  const processes = [];
  const others = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes, so that neither always finds the caches warm.
    if (round % 2 === 1) others.push(await timeMs(() => theirs()));
    all.push(await timeMs(() => inCore()));
    reservations.push(await timeMs(() => inCore(['Reservations.*'])));
    if (round % 2 === 0) others.push(await timeMs(() => theirs()));
    processes.push(await timeMs(asProcess));
  }
  const row = (what, goal, ours) => ({
    what,
    goal,
    ratio: spread(ours.map((ms, at) => ms / others[at])),
    oursMs: spread(ours),
    otherMs: spread(others),
  });
  console.log(
    JSON.stringify({
      bench: 'qualify',
      rounds,
      rows: [
        {
          what: 'one LUN, every case, in a core that runs (warm), against the reservation suites of iscsi-test-cu, all eight (Reserve6 sleeps)',
          goal: 'at most 1',
          ratio: spread(all.map((ms) => ms / whole)),
          oursMs: spread(all),
          otherMs: { min: whole, median: whole, max: whole },
        },
        {
          what: '`quorate iscsi qualify` as a whole process (cold), against the same',
          goal: null,
          ratio: spread(processes.map((ms) => ms / whole)),
          oursMs: spread(processes),
          otherMs: { min: whole, median: whole, max: whole },
        },
        row('one LUN, every case, warm, against the seven suites that do not sleep', null, all),
        row('its reservation cases alone, warm, against the seven', null, reservations),
        row('`quorate iscsi qualify` as a whole process (cold), against the seven', null, processes),
      ],
    }),
  );
} finally {
  await tgt.stop();
  rmSync(folder, { recursive: true, force: true });
}
