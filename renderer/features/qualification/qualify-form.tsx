import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { qualify, useQualification, type QualifyOptions, type Unit } from './store.ts';

/** What is asked of a unit, and what may be done to it. Read-only unless somebody says otherwise. */
export const QualifyForm = ({ unit, onClose }: { unit: Unit; onClose: () => void }): JSX.Element => {
  const isRunning = useQualification((state) => state.run !== null);
  const [options, setOptions] = useState<QualifyOptions>({
    purpose: 'vm',
    nodes: 2,
    paths: 1,
    allowReservations: false,
    allowDataLoss: false,
    serial: '',
  });
  const set = (part: Partial<QualifyOptions>): void => setOptions({ ...options, ...part });
  const isReady = !isRunning && (!options.allowDataLoss || options.serial.trim() !== '');
  return (
    <Panel title={`Qualify LUN ${unit.lun}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          void qualify(unit, options);
          onClose();
        }}
      >
        <div className="s-form">
          <Field label="What it is for">
            <Select
              value={options.purpose}
              onChange={(_event, { value }) => set({ purpose: value as QualifyOptions['purpose'] })}
            >
              <option value="vm">Virtual machines</option>
              <option value="witness">Witness</option>
              <option value="data">Data</option>
            </Select>
          </Field>
          <Field label="Nodes of the cluster">
            <Input
              type="number"
              min={2}
              max={64}
              value={String(options.nodes)}
              onChange={(_event, { value }) => set({ nodes: Number(value) })}
            />
          </Field>
          <Field label="Paths of each node">
            <Input
              type="number"
              min={1}
              max={8}
              value={String(options.paths)}
              onChange={(_event, { value }) => set({ paths: Number(value) })}
            />
          </Field>
          <Checkbox
            className="s-wide"
            checked={options.allowReservations}
            onChange={(_event, { checked }) =>
              set({ allowReservations: checked === true, ...(checked === true ? {} : { allowDataLoss: false }) })
            }
            label={`Reserve LUN ${unit.lun} for a moment, as clustering does. Nobody else may use it meanwhile; without this the verdict stays inconclusive.`}
          />
          {options.allowReservations ? (
            <Checkbox
              className="s-wide"
              checked={options.allowDataLoss}
              onChange={(_event, { checked }) => set({ allowDataLoss: checked === true })}
              label={`Write on LUN ${unit.lun} although it is not proven to be blank: the very bytes that were just read`}
            />
          ) : null}
          {options.allowDataLoss ? (
            <Field
              label="Serial number of the LUN"
              hint="Type it as it is shown on its card. A fault of the storage at this moment can damage what is on it."
            >
              <Input
                className="q-mono"
                dir="ltr"
                autoComplete="off"
                value={options.serial}
                onChange={(_event, { value }) => set({ serial: value })}
              />
            </Field>
          ) : null}
        </div>
        {options.allowDataLoss ? (
          <p className="p-danger q-said q-strong">
            <OutcomeIcon outcome="fail" />
            <span>
              LUN {unit.lun} of <bdi className="q-mono">{unit.target}</bdi> is written to.
            </span>
          </p>
        ) : null}
        <Button type="submit" appearance="primary" disabledFocusable={!isReady}>
          Start the qualification
        </Button>
      </form>
    </Panel>
  );
};
