import { describe, vi } from 'vitest';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import { engineMissing, startEngine } from '../../support/engine.ts';
import { changeContract } from './changes.ts';
import type { ContractHost } from './contract.ts';
import { diskContract } from './disks.ts';
import { hostContract } from './host.ts';
import { initiatorContract } from './initiator.ts';
import { nicContract } from './nics.ts';

/**
 * The Windows host: the product's adapter, runner and scripts on the real PowerShell engine, against simulated modules that
 * the world answers. Windows itself is not here; what it would say is what the world's table of behaviours says.
 */
const windows: ContractHost = {
  name: 'windows',
  whyNot: () => engineMissing,
  open: async (world, server) => {
    const engine = await startEngine({ world: { address: world.address, server } });
    await engine.runner.warm();
    return {
      ...createWindowsPorts(engine.runner, { version: '0', now: () => new Date() }),
      close: () => engine.close(),
    };
  },
};

// A whole change reads and writes by dozens of scripts, each a second or so on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

describe.skipIf(engineMissing)('the contract of a host, held by the Windows host', () => {
  changeContract(windows);
  hostContract(windows);
  nicContract(windows);
  initiatorContract(windows);
  diskContract(windows);
});
