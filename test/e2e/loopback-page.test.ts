import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readinessReportSchema } from '../../shared/model/readiness-report.ts';
import { runCli, startCli, type RunningCli } from '../support/built-cli.ts';
import { noWindowBecause, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

/** A browser that a person opens the page in, at the address that the agent printed. */
interface Browser {
  readonly page: Page;
  readonly close: () => Promise<void>;
}

interface BrowserKind {
  readonly name: string;
  /** Why it cannot be opened here; null when it can. */
  readonly because: string | null;
  /** `saveTo`: where its downloads go. */
  readonly open: (address: string, saveTo: string) => Promise<Browser>;
}

const electron: BrowserKind = {
  name: 'Chromium in Electron',
  because: noWindowBecause(),
  open: async (address, saveTo) => {
    const own = await TestWindow.open();
    const opened = own.app.waitForEvent('window', { timeout: 180_000 });
    await own.inMain(
      ({ BrowserWindow }, [url, path]) => {
        const window = new BrowserWindow({
          width: 1180,
          height: 800,
          webPreferences: { partition: 'another-browser', sandbox: true },
        });
        window.webContents.session.on('will-download', (_event, item) => item.setSavePath(path));
        void window.loadURL(url);
      },
      [address, saveTo] as [string, string],
    );
    return { page: await opened, close: () => own.close() };
  },
};

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** The browser of the distribution, as an administrator's workstation has it. */
const system: BrowserKind = {
  name: 'the system’s Chromium',
  because: chromiumPath === undefined ? 'there is no Chromium (Debian package chromium)' : null,
  open: async (address, saveTo) => {
    // Chromium cannot sandbox its processes for root; the page’s own protection is the server’s and stays.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const browser = await chromium.launch({ executablePath: chromiumPath!, args, headless: true });
    const page = await (await browser.newContext({ viewport: { width: 1180, height: 800 } })).newPage();
    page.on('download', (download) => void download.saveAs(saveTo));
    await page.goto(address);
    return { page, close: () => browser.close() };
  },
};

/** The same page without the desktop host: an agent serves it, a browser shows it. */
describe.each([electron, system])('the page that an agent serves, in $name', ({ name, because, open }) => {
  if (because !== null) {
    test.skip(titled(`is not opened in ${name}`, because), () => undefined);
    return;
  }
  let agent: RunningCli;
  let folder: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-loopback-'));
    agent = startCli(['agent'], { data: join(folder, 'agent') });
    const addressOf = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(agent.soFar().out)?.[0];
    await vi.waitUntil(addressOf, { timeout: 180_000 });
    browser = await open(addressOf() ?? '', join(folder, 'downloaded.json'));
    ({ page } = browser);
    page.setDefaultTimeout(180_000);
  });
  afterAll(async () => {
    await browser?.close();
    agent?.child.kill('SIGTERM');
    await agent?.done;
    await removeFolder(folder);
  });

  test('the first verdict stands there without a click', async () => {
    await page.locator('.r-verdict[data-verdict]').waitFor();
    expect(page.url()).not.toContain('token');
    expect(await page.evaluate(() => 'quorate' in globalThis)).toBe(false);
  });

  test('an export is downloaded, and a report is opened from a file that is uploaded', async () => {
    await page.getByRole('button', { name: 'Export' }).click();
    const panel = page.getByRole('region', { name: 'Export this report' });
    await panel.getByRole('button', { name: 'JSON', exact: true }).click();
    await panel.getByText('Written:').waitFor();
    const read = (): unknown => {
      try {
        return readinessReportSchema.parse(JSON.parse(readFileSync(join(folder, 'downloaded.json'), 'utf8'))).schema;
      } catch {
        return null;
      }
    };
    await expect.poll(read).toBe('quorate.readiness/1');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Open another server' }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Reports', exact: true }).click();
    await (await chooser).setFiles(join(folder, 'downloaded.json'));
    await page.getByRole('navigation', { name: 'Open servers' }).waitFor();
    expect(await page.locator('.r-verdict').innerText()).toContain('from downloaded.json');
  });

  test('work shows in the list of activities, and can be cancelled', async () => {
    await page.getByRole('navigation', { name: 'Stages' }).getByRole('button', { name: 'Storage' }).click();
    await page.getByRole('button', { name: 'Start a practice target' }).click();
    const activities = page.getByRole('contentinfo', { name: 'Activities' });
    await activities.getByText('1 running.').waitFor();
    await activities.getByRole('button', { name: /^Cancel/ }).click();
    await activities.getByText('Nothing is running').waitFor();
  });

  test('a target is qualified from the page, and a run that the command line began in the same core is shown there', async () => {
    await page.getByRole('button', { name: 'Start a practice target' }).click();
    await page.getByText(/A practice target answers on/).waitFor();
    await page.getByRole('button', { name: 'Discover targets' }).click();
    const card = page.locator('.g-unit[data-lun="0"]');
    await card.getByRole('button', { name: 'Qualify LUN 0' }).click();
    const form = page.getByRole('region', { name: /^Qualify LUN 0 for/ });
    await form.getByRole('checkbox', { name: /^Reserve LUN/ }).check();
    await form.getByRole('button', { name: 'Start the qualification' }).click();
    const report = (lun: number): Locator =>
      page.getByRole('region', { name: `Qualification of LUN ${lun}, seen from` }).first();
    await report(0).waitFor();
    expect(await report(0).getAttribute('data-verdict')).toBe('qualified');

    const portal = await page.getByLabel('Portal of the storage').inputValue();
    const where = ['--portal', portal, '--target', 'iqn.2026-01.example.quorate:practice', '--lun', '1'];
    const { code, err } = await runCli(['iscsi', 'qualify', ...where, '--json'], { data: join(folder, 'agent') });
    expect(code, err).toBe(5);
    await report(1).waitFor();
    expect(await report(1).getAttribute('data-verdict')).toBe('inconclusive');
    await page.getByRole('button', { name: 'Stop the practice target' }).click();
    await page.getByRole('button', { name: 'Start a practice target' }).waitFor();
  });

  test('when the agent is gone, the page says so with the next step, and nothing runs any more', async () => {
    await page.getByRole('button', { name: 'Start a practice target' }).click();
    const activities = page.getByRole('contentinfo', { name: 'Activities' });
    await activities.getByText('1 running', { exact: false }).waitFor();
    const navigation = page.getByRole('navigation', { name: 'Stages' });
    await navigation.getByRole('button', { name: 'History' }).click();
    await page.getByRole('heading', { name: 'No changes yet.' }).waitFor();
    // Without a word, as a process that is ended.
    agent.child.kill('SIGKILL');
    await agent.done;
    await page.getByText('The running Quorate has ended. What is shown here was read before.').waitFor();
    await page.getByText('Start it again on its server', { exact: false }).waitFor();
    await page.getByRole('heading', { name: 'Last known: no changes yet.' }).waitFor();
    // What was known of the stages is old.
    expect(await navigation.getByRole('button', { name: 'Readiness' }).innerText()).toContain('(out of date)');
    await activities.getByText(/^Nothing is running/).waitFor();
    await page.keyboard.press('1');
    await page.keyboard.press('r');
    await page.getByRole('alert').getByText('CORE_CONNECTION_LOST').waitFor();
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
  });
});
