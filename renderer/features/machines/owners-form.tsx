import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Change } from '../../../shared/changes/index.ts';
import { machinePriorityNames, type MachinePriority } from '../../../shared/model/virtual-machines.ts';
import { Panel } from '../../ui/panel.tsx';
import type { Machine, MachinesChange } from './store.ts';
import { listOfNames, priorityOf, priorityWords } from './words.ts';

const toggled = (list: readonly string[], node: string, isOn: boolean): string[] =>
  isOn ? [...list, node] : list.filter((one) => one !== node);

/** Where a machine prefers to run, where it may, and when it starts. */
export const OwnersForm = ({
  machine,
  nodes,
  onPlan,
  onClose,
}: {
  machine: Machine;
  nodes: readonly string[];
  onPlan: (change: MachinesChange) => void;
  onClose: () => void;
}): JSX.Element => {
  const { name, role } = machine;
  const [preferred, setPreferred] = useState<readonly string[]>(role?.preferredOwners ?? []);
  const [possible, setPossible] = useState<readonly string[]>(
    role?.possibleOwners.length ? role.possibleOwners : nodes,
  );
  const [priority, setPriority] = useState<MachinePriority>(priorityOf(machine) ?? 'medium');
  const [apart, setApart] = useState((role?.antiAffinity ?? []).join(', '));
  const problem = possible.length === 0 ? 'At least one node has to be able to run it.' : null;
  const changes: Change[] = [
    {
      do: 'vm.setOwners',
      name,
      preferred: [...preferred],
      // Every node is what Windows has by itself; new nodes are then possible owners too.
      possible: possible.length === nodes.length ? [] : [...possible],
    },
    { do: 'vm.setPriority', name, priority },
    {
      do: 'vm.setAntiAffinity',
      name,
      classes: listOfNames(apart),
    },
  ];
  return (
    <Panel title={`Owners and priority of ${name}`} level="h3" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) onPlan({ title: `Set where ${name} runs`, changes });
        }}
      >
        <fieldset className="m-nodes">
          <legend>Preferred owners, in the order in which they are selected</legend>
          {nodes.map((node) => (
            <Checkbox
              key={node}
              label={preferred.includes(node) ? `${node} (${preferred.indexOf(node) + 1})` : node}
              checked={preferred.includes(node)}
              onChange={(_event, { checked }) => setPreferred(toggled(preferred, node, checked === true))}
            />
          ))}
        </fieldset>
        <fieldset className="m-nodes">
          <legend>Possible owners</legend>
          {nodes.map((node) => (
            <Checkbox
              key={node}
              label={node}
              checked={possible.includes(node)}
              onChange={(_event, { checked }) => setPossible(toggled(possible, node, checked === true))}
            />
          ))}
          {problem ? <p className="q-field-problem">{problem}</p> : null}
        </fieldset>
        <div className="s-form">
          <Field label="Startup priority" hint="Which machines start first after a failure.">
            <Select value={priority} onChange={(_event, { value }) => setPriority(value as MachinePriority)}>
              {machinePriorityNames.map((one) => (
                <option key={one} value={one}>
                  {priorityWords[one]}
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label="Anti-affinity"
            hint="Machines that share a name run on different nodes where possible. Separate several with commas."
          >
            <Input autoComplete="off" value={apart} onChange={(_event, { value }) => setApart(value)} />
          </Field>
        </div>
        <Button appearance="primary" type="submit" disabledFocusable={problem !== null}>
          Review changes
        </Button>
      </form>
    </Panel>
  );
};
