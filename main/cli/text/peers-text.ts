import type { Nearby, PeerSelf, PeerView } from '../../../shared/contract/peers.ts';
import { renderTable } from './table.ts';

const endpointText = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** How a peer is, in a few words. */
export const peerStateText = (peer: PeerView): string => {
  if (peer.changedIdentity) return 'ANOTHER IDENTITY ANSWERS';
  switch (peer.state) {
    case 'cloned':
      return 'TWO SERVERS SHOW ITS IDENTITY';
    case 'introduced':
      return 'introduced, waits for consent';
    case 'forgotten':
      return 'forgotten';
    case 'unfinished':
      return 'pairing not finished';
    case 'paired':
      return { connected: 'connected', connecting: 'connecting', down: 'not connected', notTried: 'not tried' }[
        peer.link.state
      ];
  }
};

const clockText = ({ clockOffsetMs, clockToleranceMs }: PeerView['link']): string => {
  if (clockOffsetMs === null) return '';
  const offset = clockOffsetMs / 1000;
  return `${offset >= 0 ? '+' : ''}${offset.toFixed(3)} s ± ${((clockToleranceMs ?? 0) / 1000).toFixed(3)} s`;
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
      peerStateText(peer),
      peer.endpoints.map(endpointText).join(' '),
      peer.version ?? '',
      clockText(peer.link),
    ]),
  );
  const remarks = peers.flatMap((peer) => [
    ...(peer.changedIdentity
      ? [
          `${peer.name} (${peer.id}): at ${peer.changedIdentity.address} another identity answers (${peer.changedIdentity.fingerprint.slice(0, 16)}). Nothing is sent to it. If ${peer.name} was installed anew, forget it and pair it again.`,
        ]
      : []),
    ...(peer.state === 'cloned'
      ? [
          `${peer.name} (${peer.id}): two servers show this identity, one is a copy of the other’s disk. Both are shut out until the copy has an identity of its own and this one was forgotten and paired anew.`,
        ]
      : []),
    ...(peer.state === 'paired' && peer.link.state === 'down' && peer.link.reason
      ? [`${peer.name}: ${peer.link.reason}.`]
      : []),
    ...(peer.state === 'introduced'
      ? [
          `${peer.name} (${peer.id}) was introduced by ${peer.introducedBy ?? 'a peer'}. Its words: ${peer.words}. Compare them with its screen, then: quorate peers accept ${peer.isNameShared ? peer.id : peer.name}`,
        ]
      : []),
    ...(peer.state === 'paired' && peer.versionSkew === 'unlike'
      ? [
          `${peer.name} runs Quorate ${peer.version ?? ''}, another version than this server: it takes part in no formation until both run the same one.`,
        ]
      : []),
    ...(peer.isNameShared ? [`${peer.name}: another server has this name; use the id.`] : []),
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
      one.remark ??
        {
          stranger: '',
          peer: 'paired',
          introduced: 'introduced',
          forgotten: 'forgotten',
          thisServer: 'this server',
          copyOfThisServer: 'a copy of this server',
        }[one.relation],
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
          (door) => `Listens      ${endpointText(door)}${door.isOpen ? '' : ` (not now: ${door.reason ?? 'closed'})`}`,
        )),
    ...(self.invitation ? [`Invitation   open until ${self.invitation.expiresAt}`] : []),
    ...(self.isPairingLocked ? ['Pairing      locked after five wrong tries; a new invitation unlocks it'] : []),
    ...(self.lastPaired
      ? [`Paired last  ${self.lastPaired.name} (${self.lastPaired.id}): ${self.lastPaired.words}`]
      : []),
    ...(self.copyHeardAt
      ? [`WARNING      ${self.copyHeardAt} shows this server’s identity: one of both is a copy of the other’s disk`]
      : []),
  ].join('\n');

export { endpointText };
