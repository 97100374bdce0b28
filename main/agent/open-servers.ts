import { existsSync, realpathSync } from 'node:fs';
import { failure } from '../../shared/errors/failure.ts';
import { printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import type { Ports } from '../ports/ports.ts';
import { version } from './version.ts';
import { shippedFolder } from './shipped-folder.ts';

const platformNames: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS' };

/**
 * Opens a server: the Windows Server that this process runs on, or a simulated one, whose world is started when it does not
 * run. Throws HOST_NOT_HERE, HOST_UNREACHABLE, REHEARSAL_NOT_FOUND, PEER_UNKNOWN, POWERSHELL_*.
 */
export const openServer = async (ref: ServerRef, dataFolder: string): Promise<Ports> => {
  switch (ref.kind) {
    case 'rehearsal': {
      const { openRehearsal } = await import('../rehearsal/host/rehearsal-host.ts');
      return openRehearsal(dataFolder, ref, { frame: { version, now: () => new Date() } });
    }
    case 'peer':
      // Only a server's own core acts on it: a call about a peer is handed to that peer before it comes here.
      throw failure('PEER_UNKNOWN', { peer: ref.id });
    case 'local': {
      if (process.platform !== 'win32')
        throw failure('HOST_NOT_HERE', { platform: platformNames[process.platform] ?? process.platform });
      const [{ createWindowsPorts }, { createRunner }, { measureSockets }] = await Promise.all([
        import('../windows/index.ts'),
        import('../powershell/index.ts'),
        import('./measure-sockets.ts'),
      ]);
      const runner = createRunner({ folder: shippedFolder('powershell') });
      return createWindowsPorts(runner, { version, now: () => new Date() }, measureSockets);
    }
  }
};

/** How long an unused server stays open in a process that lives on, in milliseconds: a warm PowerShell answers at once. */
const idleMs = 120_000;

interface OpenServer {
  readonly ports: Promise<Ports>;
  users: number;
  timer: NodeJS.Timeout | null;
}

/** The servers that this process has open. Calls share one; a command line lets go of it as soon as its call is done. */
export class OpenServers {
  readonly #dataFolder: string;
  readonly #keepMs: number;
  readonly #openServer: typeof openServer;
  readonly #open = new Map<string, OpenServer>();

  constructor(dataFolder: string, isShortLived: boolean, open = openServer) {
    // The same folder under another name would be another world.
    this.#dataFolder = existsSync(dataFolder) ? realpathSync(dataFolder) : dataFolder;
    this.#keepMs = isShortLived ? 0 : idleMs;
    this.#openServer = open;
  }

  async use<T>(ref: ServerRef, work: (ports: Ports) => Promise<T>): Promise<T> {
    const key = printServerRef(ref);
    const server = this.#open.get(key) ?? { ports: this.#openServer(ref, this.#dataFolder), users: 0, timer: null };
    this.#open.set(key, server);
    server.users += 1;
    if (server.timer) clearTimeout(server.timer);
    server.timer = null;
    let isLost = false;
    try {
      return await work(await server.ports);
    } catch (error) {
      // A connection that is gone does not come back: the next call opens a new one.
      isLost = (error as { code?: unknown }).code === 'HOST_UNREACHABLE';
      throw error;
    } finally {
      server.users -= 1;
      if (isLost && this.#open.get(key) === server) this.#open.delete(key);
      if (server.users === 0) await this.#release(key, server, isLost);
    }
  }

  /** Closes what nobody uses at the moment, without waiting for its time. */
  async close(): Promise<void> {
    for (const [key, server] of this.#open) {
      if (server.users > 0) continue;
      if (server.timer) clearTimeout(server.timer);
      this.#open.delete(key);
      await server.ports.then((ports) => ports.close()).catch(() => undefined);
    }
  }

  async #release(key: string, server: OpenServer, isLost: boolean): Promise<void> {
    const close = async (): Promise<void> => {
      if (this.#open.get(key) === server) this.#open.delete(key);
      await server.ports.then((ports) => ports.close()).catch(() => undefined);
    };
    if (isLost || this.#keepMs === 0) return close();
    server.timer = setTimeout(() => void close(), this.#keepMs);
    server.timer.unref();
  }
}
