import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import { parseSize } from '../../../shared/model/size.ts';
import { Panel } from '../../ui/panel.tsx';
import { listFolders, type MachinesChange, type MachinesView } from './store.ts';
import { nameProblem } from './words.ts';

const sizeProblem = (text: string): string | null => {
  const size = parseSize(text);
  return size === null || size <= 0n || size > BigInt(Number.MAX_SAFE_INTEGER) ? 'A size such as 4G or 512M.' : null;
};

interface Values {
  readonly name: string;
  readonly folder: string;
  readonly memory: string;
  readonly disk: string;
  readonly network: string;
  readonly iso: string;
  readonly generation: '1' | '2';
  readonly isRole: boolean;
}

/** The changes that a form comes to. */
export const changesOf = (values: Values): MachinesChange => {
  const name = values.name.trim();
  return {
    title: `Create the virtual machine ${name}`,
    changes: [
      {
        do: 'vm.create',
        name,
        folder: values.folder.trim(),
        generation: values.generation === '1' ? 1 : 2,
        memoryBytes: Number(parseSize(values.memory) ?? 0n),
        diskBytes: Number(parseSize(values.disk) ?? 0n),
        switch: values.network === '' ? null : values.network,
        ...(values.iso.trim() === '' ? {} : { iso: values.iso.trim() }),
      },
      ...(values.isRole ? [{ do: 'vm.makeHighlyAvailable' as const, name }] : []),
    ],
  };
};

/** A new machine with all of its files on storage of the cluster. */
export const CreateForm = ({
  host,
  view,
  onPlan,
  onClose,
}: {
  host: string;
  view: MachinesView;
  onPlan: (change: MachinesChange) => void;
  onClose: () => void;
}): JSX.Element => {
  const { state } = view;
  const [values, setValues] = useState<Values>({
    name: '',
    folder: '',
    memory: '4G',
    disk: '60G',
    network: state.switches[0]?.name ?? '',
    iso: '',
    generation: '2',
    isRole: state.clusterNodes !== null,
  });
  const set = (part: Partial<Values>): void => setValues((before) => ({ ...before, ...part }));
  const [folders, setFolders] = useState<readonly { readonly path: string; readonly name: string }[]>([]);
  const [isChecked, setIsChecked] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    void listFolders(host).then(
      (found) => {
        if (!isCurrent) return;
        setFolders(found);
        setValues((before) => (before.folder === '' ? { ...before, folder: found[0]?.path ?? '' } : before));
      },
      // A folder can be typed all the same.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [host]);
  const problems = {
    name: nameProblem(values.name, state.machines),
    folder: values.folder.trim() === '' ? 'Type a folder on storage of the cluster.' : null,
    memory: sizeProblem(values.memory),
    disk: sizeProblem(values.disk),
  };
  const said = (problem: string | null) =>
    isChecked && problem !== null ? ({ validationState: 'error', validationMessage: problem } as const) : {};
  const text = (key: 'name' | 'folder' | 'memory' | 'disk' | 'iso'): JSX.Element => (
    <Input
      className="q-mono"
      dir="ltr"
      autoComplete="off"
      list={key === 'folder' ? 'machine-folders' : undefined}
      value={values[key]}
      onChange={(_event, { value }) => set({ [key]: value })}
    />
  );
  return (
    <Panel title="Create a virtual machine" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (Object.values(problems).every((problem) => problem === null)) onPlan(changesOf(values));
        }}
      >
        <div className="s-form">
          <Field label="Name" {...said(problems.name)}>
            {text('name')}
          </Field>
          <Field
            label="Folder"
            hint={
              folders.length > 0
                ? `Storage of the cluster: ${folders.map(({ path, name }) => `${path} (${name})`).join(', ')}.`
                : 'A cluster shared volume, or the letter of a disk of the cluster.'
            }
            {...said(problems.folder)}
          >
            {text('folder')}
          </Field>
          <Field label="Memory" {...said(problems.memory)}>
            {text('memory')}
          </Field>
          <Field label="Virtual disk" hint="It grows as it is used." {...said(problems.disk)}>
            {text('disk')}
          </Field>
          <Field label="Virtual switch">
            <Select value={values.network} onChange={(_event, { value }) => set({ network: value })}>
              <option value="">None</option>
              {state.switches.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="ISO" hint="Best on storage of the cluster; eject it afterwards.">
            {text('iso')}
          </Field>
          <Field label="Generation">
            <Select
              value={values.generation}
              onChange={(_event, { value }) => set({ generation: value as Values['generation'] })}
            >
              <option value="2">2 (UEFI)</option>
              <option value="1">1 (BIOS)</option>
            </Select>
          </Field>
        </div>
        <datalist id="machine-folders">
          {folders.map(({ path }) => (
            <option key={path} value={path} />
          ))}
        </datalist>
        <Checkbox
          label="Make it highly available"
          checked={values.isRole}
          disabled={state.clusterNodes === null}
          onChange={(_event, { checked }) => set({ isRole: checked === true })}
        />
        <p className="q-actions">
          <Button appearance="primary" type="submit">
            Review changes
          </Button>
        </p>
      </form>
    </Panel>
  );
};
