import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { findElectron, sessionArguments } from '../../build/setup/electron-runtime.mjs';
import { newDataFolder, noWindowBecause, TestWindow } from '../support/window.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { sheetsOf } from '../support/sheets.ts';
import { reportPage } from '../../main/operations/reports/html-style.ts';

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

    for (const address of ['https://example.invalid/', pathToFileURL(import.meta.filename).href])
      expect(
        await page.evaluate(
          (url) =>
            fetch(url).then(
              () => 'loaded',
              () => 'refused',
            ),
          address,
        ),
        address,
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
    await removeFolder(data);
  }
});

describe('the page of a PDF', () => {
  it('repeats the head of a long table on each sheet', async (context) => {
    if (because) return context.skip(because);
    const folder = mkdtempSync(join(tmpdir(), 'quorate-pdf-'));
    try {
      const [from, to] = [join(folder, 'in.html'), join(folder, 'out.pdf')];
      const rows = Array.from({ length: 150 }, (_, at) => `<tr><td>row${at}</td><td>cell</td></tr>`).join('');
      writeFileSync(
        from,
        reportPage(
          'Long',
          `<table><thead><tr><th>Firsthead</th><th>Secondhead</th></tr></thead><tbody>${rows}</tbody></table>`,
        ),
      );
      const { executable, args } = findElectron()!;
      await promisify(execFile)(
        executable,
        [...args, ...sessionArguments(), `--user-data-dir=${join(folder, 'profile')}`, '--print-pdf', from, to],
        { timeout: 180_000 },
      );
      const sheets = await sheetsOf(to);
      expect(sheets.length).toBeGreaterThan(2);
      for (const sheet of sheets) expect(sheet).toMatch(/Firsthead[^]*Secondhead[^]*row\d/);
    } finally {
      await removeFolder(folder);
    }
  });

  it('asks for nothing that a report names, neither over the network nor on the disk', async (context) => {
    if (because) return context.skip(because);
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('x');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'quorate-pdf-'));
    try {
      const secret = join(folder, 'secret.html');
      writeFileSync(secret, '<p>readfromdisk</p>');
      const [from, to] = [join(folder, 'in.html'), join(folder, 'out.pdf')];
      const away = `http://127.0.0.1:${port}`;
      writeFileSync(
        from,
        `<!doctype html><link rel="stylesheet" href="${away}/style.css"><style>@import url("${away}/import.css"); p { background: url("${away}/back.png") }</style>
<p>printedtext</p><img src="${away}/image.png"><iframe src="${away}/frame.html"></iframe><iframe src="${pathToFileURL(secret).href}"></iframe><img src="${pathToFileURL(secret).href}">`,
      );
      const { executable, args } = findElectron()!;
      await promisify(execFile)(
        executable,
        [...args, ...sessionArguments(), `--user-data-dir=${join(folder, 'profile')}`, '--print-pdf', from, to],
        {
          timeout: 180_000,
        },
      );
      const text = await promisify(execFile)('pdftotext', [to, '-']);
      expect(text.stdout).toContain('printedtext');
      expect(text.stdout).not.toContain('readfromdisk');
      expect(asked).toEqual([]);
    } finally {
      server.close();
      await removeFolder(folder);
    }
  });
});
