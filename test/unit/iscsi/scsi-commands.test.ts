import { describe, expect, test } from 'vitest';
import {
  decodeCdb,
  encodeFixedSense,
  encodeReadCapacity10,
  encodeReadCapacity16,
  encodeReadFullStatus,
  encodeReadKeys,
  encodeReportLuns,
  IscsiError,
  lunFromNumber,
  MAX_FULL_STATUS_REGISTRATIONS,
  NO_RESIDUAL,
  scsi,
  STATUS,
  type Cdb,
  type Registration,
  type ScsiCommand,
  type ScsiExecutor,
  type ScsiResponse,
} from '../../../main/iscsi/index.ts';
import { hex } from '../../support/hex.ts';

const lun = lunFromNumber(1);

interface Asked {
  readonly cdb: Cdb | undefined;
  readonly command: ScsiCommand;
}

/** A transport of canned answers, cut to what was asked for as a device does. */
const answering = (...answers: (Buffer | ScsiResponse)[]): ScsiExecutor & { readonly asked: Asked[] } => {
  const asked: Asked[] = [];
  return {
    asked,
    execute: async (command) => {
      asked.push({ cdb: decodeCdb(command.cdb), command });
      const answer = answers.shift();
      if (answer === undefined) throw new Error('asked once too often');
      return Buffer.isBuffer(answer)
        ? { status: STATUS.GOOD, data: answer.subarray(0, command.expectedDataInBytes ?? 0), residual: NO_RESIDUAL }
        : answer;
    },
  };
};

const refusing = (senseKey: number, asc: number, ascq = 0): ScsiResponse => ({
  status: STATUS.CHECK_CONDITION,
  sense: scsi.decodeSense(encodeFixedSense({ senseKey, asc, ascq }))!,
  data: Buffer.alloc(0),
  residual: NO_RESIDUAL,
});

const conflict: ScsiResponse = { status: STATUS.RESERVATION_CONFLICT, data: Buffer.alloc(0), residual: NO_RESIDUAL };

test('a status that is not GOOD is a value, with its sense', async () => {
  const outcome = await scsi.testUnitReady(answering(refusing(6, 0x29)), lun);
  expect(outcome).toMatchObject({ ok: false, status: 2, sense: { senseKey: 6, asc: 0x29 } });
  expect(await scsi.synchronizeCache(answering(conflict), lun)).toEqual({ ok: false, status: 0x18, sense: undefined });
});

describe('capacity', () => {
  const large = {
    blocks: 2n ** 33n,
    blockSizeBytes: 512,
    protectionEnabled: false,
    physicalBlockExponent: 3,
    provisioningManaged: true,
    unmappedReadsZeroes: false,
    lowestAlignedBlock: 0,
  };

  test('is asked for with (16)', async () => {
    const executor = answering(encodeReadCapacity16(large));
    expect(await scsi.readCapacity(executor, lun)).toMatchObject({ ok: true, value: large });
    expect(executor.asked.map(({ cdb }) => cdb?.kind)).toEqual(['readCapacity16']);
  });

  test('and with (10) where (16) is not known', async () => {
    const executor = answering(refusing(5, 0x20), encodeReadCapacity10({ blocks: 1000n, blockSizeBytes: 512 }));
    expect(await scsi.readCapacity(executor, lun)).toMatchObject({ ok: true, value: { blocks: 1000n } });
  });

  test('but not when the device is only not ready', async () => {
    expect(await scsi.readCapacity(answering(refusing(2, 0x04)), lun)).toMatchObject({
      ok: false,
      sense: { senseKey: 2 },
    });
  });

  test('a device that fits neither is told', async () => {
    const executor = answering(refusing(5, 0x20), encodeReadCapacity10({ blocks: 2n ** 33n, blockSizeBytes: 512 }));
    await expect(scsi.readCapacity(executor, lun)).rejects.toMatchObject({ code: 'DATA_MALFORMED' });
  });
});

