// What failed while everything ran at once is tried once more with nothing beside it: docs/adr/second-try.md.

/** More files than these are no moment of a busy machine, but a fault: they are not tried again. */
export const mostFiles = 3;

/**
 * @typedef {import('./failures.mjs').FailureOfRun} FailureOfRun
 */

/** The test file that a failure is in; null where it is in none, as a check that failed or a storey that hung. @param {FailureOfRun} failure */
const fileOf = ({ test }) => /^(test\/\S+\.test\.tsx?)(?: > |$)/.exec(test.replaceAll('\\', '/'))?.[1] ?? null;

/**
 * The files to try again, each with the part that it failed in and with its failures. None where something failed that is in no file, or where
 * more failed than {@link mostFiles}: the run has failed then, whatever they come to.
 * @param {readonly FailureOfRun[]} failures
 * @returns {{ readonly part: string, readonly file: string, readonly failures: readonly FailureOfRun[] }[]}
 */
export const filesToTryAgain = (failures) => {
  const found = new Map();
  for (const one of failures) {
    const file = fileOf(one);
    if (file === null) return [];
    const key = `${one.part} ${file}`;
    found.set(key, { part: one.part, file, failures: [...(found.get(key)?.failures ?? []), one] });
  }
  return found.size > mostFiles ? [] : [...found.values()];
};

/**
 * Whether a file that failed has passed now: none of its tests failed, and none that had failed was left out.
 * @param {number} code the exit code
 * @param {{ readonly counts: { readonly passed: number, readonly failed: number }, readonly skips: readonly { readonly test: string }[] } | null} summary
 * null: it ended without one
 * @param {readonly FailureOfRun[]} before with what it failed
 */
export const hasPassed = (code, summary, before) =>
  code === 0 &&
  summary !== null &&
  summary.counts.failed === 0 &&
  summary.counts.passed > 0 &&
  !before.some(({ test }) => summary.skips.some((skip) => test.endsWith(` > ${skip.test}`)));
