import type * as z from 'zod';
import { lunsSeen, peersLuns } from '../../shared/contract/luns.ts';
import type { SeenLuns } from '../../shared/model/lun-map.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { Peers } from '../peer/peers.ts';
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
  const isSimulated = settings.localServer !== undefined;

  const seenHere = async ({ portals, chap }: Wish, signal: AbortSignal): Promise<SeenLuns> => {
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
              discover: (input) =>
                discoverTargets({ ...input, ...(chap ? { chap } : {}) }, thisServer, {
                  signal,
                  progress: () => undefined,
                }),
            },
      },
      signal,
    );
  };

  return [
    implement(lunsSeen, (wish, { signal }) => seenHere(wish, signal)),
    implement(peersLuns, async (wish, { signal }) => {
      const { mapLuns } = await load();
      const servers = (await peers.group()).map(({ id, name, call }) => ({
        id,
        name,
        ask: () => call(lunsSeen.name, wish, signal),
      }));
      return mapLuns(servers, new Date().toISOString(), signal);
    }),
  ];
};