describe('lists that do not fit', () => {
  test('REPORT LUNS asks again with room', async () => {
    const all = Array.from({ length: 300 }, (_, i) => lunFromNumber(i));
    const executor = answering(encodeReportLuns(all), encodeReportLuns(all));
    expect(await scsi.reportLuns(executor)).toMatchObject({ ok: true, value: { luns: all, total: 300 } });
    expect(executor.asked.map(({ command }) => command.expectedDataInBytes)).toEqual([2048, 8 + 2400]);
  });

  test('READ KEYS asks again with room', async () => {
    const keys = Array.from({ length: 1500 }, (_, i) => BigInt(i + 1));
    const executor = answering(encodeReadKeys(1, keys), encodeReadKeys(1, keys));
    expect(await scsi.readKeys(executor, lun)).toMatchObject({ ok: true, value: { keys, total: 1500 } });
  });

  const registrationsOf = (keys: readonly bigint[]): Registration[] =>
    keys.map((key) => ({
      key,
      holder: undefined,
      allTargetPorts: false,
      relativeTargetPort: 1,
      transportId: { protocol: 'iscsi', name: `iqn.2026-01.test:${key}`, isid: undefined } as const,
    }));
  const keysOf = (count: number): bigint[] => Array.from({ length: count }, (_, i) => BigInt(i + 1));
  const lengthOf = (command: ScsiCommand | undefined): number => command?.cdb.readUInt16BE(7) ?? 0;

  test('READ FULL STATUS is asked for 65,000 bytes, after READ KEYS, where all fit for certain', async () => {
    const keys = keysOf(MAX_FULL_STATUS_REGISTRATIONS);
    expect(keys).toHaveLength(242);
    const executor = answering(encodeReadKeys(1, keys), encodeReadFullStatus(1, registrationsOf(keys)));
    const outcome = await scsi.readFullStatus(executor, lun);
    expect(outcome).toMatchObject({ ok: true, value: { complete: true, missing: [], notAsked: undefined } });
    expect(executor.asked.map(({ command }) => lengthOf(command))).toEqual([8192, 65_000]);
  });

  test('READ FULL STATUS is not sent where there are more, and every owner is unknown', async () => {
    const keys = keysOf(243);
    const executor = answering(encodeReadKeys(1, keys));
    const outcome = await scsi.readFullStatus(executor, lun);
    expect(outcome).toMatchObject({ ok: true, value: { notAsked: 'tooMany', missing: keys, registrations: [] } });
    expect(executor.asked).toHaveLength(1);
  });

  test('READ FULL STATUS names the keys whose owners it leaves out, as often as it does', async () => {
    const executor = answering(encodeReadKeys(1, [1n, 2n, 2n]), encodeReadFullStatus(1, registrationsOf([2n])));
    expect(await scsi.readFullStatus(executor, lun)).toMatchObject({ ok: true, value: { missing: [1n, 2n] } });
  });

  test('a VPD page longer than 255 bytes is asked for again', async () => {
    const page = Buffer.concat([
      hex('00 83 0190'),
      Buffer.concat(Array.from({ length: 100 }, () => hex('01 03 00 00'))),
    ]);
    const executor = answering(page, page);
    const outcome = await scsi.deviceIdentification(executor, lun);
    expect(outcome.ok && outcome.value.length).toBe(100);
    expect(executor.asked.map(({ cdb }) => cdb)).toEqual([
      { kind: 'inquiry', evpd: true, pageCode: 0x83, allocationLength: 255 },
      { kind: 'inquiry', evpd: true, pageCode: 0x83, allocationLength: 404 },
    ]);
  });
});

describe('reading', () => {
  test('uses the shortest command that fits', async () => {
    const executor = answering(Buffer.alloc(4096), Buffer.alloc(4096), Buffer.alloc(4096));
    await scsi.read(executor, lun, { firstBlock: 100n, blocks: 8 }, 512);
    await scsi.read(executor, lun, { firstBlock: 2n ** 32n, blocks: 8 }, 512);
    await scsi.read(executor, lun, { firstBlock: 100n, blocks: 8 }, 512, { form: 16, fua: true });
    expect(executor.asked.map(({ cdb }) => cdb)).toEqual([
      { kind: 'read10', readProtect: 0, dpo: false, fua: false, logicalBlockAddress: 100, transferLength: 8 },
      { kind: 'read16', readProtect: 0, dpo: false, fua: false, logicalBlockAddress: 2n ** 32n, transferLength: 8 },
      { kind: 'read16', readProtect: 0, dpo: false, fua: true, logicalBlockAddress: 100n, transferLength: 8 },
    ]);
  });

  test('too little data with status GOOD is no data', async () => {
    await expect(
      scsi.read(answering(Buffer.alloc(512)), lun, { firstBlock: 0n, blocks: 2 }, 512),
    ).rejects.toMatchObject({
      code: 'DATA_MALFORMED',
    });
  });

  test.each([
    { firstBlock: -1n, blocks: 1 },
    { firstBlock: 0n, blocks: -1 },
    { firstBlock: 0n, blocks: 1.5 },
    { firstBlock: 0n, blocks: 2 ** 31 },
  ])('%o is refused', async (range) => {
    await expect(scsi.read(answering(), lun, range, 512)).rejects.toMatchObject({ code: 'OPTION_OUT_OF_RANGE' });
  });

  test('a 10-byte command beyond its reach is refused', async () => {
    const reading = scsi.read(answering(), lun, { firstBlock: 2n ** 32n, blocks: 1 }, 512, { form: 10 });
    await expect(reading).rejects.toBeInstanceOf(IscsiError);
  });
});

