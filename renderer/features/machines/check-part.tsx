import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { checkMachine, type Machine, type MachineCheck, type MachinesView } from './store.ts';
import { checkTitles } from './words.ts';

const answers: Readonly<Record<MachineCheck['result'], string>> = {
  pass: 'Nothing prevents high availability.',
  warn: 'It can be made highly available; read the warning first.',
  fail: 'It cannot be made highly available as it is.',
  unknown: 'A part could not be read, so it is not known whether a move would work.',
};

/** What prevents high availability, looked at before the cluster is asked. */
export const CheckPart = ({ view, machine }: { view: MachinesView; machine: Machine }): JSX.Element => {
  const [check, setCheck] = useState<MachineCheck | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isChecking, setIsChecking] = useState(false);
  const run = async (): Promise<void> => {
    setIsChecking(true);
    setFailure(null);
    try {
      setCheck(await checkMachine(view, machine.name));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsChecking(false);
  };
  return (
    <>
      <p className="q-actions">
        <Button onClick={() => void run()} disabledFocusable={isChecking}>
          Check for high availability
        </Button>
        <span role="status" className="q-said">
          {isChecking ? 'Reading every node' : null}
          {check && !isChecking ? (
            <>
              <OutcomeIcon outcome={check.result} /> {answers[check.result]}
            </>
          ) : null}
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onRetry={() => void run()} /> : null}
      {check ? (
        <ul className="m-checks" aria-label={`What was checked of ${machine.name}`}>
          {check.items.map(({ id, result, found, next }) => (
            <li key={id}>
              <span className="q-strong">{checkTitles[id]}</span> <OutcomeMark outcome={result} />
              <div>
                <bdi>{found}</bdi> {next === null ? null : <bdi className="q-strong">{next}</bdi>}
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
};
