import { describe, expect, it } from 'vitest';
import { lunFromNumber, RESERVED_TAG, type PduInput, type PduOf } from '../../../main/iscsi/index.ts';
import { mebibytes, startTarget } from '../../support/embedded-target.ts';
import { openRawSession, type RawInitiator } from '../../support/raw-initiator.ts';

const blockBytes = 512;
const read10 = (lba: number, count: number): Buffer => {
  const cdb = Buffer.alloc(10);
  cdb.writeUInt8(0x28, 0);
  cdb.writeUInt32BE(lba, 2);
  cdb.writeUInt16BE(count, 7);
  return cdb;
};
const write10 = (lba: number, count: number): Buffer => {
  const cdb = read10(lba, count);
  cdb.writeUInt8(0x2a, 0);
  return cdb;
};
const pattern = (blocks: number, seed = 1): Buffer => {
  const bytes = Buffer.alloc(blocks * blockBytes);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31 + seed * 17 + (index >> 9)) & 0xff;
  return bytes;
};

const ready = async (
  options: Parameters<typeof startTarget>[0] = {},
  keys: readonly (readonly [string, string])[] = [],
) => {
  const target = await startTarget(options);
  const initiator = await openRawSession(target, { keys });
  await initiator.clearAttentions();
  return { target, initiator };
};

const writeCommand = (
  initiator: RawInitiator,
  blocks: number,
  more: Partial<PduInput & { kind: 'scsiCommand' }> = {},
) => {
  const itt = initiator.nextTag();
  initiator.send({
    kind: 'scsiCommand',
    final: true,
    write: true,
    lun: lunFromNumber(1),
    itt,
    expectedDataTransferLength: blocks * blockBytes,
    cmdSn: initiator.cmdSn++,
    expStatSn: initiator.expStatSn,
    cdb: write10(0, blocks),
    ...more,
  });
  return itt;
};

