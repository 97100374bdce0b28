import { create } from 'zustand';
import type { Envelope } from '../../shared/errors/failure.ts';
import { parseServerRef, printServerRef } from '../../shared/model/server-ref.ts';

/** What the top line says of a server; null where it is not known yet. */
export interface ShownServer {
  readonly name: string | null;
  readonly model: string | null;
  readonly operatingSystem: string | null;
}

interface ServerState {
  /** The printed reference of the server that Network, Storage and Server are about. */
  readonly host: string;
  /** What is known of each server, by its host. */
  readonly shown: Readonly<Record<string, ShownServer>>;
  readonly openHost: (host: string) => void;
  /** Opens a rehearsal, which is made first where there is none of that name. Answers with why it could not. */
  readonly openRehearsal: (name: string) => Promise<Envelope | null>;
  /** A server turned out to have another, fuller name. */
  readonly renameHost: (from: string, to: string) => void;
  readonly describe: (host: string, what: Partial<ShownServer>) => void;
}

const nothing: ShownServer = { name: null, model: null, operatingSystem: null };

export const useServer = create<ServerState>((set) => ({
  host: 'local',
  shown: {},
  openHost: (host) => set({ host }),
  openRehearsal: async (world) => {
    const problem = await makeRehearsal(world);
    if (problem === null) set({ host: printServerRef({ kind: 'rehearsal', world, server: null }) });
    return problem;
  },
  renameHost: (from, to) => set(({ host }) => (host === from ? { host: to } : {})),
  describe: (host, what) =>
    set(({ shown }) => ({ shown: { ...shown, [host]: { ...(shown[host] ?? nothing), ...what } } })),
}));

/** How a rehearsal is made: the core is asked by whoever may ask it, which this folder may not. */
let makeRehearsal: (name: string) => Promise<Envelope | null> = () => Promise.resolve(null);
export const setRehearsalMaker = (make: typeof makeRehearsal): void => {
  makeRehearsal = make;
};

/** The rehearsal's name with its server, or null for a real server. */
export const rehearsalOf = (host: string): string | null => {
  const ref = parseServerRef(host);
  return ref?.kind === 'rehearsal' ? `${ref.world}${ref.server === null ? '' : `/${ref.server}`}` : null;
};
