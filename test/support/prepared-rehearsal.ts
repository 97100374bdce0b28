import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../../main/rehearsal/world/world.ts';
import { readyServers } from './cluster-world.ts';
import { edit, portsOf } from './validated-world.ts';
import type { TestWorld } from './world.ts';

/**
 * A rehearsal in a data folder whose two servers have the roles, the LUNs and their volumes: what comes before a cluster, made in this process in
 * half a second, and as many virtual machines of NODE1 as are asked for. From then on its clock is that of this machine. Nothing may have it open yet.
 */
export const prepareRehearsal = async (data: string, name: string, machines = 0): Promise<void> => {
  const folder = join(data, 'rehearsal', name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
  const servers: Pick<TestWorld, 'ports' | 'advance'> = {
    ports: (server = 'NODE1') => Promise.resolve(portsOf(world, server)),
    advance: (ms) => Promise.resolve(world.advance(ms)),
  };
  await readyServers(servers);
  edit(world, (state) => {
    state.clock.mode = 'real';
    state.machines = Array.from({ length: machines }, (_, at) => ({
      ...{ name: `VM${String(at + 1).padStart(4, '0')}`, id: `vm-${at + 1}`, host: 'NODE1', running: false },
      ...{ generation: 2 as const, memoryBytes: 1_073_741_824, switches: [], hostDevices: [], role: null },
      files: [{ kind: 'configuration', path: `C:\\VMs\\VM${at + 1}\\VM${at + 1}.vmcx` }],
    }));
  });
  await world.close();
};
