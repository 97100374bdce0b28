/** Reject reasons: RFC 7143 section 11.17.1. */
export const REJECT_REASONS: Readonly<Record<number, string>> = {
  0x02: 'data (payload) digest error',
  0x03: 'SNACK reject',
  0x04: 'protocol error',
  0x05: 'command not supported',
  0x06: 'immediate command reject, too many immediate commands',
  0x07: 'task in progress',
  0x08: 'invalid data acknowledgement',
  0x09: 'invalid PDU field',
  0x0a: 'long operation reject, out of resources',
  0x0b: 'negotiation reset',
  0x0c: 'waiting for logout',
};

/** The reason in the standard's words, `reason 77h` for one that is not defined. */
export const describeRejectReason = (reason: number): string =>
  REJECT_REASONS[reason] ?? `reason ${reason.toString(16).padStart(2, '0')}h`;
