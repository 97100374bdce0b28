import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useCallback, useEffect, useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import { faultTexts, type Fault, type Rehearsal } from '../../../shared/contract/rehearsal.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { faultFields, faultOf, fieldLabels, type FaultField } from './faults.ts';

type Values = Readonly<Partial<Record<FaultField, string>>>;

const FaultForm = ({ server, onSet }: { server: string; onSet: (fault: Fault) => Promise<void> }): JSX.Element => {
  const [kind, setKind] = useState<Fault['kind']>('nicDown');
  const [values, setValues] = useState<Values>({ server, moment: 'during' });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void onSet(faultOf(kind, values));
      }}
    >
      <div className="s-form">
        <Field label="Fault" className="s-wide">
          <Select value={kind} onChange={(_event, { value }) => setKind(value as Fault['kind'])}>
            {Object.entries(faultTexts).map(([name, text]) => (
              <option key={name} value={name}>
                {text.charAt(0).toUpperCase() + text.slice(1)}
              </option>
            ))}
          </Select>
        </Field>
        {faultFields[kind].map((field) =>
          field === 'moment' ? (
            <Field key={field} label={fieldLabels.moment}>
              <Select
                value={values.moment ?? 'during'}
                onChange={(_event, { value }) => setValues({ ...values, moment: value })}
              >
                <option value="before">Before</option>
                <option value="during">During</option>
                <option value="after">After</option>
              </Select>
            </Field>
          ) : (
            <Field key={field} label={fieldLabels[field]}>
              <Input
                value={values[field] ?? ''}
                onChange={(_event, { value }) => setValues({ ...values, [field]: value })}
              />
            </Field>
          ),
        )}
      </div>
      <Button type="submit">Switch it on</Button>
    </form>
  );
};

/** What can go wrong, switched on and off, and the log of who did what in the simulated world. */
export const FaultsPanel = ({
  spec,
  onChanged,
  onClose,
}: {
  /** `NAME` or `NAME/SERVER`. */
  spec: string;
  onChanged: () => void;
  onClose: () => void;
}): JSX.Element => {
  const [name = '', server] = spec.split('/');
  const [rehearsal, setRehearsal] = useState<Rehearsal | null>(null);
  const [log, setLog] = useState<Output<'rehearsal.log'>>([]);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const read = useCallback(async (): Promise<void> => {
    try {
      setRehearsal(await call('rehearsal.show', { name }));
      setLog(await call('rehearsal.log', { name, limit: 30 }));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  }, [name]);
  useEffect(() => {
    let isCurrent = true;
    void Promise.all([call('rehearsal.show', { name }), call('rehearsal.log', { name, limit: 30 })]).then(
      ([shown, lines]) => {
        if (!isCurrent) return;
        setRehearsal(shown);
        setLog(lines);
      },
      (error: unknown) => setFailure(envelopeOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [name]);
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setFailure(null);
    try {
      await work();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    await read();
    onChanged();
  };
  const servers = rehearsal?.running?.servers ?? [];
  const faults = rehearsal?.running?.faults ?? [];
  return (
    <Panel title={`Faults and log of ${name}`} onClose={onClose}>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      {faults.length === 0 ? <p>No fault is switched on.</p> : null}
      <ul>
        {faults.map((fault) => (
          <li key={fault.id}>
            {faultTexts[fault.kind as Fault['kind']] ?? fault.kind}{' '}
            <Button size="small" onClick={() => void act(() => call('rehearsal.clearFault', { name, id: fault.id }))}>
              Switch it off
            </Button>
          </li>
        ))}
      </ul>
      <FaultForm
        server={server ?? servers[0]?.name ?? ''}
        onSet={(fault) => act(() => call('rehearsal.setFault', { name, fault }))}
      />
      <h3>Power</h3>
      <p className="q-actions">
        {servers.map((one) => (
          <Button
            key={one.name}
            size="small"
            onClick={() =>
              void act(() =>
                call('rehearsal.act', {
                  name,
                  act: { do: one.power === 'off' ? 'powerOn' : 'powerOff', server: one.name },
                }),
              )
            }
          >
            {one.power === 'off' ? 'Switch on' : 'Switch off'} {one.computerName}
          </Button>
        ))}
      </p>
      <h3>Log</h3>
      <ol className="h-log" aria-label="Log of the rehearsal" tabIndex={0}>
        {log.map((line, index) => (
          <li key={index}>
            <span className="q-figures">{formatTime(line.at)}</span> {line.server ?? ''} {line.who}:{' '}
            <bdi>{line.what}</bdi>
          </li>
        ))}
      </ol>
    </Panel>
  );
};
