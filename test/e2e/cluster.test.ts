import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepareRehearsal } from '../support/prepared-rehearsal.ts';
import { consoles, looks, newDataFolder, noWindowBecause, ServerStages, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();
const report = join(import.meta.dirname, '..', 'fixtures', 'validation');

/** Roles, validation, the cluster and its machines, on simulated servers that have their disks. */
describe.skipIf(because !== null)(titled('a cluster set up in the window', because), () => {
  const data = newDataFolder();
  let window: TestWindow;
  let stages: ServerStages;

  beforeAll(async () => {
    await prepareRehearsal(data, 'ready');
    await prepareRehearsal(data, 'large', 1_000);
    window = await TestWindow.open({ data });
    stages = new ServerStages(window);
    await window.page.locator('.r-verdict').waitFor();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      await window.screenshot(`cluster-failed-${task.name.slice(0, 24).replace(/\W+/g, '-')}`);
  });
  afterAll(async () => {
    for (const name of ['ready', 'large']) await window.call('rehearsal.remove', { name }).catch(() => undefined);
    await window.close();
    await removeFolder(data);
  });

  const titleIs = (title: string | RegExp) => expect.poll(() => window.title.innerText()).toMatch(title);
  const button = (name: string | RegExp) => window.page.getByRole('button', { name, exact: typeof name === 'string' });
  /** As a person sees it on each console, without a finding of axe. */
  const look = async (name: string): Promise<void> => {
    await window.page.locator('#main').evaluate((main) => main.scrollTo(0, 0));
    for (const [width, height] of consoles) {
      await window.resize(width, height);
      expect(await window.overflowing(), `${name} ${width}`).toEqual([]);
      await window.screenshot(`${name}-${width}`);
      expect(await window.tallStages(), `${name} ${width}`).toEqual([]);
    }
    expect(await window.axe(), name).toEqual([]);
    expect(await window.namesakes(), name).toEqual([]);
    await window.resize(1280, 800);
    for (const [look, media] of looks.slice(1)) {
      await window.page.emulateMedia(media);
      await window.screenshot(`${name}-${look}`);
      expect(await window.axe('colours'), `${name} ${look}`).toEqual([]);
    }
    await window.page.emulateMedia(looks[0][1]);
  };
  const applied = async (): Promise<void> => {
    await stages.panel.locator('[data-plan="changes"]').waitFor({ state: 'attached' });
    await stages.apply();
    await stages.expectEveryStepProven();
    await stages.done();
  };
  /** Opens the row of a table by what its button is called. */
  const openRow = (name: string) => window.page.locator('.t-opener', { hasText: name }).first().click();

  test('the roles: what is missing is ticked, planned, installed and read back', async () => {
    await window.goTo('Roles');
    await stages.openRehearsal('ready');
    await titleIs(/are not installed on NODE1\.$/);
    await window.press('i');
    expect(await stages.panel.getByRole('checkbox', { checked: true }).count()).toBe(2);
    await stages.review();
    await window.press('p');
    await window.screenshot('roles-plan');
    expect(await stages.panel.innerText()).toContain('Add Roles and Features');
    await applied();
    await titleIs('NODE1 has the roles of a cluster node, and the hypervisor is running.');
    await look('roles');
  });

  test('the validation: what it disturbs is said first, and it is cancelled', async () => {
    await window.goTo('Validate');
    await titleIs('These servers were not validated from here yet.');
    await window.press('v');
    await window.page.getByRole('textbox', { name: 'Other servers', exact: true }).fill('NODE2');
    await button('Show what it disturbs').click();
    await window.page.getByText('Agree above, or run it without storage.').waitFor();
    await window.screenshot('validate-disturbs');
    await window.page
      .getByRole('checkbox', { name: /is unavailable while it is tested/ })
      .first()
      .check();
    await window.page
      .getByRole('checkbox', { name: /is unavailable while it is tested/, checked: false })
      .first()
      .check();
    await button('Run').and(window.page.locator(':not([aria-disabled="true"])')).click();
    await window.page.locator('main .q-progress progress').waitFor();
    await window.page.locator('main .q-progress').getByRole('button', { name: 'Cancel' }).click();
    await window.page.getByRole('alert').getByText('CANCELLED', { exact: true }).waitFor();
    // What was tested until then is kept, and is no verdict.
    await titleIs(/^The validation of NODE1 and NODE2 was cancelled: \d+ tests? did not run\.$/);
    await window.screenshot('validate-cancelled');
  });

  test('what it found is read in a table, and a warning is accepted by its name', async () => {
    await window.call('rehearsal.setFault', {
      name: 'ready',
      fault: {
        kind: 'validationFinds',
        test: 'Validate All Drivers Signed',
        result: 'warning',
        text: 'A driver is not signed.',
      },
    });
    await window.press('v');
    await window.page.getByRole('textbox', { name: 'Other servers', exact: true }).fill('NODE2');
    await window.page.getByRole('combobox', { name: 'Tests' }).selectOption('withoutStorage');
    await button('Show what it disturbs').press('Enter');
    await window.page.getByText('No disk is disturbed.').waitFor();
    await button('Run').and(window.page.locator(':not([aria-disabled="true"])')).press('Enter');
    await titleIs(/3 warnings wait to be read and accepted\.$/);
    const table = window.page.getByRole('table', { name: 'Findings of the validation' });
    const found = table.locator('tr[data-key]').filter({ hasText: 'Validate All Drivers Signed' });
    expect(await found.innerText()).toMatch(/Validate All Drivers Signed\s+To be accepted\s+Warning/);
    await found.locator('.t-opener').press('Enter');
    await table.getByText('A driver is not signed.').first().waitFor();
    await look('validate-found');
    const reason = window.page.getByRole('textbox', { name: 'Accept this warning, because' });
    await reason.fill('short');
    const accept = button('Accept: Validate All Drivers Signed');
    await accept.press('Enter');
    await window.page.getByText('Type at least ten characters.').waitFor();
    await reason.fill('The vendor signs it with the next release.');
    await reason.press('Enter');
    await titleIs(/2 warnings wait to be read and accepted\.$/);
    await table.getByText('Accepted in the window').waitFor();
    await window.screenshot('validate-accepted');
    expect(await window.axe()).toEqual([]);
    // A test that fails blocks, whatever was accepted.
    await window.call('rehearsal.setFault', {
      name: 'ready',
      fault: {
        kind: 'validationFinds',
        test: 'Validate Active Directory Configuration',
        result: 'failed',
        text: 'No domain controller answers.',
      },
    });
    await window.press('v');
    await window.page.getByRole('combobox', { name: 'Tests' }).selectOption('withoutStorage');
    await button('Show what it disturbs').press('Enter');
    await button('Run').and(window.page.locator(':not([aria-disabled="true"])')).press('Enter');
    await titleIs(/^One test of NODE1 and NODE2 failed\.|^1 test of/);
    expect(await table.locator('tr[data-key]').first().innerText()).toMatch(/Blocks\s+Failed\s+New/);
    await window.page.getByRole('heading', { name: 'Earlier runs' }).waitFor();
    await window.screenshot('validate-blocks');
    await window.call('rehearsal.clearFault', { name: 'ready', id: null });
  });

  test('a report of another cluster is opened; one that is cut says so', async () => {
    const folder = join(data, 'reports');
    mkdirSync(folder);
    const whole = gunzipSync(readFileSync(join(report, 'compute-1709-4nodes.htm.gz')));
    writeFileSync(join(folder, 'whole.htm'), whole);
    writeFileSync(join(folder, 'none.htm'), '<html><body>Not a report</body></html>');
    await window.answerOpen(join(folder, 'none.htm'));
    await button(/^Open report/).click();
    await window.page
      .getByRole('alert')
      .getByText(/^VALIDATION_REPORT_|^IMPORT_/)
      .waitFor();
    await window.answerOpen(join(folder, 'whole.htm'));
    await button(/^Open report/).click();
    await window.page
      .getByRole('region', { name: 'whole.htm' })
      .getByText('Results by')
      .or(
        window.page
          .getByRole('region', { name: 'whole.htm' })
          .getByText(/without a finding/)
          .first(),
      )
      .first()
      .waitFor();
    await window.screenshot('validate-report');
  });

  test('known failures are looked for on this server, and on another by the file of its facts', async () => {
    const facts = await window.call('cluster.observe', {
      ...{ server: 'rehearsal:ready/NODE2', name: null, addresses: [] },
    });
    const file = join(data, 'node2.json');
    writeFileSync(file, JSON.stringify(facts));
    await window.page.getByRole('textbox', { name: 'More servers' }).fill('');
    await window.answerOpen(file);
    await button('Add fact files').click();
    await window.page.getByText('Servers from files: node2.json').waitFor();
    await button('Check').click();
    await window.page.getByText('Checked: NODE1, NODE2.').waitFor();
    await window.screenshot('known-failures-by-file');
    expect(await window.axe(), 'known failures').toEqual([]);
  });

  test('the cluster: created on one node, joined by the other, with disks and a witness', async () => {
    await window.goTo('Cluster');
    await titleIs('NODE1 is in no cluster.');
    await window.press('c');
    const field = (name: string) => stages.panel.getByRole('textbox', { name, exact: true });
    await field('Cluster name').fill('A-NAME-OF-16-CHR');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await stages.panel.getByText(/^The name /).waitFor();
    await field('Cluster name').fill('CLU1');
    await field('Other nodes').fill('NODE2');
    await field('Static addresses').fill('192.0.2.200');
    await field('Networks without an address').fill('198.51.100.0/24');
    await stages.panel.getByRole('combobox').selectOption('dns');
    await window.call('rehearsal.setFault', { name: 'ready', fault: { kind: 'clusterCreateWarns', server: 'NODE1' } });
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await stages.panel.locator('[data-plan="changes"]').waitFor({ state: 'attached' });
    await stages.panel.getByRole('button', { name: 'Apply', exact: true }).click();
    // Windows made it, and warned: its report is one button away, and what is left is planned again.
    await stages.panel.getByRole('alert').getByText('CLUSTER_CREATE_WARNED').waitFor();
    await button('Open report').click();
    await window.page.getByText(/^The cluster CLU1 was created, but/).waitFor();
    expect(await window.axe(), 'the report of a creation').toEqual([]);
    await window.screenshot('cluster-creation-report');
    await stages.panel.getByRole('button', { name: 'Review again' }).click();
    await applied();
    await titleIs('CLU1 has 2 nodes and no witness: one failure can stop it.');
    for (let left = 2; left > 0; left -= 1) {
      await button(/^Add the disk /)
        .first()
        .click();
      await applied();
      await expect.poll(() => button(/^Add the disk /).count()).toBe(left - 1);
    }
    await window.press('w');
    const witness = stages.panel.getByRole('combobox', { name: 'Disk of Available Storage' });
    const smallest = await witness
      .locator('option')
      .evaluateAll((options) =>
        options
          .map((option) => option.textContent ?? '')
          .sort((left, right) => parseFloat(left.split(', ')[1] ?? '') - parseFloat(right.split(', ')[1] ?? '')),
      );
    await witness.selectOption({ label: smallest.find((text) => /MB|MiB/.test(text)) ?? smallest[0]! });
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await applied();
    await titleIs('CLU1: 2 nodes up, with a witness.');
    await look('cluster');
  });

  test('a node is paused, drained and resumed', async () => {
    await openRow('NODE2');
    await button('Pause and drain').click();
    await applied();
    await titleIs('NODE2 is paused and takes no roles.');
    await button('Resume').click();
    await applied();
    await titleIs('CLU1: 2 nodes up, with a witness.');
    await openRow('NODE2');
  });

  test('a machine on storage of the cluster: made, highly available and started', async () => {
    await window.goTo('Virtual machines');
    await titleIs('There is no virtual machine on NODE1.');
    await window.press('c');
    const folder = stages.panel.getByRole('combobox', { name: 'Folder' });
    await expect.poll(() => folder.inputValue()).toBe('F:\\');
    await stages.panel.getByRole('textbox', { name: 'Name', exact: true }).fill('VM1');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await applied();
    await titleIs('One virtual machine, highly available.');
    await openRow('VM1');
    await window.page.getByRole('table', { name: 'Files of VM1' }).getByText(/^F:\\/).first().waitFor();
    await button('Start').click();
    await applied();
    await look('machines');
  });

  /** Opens a menu and chooses from it, as a person without a mouse does. */
  const choose = async (menu: string | RegExp, item: string): Promise<void> => {
    await button(menu).press('Enter');
    const entry = window.page.getByRole('menuitem', { name: item });
    await entry.waitFor();
    await window.screenshot(`menu-${item.replace(/\W+/g, '-').toLowerCase()}`);
    expect(await window.axe(), item).toEqual([]);
    await entry.press('Enter');
  };

  test('a machine moves by live migration, by a menu and without a mouse', async () => {
    await choose(/^Live migration/, 'To NODE2');
    await applied();
    await expect.poll(() => window.page.locator('tr[data-key="VM1"]').innerText()).toContain('NODE2');
  });

  test('it goes back by quick migration, and is told where it runs, when it starts and what it is kept apart from', async () => {
    await choose(/^Quick migration/, 'To NODE1');
    await applied();
    await expect.poll(() => window.page.locator('tr[data-key="VM1"]').innerText()).toContain('NODE1');
    await button('Owners and priority').click();
    const preferred = window.page.getByRole('group', { name: /^Preferred owners/ });
    await preferred.getByRole('checkbox', { name: /^NODE1/ }).check();
    await stages.panel.getByRole('combobox', { name: 'Startup priority' }).selectOption({ label: 'High' });
    await stages.panel.getByRole('textbox', { name: 'Anti-affinity' }).fill('Web servers, Paris');
    expect(await window.axe(), 'owners').toEqual([]);
    await window.screenshot('machine-owners');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await applied();
    const facts = window.page.locator('main');
    await facts.getByText('Web servers, Paris').first().waitFor();
    expect(await facts.innerText()).toMatch(/Preferred owners\s+NODE1/);
    expect(await facts.innerText()).toMatch(/Priority\s+High/);
    await window.screenshot('machine-owners-set');
  });

  test('machines start in an order: a set is made, changed and removed', async () => {
    await button('New set').click();
    const field = (name: string) => stages.panel.getByRole('textbox', { name, exact: true });
    await field('Name').fill('Web servers');
    await field('Virtual machines').fill('VM1, VM9');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await stages.panel.getByText('VM9: not highly available here.').waitFor();
    await field('Virtual machines').fill('VM1');
    expect(await window.axe(), 'start order').toEqual([]);
    await window.screenshot('machine-start-order');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await applied();
    const row = window.page.locator('tr[data-key="Web servers"]');
    await expect.poll(() => row.innerText()).toContain('20 s after its start');
    await row.locator('.t-opener').click();
    await field('Delay in seconds').fill('60');
    await stages.panel.getByRole('button', { name: 'Review changes' }).click();
    await applied();
    await expect.poll(() => row.innerText()).toContain('60 s after its start');
    await button('Remove set').click();
    await stages.panel.locator('[data-plan="changes"]').waitFor({ state: 'attached' });
    await stages.panel.getByRole('button', { name: 'Apply', exact: true }).click();
    // Its row goes with the set; what became of it stays until it is dismissed.
    await stages.panel.getByText('Done and verified.').waitFor();
    await expect.poll(() => row.count()).toBe(0);
    await window.screenshot('machine-start-order-removed');
    await button('Done').click();
    await expect.poll(() => window.page.getByRole('table', { name: /start in an order/ }).count()).toBe(0);
  });

  test('what cannot be undone wants the name typed; a refusal says why', async () => {
    await window.goTo('Cluster');
    await button('Destroy').click();
    await stages.panel.locator('[data-plan="changes"]').waitFor({ state: 'attached' });
    const apply = stages.panel.getByRole('button', { name: 'Apply', exact: true });
    expect(await apply.getAttribute('aria-disabled')).toBe('true');
    await stages.panel.getByRole('textbox').fill('CLU1');
    await apply.and(window.page.locator(':not([aria-disabled="true"])')).click();
    await window.page.getByRole('alert').getByText('CLUSTER_DESTROY_FAILED').waitFor();
    expect(await stages.panel.getByRole('alert').innerText()).toContain('VM1');
    expect(await window.axe()).toEqual([]);
    await stages.closeAll();
  });

  /** Applies what asks for the name of the thing once more. */
  const confirmed = async (name: string): Promise<void> => {
    await stages.panel.locator('[data-plan="changes"]').waitFor({ state: 'attached' });
    await stages.panel.getByRole('textbox').fill(name);
    await stages.apply();
    await stages.expectEveryStepProven();
    await stages.done();
  };

  test('a network gets its metric, and live migration the networks that it may use', async () => {
    await openRow('Cluster Network 1');
    await window.page.getByRole('textbox', { name: 'Metric' }).fill('a lot');
    await window.page.getByText('A number from 1 to 268435455.').waitFor();
    await window.page.getByRole('textbox', { name: 'Metric' }).fill('900');
    await button('Review changes').click();
    await applied();
    await openRow('Cluster Network 1');
    const networks = window.page.getByRole('group', { name: /^Live migration/ });
    await networks.getByRole('checkbox', { name: /^Cluster Network 1/ }).uncheck();
    await window.screenshot('cluster-live-migration');
    expect(await window.axe(), 'live migration').toEqual([]);
    await button('Review live migration').click();
    await stages.panel
      .getByText(/^Keep live migration off Cluster Network 1/)
      .first()
      .waitFor();
    await applied();
    await expect
      .poll(() => networks.getByRole('checkbox', { name: 'Cluster Network 1', exact: true }).isChecked())
      .toBe(false);
  });

  test('a machine is taken out of the cluster and removed, when its name was typed', async () => {
    await window.goTo('Virtual machines');
    if ((await button('Owners and priority').count()) === 0) await openRow('VM1');
    await button('Turn off').click();
    await confirmed('VM1');
    await button('Take out of the cluster').click();
    await applied();
    await button('Make highly available').waitFor();
    await button('Remove').click();
    await stages.panel
      .getByText(/Its disk files stay/)
      .first()
      .waitFor();
    await window.screenshot('machine-remove');
    await confirmed('VM1');
    await titleIs('There is no virtual machine on NODE1.');
  });

  test('a shared volume gets the folder that was typed, and a node is evicted by its name', async () => {
    await window.goTo('Cluster');
    const disks = window.page.getByRole('table', { name: 'Disks of the cluster' });
    const free = disks.locator('tr[data-key]').filter({ hasText: 'Available Storage' }).first();
    await free.locator('.t-opener').click();
    await button('Add to Cluster Shared Volumes').click();
    await applied();
    const shared = disks.locator('tr[data-key]').filter({ hasText: 'Cluster Shared Volume' }).first();
    const folder = window.page.getByRole('textbox', { name: 'Folder in C:\\ClusterStorage' });
    if ((await folder.count()) === 0) await shared.locator('.t-opener').click();
    await folder.fill('Machines');
    await button('Rename folder').click();
    await applied();
    await expect.poll(() => shared.innerText()).toContain('C:\\ClusterStorage\\Machines');
    await window.screenshot('cluster-shared-volume');
    await openRow('NODE2');
    await button('Evict').click();
    await confirmed('NODE2');
    await titleIs(/^CLU1/);
    await expect.poll(() => window.page.locator('tr[data-key="NODE2"]').count()).toBe(0);
  });

  test('of a thousand machines only those are in the page that can be seen', async () => {
    await window.goTo('Rehearsals');
    await window.page.getByRole('row', { name: /large/ }).getByRole('button', { name: /^Open/ }).click();
    await window.goTo('Virtual machines');
    await titleIs(/^0 of 1000 virtual machines/);
    const rows = window.page.locator('tr[data-key]');
    const most = async (): Promise<number> => {
      await expect.poll(() => rows.count()).toBeGreaterThan(5);
      return rows.count();
    };
    expect(await most()).toBeLessThan(80);
    await window.page.locator('#main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
    await window.page.locator('tr[data-key="VM1000"]').waitFor();
    expect(await most()).toBeLessThan(80);
    expect(await rows.first().getAttribute('data-key')).not.toBe('VM0001');
    await window.screenshot('machines-thousand');
    await window.page.getByRole('textbox', { name: /^Filter/ }).fill('VM0500');
    await expect.poll(() => rows.count()).toBe(1);
  });

  test('nothing complained', () => {
    expect(window.complaints).toEqual([]);
  });
});
