import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** Where a process is reached by its number, and why that number can be believed: no pipe, socket or file told it. */
const believed: Readonly<Record<string, RegExp>> = {
  // Signal 0 asks whether it lives and ends nothing.
  'main/system/processes.ts': /^process\.kill\(pid, 0\)$/,
  // This very process: Ctrl-C while a secret is typed, where the terminal sends none.
  'main/cli/change.ts': /^process\.kill\(process\.pid, 'SIGINT'\)$/,
  // The group of a child that this process itself started.
  'main/agent/electron-printer.ts': /^process\.kill\(-child\.pid, 'SIGKILL'\)$/,
};

it('no process is ended by a number that something else told', () => {
  const found = readdirSync(join(root, 'main'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const name = `main/${path.replaceAll('\\', '/')}`;
      const calls = readFileSync(join(root, name), 'utf8').match(
        /\bprocess\.kill\([^)]*\)|\b(?:taskkill|Stop-Process)\b/g,
      );
      return (calls ?? []).map((call) => ({ name, call }));
    });
  for (const { name, call } of found) expect(call, name).toMatch(believed[name] ?? /^$/);
  expect(new Set(found.map(({ name }) => name))).toEqual(new Set(Object.keys(believed)));
});
