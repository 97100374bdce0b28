// What of a test run failed, told once more at its end.

/**
 * @typedef {object} FailureOfRun
 * @property {string} part the check or storey
 * @property {string} test the test with its file, or the part itself
 * @property {string} because the first line of what it failed with
 */

/**
 * One line for each failure, under the name of its check or storey.
 * @param {readonly FailureOfRun[]} failures
 */
export const listFailures = (failures) => {
  const parts = new Map();
  for (const one of failures) parts.set(one.part, [...(parts.get(one.part) ?? []), one]);
  return [...parts]
    .map(([part, some]) =>
      [part, ...some.map(({ test, because }) => `  ${test === part ? '' : `${test}: `}${because}`)].join('\n'),
    )
    .join('\n');
};
