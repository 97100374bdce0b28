import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { Nearby, PeerSelf, PeerView } from '../../../shared/contract/peers.ts';
import { endpointText, nearbyText } from '../../../shared/rules/peers/peer-words.ts';
import { Mono } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { InvitationPart } from './invitation-part.tsx';
import { JoinForm } from './join-form.tsx';
import { ListenPart } from './listen-part.tsx';
import { PeersTable } from './peers-table.tsx';
import { lookNear, near } from './store.ts';

/** Where to join, as far as it is known already: from a server near by. */
interface Wish {
  readonly address: string;
  readonly name: string | null;
}

const nearColumns = (onJoin: (wish: Wish) => void): readonly Column<Nearby>[] => [
  { id: 'name', title: 'Server', value: ({ name }) => name, render: ({ name }) => <bdi>{name}</bdi> },
  { id: 'address', title: 'Address', value: endpointText, render: (one) => <Mono>{endpointText(one)}</Mono> },
  { id: 'version', title: 'Version', value: ({ version }) => version },
  { id: 'is', title: 'Relation', value: nearbyText },
  { id: 'id', title: 'Id', value: ({ id }) => id, render: ({ id }) => <Mono>{id}</Mono>, isExtra: true },
  { id: 'heard', title: 'Heard on', value: ({ heardOn }) => heardOn, isExtra: true },
  {
    id: 'invites',
    title: 'Invites',
    value: ({ isInviting }) => (isInviting ? 'yes' : 'no'),
    render: (one) =>
      one.isInviting && one.relation !== 'peer' ? (
        <Button size="small" onClick={() => onJoin({ address: endpointText(one), name: one.name })}>
          Join<span className="q-hidden"> {one.name}</span>
        </Button>
      ) : (
        'No'
      ),
  },
];

const NearPart = ({ isListening, onJoin }: { isListening: boolean; onJoin: (wish: Wish) => void }): JSX.Element => {
  const { result, isRunning, failure } = near.use();
  useShortcut('n', 'Look for servers nearby', () => void lookNear());
  useEffect(() => {
    if (isListening && near.use.getState().result === null) void lookNear();
  }, [isListening]);
  return (
    <StagePart
      id="near"
      title="Servers nearby"
      says="Heard by multicast DNS on the networks that this server listens on. A name proves nothing: only the invitation does."
    >
      <p className="q-actions">
        <Button onClick={() => void lookNear()} disabledFocusable={isRunning} aria-keyshortcuts="N">
          <KeyLabel text="Look for servers" letter="n" />
        </Button>
      </p>
      {isRunning ? <ProgressLine progress={null} waiting="Listening" onCancel={near.cancel} /> : null}
      {failure && failure.code !== 'CANCELLED' ? (
        <FailureNote envelope={failure} onDismiss={near.dismissFailure} />
      ) : null}
      {!isListening ? (
        <p>
          This server listens on no address, so it cannot hear other servers: choose an address above, or join by
          address.
        </p>
      ) : result === null ? null : (
        <DataTable
          name="peers-near"
          caption="Servers nearby"
          columns={nearColumns(onJoin)}
          rows={result}
          keyOf={(one) => `${one.id} ${one.address} ${one.heardOn}`}
          labelOf={({ name }) => name}
          empty="No server was found. Where multicast is blocked, join by address: it is shown with the invitation."
        />
      )}
    </StagePart>
  );
};

/** This server, who is paired with it, and how another one becomes a peer. */
export const ServersPart = ({ self, peers }: { self: PeerSelf; peers: readonly PeerView[] }): JSX.Element => {
  const [wish, setWish] = useState<Wish | null>(null);
  const isListening = self.listening.some(({ isOpen }) => isOpen);
  const toggleJoin = (): void => setWish(wish === null ? { address: '', name: null } : null);
  useShortcut('j', 'Join the server that shows an invitation', toggleJoin);
  return (
    <>
      <InvitationPart self={self} isListening={isListening}>
        <Button onClick={toggleJoin} aria-expanded={wish !== null} aria-keyshortcuts="J">
          <KeyLabel text="Join" letter="j" />
        </Button>
      </InvitationPart>
      {wish === null ? null : (
        <JoinForm
          key={wish.address}
          address={wish.address}
          inviter={wish.name}
          self={self.name}
          onClose={() => setWish(null)}
        />
      )}
      <PeersTable peers={peers} />
      <ListenPart self={self} />
      <NearPart isListening={isListening} onJoin={setWish} />
    </>
  );
};
