/**
 * An I_T nexus as iSCSI knows it: an initiator port (iSCSI name + ISID) joined to a target port (target portal group)
 * of one target (RFC 7143 section 4.1, SAM-5 clause 4.6). A new ISID is a new nexus: that is why an array's
 * registrations table is counted in nodes x paths.
 */
export interface Nexus {
  /** The initiator's iSCSI name, such as `iqn.1991-05.com.microsoft:node1`. */
  readonly initiatorName: string;
  /** The six bytes of the ISID as 12 lower-case hexadecimal digits. */
  readonly isid: string;
  /** The target portal group tag, 1 to 65535; it is this target port's relative target port identifier as well. */
  readonly portalGroupTag: number;
}

/** One string per nexus, fit for map keys, logs and JSON. */
export const nexusKey = (nexus: Nexus): string => `${initiatorPortKey(nexus)},t,0x${hex4(nexus.portalGroupTag)}`;

/** The SCSI initiator port name of RFC 7143 section 4.4.1: `<iSCSI name>,i,0x<ISID>`. */
export const initiatorPortKey = (nexus: Pick<Nexus, 'initiatorName' | 'isid'>): string =>
  `${nexus.initiatorName},i,0x${nexus.isid}`;

export const sameNexus = (left: Nexus, right: Nexus): boolean =>
  left.initiatorName === right.initiatorName &&
  left.isid === right.isid &&
  left.portalGroupTag === right.portalGroupTag;

const hex4 = (value: number): string => value.toString(16).padStart(4, '0');

/** What a TransportID names: one initiator port, or (format 00b) every port of an initiator device. */
export interface TransportId {
  readonly initiatorName: string;
  /** Null in the format 00b, which leaves the ISID out. */
  readonly isid: string | null;
}

/** Protocol identifier 5h is iSCSI; FORMAT CODE 01b carries the ISID (SPC-4 clause 7.6.4.6). */
const iscsiPort = 0x45;
const iscsiDevice = 0x05;
const headerLength = 4;
/** SPC-4 clause 7.6.4.6: the ADDITIONAL LENGTH is at least 20 and a multiple of four. */
const leastAdditionalLength = 20;

/** Writes a TransportID for iSCSI: null-terminated, null-padded to a multiple of four (SPC-4 clause 7.6.4.6). */
export const encodeTransportId = (id: TransportId): Buffer => {
  const text = id.isid === null ? id.initiatorName : `${id.initiatorName},i,0x${id.isid}`;
  const textLength = Buffer.byteLength(text) + 1;
  const additionalLength = Math.max(leastAdditionalLength, Math.ceil(textLength / 4) * 4);
  const bytes = Buffer.alloc(headerLength + additionalLength);
  bytes.writeUInt8(id.isid === null ? iscsiDevice : iscsiPort, 0);
  bytes.writeUInt16BE(additionalLength, 2);
  bytes.write(text, headerLength, 'utf8');
  return bytes;
};

/** Reads one TransportID at `offset`; null when it is not a well-formed iSCSI one. */
export const decodeTransportId = (bytes: Buffer, offset: number): { id: TransportId; nextOffset: number } | null => {
  if (offset + headerLength > bytes.length) return null;
  const kind = bytes.readUInt8(offset);
  if (kind !== iscsiPort && kind !== iscsiDevice) return null;
  const additionalLength = bytes.readUInt16BE(offset + 2);
  const nextOffset = offset + headerLength + additionalLength;
  if (additionalLength < leastAdditionalLength || additionalLength % 4 !== 0 || nextOffset > bytes.length) return null;
  const field = bytes.subarray(offset + headerLength, nextOffset);
  const end = field.indexOf(0);
  if (end <= 0) return null;
  const text = field.toString('utf8', 0, end);
  if (kind === iscsiDevice) return { id: { initiatorName: text, isid: null }, nextOffset };
  const parts = /^(.{1,223}),i,0x([0-9a-fA-F]{12})$/.exec(text);
  if (!parts?.[1] || !parts[2]) return null;
  return { id: { initiatorName: parts[1], isid: parts[2].toLowerCase() }, nextOffset };
};
