import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { fieldProblem } from '../../ui/text-field.tsx';
import { canRetry, type Run } from './run.ts';
import { retry } from './store.ts';

/** The warnings that a run waits for, by their names; none where something else stopped it. */
export const openWarnings = (error: Envelope | null): string[] => {
  const names =
    error?.code === 'FORM_WARNINGS_OPEN'
      ? error.detail['names']
      : error?.code === 'FORM_VALIDATION_OPEN'
        ? error.detail['tests']
        : null;
  return typeof names === 'string' ? names.split(', ').filter(Boolean) : [];
};

/** Warnings that stopped a run are accepted by their names, each with a reason that the record keeps; then the run goes on. */
export const AcceptPart = ({ run }: { run: Run }): JSX.Element | null => {
  const [reasons, setReasons] = useState<Readonly<Record<string, string>>>({});
  const [isChecked, setIsChecked] = useState(false);
  const names = openWarnings(run.error);
  if (names.length === 0 || !canRetry(run)) return null;
  const reasonOf = (name: string): string => (reasons[name] ?? '').trim();
  return (
    <form
      className="g-accept"
      aria-label="Warnings that wait to be accepted"
      onSubmit={(event) => {
        event.preventDefault();
        setIsChecked(true);
        if (names.every((name) => reasonOf(name).length >= 10))
          void retry(
            run,
            names.map((test) => ({ test, because: reasonOf(test) })),
          );
      }}
    >
      {names.map((name) => (
        <Field
          key={name}
          label={`Accept "${name}", because`}
          hint="At least 10 characters; the record keeps them."
          {...fieldProblem(isChecked && reasonOf(name).length < 10 ? 'Type at least ten characters.' : null)}
        >
          <Input
            value={reasons[name] ?? ''}
            onChange={(_event, { value }) => setReasons({ ...reasons, [name]: value })}
          />
        </Field>
      ))}
      <Button type="submit" appearance="primary">
        Accept and continue
      </Button>
    </form>
  );
};
