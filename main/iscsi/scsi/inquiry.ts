import { needBytes, readAscii, writeAscii } from './malformed.ts';

/** Peripheral device types: SPC-4 section 6.6.2 (standard INQUIRY data). */
export const DEVICE_TYPE = { block: 0x00, storageArrayController: 0x0c, unknownOrNone: 0x1f } as const;

/** Standard INQUIRY data: SPC-4 section 6.6.2. */
export interface InquiryData {
  /** 0: a logical unit is there; 1: it could be, but is not connected; 3: there can be none. */
  readonly peripheralQualifier: number;
  readonly deviceType: number;
  readonly removable: boolean;
  /** 5 = SPC-3, 6 = SPC-4, 7 = SPC-5. */
  readonly version: number;
  /** TPGS: 0 no asymmetric access, 1 implicit, 2 explicit, 3 both. */
  readonly targetPortGroupSupport: number;
  readonly thirdPartyCopy: boolean;
  readonly protect: boolean;
  readonly multiPort: boolean;
  readonly commandQueuing: boolean;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** Codes of the standards that the device claims: bytes 58 to 73. */
  readonly versionDescriptors: readonly number[];
}

/** Throws DATA_MALFORMED for less than 36 bytes. */
export const decodeInquiry = (data: Buffer): InquiryData => {
  needBytes('INQUIRY', data, 36);
  const end = Math.min(data.length, 5 + (data[4] ?? 0)); // ADDITIONAL LENGTH
  const versionDescriptors: number[] = [];
  for (let at = 58; at + 2 <= Math.min(end, 74); at += 2) {
    const code = data.readUInt16BE(at);
    if (code !== 0) versionDescriptors.push(code);
  }
  const byte = (at: number): number => data[at] ?? 0;
  return {
    peripheralQualifier: byte(0) >> 5,
    deviceType: byte(0) & 0x1f,
    removable: (byte(1) & 0x80) !== 0,
    version: byte(2),
    targetPortGroupSupport: (byte(5) >> 4) & 0x03,
    thirdPartyCopy: (byte(5) & 0x08) !== 0,
    protect: (byte(5) & 0x01) !== 0,
    multiPort: (byte(6) & 0x10) !== 0,
    commandQueuing: (byte(7) & 0x02) !== 0,
    vendor: readAscii(data, 8, 16),
    product: readAscii(data, 16, 32),
    revision: readAscii(data, 32, 36),
    versionDescriptors,
  };
};

/** 74 bytes with HISUP and response data format 2 set. */
export const encodeInquiry = (inquiry: InquiryData): Buffer => {
  const data = Buffer.alloc(74);
  data[0] = ((inquiry.peripheralQualifier & 0x07) << 5) | (inquiry.deviceType & 0x1f);
  data[1] = inquiry.removable ? 0x80 : 0;
  data[2] = inquiry.version;
  data[3] = 0x12; // HISUP, RESPONSE DATA FORMAT 2
  data[4] = data.length - 5;
  data[5] =
    ((inquiry.targetPortGroupSupport & 0x03) << 4) | (inquiry.thirdPartyCopy ? 0x08 : 0) | (inquiry.protect ? 0x01 : 0);
  data[6] = inquiry.multiPort ? 0x10 : 0;
  data[7] = inquiry.commandQueuing ? 0x02 : 0;
  writeAscii(data, inquiry.vendor, 8, 16);
  writeAscii(data, inquiry.product, 16, 32);
  writeAscii(data, inquiry.revision, 32, 36);
  inquiry.versionDescriptors.slice(0, 8).forEach((code, i) => data.writeUInt16BE(code, 58 + 2 * i));
  return data;
};
