import { mkdtempSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import { rehearsalPorts } from '../../../main/rehearsal/host/rehearsal-host.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import type { ContractHost } from './contract.ts';
import { removeFolder } from '../../support/remove-folder.ts';

export const rehearsalHost: ContractHost = {
  name: 'rehearsal',
  whyNot: () => null,
  asksWorldForRefusals: true,
  open: async (world, server) => rehearsalPorts(await world.connect('contract'), 'lab', server),
};

/**
 * The Windows host: the product's adapter, runner and scripts on the real PowerShell engine, against simulated modules that
 * the world answers. Windows itself is not here; what it would say is what the world's table of behaviours says.
 *
 * The groups of a file share one engine, as the sessions of an agent serve one change after the other: each group has a world of its own, and the
 * address that the engine knows is a link to the one of the group that runs. `without` as of {@link startEngine}.
 */
export const windowsHost = (without?: readonly string[]): ContractHost => {
  let folder: string | null = null;
  const engines = new Map<string, Promise<Engine>>();
  afterAll(async () => {
    for (const engine of engines.values()) await (await engine).close();
    if (folder) await removeFolder(folder);
  });
  const start = async (address: string, server: string): Promise<Engine> => {
    const engine = await startEngine({ world: { address, server, ...(without ? { without } : {}) } });
    await engine.runner.warm();
    return engine;
  };
  return {
    name: 'windows',
    whyNot: () => engineMissing,
    open: async (world, server) => {
      let { address } = world;
      // A named pipe has no links.
      if (process.platform !== 'win32') {
        folder ??= mkdtempSync(join(tmpdir(), 'quorate-contract-'));
        address = join(folder, 'world');
        symlinkSync(world.address, `${address}.new`);
        renameSync(`${address}.new`, address);
      }
      const key = `${server} ${address}`;
      if (!engines.has(key)) engines.set(key, start(address, server));
      const { runner } = await engines.get(key)!;
      return {
        ...createWindowsPorts(runner, { version: '0', now: () => new Date() }),
        close: async () => undefined,
      };
    },
  };
};
