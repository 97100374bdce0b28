import type { Area } from '../../../shared/changes/kind.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import type { Draft } from '../../../shared/plan/draft.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry, PlanGiven } from './area.ts';
import { hostArea } from './host.ts';
import { initiatorArea } from './initiator.ts';
import { listedEntries } from './listed.ts';
import { networkArea } from './network.ts';
import { storageArea } from './storage.ts';

/** The observed areas; it has to be complete to compile. */
const entries: { readonly [A in Area]: AreaEntry<A> } = {
  host: hostArea,
  network: networkArea,
  initiator: initiatorArea,
  storage: storageArea,
  ...listedEntries,
};

const entryOf = <A extends Area>(area: A): AreaEntry<A> => entries[area];

/** Reads the part of a server that judges whether a change of this area is done. */
export const observeArea = async (server: Server, area: Area, signal?: AbortSignal): Promise<Observed> => ({
  [area]: await entryOf(area).observe(server, signal),
});

/** Reads what the wanted state is about, and plans. */
export const draftOf = async <A extends Area>(
  server: Server,
  wanted: Desire & { readonly area: A },
  given: PlanGiven,
  signal?: AbortSignal,
): Promise<{ readonly draft: Draft; readonly observed: Observed }> => {
  const { area } = wanted;
  const entry = entryOf(area);
  // The area of a wanted state names the kind of both it and what is observed for it.
  const desire = wanted.desire as Parameters<typeof entry.plan>[0];
  const read = await entry.observe(server, signal);
  const observed = entry.observeWanted ? await entry.observeWanted(server, desire, read, signal) : read;
  return { draft: entry.plan(desire, observed, given), observed: { [area]: observed } };
};
