import { create } from 'zustand';
import { assess } from '../../../shared/availability/assess.ts';
import { findElement } from '../../../shared/availability/elements.ts';
import { compile, type Model } from '../../../shared/availability/model.ts';
import { withTargets } from '../../../shared/availability/parse-state.ts';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import { isGrave } from '../../../shared/availability/grades.ts';
import { lossSentence, whatIf, type LossResult } from '../../../shared/availability/what-if.ts';
import type { Input } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { Outcome } from '../../../shared/model/check.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { ChosenFile } from '../../api/files.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { setStageState, subjectOf } from '../../ui/stage-states.ts';

type Source = Input<'availability.report'>['source'];

interface AvailabilityState {
  readonly report: AvailabilityReport | null;
  /** The configuration of the report, with its names looked up once. */
  readonly model: Model | null;
  readonly source: Source | null;
  readonly isReading: boolean;
  readonly failure: Envelope | null;
  /** What a person let fail, in the order of the clicks. */
  readonly lost: readonly string[];
  readonly results: readonly LossResult[];
}

const nothingLost = { lost: [], results: [] } as const;

export const useAvailability = create<AvailabilityState>(() => ({
  report: null,
  model: null,
  source: null,
  isReading: false,
  failure: null,
  ...nothingLost,
}));

const { getState: state, setState: set } = useAvailability;

export const outcomeOfReport = ({ singlePoints }: AvailabilityReport): Outcome => {
  const grave = singlePoints.filter(({ grade }) => isGrave(grade));
  if (grave.length === 0) return 'pass';
  return grave.every(({ grade }) => grade === 'open') ? 'unknown' : 'fail';
};

let controller: AbortController | null = null;

/** Analyzes a configuration; what was shown before stays until the new one is there. */
export const open = async (source: Source): Promise<void> => {
  controller?.abort();
  const mine = new AbortController();
  controller = mine;
  set({ isReading: true, failure: null });
  try {
    const report = await call('availability.report', { source }, { signal: mine.signal });
    if (controller !== mine) return;
    set({ report, model: compile(withTargets(report.state)), source, isReading: false, ...nothingLost });
    const outcome = outcomeOfReport(report);
    const points = report.singlePoints.filter(({ grade }) => isGrave(grade)).length;
    const [host = 'local'] = source.kind === 'servers' ? source.servers : [];
    setStageState(subjectOf('cluster', host), 'availability', {
      outcome,
      word:
        outcome === 'pass'
          ? 'No single point'
          : outcome === 'unknown'
            ? 'Not known'
            : `${points} single point${points === 1 ? '' : 's'}`,
    });
  } catch (error) {
    if (controller === mine) set({ isReading: false, failure: envelopeOf(error) });
  }
};

export const cancelReading = (): void => {
  controller?.abort();
  controller = null;
  set({ isReading: false });
};

/** The servers of the cluster that a host belongs to: those of its rehearsal, or this server and its peers. */
const serversAround = async (host: string): Promise<string[]> => {
  const ref = parseServerRef(host);
  if (ref?.kind === 'rehearsal') {
    const { running } = await call('rehearsal.show', { name: ref.world });
    return (running?.servers ?? []).map((server) => `rehearsal:${ref.world}/${server.name}`);
  }
  const { peers } = await call('peers.list', {});
  return ['local', ...peers.map(({ id }) => `peer:${id}`)];
};

/** Analyzes the cluster itself, from all of its servers. */
export const openCluster = async (host: string): Promise<void> => {
  try {
    const servers = await serversAround(host);
    await open({ kind: 'servers', servers });
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
};

/** Keeps which switches the cables end in, and analyzes the cluster again. */
export const answerSwitches = async (answers: Input<'availability.answer'>['answers']): Promise<void> => {
  const { source } = state();
  if (source?.kind !== 'servers') return;
  try {
    await call('availability.answer', { servers: source.servers, answers });
    await open(source);
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
};

export const openState = ([file]: readonly ChosenFile[]): Promise<void> =>
  file ? open({ kind: 'state', file: file.input }) : Promise.resolve();

export const openFacts = (files: readonly ChosenFile[]): Promise<void> =>
  files.length === 0 ? Promise.resolve() : open({ kind: 'facts', files: files.map(({ input }) => input) });

const lose = (lost: readonly string[]): void => {
  const { model } = state();
  if (!model) return;
  set({ lost, results: lost.length === 0 ? [] : whatIf(model.state, { lose: lost, all: [] }).results });
};

/** Lets something fail, or brings it back. */
export const toggleLoss = (id: string): void => {
  const { lost } = state();
  lose(lost.includes(id) ? lost.filter((one) => one !== id) : [...lost, id]);
};

export const restoreAll = (): void => set(nothingLost);

export const dismissFailure = (): void => set({ failure: null });

/** What would be lost, in a sentence: for what the pointer or the focus is on. */
export const foretell = (model: Model, lost: readonly string[], id: string): string => {
  if (lost.includes(id)) return 'Lost now. Press again to bring it back.';
  const elements = [...lost, id].map((one) => findElement(model.elements, one));
  return lossSentence(model, assess(model, [elements]), elements.length > 1 ? 'atOnce' : 'single');
};
