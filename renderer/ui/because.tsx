import { useEffect, useState, type JSX } from 'react';

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
