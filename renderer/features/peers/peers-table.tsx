import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { PeerView } from '../../../shared/contract/peers.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { clockText, endpointText, peerMark, peerRemarks } from '../../../shared/rules/peers/peer-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';
import { lookAgain } from './store.ts';

const columns: readonly Column<PeerView>[] = [
  { id: 'name', title: 'Server', value: ({ name }) => name, render: ({ name }) => <bdi>{name}</bdi> },
  {
    id: 'state',
    title: 'State',
    value: (peer) => peerMark(peer).word,
    render: (peer) => <OutcomeMark {...peerMark(peer)} />,
  },
  { id: 'version', title: 'Version', value: ({ version }) => version },
  {
    id: 'clock',
    title: 'Clock',
    value: ({ link }) => link.clockOffsetMs,
    text: ({ link }) => clockText(link) ?? 'not known',
    render: ({ link }) => clockText(link) ?? 'Not known',
    isFigures: true,
  },
  {
    id: 'addresses',
    title: 'Addresses',
    value: ({ endpoints }) => endpoints.map(endpointText).join(' '),
    render: ({ endpoints }) =>
      endpoints.length === 0 ? 'It connects to this server' : <Mono>{endpoints.map(endpointText).join(' ')}</Mono>,
  },
  { id: 'id', title: 'Id', value: ({ id }) => id, render: ({ id }) => <Mono>{id}</Mono>, isExtra: true },
];

const how = {
  invited: 'It joined with an invitation of this server',
  joined: 'This server joined with its invitation',
  introduced: 'A peer introduced it',
};

/** One peer: its identity, and the two decisions about it. */
const PeerDetail = ({ peer, names }: { peer: PeerView; names: ReadonlyMap<string, string> }): JSX.Element => {
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const change = async (work: () => Promise<unknown>): Promise<void> => {
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
  const { id, name, words, fingerprint, link } = peer;
  return (
    <>
      {peerRemarks(peer, names).map((text) => (
        <p key={text} className="q-said">
          <OutcomeIcon outcome={peerMark(peer).outcome === 'fail' ? 'fail' : 'warn'} />
          <bdi>{text}</bdi>
        </p>
      ))}
      <Facts
        rows={[
          ['Identity in words', <bdi key="words">{words}</bdi>],
          ['Fingerprint', <Mono key="print">{(fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(' ')}</Mono>],
          ['How it was paired', how[peer.how]],
          ...(peer.introducedBy
            ? [['Introduced by', <bdi key="by">{names.get(peer.introducedBy) ?? peer.introducedBy}</bdi>] as const]
            : []),
          ['Since', <When key="since" at={peer.since} isEvent />],
          ['Last seen', peer.lastSeenAt ? <When key="seen" at={peer.lastSeenAt} /> : 'Never'],
          ...(link.since ? [['Connection since', <When key="link" at={link.since} isEvent />] as const] : []),
        ]}
      />
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      {isAsking ? (
        <div className="q-note q-note-warn" role="group" aria-label={`Forget ${name}`}>
          <OutcomeIcon outcome="warn" />
          <div className="q-note-text">
            <p className="q-strong">
              Forget <bdi>{name}</bdi> ({id})?
            </p>
            <p>No peer accepts it any more; the others are informed too. To use it again, pair it again.</p>
            <p className="q-actions">
              <Button autoFocus onClick={() => setIsAsking(false)}>
                Cancel
              </Button>
              <Button disabledFocusable={isBusy} onClick={() => void change(() => call('peers.forget', { peer: id }))}>
                Forget {name}
              </Button>
            </p>
          </div>
        </div>
      ) : (
        <p className="q-actions">
          {peer.state === 'introduced' ? (
            <Button
              appearance="primary"
              disabledFocusable={isBusy}
              onClick={() => void change(() => call('peers.accept', { peer: id }))}
            >
              Accept {name}
            </Button>
          ) : null}
          <Button onClick={() => setIsAsking(true)}>Forget …</Button>
        </p>
      )}
    </>
  );
};

/** Everybody who is paired with this server. */
export const PeersTable = ({ peers }: { peers: readonly PeerView[] }): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const names = new Map(peers.map(({ id, name }) => [id, name]));
  return (
    <StagePart id="paired" title="Paired servers">
      <DataTable
        name="peers"
        caption="Paired servers"
        columns={columns}
        rows={peers}
        keyOf={({ id }) => id}
        labelOf={({ name, id, isNameShared }) => (isNameShared ? `${name} (${id})` : name)}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No server is paired. Select Invite here and Join on the other server."
        detail={(peer) => <PeerDetail key={peer.id} peer={peer} names={names} />}
      />
    </StagePart>
  );
};
