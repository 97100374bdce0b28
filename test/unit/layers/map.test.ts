import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The map that docs/architecture.md draws: what it names is there, and what it counts is what it lists. */
const root = join(import.meta.dirname, '../../..');
const map = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

const flows = [...map.matchAll(/\*\*(A [^*]+)\*\* \([^)]*?(\d+) files;[^`]*```\n([\s\S]*?)```/g)].map(
  ([, name = '', count, list = '']) => ({
    name,
    count: Number(count),
    files: list
      .trim()
      .split('\n')
      .map((line) => line.split(/\s/, 1)[0] ?? ''),
  }),
);

describe('the map', () => {
  it('lists both flows', () => {
    expect(flows.map(({ name }) => name)).toEqual(['A fact to a pixel', 'A change to its read-back']);
  });

  it.each(flows)('$name: lists as many files as it says, and each is there', ({ count, files }) => {
    expect(new Set(files).size).toBe(count);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('files over 400 lines', () => {
  const isLong = (file: string): boolean => readFileSync(join(root, file), 'utf8').split('\n').length - 1 > 400;
  const sources = ['main', 'shared', 'renderer', 'build'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|tsx|mjs)$/.test(file))
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
  );
  const reasoned = [
    ...(map.split('## Long files')[1] ?? '').split('\n## ', 1)[0]!.matchAll(/^\| `([^`]+)` \| ./gm),
  ].map(([, file = '']) => file);

  it('have a reason in the map, and nothing else has', () => {
    expect(sources.length).toBeGreaterThan(500);
    expect(sources.filter(isLong).toSorted()).toEqual(reasoned.toSorted());
  });
});