describe('writing', () => {
  it.each([
    ['immediate data only', [], 8, 8],
    ['immediate data, then R2T', [['MaxBurstLength', '4096']], 40, 8],
    ['R2T only', [['ImmediateData', 'No']], 40, 0],
    [
      'one R2T at a time',
      [
        ['MaxBurstLength', '1024'],
        ['MaxOutstandingR2T', '1'],
        ['InitialR2T', 'Yes'],
      ],
      20,
      0,
    ],
    [
      'several R2Ts at once',
      [
        ['MaxBurstLength', '1024'],
        ['MaxOutstandingR2T', '4'],
        ['InitialR2T', 'Yes'],
      ],
      20,
      0,
    ],
    [
      'digests',
      [
        ['HeaderDigest', 'CRC32C'],
        ['DataDigest', 'CRC32C'],
      ],
      33,
      3,
    ],
  ] as const)('with %s arrives byte for byte', async (what, keys, blocks, immediateBlocks) => {
    const { target, initiator } = await ready();
    initiator.close();
    const own = await openRawSession(target, { isid: '400001370009', keys });
    if (what === 'digests') own.useDigests({ header: true, data: true });
    await own.clearAttentions();
    const data = pattern(blocks);
    const answer = await own.command(write10(5, blocks), {
      dataOut: data,
      immediateBytes: immediateBlocks * blockBytes,
    });
    expect(answer).toMatchObject({ status: 0, residual: 0 });
    const r2ts = answer.pdus.filter((pdu): pdu is PduOf<'r2t'> => pdu.kind === 'r2t');
    expect(r2ts.map((one) => one.r2tSn)).toEqual(r2ts.map((_, index) => index));
    expect(r2ts.reduce((sum, one) => sum + one.desiredDataTransferLength, 0)).toBe(
      (blocks - immediateBlocks) * blockBytes,
    );
    const back = await own.command(read10(5, blocks), { expectedLength: data.length });
    expect(back.data.equals(data)).toBe(true);
    // 11.4.11: the count of R2T and Data-In PDUs of the command.
    const response = answer.pdus.at(-1) as PduOf<'scsiResponse'>;
    expect(response.expDataSn).toBe(r2ts.length);
  });

  it('takes unsolicited data up to FirstBurstLength and asks for the rest', async () => {
    const { target, initiator } = await ready({}, [
      ['InitialR2T', 'No'],
      ['FirstBurstLength', '4096'],
      ['MaxRecvDataSegmentLength', '65536'],
    ]);
    const data = pattern(32);
    const itt = writeCommand(initiator, 32, { final: false, data: data.subarray(0, 1024) });
    for (const [dataSn, start] of [1024, 2048, 3072].entries()) {
      initiator.send({
        kind: 'dataOut',
        final: start === 3072,
        itt,
        ttt: RESERVED_TAG,
        dataSn,
        bufferOffset: start,
        data: data.subarray(start, start + 1024),
      });
    }
    const answer = await initiator.finishCommand(itt, data);
    expect(answer.status).toBe(0);
    expect(answer.pdus[0]).toMatchObject({
      kind: 'r2t',
      bufferOffset: 4096,
      desiredDataTransferLength: 32 * 512 - 4096,
    });
    const stored = await target.store.get(1)!.read(target.store.get(1)!.knownNexuses()[0]!, 0n, 32);
    expect(stored.status === 'good' && stored.value.equals(data)).toBe(true);
  });

  it.each([
    ['immediate data that was not agreed', [['ImmediateData', 'No']], 512, true],
    ['unsolicited data under InitialR2T', [['InitialR2T', 'Yes']], 0, false],
    ['more immediate data than FirstBurstLength', [['FirstBurstLength', '512']], 1024, true],
  ] as const)('refuses %s with ABORTED COMMAND', async (_what, keys, bytes, final) => {
    const { initiator } = await ready({}, keys);
    const itt = writeCommand(initiator, 4, { final, data: pattern(4).subarray(0, bytes) });
    const answer = await initiator.finishCommand(itt);
    expect(answer.sense).toEqual({ key: 0x0b, asc: 0x0c, ascq: 0x0c });
  });

  it.each([
    ['a DataSN that is left out', { dataSn: 1 }],
    ['an offset that leaves a gap', { bufferOffset: 512 }],
    ['a transfer tag that was never given', { ttt: 0x7fffffff }],
    ['more than was asked for', { data: pattern(9), final: true }],
    ['less than was asked for', { data: pattern(1), final: true }],
  ] as const)('cuts the session for %s', async (_what, wrong) => {
    const { target, initiator } = await ready();
    const itt = writeCommand(initiator, 8);
    const r2t = await initiator.take('r2t');
    initiator.send({
      kind: 'dataOut',
      itt,
      ttt: r2t.ttt,
      dataSn: 0,
      bufferOffset: 0,
      data: pattern(2),
      ...wrong,
    });
    expect((await initiator.take('reject')).reason).toBe(0x04);
    await initiator.closed();
    expect(target.target.sessions).toEqual([]);
    const untouched = await target.store.get(1)!.medium.read(0, 8 * blockBytes);
    expect(untouched.every((byte) => byte === 0)).toBe(true);
  });

  it('reports residuals in both directions', async () => {
    const { initiator } = await ready();
    const more = await initiator.command(write10(0, 1), { dataOut: pattern(3) });
    expect(more).toMatchObject({ status: 0, underflow: true, overflow: false, residual: 1024 });
    const less = await initiator.command(write10(8, 3), { dataOut: pattern(1), expectedLength: 512 });
    expect(less).toMatchObject({ status: 0, underflow: false, overflow: true, residual: 1024 });
    const back = await initiator.command(read10(8, 3), { expectedLength: 3 * blockBytes });
    expect(back.data.equals(Buffer.concat([pattern(1), Buffer.alloc(1024)]))).toBe(true);
    const short = await initiator.command(read10(0, 4), { expectedLength: 512 });
    expect(short).toMatchObject({ overflow: true, residual: 3 * 512 });
    expect(short.data).toHaveLength(512);
    const long = await initiator.command(read10(0, 1), { expectedLength: 2048 });
    expect(long).toMatchObject({ underflow: true, residual: 1536 });
    const failed = await initiator.command(read10(0x7fffffff, 1), { expectedLength: 512 });
    expect(failed).toMatchObject({ status: 2, underflow: true, residual: 512, sense: { key: 5, asc: 0x21 } });
  });

  it('a command that fails asks for no data', async () => {
    const { initiator } = await ready({ faults: ['write-protected'] });
    const answer = await initiator.command(write10(0, 8), { dataOut: pattern(8) });
    expect(answer.sense).toEqual({ key: 7, asc: 0x27, ascq: 0 });
    expect(answer.pdus).toHaveLength(1);
  });
});

