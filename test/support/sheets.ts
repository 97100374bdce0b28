import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The text of each sheet of a PDF, in reading order. */
export const sheetsOf = async (pdf: string): Promise<string[]> => {
  const { stdout } = await promisify(execFile)('pdftotext', ['-layout', pdf, '-'], { maxBuffer: 1 << 26 });
  return stdout.split('\f').filter((sheet) => sheet.trim() !== '');
};
