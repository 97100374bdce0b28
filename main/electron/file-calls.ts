import type { BrowserWindow } from 'electron';
import type { CoreApi } from '../api/dispatcher.ts';

/** The core with this window's file dialogs before it: they are answered here, whichever process has the core. */
export const withDialogs = (core: CoreApi, windowOf: () => BrowserWindow | null): CoreApi => {
  let dialogs: Promise<CoreApi> | null = null;
  return {
    call: async (method, input, options) => {
      if (!method.startsWith('files.')) return core.call(method, input, options);
      dialogs ??= import('./dialogs.ts').then(({ fileDialogs }) => fileDialogs(windowOf));
      return (await dialogs).call(method, input, options);
    },
  };
};