describe('reading', () => {
  it('cuts Data-In to what the initiator takes, with F at the end of each burst and status in the last', async () => {
    const { initiator } = await ready({}, [
      ['MaxRecvDataSegmentLength', '1024'],
      ['MaxBurstLength', '2048'],
    ]);
    const answer = await initiator.command(read10(0, 9), { expectedLength: 9 * 512 });
    const pdus = answer.pdus as PduOf<'dataIn'>[];
    expect(pdus.map((one) => [one.bufferOffset, one.data.length, one.final, one.hasStatus, one.dataSn])).toEqual([
      [0, 1024, false, false, 0],
      [1024, 1024, true, false, 1],
      [2048, 1024, false, false, 2],
      [3072, 1024, true, false, 3],
      [4096, 512, true, true, 4],
    ]);
  });

  it('without phase collapse sends a SCSI Response of its own', async () => {
    const { initiator } = await ready({ phaseCollapse: false });
    const answer = await initiator.command(read10(0, 1), { expectedLength: 512 });
    expect(answer.pdus.map((one) => one.kind)).toEqual(['dataIn', 'scsiResponse']);
    expect((answer.pdus[1] as PduOf<'scsiResponse'>).expDataSn).toBe(1);
  });

  it('serves a LUN of 8 TiB without memory for it', async () => {
    const { initiator } = await ready({ luns: [{ lun: 1, sizeBytes: 8n << 40n }] });
    const capacity = await initiator.command('9e100000000000000000000000200000', { expectedLength: 32 });
    expect(capacity.data.readBigUInt64BE(0)).toBe((8n << 40n) / 512n - 1n);
    const cdb = Buffer.alloc(16);
    cdb.writeUInt8(0x88, 0);
    cdb.writeBigUInt64BE((8n << 40n) / 512n - 1n, 2);
    cdb.writeUInt32BE(1, 10);
    expect(await initiator.command(cdb, { expectedLength: 512 })).toMatchObject({ status: 0 });
    cdb.writeUInt32BE(2, 10);
    expect(await initiator.command(cdb, { expectedLength: 1024 })).toMatchObject({ sense: { asc: 0x21 } });
  });
});

describe('numbers', () => {
  it('CmdSN: a gap holds commands back until it is filled, and what was seen or lies outside is ignored', async () => {
    const { initiator } = await ready({ queueDepth: 4 });
    const first = initiator.cmdSn;
    const test = (itt: number, cmdSn: number) =>
      initiator.send({ kind: 'scsiCommand', final: true, lun: lunFromNumber(1), itt, cmdSn, cdb: Buffer.alloc(16) });
    test(902, first + 1);
    test(903, first + 2);
    test(999, first + 100);
    test(998, first - 1);
    test(901, first);
    const order = [];
    for (let count = 0; count < 3; count++) order.push(await initiator.take('scsiResponse'));
    expect(order.map((one) => one.itt)).toEqual([901, 902, 903]);
    initiator.cmdSn = first + 3;
    expect((await initiator.command('000000000000')).status).toBe(0);
    expect(initiator.received).toEqual([]);
    expect(order.at(-1)?.expCmdSn).toBe(first + 3);
  });

  it('StatSN counts every status, and MaxCmdSN never goes back while commands are under way', async () => {
    const { initiator } = await ready({ queueDepth: 8, faults: ['slow-disk:30'] });
    const tags = [0, 1, 2, 3, 4].map((index) => {
      const itt = initiator.nextTag();
      initiator.send({
        kind: 'scsiCommand',
        final: true,
        read: true,
        lun: lunFromNumber(1),
        itt,
        expectedDataTransferLength: 512,
        cmdSn: initiator.cmdSn++,
        cdb: read10(index, 1),
      });
      return itt;
    });
    const seen: PduOf<'dataIn'>[] = [];
    for (const itt of tags) seen.push((await initiator.finishCommand(itt)).pdus.at(-1) as PduOf<'dataIn'>);
    const stats = seen.map((one) => one.statSn);
    expect(stats).toEqual(stats.map((_, index) => stats[0]! + index));
    expect(seen.at(-1)!.maxCmdSn - seen.at(-1)!.expCmdSn).toBe(7);
    for (const [index, one] of seen.entries()) {
      if (index > 0) expect(one.maxCmdSn).toBeGreaterThanOrEqual(seen[index - 1]!.maxCmdSn);
    }
  });

  it('immediate commands take no number', async () => {
    const { initiator } = await ready();
    const before = initiator.cmdSn;
    const answer = await initiator.command('000000000000', { immediate: true });
    expect((answer.pdus[0] as PduOf<'scsiResponse'>).expCmdSn).toBe(before);
  });
});

