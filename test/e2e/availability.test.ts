import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StateDocument } from '../../shared/availability/state.ts';
import { fourAndFour } from '../support/availability-states.ts';
import { lossyWorld } from '../support/losing-world.ts';
import { consoles, newDataFolder, noWindowBecause, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();
/** A loaded machine takes its time. */
const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read);
const files = mkdtempSync(join(tmpdir(), 'quorate-files-'));
const write = (name: string, content: unknown): string => {
  const path = join(files, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

/** The printed example with its networks: one switch under the storage, two under everything else. */
const withNetworks = (): StateDocument => ({
  ...fourAndFour(),
  name: 'Example',
  nodes: fourAndFour().nodes.map((node) => ({
    ...node,
    nics: [
      { name: 'Production', role: 'production', switch: 'SW1' },
      { name: 'Private', role: 'clusterPrivate', switch: 'SW2' },
      { name: 'iSCSI A', role: 'iscsiA', switch: 'SW3' },
      { name: 'iSCSI B', role: 'iscsiB', switch: 'SW3' },
    ],
  })),
  witness: { kind: 'disk', target: 'SAN1', lun: 'Witness' },
  targets: [
    {
      name: 'SAN1',
      portals: [
        { address: '10.0.1.10', network: 'iscsiA', switch: 'SW3' },
        { address: '10.0.2.10', network: 'iscsiB', switch: 'SW3' },
      ],
      luns: ['Witness', 'VMs'],
    },
  ],
  vms: fourAndFour().vms.map((vm) => ({ ...vm, lun: 'VMs' })),
});

describe.skipIf(because !== null)(titled('availability in a real window', because), () => {
  let window: TestWindow;
  const open = async (path: string): Promise<void> => {
    await window.answerOpen(path);
    await window.page.getByRole('button', { name: 'Open a state file' }).click();
  };

  const data = newDataFolder();

  beforeAll(async () => {
    // A cluster that stands, so that no formation is waited for.
    const world = await lossyWorld(join(data, 'rehearsal', 'drills'), {
      nodes: 2,
      witness: 'disk',
      machines: [1, 2, 3].map((at) => ({ name: `VM${at}`, node: `NODE${1 + (at % 2)}`, gigabytes: 4 })),
    });
    await world.close();
    window = await TestWindow.open({ width: 1280, height: 800, data });
  });
  afterAll(async () => {
    await window.call('rehearsal.stop', { name: 'drills' }).catch(() => undefined);
    await window.close();
    await removeFolder(data);
    await removeFolder(files);
  });

  test('nothing is open: what it is for, and the ways in', async () => {
    await window.goTo('Availability');
    await eventually(() => window.title.innerText()).toContain('no configuration is open');
    expect(await window.axe()).toEqual([]);
    await window.screenshot('availability-empty');
  });

  test('a file that cannot be used names the field and the next step', async () => {
    const wrong = fourAndFour();
    wrong.vms[0]!.node = 'HV1';
    await open(write('wrong.json', wrong));
    const note = window.page.getByRole('alert');
    await eventually(() => note.innerText()).toContain('did you mean HV01');
    await window.screenshot('availability-wrong');
    await note.getByRole('button', { name: 'Dismiss' }).click();
  });

  test('the first sentence, the picture, the tables and the ladder', async () => {
    await open(write('state.json', withNetworks()));
    await eventually(() => window.title.innerText()).toContain('Four and four become eight on one');
    expect(await window.axeInEachLook()).toEqual([]);
    for (const [width, height] of consoles) {
      await window.resize(width, height);
      expect(await window.overflowing()).toEqual([]);
      await window.screenshot(`availability-${width}`);
    }
    await window.resize(1280, 800);
    await eventually(() => window.page.getByRole('heading', { name: /Redundant network paths/ }).count()).toBe(1);
  });

  test('is printed whole: picture, tables and ladder, without what only a screen can use', async () => {
    const { page } = window;
    await page.emulateMedia({ media: 'print' });
    await window.resize(794, 800);
    expect(await page.getByRole('navigation', { name: 'Stages' }).isVisible()).toBe(false);
    expect(await page.locator('.f-main .q-actions').first().isVisible()).toBe(false);
    const heights = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
    expect(heights[0]).toBeGreaterThan(2 * heights[1]!);
    const box = await page.locator('.a-picture').boundingBox();
    expect(box!.x + box!.width).toBeLessThanOrEqual(794);
    await page.emulateMedia({ media: null });
    const pdf = await window.print('availability-print');
    // A page that is only as high as the window is one sheet, and cut.
    expect(pdf.match(/\/Type \/Page\b/g)?.length ?? 0).toBeGreaterThan(1);
    await window.resize(1280, 800);
  });

  test('what would be lost is told for what has the focus, and a key lets it fail and brings it back', async () => {
    const node = window.page.getByRole('button', { name: /^node HV01/ });
    await node.focus();
    const told = window.page.locator('.a-foretold');
    await expect
      .poll(() => told.innerText())
      .toContain('If node HV01 is lost, the cluster keeps quorum with 2 of 3 votes');
    await window.press('Enter');
    await eventually(() => node.getAttribute('aria-pressed')).toBe('true');
    const after = window.page.getByRole('region', { name: 'After the loss' });
    await eventually(() => after.innerText()).toContain('Four virtual machines restart on HV02');
    await window.page.getByRole('button', { name: /^target SAN1/ }).focus();
    await window.press(' ');
    await eventually(() => after.innerText()).toContain('Node HV01, then target SAN1');
    expect(await after.innerText()).toContain('the cluster stops');
    await window.screenshot('availability-lost');
    expect(await window.axe()).toEqual([]);
    await window.press('b');
    await eventually(() => after.count()).toBe(0);
  });

  test('exports the report as HTML, PDF and JSON, which can be opened again', async () => {
    for (const format of ['html', 'pdf', 'json'] as const) {
      await window.answerSave(join(files, `report.${format}`));
      await window.press('e');
      const panel = window.page.getByRole('region', { name: 'Export this report' });
      await panel.getByRole('button', { name: format.toUpperCase() }).click();
      await eventually(() => panel.innerText()).toContain(`report.${format}`);
      await window.press('Escape');
    }
    expect(readFileSync(join(files, 'report.html'), 'utf8')).toContain('Four and four become eight on one');
    expect(readFileSync(join(files, 'report.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    await open(join(files, 'report.json'));
    await eventually(() => window.page.getByText('The configuration of the report of').count()).toBe(1);
    expect(window.complaints).toEqual([]);
  });

  test('a drill is planned, announced, carried out with its outage measured, given back, and kept', async () => {
    const drills = window.page.getByRole('region', { name: 'Drills' });
    expect(await drills.innerText()).toContain('Drills need a cluster that was read from its servers');
    await window.goTo('Network');
    await window.page.getByLabel('Name of the rehearsal').fill('drills');
    await window.page.getByRole('button', { name: 'Open the rehearsal' }).click();
    await window.goTo('Availability');
    await window.page.getByRole('button', { name: 'Read this cluster' }).click();
    await eventually(() => window.page.getByText('REHEARSAL: this is a simulated configuration.').count()).toBe(1);
    await eventually(() => drills.innerText()).toContain('No drill has been carried out yet');

    const questions = window.page.getByRole('region', { name: 'Open questions' });
    const asked = questions.getByRole('listitem').filter({ hasText: /Are the cables of .* on one switch/ });
    const before = await asked.count();
    expect(before).toBeGreaterThan(0);
    await asked.first().getByRole('button', { name: 'All on one switch' }).click();
    await window.screenshot('availability-questions');
    await asked.first().getByRole('button', { name: 'Save the answers' }).click();
    await eventually(() => asked.count()).toBe(before - 1);
    await eventually(() => window.page.getByText('as a person answered here').count()).toBe(1);
    await eventually(() => window.page.getByRole('button', { name: /^switch Switch production/ }).count()).toBe(1);

    await drills.getByLabel('Take away').selectOption('target:iqn.2004-04.test.lab:array1');
    await drills.getByRole('button', { name: 'Plan the drill' }).click();
    await eventually(() => drills.innerText()).toContain('No mirrored target is proven');
    expect(await drills.getByRole('button', { name: 'Run the drill' }).count()).toBe(0);
    await drills.scrollIntoViewIfNeeded();
    await window.screenshot('availability-drill-refused');
    await drills.getByRole('button', { name: 'Close' }).click();

    await drills.getByLabel('Take away').selectOption('node:NODE2');
    await drills.getByLabel('Duration in seconds').fill('4');
    expect(await drills.innerText()).toContain('A whole number from 5 to 1800');
    await drills.getByLabel('Duration in seconds').fill('5');
    await drills.getByRole('button', { name: 'Plan the drill' }).click();
    await eventually(() => drills.innerText()).toContain('restarts on NODE1');
    expect(await window.axe()).toEqual([]);
    for (const [width, height] of consoles) {
      await window.resize(width, height);
      expect(await window.overflowing()).toEqual([]);
      await drills.evaluate((element) => element.scrollIntoView());
      await window.screenshot(`availability-drill-plan-${width}`);
    }
    await window.resize(1280, 800);
    await window.press('r');
    await eventually(() => drills.innerText()).toContain('NODE1 watches');
    await window.screenshot('availability-drill-running');
    await eventually(() => drills.innerText()).toContain('Everything is back; this was read from the servers.');
    const record = await drills.innerText();
    expect(record).toContain('As predicted');
    await eventually(() => drills.getByRole('table', { name: 'Drills that were carried out' }).count()).toBe(1);
    await drills.evaluate((element) => element.scrollIntoView());
    await window.screenshot('availability-drill-record');
    expect(await window.axeInEachLook()).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});
