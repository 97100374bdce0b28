import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { PeerSelf } from '../../../shared/contract/peers.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { lookAgain, wordsCompared } from './store.ts';

/** The two words that both screens show after a pairing: a person compares them, and undoes the pairing where they differ. */
export const TrustWords = ({
  paired,
  self,
}: {
  paired: NonNullable<PeerSelf['lastPaired']>;
  self: string;
}): JSX.Element => {
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isForgetting, setIsForgetting] = useState(false);
  const forget = async (): Promise<void> => {
    setIsForgetting(true);
    setFailure(null);
    try {
      await call('peers.forget', { peer: paired.id });
      await lookAgain();
    } catch (error) {
      setFailure(envelopeOf(error));
      setIsForgetting(false);
    }
  };
  return (
    <section className="q-note q-note-warn" aria-labelledby="trust-words">
      <OutcomeIcon outcome="warn" />
      <div className="q-note-text" role="status">
        <h2 id="trust-words" className="e-words-title">
          Compare two words with the screen of <bdi>{paired.name}</bdi>
        </h2>
        <p className="e-words" data-words={paired.words}>
          {paired.words}
        </p>
        <p>
          {self} is paired with <bdi>{paired.name}</bdi>. Both screens show the same two words; other words mean that
          somebody is intercepting the connection.
        </p>
        <p className="q-actions">
          <Button appearance="primary" onClick={() => wordsCompared(`${paired.id} ${paired.words}`)}>
            The words match
          </Button>
          <Button disabledFocusable={isForgetting} onClick={() => void forget()}>
            The words differ: forget {paired.name}
          </Button>
        </p>
        {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      </div>
    </section>
  );
};
