import {
  availabilityAnswer,
  availabilityExport,
  availabilityObserve,
  availabilityRead,
  availabilityReport,
  availabilityWhatIf,
} from '../../shared/contract/availability.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { StatePorts } from '../operations/availability/read-state.ts';
import { localFiles } from './local-files.ts';

/** The analysis, over what `availabilityPorts` reads. */
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
