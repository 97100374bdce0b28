import {
  availabilityAnswer,
  availabilityExport,
  availabilityObserve,
  availabilityRead,
  availabilityReport,
  availabilityWhatIf,
} from '../../shared/contract/availability.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { StatePorts } from '../operations/availability/read-state.ts';
import { localFiles } from './local-files.ts';
import { version } from './version.ts';

/** What the analysis takes from this core; a server is read by the core's own methods. */
export const availabilityPorts =
  ({ drills, answers, ask }: Pick<StatePorts, 'drills' | 'answers'> & { readonly ask: AskCore }) =>
  ({ signal, progress }: CallContext): StatePorts => ({
    files: localFiles,
    version,
    now: () => new Date(),
    drills,
    answers,
    readServer: async (server) =>
      (await import('../operations/availability/observe-server.ts')).observeServer(server, ask, signal, progress),
  });

/** The analysis, over what {@link availabilityPorts} reads. */
export const availabilityImplementations = (
  ports: (context: CallContext) => StatePorts,
  dataFolder: string,
): Implementation[] => {
  return [
    implement(availabilityAnswer, async ({ servers, answers }, context) => {
      const { readState } = await import('../operations/availability/read-state.ts');
      const { AvailabilityAnswers } = await import('../operations/availability/answers.ts');
      const read = await readState({ kind: 'servers', servers }, ports(context));
      return { cluster: read.state.name ?? '', kept: new AvailabilityAnswers(dataFolder).keep(read, answers) };
    }),
    implement(availabilityRead, async ({ source }, context) => {
      const { readState } = await import('../operations/availability/read-state.ts');
      const { state, source: from, notes } = await readState(source, ports(context));
      return { state: { ...state, targets: [...state.targets] }, source: from, notes: [...notes] };
    }),
    implement(availabilityObserve, ({ server }, context) => ports(context).readServer(server)),
    implement(availabilityWhatIf, async (input, context) => {
      const { runWhatIf } = await import('../operations/availability/availability-report.ts');
      return runWhatIf(input, ports(context));
    }),
    implement(availabilityReport, async ({ source }, context) => {
      const { makeAvailabilityReport } = await import('../operations/availability/availability-report.ts');
      return makeAvailabilityReport(source, ports(context));
    }),
    implement(availabilityExport, async (input, { signal }) => {
      const { exportAvailability } = await import('../operations/availability/availability-report.ts');
      const { electronPrinter } = await import('./electron-printer.ts');
      return exportAvailability(input, { files: localFiles, printer: electronPrinter }, signal);
    }),
  ];
};
