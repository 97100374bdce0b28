import { create } from 'zustand';
import type { Progress } from '../../../shared/contract/define.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { Comparison, ReadinessReport } from '../../../shared/model/readiness-report.ts';
import type { WindowsServer } from '../../../shared/model/windows-server.ts';
import type { ChosenFile } from '../../api/files.ts';
import { toBase64 } from '../../api/files.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { outcomeOfVerdict } from '../../ui/outcome-of-verdict.ts';
import { verdictWords } from '../../ui/outcome-words.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState } from '../../ui/stage-states.ts';

/** A report on the screen: of this machine, or of another server from a file. */
export interface OpenReport {
  readonly id: string;
  /** `null`: this machine. */
  readonly fromFile: string | null;
  readonly report: ReadinessReport;
}

export const ownId = 'this';

/** What is being done; the screen stays usable meanwhile. */
interface Running {
  readonly what: 'gather' | 'open' | 'judge' | 'compare';
  readonly progress: Progress | null;
  readonly controller: AbortController;
}

interface ReadinessState {
  readonly reports: readonly OpenReport[];
  readonly shownId: string;
  readonly running: Running | null;
  /** Why there is no (new) report of this machine. */
  readonly failure: Envelope | null;
  /** Files that could not be opened, each with its reason. */
  readonly notOpened: readonly { readonly name: string; readonly envelope: Envelope }[];
  /** The release that the user chose; null: the one that runs there, elsewhere 2025. */
  readonly judgedFor: WindowsServer | null;
  readonly comparison: Comparison | null;
  readonly comparisonFailure: Envelope | null;
  readonly isComparing: boolean;
}

export const useReadiness = create<ReadinessState>(() => ({
  reports: [],
  shownId: ownId,
  running: null,
  failure: null,
  notOpened: [],
  judgedFor: null,
  comparison: null,
  comparisonFailure: null,
  isComparing: false,
}));

const { getState: state, setState: set } = useReadiness;

const run = async <T>(what: Running['what'], work: (running: Running) => Promise<T>): Promise<T | undefined> => {
  state().running?.controller.abort();
  const controller = new AbortController();
  const mine: Running = { what, progress: null, controller };
  set({ running: mine });
  try {
    return await work(mine);
  } finally {
    if (state().running?.controller === controller) set({ running: null });
  }
};

const onProgress =
  ({ controller }: Running) =>
  (progress: Progress): void => {
    const { running } = state();
    if (running?.controller === controller) set({ running: { ...running, progress } });
  };

const put = (opened: OpenReport): void => {
  const { reports } = state();
  const isKnown = reports.some(({ id }) => id === opened.id);
  set({
    reports: isKnown
      ? reports.map((one) => (one.id === opened.id ? opened : one))
      : opened.id === ownId
        ? [opened, ...reports]
        : [...reports, opened],
  });
};

const tellFrame = (report: ReadinessReport): void => {
  setStageState('local', 'readiness', {
    outcome: outcomeOfVerdict[report.verdict],
    word: verdictWords[report.verdict],
  });
  const { name, manufacturer, model, operatingSystem } = report.machine;
  const full = [manufacturer, model].filter((part) => part !== null);
  const isDoubled = manufacturer !== null && model?.toLowerCase().startsWith(manufacturer.toLowerCase());
  useServer.getState().describe('local', {
    ...(name === null ? {} : { name }),
    model: full.length === 0 ? null : isDoubled ? model : full.join(' '),
    operatingSystem,
  });
};

/** Gathers this machine's facts and judges them. */
export const checkThisMachine = async (): Promise<void> => {
  const { judgedFor } = state();
  set({ failure: null, isComparing: false, shownId: ownId });
  await run('gather', async (running) => {
    try {
      const report = await call('readiness.check', judgedFor === null ? {} : { for: judgedFor }, {
        onProgress: onProgress(running),
        signal: running.controller.signal,
      });
      put({ id: ownId, fromFile: null, report });
      tellFrame(report);
    } catch (error) {
      if (state().running?.controller !== running.controller) return;
      set({ failure: envelopeOf(error) });
      if (!state().reports.some(({ id }) => id === ownId))
        setStageState('local', 'readiness', { outcome: 'unknown', word: 'Not known' });
    }
  });
};

