import { localServer } from '../../shared/model/server-ref.ts';
import { Peers, type PeersOptions } from '../peer/peers.ts';
import { ownName, type CoreSettings } from './core-settings.ts';
import { version } from './version.ts';

/** The peers of a core, with the firewall of the server that it takes for its own. */
export const peersOf = (settings: CoreSettings, core: Pick<PeersOptions, 'answer' | 'find'>): Peers => {
  const { dataFolder, worldsFolder, localServer: own, log } = settings;
  const hasFirewall = own !== undefined || process.platform === 'win32';
  return new Peers({
    dataFolder,
    name: ownName(settings),
    version,
    program: process.execPath,
    ...core,
    onFirewall: hasFirewall
      ? async (work) => {
          const { openServer } = await import('./open-servers.ts');
          const ports = await openServer(own ?? localServer, worldsFolder ?? dataFolder);
          try {
            await work(ports.firewall);
          } finally {
            await ports.close();
          }
        }
      : null,
    ...(log ? { log } : {}),
  });
};
