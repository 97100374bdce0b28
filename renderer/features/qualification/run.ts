import type { Activity } from '../../../shared/contract/core.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import type { QualificationCase, QualificationEvent, QualificationStep } from '../../../shared/model/qualification.ts';

/** As many steps as can be read at once while they come; the report has them all. */
const shownSteps = 10;

/** A qualification under way, as it is told. */
export interface Run {
  readonly activityId: string;
  readonly target: string;
  readonly lun: number;
  readonly progress: Progress | null;
  /** The case that is asked now. */
  readonly title: string | null;
  /** Its steps and those before it, the newest first: what is read first is what happens now. */
  readonly steps: readonly QualificationStep[];
  /** How the cases ended so far. */
  readonly ended: readonly Pick<QualificationCase, 'id' | 'title' | 'verdict' | 'because'>[];
}

interface Place {
  readonly target: string;
  readonly lun: number;
}

const begin = (activityId: string, { target, lun }: Place): Run => ({
  activityId,
  target,
  lun,
  progress: null,
  title: null,
  steps: [],
  ended: [],
});

const afterProgress = (run: Run, progress: Progress): Run => {
  const now = { ...run, progress };
  const event = progress.data as QualificationEvent | undefined;
  if (event?.kind === 'begin') return { ...now, title: event.title };
  if (event?.kind === 'cleanUp') return { ...now, title: 'Removing own keys' };
  if (event?.kind === 'step') return { ...now, steps: [event.step, ...now.steps].slice(0, shownSteps) };
  if (event?.kind === 'case') {
    const { id, title, verdict, because } = event.result;
    return { ...now, ended: [...now.ended.filter((one) => one.id !== id), { id, title, verdict, because }] };
  }
  return now;
};

/** What this page shows after an activity changed: the run that goes on, or null when the one that was shown has ended. */
export const afterActivity = (run: Run | null, activity: Activity): Run | null => {
  const isShown = run?.activityId === activity.id;
  if (activity.state !== 'running') return isShown ? null : run;
  if (run !== null && !isShown) return run;
  const current = run ?? begin(activity.id, activity.input as Place);
  return activity.progress === null ? current : afterProgress(current, activity.progress);
};
