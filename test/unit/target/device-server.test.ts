import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandNames } from '../../../main/rehearsal/faults/steps.ts';
import { commands } from '../../../main/rehearsal/target/scsi/commands.ts';
import type { CommandResult } from '../../../main/rehearsal/target/scsi/result.ts';
import { a, b, list, makeDevice, out, senseOf, type Run } from './device.ts';

let device: Awaited<ReturnType<typeof makeDevice>>;
beforeEach(async () => {
  device = await makeDevice();
});
afterEach(() => device.store.close());
const run: Run = (cdb, options) => device.run(cdb, options);

const hex = (result: CommandResult): string => result.data?.toString('hex') ?? `status ${result.status}`;

const invalidField = '5/24/0';
const invalidOpcode = '5/20/0';
const noUnit = '5/25/0';

describe('identity', () => {
  it('standard INQUIRY', async () => {
    const { data } = await run('12 00 00 00 ff 00');
    expect(data?.subarray(0, 8).toString('hex')).toBe('000006125b101002');
    expect(data?.toString('ascii', 8, 36)).toBe('QUORATE NOT FOR DATA    0001');
    expect(data?.subarray(58, 66).toString('hex')).toBe('00a0046004c00960');
    expect((await run('12 00 00 00 24 00')).data).toHaveLength(36);
  });

  it('VPD pages 00h, 80h, B0h, B1h, B2h', async () => {
    expect(hex(await run('12 01 00 00 ff 00'))).toBe('00000006' + '008083b0b1b2');
    expect((await run('12 01 80 00 ff 00')).data?.toString('ascii', 4)).toBe('QUORATE-WITNESS-1');
    const limits = await run('12 01 b0 00 ff 00');
    expect(limits.data?.subarray(0, 16).toString('hex')).toBe('00b0003c' + '01000008' + '00008000' + '00000800');
    expect(limits.data?.readUInt32BE(20)).toBe(0xffffffff);
    expect(hex(await run('12 01 b1 00 ff 00')).slice(0, 12)).toBe('00b1003c0001');
    expect(hex(await run('12 01 b2 00 ff 00'))).toBe('00b20004' + '00e40200');
    expect(hex(await run('12 01 b2 00 ff 00', { lun: 7 }))).toBe('00b20004' + '00000000');
    expect(senseOf(await run('12 01 c0 00 ff 00'))).toBe(invalidField);
    expect(senseOf(await run('12 00 83 00 ff 00'))).toBe(invalidField);
  });

  it('VPD page 83h: NAA of the unit, port and device designators', async () => {
    const page = (await run('12 01 83 02 00 00')).data!;
    const designators = [];
    for (let at = 4; at < page.length; at += 4 + page.readUInt8(at + 3)) {
      designators.push({
        association: (page.readUInt8(at + 1) >> 4) & 3,
        type: page.readUInt8(at + 1) & 0x0f,
        codeSet: page.readUInt8(at) & 0x0f,
        value: page.subarray(at + 4, at + 4 + page.readUInt8(at + 3)),
      });
    }
    expect(designators.map((one) => [one.association, one.type, one.codeSet])).toEqual([
      [0, 3, 1],
      [0, 1, 2],
      [1, 4, 1],
      [1, 5, 1],
      [1, 8, 3],
      [2, 8, 3],
    ]);
    expect(designators[0]?.value.readUInt8(0) ?? 0).toBeGreaterThanOrEqual(0x30);
    expect(designators[4]?.value.toString()).toMatch(/^iqn\.2026-01\.example\.quorate:target,t,0x0001\0+$/);
    expect(page.readUInt16BE(2)).toBe(page.length - 4);
  });

  it('REPORT LUNS, READ CAPACITY, MODE SENSE, REPORT TARGET PORT GROUPS', async () => {
    expect(hex(await run('a0 00 00 00 00 00 00 00 00 ff 00 00'))).toBe(
      '00000010' + '00000000' + '0000000000000000' + '0007000000000000',
    );
    expect(hex(await run('a0 00 01 00 00 00 00 00 00 ff 00 00'))).toBe('0000000000000000');
    expect(hex(await run('25 00 00 00 00 00 00 00 00 00'))).toBe('000fffff' + '00000200');
    expect(hex(await run('9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00'))).toBe(
      '00000000000fffff' + '00000200' + '0003c000' + '00'.repeat(16),
    );
    expect(hex(await run('9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00', { lun: 7 })).slice(0, 32)).toBe(
      '00000000000003ff' + '00001000' + '00000000',
    );
    // Caching page with WCE, block descriptor, DPOFUA in the header.
    expect(hex(await run('1a 00 08 00 ff 00'))).toBe('1f001008' + '0010000000000200' + '081204' + '00'.repeat(17));
    expect(hex(await run('1a 08 3f 00 04 00'))).toBe('2f001000');
    expect(hex(await run('5a 08 0a 00 00 00 00 00 ff 00'))).toBe('0012001000000000' + '0a0a02100000' + '0000ffff0000');
    expect(senseOf(await run('1a 00 c8 00 ff 00'))).toBe('5/39/0');
    expect(senseOf(await run('1a 00 02 00 ff 00'))).toBe(invalidField);
    expect(hex(await run('a3 0a 00 00 00 00 00 00 00 ff 00 00'))).toBe(
      '00000010' + '0001000100000002' + '00000001' + '00000002',
    );
  });

  it('REPORT SUPPORTED OPERATION CODES knows every command of the table', async () => {
    const all = (await run('a3 0c 00 00 00 00 00 00 ff ff 00 00')).data!;
    expect(all.readUInt32BE(0)).toBe(8 * commands.length);
    expect(hex(await run('a3 0c 01 28 00 00 00 00 00 ff 00 00'))).toBe('0003000a' + '2818ffffffff00ffff00');
    expect(hex(await run('a3 0c 01 ff 00 00 00 00 00 ff 00 00'))).toBe('00010000');
    expect(hex(await run('a3 0c 02 9e 00 10 00 00 00 ff 00 00')).slice(0, 8)).toBe('00030010');
    expect(new Set(commands.map((one) => one.name))).toEqual(new Set(commandNames));
  });

  it('where there is no LUN three commands answer', async () => {
    expect(hex(await run('12 00 00 00 05 00', { lun: 3 }))).toBe('7f0006125b');
    expect(senseOf(await run('12 01 83 00 ff 00', { lun: 3 }))).toBe(invalidField);
    expect(hex(await run('03 00 00 00 12 00', { lun: 3 })).slice(24, 28)).toBe('2500');
    expect(senseOf(await run('00 00 00 00 00 00', { lun: 3 }))).toBe(noUnit);
    expect(senseOf(await run('28 00 00 00 00 00 00 00 01 00', { lun: null }))).toBe(noUnit);
    expect(senseOf(await run('a0 00 00 00 00 00 00 00 00 ff 00 00', { lun: 3 }))).toBe(noUnit);
    await device.store.remove(0);
    expect(hex(await run('a0 00 00 00 00 00 00 00 00 ff 00 00', { lun: 0 }))).toBe(
      '0000000800000000' + '0007000000000000',
    );
  });

  it('an operation code that is not known, and protection that is not there', async () => {
    expect(senseOf(await run('c0 00 00 00 00 00'))).toBe(invalidOpcode);
    expect(senseOf(await run('28 20 00 00 00 00 00 00 01 00'))).toBe(invalidField);
  });
});

