import { create } from 'zustand';
import type { Activity } from '../../../shared/contract/core.ts';
import type { Input, Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { Purpose, QualificationReport } from '../../../shared/model/qualification.ts';
import type { QualificationComparison } from '../../../shared/model/qualification-comparison.ts';
import { call, envelopeOf, subscribe } from '../../api/core.ts';
import type { ChosenFile } from '../../api/files.ts';
import { afterActivity, type Run } from './run.ts';

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
export type SourceAddress = Output<'iscsi.sourceAddresses'>['addresses'][number];

/** A logical unit by where it was found. */
export interface Unit {
  readonly target: string;
  /** Where its target says that it is served. */
  readonly portals: readonly string[];
  /** Over which portal it was seen. */
  readonly seenOver: string | null;
  readonly lun: number;
}

interface QualificationState {
  readonly access: Access;
  /** Whether the fields for names and secrets are shown. */
  readonly hasNames: boolean;
  /** The addresses of this server that a connection can come from. */
  readonly sources: readonly SourceAddress[];
  readonly discovery: Discovery | null;
  readonly isDiscovering: boolean;
  readonly discoveryFailure: Envelope | null;
  /** What was read of the units of each target. */
  readonly inspections: Readonly<Record<string, Inspection>>;
  readonly inspectionFailures: Readonly<Record<string, Envelope>>;
  /** What each unit is for, by `keyOfUnit`, as far as somebody chose it. */
  readonly purposes: Readonly<Record<string, Purpose>>;
  readonly run: Run | null;
  readonly runFailure: Envelope | null;
  /** The newest first. */
  readonly reports: readonly QualificationReport[];
  readonly comparison: QualificationComparison | null;
  readonly reportFailure: Envelope | null;
  readonly ownKeys: Output<'iscsi.ownKeys'>['keys'];
  /** Why the notes of own keys cannot be read: then nothing may be registered. */
  readonly ownKeysFailure: Envelope | null;
  /** The practice target that this core serves; its portal is null until it answers. */
  readonly practice: { readonly activityId: string; readonly portal: string | null } | null;
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
  hasNames: false,
  sources: [],
  discovery: null,
  isDiscovering: false,
  discoveryFailure: null,
  inspections: {},
  inspectionFailures: {},
  purposes: {},
  run: null,
  runFailure: null,
  reports: [],
  comparison: null,
  reportFailure: null,
  ownKeys: [],
  ownKeysFailure: null,
  practice: null,
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
          ...(access.mutualSecret === ''
            ? {}
            : { mutualUser: access.mutualUser.trim(), mutualSecret: access.mutualSecret }),
        },
      }),
});

export const setAccess = (part: Partial<Access>): void => set({ access: { ...state().access, ...part } });

export const showNames = (hasNames: boolean): void => set({ hasNames });

export const readSources = async (): Promise<void> => {
  try {
    set({ sources: (await call('iscsi.sourceAddresses', {})).addresses });
  } catch {
    // Without the list the system chooses the address, as it does by default.
  }
};

/** Keys that an earlier run left because it was killed. */
export const readOwnKeys = async (): Promise<void> => {
  try {
    set({ ownKeys: (await call('iscsi.ownKeys', {})).keys, ownKeysFailure: null });
  } catch (error) {
    set({ ownKeysFailure: envelopeOf(error) });
  }
};

/** Failures that a name and a secret mend: what they need is shown where they are told, and stays. */
const isAboutSecrets = (code: string | undefined): boolean => /^ISCSI_.*(CHAP|AUTHENTICATION)/.test(code ?? '');

/** Asks the portal for its targets and their logical units; changes nothing. */
export const discover = async (): Promise<void> => {
  set({ isDiscovering: true, discoveryFailure: null, discovery: null, inspections: {}, inspectionFailures: {} });
  try {
    const discovery = await call('iscsi.discover', { ...accessInput(state().access), withLuns: true });
    set({ discovery });
    if (discovery.targets.some(({ problem }) => isAboutSecrets(problem?.code))) showNames(true);
  } catch (error) {
    const discoveryFailure = envelopeOf(error);
    set({ discoveryFailure });
    if (isAboutSecrets(discoveryFailure.code)) showNames(true);
  }
  set({ isDiscovering: false });
};

/** Reads who holds what on the units of a target; changes nothing. */
/** Over the portal at which its LUNs were found, where that is not the one that was asked. */
export const inspect = async (target: string): Promise<void> => {
  const seenOver = state().discovery?.targets.find(({ name }) => name === target)?.lunsReadOver ?? null;
  const { [target]: _old, ...others } = state().inspectionFailures;
  set({ inspectionFailures: others });
  try {
    const inspection = await call('iscsi.inspect', {
      ...accessInput(state().access),
      ...(seenOver === null ? {} : { portal: seenOver }),
      target,
    });
    set({ inspections: { ...state().inspections, [target]: inspection } });
  } catch (error) {
    set({ inspectionFailures: { ...state().inspectionFailures, [target]: envelopeOf(error) } });
  }
};

/** What somebody chose earlier; without it the sizes suggest the purposes. */
export const readPurposes = async (): Promise<void> => {
  try {
    set({ purposes: (await call('iscsi.purposes', {})).purposes });
  } catch (error) {
    set({ discoveryFailure: envelopeOf(error) });
  }
};

/** What a unit is for; kept by the core for the next time that this unit is seen. */
export const setPurpose = async (unit: string, purpose: Purpose): Promise<void> => {
  set({ purposes: { ...state().purposes, [unit]: purpose } });
  try {
    await call('iscsi.setPurpose', { unit, purpose });
  } catch (error) {
    set({ discoveryFailure: envelopeOf(error) });
  }
};

