import { asClause } from '../../../shared/model/sentence.ts';
import type { Nearby, PeerSelf, PeerView } from '../../../shared/contract/peers.ts';
import { clockText, endpointText, nearbyText, peerMark, peerRemarks } from '../../../shared/rules/peers/peer-words.ts';
import { renderTable } from './table.ts';
import { zonedTime } from '../../../shared/model/time.ts';

/** A fault of identity is nothing to read over. */
const stateText = (peer: PeerView): string => {
  const { outcome, word } = peerMark(peer);
  return outcome === 'fail' && peer.link.state !== 'down' ? word.toUpperCase() : word.toLowerCase();
};

export const renderPeers = (peers: readonly PeerView[], columns: number): string => {
  const table = renderTable(
    [
      { title: 'NAME' },
      { title: 'ID' },
      { title: 'STATE' },
      { title: 'ADDRESSES', maxWidth: 28 },
      { title: 'VERSION' },
      { title: 'CLOCK' },
    ],
    peers.map((peer) => [
      peer.name,
      peer.id,
      stateText(peer),
      peer.endpoints.map(endpointText).join(' '),
      peer.version ?? '',
      clockText(peer.link) ?? '',
    ]),
  );
  const remarks = peers.flatMap((peer) => [
    ...peerRemarks(peer),
    ...(peer.state === 'introduced'
      ? [`To accept ${peer.name}: quorate peers accept ${peer.isNameShared ? peer.id : peer.name}`]
      : []),
  ]);
  return [table, ...remarks.map((text) => text.slice(0, Math.max(columns * 6, 400)))].join('\n');
};

export const renderNearby = (servers: readonly Nearby[]): string =>
  renderTable(
    [
      { title: 'NAME' },
      { title: 'ID' },
      { title: 'ADDRESS' },
      { title: 'HEARD ON' },
      { title: 'VERSION' },
      { title: 'INVITES' },
      { title: 'IS', maxWidth: 50 },
    ],
    servers.map((one) => [
      one.name,
      one.id,
      endpointText(one),
      one.heardOn,
      one.version,
      one.isInviting ? 'yes' : 'no',
      nearbyText(one),
    ]),
  );

export const renderSelf = (self: PeerSelf): string =>
  [
    `Name         ${self.name}`,
    `Id           ${self.id}`,
    `Fingerprint  ${self.fingerprint}`,
    `In words     ${self.words}`,
    ...(self.listening.length === 0
      ? ['Listens      nowhere: peers cannot reach this server ("quorate peers listen ADDRESS")']
      : self.listening.map(
          (door) =>
            `Listens      ${endpointText(door)}${door.isOpen ? '' : ` (not now: ${asClause(door.reason ?? 'closed')})`}`,
        )),
    ...(self.invitation ? [`Invitation   open until ${zonedTime(self.invitation.expiresAt)}`] : []),
    ...(self.isPairingLocked ? ['Pairing      locked after five wrong tries; a new invitation unlocks it'] : []),
    ...(self.lastPaired
      ? [`Paired last  ${self.lastPaired.name} (${self.lastPaired.id}): ${self.lastPaired.words}`]
      : []),
    ...(self.copyHeardAt
      ? [`WARNING      ${self.copyHeardAt} shows this server’s identity: one of the two is a copy of the other’s disk`]
      : []),
  ].join('\n');
