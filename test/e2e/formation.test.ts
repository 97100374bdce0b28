import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import type { JournalEntry } from '../../shared/contract/journal.ts';
import type { Output } from '../../shared/contract/index.ts';
import type { Consent } from '../../shared/model/consent.ts';
import { artifacts, consoles, looks, newDataFolder, noWindowBecause, TestWindow } from '../support/window.ts';
import { sheetsOf } from '../support/sheets.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();
/** The guided path on simulated servers, as a person does it first. */
describe.skipIf(because !== null)(titled('a cluster formed in the window', because), () => {
  const data = newDataFolder();
  let window: TestWindow;

  beforeAll(async () => {
    window = await TestWindow.open({ data });
    await window.page.locator('.r-verdict').waitFor();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window.screenshot('formation-failed');
  });
  afterAll(async () => {
    await window.close();
    await removeFolder(data);
  });

  const lane = (node: string) => window.page.locator(`[data-node="${node}"]`);
  const titleIs = (title: string | RegExp) =>
    expect.poll(() => window.title.innerText()).toMatch(typeof title === 'string' ? new RegExp(`^${title}$`) : title);
  const atEverySize = async (name: string): Promise<void> => {
    for (const [width, height] of consoles) {
      await window.resize(width, height);
      expect(await window.overflowing()).toEqual([]);
      await window.screenshot(`formation-${name}-${width}`);
    }
    await window.resize(1280, 800);
  };

  /** The entry of this stage in the list at the left. */
  const rail = () =>
    window.page.getByRole('navigation', { name: 'Stages' }).getByRole('button', { name: 'Form a cluster' });

  test('another server asks for this one: what it would do is read and answered', async () => {
    const path = join(data, 'formation', 'consents.json');
    mkdirSync(join(data, 'formation'), { recursive: true });
    const asked: Consent = {
      about: 'formation',
      formation: 'form-20260101-000000-abcd',
      direction: 'form',
      coordinator: '0'.repeat(64),
      coordinatorName: 'HV01',
      epoch: 1,
      cluster: 'CLUSTER1',
      digest: '1'.repeat(64),
      steps: [
        { title: 'Rename Ethernet to Production', isDestructive: false, restarts: false, cutsConnection: false },
        { title: 'Restart HV02', isDestructive: false, restarts: true, cutsConnection: true },
      ],
      askedAt: new Date().toISOString(),
      state: 'needed',
      answeredAt: null,
      answeredBy: null,
    };
    writeFileSync(path, JSON.stringify({ version: 1, consents: [asked] }));
    await window.goTo('Form a cluster');
    const panel = window.page.getByRole('region', { name: 'HV01 asks' });
    await panel.getByText('HV01 wants to make this server part of the cluster CLUSTER1.').waitFor();
    expect(await panel.getByRole('listitem').first().innerText()).toBe('Restart HV02: restarts, cuts a connection');
    expect(await window.axe()).toEqual([]);
    await window.screenshot('formation-consent');
    const state = (): string => (JSON.parse(readFileSync(path, 'utf8')) as { consents: Consent[] }).consents[0]!.state;
    await panel.getByRole('button', { name: 'Agree' }).click();
    await expect.poll(state).toBe('given');
    await panel.getByRole('button', { name: 'Withdraw the agreement' }).click();
    await expect.poll(state).toBe('refused');
    await panel.getByText('HV01 was not allowed to').waitFor();
    rmSync(path);
    await panel.waitFor({ state: 'detached' });
  });

  test('what is asked for is bad: it is said at the field', async () => {
    await window.goTo('Form a cluster');
    await expect.poll(() => window.title.innerText()).toBe('Form a cluster');
    const servers = window.page.getByRole('textbox', { name: 'Simulated servers' });
    await servers.fill('1');
    await window.page.getByText('A whole number from 2 to 64.').waitFor();
    await servers.fill('2');
    expect(await window.axe()).toEqual([]);
    await atEverySize('begin');
  });

  test('two simulated servers become a cluster, without a mouse, paused and continued on the way', async () => {
    await window.page.getByRole('textbox', { name: 'Name of the rehearsal' }).focus();
    await window.press('Enter');
    await titleIs('Forming CLUSTER1');
    // The form has gone: the focus is on what takes its place.
    expect(await window.focused()).toBe('Forming CLUSTER1');
    await lane('NODE2').waitFor();
    await window.page.getByRole('button', { name: 'Pause' }).press('Enter');
    await titleIs('Paused: forming CLUSTER1');
    // The open server is this machine, whose own cluster nobody forms: it is a rehearsal.
    await expect.poll(() => rail().innerText()).toContain('Rehearsal paused');
    await window.page.getByText('Nothing more is started until you continue.').waitFor();
    await atEverySize('paused');
    await window.page.getByRole('button', { name: 'Continue', exact: true }).press('Enter');
    await titleIs('Forming CLUSTER1');
  });

  test('the program is killed while it forms a cluster and changes a server', async () => {
    await expect.poll(() => window.page.locator('[data-node="NODE1"]').innerText()).toMatch(/[1-9]\d* of \d+$/);
    // A change of one server is cut short as well, while its command has not come back.
    await window.call('rehearsal.create', { name: 'night' });
    await window.call('rehearsal.setFault', {
      name: 'night',
      fault: { kind: 'hang', server: 'NODE1', on: 'nic.addAddress' },
    });
    const server = 'rehearsal:night/NODE1';
    const { nics } = await window.call<Output<'nic.list'>>('nic.list', { server });
    const nic = nics.find(({ name }) => name === 'Ethernet 3')!.interfaceGuid;
    const desire = { nics: [{ nic, name: 'iSCSI A', addresses: { ipv4: ['198.51.100.11/24'] } }] };
    void window.call('nic.apply', { server, desire }).catch(() => undefined);
    const journal = async (): Promise<string[]> =>
      (await window.call<JournalEntry[]>('journal.list', { server })).flatMap(({ steps }) =>
        steps.map(({ result }) => result.state),
      );
    // Cut short in the step that hangs, and not in or between those before it.
    await expect.poll(journal).toEqual(['done', 'done', 'running']);
    await window.kill();
    window = await TestWindow.open({ data });
    await window.page.locator('.r-verdict').waitFor();
  });

  test('the change of one server that was cut short shows its run, looks at the server, and leaves the choice', async () => {
    await window.page.getByText('A change was interrupted on').waitFor();
    await window.page.getByRole('button', { name: 'Review' }).press('Enter');
    const entry = window.page.locator('.v-entry[data-state="interrupted"]');
    // The command never came to its effect, and the server says so.
    await entry.getByText(/^not done: /).waitFor();
    expect(await entry.locator('.p-step[data-state="unknown"]').count()).toBe(1);
    await entry.getByText('Continue: Quorate checks the server', { exact: false }).waitFor();
    expect(await window.axe()).toEqual([]);
    await atEverySize('change-interrupted');
    await window.call('rehearsal.clearFault', { name: 'night', id: 'hang' });
    await entry.getByRole('button', { name: /^Continue/ }).press('Enter');
    await window.page.getByRole('button', { name: 'Apply', exact: true }).press('Enter');
    await window.page.getByText('Done and verified.').waitFor();
    await titleIs('No pending changes.');
  });

  test('the formation that was cut short says what was done, and continues', async () => {
    await window.goTo('Form a cluster');
    await titleIs(/^Interrupted: /);
    await window.page.getByText('When you continue, Quorate checks every server first', { exact: false }).waitFor();
    // Nothing runs any more, and nothing says so: what was cut short is named.
    const stages = await window.page.getByRole('list', { name: 'Stages of the formation' }).innerText();
    expect(stages).toMatch(/Interrupted|\d+ done/);
    expect(stages).not.toMatch(/Running|Waiting/);
    expect(await lane('NODE1').innerText()).not.toMatch(/Running|Waiting/);
    await window.page.getByText(/^REHEARSAL .+: simulated servers/).waitFor();
    expect(await window.axe()).toEqual([]);
    await atEverySize('interrupted');
    await window.page.getByRole('button', { name: 'Continue the rehearsal' }).press('Enter');
    await titleIs('Formed: CLUSTER1');
    await window.page.getByText('VM1 is running on NODE1, highly available.').waitFor();
    for (const node of ['NODE1', 'NODE2']) {
      const [done, all] = (await lane(node).innerText()).match(/(\d+) of (\d+)$/)!.slice(1);
      expect(done).toBe(all);
      expect(Number(all)).toBeGreaterThan(0);
    }
    expect(await window.page.getByRole('list', { name: 'Stages of the formation' }).innerText()).toMatch(
      /Drill\s+Done 6\/6/,
    );
    await window.page.getByRole('img', { name: /the cluster CLUSTER1 is formed/ }).waitFor();
    expect(await window.axe()).toEqual([]);
    await atEverySize('formed');
    for (const [look, media] of looks.slice(1)) {
      await window.page.emulateMedia(media);
      await window.screenshot(`formation-formed-${look}`);
      expect(await window.axe('colours'), look).toEqual([]);
    }
    await window.page.emulateMedia(looks[0][1]);
  });

  test('the record is written, and its servers are looked at', async () => {
    const to = join(data, 'record.html');
    await window.answerSave(to);
    await window.page.getByRole('button', { name: 'Record as HTML' }).click();
    await window.page.getByText(`Written: ${to}`).waitFor();
    const record = readFileSync(to, 'utf8');
    for (const part of [
      '<h2>Before</h2>',
      'Create the cluster CLUSTER1 on NODE1',
      '<h2>After</h2>',
      '<h2>The cluster</h2>',
      'aria-label="2 servers, their networks and the target; the cluster CLUSTER1 is formed. The table below says the same."',
      '>VM1</text>',
      'Validation report',
    ])
      expect(record).toContain(part);
    await window.page.getByText('The same as a table').click();
    await window.page.getByRole('row', { name: /^Virtual machine VM1 On NODE1$/ }).waitFor();
    await window.page.getByRole('row', { name: /^Virtual switch Machines, Production On every node$/ }).waitFor();
    await window.page.getByRole('button', { name: 'Look at NODE1' }).click();
    await window.page
      .getByText(/REHEARSAL/)
      .first()
      .waitFor();
    await expect.poll(() => rail().innerText()).toContain('Formed');
  });

  test('it is still there when one comes back to it', async () => {
    await window.goTo('Form a cluster');
    await titleIs('Formed: CLUSTER1');
  });

  test('a rehearsal of that name is there: it says so, and continuing it changes nothing', async () => {
    await window.page.getByRole('button', { name: 'Begin another formation' }).click();
    await window.page.getByRole('button', { name: 'Start the rehearsal' }).click();
    await window.page.getByRole('alert').getByText('REHEARSAL_EXISTS').first().waitFor();
  });

  test('what was rehearsed is taken back', async () => {
    await window.page.getByRole('button', { name: 'Begin another formation' }).click();
    await window.page.getByRole('checkbox', { name: 'Undo what the rehearsal of this name formed' }).click();
    await window.page.getByRole('button', { name: 'Start the rehearsal' }).click();
    await titleIs('Undone: CLUSTER1');
    await window.page.getByText('What formations did on these servers is undone.', { exact: false }).waitFor();
    expect(await window.axe()).toEqual([]);
    await atEverySize('undone');
  });

  const stageButton = (title: string) =>
    window.page
      .getByRole('list', { name: 'Stages of the formation' })
      .getByRole('button', { name: title, exact: true });
  const stagePanel = (title: string) => window.page.getByRole('region', { name: `Stage: ${title}`, exact: true });
  const alert = () => window.page.getByRole('alert').first();
  const rehearse = (name: string, faults: readonly { fault: Record<string, unknown>; step: string }[]): void => {
    void window.call('formation.rehearse', { name, faults }).catch(() => undefined);
  };

  test('a step that takes long says what it does and how long it usually takes, and its stage what was found', async () => {
    rehearse('gate', [
      { fault: { kind: 'hang', server: 'NODE1', on: 'roles.install' }, step: 'roles.install' },
      {
        fault: { kind: 'validationFinds', test: 'Validate All Drivers Signed', text: 'A driver is not signed.' },
        step: 'cluster.validate',
      },
    ]);
    await titleIs('Forming CLUSTER1');
    await expect
      .poll(() => lane('NODE1').innerText())
      // Not that of Multipath I/O, before which the fault is not there yet.
      .toMatch(/Running\s+Install Hyper-V[^]*(about .+ left|longer than the expected)[^]*Changing the server/);
    await stageButton('Roles').press('Enter');
    const panel = stagePanel('Roles');
    expect(await window.focused()).toBe('Stage: Roles');
    const row = panel.getByRole('row', { name: /NODE1.*Install/ }).first();
    expect(await row.innerText()).toMatch(/Not installed|not installed/);
    expect(await window.axe()).toEqual([]);
    expect(await window.namesakes()).toEqual([]);
    await atEverySize('stage-running');
    await window.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await window.focused()).toBe('Roles');
    const fault = { kind: 'nodeAddFails', server: 'NODE2' };
    await window.call('rehearsal.setFault', { name: 'gate', fault });
    await window.call('rehearsal.clearFault', { name: 'gate', id: 'hang' });
  });

  test('a warning that the run waits for is accepted by its name, with a reason that the record keeps', async () => {
    await titleIs('Stopped: forming CLUSTER1');
    await alert().getByText('FORM_VALIDATION_OPEN', { exact: true }).waitFor();
    const reason = window.page.getByRole('textbox', { name: 'Accept "Validate All Drivers Signed", because' });
    await reason.fill('short');
    await window.page.getByRole('button', { name: 'Accept and continue' }).press('Enter');
    await window.page.getByText('Type at least ten characters.').waitFor();
    expect(await window.axe()).toEqual([]);
    await atEverySize('warning');
    await reason.fill('The vendor signs it with the next release.');
    await reason.press('Enter');
    await alert().getByText('FORM_VALIDATION_OPEN', { exact: true }).waitFor({ state: 'detached' });
  });

  test('a step that failed is tried again by a button, and nothing is done twice', async () => {
    await titleIs('Stopped: forming CLUSTER1');
    await alert().getByText('CLUSTER_ADD_NODE_FAILED', { exact: true }).waitFor();
    await alert()
      .getByText(/^NODE1: Add NODE2 to the cluster\. NODE2 was not added/)
      .waitFor();
    await stageButton('Form').press('Enter');
    const panel = stagePanel('Form');
    await panel.getByText('Failed', { exact: true }).waitFor();
    await atEverySize('failed-step');
    await window.call('rehearsal.clearFault', { name: 'gate', id: null });
    await alert().getByRole('button', { name: 'Try again' }).press('Enter');
    await titleIs('Formed: CLUSTER1');
  });

  test('every stage of the run says what was found, what was done and what was read back', async () => {
    const found: Readonly<Record<string, RegExp>> = {
      Servers: /NODE1[^]*Quorate runs as/,
      Hardware: /NODE1: Microsoft Windows Server/,
      Network: /It is called Ethernet/,
      Storage: /iSCSI sessions, \d+ shared disks/,
      Roles: /Install Hyper-V, Failover Clustering, [^]* on NODE1[^]*Restart NODE1/,
      Validate: /Measure the networks between NODE1, NODE2[^]*Compare NODE1, NODE2[^]*Validate NODE1, NODE2/,
      Form: /Create the cluster CLUSTER1 on NODE1[^]*Add NODE2 to the cluster[^]*Make the disk LAB-WITNESS-0001 the witness of the quorum/,
      'Virtual machines': /Create the virtual machine VM1 on NODE1[^]*Make VM1 highly available[^]*Start VM1/,
      Drill: /Move VM1 to NODE2 and back by quick migration[^]*Lose NODE2 while it runs VM1/,
    };
    for (const [title, text] of Object.entries(found)) {
      await stageButton(title).click();
      const panel = stagePanel(title);
      await panel.waitFor();
      expect(await panel.innerText(), title).toMatch(text);
      expect(await window.overflowing(), title).toEqual([]);
      expect(await window.axe(), title).toEqual([]);
      await panel.evaluate((element) => element.scrollIntoView());
      await window.screenshot(`formation-stage-${title.toLowerCase().replace(' ', '-')}`);
    }
    await stageButton('Validate').click();
    const panel = stagePanel('Validate');
    await panel
      .getByRole('row', { name: /Validate/ })
      .last()
      .locator('.t-opener')
      .first()
      .click();
    await panel
      .getByText(/accepted: [^;]*Validate All Drivers Signed/)
      .first()
      .waitFor();
  });

  test('a file with a mistake names line and column, and leads there', async () => {
    const path = join(data, 'cluster.json');
    const text = JSON.stringify(exampleClusterFile({ servers: 2, storageHost: true }), null, 2);
    writeFileSync(path, text.replace('"gateway"', '"gatway"'));
    const another = window.page.getByRole('button', { name: 'Begin another formation' });
    const openFile = window.page.getByRole('button', { name: 'Open a cluster file' });
    // Which of the two is there depends on what the tests before left behind.
    await another.or(openFile).first().waitFor();
    if (await another.isVisible()) await another.click();
    await window.answerOpen(path);
    await openFile.click();
    await window.page.getByText('"gatway" is not known').first().waitFor();
    // The server that is open is simulated, and what the file names is not.
    await window.page.getByText(/A cluster file is about real servers/).waitFor();
    expect(await window.axe()).toEqual([]);
    await atEverySize('mistake');
    await window.page
      .getByRole('button', { name: /^Line \d+, column \d+/ })
      .first()
      .click();
    expect(await window.focused()).toBe('The cluster file');
    await window.page.getByRole('textbox', { name: 'The cluster file' }).fill(text);
    await window.page.getByText('The file can be used.').waitFor();
    const decisions = window.page.getByRole('table', { name: 'Decisions of the cluster file' });
    expect(await decisions.locator('tbody tr').count()).toBe(12);
    await decisions.getByRole('button', { name: 'What each disk is for' }).click();
    expect(await window.focused()).toBe('The cluster file');
    expect(await window.axe()).toEqual([]);
    await atEverySize('decisions');
  });

  test('a plan says what stops it, server by server', async () => {
    await window.page.getByRole('button', { name: 'Show the plan' }).click();
    await window.page.getByRole('heading', { name: 'The plan', exact: true }).waitFor();
    await window.page.getByRole('alert').first().waitFor();
    expect(await window.page.getByRole('button', { name: 'Form the cluster' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    expect(await window.axe()).toEqual([]);
    await atEverySize('stopped');
  });

  test('what would be taken back is shown before the name of the cluster is asked for', async () => {
    await window.page.getByText('Undo the formation', { exact: true }).first().click();
    await window.page.getByRole('button', { name: 'Review the undo' }).click();
    await window.page.getByText('0 steps. Nothing has been changed yet.').last().waitFor();
    // Servers that cannot be asked stop it: no name makes that good.
    expect(await window.page.getByRole('textbox', { name: /Type the name of the cluster/ }).count()).toBe(0);
    expect(await window.axe()).toEqual([]);
  });

  test('a plan with a storage host is written as runbook, JSON and scripts, by the mouse', async () => {
    const [runbook, json] = [join(data, 'runbook.md'), join(data, 'plan.json')];
    await window.answerSave(runbook, json);
    await window.page.getByRole('button', { name: 'Runbook' }).click();
    await window.page.getByText(`Written: ${runbook}`).waitFor();
    expect(readFileSync(runbook, 'utf8')).toMatch(/# Forming the cluster CLUSTER1[^]*Stops at STORE1/);
    await window.page.getByRole('button', { name: 'Plan as JSON' }).click();
    await window.page.getByText(`Written: ${json}`).waitFor();
    const plan = JSON.parse(readFileSync(json, 'utf8')) as Output<'formation.plan'>;
    expect(plan.wanted.storageHost?.name).toBe('STORE1');
    // No server answers, so none plans anything that a script could do.
    await window.answerOpen(data);
    await window.page.getByRole('button', { name: 'PowerShell scripts' }).click();
    await window.page.getByText('Nothing was written: no server plans a change.').waitFor();
  });

  test('its file is rehearsed, and the record is written as HTML and PDF', async () => {
    await window.page.getByText('Rehearse this file first', { exact: true }).click();
    await window.page.getByRole('textbox', { name: 'Name of the rehearsal' }).fill('host');
    await window.page.getByRole('button', { name: 'Start the rehearsal' }).click();
    await titleIs('Formed: CLUSTER1');
    await window.page.getByText('The same as a table').click();
    await window.page.getByRole('row', { name: /^Storage host STORE1 / }).waitFor();
    await stageButton('Storage').click();
    const panel = stagePanel('Storage');
    await panel
      .getByRole('row', { name: /STORE1.*iSCSI Target/ })
      .first()
      .waitFor();
    await atEverySize('storage-host');
    // Only the rows that are seen are in the page; on paper all of them are.
    const rows = window.page.getByRole('table', { name: 'Steps of the formation' }).locator('tbody tr[data-key]');
    const seen = await rows.count();
    await window.page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const [, all] = /(\d+) of \1/.exec(await lane('NODE1').innerText())!;
    expect(await rows.count()).toBeGreaterThan(Number(all));
    await window.page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await expect.poll(() => rows.count()).toBeLessThanOrEqual(seen + 12);
    await window.print('formation-print');
    // Each sheet with rows of the tables of steps has their head above them.
    const sheets = (await sheetsOf(join(artifacts, 'formation-print.pdf'))).filter((sheet) =>
      /^ *\+ \S+1 /m.test(sheet),
    );
    expect(sheets.length).toBeGreaterThan(5);
    for (const sheet of sheets)
      expect(sheet).toMatch(/Server +(?:Stage +State +Step|Step +Found, and why)[^]*?^ *\+ \S+1 /m);
    const [html, pdf] = [join(data, 'host.html'), join(data, 'host.pdf')];
    await window.answerSave(html, pdf);
    await window.page.getByRole('button', { name: 'Record as HTML' }).click();
    await window.page.getByText(`Written: ${html}`).waitFor();
    expect(readFileSync(html, 'utf8')).toContain('STORE1');
    expect(readFileSync(html, 'utf8')).toContain('REHEARSAL: these are simulated servers');
    await window.page.getByRole('button', { name: 'Record as PDF' }).click();
    await window.page.getByText(`Written: ${pdf}`).waitFor();
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('nothing complained', () => {
    expect(window.complaints).toEqual([]);
  });
});
