import { describe, expect, it } from 'vitest';
import { lunFromNumber, type PduInput } from '../../../main/iscsi/index.ts';
import { startTarget, type TestTarget } from '../../support/embedded-target.ts';
import { openRawSession, type RawInitiator } from '../../support/raw-initiator.ts';
import { keysOf, open, other as otherName, preempt, register, reserve, reserveOut } from './fault-conversations.ts';

const blockBytes = 512;
const pattern = (blocks: number): Buffer => Buffer.alloc(blocks * blockBytes, 0xa5);

const ready = async (options: Parameters<typeof startTarget>[0] = {}) => {
  const target = await startTarget(options);
  const initiator = await open(target);
  return { target, initiator };
};

/** Sends WRITE (10) of the first blocks and waits for nothing. */
const writeCommand = (
  initiator: RawInitiator,
  blocks: number,
  more: Partial<PduInput & { kind: 'scsiCommand' }> = {},
): number => {
  const itt = initiator.nextTag();
  const cdb = Buffer.from('2a000000000000000000', 'hex');
  cdb.writeUInt16BE(blocks, 7);
  initiator.send({
    kind: 'scsiCommand',
    final: true,
    write: true,
    lun: lunFromNumber(1),
    itt,
    expectedDataTransferLength: blocks * blockBytes,
    cmdSn: initiator.cmdSn++,
    expStatSn: initiator.expStatSn,
    cdb,
    ...more,
  });
  return itt;
};

const slowMs = 600;

/** A write that has all its data and waits for the slow disk; the INQUIRY after it was answered, so it has begun. */
const startSlowWrite = async (initiator: RawInitiator): Promise<number> => {
  const itt = writeCommand(initiator, 8, { data: pattern(8) });
  expect((await initiator.command('12000000ff00', { expectedLength: 255 })).status).toBe(0);
  return itt;
};

const isUntouched = async (target: TestTarget): Promise<boolean> =>
  (await target.store.get(1)!.medium.read(0, 8 * blockBytes)).every((byte) => byte === 0);

/** Longer than the write would have taken. */
const readSlowly = async (initiator: RawInitiator): Promise<boolean> =>
  (await initiator.command('28000000000000000800', { expectedLength: 8 * blockBytes })).data.every(
    (byte) => byte === 0,
  );

describe('task management', () => {
  it('aborts a command that waits for data: no answer comes, and the LUN is untouched', async () => {
    const { target, initiator } = await ready();
    const itt = writeCommand(initiator, 8);
    const r2t = await initiator.take('r2t');
    expect(await initiator.manageTask(1, 1, itt)).toBe(0);
    initiator.answerR2t(r2t, pattern(8));
    expect((await initiator.command('000000000000')).status).toBe(0);
    expect(initiator.received).toEqual([]);
    const bytes = await target.store.get(1)!.medium.read(0, 4096);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(await initiator.manageTask(1, 1, itt)).toBe(1);
  });

  it('CLEAR TASK SET ends other initiators’ commands and tells them; ABORT TASK SET only one’s own', async () => {
    const { target, initiator } = await ready();
    const other = await openRawSession(target, { initiatorName: 'iqn.2026-01.test:other' });
    await other.clearAttentions();
    writeCommand(other, 8);
    await other.take('r2t');
    expect(await initiator.manageTask(2)).toBe(0);
    expect(await initiator.manageTask(4)).toBe(0);
    expect(await other.clearAttentions()).toEqual(['2f/0']);
    expect(other.received).toEqual([]);
  });

  it('LOGICAL UNIT RESET tells everybody and keeps persistent reservations', async () => {
    const { target, initiator } = await ready();
    const unit = target.store.get(1)!;
    const list = Buffer.alloc(24);
    list.writeBigUInt64BE(9n, 8);
    expect((await initiator.command('5f000000000000001800', { dataOut: list })).status).toBe(0);
    expect(await initiator.manageTask(5)).toBe(0);
    expect(await initiator.clearAttentions()).toEqual(['29/3']);
    expect(unit.reservations.registrations).toHaveLength(1);
  });

  it('TARGET COLD RESET ends the sessions', async () => {
    const { target, initiator } = await ready();
    expect(await initiator.manageTask(7)).toBe(0);
    await initiator.closed();
    expect(target.target.sessions).toEqual([]);
  });

  it.each([
    ['a LUN that does not exist', 5, 9, 2],
    ['TASK REASSIGN', 8, 1, 4],
    ['a function that does not exist', 99, 1, 5],
  ])('%s: function %i', async (_what, fn, lun, response) => {
    const { initiator } = await ready();
    expect(await initiator.manageTask(fn, lun)).toBe(response);
  });
});

