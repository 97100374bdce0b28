import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { everythingIn } from '../support/built-cli.ts';
import { areLinked } from '../support/ask-core.ts';
import { startFormationAgents, type FormationAgents } from '../support/formation-agents.ts';
import { until } from '../support/peers.ts';
import { noWindowBecause, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';

const because = noWindowBecause();
const account = 'Rehearsal-2026!';
const chap = 'Rehearsal-2026';

/** Two servers with a Quorate each; the window shows the one that coordinates. */
describe.skipIf(because !== null)(titled('secrets of a formation', because), () => {
  let lab: FormationAgents;
  let window: TestWindow;
  let time: ReturnType<typeof setInterval>;

  const open = async (): Promise<void> => {
    window = await TestWindow.open({ data: lab.agents[0].data });
    await window.goTo('Form a cluster');
  };
  const passwordField = () => window.page.getByLabel('Password of the account that joins the domain');
  const chapField = () => window.page.getByLabel('CHAP secret of the target');
  const button = (name: string) => window.page.getByRole('button', { name, exact: true });
  const titleIs = (title: string) =>
    expect.poll(() => window.title.innerText(), { timeout: 180_000, interval: 200 }).toBe(title);
  const typed = async () => [await passwordField().inputValue(), await chapField().inputValue()];
  const planIsThere = () => window.page.getByRole('heading', { name: 'Before it begins' }).waitFor();
  const agreeToAll = async (): Promise<void> => {
    for (const box of await window.page.getByRole('checkbox').all()) await box.check();
  };
  const canForm = async () => (await button('Form the cluster').getAttribute('aria-disabled')) !== 'true';
  const applied = async () => [...(await lab.applied('NODE1')), ...(await lab.applied('NODE2'))];
  const refuseAtSecond = (): Promise<void> =>
    until(
      'it is asked, and refuses',
      async () => {
        const { out } = await lab.agents[1].quorate('form', 'consent', '--json').done;
        const formation = /"formation":\s*"([^"]+)"/.exec(out)?.[1];
        if (formation === undefined) return false;
        return (await lab.agents[1].quorate('form', 'consent', formation, '--refuse').done).code === 0;
      },
      180_000,
      500,
    );

  beforeAll(async () => {
    lab = await startFormationAgents((file) => {
      file.storage.chapUser = 'nodes';
      file.membership = { kind: 'domain', name: 'lab.example', account: 'LAB\\installer' };
    });
    time = setInterval(() => void lab.world.control('advanceToNext', {}).catch(() => undefined), 20);
    await open();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window.screenshot('formation-secrets-failed');
  });
  afterAll(async () => {
    clearInterval(time);
    await window?.close();
    await lab?.close();
  });

  test('are asked for in words, as passwords, and nothing begins without them', async () => {
    await window.answerOpen(lab.path);
    await button('Open a cluster file').click();
    await window.page.getByText('The file can be used.').waitFor();
    await button('Show the plan').click();
    await planIsThere();
    await agreeToAll();
    expect(await canForm()).toBe(false);
    await passwordField().fill(account);
    expect(await canForm()).toBe(false);
    await chapField().fill(chap);
    await expect.poll(canForm).toBe(true);
    for (const field of [passwordField(), chapField()]) expect(await field.getAttribute('type')).toBe('password');
    await window.page
      .getByText(/^For ".+"\. Kept in memory only; asked for again after a restart\.$/)
      .first()
      .waitFor();
    expect(await window.axe()).toEqual([]);
  });

  test('stay as they were typed where another server refuses', async () => {
    await button('Form the cluster').click();
    await refuseAtSecond();
    await titleIs('Stopped: forming CLUSTER1');
    await button('Review what is left').click();
    await planIsThere();
    expect(await typed()).toEqual([account, chap]);
    expect(await applied()).toEqual([]);
  });

  test('stay where it is tried again and a server asks what it did not ask before: that is shown, and answered first', async () => {
    await agreeToAll();
    await button('Form the cluster').click();
    await titleIs('Stopped: forming CLUSTER1');
    // Somebody logs on from afar, over an adapter that gets another address.
    await lab.logOnFromAfar('NODE2');
    await button('Try again').click();
    await planIsThere();
    // The restart of each server, and the connection.
    await expect.poll(() => window.page.getByRole('checkbox').count()).toBe(3);
    expect(await typed()).toEqual([account, chap]);
    expect(await canForm()).toBe(false);
    await agreeToAll();
    await expect.poll(canForm).toBe(true);
    expect(await applied()).toEqual([]);
  });

  test('are asked for again by a window that did not have them, also where it is to try again', async () => {
    await window.close();
    await open();
    await titleIs('Stopped: forming CLUSTER1');
    await button('Try again').click();
    await planIsThere();
    expect(await typed()).toEqual(['', '']);
    expect(await window.page.getByText('--chap-file').count()).toBe(0);
    expect(await applied()).toEqual([]);
  });

  test('are asked for again after the coordinator was killed, and it goes on with them', async () => {
    const [first, second] = lab.agents;
    // The person there has been talked to.
    expect((await second.quorate('form', 'consent', '--yes').done).code).toBe(0);
    const begin = async (): Promise<void> => {
      await passwordField().fill(account);
      await chapField().fill(chap);
      await agreeToAll();
      await button('Form the cluster').click();
    };
    const comesTo = (what: string, isThere: () => Promise<boolean>): Promise<void> =>
      lab.agreeing({ done: until(what, isThere, 180_000, 100) });
    await begin();
    await comesTo('something is done', async () => (await applied()).length > 0);
    await first.kill();
    await window.close();
    await first.start();
    await until('they are linked again', () => areLinked(first.data), 180_000, 100);
    await open();
    await titleIs('Interrupted: forming CLUSTER1');
    await button('Review what is left').click();
    await planIsThere();
    expect(await typed()).toEqual(['', '']);
    expect(await canForm()).toBe(false);
    await begin();
    await comesTo('the domain is joined', async () =>
      (await applied()).some((step) => step.startsWith('host.joinDomain')),
    );
    expect(await window.page.locator('body').innerText()).not.toContain(chap);
    await button('Cancel').click();
    await titleIs('Cancelled: forming CLUSTER1');
  });

  test('are asked for by an undo as well, which is reviewed as one after it was cut', async () => {
    const [first] = lab.agents;
    const folder = dirname(lab.path);
    writeFileSync(join(folder, 'account'), account);
    writeFileSync(join(folder, 'chap'), chap);
    const undo = first.quorate(
      ...['form', 'undo', '--confirm', 'CLUSTER1', '--yes', '--json'],
      ...['--password-file', join(folder, 'account'), '--chap-file', join(folder, 'chap')],
    );
    await titleIs('Undoing CLUSTER1');
    await first.kill();
    await undo.done;
    await window.close();
    await first.start();
    await until('they are linked again', () => areLinked(first.data), 180_000, 100);
    await open();
    await titleIs('Interrupted: undoing CLUSTER1');
    await button('Review what is left').click();
    const name = window.page.getByLabel('Type the name of the cluster, CLUSTER1');
    await name.waitFor();
    await name.fill('CLUSTER1');
    const undoForm = window.page.locator('form').filter({ has: name });
    const canUndo = async () =>
      (await undoForm.getByRole('button', { name: 'Undo the formation' }).getAttribute('aria-disabled')) !== 'true';
    expect(await canUndo()).toBe(false);
    for (const [label, text] of [
      ['Password of the account that joins the domain', account],
      ['CHAP secret of the target', chap],
    ] as const)
      for (const field of await undoForm.getByLabel(label).all()) await field.fill(text);
    await expect.poll(canUndo).toBe(true);
    expect(await window.axe()).toEqual([]);
  });

  test('the other console offers the cluster file of a coordinator that is lost', async () => {
    const [first, second] = lab.agents;
    await window.close();
    await first.kill();
    window = await TestWindow.open({ data: second.data });
    await window.goTo('Form a cluster');
    await window.page.getByText(/^NODE1 was undoing CLUSTER1 and sent its cluster file to this server/).waitFor();
    expect(await window.axe()).toEqual([]);
    await window.screenshot('formation-told-file');
    await button('Open the file from NODE1').click();
    await button('Show the plan').waitFor();
    expect(await window.page.locator('main').innerText()).toContain('CLUSTER1');
  });

  test('are nowhere on the disk', () => {
    for (const { data } of lab.agents) {
      expect(everythingIn(data)).toContain('CLUSTER1');
      for (const secret of [account, chap]) expect(everythingIn(data)).not.toContain(secret);
    }
  });
});
