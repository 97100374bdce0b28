import type { HostState, PendingRestart, Resume, TimeSource } from '../../shared/model/host.ts';
import type { LastStop } from '../../shared/model/last-stop.ts';
import type { Rights } from '../../shared/model/rights.ts';
import type { CallOptions } from './call.ts';

/** What is read of the Windows Server itself: name, membership, restarts, time. */
export interface HostPort {
  /** What the server is. Throws `HOST_UNREACHABLE` when nothing can be read. */
  readState(options?: CallOptions): Promise<HostState>;

  /** Every sign that a restart is due; a place that cannot be read is `unknown`, never `notPending`. */
  readPendingRestart(options?: CallOptions): Promise<PendingRestart>;

  /** What is registered to go on after a restart, by this product only. */
  readResumes(options?: CallOptions): Promise<readonly Resume[]>;

  readTimeSource(options?: CallOptions): Promise<TimeSource>;

  /** How Windows went down before it started last, by its own log. */
  readLastStop(options?: CallOptions): Promise<LastStop>;

  /** The SID of this installation of Windows (`S-1-5-21-...`, without an account's number); null on a domain controller, which has none of its own. */
  readMachineSid(options?: CallOptions): Promise<string | null>;

  /** As whom this core runs, and whether these servers, by name, take that account for an administrator. Nothing is changed anywhere. */
  readRights(servers: readonly string[], options?: CallOptions): Promise<Rights>;
}
