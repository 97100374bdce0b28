import { hostname } from 'node:os';
import {
  promiseAsk,
  promiseHandBack,
  promiseList,
  promiseRelease,
  promiseReturn,
  promiseSurvey,
} from '../../shared/contract/promises.ts';
import { failure } from '../../shared/errors/failure.ts';
import { printCaller, type Caller } from '../../shared/model/caller.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import type { DiskKept } from '../../shared/model/promise.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { SingleWriter } from '../coordination/single-writer.ts';
import type { Ports } from '../ports/ports.ts';
import type { Peers } from './compose-peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { LoadSingleWriter, ServerAccess } from './server-access.ts';

export const singleWriterOf = (settings: CoreSettings, peers: Peers): LoadSingleWriter => {
  const make = async (): Promise<SingleWriter> => {
    const [{ SingleWriter: Made }, { ClaimStore }] = await Promise.all([
      import('../coordination/single-writer.ts'),
      import('../coordination/claim-store.ts'),
    ]);
    return new Made({
      store: new ClaimStore(settings.dataFolder),
      others: () => peers.paired(),
      ask: async (peer, asked) => promiseAsk.output.parse(await peers.call(peer, promiseAsk.name, asked)),
      giveBack: async (peer, asked) => void (await peers.call(peer, promiseHandBack.name, asked)),
    });
  };
  let made: Promise<SingleWriter> | null = null;
  return () => (made ??= make());
};

/** What Windows shows of a disk here; what cannot be read counts for nothing. */
const keptHere = async ({ disks, initiator }: Ports, disk: string, signal: AbortSignal): Promise<DiskKept> => {
  const [policy, listed, state] = await Promise.all([
    disks.readPolicy({ signal }),
    disks.list({ signal }),
    initiator.readState({ signal }),
  ]);
  const found = listed.filter(({ uniqueId }) => uniqueId === disk);
  return {
    sanPolicy: policy.sanPolicy,
    isOffline: found.length === 0 ? null : found.every(({ isOffline }) => isOffline),
    hasSession: state.sessions && state.sessions.length > 0,
    hasFavorite: state.favourites && state.favourites.length > 0,
  };
};

const assertPeer = (caller: Caller, method: string): Extract<Caller, { kind: 'peer' }> => {
  if (caller.kind === 'peer') return caller;
  throw failure('CALL_NOT_ALLOWED', { caller: printCaller(caller), method });
};

const thisName = ({ localServer: own }: CoreSettings): string =>
  own?.kind === 'rehearsal' && own.server ? own.server : hostname();

/** Promises about shared disks: bound here, loaded when they are first asked for. */
export const promiseImplementations = (
  settings: CoreSettings,
  load: LoadSingleWriter,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => [
  implement(promiseAsk, async (asked, { caller, signal }) => {
    const { fingerprint, id } = assertPeer(caller, promiseAsk.name);
    const name = (await peers.paired()).find((one) => one.fingerprint === fingerprint)?.name ?? id;
    const kept = await onServer(localServer, ({ ports }) => keptHere(ports, asked.disk, signal));
    return (await load()).answer({ fingerprint, name }, asked, kept);
  }),
  implement(promiseHandBack, async (asked, { caller }) => {
    (await load()).takeBack(assertPeer(caller, promiseHandBack.name).fingerprint, asked);
    return {};
  }),
  implement(promiseList, async () => ({ claims: [...(await load()).claims()] })),
  implement(promiseSurvey, async (_input, { signal }) => {
    const { surveyClaims } = await import('../operations/peers/claims.ts');
    const others = (await peers.paired()).map(({ fingerprint, name }) => {
      const id = peerIdOf(fingerprint);
      return { id, name, ask: () => peers.call(id, promiseList.name, {}, { signal }) };
    });
    const claims = async () => ({ claims: [...(await load()).claims()] });
    return { servers: await surveyClaims([{ id: 'local', name: thisName(settings), ask: claims }, ...others], signal) };
  }),
  implement(promiseReturn, async () => {
    const singleWriter = await load();
    await singleWriter.finish();
    return { claims: [...singleWriter.claims()] };
  }),
  implement(promiseRelease, async ({ disk, serial, statement }) => {
    const { claim, writerName } = (await load()).release(disk, serial, statement);
    return { disk, writer: claim.kind === 'promised' ? peerIdOf(claim.writer) : null, writerName };
  }),
];
