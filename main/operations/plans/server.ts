import type { Change } from '../../../shared/changes/index.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { ExecutedServer } from '../../coordination/server.ts';
import type { Journal } from '../../journal/journal.ts';
import type { PeerConnection } from '../../../shared/model/peer.ts';
import type { ServerRef } from '../../../shared/model/server-ref.ts';

/** One server with everything that an operation on it needs. */
export interface Server extends ExecutedServer {
  /** The printed reference of `ports.ref`: what is stored and shown. */
  readonly name: string;
  readonly journal: Journal;
  /** Connections of paired servers to this one; left out where this core has none of its own there. */
  readonly peerConnections?: () => Promise<readonly PeerConnection[]>;
  /** The PowerShell that each change runs, in the same order; null for what changes nothing of Windows. */
  readonly renderScripts: (changes: readonly Change[], observed: Observed) => Promise<readonly (string | null)[]>;
}

/** How operations that are about more than one server, or about none yet, reach them. */
export interface ServerSource {
  readonly openJournal: () => Promise<Journal>;
  /** Opens the server for one piece of work. What this core takes for its own server may be a simulated one. */
  readonly onServer: <T>(ref: ServerRef, work: (server: Server) => Promise<T>) => Promise<T>;
}
