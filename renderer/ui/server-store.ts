import { create } from 'zustand';

/** What the top line says of a server; null where it is not known yet. */
export interface ShownServer {
  readonly name: string | null;
  readonly model: string | null;
  readonly operatingSystem: string | null;
}

interface ServerState {
  /** `local` or `rehearsal:NAME`: the server that Network, Storage and Server are about. */
  readonly host: string;
  /** What is known of each server, by its host. */
  readonly shown: Readonly<Record<string, ShownServer>>;
  readonly openHost: (host: string) => void;
  /** A server turned out to have another, fuller name. */
  readonly renameHost: (from: string, to: string) => void;
  readonly describe: (host: string, what: Partial<ShownServer>) => void;
}

const nothing: ShownServer = { name: null, model: null, operatingSystem: null };

export const useServer = create<ServerState>((set) => ({
  host: 'local',
  shown: {},
  openHost: (host) => set({ host }),
  renameHost: (from, to) => set(({ host }) => (host === from ? { host: to } : {})),
  describe: (host, what) =>
    set(({ shown }) => ({ shown: { ...shown, [host]: { ...(shown[host] ?? nothing), ...what } } })),
}));

/** The rehearsal's name, or null for a real server. */
export const rehearsalOf = (host: string): string | null =>
  host.startsWith('rehearsal:') ? host.slice('rehearsal:'.length) : null;