// A machine that stands still just then finds the write over: what does not wait for it is wrong each time.
describe('a write that runs while it is ended', { retry: 3 }, () => {
  const preemptAndAbort = '5f050500000000001800';

  /** The first session holds the LUN with key 1 and writes; the second is registered with key 2. */
  const startRace = async () => {
    const { target, initiator: victim } = await ready();
    const node = await open(target, 0, otherName);
    await reserveOut(victim, register, 0n, 1n);
    await reserveOut(victim, reserve(5), 1n);
    await reserveOut(node, register, 0n, 2n);
    target.faults.add(`slow-disk:${slowMs}`);
    const start = performance.now();
    const itt = await startSlowWrite(victim);
    return { target, victim, node, itt, start };
  };

  it('PREEMPT AND ABORT is GOOD only when it has ended, and nothing of it reaches the LUN', async () => {
    const { target, victim, node, start } = await startRace();
    expect(await reserveOut(node, preemptAndAbort, 2n, 1n)).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(slowMs - 20);
    expect(await isUntouched(target)).toBe(true);
    expect(await readSlowly(node)).toBe(true);
    expect(await keysOf(node)).toEqual([2n]);
    // TAS is zero: the write itself has no answer, a unit attention tells of it.
    expect(await victim.clearAttentions()).toEqual(['2a/5']);
    expect(victim.received).toEqual([]);
  });

  it('after a mere PREEMPT it conflicts, and nothing of it reaches the LUN', async () => {
    const { target, victim, node, itt } = await startRace();
    expect(await reserveOut(node, preempt(5), 2n, 1n)).toBe(0);
    expect((await victim.finishCommand(itt)).status).toBe(0x18);
    expect(await isUntouched(target)).toBe(true);
  });

  it('two that preempt and abort each other do not wait for ever, and a key of one’s own can be preempted', async () => {
    const { target, victim, node } = await startRace();
    const list = (key: bigint, actionKey: bigint): Buffer => {
      const bytes = Buffer.alloc(24);
      bytes.writeBigUInt64BE(key, 0);
      bytes.writeBigUInt64BE(actionKey, 8);
      return bytes;
    };
    await startSlowWrite(node);
    const first = victim.command(preemptAndAbort, { dataOut: list(1n, 2n) });
    await expect
      .poll(() => target.store.get(1)?.keyOf({ initiatorName: otherName, isid: '400001370001', portalGroupTag: 1 }))
      .toBeNull();
    await node.clearAttentions();
    await reserveOut(node, register, 0n, 3n);
    expect(await reserveOut(node, preemptAndAbort, 3n, 1n)).toBe(0);
    expect((await first).status).toBe(0);
    expect(await reserveOut(node, register, 3n, 0n)).toBe(0);
    await reserveOut(node, register, 0n, 4n);
    expect(await reserveOut(node, preemptAndAbort, 4n, 4n)).toBe(0);
    expect(await keysOf(node)).toEqual([]);
  });

  it.each([
    ['ABORT TASK', 1, []],
    ['ABORT TASK SET', 2, []],
    ['CLEAR TASK SET', 4, []],
    ['LOGICAL UNIT RESET', 5, ['29/3']],
    ['TARGET WARM RESET', 6, ['29/3']],
  ])('%s is complete only when it has ended', async (_what, fn, attentions) => {
    const { target, initiator } = await ready({ faults: [`slow-disk:${slowMs}`] });
    const start = performance.now();
    const itt = await startSlowWrite(initiator);
    expect(await initiator.manageTask(fn, 1, itt)).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(slowMs - 20);
    expect(await isUntouched(target)).toBe(true);
    expect(await initiator.clearAttentions()).toEqual(attentions);
    expect(await readSlowly(initiator)).toBe(true);
    expect(initiator.received).toEqual([]);
  });

  it('a session that ends takes it along', async () => {
    const { target, initiator } = await ready({ faults: [`slow-disk:${slowMs}`] });
    await startSlowWrite(initiator);
    initiator.close();
    expect(await readSlowly(await open(target, 0, otherName))).toBe(true);
    expect(await isUntouched(target)).toBe(true);
  });
});
