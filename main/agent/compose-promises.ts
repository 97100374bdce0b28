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
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { Peers } from '../peer/peers.ts';
import type { LoadSingleWriter, ServerAccess } from './server-access.ts';

const assertPeer = (caller: Caller, method: string): Extract<Caller, { kind: 'peer' }> => {
  if (caller.kind === 'peer') return caller;
  throw failure('CALL_NOT_ALLOWED', { caller: printCaller(caller), method });
};

/** Promises about shared disks: bound here, loaded when they are first asked for. */
export const promiseImplementations = (
  load: LoadSingleWriter,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => [
  implement(promiseAsk, async (asked, { caller, signal }) => {
    const { fingerprint, id } = assertPeer(caller, promiseAsk.name);
    const name = (await peers.paired()).find((one) => one.fingerprint === fingerprint)?.name ?? id;
    const { keptHere } = await import('../operations/peers/claims.ts');
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
    return { servers: await surveyClaims(await peers.group(), signal) };
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
