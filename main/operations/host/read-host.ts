import type { HostRef } from '../../../shared/contract/host-spec.ts';
import type { HostView } from '../../../shared/contract/host.ts';
import { observeHost } from '../plans/observe.ts';
import type { Server } from '../plans/server.ts';

/** The server that answered, for every view. */
export const refOf = (server: Server, computerName: string): HostRef => ({
  spec: server.spec,
  kind: server.ports.kind,
  rehearsal: server.ports.name,
  computerName,
});

/** What the server is: name, membership, system, pending restart, time. */
export const readHost = async (server: Server, signal?: AbortSignal): Promise<HostView> => {
  const observed = await observeHost(server, signal);
  return {
    host: refOf(server, observed.facts.computerName),
    facts: observed.facts,
    pendingRestart: observed.pendingRestart,
    time: observed.time,
    resumes: observed.resumes === null ? null : [...observed.resumes],
    unread: Object.entries(observed.unread).map(([property, because]) => ({ property, because })),
    readAt: server.now().toISOString(),
  };
};
