import { useEffect, useRef, type JSX } from 'react';
import { useNavigation } from '../ui/navigation.ts';
import { OutcomeIcon } from '../ui/outcome.tsx';
import { useServer } from '../ui/server-store.ts';
import { useShortcut } from '../ui/shortcuts.ts';
import { subjectOf, useStageStates, type StageState } from '../ui/stage-states.ts';
import { keyOfStage, stages, type Stage } from './stage-table.tsx';

const StateText = ({ state }: { state: StageState | undefined }): JSX.Element => (
  <span className="f-stage-state">
    {state ? (
      <>
        <OutcomeIcon outcome={state.outcome} />
        <span className={state.isStale ? 'q-stale' : undefined}>
          {state.word}
          {state.isStale ? (
            <>
              <span className="f-stale-long"> (out of date)</span>
              <span className="f-stale-short" aria-hidden="true">
                {' '}
                (old)
              </span>
            </>
          ) : null}
        </span>
      </>
    ) : (
      'Not checked'
    )}
  </span>
);

/** Not with `scrollIntoView`, after which Tab goes on from here instead of from the top of the page. */
const scrollToEntry = (entry: HTMLElement): void => {
  const list = entry.closest('nav');
  if (!list) return;
  const [seen, own] = [list.getBoundingClientRect(), entry.getBoundingClientRect()];
  if (own.top < seen.top) list.scrollTop -= seen.top - own.top;
  else if (own.bottom > seen.bottom) list.scrollTop += own.bottom - seen.bottom;
};

const StageLink = ({ stage, shortcut }: { stage: Stage; shortcut: string | null }): JSX.Element => {
  const { id, title, scope } = stage;
  const isShown = useNavigation((state) => state.stage === id);
  const go = useNavigation((state) => state.go);
  const host = useServer((state) => state.host);
  const state = useStageStates((states) => (scope === 'page' ? undefined : states[subjectOf(scope, host)]?.[id]));
  const entry = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // On a small console the list is longer than the window, and a key or a button elsewhere may have led here.
    if (isShown && entry.current) scrollToEntry(entry.current);
  }, [isShown]);
  useShortcut(shortcut ?? '', `Go to ${title}`, () => go(id), shortcut !== null);
  return (
    <li>
      <button
        ref={entry}
        type="button"
        className="f-stage"
        aria-current={isShown ? 'step' : undefined}
        {...(shortcut === null ? {} : { 'aria-keyshortcuts': shortcut })}
        onClick={() => go(id)}
      >
        <span className="f-stage-number" aria-hidden="true">
          {shortcut ?? ' '}
        </span>
        <span className="f-stage-text">
          <span className="f-stage-title">{title}</span>
          {scope === 'page' ? null : <StateText state={state} />}
        </span>
      </button>
    </li>
  );
};

const headings: readonly { title: string; has: (stage: Stage) => boolean }[] = [
  {
    title: 'Server',
    has: ({ scope, heading }) => heading === undefined && (scope === 'machine' || scope === 'server'),
  },
  { title: 'Cluster', has: ({ scope, heading }) => scope === 'cluster' || heading === 'Cluster' },
  { title: 'Tools', has: ({ scope }) => scope === 'page' },
];

/** The stages of the work in order, each with its state, under what they are about. */
export const Stages = (): JSX.Element => (
  <nav className="f-stages" aria-label="Stages">
    {headings.map(({ title, has }) => {
      const entries = stages.filter(has);
      return entries.length === 0 ? null : (
        <div key={title}>
          <p className="f-stage-heading" id={`stages-${title}`}>
            {title}
          </p>
          <ol aria-labelledby={`stages-${title}`}>
            {entries.map((stage) => (
              <StageLink key={stage.id} stage={stage} shortcut={keyOfStage(stages.indexOf(stage))} />
            ))}
          </ol>
        </div>
      );
    })}
  </nav>
);
