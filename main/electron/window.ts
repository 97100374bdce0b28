import { BrowserWindow, nativeTheme, session, shell } from 'electron';
import { fileURLToPath } from 'node:url';
import { pageOrigin } from './channels.ts';
import { keepWindowState, readWindowState } from './window-state.ts';

const preload = fileURLToPath(new URL('./preload.cjs', import.meta.url));

/** Nothing that the page asks for is granted, and it loads nothing from anywhere but itself. */
export const lockSession = (): void => {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest((details, answer) =>
    answer({
      cancel:
        !details.url.startsWith(`${pageOrigin}/`) &&
        !details.url.startsWith('devtools://') &&
        !details.url.startsWith('data:') &&
        !details.url.startsWith('blob:'),
    }),
  );
};

export const openWindow = (dataFolder: string): BrowserWindow => {
  const { bounds, isMaximized } = readWindowState(dataFolder);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 640,
    minHeight: 480,
    title: 'Quorate',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1f1f1f' : '#ffffff',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  if (isMaximized) window.maximize();
  keepWindowState(window, dataFolder);
  window.webContents.on('will-navigate', (event, url) => {
    if (!url.startsWith(`${pageOrigin}/`)) event.preventDefault();
  });
  window.webContents.setWindowOpenHandler(({ url }) => {
    // An address that a person clicked may open in the system's browser; never a window of ours.
    if (url.startsWith('https://')) void shell.openExternal(url).catch(() => undefined);
    return { action: 'deny' };
  });
  void window.loadURL(`${pageOrigin}/`);
  return window;
};
