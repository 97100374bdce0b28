import type { ScsiCommand, ScsiResponse } from '../scsi/executor.ts';

/** Slots, i.e. commands that can be outstanding at once. An ITT is the slot in its low bits and a generation above. */
const SLOT_BITS = 12;
const MAX_SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = MAX_SLOTS - 1;
/** Bit 31 marks the tags of PDUs that are no commands, so that the reserved tag FFFFFFFFh is never a command's. */
const GENERATIONS = 1 << (31 - SLOT_BITS);

/**
 * `queued`: not sent yet. `cancelled`: it never will be, and leaves the queue when it comes up. `sent`: at the target. `abandoned`: the caller has its error already, the tag waits for the target to let go of it.
 * `over`: the slot is free for the next command.
 */
export type TaskState = 'queued' | 'cancelled' | 'sent' | 'abandoned' | 'over';

/** One command from `execute` to its answer. Objects stay with their slot and are used again. */
export class Task {
  readonly slot: number;
  itt = 0;
  state: TaskState = 'over';
  command: ScsiCommand | undefined;
  lun = 0n;
  cmdSn = 0;
  /** How often the target was asked to abort it. */
  aborts = 0;
  /** Where the data goes; undefined: made when the first of it comes. */
  dataIn: Buffer | undefined;
  expectedIn = 0;
  receivedIn = 0;
  nextDataSn = 0;
  dataOut: Buffer | undefined;
  /** Of the next R2T: RFC 7143 section 11.8.2. */
  nextR2tSn = 0;
  /** Where the data begins that has not been sent or asked for yet. */
  nextOut = 0;
  /** R2Ts since `r2tMark`, a place in the connection's outgoing bytes: see `CommandRunner.receiveR2t`. */
  r2tsSinceMark = 0;
  r2tMark = 0;
  /** On the session's {@link ListeningClock}; Infinity: none. */
  deadline = Infinity;
  timeoutMs = 0;
  /** Makes of the answer what the caller wants. */
  convert: (response: ScsiResponse) => unknown = ignore;
  resolve: (value: unknown) => void = ignore;
  reject: (error: unknown) => void = ignore;
  onAbort: (() => void) | undefined;
  #generation = 0;

  constructor(slot: number) {
    this.slot = slot;
  }

  /** A tag that the last command of this slot did not have: RFC 7143 section 11.2.1.8 wants it unique while it is in use. */
  nextTag(): number {
    this.#generation = (this.#generation + 1) % GENERATIONS;
    this.itt = this.#generation * MAX_SLOTS + this.slot;
    return this.itt;
  }

  /** Lets go of everything that belongs to the caller. */
  release(): void {
    if (this.onAbort !== undefined) {
      this.command?.signal?.removeEventListener('abort', this.onAbort);
      this.onAbort = undefined;
    }
    this.command = undefined;
    this.dataIn = undefined;
    this.dataOut = undefined;
    this.convert = ignore;
    this.resolve = ignore;
    this.reject = ignore;
  }
}

const ignore = (): void => undefined;

/** The outstanding commands of a session, found by tag without a map. */
export class TaskTable {
  readonly #tasks: Task[] = [];
  readonly #free: Task[] = [];
  #outstanding = 0;

  get outstanding(): number {
    return this.#outstanding;
  }

  /** 4096 commands are outstanding, and no more fit. */
  get isFull(): boolean {
    return this.#free.length === 0 && this.#tasks.length === MAX_SLOTS;
  }

  /** A free task with a new tag. There must be room: see `isFull`. */
  take(): Task {
    let task = this.#free.pop();
    if (task === undefined) {
      task = new Task(this.#tasks.length);
      this.#tasks.push(task);
    }
    task.nextTag();
    this.#outstanding++;
    return task;
  }

  free(task: Task): void {
    if (task.state === 'over') return;
    task.release();
    task.state = 'over';
    this.#outstanding--;
    this.#free.push(task);
  }

  /** The task with this tag that the target may still speak of. */
  find(itt: number): Task | undefined {
    const task = this.#tasks[itt & SLOT_MASK];
    return task !== undefined && task.itt === itt && (task.state === 'sent' || task.state === 'abandoned')
      ? task
      : undefined;
  }

  /** All that are not over. */
  *active(): Generator<Task> {
    for (const task of this.#tasks) if (task.state !== 'over') yield task;
  }
}
