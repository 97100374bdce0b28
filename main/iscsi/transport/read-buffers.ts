/** One read of the system call. Larger reads save calls; beyond the processor's cache they cost more than they save. */
const READ_BUFFER_LENGTH = 256 * 1024;
/** As many as are kept for the next connections: a burst of sessions makes no garbage that has to be collected in its middle. */
const MAX_IDLE = 8;

const idle: Buffer[] = [];

/** A buffer for the reads of one connection. */
export const takeReadBuffer = (): Buffer => idle.pop() ?? Buffer.allocUnsafeSlow(READ_BUFFER_LENGTH);

/**
 * Gives it back: only once the socket has closed, because until then the system may still write into it (overlapped reads on Windows).
 * What was read from it was copied.
 */
export const giveBackReadBuffer = (buffer: Buffer): void => {
  if (idle.length < MAX_IDLE) idle.push(buffer);
};
