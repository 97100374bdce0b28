import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readTestCu, runTestCu } from '../../support/test-cu.ts';
import { titled } from '../../support/skipped.ts';

/* The foreign judge is believed only where it came to its end: what its tool prints, as libiscsi 1.19 does. */

const head =
  '\n\n     CUnit - A unit testing framework for C - Version 2.1-3\n     http://cunit.sourceforge.net/\n\n\n';
const summary = (ran: number, failed: number): string =>
  `\nRun Summary:    Type  Total    Ran Passed Failed Inactive\n` +
  `              suites      1      1    n/a      0        0\n` +
  `               tests     ${ran}     ${ran}     ${ran - failed}      ${failed}        0\n` +
  `             asserts    160    160    160      0      n/a\n\nElapsed time =    0.007 seconds\n`;
const suite = `${head}Suite: ProutReserve\n`;
const name = 'SCSI.ProutReserve';
const attention =
  '    [INFO] TESTUNITREADY command: failed with sense. SENSE KEY:UNIT_ATTENTION(6) ASCQ:(null)(0x2a04)\n';

describe('what iscsi-test-cu printed', () => {
  it('is read test by test', () => {
    const output =
      `${suite}  Test: Simple ...passed\n  Test: OwnershipWERO ...${attention}passed\n` +
      `  Test: AccessWE ...    [FAILED] WRITE was answered\nFAILED\n    1. test_prout.c:40  - CU_ASSERT\n` +
      `  Test: AccessEA ...FAILED\n    1. test_prout.c:44  - CU_ASSERT\n` +
      `  Test: AptplX ...    [SKIPPED] not implemented.\n    [SKIPPED] not implemented.\npassed\n${summary(5, 2)}`;
    expect([...readTestCu(name, output)]).toEqual([
      ['SCSI.ProutReserve.Simple', 'passed'],
      ['SCSI.ProutReserve.OwnershipWERO', 'passed'],
      ['SCSI.ProutReserve.AccessWE', 'failed'],
      ['SCSI.ProutReserve.AccessEA', 'failed'],
      ['SCSI.ProutReserve.AptplX', 'skipped'],
    ]);
  });

  it('is read where the tool itself prints more behind the verdict, on a target without reservations', () => {
    const more = '    [SKIPPED] PERSISTENT RESERVE IN is not implemented.\n\n';
    const output = `${suite}  Test: Simple ...passed${more}  Test: AccessEA ...    [SKIPPED] PROUT\npassed${more}${summary(2, 0)}`;
    expect([...readTestCu(name, output).values()]).toEqual(['passed', 'skipped']);
  });

  it.each([
    ['nothing', ''],
    ['a crash in the first test', `${suite}  Test: Simple ...`],
    ['a crash after a test that passed', `${suite}  Test: Simple ...passed\n  Test: AccessEA ...${attention}`],
    ['a crash after the last word', `${suite}  Test: Simple ...passed\n`],
    ['a test without a word', `${suite}  Test: Simple ...${attention}${summary(1, 0)}`],
    ['a word inside a message', `${suite}  Test: Simple ...    [INFO] it has passed away\n${summary(1, 0)}`],
    ['fewer tests than were run', `${suite}  Test: Simple ...passed\n${summary(2, 0)}`],
    ['a failure that the list does not have', `${suite}  Test: Simple ...passed\n${summary(1, 1)}`],
    ['no test', `${suite}${summary(0, 0)}`],
  ])('is not believed: %s', (_what, output) => {
    expect(() => readTestCu(name, output)).toThrow(/^iscsi-test-cu SCSI\.ProutReserve: /);
  });
});

describe.skipIf(process.platform === 'win32')(
  titled('a tool that ends badly', process.platform === 'win32' ? 'the tool is a shell script here' : null),
  () => {
    const toolOf = (script: string): string => {
      const folder = mkdtempSync(join(tmpdir(), 'quorate-test-cu-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const tool = join(folder, 'tool');
      writeFileSync(join(folder, 'said'), `${suite}  Test: Simple ...passed\n${summary(1, 0)}`);
      writeFileSync(tool, `#!/bin/sh\ncat "${join(folder, 'said')}"\n${script}\n`);
      chmodSync(tool, 0o755);
      return tool;
    };

    it.each([
      ['after a segmentation fault', 'kill -SEGV $$', /SIGSEGV/, 180_000],
      ['after the time-out', 'exec sleep 600', /SIGTERM|killed/, 500],
    ])('has judged nothing %s, whatever it printed before', async (_how, script, why, timeoutMs) => {
      await expect(runTestCu(name, [], { tool: toolOf(script), timeoutMs })).rejects.toThrow(why);
    });

    it('that is not there has judged nothing', async () => {
      await expect(runTestCu(name, [], { tool: '/nowhere/iscsi-test-cu' })).rejects.toThrow('ENOENT');
    });

    it('is believed by what it printed where it merely says that a test failed', async () => {
      expect([...(await runTestCu(name, [], { tool: toolOf('exit 1') }))]).toEqual([
        ['SCSI.ProutReserve.Simple', 'passed'],
      ]);
    });
  },
);
