import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { Stages, Stops } from './plan-lists.tsx';
import { SecretFields } from './secret-fields.tsx';
import { planBack, takeBack, useFormation } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

/** What formations of this file did, taken back: the plan first, then what stays, then the cluster's name as the agreement. */
export const UndoPart = (): JSX.Element => {
  const { undoPlan, busy, plan, secrets } = usePart(useFormation, 'undoPlan', 'busy', 'plan', 'secrets');
  const [typed, setTyped] = useState('');
  const cluster = undoPlan?.cluster ?? plan?.cluster ?? '';
  const isNamed = typed.trim().toLowerCase() === cluster.toLowerCase();
  const isGiven = undoPlan?.secrets.every(({ name }) => (secrets[name] ?? '') !== '') ?? false;
  const canUndo = undoPlan?.outcome === 'changes' && undoPlan.stops.length === 0 && isNamed && isGiven && busy === null;
  return (
    <details open={undoPlan !== null}>
      <summary>Undo the formation</summary>
      <p>Undoes on every server what its history says formations did there, last step first. Data on disks stays.</p>
      <Button disabledFocusable={busy !== null} onClick={() => void planBack()}>
        Review the undo
      </Button>
      {undoPlan === null ? null : (
        <>
          <p className="q-strong">
            {undoPlan.outcome === 'nothingToChange'
              ? 'Nothing is left to undo.'
              : `${undoPlan.steps.length} steps. Nothing has been changed yet.`}
          </p>
          <Stops plan={undoPlan} />
          <Stages plan={undoPlan} />
          {undoPlan.stays.length > 0 ? (
            <ul aria-label="What stays">
              {undoPlan.stays.map(({ server, title, because }) => (
                <li key={`${server} ${title}`}>
                  <bdi>
                    Stays on {server}: {title}. {because}
                  </bdi>
                </li>
              ))}
            </ul>
          ) : null}
          {undoPlan.outcome === 'changes' ? (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (canUndo) void takeBack(typed.trim());
              }}
            >
              <SecretFields plan={undoPlan} />
              <Field label={`Type the name of the cluster, ${cluster}`}>
                <Input dir="ltr" value={typed} onChange={(_event, { value }) => setTyped(value)} />
              </Field>
              <Button type="submit" disabledFocusable={!canUndo}>
                Undo the formation
              </Button>
            </form>
          ) : null}
        </>
      )}
    </details>
  );
};
