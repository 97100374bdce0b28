import type { ServerRef } from '../../shared/model/server-ref.ts';
import type { ServerChange } from '../../shared/changes/index.ts';
import type { ApplyOptions } from './call.ts';
import type { ClusterPort, MachinesPort, RolesPort } from './cluster-port.ts';
import type { DiskPort } from './disk-port.ts';
import type { FactsPort } from './facts-port.ts';
import type { FirewallPort } from './firewall-port.ts';
import type { GuardPort } from './guard-port.ts';
import type { HostPort } from './host-port.ts';
import type { InitiatorPort } from './initiator-port.ts';
import type { MeasurePort } from './measure-port.ts';
import type { MpioPort } from './mpio-port.ts';
import type { StorageHostPort } from './storage-host-port.ts';
import type { NicPort } from './nic-port.ts';

/**
 * One server as operations see it. Two hosts answer: `windows` (PowerShell on the server itself) and `rehearsal` (a
 * simulated server). Virtual machines will be a further port beside these.
 */
export interface Ports {
  /** Which server this is; the server of a rehearsal is always named. */
  readonly ref: ServerRef;
  readonly facts: FactsPort;
  readonly host: HostPort;
  readonly nics: NicPort;
  readonly measure: MeasurePort;
  readonly guard: GuardPort;
  readonly firewall: FirewallPort;
  readonly initiator: InitiatorPort;
  readonly mpio: MpioPort;
  readonly disks: DiskPort;
  readonly roles: RolesPort;
  readonly cluster: ClusterPort;
  readonly machines: MachinesPort;
  readonly storageHost: StorageHostPort;
  /**
   * Does one change, and nothing else: it neither looks first nor reads back. Each kind's home in `shared/changes` says what
   * it is and which failures it may throw; every change may throw `ACCESS_DENIED`.
   */
  apply(change: ServerChange, options?: ApplyOptions): Promise<void>;
  /** Lets go of sessions and connections; the server and its state stay as they are. */
  close(): Promise<void>;
}
