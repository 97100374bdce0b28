import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { CoordinatorView } from '../../../shared/contract/coordinator.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';

/** Who may order in this formation; a person makes this server the coordinator. */
export const CoordinatorPart = ({ onChange }: { onChange: (mayOrder: boolean) => void }): JSX.Element => {
  const [view, setView] = useState<CoordinatorView | null>(null);
  const [isTaking, setIsTaking] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  useEffect(() => {
    let isShown = true;
    call('coordinator.show', {}).then(
      (found) => {
        if (!isShown) return;
        setView(found);
        onChange(found.mayOrder);
      },
      (error: unknown) => {
        if (isShown) setFailure(envelopeOf(error));
      },
    );
    return () => {
      isShown = false;
    };
  }, [onChange]);
  const take = async (): Promise<void> => {
    setIsTaking(true);
    setFailure(null);
    try {
      const taken = await call('coordinator.take', {});
      setView(taken);
      onChange(taken.mayOrder);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsTaking(false);
  };
  return (
    <>
      <p className="q-said">
        <OutcomeIcon outcome={view?.mayOrder ? 'pass' : 'warn'} />
        <span>
          {view === null
            ? 'Reading which server coordinates.'
            : view.mayOrder
              ? 'This server coordinates. A person at each other server is asked to agree before anything changes there.'
              : view.heard
                ? 'Another server coordinates, or not every server has acknowledged this one.'
                : 'No server coordinates yet.'}
        </span>
      </p>
      {view && !view.mayOrder ? (
        <Button disabledFocusable={isTaking} onClick={() => void take()}>
          {isTaking ? 'Asking every server' : 'Coordinate from this server'}
        </Button>
      ) : null}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};
