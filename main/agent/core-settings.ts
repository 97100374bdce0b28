import { hostname } from 'node:os';
import type { Endpoint } from '../../shared/model/peer.ts';
import type { ServerRef } from '../../shared/model/server-ref.ts';
import type { FormationStep } from '../../shared/model/formation.ts';
import type { Hands } from '../operations/formation/drills.ts';
import type { ReachPortal } from '../operations/formation/qualify-lun.ts';
import type { Patience } from '../coordination/server.ts';
import type { Ports } from '../ports/ports.ts';
import type { Durability } from '../journal/journal-file.ts';
import type { Log } from '../api/dispatcher.ts';

/** The computer name of the server that a core takes for its own. */
export const ownName = ({ localServer }: Pick<CoreSettings, 'localServer'>): string =>
  localServer?.server ?? hostname();

/** What a core is told about itself when it is composed. */
export interface CoreSettings {
  readonly dataFolder: string;
  /** What this process is: a window, a headless agent, or a command that runs by itself. */
  readonly host: 'window' | 'agent' | 'cli';
  /** The simulated server that this core takes for its own; the real one when it is left out. */
  readonly localServer?: Extract<ServerRef, { kind: 'rehearsal' }>;
  /** The data folder in which the worlds of rehearsals are kept, where several cores share one; the core's own when it is left out. */
  readonly worldsFolder?: string;
  /** Opens a server that this core acts on; {@link openServer} where it is left out. */
  readonly openServer?: (ref: ServerRef, dataFolder: string) => Promise<Ports>;
  /** Against what the journal is kept; the loss of power when it is left out. */
  readonly durability?: Durability;
  /** What changes wait for, where it is not what Windows needs. */
  readonly patience?: Partial<Patience>;
  /** Where a portal of a rehearsal is served for the initiator of our own. */
  readonly reachPortal?: ReachPortal;
  /** Who presses the power button in a drill; a person when it is left out. */
  readonly hands?: Hands;
  /** Told before a formation orders a step; a rehearsal sets its faults then. */
  readonly beforeStep?: (step: FormationStep) => Promise<void>;
  /** Where to listen for peers in this run; where `peers listen` said, when it is left out. */
  readonly listen?: readonly Endpoint[];
  readonly log?: Log;
  readonly logFile?: string;
  /** Called by `core.stop` once it is agreed. */
  readonly onStop?: () => void;
}
