import { existsSync, realpathSync } from 'node:fs';
import { failure } from '../../shared/errors/failure.ts';
import type { Ports } from '../ports/ports.ts';
import { shippedFolder } from './shipped-folder.ts';

const platformNames: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS' };

/**
 * Opens a server: `local` is the Windows Server that this process runs on, `rehearsal:NAME` or `rehearsal:NAME/SERVER` a
 * simulated one, which is started when it does not run. Throws HOST_NOT_HERE, HOST_UNREACHABLE, POWERSHELL_*.
 */
export const openHost = async (spec: string, dataFolder: string): Promise<Ports> => {
  if (spec.startsWith('rehearsal:')) {
    const { openRehearsalHost } = await import('../rehearsal/host/rehearsal-host.ts');
    return openRehearsalHost(dataFolder, spec.slice('rehearsal:'.length));
  }
  if (process.platform !== 'win32')
    throw failure('HOST_NOT_HERE', { platform: platformNames[process.platform] ?? process.platform });
  const [{ createWindowsPorts }, { createRunner }] = await Promise.all([
    import('../windows/index.ts'),
    import('../powershell/index.ts'),
  ]);
  return createWindowsPorts(createRunner({ folder: shippedFolder('powershell') }));
};

/** How long an unused server stays open in a process that lives on, in milliseconds: a warm PowerShell answers at once. */
const idleMs = 120_000;

interface OpenHost {
  readonly ports: Promise<Ports>;
  users: number;
  timer: NodeJS.Timeout | null;
}

/** The servers that this process has open. Calls share one; a command line lets go of it as soon as its call is done. */
export class Hosts {
  readonly #dataFolder: string;
  readonly #keepMs: number;
  readonly #open = new Map<string, OpenHost>();

  constructor(dataFolder: string, isShortLived: boolean) {
    // The same folder under another name would be another world.
    this.#dataFolder = existsSync(dataFolder) ? realpathSync(dataFolder) : dataFolder;
    this.#keepMs = isShortLived ? 0 : idleMs;
  }

  async use<T>(spec: string, work: (ports: Ports) => Promise<T>): Promise<T> {
    const host = this.#open.get(spec) ?? { ports: openHost(spec, this.#dataFolder), users: 0, timer: null };
    this.#open.set(spec, host);
    host.users += 1;
    if (host.timer) clearTimeout(host.timer);
    host.timer = null;
    let isLost = false;
    try {
      return await work(await host.ports);
    } catch (error) {
      // A connection that is gone does not come back: the next call opens a new one.
      isLost = (error as { code?: unknown }).code === 'HOST_UNREACHABLE';
      throw error;
    } finally {
      host.users -= 1;
      if (isLost && this.#open.get(spec) === host) this.#open.delete(spec);
      if (host.users === 0) await this.#release(spec, host, isLost);
    }
  }

  async #release(spec: string, host: OpenHost, isLost: boolean): Promise<void> {
    const close = async (): Promise<void> => {
      if (this.#open.get(spec) === host) this.#open.delete(spec);
      await host.ports.then((ports) => ports.close()).catch(() => undefined);
    };
    if (isLost || this.#keepMs === 0) return close();
    host.timer = setTimeout(() => void close(), this.#keepMs);
    host.timer.unref();
  }
}
