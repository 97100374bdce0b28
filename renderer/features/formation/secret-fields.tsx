import { Field, Input } from '@fluentui/react-components';
import type { JSX } from 'react';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import { secretWords } from '../../../shared/plan/formation/secrets.ts';
import { capital } from '../../../shared/availability/words.ts';
import { setSecret, useFormation } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

/** A field for each secret that the steps of a plan need, with the first step that does. */
export const SecretFields = ({ plan }: { plan: Pick<FormationPlan, 'secrets'> }): JSX.Element => {
  const { secrets } = usePart(useFormation, 'secrets');
  return (
    <>
      {plan.secrets.map(({ name, step }) => (
        <Field
          key={name}
          label={capital(secretWords(name))}
          hint={`For "${step}". Kept in memory only; asked for again after a restart.`}
        >
          <Input type="password" value={secrets[name] ?? ''} onChange={(_event, { value }) => setSecret(name, value)} />
        </Field>
      ))}
    </>
  );
};
