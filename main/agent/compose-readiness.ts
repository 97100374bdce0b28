import { readinessCheck } from '../../shared/contract/readiness.ts';
import { collectWrite, reportCompare, reportExport, reportImport } from '../../shared/contract/reports.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { CoreSettings } from './core-settings.ts';
import { localFiles } from './local-files.ts';
import { shippedFolder } from './shipped-folder.ts';

/** Readiness and reports: bound here, loaded when they are first called. */
export const readinessImplementations = ({ dataFolder, worldsFolder, localServer }: CoreSettings): Implementation[] => [
  implement(readinessCheck, async (input, { signal, progress }) => {
    const { checkReadinessOf } = await import('./readiness-here.ts');
    // What this core takes for its own server may be a simulated one.
    const server = input.server.kind === 'local' && localServer ? localServer : input.server;
    return checkReadinessOf({ ...input, server }, async () => worldsFolder ?? dataFolder, { signal, progress });
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
