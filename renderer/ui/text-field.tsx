import { Field, Input } from '@fluentui/react-components';
import type { JSX } from 'react';

/** What is wrong with a field's input, said at the field; null when nothing is. */
export const fieldProblem = (
  problem: string | null,
): { validationState: 'error'; validationMessage: string } | Record<string, never> =>
  problem === null ? {} : { validationState: 'error', validationMessage: problem };

/** A line of text that Windows or a network takes as it stands: names, addresses, accounts, secrets. */
export const TextField = ({
  label,
  hint,
  problem = null,
  caution = null,
  value,
  onChange,
  isSecret = false,
  list,
  isWide = false,
}: {
  label: string;
  hint?: string;
  /** What is wrong with what was typed, in words. */
  problem?: string | null;
  /** What may be meant, and is rather not; shown where nothing is wrong. */
  caution?: string | null;
  value: string;
  onChange: (value: string) => void;
  isSecret?: boolean;
  /** Id of the list of proposals. */
  list?: string;
  isWide?: boolean;
}): JSX.Element => (
  <Field
    label={label}
    {...(hint ? { hint } : {})}
    {...(isWide ? { className: 's-wide' } : {})}
    {...(problem === null && caution !== null
      ? { validationState: 'warning' as const, validationMessage: caution }
      : fieldProblem(problem))}
  >
    <Input
      className="q-mono"
      dir="ltr"
      autoComplete="off"
      spellCheck={false}
      type={isSecret ? 'password' : 'text'}
      list={list}
      value={value}
      onChange={(_event, data) => onChange(data.value)}
    />
  </Field>
);
