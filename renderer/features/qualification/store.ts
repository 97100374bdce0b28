import { create } from 'zustand';
import type { Input, Output } from '../../../shared/contract/index.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import type { QualificationComparison } from '../../../shared/model/qualification-comparison.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { ChosenFile } from '../../api/files.ts';

/** How the storage is reached; secrets stay in the page's memory and go into calls only. */
export interface Access {
  readonly portal: string;
  readonly sourceIp: string;
  readonly initiator: string;
  readonly chapUser: string;
  readonly chapSecret: string;
  readonly mutualUser: string;
  readonly mutualSecret: string;
}

export type Discovery = Output<'iscsi.discover'>;
export type Inspection = Output<'iscsi.inspect'>;

/** A logical unit by where it was found. */
export interface Unit {
  readonly target: string;
  readonly portals: readonly string[];
  readonly lun: number;
}

interface Run {
  readonly unit: Unit;
  readonly progress: Progress | null;
  /** The steps as they were told while it runs. */
  readonly steps: readonly string[];
  readonly controller: AbortController;
}

interface QualificationState {
  readonly access: Access;
  readonly discovery: Discovery | null;
  readonly isDiscovering: boolean;
  readonly discoveryFailure: Envelope | null;
  /** What was read of the units of each target. */
  readonly inspections: Readonly<Record<string, Inspection>>;
  readonly inspectionFailures: Readonly<Record<string, Envelope>>;
  readonly run: Run | null;
  readonly runFailure: Envelope | null;
  readonly reports: readonly QualificationReport[];
  readonly comparison: QualificationComparison | null;
  readonly reportFailure: Envelope | null;
  readonly ownKeys: Output<'iscsi.ownKeys'>['keys'];
}

const noAccess: Access = {
  portal: '',
  sourceIp: '',
  initiator: '',
  chapUser: '',
  chapSecret: '',
  mutualUser: '',
  mutualSecret: '',
};

export const useQualification = create<QualificationState>(() => ({
  access: noAccess,
  discovery: null,
  isDiscovering: false,
  discoveryFailure: null,
  inspections: {},
  inspectionFailures: {},
  run: null,
  runFailure: null,
  reports: [],
  comparison: null,
  reportFailure: null,
  ownKeys: [],
}));

const { getState: state, setState: set } = useQualification;

/** The part of the input that every iSCSI method takes alike; what was left empty is left out. */
export const accessInput = (access: Access): Omit<Input<'iscsi.discover'>, 'withLuns'> => ({
  portal: access.portal.trim(),
  ...(access.sourceIp.trim() === '' ? {} : { sourceIp: access.sourceIp.trim() }),
  ...(access.initiator.trim() === '' ? {} : { initiator: access.initiator.trim() }),
  ...(access.chapUser.trim() === ''
    ? {}
    : {
        chap: {
          user: access.chapUser.trim(),
          secret: access.chapSecret,
          ...(access.mutualUser.trim() === ''
            ? {}
            : { mutualUser: access.mutualUser.trim(), mutualSecret: access.mutualSecret }),
        },
      }),
});

export const setAccess = (part: Partial<Access>): void => set({ access: { ...state().access, ...part } });

/** Keys that an earlier run left because it was killed. */
export const readOwnKeys = async (): Promise<void> => {
  try {
    set({ ownKeys: (await call('iscsi.ownKeys', {})).keys });
  } catch {
    // Without the notes nothing can be offered; the next run asks again.
  }
};

/** Asks the portal for its targets and their logical units; changes nothing. */
export const discover = async (): Promise<void> => {
  set({ isDiscovering: true, discoveryFailure: null, discovery: null, inspections: {}, inspectionFailures: {} });
  try {
    set({ discovery: await call('iscsi.discover', { ...accessInput(state().access), withLuns: true }) });
  } catch (error) {
    set({ discoveryFailure: envelopeOf(error) });
  }
  set({ isDiscovering: false });
};

/** Reads who holds what on the units of a target; changes nothing. */
export const inspect = async (target: string): Promise<void> => {
  try {
    const inspection = await call('iscsi.inspect', { ...accessInput(state().access), target });
    set({ inspections: { ...state().inspections, [target]: inspection } });
  } catch (error) {
    set({ inspectionFailures: { ...state().inspectionFailures, [target]: envelopeOf(error) } });
  }
};

export interface QualifyOptions {
  readonly purpose: 'witness' | 'vm' | 'data';
  readonly nodes: number;
  readonly paths: number;
  readonly allowReservations: boolean;
  readonly allowDataLoss: boolean;
  readonly serial: string;
}

export const qualify = async (unit: Unit, options: QualifyOptions): Promise<void> => {
  const controller = new AbortController();
  const begun: Run = { unit, progress: null, steps: [], controller };
  set({ run: begun, runFailure: null });
  const { access } = state();
  try {
    const report = await call(
      'iscsi.qualify',
      {
        ...accessInput(access),
        otherPortals: unit.portals.filter((portal) => portal !== access.portal.trim()),
        target: unit.target,
        lun: unit.lun,
        purpose: options.purpose,
        nodes: options.nodes,
        paths: options.paths,
        allowReservations: options.allowReservations,
        allowDataLoss: options.allowDataLoss,
        ...(options.allowDataLoss ? { serial: options.serial } : {}),
      },
      {
        signal: controller.signal,
        onProgress: (progress) => {
          const { run } = state();
          if (run?.controller !== controller) return;
          const steps = run.steps.at(-1) === progress.doing ? run.steps : [...run.steps, progress.doing].slice(-200);
          set({ run: { ...run, progress, steps } });
        },
      },
    );
    set({ reports: [report, ...state().reports], run: null, comparison: null });
  } catch (error) {
    set({ runFailure: envelopeOf(error), run: null });
  }
  void readOwnKeys();
};

export const cancelQualification = (): void => state().run?.controller.abort();

export const clearOwnKeys = async (): Promise<Output<'iscsi.clearMine'>> => {
  const { chap } = accessInput(state().access);
  const cleared = await call('iscsi.clearMine', chap ? { chap } : {});
  await readOwnKeys();
  return cleared;
};

/** Opens qualifications that another server exported. */
export const openReports = async (files: readonly ChosenFile[]): Promise<void> => {
  set({ reportFailure: null, comparison: null });
  for (const { input } of files)
    try {
      const report = await call('iscsi.importReport', { file: input });
      set({ reports: [...state().reports, report] });
    } catch (error) {
      set({ reportFailure: envelopeOf(error) });
    }
};

/** The open qualifications side by side: the same logical unit seen from several servers, or several targets. */
export const compareReports = async (): Promise<void> => {
  set({ reportFailure: null });
  try {
    set({ comparison: await call('iscsi.compareReports', { reports: [...state().reports] }) });
  } catch (error) {
    set({ reportFailure: envelopeOf(error) });
  }
};

export const setReportFailure = (reportFailure: Envelope | null): void => set({ reportFailure });
export const stopComparing = (): void => set({ comparison: null });
