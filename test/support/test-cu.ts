import { execFile, spawnSync } from 'node:child_process';

/** libiscsi's conformance tool, Debian package libiscsi-bin. */
export const testCuIsHere = spawnSync('iscsi-test-cu', ['--list']).error === undefined;

export type TestCuVerdict = 'passed' | 'failed' | 'skipped';

/**
 * The verdict stands behind what the test printed: `passed` or `FAILED`, at the end of the dots or on a line of its own. On the
 * same line what the tool prints of its own tear-down may follow, which is no skip of the test.
 */
const verdictOf = (text: string): TestCuVerdict | null => {
  const found = /(?:^|\n|\.\.\.)(passed|FAILED)(?= {4}\[|\n|$)/.exec(`...${text}`);
  if (!found) return null;
  if (found[1] === 'FAILED') return 'failed';
  return `...${text}`.slice(0, found.index).includes('[SKIPPED]') ? 'skipped' : 'passed';
};

/**
 * What the tool printed for one suite, test by test. It counts a skip as a pass; here it is a skip. Only a run that came to its
 * summary, with a word for every test and the same numbers as the summary, says anything: a tool that crashed has judged nothing.
 */
export const readTestCu = (suite: string, output: string): Map<string, TestCuVerdict> => {
  const broken = (what: string): Error => new Error(`iscsi-test-cu ${suite}: ${what}\n${output}`);
  const summary = /^Run Summary:[\s\S]*?^\s+tests\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(output);
  if (!summary) throw broken('there is no run summary');
  const [, , ran, , failed] = summary.map(Number);
  const [, name = suite] = /^(\w+\.\w+)/.exec(suite) ?? [];
  const verdicts = new Map<string, TestCuVerdict>();
  for (const [, test = '', text = ''] of output.matchAll(
    /^ {2}Test: (\S+) \.\.\.([\s\S]*?)(?=^ {2}Test: |^Suite: |^Run Summary)/gm,
  )) {
    const verdict = verdictOf(text);
    if (verdict === null) throw broken(`${test} has no verdict`);
    verdicts.set(`${name}.${test}`, verdict);
  }
  const counted = [...verdicts.values()].filter((verdict) => verdict === 'failed').length;
  if (verdicts.size === 0 || verdicts.size !== ran || counted !== failed)
    throw broken(`the summary has ${ran} tests and ${failed} failures, the list ${verdicts.size} and ${counted}`);
  return verdicts;
};

/**
 * Runs one suite and tells each test's verdict. One process a suite: in a run of all suites the tool of libiscsi 1.19 sends
 * READ (16) CDBs that do not fit their own transfer lengths. A tool that was ended by a signal (a crash, the time-out) has judged
 * nothing, whatever it printed before; its exit code alone says nothing, because it is not 0 where a test failed.
 */
export const runTestCu = (
  suite: string,
  urls: readonly string[],
  { tool = 'iscsi-test-cu', timeoutMs = 300_000 }: { tool?: string; timeoutMs?: number } = {},
): Promise<Map<string, TestCuVerdict>> =>
  new Promise((resolve, reject) => {
    const options = { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(tool, ['--dataloss', '--test', suite, ...urls], options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error && (error.killed === true || error.signal != null || typeof (error.code as unknown) === 'string'))
        return reject(new Error(`iscsi-test-cu ${suite}: ${error.signal ?? error.code ?? 'killed'}\n${output}`));
      try {
        resolve(readTestCu(suite, output));
      } catch (problem) {
        reject(problem instanceof Error ? problem : new Error(String(problem)));
      }
    });
  });
