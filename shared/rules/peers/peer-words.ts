import type { Nearby, PeerView } from '../../contract/peers.ts';
import type { Outcome } from '../../model/check.ts';
import type { KeptClaim } from '../../model/promise.ts';

/** `10.0.0.11:23343`, `[fe80::1]:23343`. */
export const endpointText = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** How a peer is, in a few words: the same on screen and on the command line. */
export const peerMark = ({
  changedIdentity,
  state,
  link,
}: Pick<PeerView, 'changedIdentity' | 'state' | 'link'>): { readonly outcome: Outcome; readonly word: string } => {
  if (changedIdentity) return { outcome: 'fail', word: 'Another identity answers' };
  switch (state) {
    case 'cloned':
      return { outcome: 'fail', word: 'Two servers show its identity' };
    case 'introduced':
      return { outcome: 'warn', word: 'Introduced, waits for consent' };
    case 'forgotten':
      return { outcome: 'notApplicable', word: 'Forgotten' };
    case 'unfinished':
      return { outcome: 'warn', word: 'Pairing not finished' };
    case 'paired':
      switch (link.state) {
        case 'connected':
          return { outcome: 'pass', word: 'Connected' };
        case 'connecting':
          return { outcome: 'unknown', word: 'Connecting' };
        case 'down':
          return { outcome: 'fail', word: 'Not connected' };
        case 'notTried':
          return { outcome: 'unknown', word: 'Not tried' };
      }
  }
};

/** The peer's clock beside this one; null where it was not measured. */
export const clockText = ({
  clockOffsetMs,
  clockToleranceMs,
}: Pick<PeerView['link'], 'clockOffsetMs' | 'clockToleranceMs'>): string | null => {
  if (clockOffsetMs === null) return null;
  const offset = clockOffsetMs / 1000;
  const shown = offset.toFixed(3).replace(/^-(?=0\.000$)/, '');
  return `${shown.startsWith('-') ? '' : '+'}${shown} s ± ${((clockToleranceMs ?? 0) / 1000).toFixed(3)} s`;
};

/** What a person has to know about a peer, a sentence each. `names` are those of the peers by their ids. */
export const peerRemarks = (peer: PeerView, names: ReadonlyMap<string, string> = new Map()): string[] => {
  const { name, id } = peer;
  return [
    ...(peer.changedIdentity
      ? [
          `${name} (${id}): at ${peer.changedIdentity.address} another identity answers (${peer.changedIdentity.fingerprint.slice(0, 16)}). Nothing is sent to it. If ${name} was reinstalled, forget it and pair it again.`,
        ]
      : []),
    ...(peer.state === 'cloned'
      ? [
          `${name} (${id}): two servers show this identity, one is a copy of the other’s disk. Both are shut out until the copy has an identity of its own and this one is forgotten and paired again.`,
        ]
      : []),
    ...(peer.state === 'paired' && peer.link.state === 'down' && peer.link.reason
      ? [`${name}: ${peer.link.reason}.`]
      : []),
    ...(peer.state === 'unfinished'
      ? [`${name} proved that it holds the invitation, and has not answered since. It is a peer once it connects.`]
      : []),
    ...(peer.state === 'introduced'
      ? [
          `${name} (${id}) was introduced by ${names.get(peer.introducedBy ?? '') ?? peer.introducedBy ?? 'a peer'}. Its words: ${peer.words}. Compare them with its screen before you accept it.`,
        ]
      : []),
    ...(peer.state === 'paired' && peer.versionSkew === 'unlike'
      ? [
          `${name} runs Quorate ${peer.version ?? ''}, which is not the version of this server: it cannot take part in a formation until both run the same one.`,
        ]
      : []),
    ...(peer.isNameShared ? [`${name}: another server has this name; use the id.`] : []),
  ];
};

/** What a server near by is to this one; empty for one that nobody knows. */
export const nearbyText = ({ remark, relation }: Pick<Nearby, 'remark' | 'relation'>): string =>
  remark ??
  {
    stranger: '',
    peer: 'paired',
    introduced: 'introduced',
    forgotten: 'forgotten',
    thisServer: 'this server',
    copyOfThisServer: 'a copy of this server',
  }[relation];

/** How this server stands to a shared disk. */
export const claimText = ({ claim, writerName }: Pick<KeptClaim, 'claim' | 'writerName'>): string => {
  switch (claim.kind) {
    case 'promised':
      return `promised to ${writerName ?? claim.writer.slice(0, 16)}`;
    case 'writing':
      return 'writes to it';
    case 'returning':
      return 'is being handed back';
    case 'free':
      return 'free';
  }
};
