import {
  availabilityAnswer,
  availabilityExport,
  availabilityObserve,
  availabilityRead,
  availabilityReport,
  availabilityWhatIf,
} from '../../shared/contract/availability.ts';
import type { Method, OutputOf, ParsedInputOf } from '../../shared/contract/define.ts';
import { diskList } from '../../shared/contract/disk.ts';
import { initiatorRead } from '../../shared/contract/initiator.ts';
import { clusterRead, machinesRead } from '../../shared/contract/listed.ts';
import { nicList } from '../../shared/contract/nic.ts';
import { readinessCheck } from '../../shared/contract/readiness.ts';
import { failure } from '../../shared/errors/failure.ts';
import { printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { ObservedServer } from '../operations/availability/observed-state.ts';
import type { StatePorts } from '../operations/availability/read-state.ts';
import { localFiles } from './local-files.ts';
import { version } from './version.ts';

/**
 * Availability: what a server shows is asked of the methods that show it already.
 * @param servers the implementations about one server
 */
export const availabilityPorts = (
  servers: readonly Implementation[],
  { drills, answers, ask: askPeer }: Pick<StatePorts, 'drills' | 'answers'> & { readonly ask: AskCore },
): ((context: CallContext) => StatePorts) => {
  const ask = async <M extends Method>(
    method: M,
    input: ParsedInputOf<M>,
    context: CallContext,
  ): Promise<OutputOf<M>> => {
    const found = servers.find((one) => one.method.name === method.name);
    if (!found) throw failure('INTERNAL_BUG', { message: `nobody answers ${method.name}` });
    return (await found.handle(input, context)) as OutputOf<M>;
  };

  /** As readiness reads it: the one fact about a server that the methods about NICs and paths do not hold. */
  const memoryOf = async (server: ServerRef, context: CallContext): Promise<number | null> => {
    const { facts } = await ask(readinessCheck, { server, source: { kind: 'live' } }, context);
    const { visibleBytes } = facts.memory;
    return visibleBytes.known ? Number(BigInt(visibleBytes.value) / (1024n * 1024n)) : null;
  };

  const readServer = async (server: ServerRef, context: CallContext): Promise<ObservedServer> => {
    const printed = printServerRef(server);
    context.progress({ doing: `Reading ${printed}`, done: null, total: null, leftMs: null });
    // A peer reads itself, all at once.
    if (server.kind === 'peer') return askPeer('availability.observe', { server: printed }, context.signal);
    const network = await ask(nicList, { server }, context);
    const orNull = async <T>(asked: Promise<T>): Promise<T | null> => {
      try {
        return await asked;
      } catch (error) {
        if (context.signal.aborted) throw error;
        return null;
      }
    };
    const [initiator, cluster, machines, disks, memoryMB] = await Promise.all([
      orNull(ask(initiatorRead, { server }, context)),
      orNull(ask(clusterRead, { server }, context)),
      orNull(ask(machinesRead, { server }, context)),
      orNull(ask(diskList, { server }, context)),
      memoryOf(server, context),
    ]);
    return {
      network,
      initiator,
      memoryMB,
      cluster: cluster?.state ?? null,
      machines: machines?.state ?? null,
      disks: disks?.disks ?? null,
    };
  };

  const ports = (context: CallContext): StatePorts => ({
    files: localFiles,
    version,
    now: () => new Date(),
    drills,
    answers,
    readServer: (server) => readServer(server, context),
  });
  return ports;
};

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
    implement(availabilityObserve, async ({ server }, context) => {
      const { disks, ...shown } = await ports(context).readServer(server);
      return {
        ...shown,
        disks: disks?.map(({ uniqueId, pathCount }) => ({ uniqueId, pathCount })) ?? null,
      };
    }),
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
