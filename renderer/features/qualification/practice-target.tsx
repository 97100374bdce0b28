import { Button, Field, Select } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { setAccess, stopPractice, useQualification } from './store.ts';

type Fault = Output<'target.faults'>['faults'][number];

/** What the practice target does wrong: to see how a qualification tells it. */
const FaultSelect = ({ onFailure }: { onFailure: (envelope: Envelope) => void }): JSX.Element => {
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [fault, setFault] = useState('');
  useEffect(() => {
    call('target.faults', {}).then(
      // Those that need an argument are for the command line.
      (known) => setFaults(known.faults.filter(({ form }) => !/:[A-Z]/.test(form.replace(/\[.*\]/, '')))),
      (error: unknown) => onFailure(envelopeOf(error)),
    );
  }, [onFailure]);
  const change = async (next: string): Promise<void> => {
    try {
      await call('target.changeFaults', { on: next === '' ? [] : [next], off: fault === '' ? [] : [fault] });
      setFault(next);
    } catch (error) {
      onFailure(envelopeOf(error));
    }
  };
  return (
    <Field label="Fault" className="g-fault">
      <Select value={fault} onChange={(_event, { value }) => void change(value)}>
        <option value="">Nothing</option>
        {faults.map(({ name, what }) => (
          <option key={name} value={name}>
            {what}
          </option>
        ))}
      </Select>
    </Field>
  );
};

/** A small target on this machine's loopback address, in memory: to see a qualification without any storage. */
export const PracticeTarget = (): JSX.Element => {
  const practice = useQualification((state) => state.practice);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const serve = async (): Promise<void> => {
    setFailure(null);
    setAccess({ portal: '', sourceIp: '' });
    try {
      await call('target.serve', {
        listen: [{ host: '127.0.0.1', port: 0 }],
        luns: [
          { sizeBytes: '1073741824', file: null },
          { sizeBytes: '8589934592', file: null },
        ],
      });
    } catch (error) {
      const envelope = envelopeOf(error);
      if (envelope.code !== 'CANCELLED') setFailure(envelope);
    }
  };
  return (
    <>
      <p className="q-actions">
        {practice === null ? (
          <Button onClick={() => void serve()}>Start a practice target</Button>
        ) : (
          <Button onClick={() => void stopPractice()}>Stop the practice target</Button>
        )}
        <span className="q-quiet">
          {practice === null
            ? 'Two logical units in the memory of this machine, not for data.'
            : practice.portal === null
              ? 'Starting the practice target.'
              : `A practice target answers on ${practice.portal}. It is not for data.`}
        </span>
      </p>
      {practice?.portal == null ? null : <FaultSelect onFailure={setFailure} />}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};
