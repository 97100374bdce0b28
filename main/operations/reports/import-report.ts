import type { FileInput } from '../../../shared/contract/readiness.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { decodeText } from '../readiness/decode-text.ts';
import { readInput } from '../readiness/import-facts.ts';
import { parseReport } from './parse-report.ts';

/**
 * Opens a report that another machine exported as JSON.
 * @throws Failure IMPORT_*, REPORT_*, FILE_*
 */
export const importReport = async (file: FileInput, files: FilePort): Promise<ReadinessReport> => {
  const { name, bytes } = await readInput(file, files);
  return parseReport(decodeText(bytes, name), name);
};
