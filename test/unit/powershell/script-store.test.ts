import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScriptStore } from '../../../main/powershell/runner/script-store.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-scripts-'));
  mkdirSync(join(folder, 'scripts'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (text: string) => ({
  sha256: createHash('sha256').update(text).digest('hex'),
  changes: 'nothing' as const,
});
const put = (text: string): void => writeFileSync(join(folder, 'scripts', 'Get-Thing.ps1'), text);
const list = (text: string): void =>
  writeFileSync(join(folder, 'scripts.json'), JSON.stringify({ 'scripts/Get-Thing.ps1': entry(text) }));

it('a script that was altered together with the list beside it is refused by the digests of the build', async () => {
  const own = { 'scripts/Get-Thing.ps1': entry('the true one') };
  put('the true one');
  expect((await openScriptStore(folder, own).read('Get-Thing')).text).toBe('the true one');
  put('another');
  list('another');
  await expect(openScriptStore(folder, own).read('Get-Thing')).rejects.toMatchObject({
    code: 'POWERSHELL_SCRIPT_ALTERED',
  });
});

it('a script that was added beside the others is not one of the build', async () => {
  put('planted');
  list('planted');
  await expect(openScriptStore(folder, {}).read('Get-Thing')).rejects.toMatchObject({
    code: 'POWERSHELL_SCRIPT_UNKNOWN',
  });
});

it('code that runs unbundled reads the list beside the scripts', async () => {
  put('from the sources');
  list('from the sources');
  expect((await openScriptStore(folder).read('Get-Thing')).changes).toBe('nothing');
});
