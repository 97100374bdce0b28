import { failure } from '../../shared/errors/failure.ts';
import type { HostFacts } from '../../shared/model/facts.ts';
import type { ReadinessReport } from '../../shared/model/readiness-report.ts';
import { checkReadiness, type ReadinessPorts } from '../operations/readiness/check-readiness.ts';
import type { FactsPort, GatherOptions } from '../ports/facts-port.ts';
import { localFiles } from './local-files.ts';
import { shippedFolder } from './shipped-folder.ts';
import { version } from './version.ts';

const now = (): Date => new Date();

const readSysroot = async (dir: string): Promise<HostFacts> => {
  const linux = await import('../linux/facts-host.ts');
  return linux.readSysroot(dir, { version, now });
};

/** This machine's facts: PowerShell on Windows, the file tree on Linux. */
const factsOfThisMachine: FactsPort = {
  gather: async (options) => {
    if (process.platform === 'linux') {
      const linux = await import('../linux/facts-host.ts');
      return linux.linuxFactsHost({ version, now }).gather(options);
    }
    if (process.platform !== 'win32') throw failure('READINESS_NO_SOURCE', { platform: process.platform });
    const { windowsFactsHost } = await import('../windows/facts-host.ts');
    const { createRunner } = await import('../powershell/index.ts');
    const runner = createRunner({ folder: shippedFolder('powershell') });
    try {
      return await windowsFactsHost({ runner: async () => runner, version, now, readSysroot }).gather(options);
    } finally {
      await runner.close();
    }
  },
  readSysroot,
};

const ports: ReadinessPorts = { facts: factsOfThisMachine, files: localFiles, version, now };

/**
 * The operation behind `readiness.check`, bound to this machine. It loads no schema, so that `quorate readiness` answers
 * in less than twice the time that Node itself takes to start (docs/benchmarks.md); the contract's method checks its
 * input and output around the same call.
 */
export const checkReadinessHere = async (
  input: Parameters<typeof checkReadiness>[0],
  options: GatherOptions,
): Promise<ReadinessReport> => checkReadiness(input, ports, options);
