import { Button, Checkbox, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { defaultStartDelaySeconds, type StartSet } from '../../../shared/model/virtual-machines.ts';
import { Panel } from '../../ui/panel.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { MachinesChange, MachinesView } from './store.ts';
import { listOfNames, startSetProblems } from './words.ts';

type OnPlan = (change: MachinesChange) => void;

const columns: readonly Column<StartSet>[] = [
  { id: 'name', title: 'Set', value: ({ name }) => name },
  { id: 'machines', title: 'Virtual machines', value: ({ machines }) => machines.join(', ') },
  { id: 'after', title: 'Start after', value: ({ after }) => after.join(', ') || 'No other set' },
  {
    id: 'ready',
    title: 'Ready',
    value: ({ ready, delaySeconds }) => (ready === 'online' ? 'When online' : `${delaySeconds} s after its start`),
  },
];

/** A set that is made, or one that is changed. */
const SetForm = ({
  set,
  roles,
  sets,
  onPlan,
  onClose,
}: {
  set: StartSet | null;
  roles: readonly string[];
  sets: readonly StartSet[];
  onPlan: OnPlan;
  onClose: () => void;
}): JSX.Element => {
  const [name, setName] = useState(set?.name ?? '');
  const [machines, setMachines] = useState((set?.machines ?? []).join(', '));
  const [after, setAfter] = useState<readonly string[]>(set?.after ?? []);
  const [delay, setDelay] = useState(String(set?.delaySeconds ?? defaultStartDelaySeconds));
  const [isChecked, setIsChecked] = useState(false);
  const listed = listOfNames(machines);
  const problems = startSetProblems({ name, machines: listed, delay }, set, sets, roles);
  const said = (text: string | null) =>
    isChecked && text !== null ? ({ validationState: 'error', validationMessage: text } as const) : {};
  const others = sets.map((one) => one.name).filter((one) => one !== set?.name);
  return (
    <Panel title={set ? `Start order of ${set.name}` : 'New start set'} level="h3" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (Object.values(problems).some((one) => one !== null)) return;
          onPlan({
            title: `Set the start order of ${name.trim()}`,
            changes: [
              {
                ...{ do: 'vm.setStartSet', name: name.trim(), machines: listed },
                ...{ after: [...after], delaySeconds: Number(delay) },
              },
            ],
          });
        }}
      >
        <div className="s-form">
          {set ? null : (
            <Field label="Name" {...said(problems.name)}>
              <Input autoComplete="off" value={name} onChange={(_event, { value }) => setName(value)} />
            </Field>
          )}
          <Field
            label="Virtual machines"
            hint="Highly available virtual machines, separated by commas."
            {...said(problems.machines)}
          >
            <Input autoComplete="off" value={machines} onChange={(_event, { value }) => setMachines(value)} />
          </Field>
          <Field
            label="Delay in seconds"
            hint="How long later sets wait after this one starts."
            {...said(problems.delay)}
          >
            <Input
              inputMode="numeric"
              autoComplete="off"
              value={delay}
              onChange={(_event, { value }) => setDelay(value)}
            />
          </Field>
        </div>
        {others.length === 0 ? null : (
          <fieldset className="m-nodes">
            <legend>Sets that start before</legend>
            {others.map((one) => (
              <Checkbox
                key={one}
                label={one}
                checked={after.includes(one)}
                onChange={(_event, { checked }) =>
                  setAfter(checked === true ? [...after, one] : after.filter((chosen) => chosen !== one))
                }
              />
            ))}
          </fieldset>
        )}
        <Button appearance="primary" type="submit">
          Review changes
        </Button>
      </form>
    </Panel>
  );
};

/** The order in which the cluster starts its virtual machines. */
export const StartOrderPart = ({
  view: { state },
  callsOf,
}: {
  view: MachinesView;
  callsOf: (change: MachinesChange) => PlanCalls;
}): JSX.Element | null => {
  const [isMaking, setIsMaking] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const sets = state.startSets ?? [];
  const roles = state.machines.flatMap(({ name, role }) => (role ? [name] : []));
  if (!state.startSets || (sets.length === 0 && roles.length === 0 && openKey === null)) return null;
  return (
    <StagePart
      id="start-order"
      title="Start order"
      says="When a machine of a set is started, the sets before it are started first. Priorities decide within a set."
    >
      <p className="q-actions">
        <Button onClick={() => setIsMaking(!isMaking)} aria-expanded={isMaking}>
          New set
        </Button>
      </p>
      {isMaking ? (
        <ChangeArea callsOf={callsOf} onClose={() => setIsMaking(false)}>
          {(onPlan: OnPlan) => (
            <SetForm set={null} roles={roles} sets={sets} onPlan={onPlan} onClose={() => setIsMaking(false)} />
          )}
        </ChangeArea>
      ) : null}
      {sets.length === 0 && openKey === null ? null : (
        <DataTable
          name="start-sets"
          caption="Sets of virtual machines that start in an order"
          columns={columns}
          rows={sets}
          keyOf={({ name }) => name}
          labelOf={({ name }) => `${name}: change or remove`}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="No start set."
          keepsDetail
          detail={(set, isGone) => (
            <ChangeArea
              key={set.name}
              callsOf={callsOf}
              isGone={isGone}
              onClose={isGone ? () => setOpenKey(null) : () => undefined}
            >
              {(onPlan: OnPlan) => (
                <>
                  <SetForm set={set} roles={roles} sets={sets} onPlan={onPlan} onClose={() => setOpenKey(null)} />
                  <p className="q-actions">
                    <Button
                      onClick={() =>
                        onPlan({
                          title: `Remove the start set ${set.name}`,
                          changes: [{ do: 'vm.removeStartSet', name: set.name }],
                        })
                      }
                    >
                      Remove set
                    </Button>
                  </p>
                </>
              )}
            </ChangeArea>
          )}
        />
      )}
    </StagePart>
  );
};