describe('blocks', () => {
  const block = (byte: number, size = 512): Buffer => Buffer.alloc(size, byte);

  it('every READ reads what every WRITE wrote', async () => {
    const writes = [
      '0a 00 00 05 01 00',
      '2a 00 00 00 00 06 00 00 01 00',
      'aa 00 00 00 00 07 00 00 00 01 00 00',
      '8a 00 00 00 00 00 00 00 00 08 00 00 00 01 00 00',
    ];
    for (const [index, cdb] of writes.entries()) {
      expect((await run(cdb, { data: block(0xa0 + index) })).status).toBe(0);
    }
    const expected = Buffer.concat([0, 1, 2, 3].map((index) => block(0xa0 + index)));
    for (const cdb of [
      '08 00 00 05 04 00',
      '28 00 00 00 00 05 00 00 04 00',
      'a8 00 00 00 00 05 00 00 00 04 00 00',
      '88 00 00 00 00 00 00 00 00 05 00 00 00 04 00 00',
    ]) {
      expect((await run(cdb)).data?.equals(expected)).toBe(true);
    }
    expect((await run('08 00 00 00 00 00')).data).toHaveLength(256 * 512);
  });

  it('keeps to the size: the last block yes, one further no, and zero blocks at the very end are allowed', async () => {
    expect((await run('28 00 00 0f ff ff 00 00 01 00')).status).toBe(0);
    expect(senseOf(await run('28 00 00 0f ff ff 00 00 02 00'))).toBe('5/21/0');
    expect((await run('28 00 00 10 00 00 00 00 00 00')).status).toBe(0);
    expect(senseOf(await run('2a 00 00 10 00 01 00 00 00 00'))).toBe('5/21/0');
  });

  it('VERIFY compares, SYNCHRONIZE CACHE flushes, START STOP UNIT does nothing', async () => {
    await run('2a 00 00 00 00 00 00 00 01 00', { data: block(1) });
    expect((await run('2f 02 00 00 00 00 00 00 01 00', { data: block(1) })).status).toBe(0);
    expect(senseOf(await run('2f 02 00 00 00 00 00 00 01 00', { data: block(2) }))).toBe('e/1d/0');
    expect((await run('2f 00 00 00 00 00 00 00 01 00')).status).toBe(0);
    expect((await run('35 00 00 00 00 00 00 00 00 00')).status).toBe(0);
    expect((await run('1b 00 00 00 01 00')).status).toBe(0);
  });

  it('UNMAP and WRITE SAME make blocks zero; a list with one wrong range changes nothing', async () => {
    const list = (...ranges: [number, number][]): Buffer => {
      const bytes = Buffer.alloc(8 + 16 * ranges.length);
      bytes.writeUInt16BE(bytes.length - 2, 0);
      bytes.writeUInt16BE(16 * ranges.length, 2);
      ranges.forEach(([lba, count], index) => {
        bytes.writeBigUInt64BE(BigInt(lba), 8 + 16 * index);
        bytes.writeUInt32BE(count, 16 + 16 * index);
      });
      return bytes;
    };
    await run('2a 00 00 00 00 00 00 00 03 00', { data: block(9, 3 * 512) });
    expect(senseOf(await run('42 00 00 00 00 00 00 00 28 00', { data: list([0, 1], [0x100000, 1]) }))).toBe('5/21/0');
    expect((await run('28 00 00 00 00 00 00 00 01 00')).data?.equals(block(9))).toBe(true);
    expect((await run('42 00 00 00 00 00 00 00 18 00', { data: list([0, 1]) })).status).toBe(0);
    expect((await run('28 00 00 00 00 00 00 00 01 00')).data?.equals(block(0))).toBe(true);
    expect((await run('93 09 00 00 00 00 00 00 00 01 00 00 00 01 00 00')).status).toBe(0);
    expect((await run('28 00 00 00 00 01 00 00 01 00')).data?.equals(block(0))).toBe(true);
    expect((await run('41 00 00 00 00 04 00 00 02 00', { data: block(7) })).status).toBe(0);
    expect((await run('28 00 00 00 00 04 00 00 02 00')).data?.equals(block(7, 1024))).toBe(true);
    expect(senseOf(await run('41 00 00 00 00 04 00 00 00 00', { data: block(7) }))).toBe(invalidField);
    expect(senseOf(await run('42 00 00 00 00 00 00 00 18 00', { lun: 7 }))).toBe(invalidOpcode);
  });

  it('GET LBA STATUS tells mapped from deallocated', async () => {
    await run('2a 00 00 00 00 80 00 00 01 00', { data: block(1) });
    const status = (await run('9e 12 00 00 00 00 00 00 00 00 00 00 00 ff 00 00')).data!;
    const runs = [0, 1, 2].map((index) => [
      status.readBigUInt64BE(8 + 16 * index),
      status.readUInt32BE(16 + 16 * index),
      status.readUInt8(20 + 16 * index),
    ]);
    expect(runs).toEqual([
      [0n, 0x80, 1],
      [0x80n, 0x80, 0],
      [0x100n, 0x0fff00, 1],
    ]);
  });
});

