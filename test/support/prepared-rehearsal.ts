import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../../main/rehearsal/world/world.ts';
import { readyServers } from './cluster-world.ts';
import { edit, portsOf } from './validated-world.ts';
import type { TestWorld } from './world.ts';

/**
 * A rehearsal in a data folder whose two servers have the roles, the LUNs and their volumes: what comes before a cluster, made in this process in
 * half a second. From then on its clock is that of this machine. Nothing may have it open yet.
 */
export const prepareRehearsal = async (data: string, name: string): Promise<void> => {
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
  });
  await world.close();
};
