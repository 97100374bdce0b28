import type { NegotiatedParameters, TextPair } from '../../iscsi/index.ts';
import type { Nexus, NexusEnd } from '../store/index.ts';
import type { TargetPort } from './scsi/context.ts';
import type { DeviceServer } from './scsi/device-server.ts';
import type { Aborted, Task } from './task.ts';

/** A session as a task management function sees it. */
export interface ManagedSession {
  readonly host: SessionHost;
  /** Ends the commands that match, without an answer. */
  abortTasks(matches: (task: Task) => boolean): Aborted;
}

/** The other sessions of the same target, as far as a task management function reaches them. */
export interface TaskManagementScope {
  /** Every session of the target, this one included. */
  sessions(): readonly ManagedSession[];
  /** Ends every session of the target. */
  coldReset(): void;
}

/** What a session needs of the target around it. */
export interface SessionHost {
  readonly id: number;
  /** Null in a discovery session, which reaches no LUN. */
  readonly deviceServer: DeviceServer | null;
  readonly nexus: Nexus;
  readonly port: TargetPort;
  readonly parameters: NegotiatedParameters;
  /** How many commands may be under way at once. */
  readonly queueDepth: number;
  /** Status travels with the last Data-In where that is allowed. */
  readonly phaseCollapse: boolean;
  answerSendTargets(value: string): readonly TextPair[];
  /** Ends the commands of other sessions and the sessions themselves, as a task management function asks. */
  readonly scope: TaskManagementScope;
  ended(because: string, end: NexusEnd): void;
}
