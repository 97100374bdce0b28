import { asClause } from '../../../shared/model/sentence.ts';
import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Mono } from '../../ui/facts.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { When } from '../../ui/when.tsx';
import { clearOwnKeys, readOwnKeys, useQualification } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

/** A run that was killed left keys behind: exactly those can be removed. */
export const OwnKeysNote = (): JSX.Element | null => {
  const { ownKeys, ownKeysFailure, run } = usePart(useQualification, 'ownKeys', 'ownKeysFailure', 'run');
  const [isClearing, setIsClearing] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  if (ownKeysFailure) return <FailureNote envelope={ownKeysFailure} onRetry={() => void readOwnKeys()} />;
  if (run || (ownKeys.length === 0 && !said && !failure)) return null;
  const clear = async (): Promise<void> => {
    setIsClearing(true);
    setFailure(null);
    try {
      const { removed, gone, left } = await clearOwnKeys();
      setSaid(
        [
          `${removed.length} removed`,
          ...(gone.length > 0 ? [`${gone.length} were gone already`] : []),
          ...left.map(({ key, because }) => `${key} is still there: ${asClause(because)}`),
        ].join('; '),
      );
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsClearing(false);
  };
  return (
    <div className="q-note q-note-warn">
      <OutcomeIcon outcome={ownKeys.length > 0 ? 'warn' : 'pass'} />
      <div className="q-note-text">
        {ownKeys.length > 0 ? (
          <>
            <p className="q-strong">A qualification ended without cleaning up. Its keys may still be on the storage.</p>
            <ul>
              {ownKeys.map((one) => (
                <li key={`${one.target} ${one.lun} ${one.key}`}>
                  Key <Mono>{one.key}</Mono> on LUN {one.lun} of <Mono>{one.target}</Mono>,{' '}
                  <When at={one.since} isEvent />
                </li>
              ))}
            </ul>
            <Button onClick={() => void clear()} disabledFocusable={isClearing}>
              Remove exactly these keys
            </Button>
          </>
        ) : null}
        <p role="status">
          <bdi>{said ?? ''}</bdi>
        </p>
        {failure ? <FailureNote envelope={failure} showEffect /> : null}
      </div>
    </div>
  );
};
