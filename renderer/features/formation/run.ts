import type { Activity } from '../../../shared/contract/core.ts';
import type {
  FormationDirection,
  FormationResult,
  FormationStatus,
  FormationStepResult,
  Rehearsed,
} from '../../../shared/contract/formation.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { SeenServer, Wanted } from '../../../shared/model/formation.ts';

export type RunState = FormationStatus['state'];

/** A formation that runs or ran, as this page shows it. */
export interface Run {
  /** Null: it was found in the record, and no work of this core is behind it. */
  readonly activityId: string | null;
  /** Its rehearsal; null when it is about real servers. */
  readonly rehearsal: string | null;
  /** Whether it forms, or takes back what was formed. */
  readonly direction: FormationDirection;
  readonly state: RunState;
  /** What is done now, while it runs. */
  readonly doing: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** In the order of the plan, each as it stands. */
  readonly steps: readonly FormationStepResult[];
  /** What the runs that this one goes on with had done. */
  readonly earlier: readonly FormationStepResult[];
  /** The other server that coordinates it; null: this one does. */
  readonly coordinator: string | null;
  readonly servers: readonly SeenServer[];
  readonly wanted: Wanted | null;
  readonly error: Envelope | null;
  /** Where virtual machines run; known once a rehearsal has ended. */
  readonly machines: Rehearsed['vms'];
  /** The cluster file that it was begun with; null until the core was asked. */
  readonly file: { readonly path: string; readonly text: string } | null;
}

export const methods = ['formation.apply', 'formation.rehearse'] as const;
export const isFormation = ({ method }: Activity): boolean => (methods as readonly string[]).includes(method);

export const rehearsalOfActivity = ({ method, input }: Activity): string | null =>
  method === 'formation.rehearse' ? ((input as { name?: string } | null)?.name ?? 'rehearse') : null;

export const isRunning = ({ state }: Run): boolean => state === 'running' || state === 'paused';

/** May this console try again what stopped? Taking back is begun anew, by the cluster's name. */
export const canRetry = ({ state, direction, coordinator, rehearsal, file, error }: Run): boolean =>
  state === 'failed' &&
  coordinator === null &&
  error?.retry !== 'never' &&
  (rehearsal !== null || (direction === 'form' && file !== null));

const begin = (activity: Activity): Run => ({
  activityId: activity.id,
  rehearsal: rehearsalOfActivity(activity),
  direction: (activity.input as { direction?: FormationDirection } | null)?.direction ?? 'form',
  state: 'running',
  doing: null,
  startedAt: activity.startedAt,
  endedAt: null,
  steps: [],
  earlier: [],
  coordinator: null,
  servers: [],
  wanted: null,
  error: null,
  machines: [],
  file: null,
});

/** The steps with those that changed; a step that was not known comes last. */
export const withSteps = (
  steps: readonly FormationStepResult[],
  changed: readonly FormationStepResult[],
): readonly FormationStepResult[] => {
  if (changed.length === 0) return steps;
  const newest = new Map(changed.map((step) => [step.id, step]));
  const kept = steps.map((step) => {
    const now = newest.get(step.id);
    newest.delete(step.id);
    return now ?? step;
  });
  return [...kept, ...newest.values()];
};

const changedOf = ({ progress }: Activity): readonly FormationStepResult[] => {
  const changed = (progress?.data as { changed?: unknown } | undefined)?.changed;
  return Array.isArray(changed) ? (changed as FormationStepResult[]) : [];
};

/** Every step of the formation, those of earlier runs first: what a person counts. */
export const allSteps = ({ steps, earlier }: Pick<Run, 'steps' | 'earlier'>): readonly FormationStepResult[] =>
  earlier.length === 0 ? steps : [...earlier.filter(({ id }) => !steps.some((step) => step.id === id)), ...steps];

/** What was only expected and never came is no part of a run that ended; what still ran has no end that anybody wrote. */
const endedSteps = (steps: readonly FormationStepResult[]): readonly FormationStepResult[] =>
  steps
    .filter(({ state }) => state !== 'waiting')
    .map((step) => (step.state === 'running' ? { ...step, state: 'interrupted' } : step));

/** What this page shows after an activity changed. A run that was shown gives way to one that begins. */
export const afterActivity = (run: Run | null, activity: Activity): Run | null => {
  if (!isFormation(activity)) return run;
  const isShown = run?.activityId === activity.id;
  if (activity.state === 'running') {
    const current = isShown ? run : begin(activity);
    return {
      ...current,
      state: current.state === 'paused' ? 'paused' : 'running',
      doing: activity.progress?.doing ?? current.doing,
      steps: withSteps(current.steps, changedOf(activity)),
    };
  }
  if (!isShown) return run;
  const result = activity.result as FormationResult | Rehearsed | undefined;
  const isRehearsed = result !== undefined && 'schema' in result;
  return {
    ...run,
    state:
      activity.state === 'cancelled' || activity.error?.code === 'CANCELLED'
        ? 'cancelled'
        : result && result.outcome !== 'failed'
          ? run.direction === 'undo'
            ? 'undone'
            : 'formed'
          : 'failed',
    doing: null,
    endedAt: activity.endedAt,
    steps: endedSteps(result?.steps ?? run.steps),
    error: isRehearsed ? result.error : activity.error,
    machines: isRehearsed ? result.vms : [],
  };
};

/** What the core says of the run, over what this page gathered. */
export const withStatus = (run: Run, status: FormationStatus): Run => ({
  ...run,
  direction: status.direction,
  state: isRunning(run) ? status.state : run.state,
  steps: status.steps,
  earlier: status.earlier,
  servers: status.servers.length > 0 ? status.servers : run.servers,
  wanted: status.wanted ?? run.wanted,
  file: { path: status.path, text: status.text },
});

/** What a formation is refused with whose plan has fields for what it lacks. */
export const isLacking = (code: string | undefined): boolean =>
  code === 'FORM_SECRET_MISSING' || code === 'FORM_QUESTION_OPEN';

/** A formation of which only the record is left. */
export const runOfStatus = (status: FormationStatus, rehearsal: string | null): Run => ({
  activityId: null,
  rehearsal,
  direction: status.direction,
  state: status.state,
  doing: null,
  startedAt: status.startedAt,
  endedAt: status.endedAt,
  steps: status.steps,
  earlier: status.earlier,
  coordinator: status.coordinator,
  servers: status.servers,
  wanted: status.wanted,
  error: status.error,
  machines: [],
  file: { path: status.path, text: status.text },
});
