import { malformedData, needBytes, readAscii } from './malformed.ts';

/** Vital product data pages: SPC-4 section 7.8, SBC-3 section 6.6. */
export const VPD_PAGE = {
  supportedPages: 0x00,
  unitSerialNumber: 0x80,
  deviceIdentification: 0x83,
  blockLimits: 0xb0,
  blockDeviceCharacteristics: 0xb1,
  logicalBlockProvisioning: 0xb2,
} as const;

const pageBody = (what: string, pageCode: number, data: Buffer): Buffer => {
  needBytes(what, data, 4);
  if (data[1] !== pageCode) {
    throw malformedData(what, `page ${(data[1] ?? 0).toString(16)}h came instead of ${pageCode.toString(16)}h`);
  }
  return data.subarray(4, Math.min(data.length, 4 + data.readUInt16BE(2)));
};

const page = (pageCode: number, body: Buffer, deviceType = 0): Buffer => {
  const head = Buffer.from([deviceType & 0x1f, pageCode, 0, 0]);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};

/** The codes of the pages. Throws DATA_MALFORMED. */
export const decodeSupportedPages = (data: Buffer): number[] => [...pageBody('VPD 00h', VPD_PAGE.supportedPages, data)];
/** VPD 00h. */
export const encodeSupportedPages = (codes: readonly number[]): Buffer =>
  page(VPD_PAGE.supportedPages, Buffer.from(codes));

/** Blanks at both ends are taken off: devices pad on either side. */
export const decodeUnitSerialNumber = (data: Buffer): string => {
  const body = pageBody('VPD 80h', VPD_PAGE.unitSerialNumber, data);
  return readAscii(body, 0, body.length).trim();
};
/** VPD 80h. */
export const encodeUnitSerialNumber = (serial: string): Buffer =>
  page(VPD_PAGE.unitSerialNumber, Buffer.from(serial, 'latin1'));

/** Designator types: SPC-4 section 7.8.6 (Device Identification VPD page). */
export const DESIGNATOR_TYPES = [
  'vendorSpecific',
  't10VendorId',
  'eui64',
  'naa',
  'relativeTargetPort',
  'targetPortGroup',
  'logicalUnitGroup',
  'md5LogicalUnit',
  'scsiNameString',
  'protocolSpecificPort',
] as const;
/** How this package calls the designator types. */
export type DesignatorType = (typeof DESIGNATOR_TYPES)[number];

/** What a designator is about, by its code: SPC-4 section 7.8.6. */
export const DESIGNATOR_ASSOCIATIONS = ['logicalUnit', 'targetPort', 'targetDevice'] as const;
/** How this package calls the associations. */
export type DesignatorAssociation = (typeof DESIGNATOR_ASSOCIATIONS)[number];

/** 1 binary, 2 ASCII, 3 UTF-8. */
export type DesignatorCodeSet = 1 | 2 | 3;

/** One designation descriptor. */
export interface Designator {
  readonly association: DesignatorAssociation;
  readonly type: DesignatorType;
  readonly codeSet: number;
  readonly bytes: Buffer;
}

/** Designators with reserved types or associations are passed over; one that runs over the page's end throws DATA_MALFORMED. */
export const decodeDeviceIdentification = (data: Buffer): Designator[] => {
  const body = pageBody('VPD 83h', VPD_PAGE.deviceIdentification, data);
  const designators: Designator[] = [];
  for (let at = 0; at < body.length;) {
    if (at + 4 > body.length) throw malformedData('VPD 83h', 'a designator is cut short');
    const end = at + 4 + (body[at + 3] ?? 0);
    if (end > body.length) throw malformedData('VPD 83h', 'a designator is longer than the page');
    const association = DESIGNATOR_ASSOCIATIONS[((body[at + 1] ?? 0) >> 4) & 0x03];
    const type = DESIGNATOR_TYPES[(body[at + 1] ?? 0) & 0x0f];
    if (association !== undefined && type !== undefined) {
      designators.push({
        association,
        type,
        codeSet: (body[at] ?? 0) & 0x0f,
        bytes: Buffer.from(body.subarray(at + 4, end)),
      });
    }
    at = end;
  }
  return designators;
};

