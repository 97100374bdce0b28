import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { localServer, printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import type { Server, ServerSource } from '../operations/plans/server.ts';
import type { SingleWriter } from '../coordination/single-writer.ts';
import type { CoreSettings } from './core-settings.ts';
import { OpenServers } from './open-servers.ts';
import { resumeCommand } from './resume-command.ts';
import { shippedFolder } from './shipped-folder.ts';

/** The single-writer rule of a core, made when it is first needed. */
export type LoadSingleWriter = () => Promise<SingleWriter>;

/** How the methods of a core reach a server with everything that an operation on it needs. */
export interface ServerAccess extends ServerSource {
  /** Lets go of every server that is still open. */
  readonly close: () => Promise<void>;
}

/**
 * Where the roles and paths of a server are kept. A simulated server whose cluster was formed in a rehearsal has a core of its own for that; whoever
 * opens it from outside finds there what was made of it.
 */
const settingsFolder = ({ dataFolder, worldsFolder = dataFolder }: CoreSettings, ref: ServerRef): string => {
  if (ref.kind !== 'rehearsal' || ref.server === null) return dataFolder;
  const own = join(worldsFolder, 'rehearsed', ref.world, ref.server);
  return existsSync(own) ? own : dataFolder;
};

export const serverAccess = (
  settings: CoreSettings,
  loadSingleWriter: LoadSingleWriter,
  peerConnections: Server['peerConnections'],
): ServerAccess => {
  const { dataFolder } = settings;
  const servers = new OpenServers(settings.worldsFolder ?? dataFolder, settings.host === 'cli', settings.openServer);
  let journal: Promise<Server['journal']> | null = null;
  const openJournal = (): Promise<Server['journal']> => {
    journal ??= import('../journal/journal.ts').then(
      ({ Journal }) => new Journal(dataFolder, () => new Date(), settings.durability),
    );
    return journal;
  };

  const onServer: ServerAccess['onServer'] = async (ref, work) => {
    const [{ windowsFolder }, { ServerSettings }, { defaultPatience }, opened, singleWriter] = await Promise.all([
      import('../powershell/runner/windows-folder.ts'),
      import('../journal/server-settings.ts'),
      import('../coordination/server.ts'),
      openJournal(),
      loadSingleWriter(),
    ]);
    const meant = ref.kind === 'local' && settings.localServer ? settings.localServer : ref;
    const isOwn = ref.kind === 'local' || printServerRef(meant) === printServerRef(settings.localServer ?? localServer);
    return servers.use(meant, (ports) => {
      // One server has one name, however it was asked for: its roles, its journal and its lane hang on it.
      const name = printServerRef(ports.ref);
      const server: Omit<Server, 'renderScripts'> = {
        name,
        ports,
        settings: new ServerSettings(settingsFolder(settings, ports.ref), name, settings.durability),
        journal: opened,
        // A simulated server that this core merely plays with is nobody's shared disk but the world's.
        singleWriter: isOwn ? singleWriter : null,
        ...(isOwn && peerConnections ? { peerConnections } : {}),
        patience: { ...defaultPatience, ...settings.patience },
        now: () => new Date(),
        resumeCommand: resumeCommand(dataFolder, windowsFolder),
      };
      return work({
        ...server,
        renderScripts: async (changes, observed) => {
          const [{ renderScripts }, { createRunner }, { Secret }] = await Promise.all([
            import('../windows/render-scripts.ts'),
            import('../powershell/index.ts'),
            import('../ports/secret.ts'),
          ]);
          const runner = createRunner({ folder: shippedFolder('powershell') });
          try {
            // What is printed asks for its secrets when it runs.
            const given = { secret: () => new Secret(''), resumeCommand: server.resumeCommand };
            return await renderScripts(runner, given, changes, observed);
          } finally {
            await runner.close();
          }
        },
      });
    });
  };
  return { openJournal, onServer, close: () => servers.close() };
};
