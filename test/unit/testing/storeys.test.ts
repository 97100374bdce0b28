import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileArguments, storeys } from '../../../build/testing/storeys.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((name) => /\.test\.tsx?$/.test(name) && !name.includes('canaries'));

describe('the rows of the storeys', () => {
  it('run each test file exactly once', () => {
    for (const file of files) {
      const rows = storeys.filter(
        (row) => file.startsWith(`test/${row.name}/`) && fileArguments(row, [file])?.includes(file),
      );
      expect(rows, file).toHaveLength(1);
    }
  });

  it('have titles of their own, by which the scheduler tells them apart', () => {
    expect(new Set(storeys.map(({ title }) => title)).size).toBe(storeys.length);
  });
});

it('a whole row is told by what it runs alone and by what it leaves out', () => {
  expect(fileArguments({}, null)).toEqual([]);
  expect(fileArguments({ only: 'test/a/b/' }, null)).toEqual(['test/a/b/']);
  expect(fileArguments({ except: ['test/a/b/'] }, null)).toEqual(['--exclude=test/a/b/**']);
});

it('a row has only its own of the files that are asked for', () => {
  const asked = ['test/a/one.test.ts', 'test/a/b/two.test.ts'];
  expect(fileArguments({ only: 'test/a/b/' }, asked)).toEqual(['test/a/b/two.test.ts']);
  expect(fileArguments({ except: ['test/a/b/'] }, asked)).toEqual(['test/a/one.test.ts']);
  expect(fileArguments({ only: 'test/c/' }, asked)).toBeNull();
});
