import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { qualificationReportSchema } from '../../shared/model/qualification.ts';
import { noWindowBecause, TestWindow } from '../support/window.ts';

const because = noWindowBecause();

describe.skipIf(because !== null)(`a target qualified in the window${because ? ` (skipped: ${because})` : ''}`, () => {
  let window: TestWindow;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-qualify-'));
    window = await TestWindow.open();
    await window.page.locator('.r-verdict').waitFor();
    await window.goTo('Storage');
  });
  afterAll(async () => {
    await window.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const qualify = async (lun: number, allow: boolean): Promise<void> => {
    await window.page.getByRole('button', { name: `Qualify LUN ${lun}` }).click();
    const form = window.page.getByRole('region', { name: `Qualify LUN ${lun}` });
    if (allow) await form.getByRole('checkbox').first().check();
    await form.getByRole('button', { name: 'Start the qualification' }).click();
  };

  test('a portal that is not there is named, with the next step', async () => {
    await window.page.getByLabel('Portal of the storage').fill('127.0.0.1:9');
    await window.press('Enter');
    const note = window.page.getByRole('alert').filter({ hasText: '127.0.0.1' });
    await note.waitFor({ timeout: 30_000 });
    expect(await note.getByRole('button', { name: 'Try again' }).count()).toBe(1);
  });

  test('targets and logical units with identity, size and who holds what', async () => {
    await window.page.getByRole('button', { name: 'Start a practice target' }).click();
    await window.page.getByText(/A practice target answers on/).waitFor();
    await window.page.getByRole('button', { name: 'Look for targets' }).click();
    const unit = window.page.locator('.g-unit[data-lun="0"]');
    await unit.waitFor();
    const text = await unit.innerText();
    for (const wanted of ['1 GiB', 'QUORATE-LUN-000', 'naa.']) expect(text).toContain(wanted);
    await unit.getByText('Reservation').waitFor();
    expect(await window.axe()).toEqual([]);
  });

  test('read-only unless told otherwise: without leave to reserve it stays inconclusive', async () => {
    await qualify(1, false);
    const report = window.page.getByRole('region', { name: 'Qualification of LUN 1' });
    await report.waitFor({ timeout: 60_000 });
    expect(await report.getAttribute('data-verdict')).toBe('inconclusive');
    await window.screenshot('qualification-inconclusive');
  });

  test('with leave: live steps, then the verdict with every case, and the report in a file', async () => {
    await qualify(0, true);
    const report = window.page.getByRole('region', { name: 'Qualification of LUN 0' });
    await report.waitFor({ timeout: 60_000 });
    expect(await report.getAttribute('data-verdict')).toBe('qualified');
    expect(await report.locator('.g-case').count()).toBeGreaterThan(20);
    await report.locator('.g-case[data-verdict="passed"] summary').first().click();
    expect(await window.axe()).toEqual([]);
    await window.screenshot('qualification');

    const path = join(folder, 'lun0.json');
    await window.answerSave(path);
    await report.getByRole('button', { name: 'Export JSON' }).click();
    await report.getByText(path).waitFor();
    expect(qualificationReportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).verdict).toBe('qualified');
  });

  test('the qualification of another server is opened and compared; a file of another kind is refused', async () => {
    const own = qualificationReportSchema.parse(JSON.parse(readFileSync(join(folder, 'lun0.json'), 'utf8')));
    const other = join(folder, 'other.json');
    writeFileSync(other, JSON.stringify({ ...own, machine: 'NODE2', startedAt: '2026-01-01T00:00:00.000Z' }));
    await window.answerOpen(other);
    await window.page.getByRole('button', { name: 'Open the qualification of another server' }).click();
    await window.page.getByText('NODE2').first().waitFor();
    const compare = window.page.getByRole('button', { name: 'Compare qualifications' });
    await compare.click();
    const table = window.page.getByRole('region', { name: 'The qualifications as a table' });
    await table.waitFor();
    expect(await table.getByRole('columnheader').count()).toBe(5);
    expect(await table.innerText()).toContain('NODE2');
    expect(await table.locator('tr[data-outcome="different"]').count()).toBeGreaterThan(0);
    expect(await window.axe()).toEqual([]);
    await window.screenshot('qualification-compare');
    await compare.click();

    writeFileSync(other, '{"schema":"quorate.readiness/1"}');
    await window.answerOpen(other);
    await window.page.getByRole('button', { name: 'Open the qualification of another server' }).click();
    await window.page.getByRole('alert').filter({ hasText: 'other.json' }).waitFor();
  });

  test('at 800x600 nothing needs a sideways scroll', async () => {
    await window.resize(800, 600);
    expect(await window.overflowing()).toEqual([]);
    await window.resize(1180, 800);
  });

  test('the page complained about nothing', () => {
    expect(window.complaints).toEqual([]);
  });
});
