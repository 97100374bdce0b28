import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { RolesObserved } from '../../../shared/plan/observed.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeRoles = async (server: Server, signal?: AbortSignal): Promise<RolesObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.roles.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const rolesArea: AreaEntry<'roles'> = {
  observe: observeRoles,
  plan: (desire, observed, { answers }) => planListed('roles', desire, { roles: observed }, answers),
};
