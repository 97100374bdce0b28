import { app, dialog, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { explain, toEnvelope } from '../../shared/errors/failure.ts';
import { chooseDataFolder, openDataFolder, prepareDataFolder } from '../agent/data-folder.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { messageOf } from '../system/reason.ts';
import { whenClosed } from './closing.ts';
import { takeCore } from './core-link.ts';
import { askAfterPageCrash } from './crash.ts';
import { checkAhead } from './head-start.ts';
import { serveIpc } from './ipc.ts';
import { declarePageScheme, servePage } from './page-protocol.ts';
import { printFile } from './print-pdf.ts';
import { lockSession, openWindow } from './window.ts';

const pageFolder = fileURLToPath(new URL('../renderer', import.meta.url)).replace(/[\\/]$/, '');

const readArguments = (): { data: string | undefined; printPdf: readonly string[] } => {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(1),
    options: { data: { type: 'string' }, 'print-pdf': { type: 'boolean' } },
    allowPositionals: true,
    strict: false,
  });
  return {
    data: typeof values['data'] === 'string' ? values['data'] : undefined,
    printPdf: values['print-pdf'] ? positionals.slice(-2) : [],
  };
};

let window: BrowserWindow | null = null;

const start = async (data: string | undefined): Promise<void> => {
  const path = chooseDataFolder(data);
  // The runtime wants its own folder before it is ready; the core waits until the data folder was looked at.
  const dataFolder = prepareDataFolder(path);
  app.setPath('userData', join(dataFolder, 'electron'));
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }

  const check = checkAhead();

  const show = (): boolean => {
    if (!app.isReady()) return false;
    if (window) {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    } else showWindow();
    return true;
  };

  await app.whenReady();
  const folderProtected = openDataFolder(path, {
    acceptUnprotected: false,
    onlyNoted: false,
    tell: (message) => void dialog.showMessageBox({ type: 'warning', title: 'Quorate', message, buttons: ['OK'] }),
  });
  folderProtected.catch(() => undefined);
  lockSession();
  servePage(pageFolder);
  // The window comes first, then the answer to the question that its page asks first, then the core, which everything else waits for.
  showWindow();
  const corePromise = folderProtected.then(() => takeCore(dataFolder, show, check));
  corePromise.catch(() => check.settle(false));
  // Before anything is waited for: a window may be closed before there is a core, which is closed then all the same.
  app.on('second-instance', () => void show());
  app.on('window-all-closed', () => undefined);
  let isClosing = false;
  app.on('before-quit', (event) => {
    // Every request to quit waits for the one closing that is under way.
    event.preventDefault();
    if (isClosing) return;
    isClosing = true;
    void whenClosed(corePromise.then((core) => core.close())).finally(() => app.exit(0));
  });
  const later: CoreApi = {
    call: async (method, input, options) => (await corePromise).core.call(method, input, options),
  };
  const { sendActivity, sendLink } = serveIpc(check.before(later), () => window);
  const core = await corePromise;

  /** Nobody looks and nothing runs: there is no reason to live. */
  const quitWhenIdle = async (): Promise<void> => {
    if (!window && (await core.running()).length === 0) app.quit();
  };
  core.watch((activity) => {
    if (window) sendActivity(window.webContents, activity);
    else if (activity.state !== 'running') void quitWhenIdle();
  });

  core.watchLink((isThere) => {
    if (window) sendLink(window.webContents, isThere);
  });

  function showWindow(): void {
    const opened = openWindow(dataFolder);
    window = opened;
    opened.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason === 'clean-exit') return;
      void askAfterPageCrash(details.reason).then((again) => {
        if (again && !opened.isDestroyed()) opened.reload();
        else opened.destroy();
      });
    });
    opened.on('closed', () => {
      if (window === opened) window = null;
      void corePromise
        .then((core) => core.running())
        .then((running) => {
          if (window) return;
          if (running.length === 0) app.quit();
          else
            void dialog.showMessageBox({
              type: 'info',
              title: 'Quorate keeps working',
              message: `Quorate goes on without its window: ${running.map((activity) => activity.title).join(', ')}.`,
              detail: 'Start Quorate again to see it. It ends by itself when the work is done.',
              buttons: ['OK'],
            });
        });
    });
  }
};

const { data, printPdf } = readArguments();
declarePageScheme();
// A server has no graphics card worth the name, and its console is seen through a remote viewer: drawing in software is the
// normal case here, and nothing has to be tried first.
app.disableHardwareAcceleration();
// Chromium cannot sandbox its processes for root; the page keeps its own sandbox settings (window.ts) all the same.
if (process.getuid?.() !== 0) app.enableSandbox();
if (printPdf.length === 2) {
  void app
    .whenReady()
    .then(() => printFile(printPdf[0] ?? '', printPdf[1] ?? ''))
    .then(
      () => app.exit(0),
      (error: unknown) => {
        process.stderr.write(`${messageOf(error)}\n`);
        app.exit(1);
      },
    );
} else
  start(data).catch((error: unknown) => {
    const { what, next, code } = explain(toEnvelope(error));
    dialog.showErrorBox('Quorate cannot start', `${what}\n\n${next}\n\n${code}`);
    app.exit(1);
  });
