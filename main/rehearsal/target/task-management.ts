import { numberFromLun, type PduOf } from '../../iscsi/index.ts';
import { endOfAll, sameNexus, type Nexus } from '../store/index.ts';
import type { ManagedSession } from './session-host.ts';

/** Task management functions (RFC 7143 section 11.5.1). */
export const taskManagementFunctions = {
  abortTask: 1,
  abortTaskSet: 2,
  clearAca: 3,
  clearTaskSet: 4,
  logicalUnitReset: 5,
  targetWarmReset: 6,
  targetColdReset: 7,
  taskReassign: 8,
} as const;

/** Responses (RFC 7143 section 11.6.1). */
export const taskManagementResponses = {
  complete: 0,
  taskDoesNotExist: 1,
  lunDoesNotExist: 2,
  reassignmentNotSupported: 4,
  notSupported: 5,
  rejected: 255,
} as const;

interface Managed {
  readonly code: number;
  /** The response is held back until then. */
  readonly ended?: Promise<unknown> | null;
  /** Done after the response was sent. */
  readonly afterwards?: () => void;
}

const complete: Managed = { code: taskManagementResponses.complete };

/** Carries out a task management function and says what to answer. */
export const manageTasks = (session: ManagedSession, pdu: PduOf<'taskManagementRequest'>): Managed => {
  const { deviceServer, nexus, scope } = session.host;
  if (!deviceServer) return { code: taskManagementResponses.rejected };
  const lun = numberFromLun(pdu.lun);
  const unit = lun === undefined ? undefined : deviceServer.store.get(lun);
  const onThisLun = (task: { lunNumber: number | null }): boolean => task.lunNumber === lun;
  const isUnitFunction = pdu.function <= taskManagementFunctions.logicalUnitReset;
  if (isUnitFunction && !unit) return { code: taskManagementResponses.lunDoesNotExist };
  switch (pdu.function) {
    case taskManagementFunctions.abortTask: {
      const { count, ended } = session.abortTasks((task) => task.itt === pdu.referencedTaskTag && onThisLun(task));
      return count > 0 ? { ...complete, ended } : { code: taskManagementResponses.taskDoesNotExist };
    }
    case taskManagementFunctions.abortTaskSet:
      return { ...complete, ended: session.abortTasks(onThisLun).ended };
    case taskManagementFunctions.clearTaskSet: {
      const cleared = scope.sessions().map((other) => {
        const { count, ended } = other.abortTasks(onThisLun);
        if (count > 0 && !isSame(other, nexus)) unit?.establish(other.host.nexus, 'commandsCleared');
        return ended;
      });
      return { ...complete, ended: endOfAll(cleared) };
    }
    case taskManagementFunctions.logicalUnitReset:
      return { ...complete, ended: unit?.reset() ?? null };
    case taskManagementFunctions.targetWarmReset:
      return { ...complete, ended: resetAll(session) };
    case taskManagementFunctions.targetColdReset:
      // 11.5.1: TARGET COLD RESET closes every connection of the target.
      return { ...complete, ended: resetAll(session), afterwards: () => scope.coldReset() };
    case taskManagementFunctions.taskReassign:
      return { code: taskManagementResponses.reassignmentNotSupported };
    default:
      return { code: taskManagementResponses.notSupported };
  }
};

const isSame = (session: ManagedSession, nexus: Nexus): boolean => sameNexus(session.host.nexus, nexus);

const resetAll = (session: ManagedSession): Promise<unknown> | null => {
  const store = session.host.deviceServer?.store;
  return endOfAll((store?.luns ?? []).map((lun) => store?.get(lun)?.reset() ?? null));
};
