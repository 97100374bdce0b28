import { create } from 'zustand';
import type { Progress } from '../../../shared/contract/define.ts';
import type { Input, Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { validationStanding } from '../../../shared/plan/standing/validation.ts';
import type { Standing } from '../../../shared/plan/standing/standing.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { ChosenFile } from '../../api/files.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';

export type Judged = Output<'cluster.readValidation'>;
export type Kept = Judged['kept'];
export type Report = Judged['report'];
export type ReportTest = Report['tests'][number];
export type ValidationPlan = Output<'cluster.planValidation'>;
export type ValidationAsk = Omit<Input<'cluster.planValidation'>, 'server'>;

/** The validations of a server that are kept, and the last one of them. */
export interface ValidationView {
  readonly server: Output<'cluster.listValidations'>['server'];
  readonly kept: readonly Kept[];
  readonly judged: Judged | null;
  /** The server that coordinated the formation of this one, and has its report. */
  readonly elsewhere: string | null;
  readonly standing: Standing;
  readonly readAt: string;
}

const view = (known: Pick<ValidationView, 'server' | 'kept' | 'judged' | 'elsewhere'>): ValidationView => ({
  ...known,
  standing: validationStanding(known.judged, known.elsewhere),
  readAt: new Date().toISOString(),
});

export const validationReadings = createReadings<ValidationView>(
  async (host, { signal }) => {
    const { server, validations, elsewhere } = await call('cluster.listValidations', { server: host }, { signal });
    const judged = validations.length === 0 ? null : await call('cluster.readValidation', { server: host }, { signal });
    return view({ server, kept: validations, judged, elsewhere });
  },
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, { server, standing }) => {
      useServer.getState().describe(host, { name: server.computerName });
      setStageState(host, 'validate', standing);
    },
    failure: (host, failure) => setStageState(host, 'validate', stateOfFailure(failure)),
  },
);

/** A run of Test-Cluster that was begun from this page. */
export interface Run {
  readonly progress: Progress | null;
  readonly cancel: () => void;
}

interface RunState {
  readonly runs: Readonly<Record<string, Run>>;
  readonly failures: Readonly<Record<string, Envelope>>;
}

/** By the server: a run goes on while another stage is shown. */
export const useRuns = create<RunState>(() => ({ runs: {}, failures: {} }));

const without = <Value>(all: Readonly<Record<string, Value>>, key: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name !== key));

export const dismissFailure = (host: string): void =>
  useRuns.setState(({ failures }) => ({ failures: without(failures, host) }));

export const runValidation = async (host: string, ask: ValidationAsk): Promise<void> => {
  const controller = new AbortController();
  const show = (progress: Progress | null): void =>
    useRuns.setState(({ runs }) => ({ runs: { ...runs, [host]: { progress, cancel: () => controller.abort() } } }));
  dismissFailure(host);
  show(null);
  try {
    await call('cluster.validate', { server: host, ...ask }, { signal: controller.signal, onProgress: show });
  } catch (error) {
    const failure = envelopeOf(error);
    useRuns.setState(({ failures }) => ({ failures: { ...failures, [host]: failure } }));
  }
  useRuns.setState(({ runs }) => ({ runs: without(runs, host) }));
  await validationReadings.read(host);
};

export const planRun = (host: string, ask: ValidationAsk): Promise<ValidationPlan> =>
  call('cluster.planValidation', { server: host, ...ask });

export const readKept = (host: string, id: string): Promise<Judged> =>
  call('cluster.readValidation', { server: host, id });

/** The warnings of a kept report that somebody takes responsibility for. */
export const acceptWarning = async (host: string, id: string, test: string, because: string): Promise<Judged> => {
  const judged = await call('cluster.acceptWarning', { server: host, id, tests: [test], because });
  const known = validationReadings.use.getState()[host]?.data;
  if (known?.judged?.kept.id === id) validationReadings.put(host, view({ ...known, judged }));
  return judged;
};

export const readReportFile = (file: ChosenFile): Promise<Report> =>
  call('cluster.readValidationReport', { file: file.input });

export const checkServers = (
  servers: readonly string[],
  name: string,
  addresses: readonly string[],
  facts: readonly ChosenFile[],
): Promise<Output<'cluster.check'>> =>
  call('cluster.check', {
    ...{ servers: [...servers], name: name.trim() || null, addresses: [...addresses] },
    facts: facts.map(({ input }) => input),
  });
