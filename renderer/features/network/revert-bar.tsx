import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { PendingRevert } from '../../../shared/contract/apply.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatDuration } from '../../ui/format.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { useNow } from '../../ui/use-now.ts';

/** A change that the server takes back by itself unless somebody says that it works. */
export const RevertBar = ({
  host,
  revert,
  onDone,
}: {
  host: string;
  revert: PendingRevert;
  onDone: () => void;
}): JSX.Element => {
  const now = useNow(1_000);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isKept, setIsKept] = useState(false);
  const leftMs = new Date(revert.dueAt).getTime() - now;
  const keep = async (): Promise<void> => {
    setFailure(null);
    try {
      await call('nic.confirm', { server: host, revert: revert.id });
      setIsKept(true);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    onDone();
  };
  useShortcut('k', 'Keep the change that waits to be confirmed', () => void keep(), !isKept);
  if (isKept)
    return (
      <p className="q-said" role="status">
        <OutcomeIcon outcome="pass" /> The change is kept.
      </p>
    );
  return (
    <div className="q-note q-note-warn" role="alert">
      <OutcomeIcon outcome="warn" />
      <div className="q-note-text">
        <p className="q-strong">
          {leftMs > 0 ? (
            <>
              The server reverts this in <span className="q-figures">{formatDuration(leftMs)}</span> unless you keep it.
            </>
          ) : (
            'The server reverts this now.'
          )}
        </p>
        <p>
          <bdi>{revert.what}</bdi>
        </p>
        <Button appearance="primary" onClick={() => void keep()} aria-keyshortcuts="K">
          <span>
            <u>K</u>eep the change
          </span>
        </Button>
        {failure ? <FailureNote envelope={failure} showEffect /> : null}
      </div>
    </div>
  );
};
