/** Task management functions: RFC 7143 section 11.5.1. */
export const TASK_MANAGEMENT = {
  abortTask: 1,
  abortTaskSet: 2,
  clearAca: 3,
  clearTaskSet: 4,
  logicalUnitReset: 5,
  targetWarmReset: 6,
  targetColdReset: 7,
  taskReassign: 8,
} as const;
/** How this package calls the functions. */
export type TaskManagementFunction = keyof typeof TASK_MANAGEMENT;

/** Those that a caller can ask a session for: aborting one task goes by the signal of its command, reassignment needs recovery level 2. */
export type SessionTaskManagement = Exclude<TaskManagementFunction, 'abortTask' | 'taskReassign'>;

/** Responses: RFC 7143 section 11.6.1. */
export const TASK_MANAGEMENT_RESPONSES = {
  0: 'functionComplete',
  1: 'taskDoesNotExist',
  2: 'lunDoesNotExist',
  3: 'taskStillAllegiant',
  4: 'taskReassignmentNotSupported',
  5: 'functionNotSupported',
  6: 'authorizationFailed',
  255: 'functionRejected',
} as const;

/** How this package calls the responses; `undefined`: a code that is not defined. */
export type TaskManagementResponse =
  | (typeof TASK_MANAGEMENT_RESPONSES)[keyof typeof TASK_MANAGEMENT_RESPONSES]
  | 'undefined';

/** The response of a code. */
export const taskManagementResponseOf = (code: number): TaskManagementResponse =>
  (TASK_MANAGEMENT_RESPONSES as Readonly<Record<number, TaskManagementResponse>>)[code] ?? 'undefined';

/** Which outstanding tasks end with a function: RFC 7143 section 4.2.3.3, SAM-5 section 7. */
export const endsTask = (fn: SessionTaskManagement, functionLun: bigint, taskLun: bigint): boolean => {
  switch (fn) {
    case 'clearAca':
      return false;
    case 'abortTaskSet':
    case 'clearTaskSet':
    case 'logicalUnitReset':
      return functionLun === taskLun;
    case 'targetWarmReset':
    case 'targetColdReset':
      return true;
  }
};
