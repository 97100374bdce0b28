import type { HostView } from '../../../shared/contract/host.ts';
import type { ServerView } from '../../../shared/contract/server.ts';
import { serverStanding } from '../../../shared/plan/standing/server.ts';
import { isOpen } from '../../journal/entry.ts';
import { observeHost } from '../areas/host.ts';
import type { Server } from '../plans/server.ts';

/** The server that answered, for every view. */
export const viewOf = (server: Server, computerName: string): ServerView => ({ ref: server.name, computerName });

/** What the server is: name, membership, system, pending restart, time. */
export const readHost = async (server: Server, signal?: AbortSignal): Promise<HostView> => {
  const observed = await observeHost(server, signal);
  return {
    server: viewOf(server, observed.facts.computerName),
    facts: observed.facts,
    pendingRestart: observed.pendingRestart,
    time: observed.time,
    resumes: observed.resumes === null ? null : [...observed.resumes],
    standing: serverStanding(
      observed,
      server.journal.listOpen().filter((entry) => entry.begin.server === server.name && isOpen(entry)).length,
    ),
    unread: Object.entries(observed.unread).map(([property, because]) => ({ property, because })),
    readAt: server.now().toISOString(),
  };
};
