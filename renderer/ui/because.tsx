import { useEffect, useState, type JSX } from 'react';

const isCode = (text: string): boolean => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text);

/** The sentence of a failure code where it needs no details that are not here; otherwise the text as it is. */
const sentenceOf = async (code: string): Promise<string> => {
  const { messages } = await import('../../shared/messages/index.ts');
  const what = (messages as Readonly<Record<string, { readonly what: string }>>)[code]?.what;
  return what === undefined || what.includes('{') ? code : what;
};

/** Why something is not known: a failure code is shown as its sentence. */
export const Because = ({ of: because }: { of: string }): JSX.Element => {
  const [sentence, setSentence] = useState<string | null>(null);
  useEffect(() => {
    if (!isCode(because)) return;
    let isCurrent = true;
    void sentenceOf(because).then((found) => {
      if (isCurrent) setSentence(found);
    });
    return () => {
      isCurrent = false;
    };
  }, [because]);
  return <bdi>{sentence ?? because}</bdi>;
};
