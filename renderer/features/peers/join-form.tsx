import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type FormEvent, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { describeInvitationProblem, parseInvitation } from '../../../shared/model/invitation.ts';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { lookAgain } from './store.ts';

const problemOfCode = (code: string): string | null => {
  if (code.trim() === '') return 'Type the code that the other server shows.';
  const parsed = parseInvitation(code);
  return parsed.ok ? null : `Not an invitation: ${describeInvitationProblem(parsed.problem)}.`;
};

const problemOfAddress = (address: string): string | null =>
  address.trim() === '' || parseEndpoint(address)
    ? null
    : 'Not an address. Examples: 10.0.0.11, 10.0.0.11:23343, [fe80::1%eth0]:23343, node2.example.';

/** Types the invitation that another server shows. */
export const JoinForm = ({
  address: found,
  inviter,
  self,
  onClose,
}: {
  /** Where the server is that was chosen near by; empty where none was. */
  address: string;
  inviter: string | null;
  self: string;
  onClose: () => void;
}): JSX.Element => {
  const [code, setCode] = useState('');
  const [address, setAddress] = useState(found);
  const [isChecked, setIsChecked] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [joining, setJoining] = useState<AbortController | null>(null);
  const problems = { code: problemOfCode(code), address: problemOfAddress(address) };
  const codeProblem = isChecked ? problems.code : null;
  const addressProblem = isChecked ? problems.address : null;
  const join = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    setFailure(null);
    if (problems.code !== null || problems.address !== null || joining) return;
    const endpoint = parseEndpoint(address);
    const controller = new AbortController();
    setJoining(controller);
    try {
      await call('peers.join', { code, endpoints: endpoint ? [endpoint] : [] }, { signal: controller.signal });
      onClose();
      await lookAgain();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setJoining(null);
  };
  return (
    <Panel title={inviter === null ? 'Join a server' : `Join ${inviter}`} onClose={onClose}>
      <form onSubmit={(event) => void join(event)} noValidate>
        <div className="s-form">
          <Field
            label="Code of the invitation"
            hint="Capital or small letters, with or without hyphens."
            className="s-wide"
            {...(codeProblem ? { validationState: 'error', validationMessage: codeProblem } : {})}
          >
            <Input
              className="e-code-input"
              value={code}
              onChange={(_event, { value }) => setCode(value)}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="characters"
            />
          </Field>
          <Field
            label="Address of that server"
            hint="It is shown with the invitation. Leave empty to look for the server nearby."
            {...(addressProblem ? { validationState: 'error', validationMessage: addressProblem } : {})}
          >
            <Input
              value={address}
              onChange={(_event, { value }) => setAddress(value)}
              spellCheck={false}
              autoComplete="off"
            />
          </Field>
        </div>
        {joining ? (
          <ProgressLine progress={null} waiting={`Pairing ${self}`} onCancel={() => joining.abort()} />
        ) : (
          <Button type="submit" appearance="primary">
            Join
          </Button>
        )}
        {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      </form>
    </Panel>
  );
};
