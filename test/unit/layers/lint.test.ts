import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

/** The rules whose loss would go unnoticed, each broken once in test/lint-canaries/broken.ts. */
const broken = [
  'eqeqeq',
  'no-console',
  'no-unused-vars',
  'quorate(zod-namespace)',
  'typescript(no-base-to-string)',
  'typescript(no-explicit-any)',
  'typescript(no-floating-promises)',
  'typescript(no-misused-promises)',
  'typescript(no-unsafe-member-access)',
  'typescript(only-throw-error)',
  'typescript(restrict-template-expressions)',
  'typescript(switch-exhaustiveness-check)',
];

test('the linter reports each rule that its canary breaks', { timeout: 180_000 }, () => {
  // A tree of its own beside the source, because the configuration leaves the canaries out.
  const folder = mkdtempSync(join(root, '.cache', 'lint-canary-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(
    join(folder, '.oxlintrc.json'),
    JSON.stringify({ ...config, ignorePatterns: [], jsPlugins: [join(root, 'build', 'lint', 'oxlint-rules.mjs')] }),
  );
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, lib: ['ES2023'] } }));
  cpSync(join(root, 'test', 'lint-canaries', 'broken.ts'), join(folder, 'broken.ts'));
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout, status } = spawnSync(process.execPath, [oxlint, '--no-ignore', '-f', 'json', 'broken.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  const codes = diagnostics.map(({ code }) => code.replace(/^eslint\((.+)\)$/, '$1'));
  expect(status).toBe(1);
  for (const code of broken) expect(codes, code).toContain(code);
});
