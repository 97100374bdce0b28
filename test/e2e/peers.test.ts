import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { composeCore } from '../../main/agent/compose.ts';
import type { InvitationFile } from '../../shared/model/invitation-file.ts';
import type { KeptClaim } from '../../shared/model/promise.ts';
import { startCli, type RunningCli } from '../support/built-cli.ts';
import { freePort } from '../support/free-port.ts';
import { memoryFiles, startPeer, until } from '../support/peers.ts';
import { prepareRehearsal } from '../support/prepared-rehearsal.ts';
import { consoles, looks, newDataFolder, noWindowBecause, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();
/** Two servers of one rehearsal, each with a core of its own: the window shows NODE1's, NODE2's is in this process. */
describe.skipIf(because !== null)(titled('two servers paired in the window', because), () => {
  const data = newDataFolder();
  const otherData = mkdtempSync(join(tmpdir(), 'quorate-e2e-node2-'));
  const serial = '6001405-e2e';
  let agent: RunningCli;
  let window: TestWindow;
  let other: ReturnType<typeof composeCore>;
  let otherAddress = '';

  const onOther = async <T>(method: string, input: object): Promise<T> => {
    const outcome = await other.core.call(method, input, { caller: { kind: 'cli' } });
    if (!outcome.ok) throw Object.assign(new Error(outcome.error.code), outcome.error);
    return outcome.result as T;
  };

  beforeAll(async () => {
    // Given before the window was opened, as after a restart.
    const claim: KeptClaim = {
      disk: '60014050001000000000000000000001',
      serial,
      claim: { kind: 'promised', writer: '2'.repeat(64), go: '0123456789abcdef' },
      writerName: 'NODE2',
      since: new Date().toISOString(),
      askedOf: [],
    };
    mkdirSync(join(data, 'coordination'));
    writeFileSync(join(data, 'coordination', 'promises.json'), JSON.stringify({ version: 1, claims: [claim] }));
    await prepareRehearsal(data, 'lab');
    const ports = [await freePort(), await freePort()];
    agent = startCli(['agent', '--server', 'rehearsal:lab/NODE1', '--listen', `127.0.0.1:${ports[0]}`, '--no-page'], {
      data,
    });
    await until('the agent of NODE1', () => agent.soFar().err.includes('Listens for peers'));
    other = composeCore({
      dataFolder: otherData,
      worldsFolder: data,
      host: 'agent',
      localServer: { kind: 'rehearsal', world: 'lab', server: 'NODE2' },
    });
    otherAddress = `127.0.0.1:${ports[1]}`;
    await onOther('peers.listen', { endpoints: [{ address: '127.0.0.1', port: ports[1] }] });
    window = await TestWindow.open({ data });
    await window.page.locator('.r-verdict').waitFor();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window.screenshot('peers-failed');
  });
  afterAll(async () => {
    await window?.call('rehearsal.remove', { name: 'lab' }).catch(() => undefined);
    await window?.close();
    await other?.peers.close();
    await other?.closeServers();
    agent?.child.kill('SIGTERM');
    await agent?.done;
    await removeFolder(data);
    await removeFolder(otherData);
  });

  const button = (name: string | RegExp) => window.page.getByRole('button', { name, exact: typeof name === 'string' });
  const field = (name: string) => window.page.getByRole('textbox', { name, exact: true });
  const part = (name: string) => window.page.getByRole('navigation', { name: 'Peers' }).getByRole('button', { name });
  const titleIs = (title: string | RegExp) => expect.poll(() => window.title.innerText()).toMatch(title);
  const words = () => window.page.locator('[data-words]').getAttribute('data-words');
  /** As a person sees it on each console and in each look where that is asked, without a finding of axe. */
  const look = async (name: string, isInEachLook = false): Promise<void> => {
    await window.page.locator('#main').evaluate((main) => main.scrollTo(0, 0));
    for (const [width, height] of consoles) {
      await window.resize(width, height);
      expect(await window.overflowing(), `${name} ${width}`).toEqual([]);
      await window.screenshot(`peers-${name}-${width}`);
      expect(await window.tallStages(), `${name} ${width}`).toEqual([]);
    }
    expect(await window.axe(), name).toEqual([]);
    await window.resize(1280, 800);
    if (!isInEachLook) return;
    for (const [scheme, media] of looks.slice(1)) {
      await window.page.emulateMedia(media);
      await window.screenshot(`peers-${name}-${scheme}`);
      expect(await window.axe('colours'), `${name} ${scheme}`).toEqual([]);
    }
    await window.page.emulateMedia(looks[0][1]);
  };

  test('nobody is paired yet: it says what to do', async () => {
    await window.goTo('Peers');
    await titleIs('NODE1 is paired with no other server.');
    // The core's own server is simulated: the top line says so though no rehearsal was opened.
    await window.page.getByText('REHEARSAL', { exact: false }).first().waitFor();
    await window.page.getByText('No server is paired. Select Invite here').waitFor();
    await look('none');
    for (const name of ['Networks', 'LUNs', 'Consistency']) {
      await part(name).click();
      await window.page.getByText(/^Pair a server first/).waitFor();
      expect(await window.axe(), name).toEqual([]);
    }
    await part('Servers').click();
  });

  test('a code that is wrong is said at its field, a server that is not there below', async () => {
    const { code } = await onOther<{ code: string }>('peers.invite', {});
    await window.press('j');
    await expect.poll(() => window.focused()).toBe('Join a server');
    await field('Code of the invitation').fill(`${code.startsWith('0') ? '1' : '0'}${code.slice(1)}`);
    await field('Address of that server').fill('10.0.0.300');
    await field('Code of the invitation').press('Enter');
    await window.page.getByText(/^Not an invitation: there is a typing error in group 1/).waitFor();
    await window.page.getByText(/^Not an address\. Examples/).waitFor();
    await look('join-wrong');
    await field('Code of the invitation').fill(code.toLowerCase().replaceAll('-', ' '));
    await field('Address of that server').fill(`127.0.0.1:${await freePort()}`);
    await field('Address of that server').press('Enter');
    await window.page.getByRole('alert').getByText('PEER_UNREACHABLE').waitFor();
    await window.page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
    // The same invitation came on a USB drive, among other files.
    const files = { none: join(data, 'none.json'), right: join(data, 'invitation.json') };
    writeFileSync(files.none, '{"schema":"quorate.facts/1"}');
    await onOther('peers.saveInvitation', { to: { kind: 'path', path: files.right } });
    await window.answerOpen(files.none);
    await button('Open an invitation file …').press('Enter');
    await window.page.getByRole('alert').getByText('holds no invitation: it is a document quorate.facts').waitFor();
    await window.page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
    await window.answerOpen(files.right);
    await button('Open an invitation file …').press('Enter');
    await window.page.getByText('Invitation of NODE2, good until').waitFor();
    expect(await field('Code of the invitation').inputValue()).toBe(code);
    expect(await field('Address of that server').inputValue()).toBe(otherAddress);
    await look('join-file');
    await field('Address of that server').press('Enter');
    await titleIs('NODE1 is connected to NODE2, which runs another version of Quorate.');
    const self = await onOther<{ lastPaired: { words: string } }>('peers.self', {});
    expect(await words()).toBe(self.lastPaired.words);
  });

  test('the words differ: the peer is forgotten on both sides', async () => {
    await button('The words differ: forget NODE2').press('Enter');
    await titleIs('NODE1 is paired with no other server.');
    await until('NODE2 forgot NODE1', async () => (await onOther<{ peers: [] }>('peers.list', {})).peers.length === 0);
  });

  test('an invitation counts down, is withdrawn, and a new one is used', async () => {
    await window.press('i');
    const shown = window.page.locator('[data-invitation]');
    await window.page.getByText(/^Valid for one server, for (10|9) min/).waitFor();
    const first = await shown.innerText();
    expect(first).toMatch(/^([0-9A-Z]{4}-){6}[0-9A-Z]{2}$/);
    await window.page.getByRole('img', { name: `QR code: ${first}` }).waitFor();
    await look('invite', true);
    await button('Withdraw the invitation').press('Enter');
    await shown.waitFor({ state: 'detached' });
    await window.press('i');
    const code = await shown.innerText();
    expect(code).not.toBe(first);
    const path = join(data, 'for-node2.json');
    await window.answerSave(path);
    await button('Save to a file …').press('Enter');
    await window.page.getByText(`Written: ${path}.`).waitFor();
    const read = { file: { kind: 'path', path } };
    const { endpoints, ...invitation } = await onOther<InvitationFile>('peers.readInvitation', read);
    expect(invitation).toMatchObject({ code, name: 'NODE1' });
    await onOther('peers.join', { code, endpoints });
    await titleIs('NODE1 is connected to NODE2, which runs another version of Quorate.');
    const { lastPaired } = await onOther<{ lastPaired: { words: string } }>('peers.self', {});
    expect(await words()).toBe(lastPaired.words);
    await window.screenshot('peers-words');
    await button('The words match').press('Enter');
    await window.page.locator('[data-words]').waitFor({ state: 'detached' });
    await window.page.locator('.t-opener', { hasText: 'NODE2' }).first().press('Enter');
    await window.page.getByText('It joined with an invitation of this server').waitFor();
    await look('paired');
    await button('Forget …').press('Enter');
    await expect.poll(() => window.focused()).toBe('Cancel');
    await window.press('Enter');
  });

  test('the networks are measured, each line opens its figures, and a fault is seen the next time', async () => {
    await part('Networks').click();
    await window.page.getByText('The networks were not measured from here yet.').waitFor();
    await button(/^Settings/).press('Enter');
    await field('Echoes in each direction').fill('2');
    await field('Echoes in each direction').press('Enter');
    await window.page.getByText('A whole number from 5 to 1000.').waitFor();
    await field('Echoes in each direction').fill('10');
    await field('Echoes in each direction').press('Enter');
    await window.page.locator('[data-matrix]').waitFor();
    await window.page.getByRole('table', { name: 'Every direction' }).waitFor();
    await look('networks', true);
    await window.call('rehearsal.setFault', {
      name: 'lab',
      fault: { kind: 'packetLoss', server: 'NODE2', nic: 'Ethernet', percent: 30 },
    });
    await window.press('m');
    await window.page.locator('[data-matrix="fail"]').waitFor();
    const line = button(/^NODE2 in .*: Fail$/).first();
    await line.press('Enter');
    await window.page.locator('.q-drawer').getByText('Largest packet').first().waitFor();
    await look('networks-line');
    await window.press('Escape');
    await expect.poll(() => line.evaluate((element) => element === document.activeElement)).toBe(true);
    const history = window.page.getByLabel('Measured', { exact: true });
    expect(await history.locator('option').count()).toBe(2);
    const to = join(data, 'networks.html');
    await window.answerSave(to);
    await button(/^Export as HTML/).click();
    await window.page.getByText(`Written: ${to}`).waitFor();
    expect(readFileSync(to, 'utf8')).toContain('REHEARSAL');
  });

  test('a measurement is cancelled, and what was measured before stays', async () => {
    // Long enough not to be over before it is cancelled.
    await button(/^Settings/).press('Enter');
    await field('Echoes in each direction').fill('1000');
    await field('Echoes in each direction').press('Enter');
    await window.page.locator('main .q-progress').getByRole('button', { name: 'Cancel' }).click();
    await window.page.getByRole('alert').getByText('CANCELLED', { exact: true }).waitFor();
    await window.page.locator('[data-matrix="fail"]').waitFor();
  });

  test('the LUNs of all servers are compared by their identity', async () => {
    await part('LUNs').click();
    await field('Additional portals').fill('10.0.0.300');
    await field('Additional portals').press('Enter');
    await window.page.getByText('"10.0.0.300" is not an address.', { exact: false }).waitFor();
    await field('Additional portals').fill('');
    await field('Additional portals').press('Enter');
    await window.page.locator('[data-luns]').waitFor();
    const rows = window.page.getByRole('table', { name: 'Which server sees which LUN' }).locator('tr[data-key]');
    await rows.first().locator('.t-opener').press('Enter');
    await window.page
      .getByText(/^Serial number/)
      .first()
      .waitFor();
    await look('luns');
  });

  test('the servers side by side: differences first, each with its reference', async () => {
    await part('Consistency').click();
    await window.press('c');
    await window.page.locator('[data-consistency]').waitFor();
    const rows = window.page.getByRole('table', { name: 'Servers side by side' }).locator('tr[data-key]');
    const differing = await rows.count();
    await window.page.getByRole('checkbox', { name: /^Show the \d+ that are alike too$/ }).check();
    await expect.poll(() => rows.count()).toBeGreaterThan(differing + 5);
    await rows.first().locator('.t-opener').press('Enter');
    await window.page.getByText(/^Reference: /).waitFor();
    await look('consistency', true);
  });

  test('this server becomes the coordinator, another console takes over, and it is taken back', async () => {
    await part('Coordinator').click();
    await window.page.getByText('No server is the coordinator yet.').waitFor();
    await button(/^Coordinate from here/).press('Enter');
    await button('Coordinate').press('Enter');
    await window.page.locator('[data-coordinator="1"]').getByText('This server (NODE1) is the coordinator.').waitFor();
    await onOther('coordinator.take', {});
    await window.page.locator('[data-coordinator="2"]').getByText('NODE2 is the coordinator.').waitFor();
    await button(/^Take over/).press('Enter');
    await window.page.getByText('NODE2 coordinates now.').waitFor();
    await look('take-over', true);
    await button('Take over').press('Enter');
    await window.page.locator('[data-coordinator="3"]').getByText('This server (NODE1) is the coordinator.').waitFor();
  });

  test('a promise to another server is shown, and released by hand only with serial number and sentence', async () => {
    await window.page.locator('.t-opener', { hasText: serial }).first().press('Enter');
    await field('Serial number of the disk').fill(serial);
    await field('Serial number of the disk').press('Enter');
    // The label says it, and now the field as well.
    await expect.poll(() => window.page.getByText('Type: NODE2 is powered down').count()).toBe(2);
    expect(await window.axe()).toEqual([]);
    await window.screenshot('peers-promise');
    await field('Type: NODE2 is powered down').fill('NODE2 is powered down');
    await field('Serial number of the disk').fill('other');
    await field('Serial number of the disk').press('Enter');
    await window.page.getByRole('alert').getByText('PROMISE_RELEASE_REFUSED').waitFor();
    await field('Serial number of the disk').fill(serial);
    await field('Serial number of the disk').press('Enter');
    await window.page.getByText('No server that answered keeps a promise or writes to a shared disk.').waitFor();
  });

  test('a peer introduces a server: it is accepted by its words, and shut out when a copy of its disk appears', async () => {
    await part('Servers').click();
    const third = await startPeer('NODE3');
    const invitation = await onOther<{ code: string; endpoints: { address: string; port: number }[] }>(
      'peers.invite',
      {},
    );
    await third.service.join(invitation.code, invitation.endpoints);
    await titleIs('NODE3 was introduced and waits for your consent.');
    await window.page.locator('.t-opener', { hasText: 'NODE3' }).first().press('Enter');
    await window.page.getByText(`Compare them with its screen before you accept it.`, { exact: false }).waitFor();
    await window.page.getByText('Introduced by', { exact: true }).waitFor();
    await look('introduced');
    await button('Accept NODE3').press('Enter');
    // A person at the other console consents as well.
    await until('NODE1 was introduced there too', () =>
      third.service.book.all().some(({ name, state }) => name === 'NODE1' && state === 'introduced'),
    );
    third.service.accept('NODE1');
    await titleIs('NODE1 is connected to its 2 peers. Another version of Quorate runs on NODE2, NODE3.');
    const copy = await startPeer('NODE3', { files: memoryFiles({ ...third.files.content }) });
    await titleIs('Two servers show the identity of NODE3: one is a copy of the other’s disk.');
    await window.page.getByText('two servers show this identity, one is a copy', { exact: false }).waitFor();
    await look('cloned');
    await Promise.all([third.service.close(), copy.service.close()]);
    await button('Forget …').press('Enter');
    await button('Forget NODE3').press('Enter');
    await titleIs('NODE1 is connected to NODE2, which runs another version of Quorate.');
  });

  test('the peer ends: it is said, with the reason', async () => {
    await part('Servers').click();
    await other.peers.close();
    await titleIs('NODE1 is not connected to NODE2.');
    await window.page.locator('.t-opener', { hasText: 'NODE2' }).first().press('Enter');
    await window.screenshot('peers-away');
    expect(await window.axe()).toEqual([]);
    await button('Forget …').press('Enter');
    await button('Forget NODE2').press('Enter');
    await titleIs('NODE1 is paired with no other server.');
  });

  test('nothing complained', () => {
    expect(window.complaints).toEqual([]);
  });
});
