import type { Output } from '../../../shared/contract/index.ts';
import { clusterEventsSource, isEventOfNote, meaningOf } from '../../../shared/model/cluster-events.ts';
import { viewOf } from '../host/read-host.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';

/** What this server logged of the cluster, the newest first, each with what it means. */
export const readEvents = async (
  server: Server,
  { minutes, all }: { readonly minutes: number; readonly all: boolean },
  signal?: AbortSignal,
): Promise<Output<'cluster.events'>> => {
  const [node, logged] = await Promise.all([
    readNode(server, signal),
    server.ports.cluster.readEvents(minutes, signal ? { signal } : {}),
  ]);
  const shown = all ? logged : logged.filter(isEventOfNote);
  return {
    server: viewOf(server, node),
    minutes,
    events: shown
      .toSorted((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0))
      .map((event) => {
        const meaning = meaningOf(event.id);
        return {
          ...event,
          means: meaning?.means ?? null,
          next: meaning?.next ?? null,
          source: meaning ? clusterEventsSource : null,
        };
      }),
    leftOut: logged.length - shown.length,
    readAt: server.now().toISOString(),
  };
};
