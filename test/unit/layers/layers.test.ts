import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findViolations, layers, reserved } from '../../../build/lint/layers.mjs';

const canaries = fileURLToPath(new URL('../../canaries', import.meta.url));

const listFiles = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? listFiles(path) : [path];
  });

const expected = listFiles(canaries).flatMap((path) => {
  const rule = /^\/\/ expects: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 'no expectation';
  return rule === 'nothing' ? [] : [{ file: relative(canaries, path).split(sep).join('/'), rule }];
});

const violations = await findViolations(canaries);

it.each(expected)('reports $file by the rule "$rule"', ({ file, rule }) => {
  const found = violations.filter(
    ({ from }) => from === file || (rule === 'unknown folder' && file.startsWith(`${from}/`)),
  );
  expect(found.map((violation) => violation.rule)).toContain(rule);
});

it('reports no canary that breaks nothing', () => {
  const innocent = listFiles(canaries)
    .filter((path) => /expects: nothing$/m.test(readFileSync(path, 'utf8')))
    .map((path) => relative(canaries, path).split(sep).join('/'));
  expect(violations.filter(({ from }) => innocent.includes(from))).toEqual([]);
});

it('has a canary for every kind of rule', () => {
  const kinds = new Set(expected.map(({ rule }) => rule.split(':')[0]));
  expect([...kinds].sort()).toEqual(
    [
      'cycle',
      'feature imports feature',
      'imports a test',
      'layer',
      'node',
      'not found',
      'packages',
      'reserved',
      'unknown folder',
    ].sort(),
  );
  expect(Object.keys(layers).length).toBeGreaterThan(15);
  expect(Object.keys(reserved)).toContain('electron');
});
