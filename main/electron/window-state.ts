import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, screen, type BrowserWindow, type Rectangle } from 'electron';
import { replaceFile } from '../system/durable-file.ts';

interface WindowState {
  readonly bounds: Rectangle;
  readonly isMaximized: boolean;
}

const smallest = { width: 640, height: 480 };
const usual = { width: 1180, height: 800 };

const statePath = (dataFolder: string): string => join(dataFolder, 'window.json');

const isVisible = (bounds: Rectangle): boolean =>
  screen.getAllDisplays().some(({ workArea }) => {
    const overlapX = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x);
    const overlapY = Math.min(bounds.y + bounds.height, workArea.y + workArea.height) - Math.max(bounds.y, workArea.y);
    return overlapX >= 100 && overlapY >= 60;
  });

/** Where the window was, if it can still be seen there; else the usual size, fitted to the screen (consoles are small). */
export const readWindowState = (dataFolder: string): { bounds: Partial<Rectangle>; isMaximized: boolean } => {
  const { width, height } = screen.getPrimaryDisplay().workAreaSize;
  const fitted = { width: Math.min(usual.width, width), height: Math.min(usual.height, height) };
  try {
    const state = JSON.parse(readFileSync(statePath(dataFolder), 'utf8')) as WindowState;
    const { x, y, width: w, height: h } = state.bounds;
    if ([x, y, w, h].every(Number.isFinite) && isVisible(state.bounds))
      return {
        bounds: { x, y, width: Math.max(smallest.width, w), height: Math.max(smallest.height, h) },
        isMaximized: state.isMaximized === true,
      };
  } catch {
    // No state, or one that cannot be read: the usual size is right then.
  }
  return { bounds: fitted, isMaximized: false };
};

/** Remembers place and size when the window closes, and when the program ends with the window open. */
export const keepWindowState = (window: BrowserWindow, dataFolder: string): void => {
  const keep = (): void => {
    const state: WindowState = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
    const path = statePath(dataFolder);
    try {
      replaceFile(path, JSON.stringify(state), { survivesPowerLoss: false });
    } catch {
      // A window that opens at its usual size next time is no reason to disturb anybody.
    }
  };
  app.on('before-quit', keep);
  window.on('close', keep);
  window.on('closed', () => app.removeListener('before-quit', keep));
};
