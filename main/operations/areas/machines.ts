import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { MachinesObserved } from '../../../shared/plan/observed.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeMachines = async (server: Server, signal?: AbortSignal): Promise<MachinesObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.machines.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const machinesArea: AreaEntry<'vms'> = {
  observe: observeMachines,
  plan: (desire, observed, { answers }) => planListed('vms', desire, { vms: observed }, answers),
};