describe('persistent reservations on the wire', () => {
  it('PERSISTENT RESERVE IN: golden bytes', async () => {
    expect(hex(await run('5e 00 00 00 00 00 00 00 ff 00'))).toBe('00000000' + '00000000');
    expect(hex(await run('5e 01 00 00 00 00 00 00 ff 00'))).toBe('00000000' + '00000000');
    // SIP_C, ATP_C, PTPL_C; TMV; the type mask of SPC-4: EA01h is all six.
    expect(hex(await run('5e 02 00 00 00 00 00 00 ff 00'))).toBe('0008' + '0d80' + 'ea01' + '0000');
    expect((await run(out(0), { data: list(0n, 0xabcn, 0x01) })).status).toBe(0);
    expect((await run(out(1, 5), { data: list(0xabcn, 0n) })).status).toBe(0);
    expect(hex(await run('5e 00 00 00 00 00 00 00 ff 00'))).toBe('00000001' + '00000008' + '0000000000000abc');
    expect(hex(await run('5e 01 00 00 00 00 00 00 ff 00'))).toBe(
      '00000001' + '00000010' + '0000000000000abc' + '00000000' + '00050000',
    );
    expect(hex(await run('5e 02 00 00 00 00 00 00 ff 00'))).toBe('0008' + '0d81' + 'ea01' + '0000');
    const full = (await run('5e 03 00 00 00 00 00 01 ff 00')).data!;
    const name = Buffer.alloc(40);
    name.write('iqn.2026-01.test:a,i,0x400001370001');
    expect(full.toString('hex')).toBe(
      '00000001' +
        (24 + 4 + 36).toString(16).padStart(8, '0') +
        '0000000000000abc' +
        '00000000' +
        '01050000' +
        '00000001' +
        '00000028' +
        '45000024' +
        name.subarray(0, 36).toString('hex'),
    );
    expect(senseOf(await run('5e 04 00 00 00 00 00 00 ff 00'))).toBe(invalidField);
    expect((await run('5e 00 00 00 00 00 00 00 0a 00')).data).toHaveLength(10);
  });

  it('PERSISTENT RESERVE OUT: wrong lengths and fields', async () => {
    expect(senseOf(await run('5f 00 00 00 00 00 00 00 17 00'))).toBe('5/1a/0');
    expect(senseOf(await run('5f 00 00 00 00 00 00 00 1c 00', { data: Buffer.alloc(28) }))).toBe('5/1a/0');
    expect(senseOf(await run('5f 1f 00 00 00 00 00 00 18 00'))).toBe(invalidField);
    expect(senseOf(await run('5f 08 00 00 00 00 00 00 18 00'))).toBe(invalidField);
    await run(out(0), { data: list(0n, 1n) });
    expect(senseOf(await run(out(1, 2), { data: list(1n, 0n) }))).toBe(invalidField);
    expect(senseOf(await run(out(2, 5), { data: list(1n, 0n) }))).toBe('');
  });

  it('SPEC_I_PT and REGISTER AND MOVE carry TransportIDs', async () => {
    const id = Buffer.alloc(4 + 40);
    id.writeUInt8(0x45, 0);
    id.writeUInt16BE(40, 2);
    id.write('iqn.2026-01.test:b,i,0x400001370001', 4);
    const specified = Buffer.concat([list(0n, 1n, 0x08), Buffer.from([0, 0, 0, id.length]), id]);
    const length = (bytes: Buffer): string => bytes.length.toString(16).padStart(8, '0');
    expect((await run(`5f00000000${length(specified)}00`, { data: specified })).status).toBe(0);
    expect(device.store.get(0)?.keyOf(b)).toBe(1n);
    await run(out(1, 1), { data: list(1n, 0n) });
    const move = Buffer.concat([list(1n, 2n), id]);
    move.writeUInt8(0x02, 17); // UNREG
    move.writeUInt16BE(1, 18);
    move.writeUInt32BE(id.length, 20);
    expect((await run(`5f07000000${length(move)}00`, { data: move })).status).toBe(0);
    expect(device.store.get(0)?.reservations).toMatchObject({ reservation: { type: 1, holder: b } });
    expect(device.store.get(0)?.keyOf(a)).toBeNull();
    id.writeUInt8(0x00, 0);
    const wrong = Buffer.concat([list(0n, 1n, 0x08), Buffer.from([0, 0, 0, id.length]), id]);
    expect(senseOf(await run(`5f00000000${length(wrong)}00`, { data: wrong }))).toBe('5/26/0');
  });

  it('unit attentions come once each, and not before INQUIRY, REPORT LUNS and REQUEST SENSE', async () => {
    await run(out(0), { data: list(0n, 1n) });
    await run(out(0), { nexus: b, data: list(0n, 2n) });
    await run(out(1, 5), { data: list(1n, 0n) });
    await run(out(4, 5), { nexus: b, data: list(2n, 1n) });
    expect((await run('12 00 00 00 ff 00')).status).toBe(0);
    expect((await run('a0 00 00 00 00 00 00 00 00 ff 00 00')).status).toBe(0);
    expect(senseOf(await run('28 00 00 00 00 00 00 00 01 00'))).toBe('6/2a/5');
    expect((await run('28 00 00 00 00 00 00 00 01 00')).status).toBe(0);
    device.store.get(0)?.establish(a, 'powerOn');
    expect(hex(await run('03 00 00 00 12 00'))).toBe('700006000000000a' + '00000000' + '2900' + '00000000');
    expect(hex(await run('03 01 00 00 12 00'))).toBe('7200000000000000');
  });
});
