import { useEffect, useRef, type JSX } from 'react';
import { Mono } from '../../ui/facts.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { StepTable } from './step-table.tsx';
import { cancelQualification, useQualification } from './store.ts';
import { asSentence, caseMarks } from './words.ts';

/** A qualification under way: what is asked now, what was answered, how the cases ended so far, and Cancel. */
export const LiveRun = (): JSX.Element | null => {
  const run = useQualification((state) => state.run);
  const place = useRef<HTMLElement>(null);
  const id = run?.activityId;
  useEffect(() => {
    if (id !== undefined) place.current?.scrollIntoView({ block: 'nearest' });
  }, [id]);
  if (!run) return null;
  const notPassed = run.ended.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive');
  const counts = (Object.keys(caseMarks) as (keyof typeof caseMarks)[])
    .map((verdict) => ({ verdict, number: run.ended.filter((one) => one.verdict === verdict).length }))
    .filter(({ number }) => number > 0);
  return (
    <section className="g-run" ref={place} aria-label={`Qualification of LUN ${run.lun}, under way`}>
      <p>
        LUN {run.lun} of <Mono>{run.target}</Mono>
      </p>
      <ProgressLine
        progress={run.progress}
        waiting={`Starting with LUN ${run.lun}`}
        onCancel={() => void cancelQualification()}
        cancelLabel="Cancel: qualification"
      />
      {counts.length > 0 ? (
        <p className="g-counts">
          {counts.map(({ verdict, number }) => (
            <span key={verdict}>
              <OutcomeMark outcome={caseMarks[verdict].outcome} word={`${number} ${caseMarks[verdict].word}`} />
            </span>
          ))}
        </p>
      ) : null}
      {notPassed.length > 0 ? (
        <ul className="g-cases">
          {notPassed.map(({ id: caseId, title, verdict, because }) => (
            <li key={caseId} className="g-case">
              <OutcomeMark {...caseMarks[verdict]} /> <bdi>{title}</bdi>
              {because ? (
                <p className="q-quiet">
                  <bdi>{asSentence(because)}</bdi>
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      <StepTable label="Steps so far, the newest first" steps={run.steps} />
    </section>
  );
};
