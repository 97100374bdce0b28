import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mebibytes } from '../support/embedded-target.ts';
import {
  doingMore,
  isIn,
  isPreempting,
  isRegistering,
  makeLie,
  swallowing,
  type Lie,
} from '../support/lying-device.ts';
import { caseOf, startQualified } from '../support/qualification.ts';
import { runTestCu, testCuIsHere } from '../support/test-cu.ts';
import { titled } from '../support/skipped.ts';

/*
 * Devices that are wrong, before both judges: where libiscsi's iscsi-test-cu says FAILED and our verdict is failed, case by case. A
 * device is in qualification-judge-faults.json with what both find, what one alone finds, and the reason for that.
 */

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));

const pairs = (read('qualification-judge.json') as { case: string; test: string | null }[]).flatMap(
  ({ case: id, test }) => (test === null ? [] : [{ id, test }]),
);

interface Device {
  readonly device: string;
  /** Null: a lie below. */
  readonly fault: string | null;
  readonly both: readonly string[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly because: string | null;
}

const devices = read('qualification-judge-faults.json') as Device[];

const lies: Readonly<Record<string, Lie['make']>> = {
  'answers PREEMPT with GOOD and does nothing': swallowing(isPreempting),
  'answers CLEAR with GOOD and does nothing': swallowing(({ action }) => action === 'clear'),
  'keeps the reservation at CLEAR': doingMore(
    ({ action }) => action === 'clear',
    ({ remember }, { reservation }) => remember((state) => ({ ...state, reservation })),
  ),
  'answers RELEASE with GOOD and does nothing': swallowing(({ action }) => action === 'release'),
  'answers REGISTER with GOOD and does nothing': swallowing(
    (out, told) => out.action === 'register' && isRegistering(out) && !isIn(told),
  ),
};

/** Cases without a test of libiscsi's beside them that a device is there to fail. */
const ownCases: Readonly<Record<string, string>> = {
  'does not check keys': 'Reservations.Keys.Checked',
  'never counts its generation': 'Reservations.Preempt.Generation',
  'answers RELEASE with GOOD and does nothing': 'Reservations.Release.Ends',
};

it('every device is there by a fault or by a lie, and every difference has its reason', () => {
  expect(devices.filter(({ fault }) => fault === null).map(({ device }) => device)).toEqual(Object.keys(lies));
  for (const { device, ours, theirs, because } of devices)
    expect([device, because !== null]).toEqual([device, ours.length + theirs.length > 0]);
});

const reason = testCuIsHere ? null : 'iscsi-test-cu is not installed (Debian: libiscsi-bin)';
describe.skipIf(reason !== null)(titled('a device that is wrong, before both judges', reason), () => {
  it.each(devices)('$device', async ({ device, fault, both, ours, theirs }) => {
    const target = await startQualified('open', {
      luns: [{ lun: 1, sizeBytes: mebibytes(100) }],
      portalGroups: [1, 2],
      ...(fault === null ? {} : { faults: [fault] }),
    });
    // The tool writes.
    target.expectOtherBytes();
    const lie = lies[device];
    if (lie) makeLie(target, lie());
    const [, ...others] = target.portals.map(({ host, port }) => `${host}:${port}`);
    const report = await target.run({ otherPaths: others.map((portal) => ({ portal })) });
    expect(report.verdict).toBe('notQualified');
    const urls = target.portals.map(({ host, port }) => `iscsi://${host}:${port}/${target.name}/1`);
    const failedTests = new Set<string>();
    const suites = new Set(pairs.map(({ test }) => test.split('.').slice(0, 2).join('.')));
    for (const suite of suites)
      for (const [test, verdict] of await runTestCu(suite, suite.includes('Multipath') ? urls : urls.slice(0, 1)))
        if (verdict === 'failed') failedTests.add(test);
    const found = pairs.map(({ id, test }) => ({
      id,
      we: caseOf(report, id).verdict === 'failed',
      they: failedTests.has(test),
    }));
    const idsOf = (is: (one: (typeof found)[number]) => boolean): string[] => found.filter(is).map(({ id }) => id);
    expect({
      both: idsOf(({ we, they }) => we && they),
      ours: idsOf(({ we, they }) => we && !they),
      theirs: idsOf(({ we, they }) => !we && they),
    }).toEqual({ both, ours, theirs });
    const own = ownCases[device];
    if (own !== undefined) expect(caseOf(report, own).verdict).toBe('failed');
  });
});
