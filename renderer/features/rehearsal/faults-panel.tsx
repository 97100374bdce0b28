import { Button, Field, Select } from '@fluentui/react-components';
import { useCallback, useEffect, useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Rehearsal } from '../../../shared/contract/rehearsal.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import {
  faultFields,
  faultKinds,
  faultText,
  type FaultInput,
  type FaultKind,
} from '../../../shared/model/rehearsal-faults.ts';
import { capital } from '../../../shared/availability/words.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Zone } from '../../ui/zone.tsx';
import { localTime } from '../../../shared/model/time.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { faultOf, problemsOf, shownChoice } from './faults.ts';

type Values = Readonly<Record<string, string | undefined>>;

const FaultForm = ({ server, onSet }: { server: string; onSet: (fault: FaultInput) => Promise<void> }): JSX.Element => {
  const [kind, setKind] = useState<FaultKind>('nicDown');
  const [values, setValues] = useState<Values>({ server, moment: 'during' });
  const [isChecked, setIsChecked] = useState(false);
  const problems = problemsOf(kind, values);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setIsChecked(true);
        if (Object.keys(problems).length === 0) void onSet(faultOf(kind, values));
      }}
    >
      <div className="s-form">
        <Field label="Fault" className="s-wide">
          <Select
            value={kind}
            onChange={(_event, { value }) => {
              setKind(value as FaultKind);
              setIsChecked(false);
            }}
          >
            {faultKinds.map((name) => (
              <option key={name} value={name}>
                {capital(faultText(name))}
              </option>
            ))}
          </Select>
        </Field>
        {faultFields(kind).map(({ name, label, choices }) =>
          choices === null ? (
            <TextField
              key={name}
              label={label}
              problem={isChecked ? (problems[name] ?? null) : null}
              value={values[name] ?? ''}
              onChange={(value) => setValues({ ...values, [name]: value })}
            />
          ) : (
            <Field key={name} label={label}>
              <Select
                value={shownChoice(choices, values[name])}
                onChange={(_event, { value }) => setValues({ ...values, [name]: value })}
              >
                {choices.map((choice) => (
                  <option key={choice} value={choice}>
                    {capital(choice)}
                  </option>
                ))}
              </Select>
            </Field>
          ),
        )}
      </div>
      <Button type="submit">Turn on</Button>
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
      {faults.length === 0 ? <p>No fault is on.</p> : null}
      <ul>
        {faults.map((fault) => (
          <li key={fault.id}>
            {faultKinds.some((kind) => kind === fault.kind) ? faultText(fault.kind as FaultKind) : fault.kind}{' '}
            <Button size="small" onClick={() => void act(() => call('rehearsal.clearFault', { name, id: fault.id }))}>
              Turn off
            </Button>
          </li>
        ))}
      </ul>
      <FaultForm
        server={server ?? servers[0]?.name ?? ''}
        onSet={(fault) => act(() => call('rehearsal.setFault', { name, fault }))}
      />
      <h3>Targets</h3>
      <ul>
        {(rehearsal?.running?.targets ?? []).map(({ name: target, portals, luns }) => (
          <li key={target}>
            <bdi className="q-mono">{target}</bdi>:{' '}
            {portals.map(({ address, port, network }) => `${address}:${port} (${network})`).join(', ')};{' '}
            {luns.map(({ lun, name: id, sizeBytes }) => `LUN ${lun} ${id}, ${formatSize(sizeBytes)}`).join('; ')}
          </li>
        ))}
      </ul>
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
      <p className="q-quiet">
        <Zone clock="the rehearsal" />
      </p>
      <ol className="h-log" aria-label="Log of the rehearsal" tabIndex={0}>
        {log.map((line, index) => (
          <li key={index}>
            <span className="q-figures">{localTime(line.at)}</span> {line.server ?? ''} {line.who}:{' '}
            <bdi>{line.what}</bdi>
          </li>
        ))}
      </ol>
    </Panel>
  );
};