describe('NOP, asynchronous messages, Reject', () => {
  it('a NOP-Out comes back with its data', async () => {
    const { initiator } = await ready();
    const data = Buffer.from('are you there');
    initiator.send({ kind: 'nopOut', immediate: true, itt: 500, ttt: RESERVED_TAG, cmdSn: initiator.cmdSn, data });
    expect(await initiator.take('nopIn')).toMatchObject({ itt: 500, ttt: RESERVED_TAG, data });
  });

  it('asks the initiator, and hears its answer', async () => {
    const { target, initiator } = await ready();
    const answered = target.target.pingAll();
    const ping = await initiator.take('nopIn');
    expect(ping.itt).toBe(RESERVED_TAG);
    initiator.send({ kind: 'nopOut', immediate: true, itt: RESERVED_TAG, ttt: ping.ttt, cmdSn: initiator.cmdSn });
    await answered;
  });

  it('sends asynchronous messages', async () => {
    const { target, initiator } = await ready();
    target.target.sendAsync(1, 3);
    expect(await initiator.take('asyncMessage')).toMatchObject({ asyncEvent: 1, parameter3: 3 });
  });

  it('rejects what it does not do, with the header of what it rejects', async () => {
    const { initiator } = await ready();
    initiator.send({ kind: 'snackRequest', type: 0, itt: 77, begRun: 1, runLength: 2 });
    const snack = await initiator.take('reject');
    expect(snack.reason).toBe(0x03);
    expect(snack.data.readUInt8(0)).toBe(0x10);
    expect(snack.data.readUInt32BE(16)).toBe(77);
    initiator.sendLogin({ currentStage: 1 }, []);
    expect((await initiator.take('reject')).reason).toBe(0x04);
  });

  it('a digest that is wrong ends the connection', async () => {
    const target = await startTarget();
    const initiator = await openRawSession(target, { keys: [['HeaderDigest', 'CRC32C']] });
    initiator.socket.write(Buffer.concat([Buffer.from([0x40, 0x80]), Buffer.alloc(50)]));
    await initiator.closed();
    expect(target.events).toContainEqual(expect.objectContaining({ kind: 'protocolError' }));
  });
});

describe('LUNs in files', () => {
  it('are sparse, keep their bytes and are read by several initiators', async () => {
    const { mkdtemp, rm, stat } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/quorate-lun-`);
    try {
      const file = `${folder}/disk.img`;
      const target = await startTarget({ luns: [{ lun: 1, file, sizeBytes: mebibytes(256) }] });
      const initiator = await openRawSession(target);
      await initiator.clearAttentions();
      await initiator.command(write10(100_000, 16), { dataOut: pattern(16, 7) });
      expect((await initiator.command('35000000000000000000')).status).toBe(0);
      expect((await stat(file)).blocks).toBeLessThan(1000);
      await target.close();
      const again = await startTarget({ luns: [{ lun: 1, file }] });
      const other = await openRawSession(again, { initiatorName: 'iqn.2026-01.test:other' });
      await other.clearAttentions();
      const back = await other.command(read10(100_000, 16), { expectedLength: 16 * blockBytes });
      expect(back.data.equals(pattern(16, 7))).toBe(true);
      await again.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
