import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mebibytes, startTarget, type TestTarget } from '../support/embedded-target.ts';
import { titled } from '../support/skipped.ts';

/*
 * The practice target held against a foreign judge: libiscsi's iscsi-test-cu (Debian package libiscsi-bin), suite by suite.
 * One process per suite: in a run of all suites the tool of libiscsi 1.19 sends READ (16) CDBs whose transfer length does
 * not fit its own Expected Data Transfer Length, which no suite run alone does.
 */

const tool = 'iscsi-test-cu';
const isInstalled = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, tool), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

interface Run {
  readonly output: string;
  readonly ran: number;
  readonly failed: string[];
}

const run = (suite: string, urls: readonly string[]): Promise<Run> =>
  new Promise((resolve, reject) => {
    const options = { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(tool, ['--dataloss', '--test', suite, ...urls], options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      const tests = /^\s+tests\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(output);
      if (!tests) return reject(new Error(`${tool} said nothing that was expected: ${error?.message ?? output}`));
      // A test's verdict stands after what it printed: "  Test: Name ...passed", "...FAILED" or, later, FAILED alone.
      const failed = [...output.matchAll(/^ {2}Test: (\S+) \.\.\.([\s\S]*?)(?=^ {2}Test: |^Suite: |^Run Summary)/gm)]
        .filter(([, , text]) => /(^|\n|\.\.\.)FAILED\n/.test(text ?? '') || (text ?? '').startsWith('FAILED'))
        .map(([, name]) => name ?? '');
      resolve({ output, ran: Number(tests[2]), failed });
    });
  });

/** Suites that have to pass whole: reservations first, because that is what the product qualifies. */
const suites = [
  'SCSI.PrinReadKeys',
  'SCSI.PrinServiceactionRange',
  'SCSI.PrinReportCapabilities',
  'SCSI.ProutRegister',
  'SCSI.ProutReserve',
  'SCSI.ProutClear',
  'SCSI.ProutPreempt',
  'SCSI.Reserve6',
  'SCSI.Inquiry',
  'SCSI.Mandatory',
  'SCSI.ModeSense6',
  'SCSI.Read6',
  'SCSI.Read10',
  'SCSI.Read12',
  'SCSI.Read16',
  'SCSI.ReadCapacity10',
  'SCSI.ReadCapacity16',
  'SCSI.ReadOnly',
  'SCSI.ReportSupportedOpcodes',
  'SCSI.StartStopUnit',
  'SCSI.TestUnitReady',
  'SCSI.Unmap',
  'SCSI.Verify10',
  'SCSI.Verify16',
  'SCSI.Write10',
  'SCSI.Write12',
  'SCSI.Write16',
  'iSCSI.iSCSIcmdsn',
  'iSCSI.iSCSIResiduals',
  'iSCSI.iSCSITMF',
] as const;

/** Suites where tool and target disagree: which tests, and who is right by the standard. */
const disagreements: Record<string, { readonly fails: readonly string[]; readonly because: string }> = {
  'SCSI.GetLBAStatus': {
    fails: ['UnmapSingle'],
    // The tool asks for the status at LBA i + 1 and wants the answer to begin at i + (logical per physical blocks), which
    // is the same only where that number is 1. SBC-3 clause 5.6.2: the first descriptor contains the starting LBA asked for.
    because: 'the test expects the first descriptor at another LBA than the one it asked for',
  },
  'SCSI.WriteSame10': {
    fails: ['InvalidDataOutSize'],
    // The tool sends an Expected Data Transfer Length of two blocks for a command that needs one and wants an error. RFC
    // 7143 section 11.4.5.1 has a residual count for this case, and the command succeeds with the U bit.
    because: 'more data offered than needed is a residual underflow, not an error',
  },
  'SCSI.WriteSame16': {
    fails: ['InvalidDataOutSize'],
    because: 'more data offered than needed is a residual underflow, not an error',
  },
  'iSCSI.iSCSIdatasn': {
    fails: ['iSCSIDataSnInvalid'],
    // Three of its four cases are refused as they should be. Before the fourth the tool logs in again, which turns
    // immediate data on again: the whole write travels with the command and no Data-Out with a wrong DataSN is sent.
    because: 'after the reconnect the tool sends the data with the command, where no DataSN exists',
  },
};

describe.skipIf(!isInstalled)(
  titled('libiscsi’s iscsi-test-cu', isInstalled ? null : `${tool} is not installed (Debian: libiscsi-bin)`),
  () => {
    let target: TestTarget;
    let urls: string[];
    beforeAll(async () => {
      target = await startTarget(
        { luns: [{ lun: 0, sizeBytes: mebibytes(100) }], portalGroups: [1, 2] },
        { closesItself: false },
      );
      urls = target.portals.map(({ host, port }) => `iscsi://${host}:${port}/${target.name}/0`);
    });
    afterAll(() => target.close());

    it.each(suites)('%s passes', async (suite) => {
      const { output, ran, failed } = await run(suite, urls.slice(0, 1));
      expect(failed, output).toEqual([]);
      expect(ran).toBeGreaterThan(0);
      expect(target.store.get(0)?.reservations.registrations).toEqual([]);
    });

    it.each(Object.entries(disagreements))(
      '%s fails only where the tool is wrong',
      async (suite, { fails, because }) => {
        const { output, failed } = await run(suite, urls.slice(0, 1));
        expect(failed, `${because}\n${output}`).toEqual(fails);
      },
    );

    it('SCSI.MultipathIO, over two portal groups, misses only COMPARE AND WRITE', async () => {
      const { output, failed } = await run('SCSI.MultipathIO', urls);
      // The target does not offer that command (REPORT SUPPORTED OPERATION CODES says so); the tool does not ask first.
      expect(failed, output).toEqual(['CompareAndWriteAsync']);
      expect(output).toContain('Reset');
    });

    it('sees a target without reservations for what it is', async () => {
      target.faults.add('reservations-ignored');
      const { failed } = await run('SCSI.ProutReserve', urls.slice(0, 1));
      target.faults.clear();
      expect(failed).toContain('AccessWERO');
      expect(failed).toContain('AccessEA');
    });
  },
);
