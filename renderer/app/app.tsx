import { lazy, Suspense, useEffect, useRef, useState, type JSX } from 'react';
import { ReadinessScreen } from '../features/readiness/readiness-screen.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import { rehearsalOf, useServer } from '../ui/server-store.ts';
import { listenForShortcuts, useShortcut } from '../ui/shortcuts.ts';
import type { StageId } from '../ui/stage-states.ts';
import { ActivitiesArea } from './activities-area.tsx';
import { Boundary } from './boundary.tsx';
import { startCoreStore, useCore } from './core-store.ts';
import { OpenChanges } from './open-changes.tsx';
import { Stages } from './stages.tsx';
import { Theme } from './theme.tsx';
import { TopLine } from './top-line.tsx';
import './fonts.css';
import '../ui/ui.css';
import './frame.css';

const HelpDialog = lazy(() => import('./help-dialog.tsx'));

const AvailabilityScreen = lazy(() => import('../features/availability/availability-screen.tsx'));
const NetworkScreen = lazy(() => import('../features/network/network-screen.tsx'));
const StorageScreen = lazy(() => import('../features/storage/storage-screen.tsx'));
const QualificationPart = lazy(() => import('../features/qualification/qualification-part.tsx'));
const RehearsalPart = lazy(() => import('../features/rehearsal/rehearsal-part.tsx'));
const ServerScreen = lazy(() => import('../features/server/server-screen.tsx'));

const screens: Readonly<Record<StageId, () => JSX.Element>> = {
  readiness: ReadinessScreen,
  availability: () => <AvailabilityScreen />,
  network: () => <NetworkScreen />,
  storage: () => (
    <StorageScreen>
      <QualificationPart />
    </StorageScreen>
  ),
  server: () => (
    <ServerScreen>
      <RehearsalPart />
    </ServerScreen>
  ),
};

const focusTitle = (): void => document.getElementById('stage-title')?.focus({ preventScroll: true });

/** The dialog stays once it was opened: Fluent makes the rest of the page usable again only when it closes by itself. */
const useHelp = (): { wasOpened: boolean; isOpen: boolean; open: () => void; close: () => void } => {
  const [isOpen, setIsOpen] = useState(false);
  const [wasOpened, setWasOpened] = useState(false);
  const before = useRef<Element | null>(null);
  const open = (): void => {
    before.current = document.activeElement;
    setWasOpened(true);
    setIsOpen(true);
  };
  const close = (): void => {
    setIsOpen(false);
    const { current } = before;
    requestAnimationFrame(() => {
      if (current instanceof HTMLElement && current.isConnected) current.focus();
    });
  };
  return { wasOpened, isOpen, open, close };
};

const Frame = (): JSX.Element => {
  const [stage, setStage] = useState<StageId>('readiness');
  const help = useHelp();
  const failure = useCore((state) => state.failure);
  const Screen = screens[stage];
  useEffect(listenForShortcuts, []);
  const host = useServer((state) => state.host);
  useEffect(() => {
    // What the top line says of a rehearsal's server is read once, whichever stage is open.
    if (rehearsalOf(host) === null) return;
    void import('../features/server/store.ts').then(({ hostReadings }) => hostReadings.ensure(host));
  }, [host]);
  useShortcut('?', 'Show the keys, and what this program is', help.open);
  const go = (next: StageId): void => {
    setStage(next);
    document.getElementById('main')?.scrollTo(0, 0);
    requestAnimationFrame(focusTitle);
  };
  return (
    <div className="f-frame">
      <a
        className="f-skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the stage
      </a>
      <TopLine onHelp={help.open} />
      <Stages stage={stage} onGo={go} />
      <main id="main" className="f-main" tabIndex={-1}>
        {failure ? <FailureNote envelope={failure} onRetry={() => void startCoreStore()} /> : null}
        <OpenChanges stage={stage} onGo={go} />
        <Boundary key={stage} what="screen">
          <Suspense fallback={<h1 id="stage-title">Opening this stage</h1>}>
            <Screen />
          </Suspense>
        </Boundary>
      </main>
      <Boundary what="list of activities">
        <ActivitiesArea />
      </Boundary>
      <Suspense fallback={null}>
        {help.wasOpened ? <HelpDialog isOpen={help.isOpen} onClose={help.close} /> : null}
      </Suspense>
    </div>
  );
};

export const App = (): JSX.Element => (
  <Theme>
    <Boundary what="window">
      <Frame />
    </Boundary>
  </Theme>
);
