import { hostname } from 'node:os';
import type * as z from 'zod';
import { lunsSeen, peersLuns } from '../../shared/contract/luns.ts';
import type { SeenLuns, SeenPath } from '../../shared/model/lun-map.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { ServerToLookAt } from '../operations/peers/luns.ts';
import type { Peers } from './compose-peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

const load = () => import('../operations/peers/luns.ts');

/** The portals to look over, and what their targets want proven. */
type Wish = z.output<typeof lunsSeen.input>;

/** Which server sees which logical unit: bound here, loaded when it is first called. */
export const lunImplementations = (
  settings: CoreSettings,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => {
  const isSimulated = settings.localServer?.kind === 'rehearsal';
  const isWindows = isSimulated || process.platform === 'win32';

  const unlooked = (portal: string | null, because: string): SeenPath => ({
    by: 'quorate',
    bus: 'iscsi',
    target: null,
    portal,
    source: null,
    units: null,
    because,
  });

  const overPortals = async ({ portals, chap }: Wish, signal: AbortSignal): Promise<SeenPath[]> => {
    const { seenOverPortals } = await load();
    // What is simulated has no network that a logon could take; its own sessions are told.
    if (isSimulated)
      return portals.map(({ address, port }) =>
        unlooked(`${address}:${port}`, 'a simulated server logs on nowhere; its own sessions are told'),
      );
    const [{ thisServer }, { discoverTargets }] = await Promise.all([
      import('./this-server.ts'),
      import('../operations/qualification/discover-targets.ts'),
    ]);
    const own = {
      addresses: () => thisServer.addresses(),
      discover: (input: { portal: string; sourceIp: string; withLuns: true }) =>
        discoverTargets({ ...input, ...(chap ? { chap } : {}) }, thisServer, { signal, progress: () => undefined }),
    };
    return seenOverPortals(portals, own, signal);
  };

  const seenHere = async (wish: Wish, signal: AbortSignal): Promise<SeenLuns> => {
    const { portals } = wish;
    const { seenByWindows, seenLuns } = await load();
    const byWindows = isWindows
      ? await onServer(localServer, ({ ports }) => seenByWindows(ports, signal))
      : portals.length === 0
        ? [unlooked(null, 'it is no Windows Server: name the portals to look over ("--portal")')]
        : [];
    return seenLuns([...byWindows, ...(await overPortals(wish, signal))]);
  };

  const servers = async (wish: Wish, signal: AbortSignal): Promise<ServerToLookAt[]> => {
    const service = await peers.service();
    const others = service.book
      .members()
      .filter(({ state }) => state === 'paired')
      .map(({ fingerprint, name }): ServerToLookAt => {
        const id = peerIdOf(fingerprint);
        return { id, name, ask: () => peers.call(id, lunsSeen.name, wish, { signal }) };
      });
    return [{ id: 'local', name: service.me.name || hostname(), ask: () => seenHere(wish, signal) }, ...others];
  };

  return [
    implement(lunsSeen, (wish, { signal }) => seenHere(wish, signal)),
    implement(peersLuns, async (wish, { signal }) => {
      const { mapLuns } = await load();
      return mapLuns(await servers(wish, signal), new Date().toISOString(), signal);
    }),
  ];
};
