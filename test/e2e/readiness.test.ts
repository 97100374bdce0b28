import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readinessReportSchema, type ReadinessReport } from '../../shared/model/readiness-report.ts';
import { noWindowBecause, ReadinessPage, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();
const files = mkdtempSync(join(tmpdir(), 'quorate-files-'));
const file = (name: string): string => join(files, name);

/** The facts of another server: this machine's own, as the collector of a second one would have written them. */
const writeOtherFacts = (path: string, own: ReadinessReport, name: string): void => {
  const facts = structuredClone(own.facts);
  const from = 'Win32_ComputerSystem';
  facts.machine.name = { known: true, value: name, name: 'Win32_ComputerSystem.Name', from };
  facts.machine.names = [name];
  facts.machine.manufacturer = { known: true, value: 'Contoso', name: 'Win32_ComputerSystem.Manufacturer', from };
  facts.machine.model = { known: true, value: 'Rack 2000', name: 'Win32_ComputerSystem.Model', from };
  facts.memory.visibleBytes = {
    known: true,
    value: '8589934592',
    name: 'Win32_ComputerSystem.TotalPhysicalMemory',
    from,
  };
  writeFileSync(path, JSON.stringify(facts));
};

describe.skipIf(because !== null)(titled('readiness in a real window', because), () => {
  let window: TestWindow;
  let readiness: ReadinessPage;
  let own: ReadinessReport;

  beforeAll(async () => {
    window = await TestWindow.open();
    readiness = new ReadinessPage(window);
  });
  afterAll(async () => {
    await window.close();
    await removeFolder(files);
  });

  test('the first verdict stands there without a click, with the three facts of the printed procedure', async () => {
    const sentence = await readiness.waitForVerdict();
    own = await window.call<ReadinessReport>('readiness.check', {});
    expect(sentence.replace(/\s+/g, ' ')).toBe(own.sentence);
    const facts = window.page.getByRole('list', { name: 'The three facts of the printed procedure' });
    expect(await facts.getByRole('listitem').count()).toBe(3);
    for (const id of ['cpu.x64', 'cpu.dep', 'cpu.virtualization']) {
      const observed = own.checks.find((check) => check.id === id)?.observed ?? '';
      expect(await facts.locator(`[data-check="${id}"]`).innerText()).toContain(observed);
    }
    expect(await window.page.locator('.r-check').count()).toBe(own.checks.length);
    await window.screenshot('readiness-first');
  });

  test('unknown sorts next to fail, before what passes', async () => {
    const rank = { fail: 0, unknown: 1, warn: 2, pass: 3, notApplicable: 4 };
    for (const group of await window.page.locator('.r-group').all()) {
      const shown = await group
        .locator('.r-check')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-outcome')));
      const ranks = shown.map((outcome) => rank[outcome as keyof typeof rank]);
      expect(ranks).toEqual(ranks.toSorted((left, right) => left - right));
    }
  });

  test('a check opens in place to its evidence, why it matters, what to do and its source', async () => {
    const check = own.checks.find(({ remediation, evidence }) => remediation && evidence.length > 0)!;
    const detail = await readiness.openCheck(check.id);
    const text = await detail.innerText();
    for (const wanted of [
      'Why it matters',
      check.expected,
      check.observed,
      check.remediation!.text,
      check.evidence[0]!.fact,
      check.source,
    ])
      expect(text).toContain(wanted);
    await readiness.check(check.id).getByRole('button').first().click();
    expect(await detail.count()).toBe(0);
  });

  test('the catalog address is there as text and as a QR code', async () => {
    const detail = await readiness.openCheck('host.catalog');
    expect(await detail.innerText()).toContain(own.catalog.address);
    await detail.getByRole('img', { name: `QR code: ${own.catalog.address}` }).waitFor();
    await readiness.check('host.catalog').getByRole('button').first().click();
  });

  test('run again gathers anew', async () => {
    const before = await window.page.locator('.r-verdict time').getAttribute('datetime');
    await readiness.tool('Run again').click();
    await expect.poll(() => window.page.locator('.r-verdict time').getAttribute('datetime')).not.toBe(before);
  });

  test('judged for another release, the verdict names it', async () => {
    await window.page.getByLabel('Judge for').selectOption('2016');
    await expect.poll(() => window.title.innerText()).toContain('Windows Server 2016');
    await window.page.getByLabel('Judge for').selectOption('');
    await expect.poll(() => window.title.innerText()).not.toContain('Windows Server 2016');
  });

  test('exports HTML, PDF and JSON where the dialog says', async () => {
    await readiness.exportAs('HTML', file('own.html'));
    await readiness.exportAs('PDF', file('own.pdf'));
    await readiness.exportAs('JSON', file('own.json'));
    await window.screenshot('readiness-export');
    await window.press('Escape');
    expect(readFileSync(file('own.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readFileSync(file('own.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    const written = readinessReportSchema.parse(JSON.parse(readFileSync(file('own.json'), 'utf8')));
    expect(written.verdict).toBe(own.verdict);
  });

  test('a dialog that is closed without a choice writes nothing and says nothing', async () => {
    await window.answerSave();
    await readiness.tool('Export').click();
    const panel = window.page.getByRole('region', { name: 'Export this report' });
    await panel.getByRole('button', { name: 'JSON', exact: true }).click();
    await expect.poll(() => panel.getByRole('status').innerText()).toBe('');
    expect(await panel.getByRole('alert').count()).toBe(0);
    await window.press('Escape');
    await expect.poll(() => panel.count()).toBe(0);
  });

  test('a place that cannot be written to is named, with the next step', async () => {
    await window.answerSave(join(files, 'own.json', 'inside-a-file.json'));
    await readiness.tool('Export').click();
    const panel = window.page.getByRole('region', { name: 'Export this report' });
    await panel.getByRole('button', { name: 'JSON', exact: true }).click();
    await panel.getByRole('alert').getByText('FILE_NOT_WRITABLE').waitFor();
    // The sentences come with a part of the page that is loaded when the first failure is shown.
    await panel.getByRole('alert').getByText('inside-a-file.json').first().waitFor();
    await window.press('Escape');
  });

  test('a report comes back from its file; an altered one is noticed', async () => {
    await readiness.open('Reports', file('own.json'));
    await expect.poll(() => readiness.openServers.getByRole('listitem').count()).toBe(2);
    expect(await readiness.waitForVerdict()).not.toBe('');
    expect(await readiness.verdict.innerText()).toContain('from own.json');

    const altered = JSON.parse(readFileSync(file('own.json'), 'utf8')) as ReadinessReport;
    writeFileSync(file('altered.json'), JSON.stringify({ ...altered, verdict: 'ready' }));
    await readiness.open('Reports', file('altered.json'));
    const note = window.page.getByRole('alert').filter({ hasText: 'altered.json' });
    await note.getByText('REPORT_ALTERED').waitFor();
    await window.screenshot('readiness-altered');
    await note.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => note.count()).toBe(0);
    await readiness.openServers.getByRole('button', { name: /^Close/ }).click();
    await expect.poll(() => readiness.openServers.count()).toBe(0);
  });

  test('two servers side by side, what must match marked', async () => {
    writeOtherFacts(file('other-facts.json'), own, 'Knoten-№2-サーバー');
    await readiness.open('Facts', file('other-facts.json'));
    await readiness.openServers
      .getByRole('button', { name: /Knoten-№2-サーバー/ })
      .first()
      .waitFor();
    expect(await readiness.verdict.innerText()).toContain('other-facts.json');

    await readiness.tool('Compare').click();
    const table = window.page.getByRole('region', { name: 'The comparison as a table' });
    await table.waitFor();
    expect(await table.getByRole('columnheader').count()).toBe(4);
    expect(await table.locator('tr[data-outcome="different"]').count()).toBeGreaterThan(0);
    expect(await table.locator('tr[data-match="must"]').count()).toBeGreaterThan(0);
    for (const row of await table.locator('tr[data-outcome="different"][data-match="must"]').all())
      expect(await row.innerText()).toContain('Different');
    await window.screenshot('readiness-compare');
    expect(await window.axe()).toEqual([]);

    await readiness.openServers.getByRole('button', { name: /^Close/ }).click();
    await readiness.waitForVerdict();
  });

  test('the collector is offered and written', async () => {
    await readiness.tool('Collector').click();
    const panel = window.page.getByRole('region', { name: 'Collector for a server without Quorate' });
    await window.answerOpen(file('stick'));
    await panel.getByRole('button', { name: 'Browse' }).click();
    await expect.poll(() => panel.getByRole('textbox').inputValue()).toBe(file('stick'));
    await panel.getByRole('button', { name: 'Write the collector' }).click();
    await panel.getByText('collect.cmd').first().waitFor();
    expect(readFileSync(file('stick/collect.cmd'), 'utf8')).toContain('wmic');
    await window.press('Escape');
  });

  test('a letter for each main action; ? lists them, Escape leaves', async () => {
    await window.press('?');
    const help = window.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.waitFor();
    const listed = await help.locator('kbd').allInnerTexts();
    for (const key of ['R', 'E', 'O', 'T', 'J', 'D', 'A', '1', '2', '3', '4', '?']) expect(listed).toContain(key);
    await window.screenshot('keys');
    expect(await window.axeInEachLook()).toEqual([]);
    await window.press('r');
    expect(await help.isVisible()).toBe(true);
    await window.press('Escape');
    await expect.poll(() => help.count()).toBe(0);

    await window.press('e');
    await window.page.getByRole('region', { name: 'Export this report' }).waitFor();
    await window.press('e', 'o');
    await window.page.getByRole('region', { name: 'Open another server' }).waitFor();
    await window.press('Escape', 'd');
    await expect.poll(() => window.page.locator('.r-detail').count()).toBe(own.checks.length);
    await window.press('d');
    await expect.poll(() => window.page.locator('.r-detail').count()).toBe(0);
    await window.press('2');
    await expect.poll(() => window.title.innerText()).not.toContain('Hyper-V cluster node');
    await window.press('1');
    await readiness.waitForVerdict();
  });

  test('axe finds nothing in light, in dark and with forced colours, with every check open', async () => {
    await window.press('d');
    await expect.poll(() => window.page.locator('.r-detail').count()).toBe(own.checks.length);
    for (const [name, media] of [
      ['light', { colorScheme: 'light', forcedColors: 'none' }],
      ['dark', { colorScheme: 'dark', forcedColors: 'none' }],
      ['contrast', { colorScheme: 'dark', forcedColors: 'active' }],
    ] as const) {
      await window.page.emulateMedia(media);
      expect(await window.axe(name === 'light' ? 'everything' : 'colours'), name).toEqual([]);
      await window.screenshot(`readiness-${name}`);
    }
    await window.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  });

  test('usable at 800x600: nothing needs a sideways scroll, whatever is open', async () => {
    await window.resize(800, 600);
    expect(await window.overflowing()).toEqual([]);
    await window.press('e');
    await window.page.getByRole('region', { name: 'Export this report' }).waitFor();
    expect(await window.overflowing()).toEqual([]);
    await window.press('Escape', 'd');
    await window.page.evaluate(() => document.getElementById('main')?.scrollTo(0, 0));
    await window.screenshot('readiness-800x600');
    await window.resize(640, 480);
    expect(await window.overflowing()).toEqual([]);
    await window.resize(1180, 800);
  });

  test('the page complained about nothing', () => {
    expect(window.complaints).toEqual([]);
  });
});
