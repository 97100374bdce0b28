import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX, type ReactNode } from 'react';
import type { Effect, Envelope } from '../../shared/errors/failure.ts';
import { toneOf } from './marks.ts';
import { OutcomeIcon } from './outcome.tsx';

const effectSentences: Readonly<Record<Effect, string>> = {
  none: 'Nothing was changed.',
  partial: 'A part of it was changed.',
  complete: 'The change itself was made.',
  unknown: 'It is not known whether anything was changed.',
};

interface Explained {
  readonly what: string;
  readonly next: string;
}

/** What happened, to what, what to do next, and whether anything changed. `showEffect` is for what could change something. */
export const FailureNote = ({
  envelope,
  onRetry,
  onDismiss,
  showEffect = false,
  next,
  isQuiet = false,
  children,
}: {
  envelope: Envelope;
  /** The next step where the window has a better one than the words for every host. */
  next?: string;
  /** Nothing is wrong: it only does not apply here. */
  isQuiet?: boolean;
  onRetry?: () => void;
  onDismiss?: () => void;
  showEffect?: boolean;
  children?: ReactNode;
}): JSX.Element => {
  const [text, setText] = useState<Explained | null>(null);
  const [left, setLeft] = useState<Explained | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void import('../../shared/errors/failure.ts').then(({ explain }) => {
      if (!isCurrent) return;
      setText(explain(envelope));
      // What was cancelled and could not be undone matters more than that it was cancelled.
      setLeft(envelope.code === 'CANCELLED' && envelope.cause ? explain(envelope.cause) : null);
    });
    return () => {
      isCurrent = false;
    };
  }, [envelope]);
  const outcome =
    isQuiet || (envelope.code === 'CANCELLED' && !left)
      ? typeof envelope.detail['aftermath'] === 'string'
        ? 'warn'
        : isQuiet
          ? 'notApplicable'
          : 'cancelled'
      : 'fail';
  return (
    <div className={toneOf[outcome] === 'notApplicable' ? 'q-note' : `q-note q-note-${outcome}`} role="alert">
      <OutcomeIcon outcome={outcome} />
      <div className="q-note-text">
        <p className="q-strong">
          <bdi>{text?.what}</bdi>
        </p>
        <p>
          <bdi>{next ?? text?.next}</bdi> {showEffect ? effectSentences[envelope.effect] : null}
        </p>
        {left ? (
          <p className="q-strong">
            <bdi>{left.what}</bdi> <bdi>{left.next}</bdi>
          </p>
        ) : null}
        {children}
        <p className="q-quiet">
          Code <code>{envelope.code}</code>
        </p>
        {(onRetry && envelope.retry !== 'never') || onDismiss ? (
          <p className="q-actions">
            {onRetry && envelope.retry !== 'never' ? <Button onClick={onRetry}>Try again</Button> : null}
            {onDismiss ? <Button onClick={onDismiss}>Dismiss</Button> : null}
          </p>
        ) : null}
      </div>
    </div>
  );
};
