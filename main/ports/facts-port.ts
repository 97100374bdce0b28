import type { HostFacts } from '../../shared/model/facts.ts';
import type { Progress } from '../../shared/contract/define.ts';

export interface GatherOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
}

/** The facts that readiness asks of one server. Reading changes nothing. */
export interface FactsPort {
  /** @throws Failure POWERSHELL_* on Windows, HOST_UNREACHABLE for a simulated server, CANCELLED */
  gather(options: GatherOptions): Promise<HostFacts>;
}

/** Who says of the facts that it collected them, and when. */
export interface FactsFrame {
  readonly version: string;
  readonly now: () => Date;
}