export const keyOfReport = ({ machine, startedAt, target, lun }: QualificationReport): string =>
  `${machine} ${startedAt} ${target} ${lun.lun}`;

const addReport = (report: QualificationReport): void => {
  const { reports } = state();
  if (reports.some((one) => keyOfReport(one) === keyOfReport(report))) return;
  const sorted = [report, ...reports].sort((left, right) => right.startedAt.localeCompare(left.startedAt));
  set({ reports: sorted, comparison: null });
};

/** Where the practice target answers is asked of the core: a window that was opened later has missed the news. */
const takePractice = async (activity: Activity): Promise<void> => {
  const { practice } = state();
  if (activity.state !== 'running') {
    if (practice?.activityId === activity.id) set({ practice: null });
    return;
  }
  if (activity.progress === null || practice !== null) return;
  set({ practice: { activityId: activity.id, portal: null } });
  try {
    const { targets } = await call('target.list', {});
    const at = targets.at(-1)?.portals[0];
    if (!at || state().practice?.activityId !== activity.id) return;
    const portal = at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
    set({ practice: { activityId: activity.id, portal } });
    if (state().access.portal.trim() === '') setAccess({ portal, sourceIp: '' });
  } catch {
    // Its line in the list of activities says where it answers.
  }
};

/** Work is the core's: whoever began it, and whether a window was open or not, it is shown here. */
const takeActivity = (activity: Activity): void => {
  if (activity.method === 'target.serve') void takePractice(activity);
  if (activity.method !== 'iscsi.qualify') return;
  if (activity.state === 'done') addReport(activity.result as QualificationReport);
  const run = afterActivity(state().run, activity);
  const hasEnded = state().run !== null && run === null;
  set({ run });
  if (!hasEnded) return;
  if (activity.error) set({ runFailure: activity.error });
  void readOwnKeys();
  const target = (activity.input as { target?: string } | null)?.target;
  if (target !== undefined && state().inspections[target]) void inspect(target);
};

let isWatching = false;

/** Shows the qualifications of this core, from those that ended before this window was opened on. */
export const watchQualifications = async (): Promise<void> => {
  if (isWatching) return;
  isWatching = true;
  subscribe(takeActivity);
  try {
    for (const activity of await call('activity.list', {})) takeActivity(activity);
  } catch {
    // The frame says that the core does not answer.
  }
};

export interface QualifyPath {
  readonly portal: string;
  readonly sourceIp: string;
}

export interface QualifyOptions {
  readonly purpose: Purpose;
  readonly nodes: number;
  readonly paths: number;
  /** The portals to look at, the first one for everything that needs only one. */
  readonly portals: readonly QualifyPath[];
  readonly allowReservations: boolean;
  readonly allowDataLoss: boolean;
  readonly serial: string;
  readonly secondInitiator: string;
  readonly clusterInitiators: readonly string[];
}

export const qualify = async (unit: Unit, options: QualifyOptions): Promise<void> => {
  const [first, ...others] = options.portals;
  set({ runFailure: null });
  try {
    // How far it is comes with its activity: so it is shown wherever and whenever it was begun.
    const report = await call('iscsi.qualify', {
      ...accessInput({ ...state().access, ...first }),
      otherPortals: others.map(({ portal, sourceIp }) => ({ portal, ...(sourceIp === '' ? {} : { sourceIp }) })),
      target: unit.target,
      lun: unit.lun,
      purpose: options.purpose,
      nodes: options.nodes,
      paths: options.paths,
      allowReservations: options.allowReservations,
      allowDataLoss: options.allowDataLoss,
      ...(options.allowDataLoss ? { serial: options.serial.trim() } : {}),
      ...(options.secondInitiator.trim() === '' ? {} : { secondInitiator: options.secondInitiator.trim() }),
      clusterInitiators: [...options.clusterInitiators],
    });
    addReport(report);
  } catch (error) {
    set({ runFailure: envelopeOf(error) });
  }
};

const cancelActivity = async (id: string | undefined): Promise<void> => {
  if (id === undefined) return;
  try {
    await call('activity.cancel', { id });
  } catch (error) {
    set({ runFailure: envelopeOf(error) });
  }
};

export const cancelQualification = (): Promise<void> => cancelActivity(state().run?.activityId);
export const stopPractice = (): Promise<void> => cancelActivity(state().practice?.activityId);

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
      addReport(await call('iscsi.importReport', { file: input }));
    } catch (error) {
      set({ reportFailure: envelopeOf(error) });
    }
};

/** Qualifications side by side: the same logical unit seen from several servers, or several targets. */
export const compareReports = async (reports: readonly QualificationReport[]): Promise<void> => {
  set({ reportFailure: null });
  try {
    set({ comparison: await call('iscsi.compareReports', { reports: [...reports] }) });
  } catch (error) {
    set({ reportFailure: envelopeOf(error) });
  }
};

export const setReportFailure = (reportFailure: Envelope | null): void => set({ reportFailure });
/** Puts a report away; its activity and the files it was written to stay. */
export const closeReport = (report: QualificationReport): void =>
  set({ reports: state().reports.filter((one) => one !== report), comparison: null });

export const stopComparing = (): void => set({ comparison: null });

/** The newest qualification of a unit, by target and LUN; null where there is none. */
export const lastReportOf = (
  reports: readonly QualificationReport[],
  { target, lun }: Pick<Unit, 'target' | 'lun'>,
): QualificationReport | null => reports.find((one) => one.target === target && one.lun.lun === lun) ?? null;
