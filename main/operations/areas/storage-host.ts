import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { StorageHostObserved } from '../../../shared/plan/observed.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeStorageHost = async (server: Server, signal?: AbortSignal): Promise<StorageHostObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.storageHost.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const storageHostArea: AreaEntry<'storageHost'> = {
  observe: observeStorageHost,
  plan: (desire, observed, { answers }) => planListed('storageHost', desire, { storageHost: observed }, answers),
};
