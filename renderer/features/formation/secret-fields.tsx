import { Field, Input } from '@fluentui/react-components';
import type { JSX } from 'react';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import { setSecret, useFormation } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

const secretLabels: Readonly<Record<string, string>> = {
  account: 'Password of the account that joins the domain',
  chap: 'CHAP secret of the target',
  resume: 'Password of the account that continues after a restart',
};

/** A field for each secret that the steps of a plan need, with the first step that does. */
export const SecretFields = ({ plan }: { plan: Pick<FormationPlan, 'secrets'> }): JSX.Element => {
  const { secrets } = usePart(useFormation, 'secrets');
  return (
    <>
      {plan.secrets.map(({ name, step }) => (
        <Field
          key={name}
          label={secretLabels[name] ?? name}
          hint={`For "${step}". Kept in memory only; asked for again after a restart.`}
        >
          <Input type="password" value={secrets[name] ?? ''} onChange={(_event, { value }) => setSecret(name, value)} />
        </Field>
      ))}
    </>
  );
};
