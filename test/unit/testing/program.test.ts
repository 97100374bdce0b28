import { expect, it } from 'vitest';
import { listFailures } from '../../../build/testing/failures.mjs';
import { runProgram } from '../../../build/testing/program.mjs';
import { limitMsOf } from '../../../build/testing/storeys.mjs';
import { isProcessAlive } from '../../../main/system/processes.ts';
import { measuredUntil } from '../../support/measured.ts';

const node = (script: string, limitMs: number, graceMs = 100) =>
  runProgram(process.execPath, ['-e', script], { limitMs, graceMs });

it('keeps what a program wrote and how it ended', async () => {
  expect(await node('console.log("out"); console.error("err"); process.exitCode = 3', 120_000)).toMatchObject({
    code: 3,
    output: expect.stringMatching(/out[^]*err|err[^]*out/) as string,
    isLate: false,
  });
});

it('says why a program did not start', async () => {
  const { code, output } = await runProgram('there-is-no-such-program', [], { limitMs: 120_000 });
  expect([code, output]).toEqual([1, expect.stringContaining('there-is-no-such-program')]);
});

it('ends one that hangs, also where it does not listen, with the process that holds its pipes', async () => {
  const deaf = `process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);`;
  const parent = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' });
    console.log('child ' + child.pid); ${deaf}`;
  let pid = Number.NaN;
  // A busy machine may need longer until both run.
  await measuredUntil(
    async (attempt) => {
      const { code, output, isLate } = await node(parent, 1_500 * 3 ** (attempt - 1));
      expect([code, isLate]).toEqual([1, true]);
      return (pid = Number(/child (\d+)/.exec(output)?.[1]));
    },
    (told) => expect(told).toBeGreaterThan(0),
    4,
  );
  await expect.poll(() => isProcessAlive(pid)).toBe(false);
});

it('gives a check or storey several times what it takes, and set-up a fixed time', () => {
  expect(limitMsOf({ seconds: 100 })).toBe(1_600_000);
  expect(limitMsOf({ part: 'bundles', seconds: 10_000 })).toBe(1_800_000);
});

it('lists failures by part, with the part itself where it is no test', () => {
  const text = listFailures([
    { part: 'unit', test: 'test/unit/a.test.ts > adds', because: 'expected 1 to be 2' },
    { part: 'lint', test: 'lint', because: 'what it wrote stands above' },
    { part: 'unit', test: 'test/unit/b.test.ts > takes away', because: 'expected 2 to be 1' },
  ]);
  expect(text).toBe(
    [
      'unit',
      '  test/unit/a.test.ts > adds: expected 1 to be 2',
      '  test/unit/b.test.ts > takes away: expected 2 to be 1',
      'lint',
      '  what it wrote stands above',
    ].join('\n'),
  );
});
