import { execFileSync } from 'node:child_process';

/** The reservation suites of iscsi-test-cu that do not sleep. */
export const suites = [
  'PrinReadKeys',
  'PrinServiceactionRange',
  'PrinReportCapabilities',
  'ProutRegister',
  'ProutReserve',
  'ProutClear',
  'ProutPreempt',
];

/** Runs them at a LUN, a process each because the tool takes one suite at a time. What they take is what is looked at, not what they find. */
export const runSuites = (url, asked = suites) => {
  for (const suite of asked) {
    try {
      execFileSync('iscsi-test-cu', ['--dataloss', '--test', `SCSI.${suite}`, url], { stdio: 'ignore' });
    } catch (error) {
      if (error.status === undefined || error.status === null) throw error;
    }
  }
};

export const timeMs = async (work) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

export const spread = (numbers) => {
  const sorted = [...numbers].sort((left, right) => left - right);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};