/** VPD 83h. */
export const encodeDeviceIdentification = (designators: readonly Designator[]): Buffer =>
  page(
    VPD_PAGE.deviceIdentification,
    Buffer.concat(
      designators.map((d) =>
        Buffer.concat([
          Buffer.from([
            d.codeSet & 0x0f,
            (DESIGNATOR_ASSOCIATIONS.indexOf(d.association) << 4) | DESIGNATOR_TYPES.indexOf(d.type),
            0,
            d.bytes.length,
          ]),
          d.bytes,
        ]),
      ),
    ),
  );

/** A designator as text that can be compared and shown: `naa.6001405...`, `eui.0011...`, `t10.VENDOR...`. */
export const formatDesignator = (designator: Designator): string => {
  const { bytes, type } = designator;
  switch (type) {
    case 'naa':
    case 'eui64':
      return `${type === 'naa' ? 'naa' : 'eui'}.${bytes.toString('hex')}`;
    case 't10VendorId':
      return `t10.${readAscii(bytes, 0, bytes.length)}`;
    case 'scsiNameString':
      return bytes.toString('utf8').replace(/\0+$/, '');
    case 'vendorSpecific':
    case 'relativeTargetPort':
    case 'targetPortGroup':
    case 'logicalUnitGroup':
    case 'md5LogicalUnit':
    case 'protocolSpecificPort':
      return `${type}.${designator.codeSet === 1 ? bytes.toString('hex') : readAscii(bytes, 0, bytes.length)}`;
  }
};

const STRENGTH: readonly DesignatorType[] = ['naa', 'eui64', 'scsiNameString', 't10VendorId'];

/**
 * The logical unit's best identity: NAA before EUI-64, SCSI name string and T10 vendor id (SPC-4 section 7.8.6 names these as the ones that
 * are unique in the world). Of two NAA the longer one. Undefined when there is none.
 */
export const pickIdentity = (designators: readonly Designator[]): Designator | undefined =>
  designators
    .filter((d) => d.association === 'logicalUnit' && STRENGTH.includes(d.type) && d.bytes.length > 0)
    .sort((a, b) => STRENGTH.indexOf(a.type) - STRENGTH.indexOf(b.type) || b.bytes.length - a.bytes.length)[0];

/** SBC-3 section 6.6.4, Block Limits VPD page. Zero: not reported. */
export interface BlockLimits {
  readonly maximumCompareAndWriteBlocks: number;
  readonly optimalTransferGranularityBlocks: number;
  readonly maximumTransferBlocks: number;
  readonly optimalTransferBlocks: number;
  readonly maximumUnmapBlocks: number;
  readonly maximumUnmapDescriptors: number;
  readonly optimalUnmapGranularityBlocks: number;
  readonly maximumWriteSameBlocks: bigint;
}

/** Throws DATA_MALFORMED. */
export const decodeBlockLimits = (data: Buffer): BlockLimits => {
  const body = pageBody('VPD B0h', VPD_PAGE.blockLimits, data);
  needBytes('VPD B0h', body, 12); // SBC-2 had 12 bytes, SBC-3 has 60
  const u32 = (at: number): number => (at + 4 <= body.length ? body.readUInt32BE(at) : 0);
  return {
    maximumCompareAndWriteBlocks: body[1] ?? 0,
    optimalTransferGranularityBlocks: body.readUInt16BE(2),
    maximumTransferBlocks: u32(4),
    optimalTransferBlocks: u32(8),
    maximumUnmapBlocks: u32(16),
    maximumUnmapDescriptors: u32(20),
    optimalUnmapGranularityBlocks: u32(24),
    maximumWriteSameBlocks: body.length >= 40 ? body.readBigUInt64BE(32) : 0n,
  };
};

