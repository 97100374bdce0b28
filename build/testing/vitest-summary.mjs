// A vitest reporter that writes how many tests passed, failed and were skipped, why each was skipped, which failed and with what, and how long each
// file took; and, while it goes on, which tests run, for when the run has to be ended.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class SummaryReporter {
  /** @param {{ path?: string }} [options] */
  constructor(options = { path: process.env.QUORATE_TEST_SUMMARY ?? 'test-summary.json' }) {
    this.path = options.path ?? process.env.QUORATE_TEST_SUMMARY;
    /** @type {Map<string, string>} what runs, by the id of a file or a test */
    this.running = new Map();
  }

  writeRunning() {
    writeFileSync(`${this.path}.running`, JSON.stringify([...this.running.values()]));
  }

  /** @param {any} module */
  onTestModuleStart(module) {
    this.running.set(module.id, relative(process.cwd(), module.moduleId));
    this.writeRunning();
  }

  /** @param {any} module */
  onTestModuleEnd(module) {
    this.running.delete(module.id);
    this.writeRunning();
  }

  /** @param {any} test */
  onTestCaseReady(test) {
    this.running.set(test.id, `${relative(process.cwd(), test.module.moduleId)} > ${test.fullName}`);
    this.writeRunning();
  }

  /** @param {any} test */
  onTestCaseResult(test) {
    this.running.delete(test.id);
  }

  /** @param {readonly any[]} modules @param {readonly any[]} errors */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const skips = [];
    const files = [];
    const failures = [];
    const firstLine = (error) => String(error?.message ?? error).split('\n')[0] ?? '';
    /** What failed in the set-up of a suite that a test is in. @param {any} test */
    const errorsAbove = (test) => {
      const found = [];
      for (let above = test.parent; above?.type === 'suite'; above = above.parent) found.push(...above.errors());
      return found;
    };
    for (const error of errors) failures.push({ test: 'outside of a test', because: firstLine(error) });
    for (const module of modules) {
      const failedToLoad = module.errors().length;
      counts.failed += failedToLoad;
      for (const error of module.errors())
        failures.push({ test: relative(process.cwd(), module.moduleId), because: firstLine(error) });
      const { collectDuration = 0, duration = 0 } = module.diagnostic();
      files.push({ file: relative(process.cwd(), module.moduleId), ms: Math.round(collectDuration + duration) });
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'failed') {
          counts.failed += 1;
          const name = `${relative(process.cwd(), module.moduleId)} > ${test.fullName}`;
          failures.push({ test: name, because: firstLine(result.errors?.[0]) });
        } else {
          const reason =
            result.note ??
            // The reason may name packages in brackets of its own.
            /\(skipped: ((?:[^()]|\([^()]*\))+)\)/.exec(test.fullName)?.[1] ??
            (failedToLoad ? 'its file could not be set up' : null);
          if (reason === null) {
            // Left out for a reason that nobody learns is as bad as not written.
            counts.failed += 1;
            const name = `${relative(process.cwd(), module.moduleId)} > ${test.fullName}`;
            const setUp = errorsAbove(test)[0];
            const because =
              setUp === undefined
                ? 'it was skipped, and nothing says why: see test/support/skipped.ts'
                : `it did not run, because what is set up before it failed: ${firstLine(setUp)}`;
            failures.push({ test: name, because });
          } else {
            counts.skipped += 1;
            skips.push({ test: test.fullName, reason });
          }
        }
      }
    }
    writeFileSync(this.path, JSON.stringify({ counts, skips, files, failures }));
  }
}
