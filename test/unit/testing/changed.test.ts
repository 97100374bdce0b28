import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goalOf, goals, reach } from '../../../build/testing/changed.mjs';

const root = join(import.meta.dirname, '..', '..', '..');

const edges = (
  some: Readonly<Record<string, { imports?: readonly string[]; lazily?: readonly string[] }>>,
): Parameters<typeof reach>[1] =>
  new Map(Object.entries(some).map(([file, { imports = [], lazily = [] }]) => [file, { imports, lazily }]));

const tests = [
  'test/unit/plan/disk.test.ts',
  'test/unit/iscsi/text.test.ts',
  'test/unit/layers/lint.test.ts',
  'test/powershell/scripts/reads.test.ts',
  'test/integration/frame/loopback.test.ts',
  'test/integration/server/verbs.test.ts',
  'test/integration/iscsi/qualify.test.ts',
  'test/e2e/rehearsal.test.ts',
  'test/lab/lio.test.ts',
];
const graph = edges({
  'test/unit/plan/disk.test.ts': { imports: ['shared/plan/disk.ts'] },
  'test/unit/iscsi/text.test.ts': { imports: ['main/iscsi/text.ts'] },
  'shared/plan/disk.ts': { imports: ['shared/model/size.ts'] },
  'main/operations/storage/disks.ts': { imports: ['shared/plan/disk.ts'] },
  'main/operations/readiness/read.ts': { imports: ['main/operations/storage/disks.ts'] },
  'main/compose.ts': { lazily: Array.from({ length: 9 }, (_, at) => `main/operations/storage/${at}.ts`) },
  'main/cli/quorate.ts': { imports: ['main/compose.ts'] },
  'main/cli/run.ts': { lazily: ['main/iscsi/text.ts'] },
});
const reached = (...changed: string[]): readonly string[] | 'all' =>
  reach(changed, graph, tests, (test, file) => test.includes('layers') && file.endsWith('.md'));

describe('a change reaches', () => {
  it('the tests that import it, however far, and those of the product that are about the goals it serves', () => {
    expect(reached('shared/model/size.ts')).toEqual([
      'test/unit/plan/disk.test.ts',
      'test/integration/frame/loopback.test.ts',
      'test/integration/server/verbs.test.ts',
      'test/e2e/rehearsal.test.ts',
    ]);
  });

  it('every test of the product where it serves no goal of its own', () => {
    expect(reached('main/iscsi/text.ts')).toEqual([
      'test/unit/iscsi/text.test.ts',
      ...tests.filter((test) => /^test\/(integration|e2e|lab)/.test(test)),
    ]);
  });

  it('a test alone where the test is what changed', () => {
    expect(reached('test/unit/iscsi/text.test.ts')).toEqual(['test/unit/iscsi/text.test.ts']);
  });

  it('the tests that read its text', () => {
    expect(reached('main/powershell/scripts/Get-Disk.ps1')).toContain('test/powershell/scripts/reads.test.ts');
    expect(reached('test/lint-canaries/any.ts')).toEqual(['test/unit/layers/lint.test.ts']);
    expect(reached('docs/words.md')).toEqual(['test/unit/layers/lint.test.ts']);
  });

  it('everything where it is what all are run with', () => {
    expect(reached('package-lock.json', 'docs/words.md')).toBe('all');
    expect(reached('vitest.config.ts')).toBe('all');
  });
});

describe('the goals', () => {
  const namesIn = (folder: string): string[] => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  const found = [
    ...[...namesIn('main/operations'), ...namesIn('renderer/features')].map((folder) => `${folder}/x.ts`),
    ...namesIn('main/cli/commands'),
  ].flatMap((file) => goalOf(file) ?? []);

  it('are those of operations, screens and commands', () => {
    expect(found).toEqual(expect.arrayContaining(['readiness', 'peers', 'iscsi', 'storage']));
    expect(found).not.toContain('index');
  });

  it('have tests where the table says so', () => {
    for (const [goal, places] of Object.entries(goals)) {
      expect(found, goal).toContain(goal);
      for (const place of places) expect(existsSync(join(root, place)), place).toBe(true);
    }
  });
});
