import { useEffect, useState, type JSX } from 'react';
import { FailureNote } from '../../ui/failure-note.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { nothingRead } from '../../ui/reading.ts';
import { rehearsalOf, useServer } from '../../ui/server-store.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead } from '../../ui/stage-head.tsx';
import { ConsistencyPart } from './consistency-part.tsx';
import { CoordinatorPart } from './coordinator-part.tsx';
import { LunsPart } from './luns-part.tsx';
import { MatrixPart } from './matrix-part.tsx';
import { PromisesPart } from './promises-part.tsx';
import { ServersPart } from './servers-part.tsx';
import { standingOf } from './standing.ts';
import { here, lookAgain, peerReadings, useComparedWords } from './store.ts';
import { TrustWords } from './trust-words.tsx';
import './peers.css';

const purpose =
  'Finds the other servers and pairs this one with them: no domain, no shared password. Each server changes only itself; the peers ask each other.';

/** A pairing and a lost connection are seen within this time while the page is shown. */
const lookEveryMs = 2_000;

const parts = [
  { id: 'servers', title: 'Servers' },
  { id: 'networks', title: 'Networks' },
  { id: 'luns', title: 'LUNs' },
  { id: 'consistency', title: 'Consistency' },
  { id: 'coordinator', title: 'Coordinator' },
] as const;

type Part = (typeof parts)[number]['id'];

/** The banner of a rehearsal stands above this page too: what is here is real all the same. */
const RealServers = (): JSX.Element => (
  <div className="q-note q-note-warn" role="note">
    <OutcomeIcon outcome="warn" />
    <div className="q-note-text">
      <p className="q-strong">REAL SERVERS</p>
      <p>This page is about this machine and its peers, not about the simulated server that is open.</p>
    </div>
  </div>
);

/** The other servers: found, trusted, measured, compared. */
const PeersScreen = (): JSX.Element => {
  const reading = peerReadings.use((all) => all[here]) ?? nothingRead;
  const host = useServer((state) => state.host);
  const subject = useNavigation((state) => state.subject);
  const compared = useComparedWords((state) => state.compared);
  const [part, setPart] = useState<Part>(() => parts.find(({ id }) => id === subject)?.id ?? 'servers');
  const read = (): void => void peerReadings.read(here);
  const { data } = reading;
  useShortcut('r', 'Refresh the peers', read);
  useEffect(() => peerReadings.ensure(here), []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && peerReadings.use.getState()[here]?.data) void lookAgain();
    }, lookEveryMs);
    return () => clearInterval(timer);
  }, []);
  if (!data)
    return (
      <StageEmpty
        title="Peers"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => peerReadings.cancel(here)}
        elsewhere={null}
      />
    );
  const { self, peers } = data;
  const { outcome, text } = standingOf(self, peers);
  const paired = self.lastPaired;
  const isPeer = paired !== null && peers.some(({ id }) => id === paired.id);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={outcome}
        answer={text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => peerReadings.cancel(here)}
        clock={null}
      />
      {rehearsalOf(host) === null ? null : <RealServers />}
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      {self.copyHeardAt === null ? null : (
        <div className="q-note q-note-fail" role="alert">
          <OutcomeIcon outcome="fail" />
          <div className="q-note-text">
            <p className="q-strong">{self.copyHeardAt} shows the identity of this server.</p>
            <p>
              One of the two is a copy of the other’s disk. On the copy, end Quorate, delete the folder "identity" of
              its data folder, start it again and pair it.
            </p>
          </div>
        </div>
      )}
      {paired && isPeer && !compared.includes(`${paired.id} ${paired.words}`) ? (
        <TrustWords key={paired.id} paired={paired} self={self.name} />
      ) : null}
      <nav className="s-tabs" aria-label="Peers">
        {parts.map(({ id, title }) => (
          <button key={id} type="button" aria-current={part === id ? 'page' : undefined} onClick={() => setPart(id)}>
            {title}
          </button>
        ))}
      </nav>
      {part === 'servers' ? (
        <ServersPart self={self} peers={peers} />
      ) : part === 'networks' ? (
        <MatrixPart peers={peers} />
      ) : part === 'luns' ? (
        <LunsPart peers={peers} />
      ) : part === 'consistency' ? (
        <ConsistencyPart peers={peers} />
      ) : (
        <>
          <CoordinatorPart self={self} peers={peers} />
          <PromisesPart />
        </>
      )}
    </article>
  );
};

export default PeersScreen;
