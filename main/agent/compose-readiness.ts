import { readinessCheck } from '../../shared/contract/readiness.ts';
import { collectWrite, reportCompare, reportExport, reportImport } from '../../shared/contract/reports.ts';
import { implement, type Implementation } from '../api/registry.ts';
import { localFiles } from './local-files.ts';
import { shippedFolder } from './shipped-folder.ts';

/** Readiness and reports: bound here, loaded when they are first called. */
export const readinessImplementations = (): Implementation[] => [
  implement(readinessCheck, async (input, { signal, progress }) => {
    const { checkReadinessHere } = await import('./readiness-here.ts');
    return checkReadinessHere(input, { signal, progress });
  }),
  implement(reportImport, async ({ file }) => {
    const { importReport } = await import('../operations/reports/import-report.ts');
    return importReport(file, localFiles);
  }),
  implement(reportExport, async (input, { signal }) => {
    const { exportReport } = await import('../operations/reports/export-report.ts');
    const { electronPrinter } = await import('./electron-printer.ts');
    return exportReport(input, { files: localFiles, printer: electronPrinter }, signal);
  }),
  implement(reportCompare, async ({ reports }) => {
    const { compareReports } = await import('../../shared/rules/compare.ts');
    return compareReports(reports);
  }),
  implement(collectWrite, async ({ dir }) => {
    const { writeCollector } = await import('../operations/readiness/write-collector.ts');
    return writeCollector(dir, shippedFolder('powershell', 'collect'), localFiles);
  }),
];
