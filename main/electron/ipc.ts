import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron';
import type { Activity } from '../../shared/contract/core.ts';
import { failure, toEnvelope, type Outcome } from '../../shared/errors/failure.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { channels, pageOrigin } from './channels.ts';

/** True for the top frame of our own page and nothing else. */
const isOurPage = (event: IpcMainEvent | IpcMainInvokeEvent): boolean => {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && frame.url.startsWith(`${pageOrigin}/`);
};

interface CallMessage {
  readonly callId: number;
  readonly method: string;
  readonly input: unknown;
}

const isCallMessage = (value: unknown): value is CallMessage =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as CallMessage).callId === 'number' &&
  typeof (value as CallMessage).method === 'string';

/** The core with this window's file dialogs before it: they are answered here, whichever process has the core. */
const withDialogs = (core: CoreApi, windowOf: () => BrowserWindow | null): CoreApi => {
  let dialogs: Promise<CoreApi> | null = null;
  return {
    call: async (method, input, options) => {
      if (!method.startsWith('files.')) return core.call(method, input, options);
      dialogs ??= import('./dialogs.ts').then(({ fileDialogs }) => fileDialogs(windowOf));
      return (await dialogs).call(method, input, options);
    },
  };
};

/** Lets the page of a window call the core. Returns the functions that send a page activities, and whether there is a core. */
export const serveIpc = (
  shown: CoreApi,
  windowOf: () => BrowserWindow | null,
): {
  readonly sendActivity: (target: WebContents, activity: Activity) => void;
  readonly sendLink: (target: WebContents, isThere: boolean) => void;
} => {
  const core = withDialogs(shown, windowOf);
  const controllers = new Map<string, AbortController>();
  const keyOf = (event: IpcMainEvent | IpcMainInvokeEvent, callId: number): string => `${event.sender.id}:${callId}`;

  ipcMain.handle(channels.call, async (event, message: unknown): Promise<Outcome> => {
    if (!isOurPage(event) || !isCallMessage(message))
      return {
        ok: false,
        error: toEnvelope(failure('CALL_NOT_ALLOWED', { caller: 'This sender', method: 'any method' })),
      };
    const controller = new AbortController();
    const key = keyOf(event, message.callId);
    controllers.set(key, controller);
    const outcome = await core.call(message.method, message.input, {
      caller: { kind: 'ui' },
      signal: controller.signal,
      onProgress: (progress) => {
        if (!event.sender.isDestroyed()) event.sender.send(channels.progress, { callId: message.callId, progress });
      },
    });
    controllers.delete(key);
    return outcome;
  });
  ipcMain.on(channels.cancel, (event, message: { callId?: unknown }) => {
    if (isOurPage(event) && typeof message?.callId === 'number') controllers.get(keyOf(event, message.callId))?.abort();
  });
  return {
    sendActivity: (target, activity) => {
      if (!target.isDestroyed()) target.send(channels.activity, activity);
    },
    sendLink: (target, isThere) => {
      if (!target.isDestroyed()) target.send(channels.link, isThere);
    },
  };
};
