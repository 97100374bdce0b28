import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isResult } from '../../../main/rehearsal/target/scsi/result.ts';
import { a, b, makeDevice, port, senseOf, type Run } from './device.ts';

/**
 * Commands that the initiator does not send and other initiators do: bytes typed from the standards, and what the target takes them for. LUN 0 has
 * 1 048 576 blocks of 512 bytes, LUN 7 has 1024 of 4096.
 */

let device: Awaited<ReturnType<typeof makeDevice>>;
beforeEach(async () => {
  device = await makeDevice();
});
afterEach(() => device.store.close());
const run: Run = (cdb, options) => device.run(cdb, options);

const block = (byte: number, count = 1): Buffer => Buffer.alloc(512 * count, byte);
const outOfRange = '5/21/0';
const invalidField = '5/24/0';
const miscompare = 'e/1d/0';

/** How much data the target wants for a command. */
const dataOutBytes = (cdb: string, lun = 0): number => {
  const bytes = Buffer.from(cdb.replaceAll(' ', ''), 'hex');
  const { prepared } = device.server.examine({ nexus: a, port, lun, cdb: bytes });
  return isResult(prepared) ? -1 : prepared.dataOutBytes;
};

// SBC-3: operation code, RDPROTECT/DPO/FUA, LOGICAL BLOCK ADDRESS in bytes 2 to 5, TRANSFER LENGTH in bytes 6 to 9, group, control.
describe('READ (12) and WRITE (12)', () => {
  it('address and length are 32 bits each, the highest byte first', async () => {
    expect((await run('aa 00 00 01 02 03 00 00 00 02 00 00', { data: block(0xa1, 2) })).status).toBe(0);
    // The same place in the words of READ (16).
    const sixteen = await run('88 00 00 00 00 00 00 01 02 03 00 00 00 03 00 00');
    expect(sixteen.data).toEqual(Buffer.concat([block(0xa1, 2), block(0)]));
    const twelve = await run('a8 00 00 01 02 03 00 00 00 03 00 00');
    expect(twelve.data).toEqual(sixteen.data);
  });

  it.each([
    ['aa 00 00 00 00 00 00 00 00 01 00 00', 512],
    ['aa 00 00 00 00 00 00 00 01 00 00 00', 131_072],
    ['aa 00 00 00 00 00 00 00 00 00 00 00', 0],
    ['aa 18 00 00 00 00 00 00 00 01 00 00', 512],
  ])('%s brings %i bytes', (cdb, bytes) => {
    expect(dataOutBytes(cdb)).toBe(bytes);
  });

  it('blocks of 4096 bytes', async () => {
    expect(dataOutBytes('aa 00 00 00 00 05 00 00 00 02 00 00', 7)).toBe(8192);
    expect((await run('a8 00 00 00 00 05 00 00 00 02 00 00', { lun: 7 })).data).toHaveLength(8192);
  });

  it.each(['a8', 'aa'])('%s: DPO and FUA are fine, protection is not, and the medium has an end', async (opcode) => {
    expect((await run(`${opcode} 18 00 00 00 00 00 00 00 01 00 00`)).status).toBe(0);
    expect(senseOf(await run(`${opcode} 20 00 00 00 00 00 00 00 01 00 00`))).toBe(invalidField);
    expect(senseOf(await run(`${opcode} e0 00 00 00 00 00 00 00 01 00 00`))).toBe(invalidField);
    expect((await run(`${opcode} 00 00 0f ff ff 00 00 00 01 00 00`)).status).toBe(0);
    expect(senseOf(await run(`${opcode} 00 00 0f ff ff 00 00 00 02 00 00`))).toBe(outOfRange);
    expect(senseOf(await run(`${opcode} 00 ff ff ff ff 00 00 00 01 00 00`))).toBe(outOfRange);
    expect(senseOf(await run(`${opcode} 00 00 00 00 00 ff ff ff ff 00 00`))).toBe(outOfRange);
  });
});

// SBC-3: BYTCHK is bits 2 and 1 of byte 1: 00b reads, 01b compares all of the data, 11b one block with each, 10b is reserved.
describe('VERIFY (10) and VERIFY (16)', () => {
  const forms = [
    { name: 'VERIFY (10)', of: (flags: string, count: string) => `2f ${flags} 00 00 00 05 00 00 ${count} 00` },
    {
      name: 'VERIFY (16)',
      of: (flags: string, count: string) => `8f ${flags} 00 00 00 00 00 00 00 05 00 00 00 ${count} 00 00`,
    },
  ];

  it.each(forms)('$name decodes BYTCHK, address and length', async ({ of }) => {
    await run('2a 00 00 00 00 05 00 00 03 00', { data: Buffer.concat([block(1), block(1), block(2)]) });
    expect(dataOutBytes(of('00', '03'))).toBe(0);
    expect((await run(of('00', '03'))).status).toBe(0);
    expect(dataOutBytes(of('02', '03'))).toBe(3 * 512);
    expect((await run(of('02', '03'), { data: Buffer.concat([block(1), block(1), block(2)]) })).status).toBe(0);
    expect(senseOf(await run(of('02', '03'), { data: block(1, 3) }))).toBe(miscompare);
    expect(senseOf(await run(of('04', '01')))).toBe(invalidField);
    expect(dataOutBytes(of('06', '02'))).toBe(512);
    expect((await run(of('06', '02'), { data: block(1) })).status).toBe(0);
    expect(senseOf(await run(of('06', '03'), { data: block(1) }))).toBe(miscompare);
    expect((await run(of('10', '01'))).status).toBe(0); // DPO
    expect(senseOf(await run(of('20', '01')))).toBe(invalidField); // VRPROTECT
    expect((await run(of('02', '00'), { data: Buffer.alloc(0) })).status).toBe(0);
  });

  it('the address of VERIFY (16) has 64 bits, that of VERIFY (10) 32', async () => {
    expect((await run('8f 00 00 00 00 00 00 0f ff ff 00 00 00 01 00 00')).status).toBe(0);
    expect(senseOf(await run('8f 00 00 00 00 01 00 00 00 00 00 00 00 01 00 00'))).toBe(outOfRange);
    expect((await run('2f 00 00 0f ff ff 00 00 01 00')).status).toBe(0);
    expect(senseOf(await run('2f 00 00 10 00 00 00 00 01 00'))).toBe(outOfRange);
  });
});

