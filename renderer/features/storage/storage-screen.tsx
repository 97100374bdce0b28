import { useState, type JSX, type ReactNode } from 'react';
import { storageStanding } from '../../../shared/plan/standing/standing.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { rehearsalOf } from '../../ui/server-store.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead } from '../../ui/stage-head.tsx';
import { subjectOf } from '../../ui/stage-states.ts';
import { useStage } from '../../ui/use-stage.ts';
import { callsOf, type StorageChange } from './change.ts';
import { DisksPart } from './disks-part.tsx';
import { LogonsPart } from './logons-part.tsx';
import { disksAcross } from '../../../shared/plan/standing/across.ts';
import { diskReadings, disksOfOthers, initiatorReadings, readStorage } from './store.ts';

const purpose =
  'Connects this server to the shared storage over its own network adapters, and prepares the disks for the cluster.';

const parts = [
  { id: 'connections', title: 'Connections' },
  { id: 'disks', title: 'Disks' },
  { id: 'qualification', title: 'Qualification' },
] as const;
type Part = (typeof parts)[number]['id'];

/** Qualification opens sessions of its own from this machine, whatever server is shown: inside a rehearsal it says so. */
const RealDevices = (): JSX.Element => (
  <div className="q-note q-note-warn">
    <OutcomeIcon outcome="warn" />
    <div className="q-note-text">
      <p className="q-strong">This part is not simulated.</p>
      <p>
        It connects to real storage from this machine, over its real network adapters. Reservations and writes reach the
        real device.
      </p>
    </div>
  </div>
);

/** The shared storage of a server: its connections, its disks, and (`children`) the qualification of a target. */
const StorageScreen = ({ children }: { children?: ReactNode }): JSX.Element => {
  const { host, reading: disks } = useStage(diskReadings);
  const { reading: initiator } = useStage(initiatorReadings);
  const allPaths = initiatorReadings.use();
  const allDisks = diskReadings.use();
  const subject = useNavigation((state) => state.subject);
  const [part, setPart] = useState<Part>(() => parts.find(({ id }) => id === subject)?.id ?? 'connections');
  const read = (): void => readStorage(host);
  useShortcut('r', 'Refresh the storage', read);
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
        {/* Once shown it stays: a qualification that runs is followed here while the server is read again. */}
        {disks.answeredAtMs === null && initiator.answeredAtMs === null ? null : children}
      </>
    );
  const across = disks.data && disksAcross(disks.data, disksOfOthers(allDisks, host));
  const standing = storageStanding(initiator.data?.standing ?? null, across?.standing ?? null);
  const states = { connections: initiator.data?.standing, disks: across?.standing, qualification: undefined };
  const others = Object.entries(allPaths).flatMap(([other, { data }]) =>
    other !== host && data && subjectOf('cluster', other) === subjectOf('cluster', host) ? [data] : [],
  );
  const planned = (change: StorageChange) => callsOf(host, change, read);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={disks.isReading || initiator.isReading}>
      <StageHead
        outcome={standing.outcome}
        answer={standing.text}
        purpose={purpose}
        reading={disks.data ? disks : initiator}
        onRead={read}
        onCancel={cancel}
      />
      <nav className="s-tabs" aria-label="Storage">
        {parts.map(({ id, title }) => (
          <button key={id} type="button" aria-current={part === id ? 'page' : undefined} onClick={() => setPart(id)}>
            {states[id] ? <OutcomeIcon outcome={states[id].outcome} /> : null} {title}
          </button>
        ))}
      </nav>
      {part === 'connections' ? (
        <>
          {initiator.failure ? <FailureNote envelope={initiator.failure} onRetry={read} /> : null}
          {initiator.data ? <LogonsPart key={host} view={initiator.data} others={others} callsOf={planned} /> : null}
        </>
      ) : part === 'disks' ? (
        <>
          {disks.failure ? <FailureNote envelope={disks.failure} onRetry={read} /> : null}
          {disks.data && across ? (
            <DisksPart key={host} host={host} view={disks.data} elsewhere={across.elsewhere} callsOf={planned} />
          ) : null}
        </>
      ) : (
        <>
          {rehearsalOf(host) === null ? null : <RealDevices />}
          {children}
        </>
      )}
    </article>
  );
};

export default StorageScreen;
