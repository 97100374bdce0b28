// Starts what was packed: its command line, and its window on a display that nobody sees.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionArguments } from '../setup/electron-runtime.mjs';
import { installSystemPackages, run, windowPackages } from '../setup/steps.mjs';

/**
 * @param {string} folder such as out/linux-unpacked
 * @returns {{ said?: string, problem?: string, unproven?: string }}
 */
export const startPacked = (folder) => {
  const answer = run(join(folder, 'quorate'), ['readiness', '--json']);
  try {
    const { verdict } = JSON.parse(answer.output.slice(answer.output.indexOf('{')));
    return { said: `started: its command line says "${verdict}" about this machine` };
  } catch {
    return { problem: `its command line gave no verdict: ${answer.output.slice(0, 400)}` };
  }
};

const startDeadlineMs = 120_000;

/** The address at which Chromium lets itself be watched; it is the one thing that a packed program tells without an inspector. */
const debuggerOf = (child) =>
  new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error(`no window in ${startDeadlineMs / 1000} s: ${text.slice(-300)}`)),
      startDeadlineMs,
    );
    child.stderr.on('data', (bytes) => {
      text += bytes;
      const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${code}: ${text.slice(-300)}`));
    });
  });

/**
 * Starts the packed window and waits for its first verdict.
 * @param {string} folder such as out/linux-unpacked
 * @returns {Promise<{ said?: string, problem?: string, unproven?: string }>}
 */
export const startPackedWindow = async (folder) => {
  const isBare = !process.env.DISPLAY;
  const missing = isBare ? await installSystemPackages(windowPackages) : [];
  if (missing.length > 0) return { unproven: `that its window starts: ${missing[0].why}` };
  const data = mkdtempSync(join(tmpdir(), 'quorate-packed-'));
  const own = [join(folder, 'quorate-window'), ...sessionArguments(), '--remote-debugging-port=0', '--data', data];
  const [program, ...args] = isBare && existsSync('/usr/bin/xvfb-run') ? ['xvfb-run', '-a', ...own] : own;
  // Its own group: the display goes with it.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  try {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.connectOverCDP(await debuggerOf(child));
    const deadline = Date.now() + startDeadlineMs;
    let page;
    while (!(page = browser.contexts()[0]?.pages()[0]) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await page.waitForSelector('.r-verdict[data-verdict]', { timeout: startDeadlineMs });
    const sentence = await page.locator('#stage-title').innerText();
    await browser.close();
    return { said: `started: its window says "${sentence}"` };
  } catch (error) {
    return { problem: `its window showed no verdict: ${error instanceof Error ? error.message : error}` };
  } finally {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
};
