import { Button } from '@fluentui/react-components';
import { useEffect, useRef, useState, type JSX } from 'react';
import { copyElement } from './copy-plain.ts';

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
          setSaid(block.current && copyElement(block.current) ? 'Copied' : 'Not copied: select it and press Ctrl+C')
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
