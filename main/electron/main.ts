import { app, dialog, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Activity } from '../../shared/contract/core.ts';
import { explain, toEnvelope } from '../../shared/errors/failure.ts';
import { findRunningCore, startCore } from '../agent/core-process.ts';
import { chooseDataFolder, prepareDataFolder } from '../agent/data-folder.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { askAfterPageCrash, watchForCrashes } from './crash.ts';
import { withDialogs } from './dialogs.ts';
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

/** A core that this window shows: its own, or that of an agent that runs already. */
interface ShownCore extends CoreApi {
  readonly running: () => Promise<Activity[]>;
  readonly watch: (watcher: (activity: Activity) => void) => () => void;
  readonly close: () => Promise<void>;
}

const listRunning = async (core: CoreApi): Promise<Activity[]> => {
  const outcome = await core.call('activity.list', {}, { caller: 'ui' });
  return outcome.ok ? (outcome.result as Activity[]).filter((activity) => activity.state === 'running') : [];
};

let window: BrowserWindow | null = null;

const takeCore = async (dataFolder: string, show: () => boolean): Promise<ShownCore> => {
  const own = await startCore({ dataFolder, host: 'window', onStop: () => app.quit() }, { onShow: show });
  if (own) {
    watchForCrashes(own.log, own.logFile);
    return {
      call: (method, input, options) => own.core.call(method, input, options),
      running: async () => own.core.activities.running(),
      watch: (watcher) => own.core.activities.watch(watcher),
      close: () => own.close(),
    };
  }
  const remote = await findRunningCore(dataFolder);
  if (await remote.show()) app.exit(0);
  return {
    call: (method, input, options) => remote.call(method, input, options),
    running: () => listRunning(remote),
    watch: (watcher) => remote.watch(watcher),
    close: async () => remote.close(),
  };
};

const start = async (data: string | undefined): Promise<void> => {
  const dataFolder = prepareDataFolder(chooseDataFolder(data));
  app.setPath('userData', join(dataFolder, 'electron'));
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }

  let sendActivity: ReturnType<typeof serveIpc> = () => undefined;
  const show = (): boolean => {
    if (!app.isReady()) return false;
    if (window) {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    } else showWindow();
    return true;
  };

  const corePromise = takeCore(dataFolder, show);
  await app.whenReady();
  lockSession();
  servePage(pageFolder);
  const core = await corePromise;
  sendActivity = serveIpc(withDialogs(core, () => window));

  /** Nobody looks and nothing runs: there is no reason to live. */
  const quitWhenIdle = async (): Promise<void> => {
    if (!window && (await core.running()).length === 0) app.quit();
  };
  core.watch((activity) => {
    if (window) sendActivity(window.webContents, activity);
    else if (activity.state !== 'running') void quitWhenIdle();
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
      void core.running().then((running) => {
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

  app.on('second-instance', () => void show());
  app.on('window-all-closed', () => undefined);
  let isClosing = false;
  app.on('before-quit', (event) => {
    if (isClosing) return;
    isClosing = true;
    event.preventDefault();
    void core.close().finally(() => app.exit(0));
  });
  showWindow();
};

const { data, printPdf } = readArguments();
declarePageScheme();
// Chromium can not sandbox its processes for root; the page keeps its own sandbox settings (window.ts) all the same.
if (process.getuid?.() !== 0) app.enableSandbox();
if (printPdf.length === 2) {
  void app
    .whenReady()
    .then(() => printFile(printPdf[0] ?? '', printPdf[1] ?? ''))
    .then(
      () => app.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        app.exit(1);
      },
    );
} else
  start(data).catch((error: unknown) => {
    const { what, next, code } = explain(toEnvelope(error));
    dialog.showErrorBox('Quorate can not start', `${what}\n\n${next}\n\n${code}`);
    app.exit(1);
  });
