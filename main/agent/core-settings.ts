import type { Endpoint } from '../../shared/model/peer.ts';
import type { ServerRef } from '../../shared/model/server-ref.ts';
import type { Log } from '../api/dispatcher.ts';

/** What a core is told about itself when it is composed. */
export interface CoreSettings {
  readonly dataFolder: string;
  /** What this process is: a window, a headless agent, or a command that runs by itself. */
  readonly host: 'window' | 'agent' | 'cli';
  /** The simulated server that this core takes for its own; the real one when it is left out. */
  readonly localServer?: Extract<ServerRef, { kind: 'rehearsal' }>;
  /** Where to listen for peers in this run; where `peers listen` said, when it is left out. */
  readonly listen?: readonly Endpoint[];
  readonly log?: Log;
  readonly logFile?: string;
  /** Called by `core.stop` once it is agreed. */
  readonly onStop?: () => void;
}
