import { senses, type Abortable, type Answer, type Sense } from '../../store/index.ts';

/** Status codes of SAM-5 clause 5.3.1 that this device server uses. */
export const statusCodes = {
  good: 0x00,
  checkCondition: 0x02,
  busy: 0x08,
  reservationConflict: 0x18,
  taskSetFull: 0x28,
  taskAborted: 0x40,
} as const;

/** What a command ends in. */
export interface CommandResult {
  readonly status: number;
  /** Parameter data or read data, already cut to the allocation length. */
  readonly data?: Buffer;
  readonly sense?: Sense;
}

/** A command that is allowed to run; `dataOutBytes` is what it wants from the initiator first. */
export interface PreparedCommand {
  readonly dataOutBytes: number;
  /** `command` says whether it is still wanted: asked before anything is done to the medium. */
  run(dataOut: Buffer, command: Abortable): Promise<CommandResult> | CommandResult;
}

export type Prepared = PreparedCommand | CommandResult;

export const isResult = (prepared: Prepared): prepared is CommandResult => 'status' in prepared;

export const goodResult: CommandResult = { status: statusCodes.good };
export const busyResult: CommandResult = { status: statusCodes.busy };
export const taskSetFullResult: CommandResult = { status: statusCodes.taskSetFull };
export const conflictResult: CommandResult = { status: statusCodes.reservationConflict };
export const checkResult = (sense: Sense): CommandResult => ({ status: statusCodes.checkCondition, sense });
export const invalidField = checkResult(senses.invalidFieldInCdb);

/** Parameter data, cut to the allocation length (SPC-4 clause 4.2.5.6): that is no error. */
export const dataResult = (data: Buffer, allocationLength: number): CommandResult => ({
  status: statusCodes.good,
  data: data.length > allocationLength ? data.subarray(0, allocationLength) : data,
});

export const fromAnswer = (answer: Answer<unknown>): CommandResult => {
  switch (answer.status) {
    case 'good':
      return goodResult;
    case 'reservationConflict':
      return conflictResult;
    case 'checkCondition':
      return checkResult(answer.sense);
    case 'aborted':
      // Never seen by the initiator: TAS is zero in the control mode page, so no status is returned (SAM-5 clause 5.6).
      return { status: statusCodes.taskAborted };
  }
};

/** A command without data from the initiator. */
export const runNow = (run: () => Promise<CommandResult> | CommandResult): PreparedCommand => ({
  dataOutBytes: 0,
  run,
});
