import { malformedData, needBytes } from './malformed.ts';

/** The answer to REPORT LUNS. */
export interface LunList {
  readonly luns: readonly bigint[];
  /** How many the target has; more than came means that the allocation length was too small. */
  readonly total: number;
}

/** SPC-4 section 6.33. */
export const decodeReportLuns = (data: Buffer): LunList => {
  needBytes('REPORT LUNS', data, 8);
  const lengthBytes = data.readUInt32BE(0);
  if (lengthBytes % 8 !== 0) throw malformedData('REPORT LUNS', `${lengthBytes} bytes are not a whole number of LUNs`);
  const luns: bigint[] = [];
  for (let at = 8; at + 8 <= Math.min(data.length, 8 + lengthBytes); at += 8) luns.push(data.readBigUInt64BE(at));
  return { luns, total: lengthBytes / 8 };
};

/** The answer to REPORT LUNS: SPC-4 section 6.33. */
export const encodeReportLuns = (luns: readonly bigint[]): Buffer => {
  const data = Buffer.alloc(8 + 8 * luns.length);
  data.writeUInt32BE(8 * luns.length, 0);
  luns.forEach((lun, i) => data.writeBigUInt64BE(lun, 8 + 8 * i));
  return data;
};
