import { useEffect, type JSX } from 'react';
import { FailureNote } from '../../ui/failure-note.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { AccessForm } from './access-form.tsx';
import { LiveRun } from './live-run.tsx';
import { OwnKeysNote } from './own-keys-note.tsx';
import { PracticeTarget } from './practice-target.tsx';
import { ReportsPart } from './reports-part.tsx';
import { readOwnKeys, readPurposes, readSources, useQualification, watchQualifications } from './store.ts';
import { Targets } from './targets.tsx';
import './qualification.css';

/** Is this storage fit for a cluster? Quorate's own initiator asks it, before anything is installed. */
const QualificationPart = (): JSX.Element => {
  const runFailure = useQualification((state) => state.runFailure);
  useEffect(() => {
    void readOwnKeys();
    void readPurposes();
    void readSources();
    void watchQualifications();
  }, []);
  return (
    <StagePart
      id="qualification"
      title="Qualification of the target"
      says="Clustering needs SPC-3 persistent reservations, and few targets really have them. Quorate tests with its own initiator; the Windows initiator is not used."
    >
      <OwnKeysNote />
      <AccessForm />
      <PracticeTarget />
      <Targets />
      <LiveRun />
      {runFailure ? <FailureNote envelope={runFailure} showEffect /> : null}
      <ReportsPart />
    </StagePart>
  );
};

export default QualificationPart;
