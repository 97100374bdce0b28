/**
 * Sense in the data segment of a SCSI Response: a length of two bytes, then the sense data, then response data (RFC 7143 section
 * 11.4.7.2).
 */
export const encodeSenseSegment = (sense: Buffer): Buffer => {
  const buffer = Buffer.alloc(2 + sense.length);
  buffer.writeUInt16BE(sense.length, 0);
  sense.copy(buffer, 2);
  return buffer;
};

/** The sense data, cut to what is there; empty when there is none. */
export const decodeSenseSegment = (segment: Buffer): Buffer => {
  if (segment.length < 2) return Buffer.alloc(0);
  return segment.subarray(2, Math.min(segment.length, 2 + segment.readUInt16BE(0)));
};
