/** Reject reasons (RFC 7143 section 11.17.1). */
export const rejectReasons = {
  snackReject: 0x03,
  protocolError: 0x04,
  commandNotSupported: 0x05,
  taskInProgress: 0x07,
  invalidPduField: 0x09,
} as const;
