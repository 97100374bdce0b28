import { execFile, spawnSync } from 'node:child_process';

/** libiscsi's conformance tool, Debian package libiscsi-bin. */
export const testCuIsHere = spawnSync('iscsi-test-cu', ['--list']).error === undefined;

export type TestCuVerdict = 'passed' | 'failed' | 'skipped';

/**
 * Runs one suite and tells each test's verdict. The tool counts a skip as a pass; here it is a skip. One process a suite: in a
 * run of all suites the tool of libiscsi 1.19 sends READ (16) CDBs that do not fit their own transfer lengths.
 */
export const runTestCu = (suite: string, urls: readonly string[]): Promise<Map<string, TestCuVerdict>> =>
  new Promise((resolve, reject) => {
    const options = { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    execFile('iscsi-test-cu', ['--dataloss', '--test', suite, ...urls], options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      const tests = [
        ...output.matchAll(/^ {2}Test: (\S+) \.\.\.([\s\S]*?)(?=^ {2}Test: |^Suite: |^Run Summary|(?![\s\S]))/gm),
      ];
      if (tests.length === 0) return reject(new Error(`iscsi-test-cu ${suite}: ${error?.message ?? output}`));
      const [, name = suite] = /^(\w+\.\w+)/.exec(suite) ?? [];
      resolve(
        new Map(
          tests.map(([, test = '', text = '']) => [
            `${name}.${test}`,
            // The verdict stands behind what the test printed.
            /(^|\n|\.\.\.)FAILED\n/.test(`...${text}`) ? 'failed' : text.includes('[SKIPPED]') ? 'skipped' : 'passed',
          ]),
        ),
      );
    });
  });
