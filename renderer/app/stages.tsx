import type { JSX } from 'react';
import { OutcomeIcon } from '../ui/outcome.tsx';
import { useServer } from '../ui/server-store.ts';
import { useShortcut } from '../ui/shortcuts.ts';
import { useStageStates, type StageId } from '../ui/stage-states.ts';

const stages: readonly { id: StageId; title: string; key: string }[] = [
  { id: 'readiness', title: 'Readiness', key: '1' },
  { id: 'network', title: 'Network', key: '2' },
  { id: 'storage', title: 'Storage', key: '3' },
  { id: 'server', title: 'Server', key: '4' },
  { id: 'availability', title: 'Availability', key: '5' },
];

const StageLink = ({
  stage: { id, title, key },
  isShown,
  onGo,
}: {
  stage: (typeof stages)[number];
  isShown: boolean;
  onGo: (stage: StageId) => void;
}): JSX.Element => {
  const host = useServer(({ host: open }) => open);
  // Readiness is asked of the machine that Quorate runs on, availability of a whole configuration, whichever server is open.
  const isOfNoServer = id === 'readiness' || id === 'availability';
  const state = useStageStates((states) => states[isOfNoServer ? 'local' : host]?.[id]);
  useShortcut(key, `Go to ${title}`, () => onGo(id));
  return (
    <li>
      <button
        type="button"
        className="f-stage"
        aria-current={isShown ? 'step' : undefined}
        aria-keyshortcuts={key}
        onClick={() => onGo(id)}
      >
        <span className="f-stage-number" aria-hidden="true">
          {key}
        </span>
        <span className="f-stage-text">
          <span className="f-stage-title">{title}</span>
          <span className="f-stage-state">
            {state ? (
              <>
                <OutcomeIcon outcome={state.outcome} />
                {state.word}
              </>
            ) : (
              'Not looked at'
            )}
          </span>
        </span>
      </button>
    </li>
  );
};

/** The stages of the work in order, each with its state. */
export const Stages = ({ stage, onGo }: { stage: StageId; onGo: (stage: StageId) => void }): JSX.Element => (
  <nav className="f-stages" aria-label="Stages">
    <ol>
      {stages.map((one) => (
        <StageLink key={one.id} stage={one} isShown={one.id === stage} onGo={onGo} />
      ))}
    </ol>
  </nav>
);
