import { isIP } from 'node:net';
import type { SessionType, TaggedPortal, Wishes } from '../../iscsi/index.ts';
import type { Faults } from '../faults/index.ts';
import type { LunStore } from '../store/index.ts';
import type { ChapSettings } from './chap.ts';
import type { TargetEvent } from './events.ts';

/** A portal to listen at. */
export interface ListenAddress {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Target portal group tag, 1 to 65535; 1 by default. */
  readonly portalGroupTag?: number;
}

/** As many as there is room for registrations: 64 nodes with four paths each. */
export const defaultMaxSessions = 256;

/** One target: a name and the LUNs behind it. */
export interface TargetOptions {
  /** The target's iSCSI name. */
  readonly name: string;
  readonly alias?: string;
  readonly store: LunStore;
  /** Initiator names that may log in; everybody when it is left out. */
  readonly admit?: readonly string[];
  /** Null or left out: no authentication. */
  readonly chap?: ChapSettings | null;
  /** How many normal sessions there may be at once; {@link defaultMaxSessions} by default. */
  readonly maxSessions?: number;
}

export interface EmbeddedTargetOptions {
  /** One portal on 127.0.0.1 with a free port by default. */
  readonly listen?: readonly ListenAddress[];
  readonly targets: readonly TargetOptions[];
  /** Faults of the conversation; those of the first target's store by default. */
  readonly faults?: Faults;
  /** Portals that SendTargets names besides the ones listened at: a path that does not work, for instance. */
  readonly alsoAdvertise?: readonly TaggedPortal[];
  /** Discovery wants CHAP too: these settings. */
  readonly discoveryChap?: ChapSettings | null;
  /** What the target wishes in the negotiation, over its own. */
  readonly wishes?: Wishes;
  /** How many commands of a session may be under way at once; 64 by default. */
  readonly queueDepth?: number;
  /** Status with the last Data-In; true by default. */
  readonly phaseCollapse?: boolean;
  /** Every new nexus finds a POWER ON unit attention, as on real arrays; true by default. */
  readonly powerOnAttention?: boolean;
  /** Milliseconds for a whole login; 15 000 by default. */
  readonly loginTimeoutMs?: number;
  /** Allow other addresses than loopback: only for a lab, because nothing here is fit for data. */
  readonly allowAnyAddress?: boolean;
  readonly onEvent?: (event: TargetEvent) => void;
}

export interface SessionInfo {
  readonly id: number;
  readonly sessionType: SessionType;
  readonly targetName: string | null;
  readonly initiatorName: string;
  readonly isid: string;
  readonly tsih: number;
  readonly portalGroupTag: number;
  readonly portalIndex: number;
  readonly from: string;
  readonly authenticated: boolean;
}

/** What the target wishes in the negotiation unless it is told otherwise. */
export const defaultWishes: Wishes = {
  HeaderDigest: 'CRC32C,None',
  DataDigest: 'CRC32C,None',
  MaxConnections: '1',
  InitialR2T: 'No',
  ImmediateData: 'Yes',
  MaxRecvDataSegmentLength: '262144',
  MaxBurstLength: '1048576',
  FirstBurstLength: '262144',
  DefaultTime2Wait: '0',
  DefaultTime2Retain: '0',
  MaxOutstandingR2T: '4',
  DataPDUInOrder: 'Yes',
  DataSequenceInOrder: 'Yes',
  ErrorRecoveryLevel: '0',
  TaskReporting: 'RFC3720',
  iSCSIProtocolLevel: '1',
};

/** Is this address reachable from this machine only? Names are not looked up: only `localhost` counts. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
