import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../../renderer');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

const stores = files.flatMap(({ text }) =>
  [...text.matchAll(/export const (use\w+) = create[<(]/g)].map(([, name]) => name),
);

test('no component listens to a whole store, where each step of a run would draw it again', () => {
  expect(stores.length).toBeGreaterThan(5);
  const whole = new RegExp(`\\b(?:${stores.join('|')})\\(\\)`);
  expect(files.filter(({ text }) => whole.test(text)).map(({ name }) => name)).toEqual([]);
});
