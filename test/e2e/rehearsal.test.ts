import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  artifacts,
  consoles,
  countEffort,
  looks,
  noWindowBecause,
  ServerStages,
  TestWindow,
  type Effort,
} from '../support/window.ts';
import { titled } from '../support/skipped.ts';

const because = noWindowBecause();

/** Two simulated servers from bare to a witness disk, as a person does it in the window with the mouse. */
describe.skipIf(because !== null)(titled('servers set up in a rehearsal', because), () => {
  let window: TestWindow;
  let stages: ServerStages;
  let effort: () => Promise<Effort>;
  let first: Effort;

  beforeAll(async () => {
    window = await TestWindow.open();
    stages = new ServerStages(window);
    await window.page.locator('.r-verdict').waitFor();
    effort = await countEffort(window.page);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window.screenshot('rehearsal-failed');
  });
  afterAll(async () => {
    await window.call('rehearsal.remove', { name: 'e2e' }).catch(() => undefined);
    await window.close();
  });

  /** The rail's entry of a stage with its state. */
  const rail = (stage: string): Promise<string> =>
    window.page.getByRole('navigation', { name: 'Stages' }).getByRole('button', { name: stage }).first().innerText();

  test('a machine without Windows says so, and offers a simulated server', async () => {
    await window.goTo('Network');
    await expect.poll(() => window.title.innerText()).toBe('Network: nothing to set up on this machine.');
    await window.page.getByRole('alert').getByText('HOST_NOT_HERE').first().waitFor();
    await stages.openRehearsal('e2e');
    await window.page.getByRole('group', { name: /its network adapters and the networks/ }).waitFor();
    expect(await rail('Network')).toContain('0 of 3 roles');
  });

  test('the network: roles and addresses are proposed, the plan takes the place of the form, then runs in it', async () => {
    await window.page.getByRole('button', { name: 'Roles and addresses' }).click();
    const address = (port: string) => window.page.getByRole('textbox', { name: `Addresses of ${port}`, exact: true });
    expect(await address('Ethernet').inputValue()).toMatch(/^192\.0\.2\.\d+\/24$/);
    expect(await window.page.getByRole('combobox', { name: 'Role of Ethernet 5' }).inputValue()).toBe('unused');
    await address('Ethernet 3').fill('198.51.100.11/24');
    await address('Ethernet 4').fill('203.0.113.11/24');
    await stages.review();
    expect(await stages.panel.innerText()).toContain('Nothing has been changed yet.');
    await window.screenshot('network-plan');
    // The form has made room; nothing is far from what was pressed.
    expect(await address('Ethernet 3').isVisible()).toBe(false);
    await window.resize(800, 600);
    await stages.apply();
    expect(await stages.panel.innerText()).not.toContain('Nothing has been changed yet.');
    // Apply has gone: the focus is on what runs, not nowhere, and it is no review any more.
    expect(await window.focused()).toBe('Roles and addresses');
    // What ran is on screen, although Apply stands below all the steps.
    const isSeen = await stages.panel.getByText('Done and verified.').evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    });
    expect(isSeen).toBe(true);
    await window.resize(1180, 800);
    await stages.expectEveryStepProven();
    await expect.poll(() => rail('Network')).toContain('Ready');
    await expect.poll(() => window.title.innerText()).toBe('Every role has its network adapter.');
  });

  test('the storage: service, multipath and portals in one change, which waits for a restart', async () => {
    await window.goTo('Storage');
    await expect.poll(() => window.title.innerText()).toBe('The iSCSI initiator of this server is not running.');
    await window.page.getByRole('button', { name: 'Connect', exact: true }).click();
    await window.page.getByLabel('Portal for iSCSI A').fill('198.51.100.10');
    await window.page.getByLabel('Portal for iSCSI B').fill('203.0.113.10');
    await stages.review();
    await stages.apply();
    await stages.panel.getByText('All steps before the restart are done.').waitFor();
    await stages.panel.getByRole('button', { name: 'Go to restart' }).click();
    await stages.panel.getByRole('checkbox').check();
    await stages.apply();
    await stages.panel.getByRole('button', { name: 'Continue: ' }).click();
    await stages.apply();
    await expect.poll(() => window.title.innerText()).toBe('No pending changes.');
  });

  test('a session for each path, each proven', async () => {
    await window.goTo('Storage');
    await window.page.getByRole('button', { name: 'Log on', exact: true }).click();
    const form = window.page.getByRole('region', { name: 'Log on to a target' });
    expect(await form.getByRole('checkbox', { checked: true }).count()).toBe(2);
    await stages.review();
    await stages.apply();
    await stages.done();
    const paths = window.page.getByRole('table', { name: 'Paths to the targets' });
    await expect.poll(() => paths.getByText('Proven').count()).toBe(2);
    // The paths are proven, the disks are not prepared: nothing is green yet.
    await expect.poll(() => rail('Storage')).toContain('0 of 2 disks');
  });

  test('shared disks are written to only after their user has said in words that nobody else uses them', async () => {
    await stages.storagePart('Disks');
    await window.page.getByRole('button', { name: 'Prepare disks' }).click();
    const purposes = window.page.getByRole('table', { name: 'Disks to prepare' });
    expect(await purposes.innerText()).toMatch(/Q: Witness[\s\S]*F: Data/);
    await stages.review();
    const words = stages.panel.getByRole('textbox');
    const write = stages.panel.getByRole('button', { name: 'Write to the disk' });
    expect(await write.getAttribute('aria-disabled')).toBe('true');
    await words.nth(0).fill('nobody uses it');
    await window.page.waitForFunction(() => !document.querySelector('.q-panel')?.textContent?.includes('Confirmed.'));
    expect(await write.getAttribute('aria-disabled')).toBe('true');
    for (const index of [0, 1]) await words.nth(index).fill('no other server uses this disk');
    await expect.poll(() => stages.panel.getByText('Confirmed.').count()).toBe(2);
    // The safe button is the default one: it comes first and has the accent.
    expect(await stages.panel.locator('.p-actions').getByRole('button').first().innerText()).toBe('Cancel');
    await stages.apply('Write to the disk');
    await stages.expectEveryStepProven();
    await stages.done();
    const disks = window.page.getByRole('table', { name: 'Disks of this server' });
    await expect.poll(() => disks.innerText()).toContain('Q: Witness, ready');
    await expect.poll(() => rail('Storage')).toContain('2 disks ready');
  });

  test('the first server took at most 40 clicks and 8 typed values', async () => {
    first = await effort();
    expect(first.clicks).toBeLessThanOrEqual(40);
    expect(first.typedValues).toBeLessThanOrEqual(8);
    expect(first.clicks).toBeGreaterThan(10);
  });

  test('the second server is set up like the first one, in at most 15 clicks', async () => {
    await window.goTo('Rehearsals');
    await window.page.getByRole('button', { name: 'Open NODE2' }).click();
    await window.goTo('Network');
    await window.page.getByRole('button', { name: 'Roles and addresses' }).click();
    await stages.review();
    await stages.apply();
    await expect.poll(() => rail('Network')).toContain('Ready');
    await window.goTo('Storage');
    await window.page.getByRole('button', { name: 'Connect', exact: true }).click();
    expect(await window.page.getByLabel('Log on to').inputValue()).toBe('iqn.2004-04.test.lab:array1');
    await stages.review();
    await stages.apply();
    await stages.panel.getByRole('button', { name: 'Go to restart' }).click();
    await stages.panel.getByRole('checkbox').check();
    await stages.apply();
    await stages.panel.getByRole('button', { name: 'Continue: ' }).click();
    await stages.apply();
    const second = await effort();
    mkdirSync(artifacts, { recursive: true });
    writeFileSync(join(artifacts, 'effort.json'), JSON.stringify({ first, second }));
    expect(second.clicks).toBeLessThanOrEqual(15);
    expect(second.typedValues).toBe(0);
    expect(second.clicks).toBeGreaterThan(5);
    await expect.poll(() => rail('Storage')).toContain('2 disks ready');
  });

  test('a rehearsal says so on every screen; what is not simulated stands under a banner of its own', async () => {
    for (const stage of ['Readiness', 'Server', 'Network', 'Storage', 'History', 'Rehearsals']) {
      await window.goTo(stage);
      const banner = window.page.getByRole('banner');
      expect(await banner.innerText()).toContain('REHEARSAL');
      const colour = await banner.evaluate((element) => getComputedStyle(element).backgroundColor);
      expect(colour).not.toBe('rgb(245, 245, 245)');
    }
    await window.goTo('Readiness');
    expect(await window.page.locator('main').innerText()).toContain('not the simulated server');
    await window.goTo('Storage');
    await stages.storagePart('Qualification');
    expect(await window.page.locator('main').innerText()).toContain('This part is not simulated.');
    await window.screenshot('storage-qualification');
  });

  test('wrong input is said at its field, and a refusal keeps the form', async () => {
    await window.goTo('Network');
    await window.press('g');
    const address = window.page.getByRole('textbox', { name: 'Addresses of Ethernet 3', exact: true });
    await address.fill('198.51.100.11');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await stages.panel.getByText('type the address with its prefix length').waitFor();
    expect(await stages.steps.count()).toBe(0);
    // An address that only the server can judge: it is the broadcast-free network of the other port.
    await window.resize(800, 600);
    await address.fill('203.0.113.77/24');
    await window.page.getByRole('textbox', { name: 'Addresses of Ethernet 4', exact: true }).fill('203.0.113.77/24');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    const refusal = stages.panel.getByRole('alert').filter({ hasText: '203.0.113.77' });
    await refusal.first().waitFor();
    // The form has come back above it.
    await expect
      .poll(() => refusal.first().evaluate((element) => element.getBoundingClientRect().top < innerHeight - 80))
      .toBe(true);
    await window.resize(1180, 800);
    expect(await address.isVisible()).toBe(true);
    expect(await address.inputValue()).toBe('203.0.113.77/24');
    expect(await window.axe()).toEqual([]);
    await window.screenshot('network-refused');
    await stages.closeAll();
  });

  test('a port opens beside the picture; its change of a live iSCSI path says so before', async () => {
    await window.page.getByRole('button', { name: 'Ethernet 3: Connected, iSCSI A' }).click();
    const drawer = window.page.locator('.q-drawer');
    await drawer.getByLabel('Addresses', { exact: true }).selectOption('static');
    await drawer.getByLabel('Static addresses').fill('198.51.100.99/24');
    await window.screenshot('network-drawer');
    // What Windows would refuse is said at its field, and the drawer stays.
    await drawer.getByLabel('Gateway', { exact: true }).fill('10.9.9.1');
    await drawer.getByRole('button', { name: 'Review changes' }).click();
    await drawer.getByText('10.9.9.1 lies outside the network 198.51.100.0/24.').waitFor();
    expect(await window.axeInEachLook()).toEqual([]);
    await drawer.getByLabel('Gateway', { exact: true }).fill('');
    await stages.review();
    await drawer.getByText(/Ethernet 3 carries an iSCSI session to iqn\.2004-04/).waitFor();
    expect(await drawer.getByRole('button', { name: 'Apply', exact: true }).getAttribute('aria-disabled')).toBe('true');
    await drawer.getByRole('button', { name: 'Edit' }).click();
    expect(await drawer.getByLabel('Static addresses').inputValue()).toBe('198.51.100.99/24');
    expect(await window.axe()).toEqual([]);
    await stages.closeAll();
  });

  test('the same change a second time finds nothing to change', async () => {
    await window.press('g');
    await stages.review();
    await stages.panel.getByText(/Nothing to change/).waitFor();
    await stages.closeAll();
  });

  test('a disk with content asks for its serial number before it is erased', async () => {
    await window.goTo('Rehearsals');
    await window.page.getByRole('button', { name: 'Open NODE1' }).click();
    await window.goTo('Storage');
    await stages.storagePart('Disks');
    await window.page.getByRole('button', { name: /LAB-WITNESS-0001: figures/ }).click();
    await window.page.getByLabel(/all data on disk .* will be lost/).check();
    await window.page.getByLabel('Label', { exact: true }).fill('Again');
    await window.page.locator('.t-detail').getByRole('button', { name: 'Review changes' }).click();
    const erase = stages.panel.getByRole('button', { name: 'Erase all data and apply' });
    await erase.waitFor();
    expect(await erase.getAttribute('aria-disabled')).toBe('true');
    const serial = stages.panel.getByLabel(/Type its serial number/);
    await stages.panel.getByLabel(/then type: no other server/).fill('no other server uses this disk');
    await expect.poll(() => stages.panel.getByText('Confirmed.').count()).toBe(1);
    expect(await erase.getAttribute('aria-disabled')).toBe('true');

    // The serial number of the other disk is refused; what was typed stays, to be corrected.
    await serial.fill('LAB-DATA-0002');
    await window.press('Enter');
    await stages.panel.getByText('DISK_SERIAL_MISMATCH').waitFor();
    expect(await erase.count()).toBe(0);
    expect(await serial.inputValue()).toBe('LAB-DATA-0002');
    await window.screenshot('storage-serial');
    expect(await window.axeInEachLook()).toEqual([]);

    await serial.fill('LAB-WITNESS-0001');
    await window.press('Enter');
    await expect.poll(() => stages.panel.getByText('Confirmed.').count()).toBe(2);
    await expect.poll(() => erase.getAttribute('aria-disabled')).not.toBe('true');
    await stages.panel.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect.poll(() => stages.steps.count()).toBe(0);
  });

  test('the history tells changes apart, and undoes one with its questions', async () => {
    await window.goTo('History');
    const entry = window.page.locator('.v-entry').filter({ hasText: 'Set up the network of NODE1' });
    await entry.getByRole('button', { name: /^Undo/ }).click();
    await stages.steps.first().waitFor();
    expect(await stages.panel.innerText()).toContain('Nothing has been changed yet.');
    await window.press('p');
    await stages.panel.locator('.q-code').first().waitFor();
    await window.screenshot('history-undo');
    expect(await window.axeInEachLook()).toEqual([]);
    await stages.closeAll();
  });

  test('at every size no screen needs a sideways scroll; light, dark and contrast have no axe finding', async () => {
    for (const [width, height] of consoles) {
      await window.resize(width, height);
      for (const stage of ['Readiness', 'Server', 'Network', 'Storage', 'Availability', 'History', 'Rehearsals']) {
        await window.goTo(stage);
        await window.settled();
        expect(await window.overflowing(), `${stage} ${width}`).toEqual([]);
        // The picture of the network adapters fits on all but the smallest console.
        if (stage === 'Network' && width > 800)
          expect(
            await window.page
              .getByRole('region', { name: 'Picture of the network adapters' })
              .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
          ).toBeLessThanOrEqual(0);
        for (const [look, media] of looks) {
          await window.page.emulateMedia(media);
          await window.screenshot(`${stage.toLowerCase()}-${width}x${height}-${look}`);
          // What axe looks at does not change with the width, but for what is hidden.
          if (width === 800)
            expect(await window.axe(look === 'light' ? 'everything' : 'colours'), `${stage} ${look}`).toEqual([]);
        }
        await window.page.emulateMedia(looks[0][1]);
      }
    }
    await window.resize(1180, 800);
  });

  test('a rehearsal is deleted only once it was said what goes, and the focus comes back', async () => {
    await window.goTo('Rehearsals');
    await window.page.getByRole('button', { name: 'Exit rehearsal' }).click();
    const ask = window.page.getByRole('table', { name: 'Rehearsals' }).getByRole('button', { name: /^Delete / });
    await ask.click();
    const panel = window.page.locator('.q-panel');
    await panel.getByText(/NODE1 and NODE2, their networks and their disks are deleted/).waitFor();
    expect(await window.axe()).toEqual([]);
    await window.press('Escape');
    await expect.poll(() => panel.count()).toBe(0);
    expect(await ask.evaluate((element) => element === document.activeElement)).toBe(true);
    await ask.click();
    await panel.getByRole('button', { name: /^Delete / }).click();
    await expect.poll(() => window.page.getByRole('table', { name: 'Rehearsals' }).count()).toBe(0);
    await expect.poll(() => window.page.evaluate(() => document.activeElement?.id)).toBe('stage-title');
  });

  test('the page complained about nothing', () => {
    expect(window.complaints).toEqual([]);
  });
});
