import { randomBytes } from 'node:crypto';
import { IscsiError } from '../error.ts';

/**
 * An ISID of the type "random": RFC 7143 section 11.12.5, T = 10b, six bits that are reserved then, 24 random bits and a qualifier of 16 bits,
 * which is random too.
 *
 * Microsoft's initiator makes ISIDs of the type "enterprise number" (T = 01b, 40 00 01 37 and a qualifier: 137h is number 311, Microsoft's).
 * So no ISID of ours is ever one of its own, whatever the numbers, and a session of ours under the node's name is a nexus of its own: it can
 * not reinstate, and thereby end, a session of the operating system (RFC 7143 section 6.3.5). open-iscsi uses the type "OUI" (T = 00b).
 */
export const createIsid = (node?: NodeIsid): Buffer => {
  if (node !== undefined) {
    const isid = Buffer.concat([node.prefix, Buffer.alloc(2)]);
    isid.writeUInt16BE(node.nextQualifier, 4);
    node.nextQualifier = (node.nextQualifier + 1) & 0xffff;
    return isid;
  }
  const isid = randomBytes(6);
  isid[0] = 0x80; // 11.12.5: with T = 10b field A, the other six bits, is reserved
  return isid;
};

/** What the ISIDs of one node's paths have in common, and the qualifier of the next. */
export interface NodeIsid {
  /** Bytes 0 to 3. */
  readonly prefix: Buffer;
  /** Bytes 4 and 5, the qualifier: 0 to 65535. */
  nextQualifier: number;
}

/**
 * A source of ISIDs for the paths of one node. RFC 7143 section 11.12.5 has an initiator's ports differ in the qualifier; operating systems do so, and a
 * target may take sessions of one name with the same bytes 0 to 3 for one initiator: the Linux kernel's does, where it enforces reservations.
 */
export const createNodeIsid = (): NodeIsid => ({
  prefix: createIsid().subarray(0, 4),
  nextQualifier: randomBytes(2).readUInt16BE(),
});

/** Twelve hexadecimal digits. */
export const formatIsid = (isid: Buffer): string => isid.toString('hex');

/** Parses twelve hexadecimal digits, with or without 0x. Throws OPTION_OUT_OF_RANGE. */
export const parseIsid = (text: string): Buffer => {
  const digits = text.replace(/^0x/i, '');
  if (!/^[0-9a-f]{12}$/i.test(digits)) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: { option: 'isid', reason: `${JSON.stringify(text)} is not twelve hexadecimal digits` },
    });
  }
  return Buffer.from(digits, 'hex');
};
