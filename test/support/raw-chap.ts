import { createHash } from 'node:crypto';
import { decodeBinaryValue, decodeText, encodeBinaryValue, type PduOf } from '../../main/iscsi/index.ts';

/** A CHAP_R as text. */
export type Proof = string;

/** The answer to the challenge in a Login Response, with MD5, computed from RFC 1994 section 4.1 and not with the product's code. */
export const computeProof = (response: PduOf<'loginResponse'> | null, secret: string): Proof => {
  const pairs = new Map(decodeText(response?.data ?? Buffer.alloc(0)));
  const challenge = decodeBinaryValue(pairs.get('CHAP_C') ?? '') ?? Buffer.alloc(0);
  const hash = createHash('md5').update(Buffer.from([Number(pairs.get('CHAP_I'))]));
  return encodeBinaryValue(hash.update(secret).update(challenge).digest());
};
