import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Question } from '../../../shared/availability/questions.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { answerSwitches } from './store.ts';

/** Asks for the switch behind each cable: no cmdlet of Windows shows it, so that a person has to say it. */
const SwitchForm = ({ id, text, elements }: { id: string; text: string; elements: readonly string[] }): JSX.Element => {
  // A name of its own for each question: switches of two networks are not one because both are the first.
  const base = `Switch ${id.slice(id.indexOf('.') + 1)}`;
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const fill = (nameOf: (at: number) => string): void =>
    setNames(Object.fromEntries(elements.map((element, at) => [element, nameOf(at)])));
  const given = elements.flatMap((element) => {
    const name = names[element]?.trim() ?? '';
    return name === '' ? [] : [{ element, switch: name }];
  });
  const ofWhat = <span className="q-hidden">: {text}</span>;
  return (
    <form
      className="a-answers"
      onSubmit={(event) => {
        event.preventDefault();
        if (given.length > 0) void answerSwitches(given);
      }}
    >
      <div className="q-actions">
        <Button size="small" onClick={() => fill(() => base)}>
          All on one switch{ofWhat}
        </Button>
        <Button size="small" onClick={() => fill((at) => `${base} ${at + 1}`)}>
          Each on its own{ofWhat}
        </Button>
      </div>
      {elements.map((element) => (
        <Field key={element} label={`Switch of ${element.slice(element.indexOf(':') + 1)}`} size="small">
          <Input
            size="small"
            value={names[element] ?? ''}
            onChange={(_event, { value }) => setNames({ ...names, [element]: value })}
          />
        </Field>
      ))}
      <Button type="submit" size="small" disabledFocusable={given.length === 0}>
        Save the answers{ofWhat}
      </Button>
    </form>
  );
};

/** What decides and is not known; what a person can answer here is asked for where it stands. */
export const QuestionsPart = ({
  questions,
  canAnswer,
}: {
  questions: readonly Question[];
  /** False where the configuration comes from a file, which holds its answers itself. */
  canAnswer: boolean;
}): JSX.Element => (
  <StagePart
    id="questions"
    title="Open questions"
    says={
      canAnswer
        ? 'Answers about switches are kept for this cluster. Windows does not show which switch a cable ends in.'
        : 'Add the answers to the state file and open it again.'
    }
  >
    {questions.length === 0 ? <p>None.</p> : null}
    <ul className="a-list">
      {questions.map(({ id, text, find, elements }) => (
        <li key={id}>
          <bdi>{text}</bdi>{' '}
          {canAnswer && elements ? <SwitchForm id={id} text={text} elements={elements} /> : <bdi>{find}</bdi>}
        </li>
      ))}
    </ul>
  </StagePart>
);
