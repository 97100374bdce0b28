import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../build/setup/steps.mjs';

/** What a script reads before its first line runs: every static import, through all of ours. */
const bareImports = (path: string, seen = new Set<string>()): string[] => {
  if (seen.has(path)) return [];
  seen.add(path);
  return [...readFileSync(path, 'utf8').matchAll(/^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'/gm)].flatMap(
    ([, name]) => {
      if (name!.startsWith('node:')) return [];
      if (name!.startsWith('.')) return bareImports(join(dirname(path), name!), seen);
      return [`${relative(root, path)} imports ${name}`];
    },
  );
};

describe('the scripts that prepare a clone by themselves', () => {
  it.each(['start', 'test', 'dist', 'bench'])('%s needs no package before the packages are there', (name) => {
    const path = join(root, 'build', `${name}.mjs`);
    expect(readFileSync(path, 'utf8')).toMatch(/prepare/);
    expect(bareImports(path)).toEqual([]);
  });

  it('and this test sees a package that is imported', () => {
    expect(bareImports(join(root, 'build', 'delivery', 'pack.mjs'))).toContain(
      'build/delivery/core-zip.mjs imports yazl',
    );
  });
});
