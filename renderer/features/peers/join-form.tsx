import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type FormEvent, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { describeInvitationProblem, parseInvitation } from '../../../shared/model/invitation.ts';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { endpointText } from '../../../shared/rules/peers/peer-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { chooseFiles } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { localTime } from '../../../shared/model/time.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useNow } from '../../ui/use-now.ts';
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

const addressIn = ({ endpoints: [first] }: Output<'peers.readInvitation'>): string =>
  first ? endpointText(first) : '';

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
  const now = useNow();
  const [joining, setJoining] = useState<AbortController | null>(null);
  const [file, setFile] = useState<Output<'peers.readInvitation'> | null>(null);
  const openFile = async (): Promise<void> => {
    setFailure(null);
    try {
      const [chosen] = await chooseFiles('Open an invitation', { name: 'Invitation', extensions: ['json'] }, false);
      if (!chosen) return;
      const invitation = await call('peers.readInvitation', { file: chosen.input });
      setFile(invitation);
      setCode(invitation.code);
      setAddress(addressIn(invitation));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  const problems = { code: problemOfCode(code), address: problemOfAddress(address) };
  const codeProblem = isChecked ? problems.code : null;
  const addressProblem = isChecked ? problems.address : null;
  const join = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    setFailure(null);
    if (problems.code !== null || problems.address !== null || joining) return;
    const endpoint = parseEndpoint(address);
    const named = endpoint ? [endpoint] : [];
    // What the fields do not show of the file counts as long as nobody changed them: its server may be at several addresses.
    const isAsInFile = file !== null && file.code === code && addressIn(file) === address;
    const controller = new AbortController();
    setJoining(controller);
    try {
      await call('peers.join', { code, endpoints: isAsInFile ? file.endpoints : named }, { signal: controller.signal });
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
        {file !== null && file.code === code ? (
          <p className="q-said" role="status">
            <OutcomeIcon outcome={Date.parse(file.expiresAt) > now ? 'pass' : 'warn'} />
            <span>
              Invitation of <bdi>{file.name}</bdi>, good until {localTime(file.expiresAt)}.
            </span>
          </p>
        ) : null}
        {joining ? (
          <ProgressLine progress={null} waiting={`Pairing ${self}`} onCancel={() => joining.abort()} />
        ) : (
          <p className="q-actions">
            <Button type="submit" appearance="primary">
              Join
            </Button>
            <Button onClick={() => void openFile()}>Open an invitation file …</Button>
          </p>
        )}
        {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      </form>
    </Panel>
  );
};
