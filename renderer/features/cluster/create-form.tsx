import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { isAddress } from '../../../shared/model/address.ts';
import { findComputerNameProblem } from '../../../shared/model/host.ts';
import { Panel } from '../../ui/panel.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { typedList } from '../../ui/typed-list.ts';

interface Values {
  readonly name: string;
  /** The other nodes. */
  readonly nodes: string;
  readonly addresses: string;
  readonly ignored: string;
  readonly accessPoint: Cluster['accessPoint'];
}

const isSubnet = (text: string): boolean => {
  const [address = '', length = ''] = text.split('/');
  return isAddress(address) && /^\d+$/.test(length) && Number(length) <= 128;
};

/** What is wrong with each field, in words. */
export const problemsOf = (
  values: Values,
): Readonly<Record<'name' | 'nodes' | 'addresses' | 'ignored', string | null>> => {
  const problem = values.name.trim() === '' ? 'is missing' : findComputerNameProblem(values.name.trim());
  const wrong = (texts: readonly string[], isRight: (text: string) => boolean, what: string): string | null => {
    const found = texts.filter((text) => !isRight(text));
    return found.length === 0 ? null : `${found.join(', ')}: ${what}.`;
  };
  return {
    name: problem === null ? null : `The name ${problem}.`,
    nodes: wrong(typedList(values.nodes), (text) => findComputerNameProblem(text) === null, 'not a computer name'),
    addresses: wrong(typedList(values.addresses), isAddress, 'not an IP address'),
    ignored: wrong(typedList(values.ignored), isSubnet, 'not a subnet such as 10.0.1.0/24'),
  };
};

export const changesOf = (values: Values, node: string): ClusterChange => {
  const name = values.name.trim();
  const others = typedList(values.nodes).filter((one) => one.toLowerCase() !== node.toLowerCase());
  return {
    title: `Create the cluster ${name}`,
    changes: [
      {
        do: 'cluster.create',
        name,
        node,
        addresses: typedList(values.addresses),
        ignoreNetworks: typedList(values.ignored),
        accessPoint: values.accessPoint,
      },
      ...others.map((one) => ({ do: 'cluster.addNode' as const, node: one })),
    ],
  };
};

/** A new cluster: made on this server alone and without storage, then the others join. */
export const CreateForm = ({
  node,
  onPlan,
  onClose,
}: {
  node: string;
  onPlan: OnPlan;
  onClose: () => void;
}): JSX.Element => {
  const [values, setValues] = useState<Values>({
    ...{ name: '', nodes: '', addresses: '', ignored: '', accessPoint: 'activeDirectoryAndDns' },
  });
  const [isChecked, setIsChecked] = useState(false);
  const problems = problemsOf(values);
  const field = (key: 'name' | 'nodes' | 'addresses' | 'ignored', label: string, hint: string): JSX.Element => (
    <Field
      label={label}
      hint={hint}
      {...(isChecked && problems[key] !== null ? { validationState: 'error', validationMessage: problems[key] } : {})}
    >
      <Input
        className="q-mono"
        dir="ltr"
        autoComplete="off"
        value={values[key]}
        onChange={(_event, { value }) => setValues({ ...values, [key]: value })}
      />
    </Field>
  );
  return (
    <Panel title="Create a cluster" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (Object.values(problems).every((problem) => problem === null)) onPlan(changesOf(values, node));
        }}
      >
        <p>It is created on {node} without storage, then the others join one by one.</p>
        <div className="s-form">
          {field('name', 'Cluster name', 'At most 15 letters, digits and hyphens.')}
          {field('nodes', 'Other nodes', 'Computer names, separated by spaces.')}
          {field('addresses', 'Static addresses', 'One for each network without DHCP that clients use.')}
          {field('ignored', 'Networks without an address', 'Subnets such as 10.0.1.0/24: iSCSI and private networks.')}
          <Field label="Register the name">
            <Select
              value={values.accessPoint}
              onChange={(_event, { value }) => setValues({ ...values, accessPoint: value as Values['accessPoint'] })}
            >
              <option value="activeDirectoryAndDns">In Active Directory and DNS</option>
              <option value="dns">In DNS only (workgroup)</option>
              <option value="none">Nowhere</option>
            </Select>
          </Field>
        </div>
        <Button appearance="primary" type="submit">
          Review changes
        </Button>
      </form>
    </Panel>
  );
};

/** Servers that join a cluster that is there. */
export const AddNodesForm = ({ onPlan, onClose }: { onPlan: OnPlan; onClose: () => void }): JSX.Element => {
  const [nodes, setNodes] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const names = typedList(nodes);
  const wrong = names.filter((name) => findComputerNameProblem(name) !== null);
  const problem =
    names.length === 0
      ? 'Type the name of a server.'
      : wrong.length > 0
        ? `${wrong.join(', ')}: not a computer name.`
        : null;
  return (
    <Panel title="Add nodes" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (problem === null)
            onPlan({
              title: `Add ${names.join(', ')} to the cluster`,
              changes: names.map((node) => ({ do: 'cluster.addNode', node })),
            });
        }}
      >
        <div className="s-form">
          <Field
            label="Servers"
            hint="Computer names, separated by spaces."
            {...(isChecked && problem !== null ? { validationState: 'error', validationMessage: problem } : {})}
          >
            <Input
              className="q-mono"
              dir="ltr"
              autoComplete="off"
              value={nodes}
              onChange={(_event, { value }) => setNodes(value)}
            />
          </Field>
        </div>
        <Button appearance="primary" type="submit">
          Review changes
        </Button>
      </form>
    </Panel>
  );
};
