import type { JSX } from 'react';

/** A button's text with its letter underlined, as Windows shows access keys. */
export const KeyLabel = ({ text, letter }: { text: string; letter: string }): JSX.Element => {
  const at = text.toLowerCase().indexOf(letter.toLowerCase());
  if (at < 0)
    return (
      <>
        {text} <span className="q-key-hint">{letter.toUpperCase()}</span>
      </>
    );
  return (
    <span>
      {text.slice(0, at)}
      <u>{text.slice(at, at + 1)}</u>
      {text.slice(at + 1)}
    </span>
  );
};
