import { describe, expect, it } from 'vitest';
import { filesToTryAgain, hasPassed, mostFiles } from '../../../build/testing/second-try.mjs';

const failureIn = (file: string, name = 'does it') => ({
  part: 'lab',
  test: `${file} > a suite > ${name}`,
  because: 'not so in time',
});

describe('what failed while everything ran at once', () => {
  it('is tried again by the file, with all that failed in it', () => {
    const [one, two] = [failureIn('test/lab/a.test.ts'), failureIn('test/lab/a.test.ts', 'does more')];
    const other = failureIn('test/lab/b.test.tsx');
    expect(filesToTryAgain([one, other, two])).toEqual([
      { part: 'lab', file: 'test/lab/a.test.ts', failures: [one, two] },
      { part: 'lab', file: 'test/lab/b.test.tsx', failures: [other] },
    ]);
  });

  it('is tried again where its file could not be loaded', () => {
    expect(filesToTryAgain([{ part: 'unit', test: 'test/unit/a.test.ts', because: 'x' }])).toHaveLength(1);
  });

  it('is one file in two parts that run it', () => {
    const elsewhere = { ...failureIn('test/lab/a.test.ts'), part: 'lab: the network matrix' };
    expect(filesToTryAgain([failureIn('test/lab/a.test.ts'), elsewhere]).map(({ part }) => part)).toEqual([
      'lab',
      'lab: the network matrix',
    ]);
  });

  it.each([
    ['a check', { part: 'types', test: 'types', because: 'what it wrote stands above' }],
    ['an error outside of a test', { part: 'unit', test: 'outside of a test', because: 'ECONNRESET' }],
    ['a storey that ended badly', { part: 'unit', test: 'unit', because: 'the exit code 1' }],
  ])('stays failed beside %s', (_what, other) => {
    expect(filesToTryAgain([failureIn('test/lab/a.test.ts'), other])).toEqual([]);
  });

  it('stays failed where it is more than a moment', () => {
    const many = Array.from({ length: mostFiles + 1 }, (_, at) => failureIn(`test/lab/${at}.test.ts`));
    expect(filesToTryAgain(many.slice(1))).toHaveLength(mostFiles);
    expect(filesToTryAgain(many)).toEqual([]);
  });

  it('has passed where nothing of its file failed, and nothing that had failed was left out', () => {
    const before = [failureIn('test/lab/a.test.ts')];
    const ended = (passed: number, failed: number, ...skipped: string[]) => ({
      counts: { passed, failed },
      skips: skipped.map((test) => ({ test })),
    });
    expect(hasPassed(0, ended(3, 0), before)).toBe(true);
    expect(hasPassed(0, ended(3, 0, 'a suite > does something else'), before)).toBe(true);
    expect(hasPassed(0, ended(3, 0, 'a suite > does it'), before)).toBe(false);
    expect(hasPassed(0, ended(3, 1), before)).toBe(false);
    expect(hasPassed(1, ended(3, 0), before)).toBe(false);
    expect(hasPassed(0, ended(0, 0), before)).toBe(false);
    expect(hasPassed(1, null, before)).toBe(false);
  });
});
