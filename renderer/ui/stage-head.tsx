import { Button } from '@fluentui/react-components';
import type { JSX, ReactNode } from 'react';
import { Because } from './because.tsx';
import { KeyLabel } from './key-label.tsx';
import type { Mark } from './marks.ts';
import { OutcomeIcon } from './outcome.tsx';
import { ProgressLine } from './progress-line.tsx';
import type { Reading } from './reading.ts';
import { When } from './when.tsx';
import { Zone } from './zone.tsx';

/** The head of a stage: the answer first and large, what the stage is for, when it was read, and reading again. */
export const StageHead = ({
  outcome,
  answer,
  purpose,
  reading,
  onRead,
  onCancel,
  clock,
  children,
}: {
  outcome: Mark;
  answer: string;
  purpose: string;
  reading: Reading<{ readonly readAt: string }>;
  onRead: () => void;
  onCancel: () => void;
  /** Whose clock the times of the stage have; null: this machine's. Default: that of the server that is open. */
  clock?: null;
  children?: ReactNode;
}): JSX.Element => (
  <header className="s-head">
    <div className="s-answer">
      <OutcomeIcon outcome={outcome} />
      <h1 id="stage-title" tabIndex={-1}>
        <bdi>{answer}</bdi>
      </h1>
    </div>
    <p className="s-purpose">{purpose}</p>
    {reading.isReading ? (
      <ProgressLine progress={reading.progress} waiting="Reading the server" onCancel={onCancel} />
    ) : null}
    <div className="q-actions">
      <Button onClick={onRead} disabledFocusable={reading.isReading} aria-keyshortcuts="R">
        <KeyLabel text="Refresh" letter="r" />
      </Button>
      {children}
      {reading.data ? (
        <span className="q-quiet">
          Read <When at={reading.data.readAt} />. <Zone {...(clock === undefined ? {} : { clock })} />
        </span>
      ) : null}
    </div>
  </header>
);

/** One of the parts of a stage: what was found, what will change, the proof. */
export const StagePart = ({
  id,
  title,
  says,
  children,
}: {
  id: string;
  title: string;
  says?: string;
  children: ReactNode;
}): JSX.Element => (
  <section className="s-part" aria-labelledby={`part-${id}`}>
    <h2 id={`part-${id}`}>{title}</h2>
    {says ? <p className="q-quiet">{says}</p> : null}
    {children}
  </section>
);

interface Unread {
  readonly property: string;
  readonly because: string;
}

/** Reasons with the properties that each one hides, in the order in which they came. */
export const groupByReason = (unread: readonly Unread[]): { because: string; properties: string[] }[] => {
  const groups = new Map<string, Set<string>>();
  for (const { property, because } of unread) groups.set(because, (groups.get(because) ?? new Set()).add(property));
  return [...groups].map(([because, properties]) => ({ because, properties: [...properties] }));
};

/** What could not be read of a thing: as loud as a fault, with the cause. */
export const UnreadList = ({ unread }: { unread: readonly Unread[] }): JSX.Element | null =>
  unread.length === 0 ? null : (
    <div className="q-note q-note-unknown">
      <OutcomeIcon outcome="unknown" />
      <div className="q-note-text">
        <p className="q-strong">A part could not be read; it is shown as not known.</p>
        <ul>
          {groupByReason(unread).map(({ because, properties }) => (
            <li key={because}>
              <Because of={because} /> <code>{properties.join(', ')}</code>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
