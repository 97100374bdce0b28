import { Button, Textarea } from '@fluentui/react-components';
import { useEffect, useRef, useState, type JSX } from 'react';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { Decisions } from './decisions.tsx';
import { SaveAs } from './save-as.tsx';
import { closeFile, edit, makePlan, useFormation } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

/** The cluster file as text, with what is wrong in it by line and column. */
export const FilePart = (): JSX.Element | null => {
  const { draft, check, missing, busy } = usePart(useFormation, 'draft', 'check', 'missing', 'busy');
  const [text, setText] = useState(draft?.text ?? '');
  const [shown, setShown] = useState(draft);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (draft !== shown) {
    setShown(draft);
    if (draft && draft.text !== text) setText(draft.text);
  }
  const field = useRef<HTMLTextAreaElement>(null);
  if (!draft) return null;
  const change = (value: string): void => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void edit({ ...draft, text: value }), 400);
  };
  const goTo = (line: number, column: number): void => {
    const element = field.current;
    if (!element) return;
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length +
      (line > 1 ? 1 : 0) +
      column -
      1;
    element.focus();
    element.setSelectionRange(start, start);
  };
  const problems = check?.problems ?? [];
  return (
    <StagePart id="file" title={draft.path.split(/[\\/]/).pop() ?? 'cluster.json'}>
      <Textarea
        className="g-text"
        textarea={{ ref: field, className: 'g-text', spellCheck: false, 'aria-label': 'The cluster file', dir: 'ltr' }}
        value={text}
        onChange={(_event, { value }) => change(value)}
      />
      <div role="status">
        {check?.outcome === 'right' ? (
          <p className="q-said">
            <OutcomeIcon outcome="pass" />
            <span>The file can be used.</span>
          </p>
        ) : null}
        {check?.outcome === 'newer' ? (
          <p className="q-said">
            <OutcomeIcon outcome="fail" />
            <span>This file is of version {check.version}: a newer Quorate wrote it. Open it with that version.</span>
          </p>
        ) : null}
      </div>
      {problems.length > 0 ? (
        <div className="q-note q-note-fail">
          <OutcomeIcon outcome="fail" />
          <div className="q-note-text">
            <p className="q-strong">The file cannot be used yet.</p>
            <ul>
              {problems.map(({ line, column, text: what }) => (
                <li key={`${line}:${column} ${what}`}>
                  <button type="button" className="q-link" onClick={() => goTo(line, column)}>
                    Line {line}, column {column}
                  </button>
                  : <bdi>{what}</bdi>
                </li>
              ))}
            </ul>
          </div>
        </div>
      ) : null}
      {missing.length > 0 ? (
        <div className="q-note q-note-warn">
          <OutcomeIcon outcome="warn" />
          <div className="q-note-text">
            {missing.map((sentence) => (
              <p key={sentence}>
                <bdi>{sentence}</bdi>
              </p>
            ))}
          </div>
        </div>
      ) : null}
      {check ? <Decisions decisions={check.decisions} onGo={goTo} /> : null}
      <div className="q-actions">
        <Button
          appearance="primary"
          disabledFocusable={busy !== null || check?.outcome !== 'right'}
          onClick={() => void makePlan()}
        >
          Show the plan
        </Button>
        <SaveAs formats={['file']} />
        <Button onClick={closeFile}>Close the file</Button>
      </div>
    </StagePart>
  );
};
