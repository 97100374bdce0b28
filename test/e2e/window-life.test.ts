import { afterEach, describe, expect, test } from 'vitest';
import { startCli, type RunningCli } from '../support/built-cli.ts';
import { until } from '../support/peers.ts';
import { newDataFolder, noWindowBecause, ServerStages, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();

describe.skipIf(because !== null)(titled('the window and its work', because), () => {
  let window: TestWindow | null = null;

  afterEach(async () => {
    await window?.close();
    window = null;
  });

  test('closed while work runs, the program says so and goes on; opened again, it shows the same work', async () => {
    window = await TestWindow.open();
    await window.page.locator('.r-verdict').waitFor();
    await window.goTo('Storage');
    await window.page.getByRole('button', { name: 'Start a practice target' }).click();
    await window.page.getByText(/A practice target answers on/).waitFor();
    const activities = window.page.getByRole('contentinfo', { name: 'Activities' });
    await activities.getByText('1 running.').waitFor();

    await window.inMain(({ dialog }) => {
      dialog.showMessageBox = ((options: { message: string }) => {
        (globalThis as { said?: string }).said = options.message;
        return Promise.resolve({ response: 0, checkboxChecked: false });
      }) as unknown as typeof dialog.showMessageBox;
    }, null);
    await window.closeWindow();
    const said = (): Promise<string | undefined> => window!.inMain(() => (globalThis as { said?: string }).said, null);
    await expect.poll(said).toContain('Serve a practice target');

    // Starting the program a second time shows the window of the first one.
    const opened = window.app.waitForEvent('window', { timeout: 180_000 });
    await window.inMain(({ app }) => void app.emit('second-instance'), null);
    const page = await opened;
    await page.getByRole('contentinfo', { name: 'Activities' }).getByText('1 running.').waitFor();
    await page.getByRole('button', { name: 'Cancel: Serve a practice target (not for data)' }).click();
    await page.getByRole('contentinfo', { name: 'Activities' }).getByText('Nothing is running').waitFor();
  });

  test('closed while nothing runs, the program ends', async () => {
    window = await TestWindow.open();
    await window.page.locator('.r-verdict').waitFor();
    const ended = new Promise<void>((resolve) => window!.app.on('close', () => resolve()));
    await window.closeWindow();
    await ended;
  });

  test('opened while a command works, it shows that, and goes on by itself when the command is gone', async () => {
    const data = newDataFolder();
    const command = startCli(['target', 'serve', '--listen', '127.0.0.1:0', '--json'], { data });
    try {
      await expect.poll(() => command.soFar().out).toContain('portal');
      window = await TestWindow.open({ data });
      const activities = window.page.getByRole('contentinfo', { name: 'Activities' });
      await activities.getByText('1 running.').waitFor();
      // As a console that is closed, or a process that is ended: without a word.
      command.child.kill('SIGKILL');
      await activities.getByText(/1 failed/).waitFor();
      // The window is the core now, and does what it is told.
      await expect
        .poll(async () => (await startCli(['agent', 'status'], { data }).done).out)
        .toMatch(/Quorate is running: window/);
      await window.goTo('Storage');
      await window.page.getByRole('button', { name: 'Start a practice target' }).click();
      await window.page.getByText(/A practice target answers on/).waitFor();
      await activities.getByText(/1 running/).waitFor();
    } finally {
      command.child.kill('SIGKILL');
      await command.done;
      await window?.close();
      window = null;
      await removeFolder(data);
    }
  });

  // Where this machine stands still longer than the window waits for its agent, the window is the core itself: then it is tried again.
  test(
    'the agent that makes a change is killed: nothing is called unchanged, or running, that may not be so',
    { retry: 3 },
    async () => {
      const data = newDataFolder();
      let agent: RunningCli | null = null;
      const startAgent = async (): Promise<void> => {
        agent = startCli(['agent', '--no-page'], { data });
        await until('the agent runs', async () => {
          const { out } = await startCli(['agent', 'status'], { data }).done;
          // A window waits some seconds for the agent to come back, and then does the work itself.
          if (out.includes('Quorate is running: window'))
            throw new Error(`the window was earlier than the agent: ${out}`);
          return out.includes('Quorate is running: agent');
        });
      };
      const killAgent = async (): Promise<void> => {
        agent?.child.kill('SIGKILL');
        await agent?.done;
      };
      const hangOn = (on: string): Promise<unknown> =>
        window!.call('rehearsal.setFault', { name: 'killed', fault: { kind: 'hang', server: 'NODE1', on } });
      try {
        await startAgent();
        window = await TestWindow.open({ data });
        const stages = new ServerStages(window);
        await window.goTo('Network');
        await stages.openRehearsal('killed');
        await window.page.getByRole('button', { name: 'Roles and addresses' }).click();
        await stages.review();
        const apply = stages.panel.getByRole('button', { name: 'Apply', exact: true });

        // Killed before it told of any step.
        await hangOn('nics.list');
        await apply.click();
        await stages.panel.getByText('checking the server').waitFor();
        // That the panel says as soon as the button is pressed.
        const activities = window.page.getByRole('contentinfo', { name: 'Activities' });
        await activities.getByText(/^1 running/).waitFor();
        await killAgent();
        await stages.panel.getByText('It is not known whether anything was changed.').waitFor();
        expect(await stages.panel.innerText()).not.toContain('Nothing has been changed yet');
        const ended = window.page.getByText('The running Quorate has ended. What is shown here was read before.');
        await ended.waitFor();
        await activities.getByRole('button', { name: 'Activities' }).click();
        await activities.getByRole('button', { name: 'Dismiss' }).click();
        await activities.getByText(/^Nothing is running\.$/).waitFor();

        // Killed in a step; what is left is planned anew before anything is said of it.
        await startAgent();
        await window.call('rehearsal.clearFault', { name: 'killed', id: 'hang' });
        await stages.panel.getByRole('button', { name: 'Review again' }).click();
        await stages.panel.getByText('Nothing has been changed yet.').waitFor();
        await ended.waitFor({ state: 'detached' });
        await hangOn('nic.addAddress');
        await apply.click();
        await stages.panel.getByText(/Running step 3 of/).waitFor();
        await killAgent();
        await stages.panel.getByText('It is not known whether anything was changed.').waitFor();
        expect(await window.axe()).toEqual([]);
        const states = await stages.steps.evaluateAll((all) => all.map((step) => step.getAttribute('data-state')));
        expect(states.slice(0, 4)).toEqual(['done', 'done', 'unknown', 'waiting']);
        // What was dismissed was the work of another process, whatever it was called there.
        await activities.getByText('Nothing is running, 1 failed.').waitFor();
        await stages.panel.getByRole('button', { name: 'Review again' }).click();
        await stages.panel.getByText('Reading the server and planning.').waitFor();
        expect(await stages.panel.innerText()).not.toContain('Nothing has been changed yet');
      } finally {
        await killAgent();
        await window?.close();
        window = null;
        await startCli(['rehearsal', 'remove', 'killed', '--yes'], { data }).done;
        await removeFolder(data);
      }
    },
  );

  test('a window that is opened while an agent restarts a server shows the run, until when, and what to do', async () => {
    const data = newDataFolder();
    const agent = startCli(['agent', '--no-page'], { data });
    const server = 'rehearsal:restarting/NODE1';
    try {
      await expect
        .poll(async () => (await startCli(['agent', 'status'], { data }).done).out)
        .toMatch(/Quorate is running: agent/);
      const quorate = (...args: string[]) => startCli(args, { data });
      await quorate('rehearsal', 'create', 'restarting').done;
      const fault = ['rehearsal', 'fault', 'restarting', 'restartNeverReturns', 'server=NODE1'];
      expect((await quorate(...fault).done).code).toBe(0);
      const restart = quorate('host', 'restart', '--server', server, '--yes');
      window = await TestWindow.open({ data });
      const activities = window.page.getByRole('contentinfo', { name: 'Activities' });
      await activities.getByRole('button', { name: /^Steps/ }).click();
      await expect.poll(() => window!.title.innerText()).toBe('A change is running.');
      const entry = window.page.locator('.v-entry[data-state="running"]');
      await entry.getByText(/NODE1 restarts\. Quorate waits until .+, another (20|19) min/).waitFor();
      await entry.getByText('If it does not come back: check its console', { exact: false }).waitFor();
      expect(await entry.locator('.p-step').getAttribute('data-state')).toBe('running');
      expect(await window.axe()).toEqual([]);
      restart.child.kill('SIGKILL');
      await restart.done;
    } finally {
      agent.child.kill('SIGKILL');
      await agent.done;
      await window?.close();
      window = null;
      await startCli(['rehearsal', 'remove', 'restarting', '--yes'], { data }).done;
      await removeFolder(data);
    }
  });

  test('a defect in one screen leaves the rest alive, says so and offers the way back', async () => {
    window = await TestWindow.open();
    await window.page.locator('.r-verdict').waitFor();
    await window.page.evaluate(() => {
      const page = globalThis as unknown as { kept: unknown };
      page.kept = Array.prototype.toReversed;
      Array.prototype.toReversed = () => {
        throw new Error('planted');
      };
    });
    await window.press('r');
    await expect.poll(() => window!.title.innerText()).toBe('This screen stopped working.');
    // The sentences come with a part of the page that is loaded when the first failure is shown.
    await window.page.getByRole('alert').getByText('planted').first().waitFor();
    expect(await window.axe()).toEqual([]);
    await window.page.evaluate(() => {
      Array.prototype.toReversed = (globalThis as unknown as { kept: typeof Array.prototype.toReversed }).kept;
    });
    await window.page.getByRole('button', { name: 'Try again' }).click();
    await window.page.locator('.r-verdict[data-verdict]').waitFor();
  });

  test('names that are long, Japanese or right-to-left break no layout', async () => {
    window = await TestWindow.open({ width: 800, height: 600 });
    await window.page.locator('.r-verdict').waitFor();
    for (const name of ['W'.repeat(120), 'サーバー-第二-クラスタノード-'.repeat(8), 'خادم-الإنتاج-الرئيسي-'.repeat(8)]) {
      await window.page.evaluate((text) => {
        for (const element of document.querySelectorAll(
          'h1 bdi, .f-machine-name bdi, .r-check-observed bdi, .r-check-title',
        ))
          element.textContent = text;
      }, name);
      expect(await window.overflowing()).toEqual([]);
    }
    await window.screenshot('long-names-800');
  });
});