describe('writing', () => {
  test('carries the data', async () => {
    const executor = answering(Buffer.alloc(0));
    const data = Buffer.alloc(1024, 7);
    expect(await scsi.write(executor, lun, 5n, data, 512)).toMatchObject({ ok: true });
    expect(executor.asked[0]).toMatchObject({
      cdb: { kind: 'write10', logicalBlockAddress: 5, transferLength: 2 },
      command: { dataOut: data },
    });
  });

  test('nothing is a WRITE with transfer length 0 that goes out as a write', async () => {
    const executor = answering(conflict);
    expect(await scsi.write(executor, lun, 0n, Buffer.alloc(0), 512)).toMatchObject({ ok: false, status: 0x18 });
    expect(executor.asked[0]?.cdb).toMatchObject({ kind: 'write10', transferLength: 0 });
    expect(executor.asked[0]?.command.dataOut).toHaveLength(0);
  });

  test('part of a block is refused', async () => {
    await expect(scsi.write(answering(), lun, 0n, Buffer.alloc(700), 512)).rejects.toMatchObject({
      code: 'OPTION_OUT_OF_RANGE',
    });
  });

  test('UNMAP and WRITE SAME carry their parameters', async () => {
    const executor = answering(Buffer.alloc(0), Buffer.alloc(0));
    await scsi.unmap(executor, lun, [{ firstBlock: 1n, blocks: 2 }]);
    await scsi.writeSame(executor, lun, { firstBlock: 3n, blocks: 4 }, Buffer.alloc(512), { unmap: true });
    expect(executor.asked.map(({ cdb }) => cdb)).toMatchObject([
      { kind: 'unmap', parameterListLength: 24 },
      { kind: 'writeSame16', unmap: true, logicalBlockAddress: 3n, numberOfLogicalBlocks: 4 },
    ]);
    expect(await scsi.unmap(answering(), lun, [])).toMatchObject({ ok: true });
  });
});

describe('MODE SENSE', () => {
  test('goes on with (10) where (6) is not known', async () => {
    const executor = answering(refusing(5, 0x20), hex('0006 00 80 0000 0000'));
    expect(await scsi.modeSense(executor, lun)).toMatchObject({ ok: true, value: { writeProtected: true } });
  });
});

describe('reservations', () => {
  test.each([
    ['registerAndIgnoreExistingKey', undefined, 6, 0],
    ['register', undefined, 0, 0],
    ['reserve', 'writeExclusiveRegistrantsOnly', 1, 5],
    ['release', 'writeExclusiveRegistrantsOnly', 2, 5],
    ['clear', undefined, 3, 0],
    ['preempt', 'exclusiveAccess', 4, 3],
    ['preemptAndAbort', 'exclusiveAccessAllRegistrants', 5, 8],
    ['replaceLostReservation', 'writeExclusive', 8, 1],
  ] as const)('%s', async (action, type, serviceAction, typeCode) => {
    const executor = answering(Buffer.alloc(0));
    const request = { action, key: 1n, serviceActionKey: 2n, ...(type === undefined ? {} : { type }) };
    await scsi.persistentReserveOut(executor, lun, request as scsi.PersistentReserveOut);
    expect(executor.asked[0]).toMatchObject({
      cdb: { kind: 'persistentReserveOut', serviceAction, scope: 0, type: typeCode, parameterListLength: 24 },
      command: { dataOut: hex('0000000000000001 0000000000000002 0000000000000000') },
    });
  });

  test('register and move', async () => {
    const executor = answering(Buffer.alloc(0));
    await scsi.registerAndMove(executor, lun, 'exclusiveAccess', {
      key: 1n,
      serviceActionKey: 2n,
      unregister: false,
      persistThroughPowerLoss: false,
      relativeTargetPort: 1,
      transportId: { protocol: 'iscsi', name: 'iqn.2026-01.test:b', isid: undefined },
    });
    expect(executor.asked[0]?.cdb).toMatchObject({ serviceAction: 7, type: 3, parameterListLength: 48 });
  });

  test('a conflict is an answer', async () => {
    expect(await scsi.persistentReserveOut(answering(conflict), lun, { action: 'clear', key: 1n })).toMatchObject({
      ok: false,
      status: STATUS.RESERVATION_CONFLICT,
    });
  });
});
