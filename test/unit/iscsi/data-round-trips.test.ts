import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeBlockDeviceCharacteristics,
  decodeBlockLimits,
  decodeDeviceIdentification,
  decodeInquiry,
  decodeLogicalBlockProvisioning,
  decodeModeSense10,
  decodeModeSense6,
  decodePrOutParameters,
  decodeReadCapacity10,
  decodeReadCapacity16,
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeRegisterAndMove,
  decodeReportCapabilities,
  decodeReportLuns,
  decodeSupportedPages,
  decodeTargetPortGroups,
  decodeUnitSerialNumber,
  decodeUnmap,
  DESIGNATOR_ASSOCIATIONS,
  DESIGNATOR_TYPES,
  encodeBlockDeviceCharacteristics,
  encodeBlockLimits,
  encodeDeviceIdentification,
  encodeInquiry,
  encodeLogicalBlockProvisioning,
  encodeModeSense10,
  encodeModeSense6,
  encodePrOutParameters,
  encodeReadCapacity10,
  encodeReadCapacity16,
  encodeReadFullStatus,
  encodeReadKeys,
  encodeReadReservation,
  encodeRegisterAndMove,
  encodeReportCapabilities,
  encodeReportLuns,
  encodeSupportedPages,
  encodeTargetPortGroups,
  encodeUnitSerialNumber,
  encodeUnmap,
  IscsiError,
  RESERVATION_TYPES,
} from '../../../main/iscsi/index.ts';

/** All parameter data that has both an encoder and a decoder: what is encoded comes out as it went in, and cut anywhere it is never misread as a crash. */

const uint = (bits: number): fc.Arbitrary<number> => fc.nat(2 ** bits - 1);
const key = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
/** Printable, without blanks at the end, which fixed fields are padded with. */
const ascii = (maxLength: number): fc.Arbitrary<string> =>
  fc.stringMatching(/^[!-~]*$/, { maxLength }).map((text) => text.slice(0, maxLength));
const iscsiName = fc.stringMatching(/^[a-z0-9.:-]{1,200}$/).map((text) => `iqn.2026-01.${text}`);
const isid = fc.stringMatching(/^[0-9a-f]{12}$/);
const transportId = fc.record({
  protocol: fc.constant('iscsi' as const),
  name: iscsiName,
  isid: fc.option(isid, { nil: undefined }),
});
const holder = fc.record({ scope: uint(4), typeCode: uint(4) });

interface Pair<Value> {
  readonly name: string;
  readonly values: fc.Arbitrary<Value>;
  readonly encode: (value: Value) => Buffer;
  readonly decode: (data: Buffer) => unknown;
  /** What the decoder gives for the value; left out: the value. */
  readonly expected?: (value: Value) => unknown;
}

const pair = <Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  encode: (value: Value) => Buffer,
  decode: (data: Buffer) => unknown,
  expected?: (value: Value) => unknown,
): Pair<unknown> =>
  ({ name, values, encode, decode, ...(expected === undefined ? {} : { expected }) }) as unknown as Pair<unknown>;

const modePages = fc.array(
  fc.record({ pageCode: uint(6), subpageCode: fc.constantFrom(0, 1, 0xf1), bytes: bytes(20) }),
  { maxLength: 4 },
);
const modeParameters = fc.record({
  mediumType: uint(8),
  writeProtected: fc.boolean(),
  dpoFua: fc.boolean(),
  pages: modePages,
});

