import { lazy, Suspense, useEffect, useRef, useState, type JSX } from 'react';
import { FailureNote } from '../ui/failure-note.tsx';
import { OutcomeIcon } from '../ui/outcome.tsx';
import { usePart } from '../ui/use-part.ts';
import { isDesktop } from '../api/core.ts';
import { useNavigation } from '../ui/navigation.ts';
import { rehearsalOf, useServer } from '../ui/server-store.ts';
import { listenForShortcuts, useShortcut } from '../ui/shortcuts.ts';
import { ActivitiesArea } from './activities-area.tsx';
import { Boundary } from './boundary.tsx';
import { listenToActivities, startCoreStore, useCore } from './core-store.ts';
import { keepFresh, markAllStale, readAllAgain } from './keep-fresh.ts';
import { OpenChanges } from './open-changes.tsx';
import { stages } from './stage-table.tsx';
import { Stages } from './stages.tsx';
import { Theme } from './theme.tsx';
import { TopLine } from './top-line.tsx';
import './fonts.css';
import '../ui/ui.css';
import './frame.css';

const HelpDialog = lazy(() => import('./help-dialog.tsx'));

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

/** The core that was shown has ended: what is on screen is from before, and what comes next. */
const CoreLost = (): JSX.Element => (
  <div className="q-note q-note-unknown" role="status">
    <OutcomeIcon outcome="unknown" />
    <div className="q-note-text">
      <p className="q-strong">The running Quorate has ended. What is shown here was read before.</p>
      <p>
        {isDesktop()
          ? 'If it does not start again within a few seconds, this window continues without it.'
          : 'Start it again on its server, then open the address that "quorate agent url" prints.'}
      </p>
    </div>
  </div>
);

const Frame = (): JSX.Element => {
  const stage = useNavigation((state) => state.stage);
  const help = useHelp();
  const { failure, isLost } = usePart(useCore, 'failure', 'isLost');
  const shown = stages.find(({ id }) => id === stage) ?? stages[0]!;
  const Screen = shown.screen;
  useEffect(listenForShortcuts, []);
  useEffect(() => listenToActivities(keepFresh), []);
  useEffect(
    () =>
      useCore.subscribe((state, before) => {
        if (!before.isLost && state.isLost) markAllStale();
        if (before.isLost && !state.isLost) readAllAgain();
      }),
    [],
  );
  const host = useServer((state) => state.host);
  useEffect(() => {
    // What the top line says of a rehearsal's server is read once, whichever stage is open.
    if (rehearsalOf(host) === null) return;
    void import('../features/server/store.ts').then(({ hostReadings }) => hostReadings.ensure(host));
  }, [host]);
  useEffect(() => {
    // What was true a while ago is read again when it is shown; the screen shows how old it is meanwhile.
    if (shown.source) void shown.source().then((source) => source.ensure(host));
  }, [shown, host]);
  const go = useNavigation((state) => state.go);
  useShortcut('f1', 'Open help', () => go('help'));
  useShortcut('?', 'Show keyboard shortcuts and version', help.open);
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
        Skip to content
      </a>
      <TopLine onHelp={help.open} />
      <Stages />
      <main id="main" className="f-main" tabIndex={-1}>
        {isLost ? <CoreLost /> : null}
        {failure ? <FailureNote envelope={failure} onRetry={() => void startCoreStore()} /> : null}
        <OpenChanges />
        <Boundary key={stage} what="screen">
          <Suspense fallback={<h1 id="stage-title">Loading</h1>}>
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
