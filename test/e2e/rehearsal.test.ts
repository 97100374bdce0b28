import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noWindowBecause, ServerStages, TestWindow } from '../support/window.ts';

const because = noWindowBecause();

/** One simulated server from bare to a witness disk, as a person does it in the window. */
describe.skipIf(because !== null)(`a server set up in a rehearsal${because ? ` (skipped: ${because})` : ''}`, () => {
  let window: TestWindow;
  let stages: ServerStages;

  beforeAll(async () => {
    window = await TestWindow.open();
    stages = new ServerStages(window);
    await window.page.locator('.r-verdict').waitFor();
  });
  afterAll(async () => {
    await window.call('rehearsal.remove', { name: 'e2e' }).catch(() => undefined);
    await window.close();
  });

  test('a machine without Windows says so, and offers a simulated server', async () => {
    await window.goTo('Network');
    await expect.poll(() => window.title.innerText()).toBe('Network: nothing to set up on this machine.');
    expect(await window.page.getByRole('alert').innerText()).toContain('HOST_NOT_HERE');
    await stages.openRehearsal('e2e');
    await window.page.getByRole('group', { name: /its ports and the networks/ }).waitFor({ timeout: 30_000 });
  });

  test('a rehearsal says so in a colour and a word, on every stage', async () => {
    for (const stage of ['Readiness', 'Network', 'Storage', 'Server'] as const) {
      await window.goTo(stage);
      const banner = window.page.getByRole('banner');
      expect(await banner.innerText()).toContain('REHEARSAL');
      const colour = await banner.evaluate((element) => getComputedStyle(element).backgroundColor);
      expect(colour).not.toBe('rgb(245, 245, 245)');
    }
    await window.goTo('Readiness');
    expect(await window.page.locator('main').innerText()).toContain('not at the simulated server');
  });

  test('roles: the plan is shown before it acts, by hand and in PowerShell one key away', async () => {
    await window.goTo('Network');
    await window.page.getByRole('button', { name: 'Give roles' }).click();
    const roles = { Ethernet: 'production', 'Ethernet 2': 'clusterPrivate', 'Ethernet 5': 'unused' };
    for (const [port, role] of Object.entries(roles))
      await window.page.getByRole('combobox', { name: `Role of ${port}`, exact: true }).selectOption(role);
    await stages.plan();
    expect(await stages.panel.innerText()).toContain('Nothing has been changed yet.');
    expect(await stages.panel.locator('.p-how').count()).toBe(0);
    await window.press('p');
    await expect.poll(() => stages.panel.locator('.p-how').count()).toBe(await stages.steps.count());
    expect(await stages.panel.locator('.q-code').first().innerText()).toContain('Set-NicPowerSaving');
    await window.screenshot('network-plan');
    await window.press('p');
    expect(await window.axe()).toEqual([]);
    await stages.make();
    await stages.expectEveryStepProven();
    await stages.closePanel();
    await expect.poll(() => window.title.innerText()).toBe('No port has the role iSCSI A yet.');
  });

  test('wrong input is refused before anything runs, with the thing named', async () => {
    await stages.openPort('Ethernet 3');
    await stages.fillPort({ role: 'iscsiA', addresses: '198.51.100.0/24' });
    await stages.planPort();
    const refusal = stages.panel.getByRole('alert').first();
    await refusal.waitFor();
    expect(await refusal.innerText()).toContain('198.51.100.0');
    expect(await stages.panel.getByRole('button', { name: 'Make this change' }).count()).toBe(0);
    await window.screenshot('network-refused');
    await stages.closePanel();
  });

  test('static addresses on both iSCSI ports; the picture fills in', async () => {
    for (const [port, role, address] of [
      ['Ethernet 3', 'iscsiA', '198.51.100.11/24'],
      ['Ethernet 4', 'iscsiB', '203.0.113.11/24'],
    ] as const) {
      await stages.openPort(port);
      await stages.fillPort({ role, addresses: address });
      await stages.planPort();
      await stages.make();
      await stages.expectEveryStepProven();
      await stages.closePanel();
    }
    await expect.poll(() => window.title.innerText()).toBe('Every role has its port.');
    await window.page.getByRole('button', { name: 'Ethernet 3: Connected, iSCSI A' }).waitFor();
    await window.page.evaluate(() => document.getElementById('main')?.scrollTo(0, 0));
    await window.screenshot('network');
    expect(await window.axe()).toEqual([]);
  });

  test('the second run of the same change finds nothing to change', async () => {
    await stages.openPort('Ethernet 3');
    await stages.fillPort({ role: 'iscsiA', addresses: '198.51.100.11/24' });
    await stages.planPort();
    await stages.panel.getByText('Nothing has to be changed.').waitFor();
    await stages.closePanel();
  });

  test('a change that needs a restart waits, is offered on every stage and goes on after it', async () => {
    await window.goTo('Storage');
    await expect.poll(() => window.title.innerText()).toBe('The iSCSI initiator of this server does not run yet.');
    await window.press('i');
    await stages.plan();
    await stages.make();
    await stages.panel.getByText('has to restart').waitFor();
    await stages.closePanel();
    const waiting = window.page.getByRole('status').filter({ hasText: 'A change waits on NODE1.' });
    await waiting.waitFor();
    await waiting.getByRole('button', { name: 'Review' }).click();
    await window.page.getByText('One change waits for your decision.').waitFor();

    await window.press('t');
    // The states of the other stages stay: the server is the same one, by whichever of its names it was opened.
    const stageList = await window.page.getByRole('navigation', { name: 'Stages' }).innerText();
    expect(stageList).toContain('Roles given');
    await window.page.getByRole('button', { name: 'Plan the restart' }).click();
    await stages.steps.first().waitFor();
    const make = stages.panel.getByRole('button', { name: 'Make this change' });
    expect(await make.getAttribute('aria-disabled')).toBe('true');
    await stages.panel.getByRole('checkbox').check();
    await stages.make();
    await stages.closePanel();
    await window.page.getByRole('button', { name: 'Continue' }).click();
    await stages.steps.first().waitFor();
    await stages.make();
    await stages.closePanel();
    await expect.poll(() => window.page.locator('.v-entry[data-state="restartNeeded"]').count()).toBe(0);
    await expect.poll(() => waiting.count()).toBe(0);
    expect(await window.axe()).toEqual([]);
    await window.screenshot('server');
  });

  test('portals from their ports, then a session for each path, each proven', async () => {
    await window.goTo('Storage');
    await window.press('r');
    for (const [portal, source] of [
      ['198.51.100.10', '198.51.100.11'],
      ['203.0.113.10', '203.0.113.11'],
    ] as const) {
      await window.page.getByRole('button', { name: 'Ask a portal' }).click();
      await window.page.getByLabel('Address of the portal').fill(portal);
      await window.page.getByLabel('From the port').selectOption(source);
      await stages.plan();
      await stages.make();
      await stages.closePanel();
    }
    await window.press('l');
    const form = window.page.getByRole('region', { name: 'Log on to a target' });
    expect(await form.getByRole('checkbox', { checked: true }).count()).toBe(2);
    await stages.plan();
    await stages.make();
    await stages.closePanel();
    const paths = window.page.getByRole('table', { name: 'Paths to the targets' });
    await expect.poll(() => paths.getByText('Proven').count()).toBe(2);
    await expect.poll(() => window.title.innerText()).toContain('2 paths proven');
  });

  test('a shared disk is written to only after its user has said in words that nobody else uses it', async () => {
    await window.page.getByRole('button', { name: 'Look for disks' }).click();
    const disks = window.page.getByRole('table', { name: 'Disks of this server' });
    await disks.getByText('LAB-WITNESS-0001').waitFor();
    await window.page.getByRole('button', { name: /LAB-WITNESS-0001: figures/ }).click();
    await window.page.getByLabel('What it is for').selectOption('witness');
    await stages.planPort();
    // Formatting is only expected while the disk is offline; it is shown beforehand, and so the button says that it writes.
    await stages.panel.getByText('Expected: it is planned again').first().waitFor();
    const write = stages.panel.getByRole('button', { name: 'Write to the disk' });
    expect(await write.getAttribute('aria-disabled')).toBe('true');
    const words = stages.panel.getByRole('textbox');
    await words.fill('nobody uses it');
    await window.page.waitForFunction(() => !document.querySelector('.q-panel')?.textContent?.includes('Agreed.'));
    expect(await write.getAttribute('aria-disabled')).toBe('true');
    await words.fill('no other server uses this disk');
    await stages.panel.getByText('Agreed.').waitFor();
    // The safe button is the default one: it comes first and has the accent.
    const actions = stages.panel.locator('.p-actions').getByRole('button');
    expect(await actions.first().innerText()).toBe('Leave everything as it is');
    await window.screenshot('storage-danger');
    expect(await window.axe()).toEqual([]);
    await write.click();
    await stages.panel.getByText('Changed, and read back.').waitFor({ timeout: 30_000 });
    await stages.expectEveryStepProven();
    await stages.closePanel();
    await expect.poll(() => disks.innerText()).toContain('Holds data');
  });

  test('a disk with content asks for its serial number before it is destroyed', async () => {
    await window.page.getByLabel(/what is on disk .* is lost/).check();
    await window.page.getByLabel('Label', { exact: true }).fill('Again');
    await stages.planPort();
    await stages.panel.getByRole('button', { name: 'Destroy what is on it' }).waitFor();
    const destroy = stages.panel.getByRole('button', { name: 'Destroy what is on it' });
    expect(await destroy.getAttribute('aria-disabled')).toBe('true');
    const serial = stages.panel.getByLabel(/Type its serial number/);
    await stages.panel.getByLabel(/then type: no other server/).fill('no other server uses this disk');
    await expect.poll(() => stages.panel.getByText('Agreed.').count()).toBe(1);
    expect(await destroy.getAttribute('aria-disabled')).toBe('true');

    // The serial number of the other disk is refused; what was typed stays, to be corrected.
    await serial.fill('LAB-DATA-0002');
    await window.press('Enter');
    await stages.panel.getByText('DISK_SERIAL_MISMATCH').waitFor();
    expect(await destroy.count()).toBe(0);
    expect(await serial.inputValue()).toBe('LAB-DATA-0002');
    await window.screenshot('storage-serial');

    await serial.fill('LAB-WITNESS-0001');
    await window.press('Enter');
    await expect.poll(() => stages.panel.getByText('Agreed.').count()).toBe(2);
    await expect.poll(() => destroy.getAttribute('aria-disabled')).not.toBe('true');
    await stages.panel.getByRole('button', { name: 'Leave everything as it is' }).click();
    await expect.poll(() => stages.panel.count()).toBe(0);
  });

  test('at 800x600 no stage needs a sideways scroll, dark and contrast have no axe finding', async () => {
    await window.resize(800, 600);
    for (const stage of ['Network', 'Storage', 'Server'] as const) {
      await window.goTo(stage);
      await window.page.locator('#stage-title').waitFor();
      expect(await window.overflowing(), stage).toEqual([]);
      await window.page.emulateMedia({ colorScheme: 'dark' });
      expect(await window.axe(), `${stage} dark`).toEqual([]);
      await window.screenshot(`${stage.toLowerCase()}-800x600-dark`);
      await window.page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
      expect(await window.axe(), `${stage} contrast`).toEqual([]);
      await window.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    }
    await window.resize(1180, 800);
  });

  test('the page complained about nothing', () => {
    expect(window.complaints).toEqual([]);
  });
});
