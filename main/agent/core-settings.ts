import type { Log } from '../api/dispatcher.ts';

/** What a core is told about itself when it is composed. */
export interface CoreSettings {
  readonly dataFolder: string;
  /** What this process is: a window, a headless agent, or a command that runs by itself. */
  readonly host: 'window' | 'agent' | 'cli';
  readonly log?: Log;
  readonly logFile?: string;
  /** Called by `core.stop` once it is agreed. */
  readonly onStop?: () => void;
}
