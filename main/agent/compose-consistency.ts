import type { FileInput } from '../../shared/contract/readiness.ts';
import { peersConsistency, peersFacts } from '../../shared/contract/peers.ts';
import type { ServerFacts } from '../../shared/model/consistency.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import type { ServerRef } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { ServerToAsk } from '../operations/peers/consistency.ts';
import type { Peers } from '../peer/peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';
import { version } from './version.ts';

const load = () => import('../operations/peers/consistency.ts');

/** Putting servers side by side: bound here, loaded when it is first called. */
export const consistencyImplementations = (
  settings: CoreSettings,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => {
  const factsOf = async (ref: ServerRef, signal: AbortSignal): Promise<ServerFacts> => {
    const { factsAlone, gatherServerFacts } = await load();
    const meant = ref.kind === 'local' && settings.localServer ? settings.localServer : ref;
    if (meant.kind === 'local' && process.platform !== 'win32') {
      const { checkReadinessOf } = await import('./readiness-here.ts');
      const options = { server: meant, source: { kind: 'live' as const } };
      const { facts } = await checkReadinessOf(options, async () => settings.dataFolder, { signal });
      return factsAlone(facts, 'it is no Windows Server: only its hardware and system are read', version);
    }
    return onServer(meant, ({ ports }) => gatherServerFacts(ports, version, signal));
  };

  const fromFile = async (file: FileInput, signal: AbortSignal): Promise<ServerToAsk> => {
    const [{ checkReadinessOf }, { serverOfFile }] = await Promise.all([import('./readiness-here.ts'), load()]);
    const input = { source: { kind: 'facts' as const, files: [file] } };
    const { facts } = await checkReadinessOf(input, async () => settings.dataFolder, { signal });
    return serverOfFile(file.kind === 'path' ? file.path : file.name, facts);
  };

  const ofPeers = async (signal: AbortSignal): Promise<ServerToAsk[]> => {
    const [{ clockOf }, service, group] = await Promise.all([load(), peers.service(), peers.group()]);
    return group.map(({ id, name, call }): ServerToAsk => {
      const ask = () => call(peersFacts.name, { server: 'local' }, signal);
      if (id === 'local')
        return { id, name, clock: () => ({ offsetMs: 0, toleranceMs: 0 }), version: () => version, ask };
      // Read after the answer: the connection may have been made for the question.
      const seen = () => service.peers().find(({ record }) => peerIdOf(record.fingerprint) === id);
      return {
        id,
        name,
        clock: () => clockOf(seen()?.link),
        version: () => seen()?.record.version ?? null,
        ask,
      };
    });
  };

  return [
    implement(peersFacts, ({ server }, { signal }) => factsOf(server, signal)),
    implement(peersConsistency, async ({ files, nodes }, { signal }) => {
      const { compareServers } = await load();
      const servers =
        files.length > 0 ? await Promise.all(files.map((file) => fromFile(file, signal))) : await ofPeers(signal);
      return compareServers(servers, new Date().toISOString(), signal, nodes);
    }),
  ];
};
