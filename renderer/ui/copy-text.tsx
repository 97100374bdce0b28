import { Button } from '@fluentui/react-components';
import { useEffect, useRef, useState, type JSX } from 'react';

/** Copies by selection: the clipboard's own interface needs a permission that the page never has. */
const copyBySelection = (element: HTMLElement): boolean => {
  const selection = getSelection();
  if (!selection) return false;
  const range = document.createRange();
  range.selectNodeContents(element);
  selection.removeAllRanges();
  selection.addRange(range);
  const isDone = document.execCommand('copy');
  selection.removeAllRanges();
  return isDone;
};

/** A script or a command as it will run, with a button that copies it. `label` names it for a reader of the screen. */
export const CopyText = ({ text, label }: { text: string; label: string }): JSX.Element => {
  const block = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(''), 4_000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div className="q-copy">
      <pre ref={block} className="q-code" tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <Button
        size="small"
        aria-label={`Copy: ${label}`}
        onClick={() =>
          setSaid(block.current && copyBySelection(block.current) ? 'Copied' : 'Not copied: select it and press Ctrl+C')
        }
      >
        Copy
      </Button>
      <span role="status" className="q-quiet">
        {said}
      </span>
    </div>
  );
};
