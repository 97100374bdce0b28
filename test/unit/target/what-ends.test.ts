import { describe, expect, it } from 'vitest';
import { decodeOutParameters } from '../../../main/rehearsal/target/scsi/reserve-out.ts';
import type { LogicalUnit } from '../../../main/rehearsal/store/index.ts';
import { a, b, list, makeDevice, out, senseOf, type Run } from './device.ts';

/* What ends with a nexus and what does not, what is told once, and which bits mean nothing where they stand. */

const testUnitReady = '00 00 00 00 00 00';
const powerOn = '6/29/0';

const make = async (): Promise<{ unit: LogicalUnit; run: Run }> => {
  const { store, run } = await makeDevice();
  const unit = store.get(0);
  if (!unit) throw new Error('no LUN 0');
  return { unit, run };
};

describe('a unit attention', () => {
  it('ends with its nexus: who logs on anew is not told what the one before was to be told', async () => {
    const { unit, run } = await make();
    unit.establish(a, 'registrationsPreempted');
    unit.establish(b, 'registrationsPreempted');
    unit.nexusLost(a, 'loggedOut');
    unit.nexusFormed(a);
    expect(senseOf(await run(testUnitReady))).toBe('');
    expect(senseOf(await run(testUnitReady, { nexus: b }))).toBe('6/2a/5');
  });

  it('is told once, however often its reason came; each reason for itself, in order', async () => {
    const { unit, run } = await make();
    for (let at = 0; at < 40; at += 1) unit.establish(a, 'powerOn');
    unit.establish(a, 'capacityChanged');
    unit.establish(a, 'powerOn');
    const told = [];
    for (let at = 0; at < 4; at += 1) told.push(senseOf(await run(testUnitReady)));
    expect(told).toEqual([powerOn, '6/2a/9', '', '']);
  });
});

describe('a write-protected LUN', () => {
  it('is written by no command, also not by one that has no data', async () => {
    const { unit, run } = await make();
    unit.writeProtected = true;
    await unit.medium.write(0, Buffer.alloc(512, 0x5a));
    const block = Buffer.alloc(512, 1);
    const unmap = Buffer.from('0016001000000000' + '000000000000000000000001' + '00000000', 'hex');
    for (const [cdb, data] of [
      ['2a 00 00000000 00 0001 00', block],
      ['8a 00 0000000000000000 00000001 00 00', block],
      ['41 00 00000000 00 0001 00', block],
      ['93 00 0000000000000000 00000001 00 00', block],
      ['42 00 00000000 00 0018 00', unmap],
    ] as const)
      expect([cdb, senseOf(await run(cdb, { data }))]).toEqual([cdb, '7/27/0']);
    for (const answer of [await unit.write(a, 0n, block), await unit.unmap(a, 0n, 1n)])
      expect(answer).toMatchObject({ status: 'checkCondition', sense: { key: 7, asc: 0x27 } });
    expect((await unit.medium.read(0, 512)).every((byte) => byte === 0x5a)).toBe(true);
  });
});

describe('PERSISTENT RESERVE OUT', () => {
  it.each([
    ['register', true],
    ['registerAndIgnore', true],
    ['reserve', false],
    ['release', false],
    ['clear', false],
    ['preempt', false],
    ['preemptAndAbort', false],
  ] as const)('with APTPL and ALL_TG_PT in %s: %s', (action, means) => {
    expect(decodeOutParameters(action, 5, list(1n, 2n, 0x05))).toMatchObject({ aptpl: means, allTargetPorts: means });
    expect(decodeOutParameters(action, 5, list(1n, 2n, 0x00))).toMatchObject({ aptpl: false, allTargetPorts: false });
  });

  it('conflicts under a RESERVE (6), also for the one that holds it', async () => {
    const { unit, run } = await make();
    expect((await run('16 00 00 00 00 00')).status).toBe(0);
    for (const nexus of [a, b]) {
      expect((await run(out(0), { nexus, data: list(0n, 1n) })).status).toBe(0x18);
      expect((await run('5e 00 00 00 00 00 00 00 20 00', { nexus })).status).toBe(0x18);
    }
    expect(unit.reservations.registrations).toEqual([]);
    unit.nexusLost(a, 'cut');
    expect((await run(out(0), { nexus: b, data: list(0n, 1n) })).status).toBe(0);
  });
});
