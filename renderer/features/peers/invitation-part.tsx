import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX, type ReactNode } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { PeerSelf } from '../../../shared/contract/peers.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { endpointText } from '../../../shared/rules/peers/peer-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { chooseDestination, download } from '../../api/files.ts';
import { CopyText } from '../../ui/copy-text.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { fileNameOf, formatDuration } from '../../ui/format.ts';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { useNow } from '../../ui/use-now.ts';
import { lookAgain } from './store.ts';

/** After so many wrong tries pairing is locked until a person opens it again. */
const mostTries = 5;

/** Writes the open invitation for a USB drive. */
const SaveToFile = ({ server }: { server: string }): JSX.Element => {
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Envelope | null>(null);
  const save = async (): Promise<void> => {
    setSaid('');
    setFailure(null);
    try {
      const name = fileNameOf(server, 'invitation', new Date().toISOString(), 'json');
      const to = await chooseDestination('Save the invitation', name, { name: 'Invitation', extensions: ['json'] });
      if (to === null) return;
      const written = await call('peers.saveInvitation', { to });
      if (written.base64 !== null) download(name, written.mediaType, written.base64);
      setSaid(
        `Written: ${written.path ?? name}. It is as secret as the code: delete it once the other server has joined.`,
      );
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <>
      <Button onClick={() => void save()}>Save to a file …</Button>
      <span role="status" className="q-quiet">
        <bdi>{said}</bdi>
      </span>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};

const Open = ({
  code,
  expiresAt,
  self,
  onWithdraw,
}: {
  code: string;
  expiresAt: string;
  self: PeerSelf;
  onWithdraw: () => void;
}): JSX.Element => {
  const now = useNow(1_000);
  const leftMs = Date.parse(expiresAt) - now;
  const door = self.listening.find(({ isOpen }) => isOpen);
  useEffect(() => {
    // It is gone in the core as well: what the page shows follows.
    if (leftMs <= 0) void lookAgain();
  }, [leftMs]);
  return (
    <div className="e-invitation">
      <QrCode text={code} />
      <div className="e-invitation-text">
        <p className="e-code" data-invitation>
          {code}
        </p>
        <p role="timer">
          {leftMs > 0 ? `Valid for one server, for ${formatDuration(leftMs)}.` : 'It has expired.'}
          {self.wrongTries ? (
            <strong>
              {' '}
              {self.wrongTries} of {mostTries} wrong tries.
            </strong>
          ) : null}
        </p>
        <p>
          On the other server, open Peers, select Join and type this code
          {door ? (
            <>
              {' '}
              with the address <bdi className="q-address">{endpointText(door)}</bdi>
            </>
          ) : null}
          . Without a window:
        </p>
        <CopyText
          label="Command for the other server"
          text={`quorate peers join ${code}${door ? ` --address ${endpointText(door)}` : ''}`}
        />
        <p className="q-quiet">Anyone who learns this code within that time can join instead of that server.</p>
        <div className="q-actions">
          <Button onClick={onWithdraw}>Withdraw the invitation</Button>
          <SaveToFile server={self.name} />
        </div>
      </div>
    </div>
  );
};

/** The code that another server types to become a peer of this one; `children` stands beside the button that makes it. */
export const InvitationPart = ({
  self,
  isListening,
  children,
}: {
  self: PeerSelf;
  isListening: boolean;
  children: ReactNode;
}): JSX.Element => {
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const { invitation } = self;
  const change = async (work: () => Promise<Output<'peers.invite'> | Output<'peers.withdrawInvitation'>>) => {
    setIsBusy(true);
    setFailure(null);
    try {
      await work();
      await lookAgain();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsBusy(false);
  };
  const invite = (): void => void change(() => call('peers.invite', {}));
  useShortcut('i', 'Invite another server', invite, isListening && invitation === null && !isBusy);
  return (
    <StagePart id="invite" title="Pair a server" says="One server shows a code; type it on the other server.">
      <p className="q-actions">
        <Button
          appearance="primary"
          onClick={invite}
          disabledFocusable={!isListening || isBusy || invitation !== null}
          aria-keyshortcuts="I"
        >
          <KeyLabel text="Invite" letter="i" />
        </Button>
        {children}
        {isListening ? null : (
          <span>To invite, choose an address below first; to join another server, none is needed.</span>
        )}
      </p>
      {self.isPairingLocked ? (
        <p className="q-said" role="alert">
          <OutcomeIcon outcome="warn" />
          <span>Pairing is locked after {mostTries} wrong tries. A new invitation unlocks it.</span>
        </p>
      ) : null}
      {invitation ? (
        <Open
          key={invitation.code}
          {...invitation}
          self={self}
          onWithdraw={() => void change(() => call('peers.withdrawInvitation', {}))}
        />
      ) : null}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </StagePart>
  );
};
