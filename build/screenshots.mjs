// `npm run screenshots`: the journeys of the window at 1280x800, 1024x768 and 800x600, in light, dark and contrast. Every picture
// goes to test/artifacts, with an index.html; those that the documents show go to docs/screenshots. What is wider than the window
// and what axe finds fails. `npm run screenshots -- cluster readiness` takes these journeys alone. Not part of `npm test`.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { root, say } from './setup/steps.mjs';

/** Picture of the documents -> picture of the journeys. */
const shown = {
  'availability-drill': 'availability-drill-plan-1280',
  formation: 'formation-formed-1280',
  ...Object.fromEntries(
    ['servers', 'hardware', 'network', 'storage', 'roles', 'validate', 'form', 'virtual-machines', 'drill'].map(
      (stage) => [`stage-${stage}`, `formation-stage-${stage}-1280x800-light`],
    ),
  ),
  'readiness-light': 'readiness-first-1280x800-light',
  validate: 'validate-disturbs-1280x800-light',
  'virtual-machines': 'machines-1280',
};

const artifacts = join(root, 'test', 'artifacts');

/** One page with all pictures, a row for each state. */
const writeIndex = () => {
  const rows = new Map();
  for (const file of readdirSync(artifacts)
    .filter((name) => name.endsWith('.png'))
    .toSorted()) {
    const state = file.replace(/(-\d{3,4}(x\d{3,4})?)?(-(light|dark|contrast))?\.png$/, '');
    rows.set(state, [...(rows.get(state) ?? []), file]);
  }
  const figures = (files) =>
    files.map(
      (file) =>
        `<figure><a href="${file}"><img src="${file}" width="400" alt=""></a><figcaption>${file}</figcaption></figure>`,
    );
  writeFileSync(
    join(artifacts, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>Quorate: every screen</title><style>body{font:14px sans-serif}div{display:flex;flex-wrap:wrap}figure{margin:4px}</style>` +
      [...rows].map(([state, files]) => `<h2>${state}</h2><div>${figures(files).join('')}</div>`).join('\n'),
  );
  return [...rows.values()].flat().length;
};

const journeys = process.argv.slice(2);
rmSync(artifacts, { recursive: true, force: true });
mkdirSync(artifacts, { recursive: true });
await bundle();
const { status } = spawnSync(
  process.execPath,
  [
    ...[join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'e2e'],
    // A journey stops nine times as often as in the tests.
    ...['--testTimeout', '600000', '--maxWorkers', '1'],
    ...journeys.map((name) => `test/e2e/${name}.test.ts`),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, QUORATE_SCREENS: '1' } },
);
say(`${writeIndex()} pictures: test/artifacts/index.html`);
for (const [name, taken] of Object.entries(shown)) {
  const from = join(artifacts, `${taken}.png`);
  if (existsSync(from)) copyFileSync(from, join(root, 'docs', 'screenshots', `${name}.png`));
  else if (journeys.length === 0) say(`No picture ${taken} was taken: docs/screenshots/${name}.png stays as it was.`);
}
process.exitCode = status ?? 1;
