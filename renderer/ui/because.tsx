import { useEffect, useState, type JSX } from 'react';
import type { StepResult } from '../../shared/contract/apply.ts';

/** Why something is not known: a failure code is shown as its sentence. */
export const Because = ({ of: because }: { of: string }): JSX.Element => {
  const [sentence, setSentence] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void import('../../shared/errors/because.ts').then(({ becauseText }) => {
      if (isCurrent) setSentence(becauseText(because));
    });
    return () => {
      isCurrent = false;
    };
  }, [because]);
  return <bdi>{sentence ?? because}</bdi>;
};

/** Why a step of a change that is over did not come to its end, as the journal has it. */
export const StepReason = ({ of: { state, error } }: { of: StepResult }): JSX.Element | null => {
  const [reason, setReason] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void import('../../shared/errors/because.ts').then(({ reasonOfStep }) => {
      if (isCurrent) setReason(reasonOfStep({ state, error }));
    });
    return () => {
      isCurrent = false;
    };
  }, [state, error]);
  return reason === null ? null : <bdi>{reason}</bdi>;
};