/** VPD B0h. */
export const encodeBlockLimits = (limits: BlockLimits): Buffer => {
  const body = Buffer.alloc(60);
  body[1] = limits.maximumCompareAndWriteBlocks;
  body.writeUInt16BE(limits.optimalTransferGranularityBlocks, 2);
  body.writeUInt32BE(limits.maximumTransferBlocks, 4);
  body.writeUInt32BE(limits.optimalTransferBlocks, 8);
  body.writeUInt32BE(limits.maximumUnmapBlocks, 16);
  body.writeUInt32BE(limits.maximumUnmapDescriptors, 20);
  body.writeUInt32BE(limits.optimalUnmapGranularityBlocks, 24);
  body.writeBigUInt64BE(limits.maximumWriteSameBlocks, 32);
  return page(VPD_PAGE.blockLimits, body);
};

/** SBC-3 section 6.6.3, Block Device Characteristics VPD page. */
export interface BlockDeviceCharacteristics {
  /** 0: not reported, 1: not rotating, else revolutions per minute. */
  readonly mediumRotationRate: number;
  readonly productType: number;
  readonly nominalFormFactor: number;
}

/** Throws DATA_MALFORMED. */
export const decodeBlockDeviceCharacteristics = (data: Buffer): BlockDeviceCharacteristics => {
  const body = pageBody('VPD B1h', VPD_PAGE.blockDeviceCharacteristics, data);
  needBytes('VPD B1h', body, 4);
  return {
    mediumRotationRate: body.readUInt16BE(0),
    productType: body[2] ?? 0,
    nominalFormFactor: (body[3] ?? 0) & 0x0f,
  };
};

/** VPD B1h. */
export const encodeBlockDeviceCharacteristics = (characteristics: BlockDeviceCharacteristics): Buffer => {
  const body = Buffer.alloc(60);
  body.writeUInt16BE(characteristics.mediumRotationRate, 0);
  body[2] = characteristics.productType;
  body[3] = characteristics.nominalFormFactor & 0x0f;
  return page(VPD_PAGE.blockDeviceCharacteristics, body);
};

/** SBC-3 section 6.6.5, Logical Block Provisioning VPD page. */
export interface LogicalBlockProvisioning {
  readonly thresholdExponent: number;
  readonly unmapSupported: boolean;
  readonly writeSame16UnmapSupported: boolean;
  readonly writeSame10UnmapSupported: boolean;
  readonly unmappedReadsZeroes: boolean;
  readonly provisioning: 'notReported' | 'resource' | 'thin' | 'reserved';
}

const PROVISIONING = ['notReported', 'resource', 'thin'] as const;

/** Throws DATA_MALFORMED. */
export const decodeLogicalBlockProvisioning = (data: Buffer): LogicalBlockProvisioning => {
  const body = pageBody('VPD B2h', VPD_PAGE.logicalBlockProvisioning, data);
  needBytes('VPD B2h', body, 3);
  const flags = body[1] ?? 0;
  return {
    thresholdExponent: body[0] ?? 0,
    unmapSupported: (flags & 0x80) !== 0, // LBPU
    writeSame16UnmapSupported: (flags & 0x40) !== 0, // LBPWS
    writeSame10UnmapSupported: (flags & 0x20) !== 0, // LBPWS10
    // LBPRZ: SBC-4 makes three bits of it. xx1b is zeros, and the lowest is all that SBC-3 had; 010b is the provisioning initialization pattern.
    unmappedReadsZeroes: (flags & 0x04) !== 0,
    provisioning: PROVISIONING[(body[2] ?? 0) & 0x07] ?? 'reserved',
  };
};

/** VPD B2h. */
export const encodeLogicalBlockProvisioning = (lbp: LogicalBlockProvisioning): Buffer =>
  page(
    VPD_PAGE.logicalBlockProvisioning,
    Buffer.from([
      lbp.thresholdExponent,
      (lbp.unmapSupported ? 0x80 : 0) |
        (lbp.writeSame16UnmapSupported ? 0x40 : 0) |
        (lbp.writeSame10UnmapSupported ? 0x20 : 0) |
        (lbp.unmappedReadsZeroes ? 0x04 : 0),
      Math.max(0, (PROVISIONING as readonly string[]).indexOf(lbp.provisioning)),
      0,
    ]),
  );
