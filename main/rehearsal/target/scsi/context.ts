import type { LogicalUnit, LunStore, Nexus } from '../../store/index.ts';

/** Through which door a command came in. */
export interface TargetPort {
  /** The iSCSI name of the target. */
  readonly targetName: string;
  readonly portalGroupTag: number;
  /** Which portal of the server, from zero; only a faulty target answers differently by it. */
  readonly portalIndex: number;
  /** Every target port of the device as portal group tags, ascending. */
  readonly portalGroupTags: readonly number[];
}

/** A command with everything that its handler needs. */
export interface CommandContext {
  readonly nexus: Nexus;
  readonly port: TargetPort;
  readonly store: LunStore;
  readonly lun: number;
  readonly unit: LogicalUnit;
  readonly cdb: Buffer;
}
