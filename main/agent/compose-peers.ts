import {
  peersAccept,
  peersDiscover,
  peersForget,
  peersInvite,
  peersJoin,
  peersList,
  peersListen,
  peersReadInvitation,
  peersSaveInvitation,
  peersSelf,
  peersWithdraw,
} from '../../shared/contract/peers.ts';
import { failure } from '../../shared/errors/failure.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { Peers } from '../peer/peers.ts';

const loadInvitationFiles = () =>
  Promise.all([import('../operations/peers/invitation-file.ts'), import('./local-files.ts')]);

const loadDescriptions = () => import('../peer/describe.ts');

/** The methods about peers. */
export const peerImplementations = (peers: Peers): Implementation[] => [
  implement(peersSelf, async () => {
    const service = await peers.service();
    return (await loadDescriptions()).describeSelf(service, peers.firewall());
  }),
  implement(peersList, async ({ all }) => ({
    peers: (await loadDescriptions()).listPeers(await peers.service(), all),
  })),
  implement(peersDiscover, async ({ waitMs }, { signal }) => {
    const service = await peers.service();
    const sightings = await service.discover(waitMs, signal);
    return { servers: (await loadDescriptions()).describeNearby(service, sightings) };
  }),
  implement(peersInvite, async () => {
    const service = await peers.service();
    const { code, expiresAt } = service.invite();
    const { identity, name } = service.me;
    return { code, expiresAt: expiresAt.toISOString(), id: identity.id, name, endpoints: [...service.me.endpoints()] };
  }),
  implement(peersWithdraw, async () => ({ wasOpen: (await peers.service()).withdrawInvitation() })),
  implement(peersSaveInvitation, async ({ to }) => {
    const service = await peers.service();
    const { name } = service.me;
    const open = service.invitations.current();
    if (!open) throw failure('PEER_NO_INVITATION_HERE', {});
    const [{ saveInvitation }, { localFiles }] = await loadInvitationFiles();
    const expiresAt = open.expiresAt.toISOString();
    return saveInvitation({ code: open.code, expiresAt, name, endpoints: [...service.me.endpoints()] }, to, localFiles);
  }),
  implement(peersReadInvitation, async ({ file }) => {
    const [{ readInvitationFile }, { localFiles }] = await loadInvitationFiles();
    return readInvitationFile(file, localFiles);
  }),
  implement(peersJoin, async ({ code, endpoints }, { signal }) => {
    const service = await peers.service();
    const { record, words, endpoint } = await service.join(code, endpoints, signal);
    const { fingerprintGroups, fingerprintWords } = await import('../peer/identity/words.ts');
    return {
      id: peerIdOf(record.fingerprint),
      name: record.name,
      words,
      fingerprint: fingerprintGroups(record.fingerprint),
      fingerprintWords: fingerprintWords(record.fingerprint),
      endpoint,
    };
  }),
  implement(peersAccept, async ({ peer }) => {
    const { fingerprint, name } = (await peers.service()).accept(peer);
    return { id: peerIdOf(fingerprint), name };
  }),
  implement(peersForget, async ({ peer }) => {
    const { record, toBeTold } = await (await peers.service()).forget(peer);
    return { id: peerIdOf(record.fingerprint), name: record.name, toBeTold: [...toBeTold] };
  }),
  implement(peersListen, async ({ endpoints }) => {
    const service = await peers.service();
    const listening = await service.listen(endpoints);
    service.book.setListen(endpoints);
    await peers.firewallSettled();
    return { listening, firewall: peers.firewall() };
  }),
];