/** The facts that a report carries, as the file that the core takes: the same facts can be judged for another release. */
const factsOf = (report: ReadinessReport): ChosenFile['input'] => ({
  kind: 'content',
  name: `${report.machine.name ?? 'facts'}.json`,
  base64: toBase64(new TextEncoder().encode(JSON.stringify(report.facts))),
});

/** Judges for another release: this machine anew, a server from a file by the facts in it. */
export const judgeFor = async (server: WindowsServer | null): Promise<void> => {
  set({ judgedFor: server });
  const { shownId, reports } = state();
  if (shownId === ownId) return checkThisMachine();
  const shown = reports.find(({ id }) => id === shownId);
  if (!shown) return;
  await run('judge', async (running) => {
    try {
      const report = await call(
        'readiness.check',
        { ...(server === null ? {} : { for: server }), source: { kind: 'facts', files: [factsOf(shown.report)] } },
        { onProgress: onProgress(running), signal: running.controller.signal },
      );
      put({ ...shown, report });
    } catch (error) {
      set({ notOpened: [{ name: shown.fromFile ?? shownId, envelope: envelopeOf(error) }] });
    }
  });
};

let nextReport = 1;

const show = (fromFile: string, report: ReadinessReport): void => {
  const id = `file-${nextReport++}`;
  put({ id, fromFile, report });
  set({ shownId: id, isComparing: false });
};

/** Opens reports of other servers, one per file. */
export const openReports = async (files: readonly ChosenFile[]): Promise<void> => {
  set({ notOpened: [] });
  await run('open', async () => {
    for (const { name, input } of files)
      try {
        show(name, await call('report.import', { file: input }));
      } catch (error) {
        set({ notOpened: [...state().notOpened, { name, envelope: envelopeOf(error) }] });
      }
  });
};

/** Judges the facts of one other server, from one file or several. */
export const openFacts = async (files: readonly ChosenFile[]): Promise<void> => {
  set({ notOpened: [] });
  const { judgedFor } = state();
  const name = files.map((file) => file.name).join(', ');
  await run('open', async (running) => {
    try {
      const report = await call(
        'readiness.check',
        {
          ...(judgedFor === null ? {} : { for: judgedFor }),
          source: { kind: 'facts', files: files.map((file) => file.input) },
        },
        { onProgress: onProgress(running), signal: running.controller.signal },
      );
      show(name, report);
    } catch (error) {
      set({ notOpened: [{ name, envelope: envelopeOf(error) }] });
    }
  });
};

export const showReport = (id: string): void => set({ shownId: id, isComparing: false });

export const closeReport = (id: string): void => {
  const { reports, shownId } = state();
  const left = reports.filter((one) => one.id !== id);
  set({ reports: left, ...(shownId === id ? { shownId: ownId } : {}) });
  if (left.length < 2) set({ isComparing: false, comparison: null });
  else if (state().isComparing) void compareAll();
};

/** Compares all open reports, in their order. */
export const compareAll = async (): Promise<void> => {
  const { reports } = state();
  set({ isComparing: true, comparisonFailure: null });
  await run('compare', async () => {
    try {
      set({ comparison: await call('report.compare', { reports: reports.map(({ report }) => report) }) });
    } catch (error) {
      set({ comparison: null, comparisonFailure: envelopeOf(error) });
    }
  });
};

export const stopComparing = (): void => set({ isComparing: false });
export const dismissNotOpened = (): void => set({ notOpened: [] });
export const cancelRunning = (): void => state().running?.controller.abort();
