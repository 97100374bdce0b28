import * as z from 'zod';
import { method } from './define.ts';

/** Which files a dialog offers: extensions without the point. */
export const fileFilterSchema = z.object({ name: z.string().min(1), extensions: z.array(z.string().min(1)).min(1) });

/**
 * The system's own file dialogs. Only the desktop host answers them; a page in a browser uploads and downloads instead.
 * A dialog that is closed without a choice is an answer: null, or no path.
 */
export const filesChooseSave = method({
  name: 'files.chooseSave',
  kind: 'read',
  callers: ['ui'],
  input: z.object({ title: z.string(), suggestedName: z.string().min(1), filters: z.array(fileFilterSchema) }),
  output: z.object({ path: z.string().nullable() }),
});

export const filesChooseOpen = method({
  name: 'files.chooseOpen',
  kind: 'read',
  callers: ['ui'],
  input: z.object({ title: z.string(), several: z.boolean(), filters: z.array(fileFilterSchema) }),
  output: z.object({ paths: z.array(z.string()) }),
});

export const filesChooseFolder = method({
  name: 'files.chooseFolder',
  kind: 'read',
  callers: ['ui'],
  input: z.object({ title: z.string() }),
  output: z.object({ path: z.string().nullable() }),
});

export const filesMethods = [filesChooseSave, filesChooseOpen, filesChooseFolder] as const;
