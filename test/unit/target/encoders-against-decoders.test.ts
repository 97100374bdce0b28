import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decodeBlockDeviceCharacteristics,
  decodeBlockLimits,
  decodeDeviceIdentification,
  decodeInquiry,
  decodeLogicalBlockProvisioning,
  decodeModeSense10,
  decodeModeSense6,
  decodeReadCapacity10,
  decodeReadCapacity16,
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeReportCapabilities,
  decodeReportLuns,
  decodeSupportedPages,
  decodeTargetPortGroups,
  decodeUnitSerialNumber,
  encodeBlockLimits,
  encodeCdb,
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
  encodeReportCapabilities,
  encodeReportLuns,
  encodeSupportedPages,
  encodeTargetPortGroups,
  encodeUnitSerialNumber,
  encodeUnmap,
  lunFromNumber,
  pickIdentity,
  RESERVATION_TYPES,
} from '../../../main/iscsi/index.ts';
import { Faults } from '../../../main/rehearsal/faults/index.ts';
import { createLunStore, type LunStore } from '../../../main/rehearsal/store/index.ts';
import { DeviceServer } from '../../../main/rehearsal/target/scsi/device-server.ts';
import { isResult } from '../../../main/rehearsal/target/scsi/result.ts';
import { a, port } from './device.ts';

/**
 * What the practice target says, read by the initiator's decoders, for logical units of all kinds. The two were written apart; where the initiator has an
 * encoder too, the target's very bytes come out of it again.
 */

const unitOptions = fc.record({
  lun: fc.constantFrom(0, 1, 7, 255),
  thin: fc.boolean(),
  blockSizeBytes: fc.constantFrom(512 as const, 4096 as const),
  blocks: fc.bigInt({ min: 8n, max: 2n ** 34n }),
  serial: fc.stringMatching(/^[A-Z0-9][A-Z0-9-]{0,18}[A-Z0-9]$/),
});

type UnitOptions = typeof unitOptions extends fc.Arbitrary<infer Options> ? Options : never;

interface Unit {
  readonly store: LunStore;
  /** The data that answers a CDB; the command must end well. */
  readonly ask: (cdb: Buffer, data?: Buffer) => Promise<Buffer>;
}

const make = async (options: UnitOptions): Promise<Unit> => {
  const { lun, thin, blockSizeBytes, blocks, serial } = options;
  const sizeBytes = blocks * BigInt(blockSizeBytes);
  const store = await createLunStore([{ lun, thin, blockSizeBytes, sizeBytes, serial }], new Faults());
  store.nexusFormed(a);
  const server = new DeviceServer(store);
  const ask = async (cdb: Buffer, data?: Buffer): Promise<Buffer> => {
    const { prepared } = server.examine({ nexus: a, port, lun, cdb });
    const result = isResult(prepared)
      ? prepared
      : await prepared.run(data ?? Buffer.alloc(prepared.dataOutBytes), { isAborted: false });
    expect(result).toMatchObject({ status: 0 });
    return result.data ?? Buffer.alloc(0);
  };
  return { store, ask };
};

const page = (pageCode: number): Buffer => encodeCdb('inquiry', { evpd: true, pageCode, allocationLength: 0xffff });

