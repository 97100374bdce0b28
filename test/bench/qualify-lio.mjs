/**
 * The qualification of one LUN of the Linux kernel's target (LIO), every case, against the seven reservation suites of iscsi-test-cu that do not sleep, in
 * turn on one target: Debian's kernel in a QEMU guest without virtualization. Prints JSON.
 *
 *   node test/bench/qualify-lio.mjs [--rounds 9]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTypeScript } from './load-initiator.mjs';
import { runSuites, spread, timeMs } from './reservation-suites.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const initiator = 'iqn.2026-01.dev.quorate.bench:initiator';

const { forwarded, keyNotesFile, lioTarget, lioVersion, qualify, serveUsual, startLio, whyNoLio } =
  await loadTypeScript('test/bench/qualify-parts.ts');
const skip = (reason) => {
  console.log(JSON.stringify({ bench: 'qualify-lio', skipped: reason }));
  process.exit(0);
};
if (whyNoLio !== null) skip(whyNoLio);
if (spawnSync('iscsi-test-cu', ['--list']).error) skip('iscsi-test-cu is not installed (Debian: libiscsi-bin)');

const guestPorts = [3260];
const lio = await startLio(await forwarded(guestPorts));
const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
try {
  await serveUsual(lio, guestPorts);
  const [portal] = lio.portals;
  const ours = async () => {
    const outcome = await qualify({
      access: { portal, target: lioTarget },
      otherPaths: [],
      target: lioTarget,
      lun: 0,
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
      machine: 'bench',
      toolVersion: '0',
      isRehearsal: false,
      onProgress: () => undefined,
    });
    if (outcome.report?.verdict !== 'qualified') throw new Error(`not qualified: ${outcome.report?.sentence}`);
  };
  const theirs = () => runSuites(`iscsi://${portal}/${lioTarget}/0`);
  for (let warm = 0; warm < 3; warm += 1) await ours();
  theirs();
  const mine = [];
  const others = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes, so that neither always finds the caches warm.
    if (round % 2 === 1) others.push(await timeMs(theirs));
    mine.push(await timeMs(ours));
    if (round % 2 === 0) others.push(await timeMs(theirs));
  }
  console.log(
    JSON.stringify({
      bench: 'qualify-lio',
      rounds,
      rows: [
        {
          what: `one LUN of the Linux kernel’s target (Debian linux ${lioVersion}, QEMU without virtualization), every case, warm, against the seven suites of iscsi-test-cu that do not sleep`,
          goal: 'at most 2.2',
          ratio: spread(mine.map((ms, at) => ms / others[at])),
          oursMs: spread(mine),
          otherMs: spread(others),
        },
      ],
    }),
  );
} finally {
  await lio.kill();
  rmSync(folder, { recursive: true, force: true });
}
