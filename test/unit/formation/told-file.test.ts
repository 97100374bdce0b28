import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ToldFile } from '../../../main/operations/formation/told-file.ts';

it('is as old as the formation that it was told for, however often that is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-told-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const told = new ToldFile(folder);
  expect(told.read()).toBeNull();
  const file = { text: '{}', path: 'cluster.json', cluster: 'CLU1', direction: 'form' as const, from: 'NODE1' };
  const at = (hour: number): string => `2026-03-01T${hour}:00:00.000Z`;
  told.keep('form-1', { ...file, at: at(10) });
  told.keep('form-1', { ...file, at: at(11) });
  expect(told.read()).toEqual({ ...file, at: at(10) });
  // What this server coordinated itself in between is older than this, although the text is what it was.
  told.keep('form-2', { ...file, at: at(12) });
  expect(told.read()).toEqual({ ...file, at: at(12) });
  expect(new ToldFile(folder).read()).toEqual({ ...file, at: at(12) });
});
