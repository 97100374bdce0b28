import { hostname } from 'node:os';
import {
  iscsiBench,
  iscsiCases,
  iscsiCheckReport,
  iscsiClearMine,
  iscsiCompareReports,
  iscsiDiscover,
  iscsiExportReport,
  iscsiForgetKeys,
  iscsiImportReport,
  iscsiInspect,
  iscsiOwnKeys,
  iscsiPurposes,
  iscsiQualify,
  iscsiSetPurpose,
  iscsiSourceAddresses,
} from '../../shared/contract/iscsi.ts';
import { printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { ThisServer } from '../operations/qualification/access.ts';
import { RunsUnderWay } from '../operations/qualification/runs-under-way.ts';
import type { KeyNotes } from '../qualify/index.ts';
import type { CoreSettings } from './core-settings.ts';
import { localFiles } from './local-files.ts';
import { version } from './version.ts';

/** The iSCSI methods: our own initiator, the same on Windows and Linux. */
export const iscsiImplementations = (settings: CoreSettings): Implementation[] => {
  const notes = async (): Promise<KeyNotes> => (await import('./key-notes-file.ts')).keyNotesFile(settings.dataFolder);
  const server = async (): Promise<ThisServer> => (await import('./this-server.ts')).thisServer;
  const runs = new RunsUnderWay();
  const kept = async (ref: ServerRef) => {
    const { ServerSettings } = await import('../journal/server-settings.ts');
    const meant = ref.kind === 'local' && settings.localServer ? settings.localServer : ref;
    return new ServerSettings(settings.dataFolder, printServerRef(meant), settings.durability);
  };
  return [
    implement(iscsiSourceAddresses, async () => ({ addresses: [...(await server()).addresses()] })),
    implement(iscsiDiscover, async (input, context) => {
      const { discoverTargets } = await import('../operations/qualification/discover-targets.ts');
      return discoverTargets(input, await server(), context);
    }),
    implement(iscsiInspect, async (input, context) => {
      const { inspectTarget } = await import('../operations/qualification/inspect-target.ts');
      return inspectTarget(input, await server(), context);
    }),
    implement(iscsiCases, async ({ cases }) => {
      const { listCases } = await import('../operations/qualification/list-cases.ts');
      return listCases(cases);
    }),
    implement(iscsiQualify, async (input, context) => {
      const { qualifyUnit } = await import('../operations/qualification/qualify-unit.ts');
      const ports = {
        server: await server(),
        machine: hostname(),
        version,
        now: () => new Date(),
      };
      return runs.during(input, await notes(), (ofRun) => qualifyUnit(input, { ...ports, notes: ofRun }, context));
    }),
    implement(iscsiBench, async (input, context) => {
      const { measureReads } = await import('../operations/qualification/measure-reads.ts');
      return measureReads(input, await server(), context);
    }),
    implement(iscsiPurposes, async ({ server: ref }) => ({ purposes: (await kept(ref)).purposes() })),
    implement(iscsiSetPurpose, async ({ server: ref, unit, purpose }) => {
      const ofServer = await kept(ref);
      ofServer.setPurpose(unit, purpose);
      return { purposes: ofServer.purposes() };
    }),
    implement(iscsiOwnKeys, async (input, { signal }) => {
      const { listOwnKeys } = await import('../operations/qualification/clear-own-keys.ts');
      return listOwnKeys(input, await server(), runs.leftovers(await notes()), signal);
    }),
    implement(iscsiClearMine, async (input, { signal }) => {
      const { clearOwnKeys } = await import('../operations/qualification/clear-own-keys.ts');
      return clearOwnKeys(input, await server(), runs.leftovers(await notes()), signal);
    }),
    implement(iscsiForgetKeys, async ({ keys }) => {
      const { forgetOwnKeys } = await import('../operations/qualification/clear-own-keys.ts');
      return forgetOwnKeys(keys, runs.leftovers(await notes()));
    }),
    implement(iscsiCheckReport, async (input) => {
      const { checkReport } = await import('../operations/qualification/export-qualification.ts');
      const { electronPrinter } = await import('./electron-printer.ts');
      return checkReport(input, { files: localFiles, printer: electronPrinter });
    }),
    implement(iscsiExportReport, async (input, { signal }) => {
      const { exportQualification } = await import('../operations/qualification/export-qualification.ts');
      const { electronPrinter } = await import('./electron-printer.ts');
      return exportQualification(input, { files: localFiles, printer: electronPrinter }, signal);
    }),
    implement(iscsiImportReport, async ({ file }) => {
      const { importQualification } = await import('../operations/qualification/import-qualification.ts');
      return importQualification(file, localFiles);
    }),
    implement(iscsiCompareReports, async ({ reports }) => {
      const { compareQualifications } = await import('../../shared/rules/compare-qualifications.ts');
      return compareQualifications(reports);
    }),
  ];
};
