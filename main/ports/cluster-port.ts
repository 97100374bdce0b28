import type { ClusterEvent } from '../../shared/model/cluster-events.ts';
import type { ClusterState } from '../../shared/model/cluster.ts';
import type { NameLookup } from '../../shared/model/name-lookup.ts';
import type { MachinesState } from '../../shared/model/virtual-machines.ts';
import type { RolesState } from '../../shared/model/roles.ts';
import type { Progress } from '../../shared/contract/define.ts';
import type { CallOptions } from './call.ts';

/** What is read of the roles and features of a server. */
export interface RolesPort {
  readState(options?: CallOptions): Promise<RolesState>;
}

/** A test of this Windows, with the names that Test-Cluster takes for -Include and -Ignore. */
export interface ListedTest {
  readonly category: string;
  readonly name: string;
}

export interface ValidationOrder {
  /** Computer names; this server is one of them. */
  readonly nodes: readonly string[];
  /** Names of categories or tests; empty: all that Windows runs by itself. One of `include` and `ignore` is empty. */
  readonly include: readonly string[];
  readonly ignore: readonly string[];
}

export interface ValidationOptions extends CallOptions {
  readonly progress?: (progress: Progress) => void;
}

export interface ValidationOutcome {
  /** The report as Test-Cluster wrote it. */
  readonly bytes: Uint8Array;
  /** The lines of its warning stream, as they came. */
  readonly warnings: readonly string[];
  /** It was cancelled, and this is the report that was written all the same: tests that did not run are cancelled in it. */
  readonly isCancelled?: true;
}

/** What is read of the cluster over this server: one round trip for each kind of object, whatever the number of nodes. */
export interface ClusterPort {
  /** A server that is in no cluster, or whose cluster service does not run, is an answer. */
  readState(options?: CallOptions): Promise<ClusterState>;

  /**
   * What this server finds of a name that a cluster is to have, in DNS and, where it is in a domain, in Active Directory, and what the account may do
   * there. A name that nobody has is an answer; what did not answer is in `unread`.
   */
  lookUpName(name: string, options?: CallOptions): Promise<NameLookup>;

  /** What this server logged of the cluster in the last `minutes` (1 to 10080), at most 1,000 events. Throws CLUSTER_FEATURE_MISSING. */
  readEvents(minutes: number, options?: CallOptions): Promise<readonly ClusterEvent[]>;

  /** A report that Windows wrote of a change of the cluster, as text; `path` is in its folder `Cluster\\Reports`. Throws CLUSTER_REPORT_MISSING. */
  readReport(path: string, options?: CallOptions): Promise<string>;

  /** The tests that this Windows has (Test-Cluster -List). Throws CLUSTER_FEATURE_MISSING. */
  listTests(options?: CallOptions): Promise<readonly ListedTest[]>;

  /**
   * Runs Test-Cluster on the server itself and takes its report. Windows makes a temporary local account on every node and takes it away again.
   * Throws CLUSTER_FEATURE_MISSING, CLUSTER_RIGHTS_MISSING, VALIDATION_NODE_UNREACHABLE, VALIDATION_TEST_UNKNOWN, VALIDATION_NO_REPORT.
   */
  validate(order: ValidationOrder, options?: ValidationOptions): Promise<ValidationOutcome>;
}

/** What is read of virtual switches and virtual machines. */
export interface MachinesPort {
  readState(options?: CallOptions): Promise<MachinesState>;
}