const PAIRS: readonly Pair<unknown>[] = [
  pair('VPD 00h', fc.array(uint(8), { maxLength: 60 }), encodeSupportedPages, decodeSupportedPages),
  pair('VPD 80h', ascii(60), encodeUnitSerialNumber, decodeUnitSerialNumber),
  pair(
    'VPD 83h',
    fc.array(
      fc.record({
        association: fc.constantFrom(...DESIGNATOR_ASSOCIATIONS),
        type: fc.constantFrom(...DESIGNATOR_TYPES),
        codeSet: fc.constantFrom(1, 2, 3),
        bytes: bytes(255),
      }),
      { maxLength: 12 },
    ),
    encodeDeviceIdentification,
    decodeDeviceIdentification,
  ),
  pair(
    'VPD B0h',
    fc.record({
      maximumCompareAndWriteBlocks: uint(8),
      optimalTransferGranularityBlocks: uint(16),
      maximumTransferBlocks: uint(32),
      optimalTransferBlocks: uint(32),
      maximumUnmapBlocks: uint(32),
      maximumUnmapDescriptors: uint(32),
      optimalUnmapGranularityBlocks: uint(32),
      maximumWriteSameBlocks: key,
    }),
    encodeBlockLimits,
    decodeBlockLimits,
  ),
  pair(
    'VPD B1h',
    fc.record({ mediumRotationRate: uint(16), productType: uint(8), nominalFormFactor: uint(4) }),
    encodeBlockDeviceCharacteristics,
    decodeBlockDeviceCharacteristics,
  ),
  pair(
    'VPD B2h',
    fc.record({
      thresholdExponent: uint(8),
      unmapSupported: fc.boolean(),
      writeSame16UnmapSupported: fc.boolean(),
      writeSame10UnmapSupported: fc.boolean(),
      unmappedReadsZeroes: fc.boolean(),
      provisioning: fc.constantFrom('notReported', 'resource', 'thin'),
    }),
    encodeLogicalBlockProvisioning,
    decodeLogicalBlockProvisioning,
  ),
  pair(
    'INQUIRY',
    fc.record({
      peripheralQualifier: uint(3),
      deviceType: uint(5),
      removable: fc.boolean(),
      version: uint(8),
      targetPortGroupSupport: uint(2),
      thirdPartyCopy: fc.boolean(),
      protect: fc.boolean(),
      multiPort: fc.boolean(),
      commandQueuing: fc.boolean(),
      vendor: ascii(8),
      product: ascii(16),
      revision: ascii(4),
      versionDescriptors: fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 8 }),
    }),
    encodeInquiry,
    decodeInquiry,
  ),
  pair(
    'READ CAPACITY (10)',
    fc.record({ blocks: fc.bigInt({ min: 1n, max: 2n ** 33n }), blockSizeBytes: uint(32) }),
    encodeReadCapacity10,
    decodeReadCapacity10,
    (value) => (value.blocks > 0xffff_ffffn ? 'tooLarge' : value),
  ),
  pair(
    'READ CAPACITY (16)',
    fc.record({
      blocks: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      blockSizeBytes: uint(32),
      protectionEnabled: fc.boolean(),
      physicalBlockExponent: uint(4),
      provisioningManaged: fc.boolean(),
      unmappedReadsZeroes: fc.boolean(),
      lowestAlignedBlock: uint(14),
    }),
    encodeReadCapacity16,
    decodeReadCapacity16,
  ),
  pair('MODE SENSE (6)', modeParameters, encodeModeSense6, decodeModeSense6),
  pair('MODE SENSE (10)', modeParameters, encodeModeSense10, decodeModeSense10),
  pair('REPORT LUNS', fc.array(key, { maxLength: 300 }), encodeReportLuns, decodeReportLuns, (luns) => ({
    luns,
    total: luns.length,
  })),
  pair(
    'REPORT TARGET PORT GROUPS',
    fc.array(
      fc.record({
        preferred: fc.boolean(),
        accessState: uint(4),
        supportedStates: uint(8),
        group: uint(16),
        statusCode: uint(8),
        relativeTargetPorts: fc.array(uint(16), { maxLength: 6 }),
      }),
      { maxLength: 5 },
    ),
    encodeTargetPortGroups,
    decodeTargetPortGroups,
  ),
  pair(
    'UNMAP',
    fc.array(fc.record({ firstBlock: key, blocks: uint(32) }), { maxLength: 30 }),
    encodeUnmap,
    decodeUnmap,
  ),
  pair(
    'READ KEYS',
    fc.record({ generation: uint(32), keys: fc.array(key, { maxLength: 80 }) }),
    ({ generation, keys }) => encodeReadKeys(generation, keys),
    decodeReadKeys,
    (value) => ({ ...value, total: value.keys.length }),
  ),
  pair(
    'READ RESERVATION',
    fc.record({
      generation: uint(32),
      reservation: fc.option(fc.record({ key, scope: uint(4), typeCode: uint(4) }), { nil: undefined }),
    }),
    encodeReadReservation,
    decodeReadReservation,
  ),
  pair(
    'REPORT CAPABILITIES',
    fc.record({
      replaceLostReservation: fc.boolean(),
      compatibleReservationHandling: fc.boolean(),
      specifyInitiatorPorts: fc.boolean(),
      allTargetPorts: fc.boolean(),
      persistThroughPowerLossCapable: fc.boolean(),
      persistThroughPowerLossActive: fc.boolean(),
      allowCommands: uint(3),
      types: fc.option(fc.subarray(RESERVATION_TYPES.map(({ type }) => type)), { nil: undefined }),
    }),
    encodeReportCapabilities,
    decodeReportCapabilities,
  ),
  pair(
    'READ FULL STATUS',
    fc.record({
      generation: uint(32),
      registrations: fc.array(
        fc.record({
          key,
          holder: fc.option(holder, { nil: undefined }),
          allTargetPorts: fc.boolean(),
          relativeTargetPort: uint(16),
          transportId,
        }),
        { maxLength: 6 },
      ),
    }),
    ({ generation, registrations }) => encodeReadFullStatus(generation, registrations),
    decodeReadFullStatus,
    (value) => ({ ...value, complete: true }),
  ),
  pair(
    'PERSISTENT RESERVE OUT',
    fc.record({
      key,
      serviceActionKey: key,
      persistThroughPowerLoss: fc.boolean(),
      allTargetPorts: fc.boolean(),
      initiatorPorts: fc.array(transportId, { maxLength: 4 }),
    }),
    encodePrOutParameters,
    decodePrOutParameters,
  ),
  pair(
    'REGISTER AND MOVE',
    fc.record({
      key,
      serviceActionKey: key,
      unregister: fc.boolean(),
      persistThroughPowerLoss: fc.boolean(),
      relativeTargetPort: uint(16),
      transportId,
    }),
    encodeRegisterAndMove,
    decodeRegisterAndMove,
  ),
];

