import { lunsSeen, peersLuns } from '../../shared/contract/luns.ts';
import type { SeenLuns } from '../../shared/model/lun-map.ts';
import type { Endpoint } from '../../shared/model/peer.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { Peers } from './compose-peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

const load = () => import('../operations/peers/luns.ts');

/** Which server sees which logical unit: bound here, loaded when it is first called. */
export const lunImplementations = (
  settings: CoreSettings,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => {
  const isSimulated = settings.localServer !== undefined;

  const seenHere = async (portals: readonly Endpoint[], signal: AbortSignal): Promise<SeenLuns> => {
    const [operation, { thisServer }, { discoverTargets }] = await Promise.all([
      load(),
      import('./this-server.ts'),
      import('../operations/qualification/discover-targets.ts'),
    ]);
    return operation.seenHere(
      portals,
      {
        windows:
          isSimulated || process.platform === 'win32'
            ? (read) => onServer(localServer, ({ ports }) => read(ports))
            : null,
        own: isSimulated
          ? null
          : {
              addresses: () => thisServer.addresses(),
              discover: (input) => discoverTargets(input, thisServer, { signal, progress: () => undefined }),
            },
      },
      signal,
    );
  };

  return [
    implement(lunsSeen, ({ portals }, { signal }) => seenHere(portals, signal)),
    implement(peersLuns, async ({ portals }, { signal }) => {
      const { mapLuns } = await load();
      const servers = (await peers.group()).map(({ id, name, call }) => ({
        id,
        name,
        ask: () => call(lunsSeen.name, { portals }, signal),
      }));
      return mapLuns(servers, new Date().toISOString(), signal);
    }),
  ];
};
