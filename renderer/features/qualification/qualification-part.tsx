import { useEffect, useRef, useState, type JSX } from 'react';
import { FailureNote } from '../../ui/failure-note.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { AccessForm } from './access-form.tsx';
import { OwnKeysNote } from './own-keys-note.tsx';
import { PracticeTarget } from './practice-target.tsx';
import { QualifyForm } from './qualify-form.tsx';
import { ReportsPart } from './reports-part.tsx';
import { cancelQualification, readOwnKeys, useQualification, type Unit } from './store.ts';
import { Targets } from './targets.tsx';
import './qualification.css';

const LiveRun = (): JSX.Element | null => {
  const run = useQualification((state) => state.run);
  const place = useRef<HTMLDivElement>(null);
  const isRunning = run !== null;
  useEffect(() => {
    if (isRunning) place.current?.scrollIntoView({ block: 'nearest' });
  }, [isRunning]);
  if (!run) return null;
  return (
    <div className="g-run" ref={place}>
      <ProgressLine
        progress={run.progress}
        waiting={`Beginning with LUN ${run.unit.lun}`}
        onCancel={cancelQualification}
        cancelLabel="Cancel: qualification"
      />
      <ol className="g-steps" aria-label="Steps so far">
        {run.steps.slice(-8).map((step, index) => (
          <li key={`${run.steps.length - Math.min(8, run.steps.length) + index}`}>
            <bdi>{step}</bdi>
          </li>
        ))}
      </ol>
    </div>
  );
};

/** Is this storage fit for a cluster? Quorate's own initiator asks it, before anything is installed. */
const QualificationPart = (): JSX.Element => {
  const runFailure = useQualification((state) => state.runFailure);
  const [unit, setUnit] = useState<Unit | null>(null);
  useEffect(() => void readOwnKeys(), []);
  return (
    <StagePart
      id="qualification"
      title="Qualification of the target"
      says="Clustering needs SPC-3 persistent reservations, and few targets really have them. Quorate asks with an initiator of its own; the one of Windows is not touched."
    >
      <OwnKeysNote />
      <AccessForm />
      <PracticeTarget />
      <Targets
        onChoose={(chosen) => {
          setUnit(chosen);
        }}
      />
      {unit ? (
        <QualifyForm
          key={`${unit.target} ${unit.lun}`}
          unit={unit}
          onClose={() => {
            setUnit(null);
          }}
        />
      ) : null}
      <LiveRun />
      {runFailure ? <FailureNote envelope={runFailure} showEffect /> : null}
      <ReportsPart />
    </StagePart>
  );
};

export default QualificationPart;
