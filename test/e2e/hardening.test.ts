import { mkdirSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { newDataFolder, noWindowBecause, TestWindow } from '../support/window.ts';

const because = noWindowBecause();
let windows: TestWindow[] = [];
const open = async (options: Parameters<typeof TestWindow.open>[0] = {}): Promise<TestWindow> => {
  const window = await TestWindow.open(options);
  windows.push(window);
  return window;
};

afterEach(async () => {
  for (const window of windows) await window.close();
  windows = [];
});

describe('the page is locked in', () => {
  it('has no Node, no other window, no other address, no permission', async (context) => {
    if (because) return context.skip(because);
    const { page, app } = await open();
    expect(
      await page.evaluate(() => ['process', 'require', 'module', 'Buffer'].filter((name) => name in globalThis)),
    ).toEqual([]);
    expect(await page.evaluate(() => Object.keys((globalThis as { quorate?: object }).quorate ?? {}).sort())).toEqual(
      expect.arrayContaining(['call', 'cancel', 'subscribe']),
    );
    expect(await page.evaluate(() => window.open('https://example.invalid/') === null)).toBe(true);
    expect(app.windows()).toHaveLength(1);

    const before = page.url();
    await page.evaluate(() => {
      location.href = 'https://example.invalid/';
    });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(page.url()).toBe(before);

    expect(
      await page.evaluate(() =>
        fetch('https://example.invalid/').then(
          () => 'loaded',
          () => 'refused',
        ),
      ),
    ).toBe('refused');
    expect(
      await page.evaluate(() => navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)),
    ).toBe('denied');
    expect(
      await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.inlineScriptRan = true';
        document.head.append(script);
        return 'inlineScriptRan' in globalThis;
      }),
    ).toBe(false);
  });

  it('has the settings that keep it so', async (context) => {
    if (because) return context.skip(because);
    const window = await open();
    const settings = await window.inMain(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): {
          sandbox?: boolean;
          contextIsolation?: boolean;
          nodeIntegration?: boolean;
          webviewTag?: boolean;
        };
      };
      const { sandbox, contextIsolation, nodeIntegration, webviewTag } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webviewTag };
    }, null);
    expect(settings).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false });
  });

  it('gets an envelope, never an exception, for a call that makes no sense', async (context) => {
    if (because) return context.skip(because);
    const { page } = await open();
    const outcome = await page.evaluate(() =>
      (globalThis as unknown as { quorate: { call(method: string, input: unknown): Promise<unknown> } }).quorate.call(
        'no.such',
        {},
      ),
    );
    expect(outcome).toMatchObject({ ok: false, error: { code: 'CALL_UNKNOWN_METHOD' } });
  });
});

it('a window keeps its place and size', async (context) => {
  if (because) return context.skip(because);
  const data = newDataFolder();
  mkdirSync(data, { recursive: true });
  try {
    const first = await open({ data, width: 900, height: 620 });
    await first.close();
    windows = [];
    const again = await TestWindow.reopen(data);
    windows = [again];
    const size = await again.inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getContentSize(), null);
    expect(size).toEqual([900, 620]);
    await again.close();
    windows = [];
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});
