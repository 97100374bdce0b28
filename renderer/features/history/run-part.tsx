import { Button } from '@fluentui/react-components';
import { useEffect, useRef, useState, type JSX } from 'react';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { useLink } from '../../ui/link.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Step } from '../../ui/plan/plan-step.tsx';
import { RunStatus } from '../../ui/plan/run-status.tsx';
import { When } from '../../ui/when.tsx';
import { needsLook, waysOn } from './ways-on.ts';

/**
 * A change that runs or did not come to its end, as its run: every step as it stands, and what to do. Steps of which the journal does not
 * know whether they were done are looked up on the server when this is shown; that changes nothing.
 */
export const RunPart = ({ entry }: { entry: JournalEntry }): JSX.Element => {
  const [looked, setLooked] = useState<{ readonly entry: JournalEntry; readonly at: string } | null>(null);
  const [isLooking, setIsLooking] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const look = async (): Promise<void> => {
    setIsLooking(true);
    setFailure(null);
    try {
      setLooked({ entry: await call('journal.inspect', { id: entry.id }), at: new Date().toISOString() });
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsLooking(false);
  };
  const asks = needsLook(entry);
  const begun = useRef(false);
  useEffect(() => {
    if (!asks || begun.current) return;
    begun.current = true;
    void look();
  });
  const isLost = useLink((state) => state.isLost);
  const shown = asks && looked ? looked.entry : entry;
  const runs = entry.kind !== 'formation' && entry.steps.some(({ result }) => result.state === 'running');
  return (
    <>
      {runs && isLost ? (
        <p className="q-said q-strong">
          <OutcomeIcon outcome="unknown" />
          <span>It was running when {entry.node} was last heard of. The steps are shown as they were then.</span>
        </p>
      ) : runs ? (
        <RunStatus
          node={entry.node}
          steps={entry.steps.map(({ step }) => step)}
          results={new Map(entry.steps.map(({ step, result }) => [step.id, result]))}
          isResumed
        />
      ) : null}
      <ol className="p-steps">
        {shown.steps.map(({ step, result }) => (
          <Step
            key={step.id}
            step={step}
            result={isLost && result.state === 'running' ? { ...result, state: 'unknown' } : result}
            isOpen={false}
            losesData={false}
            hasBegun
            saysWhy
          />
        ))}
      </ol>
      {asks ? (
        <p className="q-actions">
          <span role="status" className="q-quiet">
            {isLooking ? (
              `Checking on ${entry.node} which of these steps are done.`
            ) : looked ? (
              <>
                {entry.node} was checked <When at={looked.at} />.
              </>
            ) : null}
          </span>
          <Button size="small" disabledFocusable={isLooking} onClick={() => void look()}>
            Check the server<span className="q-hidden">: {entry.title}</span>
          </Button>
        </p>
      ) : null}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      {entry.isOpen ? (
        <>
          <p className="q-strong">What you can do</p>
          <ul>
            {waysOn(entry).map((way) => (
              <li key={way}>{way}</li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
};
