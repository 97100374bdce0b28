import { BrowserWindow, session } from 'electron';
import { readFileSync } from 'node:fs';
import { replaceFile } from '../system/durable-file.ts';

const partition = 'quorate-print';

/** The report is one text with everything in it: whatever else it names is not asked for. */
const lockPartition = (): void => {
  const own = session.fromPartition(partition);
  own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  own.setPermissionCheckHandler(() => false);
  own.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !details.url.startsWith('data:') }));
};

/** Prints a self-contained HTML text to PDF in a hidden window that runs no script and loads nothing. */
export const printPdf = async (html: string, pageSize: 'A4' | 'Letter' = 'A4'): Promise<Buffer> => {
  lockPartition();
  const window = new BrowserWindow({
    show: false,
    webPreferences: { sandbox: true, javascript: false, partition },
  });
  try {
    await window.loadURL(`data:text/html;charset=utf-8;base64,${Buffer.from(html, 'utf8').toString('base64')}`);
    return await window.webContents.printToPDF({ pageSize, printBackground: true, generateTaggedPDF: true });
  } finally {
    window.destroy();
  }
};

/** `--print-pdf IN OUT`: how a command without a window has a PDF made. Written beside, then renamed. */
export const printFile = async (from: string, to: string): Promise<void> => {
  const pdf = await printPdf(readFileSync(from, 'utf8'));
  replaceFile(to, pdf, { mode: 0o666 });
};
