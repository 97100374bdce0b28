/** Serial-number arithmetic of 32 bits: RFC 1982, as RFC 7143 section 4.2.2.1 uses it for CmdSN, StatSN and DataSN. */

/** The number so many steps on, in 32 bits. */
export const addSerial = (value: number, increment: number): number => (value + increment) >>> 0;

/** a comes before b. Values exactly 2^31 apart are in no order: RFC 1982 section 3.2; here neither comes first. */
export const isSerialLess = (a: number, b: number): boolean => {
  const distance = (b - a) >>> 0;
  return distance !== 0 && distance < 0x80000000;
};

/** The later of the two. */
export const laterSerial = (a: number, b: number): number => (isSerialLess(a, b) ? b : a);

/** How far b is ahead of a, negative when it is behind. */
export const serialDistance = (a: number, b: number): number => (b - a) | 0;

/**
 * How many commands may be sent now: RFC 7143 section 4.2.2.1 gives the window as MaxCmdSN - ExpCmdSN + 1, closed when MaxCmdSN is
 * ExpCmdSN - 1; what was sent but not yet acknowledged lies between ExpCmdSN and CmdSN.
 */
export const openWindow = (cmdSn: number, maxCmdSn: number): number => Math.max(0, serialDistance(cmdSn, maxCmdSn) + 1);
