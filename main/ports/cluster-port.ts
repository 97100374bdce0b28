import type { ClusterState } from '../../shared/model/cluster.ts';
import type { MachinesState } from '../../shared/model/virtual-machines.ts';
import type { RolesState } from '../../shared/model/roles.ts';
import type { CallOptions } from './call.ts';

/** What is read of the roles and features of a server. */
export interface RolesPort {
  readState(options?: CallOptions): Promise<RolesState>;
}

/** What is read of the cluster over this server: one round trip for each kind of object, whatever the number of nodes. */
export interface ClusterPort {
  /** A server that is in no cluster, or whose cluster service does not run, is an answer. */
  readState(options?: CallOptions): Promise<ClusterState>;
}

/** What is read of virtual switches and virtual machines. */
export interface MachinesPort {
  readState(options?: CallOptions): Promise<MachinesState>;
}
