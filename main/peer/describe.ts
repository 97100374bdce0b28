import type { Nearby, PeerSelf, PeerView } from '../../shared/contract/peers.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import { skewOf } from '../../shared/model/version-skew.ts';
import type { Sighting } from './discovery/records.ts';
import { fingerprintGroups, fingerprintWords } from './identity/words.ts';
import type { PeerService } from './service.ts';
import { commonProtocol } from './talk.ts';

export const describeSelf = (service: PeerService, firewall: PeerSelf['firewall']): PeerSelf => {
  const { identity, name, version } = service.me;
  const open = service.invitations.current();
  return {
    id: identity.id,
    name,
    version,
    fingerprint: fingerprintGroups(identity.fingerprint),
    words: fingerprintWords(identity.fingerprint),
    listening: service.doors(),
    invitation: open && { code: open.code, expiresAt: open.expiresAt.toISOString() },
    wrongTries: service.invitations.wrongTries(),
    isPairingLocked: service.invitations.isLocked(),
    lastPaired: service.lastPaired(),
    firewall,
    copyHeardAt: service.copyOfUs(),
  };
};

export const listPeers = (service: PeerService, withForgotten: boolean): PeerView[] => {
  const peers = service.peers().filter(({ record }) => withForgotten || record.state !== 'forgotten');
  const sameName = (name: string): number =>
    peers.filter(({ record }) => record.name.toLowerCase() === name.toLowerCase()).length;
  return peers
    .map(({ record, link }) => ({
      ...record,
      id: peerIdOf(record.fingerprint),
      words: fingerprintWords(record.fingerprint),
      link,
      versionSkew: skewOf(service.me.version, record.version),
      isNameShared: sameName(record.name) > 1 || record.name.toLowerCase() === service.me.name.toLowerCase(),
    }))
    .sort((one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id));
};

const relationOf = (service: PeerService, { id, run }: Sighting): Nearby['relation'] => {
  if (id === service.me.identity.id) return run === service.me.run ? 'thisServer' : 'copyOfThisServer';
  switch (service.book.byId(id)?.state) {
    case 'paired':
    case 'unfinished':
    case 'cloned':
      return 'peer';
    case 'introduced':
      return 'introduced';
    case 'forgotten':
      return 'forgotten';
    case undefined:
      return 'stranger';
  }
};

const remarkOf = (service: PeerService, one: Sighting, all: readonly Sighting[]): string | null => {
  if (one.id === service.me.identity.id && one.run !== service.me.run)
    return 'It shows this server’s own identity: one of the two is a copy of the other’s disk.';
  if (all.some((other) => other.id === one.id && other.run !== one.run))
    return 'Two servers show this identity: one is a copy of the other’s disk.';
  const isSameName = (name: string): boolean => name.toLowerCase() === one.name.toLowerCase();
  if (
    all.some((other) => other.id !== one.id && isSameName(other.name)) ||
    (one.id !== service.me.identity.id && isSameName(service.me.name))
  )
    return 'Another server has the same name; the identity tells them apart.';
  if (commonProtocol(one.protocols) === null)
    return `It speaks protocol ${one.protocols.join(', ')}, which this version does not.`;
  return null;
};

/** Servers near, this one left out unless somebody else shows its identity. */
export const describeNearby = (service: PeerService, sightings: readonly Sighting[]): Nearby[] =>
  sightings
    .map((sighting) => ({
      id: sighting.id,
      name: sighting.name,
      version: sighting.version,
      address: sighting.address,
      port: sighting.port,
      heardOn: sighting.heardOn,
      isInviting: sighting.isInviting,
      relation: relationOf(service, sighting),
      remark: remarkOf(service, sighting, sightings),
    }))
    .filter(({ relation }) => relation !== 'thisServer')
    .sort((one, other) => one.name.localeCompare(other.name) || one.address.localeCompare(other.address));
