import { useState, type JSX, type ReactNode } from 'react';
import { FailureNote } from '../../ui/failure-note.tsx';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead } from '../../ui/stage-head.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { answerOfStorage } from './answer.ts';
import { callsOf, keyOfChange, type StorageChange } from './change.ts';
import { DisksPart } from './disks-part.tsx';
import { LogonsPart } from './logons-part.tsx';
import { diskReadings, initiatorReadings, readStorage } from './store.ts';

const purpose =
  'Connects this server to the shared storage over its own ports, and prepares the disks that the cluster will own.';

/** The third stage: iSCSI logons and disks. `children` is what else belongs to storage (qualification). */
const StorageScreen = ({ children }: { children?: ReactNode }): JSX.Element => {
  const { host, reading: disks } = useStage(diskReadings);
  const { reading: initiator } = useStage(initiatorReadings);
  const [change, setChange] = useState<StorageChange | null>(null);
  const read = (): void => readStorage(host);
  useShortcut('r', 'Read the storage again', read);
  const cancel = (): void => {
    diskReadings.cancel(host);
    initiatorReadings.cancel(host);
  };
  const isFirstReading = (disks.isReading && !disks.data) || (initiator.isReading && !initiator.data);
  if (isFirstReading || (!disks.data && !initiator.data))
    return (
      <>
        <StageEmpty
          title="Storage"
          purpose={purpose}
          reading={disks.isReading || disks.failure ? disks : initiator}
          onRead={read}
          onCancel={cancel}
        />
        {isFirstReading ? null : children}
      </>
    );
  const answer = answerOfStorage(disks.data, initiator.data);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={disks.isReading || initiator.isReading}>
      <StageHead
        outcome={answer.outcome}
        answer={answer.text}
        purpose={purpose}
        reading={disks.data ? disks : initiator}
        onRead={read}
        onCancel={cancel}
      />
      {change ? (
        <PlanPanel
          key={keyOfChange(change)}
          title={change.title}
          onClose={() => setChange(null)}
          calls={callsOf(host, change, read)}
        />
      ) : null}
      {initiator.failure ? <FailureNote envelope={initiator.failure} onRetry={read} /> : null}
      {initiator.data ? <LogonsPart view={initiator.data} onPlan={setChange} /> : null}
      {disks.failure ? <FailureNote envelope={disks.failure} onRetry={read} /> : null}
      {disks.data ? <DisksPart host={host} view={disks.data} onPlan={setChange} /> : null}
      {children}
    </article>
  );
};

export default StorageScreen;
