import { readinessCheck } from '../../shared/contract/readiness.ts';
import { collectWrite, reportCompare, reportExport, reportImport } from '../../shared/contract/reports.ts';
import { failure } from '../../shared/errors/failure.ts';
import type { HostFacts } from '../../shared/model/facts.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { FactsPort } from '../ports/facts-port.ts';
import { localFiles } from './local-files.ts';
import { shippedFolder } from './shipped-folder.ts';
import { version } from './version.ts';

const now = (): Date => new Date();

const readSysroot = async (dir: string): Promise<HostFacts> => {
  const linux = await import('../linux/facts-host.ts');
  return linux.readSysroot(dir, { version, now });
};

/** This machine's facts: PowerShell on Windows, the file tree on Linux. */
const factsOfThisMachine: FactsPort = {
  gather: async (options) => {
    if (process.platform === 'linux') {
      const linux = await import('../linux/facts-host.ts');
      return linux.linuxFactsHost({ version, now }).gather(options);
    }
    if (process.platform !== 'win32') throw failure('READINESS_NO_SOURCE', { platform: process.platform });
    const { windowsFactsHost } = await import('../windows/facts-host.ts');
    const { createRunner } = await import('../powershell/index.ts');
    const runner = createRunner({ folder: shippedFolder('powershell') });
    try {
      return await windowsFactsHost({ runner: async () => runner, version, now, readSysroot }).gather(options);
    } finally {
      await runner.close();
    }
  },
  readSysroot,
};

/** Readiness and reports: bound here, loaded when they are first called. */
export const readinessImplementations = (): Implementation[] => [
  implement(readinessCheck, async (input, { signal, progress }) => {
    const { checkReadiness } = await import('../operations/readiness/check-readiness.ts');
    return checkReadiness(input, { facts: factsOfThisMachine, files: localFiles, version, now }, { signal, progress });
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