it('identity, limits and capacity', async () => {
  await fc.assert(
    fc.asyncProperty(unitOptions, async (options) => {
      const { store, ask } = await make(options);
      const standard = await ask(encodeCdb('inquiry', { allocationLength: 255 }));
      const inquiry = decodeInquiry(standard);
      expect(inquiry).toMatchObject({ peripheralQualifier: 0, deviceType: 0, vendor: 'QUORATE', commandQueuing: true });
      // ADDITIONAL LENGTH differs: ours ends behind the version descriptors.
      expect(encodeInquiry(inquiry).subarray(0, 4)).toEqual(standard.subarray(0, 4));
      expect(encodeInquiry(inquiry).subarray(5, 74)).toEqual(standard.subarray(5, 74));
      expect(standard[4]).toBe(standard.length - 5);

      const pages = await ask(page(0x00));
      expect(decodeSupportedPages(pages)).toEqual([0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2]);
      expect(encodeSupportedPages(decodeSupportedPages(pages))).toEqual(pages);

      const serial = await ask(page(0x80));
      expect(decodeUnitSerialNumber(serial)).toBe(options.serial);
      expect(encodeUnitSerialNumber(options.serial)).toEqual(serial);

      const identification = await ask(page(0x83));
      const designators = decodeDeviceIdentification(identification);
      expect(pickIdentity(designators)).toMatchObject({ association: 'logicalUnit', type: 'naa' });
      // PIV and PROTOCOL IDENTIFIER are no fields of our designators: everything else is there again.
      const again = decodeDeviceIdentification(encodeDeviceIdentification(designators));
      expect(again).toEqual(designators);
      expect(encodeDeviceIdentification(designators)).toHaveLength(identification.length);

      const limits = await ask(page(0xb0));
      // WSNZ (byte 4) is no field of our limits.
      expect(encodeBlockLimits(decodeBlockLimits(limits)).subarray(5, 28)).toEqual(limits.subarray(5, 28));
      expect(decodeBlockLimits(limits).maximumTransferBlocks).toBeGreaterThan(0);
      expect(decodeBlockDeviceCharacteristics(await ask(page(0xb1)))).toMatchObject({ mediumRotationRate: 1 });
      const provisioning = await ask(page(0xb2));
      expect(decodeLogicalBlockProvisioning(provisioning)).toMatchObject({
        unmapSupported: options.thin,
        provisioning: options.thin ? 'thin' : 'notReported',
      });
      expect(encodeLogicalBlockProvisioning(decodeLogicalBlockProvisioning(provisioning))).toEqual(provisioning);

      const short = await ask(encodeCdb('readCapacity10'));
      const { blocks, blockSizeBytes } = options;
      const isTooLarge = blocks > 0xffff_ffffn;
      expect(decodeReadCapacity10(short)).toEqual(isTooLarge ? 'tooLarge' : { blocks, blockSizeBytes });
      expect(encodeReadCapacity10({ blocks, blockSizeBytes })).toEqual(short);
      const long = await ask(encodeCdb('readCapacity16', { allocationLength: 32 }));
      expect(decodeReadCapacity16(long)).toMatchObject({ blocks, blockSizeBytes, provisioningManaged: options.thin });
      expect(encodeReadCapacity16(decodeReadCapacity16(long))).toEqual(long);
      await store.close();
    }),
    { numRuns: 25 },
  );
});

it('mode pages, LUNs and target port groups', async () => {
  await fc.assert(
    fc.asyncProperty(unitOptions, async (options) => {
      const { store, ask } = await make(options);
      const six = await ask(encodeCdb('modeSense6', { dbd: true, pageCode: 0x3f, allocationLength: 255 }));
      const ten = await ask(encodeCdb('modeSense10', { dbd: true, pageCode: 0x3f, allocationLength: 4096 }));
      const mode = decodeModeSense6(six);
      expect(decodeModeSense10(ten)).toEqual(mode);
      expect(mode.writeProtected).toBe(false);
      expect(mode.pages.map(({ pageCode }) => pageCode)).toEqual(expect.arrayContaining([0x08, 0x0a]));
      expect(encodeModeSense6(mode)).toEqual(six);
      expect(encodeModeSense10(mode)).toEqual(ten);

      const luns = await ask(encodeCdb('reportLuns', { allocationLength: 4096 }));
      expect(decodeReportLuns(luns).luns).toContain(lunFromNumber(options.lun));
      expect(encodeReportLuns(decodeReportLuns(luns).luns)).toEqual(luns);

      const groups = await ask(encodeCdb('reportTargetPortGroups', { allocationLength: 4096 }));
      const decoded = decodeTargetPortGroups(groups);
      expect(decoded.flatMap(({ relativeTargetPorts }) => relativeTargetPorts)).toEqual([1, 2]);
      expect(encodeTargetPortGroups(decoded)).toEqual(groups);
      await store.close();
    }),
    { numRuns: 15 },
  );
});

