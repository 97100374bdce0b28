import { contextBridge, ipcRenderer } from 'electron';
import { channels } from './channels.ts';

/** Not from one: what a page asked that was loaded again may still run, and is told apart from what this one asks. */
let nextCallId = Date.now();

/** What the page gets: one generic call, one subscription, and whether the core answers. The contract gives both their types (renderer/api). */
const bridge = {
  call: (method: string, input: unknown, onProgress?: (progress: unknown) => void, onCallId?: (id: number) => void) => {
    const callId = nextCallId++;
    onCallId?.(callId);
    const listen = (_event: unknown, message: { callId: number; progress: unknown }): void => {
      if (message.callId === callId) onProgress?.(message.progress);
    };
    if (onProgress) ipcRenderer.on(channels.progress, listen);
    return ipcRenderer
      .invoke(channels.call, { callId, method, input })
      .finally(() => ipcRenderer.removeListener(channels.progress, listen)) as Promise<unknown>;
  },
  cancel: (callId: number): void => ipcRenderer.send(channels.cancel, { callId }),
  subscribe: (onActivity: (activity: unknown) => void): (() => void) => {
    const listen = (_event: unknown, activity: unknown): void => onActivity(activity);
    ipcRenderer.on(channels.activity, listen);
    return () => ipcRenderer.removeListener(channels.activity, listen);
  },
  watchLink: (onLink: (isThere: boolean) => void): (() => void) => {
    const listen = (_event: unknown, isThere: boolean): void => onLink(isThere);
    ipcRenderer.on(channels.link, listen);
    return () => ipcRenderer.removeListener(channels.link, listen);
  },
};

contextBridge.exposeInMainWorld('quorate', bridge);
