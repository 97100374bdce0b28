import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cancelled, failure } from '../../shared/errors/failure.ts';
import type { PdfPrinter } from '../ports/pdf-printer.ts';
import { shippedFolder } from './shipped-folder.ts';

interface Runtime {
  readonly executable: string;
  readonly args: readonly string[];
}

/** A first start of Chromium on a busy server takes a while; a page of a report does not. */
const deadlineMs = 120_000;

/** The desktop host that belongs to this installation or this checkout; null where there is none. */
const findRuntime = (): Runtime | null => {
  // The desktop host is built beside the PowerShell files: dist/electron, with its package.json above.
  const app = dirname(dirname(shippedFolder('electron', 'main.mjs')));
  const checkout = dirname(app);
  // Never on Windows: a variable of the user would decide what an elevated process starts.
  const override = process.platform === 'win32' ? undefined : process.env['QUORATE_ELECTRON'];
  if (override) return existsSync(override) ? { executable: override, args: [checkout] } : null;
  if (process.versions['electron'] !== undefined)
    return { executable: process.execPath, args: checkout.includes('app.asar') ? [] : [checkout] };
  const pathFile = join(checkout, 'node_modules', 'electron', 'path.txt');
  if (existsSync(pathFile)) {
    const executable = join(dirname(pathFile), 'dist', readFileSync(pathFile, 'utf8').trim());
    if (existsSync(executable)) return { executable, args: [checkout] };
  }
  const fallback = join(checkout, '.cache', 'electron-fallback', 'runtime', 'electron');
  return existsSync(fallback) ? { executable: fallback, args: [] } : null;
};

/** Chromium's own sandbox does not start for root. */
const sessionArguments = (): string[] =>
  process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Electron on Linux wants a window system even for a hidden page; a server without one may have a virtual one. */
const virtualDisplay = (): readonly string[] | null => {
  if (process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) return [];
  const program = (process.env['PATH'] ?? '').split(delimiter).find((folder) => existsSync(join(folder, 'xvfb-run')));
  return program === undefined ? null : [join(program, 'xvfb-run'), '-a'];
};

const noRuntime = 'this installation has no desktop part';
const noDisplay = 'this session has no display and no Xvfb';

const run = (runtime: Runtime, args: readonly string[], signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env };
    delete env['ELECTRON_RUN_AS_NODE'];
    const display = virtualDisplay();
    if (display === null) {
      reject(failure('REPORT_PDF_UNAVAILABLE', { reason: noDisplay }));
      return;
    }
    const [program = runtime.executable, ...programArgs] = [
      ...display,
      runtime.executable,
      ...runtime.args,
      ...sessionArguments(),
      ...args,
    ];
    // A group of its own on Linux: the virtual display and Chromium's processes end together.
    const isGroup = process.platform === 'linux';
    const child = spawn(program, programArgs, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: isGroup });
    let said = '';
    const end = (): void => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', kill);
    };
    const kill = (): void => {
      try {
        if (isGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It ended by itself.
      }
    };
    const deadline = setTimeout(kill, deadlineMs);
    signal?.addEventListener('abort', kill, { once: true });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.on('error', (error) => {
      end();
      reject(failure('REPORT_PDF_UNAVAILABLE', { reason: `the desktop part does not start (${error.message})` }));
    });
    child.on('close', (code, killed) => {
      end();
      if (signal?.aborted === true) reject(cancelled('Printing the PDF'));
      else if (code === 0) resolve();
      else {
        const last = said.trim().split('\n').at(-1) ?? '';
        reject(
          failure('REPORT_PDF_UNAVAILABLE', {
            reason: `the desktop part ended with ${killed ?? String(code)}${last ? `: ${last}` : ''}`,
          }),
        );
      }
    });
  });

/** Prints through the desktop host in a process of its own; works with and without a display. */
export const electronPrinter: PdfPrinter = {
  whyNot: () => (findRuntime() === null ? noRuntime : virtualDisplay() === null ? noDisplay : null),
  print: async (html, { signal }) => {
    const runtime = findRuntime();
    if (!runtime) throw failure('REPORT_PDF_UNAVAILABLE', { reason: noRuntime });
    const folder = await mkdtemp(join(tmpdir(), 'quorate-print-'));
    try {
      const from = join(folder, 'report.html');
      const to = join(folder, 'report.pdf');
      await writeFile(from, html);
      await run(runtime, [`--user-data-dir=${join(folder, 'profile')}`, '--print-pdf', from, to], signal);
      return await readFile(to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'the desktop part wrote nothing' }, { cause: error });
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  },
};