test.each(PAIRS)('$name comes out as it went in', ({ values, encode, decode, expected }) => {
  fc.assert(
    fc.property(values, (value) => {
      expect(decode(encode(value))).toEqual(expected === undefined ? value : expected(value));
    }),
    { numRuns: 60 },
  );
});

// What an allocation length cuts off, or a target left out, is a shorter answer or an error with a code.
test.each(PAIRS)('$name, cut anywhere, is an answer or DATA_MALFORMED', ({ values, encode, decode }) => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (value, part) => {
      const whole = encode(value);
      try {
        decode(whole.subarray(0, Math.floor(whole.length * part)));
      } catch (error) {
        expect(error).toBeInstanceOf(IscsiError);
        expect(error).toMatchObject({ code: 'DATA_MALFORMED' });
      }
    }),
    { numRuns: 40 },
  );
});

test.each(PAIRS)(
  '$name, with more behind it than it says, is read as far as it says',
  ({ values, encode, decode, name }) => {
    // These have a fixed length and none in their data.
    if (/CAPACITY|REGISTER AND MOVE|RESERVE OUT/.test(name)) return;
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 40 }), (value, more) => {
        const whole = encode(value);
        expect(decode(Buffer.concat([whole, more]))).toEqual(decode(whole));
      }),
      { numRuns: 30 },
    );
  },
);
