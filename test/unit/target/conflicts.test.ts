import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reserveOut } from '../../support/reserve-request.ts';
import { isResult } from '../../../main/rehearsal/target/scsi/result.ts';
import { a, b, list, makeDevice, out, port, senseOf, type Run } from './device.ts';

let device: Awaited<ReturnType<typeof makeDevice>>;
beforeEach(async () => {
  device = await makeDevice();
});
afterEach(() => device.store.close());
const run: Run = (cdb, options) => device.run(cdb, options);

describe('which commands conflict', () => {
  // SPC-4 and SBC-3: "commands that are allowed in the presence of various reservations".
  // Columns: under Write Exclusive, under Exclusive Access, each held by another nexus.
  const table: [string, string, boolean, boolean][] = [
    ['TEST UNIT READY', '00 00 00 00 00 00', true, true],
    ['REQUEST SENSE', '03 00 00 00 12 00', true, true],
    ['INQUIRY', '12 00 00 00 ff 00', true, true],
    ['REPORT LUNS', 'a0 00 00 00 00 00 00 00 00 ff 00 00', true, true],
    ['READ CAPACITY (10)', '25 00 00 00 00 00 00 00 00 00', true, true],
    ['READ CAPACITY (16)', '9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00', true, true],
    ['PERSISTENT RESERVE IN', '5e 00 00 00 00 00 00 00 ff 00', true, true],
    ['REPORT TARGET PORT GROUPS', 'a3 0a 00 00 00 00 00 00 00 ff 00 00', true, true],
    ['START STOP UNIT, start', '1b 00 00 00 01 00', true, true],
    ['MODE SENSE (6)', '1a 00 3f 00 ff 00', true, false],
    ['MODE SENSE (10)', '5a 00 3f 00 00 00 00 00 ff 00', true, false],
    ['REPORT SUPPORTED OPERATION CODES', 'a3 0c 00 00 00 00 00 00 ff ff 00 00', true, false],
    ['READ (6)', '08 00 00 00 01 00', true, false],
    ['READ (10)', '28 00 00 00 00 00 00 00 01 00', true, false],
    ['READ (12)', 'a8 00 00 00 00 00 00 00 00 01 00 00', true, false],
    ['READ (16)', '88 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00', true, false],
    ['VERIFY (10)', '2f 00 00 00 00 00 00 00 01 00', true, false],
    ['GET LBA STATUS', '9e 12 00 00 00 00 00 00 00 00 00 00 00 18 00 00', true, false],
    ['START STOP UNIT, stop', '1b 00 00 00 00 00', false, false],
    ['SYNCHRONIZE CACHE (10)', '35 00 00 00 00 00 00 00 00 00', false, false],
    ['SYNCHRONIZE CACHE (16)', '91 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00', false, false],
    ['WRITE (10) of no block', '2a 00 00 00 00 00 00 00 00 00', false, false],
    ['WRITE (6)', '0a 00 00 00 01 00', false, false],
    ['WRITE (10)', '2a 00 00 00 00 00 00 00 01 00', false, false],
    ['WRITE (12)', 'aa 00 00 00 00 00 00 00 00 01 00 00', false, false],
    ['WRITE (16)', '8a 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00', false, false],
    ['WRITE SAME (16)', '93 09 00 00 00 00 00 00 00 00 00 00 00 01 00 00', false, false],
    ['UNMAP', '42 00 00 00 00 00 00 00 00 00', false, false],
  ];

  it.each(table)('%s', async (_name, cdb, underWrite, underAccess) => {
    const unit = device.store.get(0)!;
    for (const [type, allowed] of [
      [1, underWrite],
      [5, underWrite],
      [7, underWrite],
      [3, underAccess],
      [6, underAccess],
      [8, underAccess],
    ] as const) {
      unit.persistentReserveOut(a, reserveOut({ action: 'registerAndIgnore', actionKey: 1n }));
      unit.persistentReserveOut(a, reserveOut({ action: 'reserve', key: 1n, type }));
      expect((await run(cdb)).status, `the holder, type ${type}`).toBe(0);
      expect((await run(cdb, { nexus: b })).status, `another, type ${type}`).toBe(allowed ? 0 : 0x18);
      unit.persistentReserveOut(a, reserveOut({ action: 'clear', key: 1n }));
    }
  });

  it('a reservation that is made while the data is under way stops the write', async () => {
    const cdb = Buffer.from('2a000000000000000100', 'hex');
    const { prepared } = device.server.examine({ nexus: b, port, lun: 0, cdb });
    const unit = device.store.get(0)!;
    unit.persistentReserveOut(a, reserveOut({ action: 'register', actionKey: 1n }));
    unit.persistentReserveOut(a, reserveOut({ action: 'reserve', key: 1n, type: 5 }));
    if (isResult(prepared)) throw new Error('the write was refused too early');
    expect((await prepared.run(Buffer.alloc(512, 1), { isAborted: false })).status).toBe(0x18);
    expect((await run('28 00 00 00 00 00 00 00 01 00')).data?.every((byte) => byte === 0)).toBe(true);
  });
});

