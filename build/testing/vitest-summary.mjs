// A vitest reporter that writes how many tests passed, failed and were skipped, why each was skipped, and how long each file took.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class SummaryReporter {
  /** @param {{ path?: string }} [options] */
  constructor(options = { path: process.env.QUORATE_TEST_SUMMARY ?? 'test-summary.json' }) {
    this.path = options.path ?? process.env.QUORATE_TEST_SUMMARY;
  }

  /** @param {readonly any[]} modules @param {readonly any[]} errors */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const skips = [];
    const files = [];
    for (const module of modules) {
      const failedToLoad = module.errors().length;
      counts.failed += failedToLoad;
      const { collectDuration = 0, duration = 0 } = module.diagnostic();
      files.push({ file: relative(process.cwd(), module.moduleId), ms: Math.round(collectDuration + duration) });
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
    writeFileSync(this.path, JSON.stringify({ counts, skips, files }));
  }
}
