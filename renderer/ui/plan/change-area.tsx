import { useCallback, useEffect, useState, type JSX, type ReactNode } from 'react';
import type { PlanCalls } from './plan-flow.ts';
import { PlanPanel } from './plan-panel.tsx';

/**
 * A form and the plan that follows from it, in one place. The plan takes the form's place; a refusal leaves the form with its
 * input on screen, and `Edit` brings it back.
 */
export const ChangeArea = <Change extends { readonly title: string }>({
  callsOf,
  isGone = false,
  onClose,
  children,
}: {
  callsOf: (change: Change) => PlanCalls;
  /** What the form is about is gone: only what a change of it has told stays, until it is dismissed. */
  isGone?: boolean;
  /** After Done, or Cancel of something that cannot be undone. */
  onClose: () => void;
  children: (onPlan: (change: Change) => void) => ReactNode;
}): JSX.Element => {
  const [asked, setAsked] = useState<{ readonly change: Change; readonly count: number } | null>(null);
  const [isStopped, setIsStopped] = useState(false);
  const onOutcome = useCallback(
    (outcome: string) => setIsStopped(outcome === 'refused' || outcome === 'unknown' || outcome === 'failed'),
    [],
  );
  const back = (): void => setAsked(null);
  useEffect(() => {
    if (isGone && asked === null) onClose();
  }, [isGone, asked, onClose]);
  return (
    <>
      <div hidden={isGone || (asked !== null && !isStopped)}>
        {children((change) => {
          setIsStopped(false);
          setAsked({ change, count: (asked?.count ?? 0) + 1 });
        })}
      </div>
      {asked ? (
        <PlanPanel
          key={asked.count}
          title={`Review: ${asked.change.title}`}
          runTitle={asked.change.title}
          calls={callsOf(asked.change)}
          onBack={back}
          onOutcome={onOutcome}
          onClose={() => {
            back();
            if (!isStopped) onClose();
          }}
        />
      ) : null}
    </>
  );
};
