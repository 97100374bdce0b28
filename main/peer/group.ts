import { peerIdOf } from '../../shared/model/peer.ts';
import type { GroupServer, PeerPort } from '../ports/peer-port.ts';

/** A server and those that are paired with it. */
export interface GroupParts {
  readonly name: string;
  /** Calls this very core, as a peer would. */
  readonly here: GroupServer['call'];
  readonly paired: readonly { readonly fingerprint: string; readonly name: string }[];
  readonly peers: PeerPort;
}

/** This server first, then those that are paired with it. */
export const groupOf = ({ name: own, here, paired, peers }: GroupParts): GroupServer[] => [
  { id: 'local', name: own, call: here },
  ...paired.map(({ fingerprint, name }): GroupServer => {
    const id = peerIdOf(fingerprint);
    return { id, name, call: (method, input, signal) => peers.call(id, method, input, signal ? { signal } : {}) };
  }),
];
