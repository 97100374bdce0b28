import { randomBytes } from 'node:crypto';
import { peerNameSchema, type Endpoint, type SelfDescription } from '../../shared/model/peer.ts';
import type { Identity } from './identity/identity.ts';

/** What this server is to others, in one process. */
export interface Me {
  readonly identity: Identity;
  readonly name: string;
  readonly version: string;
  /** Tells this process from a copy of the data folder that runs elsewhere. */
  readonly run: string;
  readonly endpoints: () => readonly Endpoint[];
  readonly now: () => number;
}

export const newRun = (): string => randomBytes(8).toString('hex');

export const describeMe = (me: Me): SelfDescription => ({
  name: me.name,
  version: me.version,
  endpoints: [...me.endpoints()],
});

/** A computer's name as others are told it. */
export const presentableName = (name: string): string => {
  const cut = [...name.normalize('NFC').replace(/[^\p{L}\p{N}._ -]/gu, '-')].slice(0, 63).join('');
  return peerNameSchema.safeParse(cut).success ? cut : 'server';
};