const anyKey = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });

it('reservations: what the initiator asks for is what the target shows', async () => {
  await fc.assert(
    fc.asyncProperty(
      unitOptions,
      anyKey,
      fc.constantFrom(...RESERVATION_TYPES),
      fc.boolean(),
      async (options, key, { code, type }, persistThroughPowerLoss) => {
        const { store, ask } = await make(options);
        const out = (serviceAction: number, parameters: Parameters<typeof encodePrOutParameters>[0], typeCode = 0) => {
          const list = encodePrOutParameters(parameters);
          return ask(
            encodeCdb('persistentReserveOut', { serviceAction, type: typeCode, parameterListLength: list.length }),
            list,
          );
        };
        const ask5e = (serviceAction: number): Promise<Buffer> =>
          ask(encodeCdb('persistentReserveIn', { serviceAction, allocationLength: 8192 }));
        expect(decodeReadReservation(await ask5e(1))).toEqual({ generation: 0, reservation: undefined });
        await out(0, { serviceActionKey: key, persistThroughPowerLoss });
        await out(1, { key }, code);

        const keys = await ask5e(0);
        expect(decodeReadKeys(keys)).toEqual({ generation: 1, keys: [key], total: 1 });
        expect(encodeReadKeys(1, [key])).toEqual(keys);

        const held = await ask5e(1);
        const state = decodeReadReservation(held);
        // SPC-4 section 6.15.3.2: with the all-registrants types the key is zero.
        const shown = type.endsWith('AllRegistrants') ? 0n : key;
        expect(state).toEqual({ generation: 1, reservation: { key: shown, scope: 0, typeCode: code } });
        expect(encodeReadReservation(state)).toEqual(held);

        const capabilities = await ask5e(2);
        const can = decodeReportCapabilities(capabilities);
        expect(can.types).toHaveLength(6);
        expect(can.persistThroughPowerLossActive).toBe(persistThroughPowerLoss);
        expect(encodeReportCapabilities(can)).toEqual(capabilities);

        const full = await ask5e(3);
        const status = decodeReadFullStatus(full);
        expect(status).toMatchObject({
          generation: 1,
          complete: true,
          registrations: [
            {
              key,
              holder: { scope: 0, typeCode: code },
              transportId: { protocol: 'iscsi', name: a.initiatorName, isid: a.isid },
            },
          ],
        });
        expect(encodeReadFullStatus(status.generation, status.registrations)).toEqual(full);
        await store.close();
      },
    ),
    { numRuns: 30 },
  );
});

it('UNMAP of any ranges makes those blocks zero and no others', async () => {
  const ranges = fc.array(fc.record({ firstBlock: fc.bigInt({ min: 0n, max: 60n }), blocks: fc.nat(4) }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(ranges, fc.constantFrom(512 as const, 4096 as const), async (chosen, blockSizeBytes) => {
      const { store, ask } = await make({ lun: 1, thin: true, blockSizeBytes, blocks: 64n, serial: 'QUORATE-1' });
      await ask(encodeCdb('write10', { transferLength: 64 }), Buffer.alloc(64 * blockSizeBytes, 0xee));
      const list = encodeUnmap(chosen);
      await ask(encodeCdb('unmap', { parameterListLength: list.length }), list);
      const data = await ask(encodeCdb('read10', { transferLength: 64 }));
      const isGone = (block: number): boolean =>
        chosen.some(({ firstBlock, blocks }) => block >= Number(firstBlock) && block < Number(firstBlock) + blocks);
      for (let block = 0; block < 64; block++) {
        const one = data.subarray(block * blockSizeBytes, (block + 1) * blockSizeBytes);
        expect([block, one.equals(Buffer.alloc(blockSizeBytes, isGone(block) ? 0 : 0xee))]).toEqual([block, true]);
      }
      await store.close();
    }),
    { numRuns: 20 },
  );
});
