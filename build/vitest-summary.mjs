// A vitest reporter that writes how many tests passed, failed and were skipped, and why each was skipped.
import { writeFileSync } from 'node:fs';

export default class SummaryReporter {
  /** @param {{ path?: string }} [options] */
  constructor(options = { path: process.env.QUORATE_TEST_SUMMARY ?? 'test-summary.json' }) {
    this.path = options.path ?? process.env.QUORATE_TEST_SUMMARY;
  }

  /** @param {readonly any[]} modules @param {readonly any[]} errors */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const skips = [];
    for (const module of modules) {
      const failedToLoad = module.errors().length;
      counts.failed += failedToLoad;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'failed') counts.failed += 1;
        else {
          counts.skipped += 1;
          skips.push({
            test: test.fullName,
            reason:
              result.note ??
              /\(skipped: (.+?)\)/.exec(test.fullName)?.[1] ??
              (failedToLoad ? 'its file could not be set up' : 'no reason given'),
          });
        }
      }
    }
    writeFileSync(this.path, JSON.stringify({ counts, skips }));
  }
}
