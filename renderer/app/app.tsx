import {
  Component,
  lazy,
  Suspense,
  useEffect,
  useRef,
  useState,
  type ErrorInfo,
  type JSX,
  type ReactNode,
} from 'react';
import { ReadinessScreen } from '../features/readiness/readiness-screen.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import { listenForShortcuts, useShortcut } from '../ui/shortcuts.ts';
import type { StageId } from '../ui/stage-states.ts';
import { ActivitiesArea } from './activities-area.tsx';
import { startCoreStore, useCore } from './core-store.ts';
import { OpenChanges } from './open-changes.tsx';
import { Stages } from './stages.tsx';
import { Theme } from './theme.tsx';
import { TopLine } from './top-line.tsx';
import './fonts.css';
import '../ui/ui.css';
import './frame.css';

const HelpDialog = lazy(() => import('./help-dialog.tsx'));

const NetworkScreen = lazy(() => import('../features/network/network-screen.tsx'));
const StorageScreen = lazy(() => import('../features/storage/storage-screen.tsx'));
const QualificationPart = lazy(() => import('../features/qualification/qualification-part.tsx'));
const RehearsalPart = lazy(() => import('../features/rehearsal/rehearsal-part.tsx'));
const ServerScreen = lazy(() => import('../features/server/server-screen.tsx'));

const screens: Readonly<Record<StageId, () => JSX.Element>> = {
  readiness: ReadinessScreen,
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

/** A defect in one screen leaves the frame alive, says so and offers the way back. */
class ScreenBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidCatch(_error: Error, _info: ErrorInfo): void {
    // The state already holds it; React has written it to the console.
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <>
        <h1 id="stage-title">This screen stopped working.</h1>
        <p>The work behind it goes on; its state is in the list at the bottom of the window.</p>
        <FailureNote
          envelope={{
            code: 'INTERNAL_BUG',
            detail: { message: error.message },
            retry: 'now',
            effect: 'none',
            cause: null,
          }}
          onRetry={() => this.setState({ error: null })}
        />
      </>
    );
  }
}

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
        <ScreenBoundary key={stage}>
          <Suspense fallback={<h1 id="stage-title">Opening this stage</h1>}>
            <Screen />
          </Suspense>
        </ScreenBoundary>
      </main>
      <ActivitiesArea />
      <Suspense fallback={null}>
        {help.wasOpened ? <HelpDialog isOpen={help.isOpen} onClose={help.close} /> : null}
      </Suspense>
    </div>
  );
};

export const App = (): JSX.Element => (
  <Theme>
    <Frame />
  </Theme>
);
