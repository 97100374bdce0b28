import { failure } from '../../shared/errors/failure.ts';
import type { ReadinessReport } from '../../shared/model/readiness-report.ts';
import { localServer, type ServerRef } from '../../shared/model/server-ref.ts';
import { checkReadiness, type ReadinessInput } from '../operations/readiness/check-readiness.ts';
import type { FactsPort, GatherOptions } from '../ports/facts-port.ts';
import { localFiles } from './local-files.ts';
import { version } from './version.ts';

const frame = { version, now: (): Date => new Date() };

/**
 * The facts of a server: a Linux machine tells them, too, although nothing else can be done on it, and it is asked without
 * the ports of a Windows Server, which would have to be loaded.
 */
const factsOf = (server: ServerRef, dataFolder: () => Promise<string>): FactsPort => ({
  gather: async (options) => {
    if (server.kind === 'local' && process.platform === 'linux') {
      const { linuxFactsHost } = await import('../linux/facts-host.ts');
      return linuxFactsHost(frame).gather(options);
    }
    if (server.kind === 'local' && process.platform !== 'win32')
      throw failure('READINESS_NO_SOURCE', { platform: process.platform });
    const { openServer } = await import('./open-servers.ts');
    // Only the worlds of rehearsals lie in the data folder: a look at this very server makes none.
    const ports = await openServer(server, server.kind === 'rehearsal' ? await dataFolder() : '');
    try {
      return await ports.facts.gather(options);
    } finally {
      await ports.close();
    }
  },
});

/**
 * The operation behind `readiness.check`, bound to a server. It loads no schema, so that `quorate readiness` answers
 * in less than twice the time that Node itself takes to start (docs/benchmarks.md); the contract's method checks its
 * input and output around the same call.
 */
export const checkReadinessOf = async (
  input: ReadinessInput & { readonly server?: ServerRef },
  dataFolder: () => Promise<string>,
  options: GatherOptions,
): Promise<ReadinessReport> =>
  checkReadiness(
    input,
    {
      facts: factsOf(input.server ?? localServer, dataFolder),
      readSysroot: async (dir) => {
        const { readSysroot } = await import('../linux/facts-host.ts');
        return readSysroot(dir, frame);
      },
      files: localFiles,
      ...frame,
    },
    options,
  );
