import { describe, expect, test } from 'vitest';
import {
  encodeFixedSense,
  lunFromNumber,
  RESERVED_TAG,
  scsi,
  type Pdu,
  type PduOf,
  type Wishes,
} from '../../../main/iscsi/index.ts';
import { openAt, startFakeTarget } from '../../support/iscsi-conversations.ts';

const lun = lunFromNumber(0);
const BLOCK = 512;

const pattern = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
};

const only = <K extends Pdu['kind']>(pdus: readonly Pdu[], kind: K): PduOf<K>[] =>
  pdus.filter((pdu) => pdu.kind === kind) as unknown as PduOf<K>[];

describe('reading', () => {
  test.each([
    ['with phase collapse', true],
    ['with a response of its own', false],
  ])('%s, in pieces that the initiator asked for', async (_how, phaseCollapse) => {
    const target = await startFakeTarget({ phaseCollapse });
    pattern(target.disk.length).copy(target.disk);
    const session = await openAt(target, { wishes: { MaxRecvDataSegmentLength: '4096' } });
    const outcome = await scsi.read(session, lun, { firstBlock: 3n, blocks: 100 }, BLOCK);
    expect(outcome.ok && outcome.value.equals(target.disk.subarray(3 * BLOCK, 103 * BLOCK))).toBe(true);
  });

  test('into the caller’s buffer', async () => {
    const target = await startFakeTarget();
    pattern(target.disk.length).copy(target.disk);
    const session = await openAt(target);
    const into = Buffer.alloc(256 * BLOCK);
    const outcome = await scsi.read(session, lun, { firstBlock: 0n, blocks: 256 }, BLOCK, { into });
    expect(outcome.ok && outcome.value).toBe(into);
    expect(into.equals(target.disk.subarray(0, into.length))).toBe(true);
  });

  test('with digests, in segments whose length is no multiple of four', async () => {
    const target = await startFakeTarget({
      wishes: { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' },
      onCommand: (command, connection) => {
        const data = pattern(1001);
        connection.sendData(command, data);
        return true;
      },
    });
    const session = await openAt(target, { wishes: { MaxRecvDataSegmentLength: '514' } });
    const response = await session.execute({ cdb: Buffer.alloc(6, 0x12), lun, expectedDataInBytes: 1001 });
    expect(response.data.equals(pattern(1001))).toBe(true);
  });

  test.each([
    [100, { kind: 'none' }, 100],
    [60, { kind: 'underflow', bytes: 40 }, 60],
    [0, { kind: 'underflow', bytes: 100 }, 0],
    [150, { kind: 'overflow', bytes: 50 }, 100],
  ])('%i bytes for 100 asked', async (length, residual, got) => {
    const target = await startFakeTarget({
      onCommand: (command, connection) => {
        connection.sendData(command, pattern(length));
        return true;
      },
    });
    const session = await openAt(target);
    const response = await session.execute({ cdb: Buffer.alloc(6, 0x12), lun, expectedDataInBytes: 100 });
    expect(response.residual).toEqual(residual);
    expect(response.data).toHaveLength(got);
  });

  test('sense comes with the status', async () => {
    const target = await startFakeTarget({
      onCommand: (command, connection) => {
        connection.respond(command, 2, encodeFixedSense({ senseKey: 6, asc: 0x29, ascq: 0 }));
        return true;
      },
    });
    const session = await openAt(target);
    expect(await scsi.testUnitReady(session, lun)).toMatchObject({
      ok: false,
      status: 2,
      sense: { senseKey: 6, asc: 0x29 },
    });
  });
});

describe('writing', () => {
  const variants: readonly (readonly [string, Wishes])[] = [
    ['solicited only', { ImmediateData: 'No', InitialR2T: 'Yes' }],
    ['immediate and solicited', { ImmediateData: 'Yes', InitialR2T: 'Yes', FirstBurstLength: '4096' }],
    ['unsolicited and solicited', { ImmediateData: 'No', InitialR2T: 'No', FirstBurstLength: '8192' }],
    [
      'all three',
      { ImmediateData: 'Yes', InitialR2T: 'No', FirstBurstLength: '20000', MaxRecvDataSegmentLength: '8192' },
    ],
    ['with digests', { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C', InitialR2T: 'No', FirstBurstLength: '1022' }],
  ];
  test.each(variants)('%s', async (_how, wishes) => {
    const target = await startFakeTarget({ wishes: { MaxBurstLength: '16384', ...wishes } });
    const session = await openAt(target, { headerDigest: 'None,CRC32C', dataDigest: 'None,CRC32C' });
    for (const blocks of [1, 2, 3, 16, 17, 100, 333]) {
      const data = pattern(blocks * BLOCK);
      target.disk.fill(0);
      expect(await scsi.write(session, lun, 2n, data, BLOCK)).toMatchObject({ ok: true });
      expect(target.disk.subarray(2 * BLOCK, 2 * BLOCK + data.length).equals(data)).toBe(true);
    }
  });

  test('a write of no block goes out as a write: W set, nothing expected, nothing to follow', async () => {
    const target = await startFakeTarget({});
    const session = await openAt(target);
    await scsi.write(session, lun, 0n, Buffer.alloc(0), BLOCK);
    const [command] = only(target.received, 'scsiCommand');
    expect(command).toMatchObject({ write: true, read: false, final: true, expectedDataTransferLength: 0 });
    expect(command!.data).toHaveLength(0);
  });

  test('what goes out is what was agreed', async () => {
    const target = await startFakeTarget({
      wishes: { InitialR2T: 'No', FirstBurstLength: '5120', MaxRecvDataSegmentLength: '2048', MaxBurstLength: '8192' },
    });
    const session = await openAt(target);
    await scsi.write(session, lun, 0n, pattern(32 * BLOCK), BLOCK);
    const [command] = only(target.received, 'scsiCommand');
    expect(command).toMatchObject({ write: true, final: false, expectedDataTransferLength: 16384 });
    expect(command!.data).toHaveLength(2048); // MaxRecvDataSegmentLength of the target
    const out = only(target.received, 'dataOut').map(({ ttt, dataSn, bufferOffset, data, final }) => [
      ttt === RESERVED_TAG ? 'unsolicited' : ttt,
      dataSn,
      bufferOffset,
      data.length,
      final,
    ]);
    expect(out).toEqual([
      ['unsolicited', 0, 2048, 2048, false],
      ['unsolicited', 1, 4096, 1024, true], // FirstBurstLength
      [1, 0, 5120, 2048, false],
      [1, 1, 7168, 2048, false],
      [1, 2, 9216, 2048, false],
      [1, 3, 11264, 2048, true], // MaxBurstLength
      [2, 0, 13312, 2048, false],
      [2, 1, 15360, 1024, true],
    ]);
  });

  test('of a length that is no multiple of four', async () => {
    const received: Buffer[] = [];
    const target = await startFakeTarget({
      wishes: { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' },
      onCommand: (command, connection) => {
        received.push(command.data);
        connection.respond(command);
        return true;
      },
    });
    const session = await openAt(target);
    for (const length of [1, 2, 3, 4, 5])
      await session.execute({ cdb: Buffer.alloc(10, 0x5f), lun, dataOut: pattern(length) });
    expect(received).toEqual([1, 2, 3, 4, 5].map(pattern));
  });
});

describe('many at once', () => {
  test('all come back, each with its own data', async () => {
    const target = await startFakeTarget();
    pattern(target.disk.length).copy(target.disk);
    const session = await openAt(target);
    const reads = Array.from({ length: 300 }, (_, i) =>
      scsi.read(session, lun, { firstBlock: BigInt(i), blocks: 4 }, BLOCK),
    );
    const outcomes = await Promise.all(reads);
    outcomes.forEach((outcome, i) => {
      expect(outcome.ok && outcome.value.equals(target.disk.subarray(i * BLOCK, (i + 4) * BLOCK))).toBe(true);
    });
    expect(session.outstandingCommands).toBe(0);
  });

  test('never more than the window allows, over the wrap of CmdSN', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const target = await startFakeTarget({
      windowSize: 4,
      onCommand: (command, connection) => {
        waiting.push(() => connection.respond(command));
        most = Math.max(most, waiting.length);
        if (waiting.length === 4) for (const answer of waiting.splice(0)) answer();
        return true;
      },
    });
    const session = await openAt(target, { initialCmdSn: 0xfffffffd });
    const all = await Promise.all(Array.from({ length: 40 }, () => scsi.testUnitReady(session, lun)));
    expect(all.every((outcome) => outcome.ok)).toBe(true);
    expect(most).toBe(4);
    expect(
      only(target.received, 'scsiCommand')
        .map(({ cmdSn }) => cmdSn)
        .slice(0, 5),
    ).toEqual([0xfffffffd, 0xfffffffe, 0xffffffff, 0, 1]);
  });

  test('answers in another order find their commands', async () => {
    const waiting: (() => void)[] = [];
    const target = await startFakeTarget({
      onCommand: (command, connection) => {
        waiting.push(() => connection.sendData(command, Buffer.from([command.cdb[4]!])));
        if (waiting.length === 8) for (const answer of waiting.splice(0).reverse()) answer();
        return true;
      },
    });
    const session = await openAt(target);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        session.execute({ cdb: Buffer.from([0x12, 0, 0, 0, i, 0]), lun, expectedDataInBytes: 1 }),
      ),
    );
    expect(answers.map(({ data }) => data[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('tags that are outstanding are never the same', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 10 }, () => scsi.testUnitReady(session, lun)));
    const tags = only(target.received, 'scsiCommand').map(({ itt }) => itt);
    expect(new Set(tags).size).toBe(tags.length);
    expect(tags).not.toContain(RESERVED_TAG);
  });
});

test.each([
  ['a buffer that is too short', { expectedDataInBytes: 8, dataIn: Buffer.alloc(4) }],
  ['data in both directions', { expectedDataInBytes: 8, dataOut: Buffer.alloc(4) }],
])('%s is refused at once', async (_what, more) => {
  const target = await startFakeTarget();
  const session = await openAt(target);
  await expect(session.execute({ cdb: Buffer.alloc(6), lun, ...more })).rejects.toMatchObject({
    code: 'OPTION_OUT_OF_RANGE',
  });
  await expect(session.execute({ cdb: Buffer.alloc(17), lun })).rejects.toMatchObject({ code: 'OPTION_OUT_OF_RANGE' });
  expect(session.isOpen).toBe(true);
});
