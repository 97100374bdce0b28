import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StateDocument } from '../../shared/availability/state.ts';
import { fourAndFour } from '../support/availability-states.ts';
import { noWindowBecause, TestWindow } from '../support/window.ts';

const because = noWindowBecause();
/** A loaded machine takes its time. */
const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 20_000 });
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

describe.skipIf(because !== null)(`availability in a real window${because ? ` (skipped: ${because})` : ''}`, () => {
  let window: TestWindow;
  const open = async (path: string): Promise<void> => {
    await window.answerOpen(path);
    await window.page.getByRole('button', { name: 'Open a state file' }).click();
  };

  beforeAll(async () => {
    window = await TestWindow.open({ width: 1280, height: 800 });
  });
  afterAll(async () => {
    await window.close();
    rmSync(files, { recursive: true, force: true });
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
    expect(await window.axe()).toEqual([]);
    for (const [width, height] of [
      [1280, 800],
      [1024, 768],
      [800, 600],
    ] as const) {
      await window.resize(width, height);
      expect(await window.overflowing()).toEqual([]);
      await window.screenshot(`availability-${width}`);
    }
    await window.resize(1280, 800);
    await eventually(() => window.page.getByRole('heading', { name: /Redundant network paths/ }).count()).toBe(1);
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
    await eventually(() => after.innerText()).toContain('node:HV01, then target:SAN1');
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
});
