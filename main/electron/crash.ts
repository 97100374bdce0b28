import { app, dialog } from 'electron';
import type { Log } from '../api/dispatcher.ts';
import { asSentence } from '../../shared/model/sentence.ts';

const tell = (what: string, logFile: string): void => {
  dialog.showErrorBox(
    'Quorate has to stop',
    `${what}\n\nNothing more was attempted. Changes that were under way are in the journal: start Quorate again, it shows what was finished and what was not.\n\nThe details are in ${logFile}.`,
  );
};

/** A bug in the main process ends it, after saying what to do; a crashed page is offered again by the caller. */
export const watchForCrashes = (log: Log, logFile: string): void => {
  let isEnding = false;
  const end = (what: string, error: unknown): void => {
    log.error({ stack: error instanceof Error ? error.stack : String(error) }, what);
    if (isEnding) return;
    isEnding = true;
    if (app.isReady()) tell(what, logFile);
    app.exit(1);
  };
  process.on('uncaughtException', (error) => end('Quorate met an internal error.', error));
  process.on('unhandledRejection', (error) => end('A background task failed unexpectedly.', error));
};

/** Asks what to do with a page that crashed or hangs. True: load it again. */
export const askAfterPageCrash = async (reason: string): Promise<boolean> => {
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Quorate',
    message: 'The window stopped working. The work behind it goes on.',
    detail: `Reason: ${asSentence(reason)} Opening the window again shows what is running.`,
    buttons: ['Open again', 'Close the window'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 0;
};
