import type { HostFacts } from '../../shared/model/facts.ts';
import type { Progress } from '../../shared/contract/define.ts';

export interface GatherOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
}

/** Where the facts of a machine come from. Reading changes nothing. */
export interface FactsPort {
  /**
   * The machine that this process runs on.
   * @throws Failure POWERSHELL_* on Windows, READINESS_NO_SOURCE elsewhere, CANCELLED
   */
  gather(options: GatherOptions): Promise<HostFacts>;
  /**
   * A captured tree of a Linux machine; nothing of the live machine is read.
   * @throws Failure SYSROOT_*
   */
  readSysroot(dir: string): Promise<HostFacts>;
}
