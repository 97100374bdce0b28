import { app, dialog, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { filesChooseFolder, filesChooseOpen, filesChooseSave } from '../../shared/contract/files.ts';
import { Dispatcher, type CoreApi } from '../api/dispatcher.ts';
import { implement } from '../api/registry.ts';

type Filters = { name: string; extensions: string[] }[];

/** `showSaveDialog` and the others hang on the window when there is one, so that neither gets lost behind the other. */
const dialogImplementations = (windowOf: () => BrowserWindow | null) => [
  implement(filesChooseSave, async ({ title, suggestedName, filters }) => {
    const options = {
      title,
      filters: filters as Filters,
      defaultPath: join(app.getPath('documents'), suggestedName),
      properties: ['showOverwriteConfirmation' as const, 'createDirectory' as const],
    };
    const window = windowOf();
    const { canceled, filePath } = await (window
      ? dialog.showSaveDialog(window, options)
      : dialog.showSaveDialog(options));
    return { path: canceled || !filePath ? null : filePath };
  }),
  implement(filesChooseOpen, async ({ title, several, filters }) => {
    const options = {
      title,
      filters: [...(filters as Filters), { name: 'All files', extensions: ['*'] }],
      properties: ['openFile' as const, ...(several ? (['multiSelections'] as const) : [])],
    };
    const window = windowOf();
    const { canceled, filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options));
    return { paths: canceled ? [] : filePaths };
  }),
  implement(filesChooseFolder, async ({ title }) => {
    const options = { title, properties: ['openDirectory' as const, 'createDirectory' as const] };
    const window = windowOf();
    const { canceled, filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options));
    return { path: canceled ? null : (filePaths[0] ?? null) };
  }),
];

/** Answers the `files.*` methods of the contract. */
export const fileDialogs = (windowOf: () => BrowserWindow | null): CoreApi =>
  new Dispatcher(dialogImplementations(windowOf));