describe('RESERVE (6) and RELEASE (6)', () => {
  it('keep the other one out, except for what only asks, and end with the nexus', async () => {
    expect((await run('16 00 00 00 00 00')).status).toBe(0);
    expect((await run('16 00 00 00 00 00', { nexus: b })).status).toBe(0x18);
    expect((await run('00 00 00 00 00 00', { nexus: b })).status).toBe(0x18);
    expect((await run('12 00 00 00 ff 00', { nexus: b })).status).toBe(0);
    expect((await run('17 00 00 00 00 00', { nexus: b })).status).toBe(0);
    expect((await run('28 00 00 00 00 00 00 00 01 00', { nexus: b })).status).toBe(0x18);
    // SPC-2: both PERSISTENT RESERVE commands conflict, for the holder as well.
    expect((await run('5e 00 00 00 00 00 00 00 ff 00')).status).toBe(0x18);
    expect((await run(out(0), { data: list(0n, 1n) })).status).toBe(0x18);
    device.store.nexusLost(a);
    expect((await run('00 00 00 00 00 00', { nexus: b })).status).toBe(0);
  });

  it('conflict once something is registered (CRH is zero)', async () => {
    await run(out(0), { data: list(0n, 1n) });
    expect((await run('16 00 00 00 00 00')).status).toBe(0x18);
    expect((await run('17 00 00 00 00 00')).status).toBe(0x18);
  });
});

describe('a conflict and a unit attention at once (SAM-5 clause 5.3.3)', () => {
  const write = '2a 00 00 00 00 00 00 00 01 00';
  const testUnitReady = '00 00 00 00 00 00';
  const unit = () => device.store.get(0)!;

  /** The first nexus held the LUN; the second preempted it. */
  const preempted = async (): Promise<void> => {
    await run(out(0), { data: list(0n, 1n) });
    await run(out(1, 5), { data: list(1n, 0n) });
    await run(out(0), { nexus: b, data: list(0n, 2n) });
    await run(out(4, 5), { nexus: b, data: list(2n, 1n) });
  };

  it('what tells of a reset or of a lost nexus comes before the conflict, everything else after it', async () => {
    await preempted();
    for (const name of ['capacityChanged', 'powerOn', 'busDeviceReset', 'nexusLoss'] as const)
      unit().establish(a, name);
    expect(senseOf(await run(write))).toBe('6/29/0');
    expect(senseOf(await run(write))).toBe('6/29/3');
    expect(senseOf(await run(write))).toBe('6/29/7');
    expect((await run(write)).status).toBe(0x18);
    // The others are not lost by it.
    expect(senseOf(await run(testUnitReady))).toBe('6/2a/5');
    expect(senseOf(await run(testUnitReady))).toBe('6/2a/9');
    expect((await run(testUnitReady)).status).toBe(0);
  });

  it('PERSISTENT RESERVE OUT of a nexus that is registered no more conflicts; registering hears of it first', async () => {
    await preempted();
    for (const action of [1, 2, 3, 4, 5, 7]) {
      expect((await run(out(action, 5), { data: list(1n, 2n) })).status).toBe(0x18);
    }
    expect(senseOf(await run(out(0), { data: list(0n, 1n) }))).toBe('6/2a/5');
    expect((await run(out(0), { data: list(0n, 1n) })).status).toBe(0);
  });

  it('START STOP UNIT that is no start, SYNCHRONIZE CACHE and what RESERVE (6) keeps out conflict first as well', async () => {
    await preempted();
    expect((await run('1b 00 00 00 00 00')).status).toBe(0x18);
    expect((await run('35 00 00 00 00 00 00 00 00 00')).status).toBe(0x18);
    expect((await run('16 00 00 00 00 00')).status).toBe(0x18);
    expect(senseOf(await run('1b 00 00 00 01 00'))).toBe('6/2a/5');
    await run(out(3), { nexus: b, data: list(2n, 0n) });
    await run('16 00 00 00 00 00', { nexus: b });
    unit().establish(a, 'capacityChanged');
    expect((await run(testUnitReady)).status).toBe(0x18);
    expect((await run('5e 00 00 00 00 00 00 00 ff 00')).status).toBe(0x18);
    await run('17 00 00 00 00 00', { nexus: b });
    expect(senseOf(await run(testUnitReady))).toBe('6/2a/9');
  });

  it('a storm of unit attentions leaves conflicts alone', async () => {
    await preempted();
    unit().unitAttentions.forget(a);
    device.store.faults.add('unit-attention-storm:1');
    expect((await run(write)).status).toBe(0x18);
    expect(senseOf(await run(testUnitReady))).toBe('6/2a/1');
  });
});