// SBC-3 clause 5.6: 9Eh with service action 12h, STARTING LOGICAL BLOCK ADDRESS in bytes 2 to 9, ALLOCATION LENGTH in bytes 10 to 13.
describe('GET LBA STATUS', () => {
  const hex = async (cdb: string, lun = 0): Promise<string> => (await run(cdb, { lun })).data?.toString('hex') ?? '';

  it('one descriptor for each run: address, length, 0 mapped or 1 deallocated', async () => {
    await run('2a 00 00 00 00 80 00 00 01 00', { data: block(1) });
    expect(await hex('9e 12 00 00 00 00 00 00 00 00 00 00 00 ff 00 00')).toBe(
      '00000034' + // PARAMETER DATA LENGTH: the 52 bytes behind it
        '00000000' +
        '0000000000000000' +
        '00000080' +
        '01000000' +
        '0000000000000080' +
        '00000080' +
        '00000000' +
        '0000000000000100' +
        '000fff00' +
        '01000000',
    );
  });

  it('begins where it is told, and is cut by the allocation length, which its own length does not say', async () => {
    await run('2a 00 00 00 00 80 00 00 01 00', { data: block(1) });
    expect(await hex('9e 12 00 00 00 00 00 00 00 90 00 00 00 18 00 00')).toBe(
      '00000024' + '00000000' + '0000000000000090' + '00000070' + '00000000',
    );
    expect(await hex('9e 12 00 00 00 00 00 00 00 90 00 00 00 04 00 00')).toBe('00000024');
    expect(await hex('9e 12 00 00 00 00 00 00 00 90 00 00 00 00 00 00')).toBe('');
  });

  it('of an address behind the end is refused', async () => {
    expect(senseOf(await run('9e 12 00 00 00 00 00 10 00 00 00 00 00 ff 00 00'))).toBe(outOfRange);
    expect(senseOf(await run('9e 12 00 00 00 01 00 00 00 00 00 00 00 ff 00 00'))).toBe(outOfRange);
  });

  it('shares its operation code with READ CAPACITY (16), and any other service action is none', async () => {
    expect((await run('9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00')).data).toHaveLength(32);
    expect((await run('9e 13 00 00 00 00 00 00 00 00 00 00 00 20 00 00')).sense).toMatchObject({ key: 5 });
  });
});

// SPC-2 clauses 7.15 and 7.21: 16h and 17h, everything else zero for the whole logical unit.
describe('RESERVE (6) and RELEASE (6)', () => {
  it('the one who reserves keeps the others out until it releases', async () => {
    expect((await run('16 00 00 00 00 00')).status).toBe(0);
    expect((await run('16 00 00 00 00 00')).status).toBe(0);
    expect((await run('00 00 00 00 00 00', { nexus: b })).status).toBe(0x18);
    expect((await run('28 00 00 00 00 00 00 00 01 00', { nexus: b })).status).toBe(0x18);
    expect((await run('16 00 00 00 00 00', { nexus: b })).status).toBe(0x18);
    // A release of somebody who holds nothing is GOOD and changes nothing.
    expect((await run('17 00 00 00 00 00', { nexus: b })).status).toBe(0);
    expect((await run('00 00 00 00 00 00', { nexus: b })).status).toBe(0x18);
    expect((await run('28 00 00 00 00 00 00 00 01 00')).status).toBe(0);
    expect((await run('17 00 00 00 00 00')).status).toBe(0);
    expect((await run('00 00 00 00 00 00', { nexus: b })).status).toBe(0);
    expect((await run('16 00 00 00 00 00', { nexus: b })).status).toBe(0);
  });

  it.each([
    ['INQUIRY', '12 00 00 00 24 00'],
    ['REQUEST SENSE', '03 00 00 00 12 00'],
    ['REPORT LUNS', 'a0 00 00 00 00 00 00 00 00 10 00 00'],
  ])('%s is never kept out (SPC-2 table 10)', async (_name, cdb) => {
    await run('16 00 00 00 00 00');
    expect((await run(cdb, { nexus: b })).status).toBe(0);
  });

  it.each([
    ['READ KEYS', '5e 00 00 00 00 00 00 00 ff 00'],
    ['REGISTER', '5f 00 00 00 00 00 00 00 18 00'],
  ])('%s conflicts meanwhile, even for the one who reserved', async (_name, cdb) => {
    await run('16 00 00 00 00 00');
    expect((await run(cdb)).status).toBe(0x18);
    expect((await run(cdb, { nexus: b })).status).toBe(0x18);
    await run('17 00 00 00 00 00');
    expect((await run(cdb)).status).toBe(0);
  });

  it('holds on its own logical unit only', async () => {
    await run('16 00 00 00 00 00');
    expect((await run('00 00 00 00 00 00', { nexus: b, lun: 7 })).status).toBe(0);
  });
});
