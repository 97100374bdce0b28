import { Button, Checkbox, Field, Input } from '@fluentui/react-components';
import { useState, type FormEvent, type JSX } from 'react';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { iscsiPort } from '../../../shared/model/windows-iscsi.ts';
import { Panel } from '../../ui/panel.tsx';
import type { MatrixWish } from './store.ts';

const defaultEchoes = 50;
const defaultBandwidthMs = 1_000;

export const usualWish: MatrixWish = { portals: [], echoes: defaultEchoes, bandwidthMs: defaultBandwidthMs };

const problemOfEchoes = (text: string): string | null => {
  const count = Number(text);
  return Number.isInteger(count) && count >= 5 && count <= 1_000 ? null : 'A whole number from 5 to 1000.';
};

/** What is measured, and how much: only what differs from the usual has to be said. */
export const MeasureForm = ({
  onMeasure,
  onClose,
}: {
  onMeasure: (wish: MatrixWish) => void;
  onClose: () => void;
}): JSX.Element => {
  const [portals, setPortals] = useState('');
  const [echoes, setEchoes] = useState(String(defaultEchoes));
  const [isFilled, setIsFilled] = useState(true);
  const [isChecked, setIsChecked] = useState(false);
  const texts = portals.split(/[\s,;]+/).filter(Boolean);
  const endpoints = texts.map((text) => parseEndpoint(text, { port: iscsiPort }));
  const wrong = texts.find((_text, at) => endpoints[at] === null);
  const problems = {
    portals: wrong === undefined ? null : `"${wrong}" is not an address. Example: 10.0.1.50:3260.`,
    echoes: problemOfEchoes(echoes),
  };
  const measure = (event: FormEvent): void => {
    event.preventDefault();
    setIsChecked(true);
    if (problems.portals !== null || problems.echoes !== null) return;
    onMeasure({
      portals: endpoints.flatMap((endpoint) => (endpoint ? [endpoint] : [])),
      echoes: Number(echoes),
      bandwidthMs: isFilled ? defaultBandwidthMs : 0,
    });
  };
  const shown = (problem: string | null) =>
    isChecked && problem ? ({ validationState: 'error', validationMessage: problem } as const) : {};
  return (
    <Panel title="Measure with other settings" level="h3" onClose={onClose}>
      <form onSubmit={measure} noValidate>
        <div className="s-form">
          <Field
            label="Additional portals"
            hint="In addition to those that the servers know, separated by spaces."
            {...shown(problems.portals)}
          >
            <Input value={portals} onChange={(_event, { value }) => setPortals(value)} spellCheck={false} />
          </Field>
          <Field label="Echoes in each direction" {...shown(problems.echoes)}>
            <Input value={echoes} onChange={(_event, { value }) => setEchoes(value)} inputMode="numeric" />
          </Field>
          <Checkbox
            className="s-wide"
            label="Measure the bandwidth: each direction is filled with data for one second"
            checked={isFilled}
            onChange={(_event, { checked }) => setIsFilled(checked === true)}
          />
        </div>
        <Button type="submit" appearance="primary">
          Measure
        </Button>
      </form>
    </Panel>
  );
};
