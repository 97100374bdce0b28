import { describe, expect, test, vi } from 'vitest';
import {
  encodePdu,
  LARGE_SEGMENT_LENGTH,
  lunFromNumber,
  RESERVED_TAG,
  scsi,
  type PduKind,
  type PduOf,
} from '../../../main/iscsi/index.ts';
import type { FakeConnection, FakeTarget, FakeTargetOptions } from '../../support/fake-iscsi-target.ts';
import { openAt, startFakeTarget, until } from '../../support/iscsi-conversations.ts';

/** What a session must get right although nobody sees it: tags, buffers, the order of commands and the numbers on every PDU. */

const lun = lunFromNumber(3);
const BLOCK = 512;
const ofKind = <K extends PduKind>(target: FakeTarget, kind: K): PduOf<K>[] =>
  target.received.filter((pdu) => pdu.kind === kind) as unknown as PduOf<K>[];

/** Keeps the commands that `keeps` wants and every request for task management. */
const keeping = (
  keeps: (command: PduOf<'scsiCommand'>) => boolean = () => true,
): {
  readonly options: FakeTargetOptions;
  readonly kept: PduOf<'scsiCommand'>[];
  readonly aborts: PduOf<'taskManagementRequest'>[];
} => {
  const kept: PduOf<'scsiCommand'>[] = [];
  const aborts: PduOf<'taskManagementRequest'>[] = [];
  return {
    kept,
    aborts,
    options: {
      onCommand: (command) => {
        if (!keeps(command)) return false;
        kept.push(command);
        return true;
      },
      onPdu: (pdu) => {
        if (pdu.kind !== 'taskManagementRequest') return false;
        aborts.push(pdu);
        return true;
      },
    },
  };
};

const granted = (connection: FakeConnection, abort: PduOf<'taskManagementRequest'>, response = 0): void =>
  connection.send({ kind: 'taskManagementResponse', itt: abort.itt, response });

describe('a command that was given up', () => {
  test.each([
    ['a solicited write', { InitialR2T: 'Yes', ImmediateData: 'No' }, 0],
    [
      'a write whose immediate data is gone already',
      { InitialR2T: 'Yes', ImmediateData: 'Yes', FirstBurstLength: '512' },
      512,
    ],
  ])('%s: an R2T for it is no fault of the target, and brings no data any more', async (_what, wishes, sentBytes) => {
    const { options, kept, aborts } = keeping((command) => command.cdb[0] === 0x2a);
    const target = await startFakeTarget({ ...options, wishes });
    const session = await openAt(target);
    const data = Buffer.alloc(8 * BLOCK, 0x11);
    const writing = scsi.write(session, lun, 0n, data, BLOCK, { timeoutMs: 30 });
    await expect(writing).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    data.fill(0x22); // it is the caller's again
    await until(() => aborts.length === 1, 'the abort');
    const connection = target.connections[0]!;
    for (const [r2tSn, bufferOffset] of [
      [0, sentBytes],
      [1, sentBytes + BLOCK],
    ] as const) {
      const length = { bufferOffset, desiredDataTransferLength: BLOCK };
      connection.send({ kind: 'r2t', lun, itt: kept[0]!.itt, ttt: 5 + r2tSn, r2tSn, ...length }, false);
    }
    await session.ping();
    expect(ofKind(target, 'dataOut')).toEqual([]);
    granted(connection, aborts[0]!);
    await session.ping();
    expect(session.outstandingCommands).toBe(0);
    expect((await scsi.testUnitReady(session, lun)).ok).toBe(true);
  });

  // Small data comes over the common buffer, and can be thrown away. Large data is read by the system straight into the caller's: what is on its way
  // when the time is over still lands there (`ScsiCommand.dataIn` says so), at its own place and nowhere else.
  test.each([
    ['small', 2048, 100],
    ['small, cut in its header', 2048, -20],
    ['large', 200_000, 70_000],
    ['large, of which the target had sent the header only', 200_000, 0],
  ])('in the middle of a PDU (%s): whose buffer is the caller’s again', async (_what, length, first) => {
    const { options, kept, aborts } = keeping((command) => command.cdb[0] === 0x28);
    const target = await startFakeTarget(options);
    const session = await openAt(target);
    const guarded = Buffer.alloc(length + 128, 0x77);
    const into = guarded.subarray(64, 64 + length);
    const reading = session.execute({
      cdb: Buffer.from('28000000000000000400', 'hex'),
      lun,
      expectedDataInBytes: length,
      dataIn: into,
      timeoutMs: 80,
    });
    const ended = expect(reading).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    await until(() => kept.length === 1, 'the command');
    const connection = target.connections[0]!;
    const pdu = encodePdu({
      kind: 'dataIn',
      final: true,
      hasStatus: true,
      itt: kept[0]!.itt,
      ttt: RESERVED_TAG,
      statSn: connection.statSn++,
      expCmdSn: connection.expCmdSn,
      maxCmdSn: connection.maxCmdSn,
      data: Buffer.alloc(length, 0xaa),
    });
    connection.socket.write(pdu.subarray(0, 48 + first));
    await ended;
    into.fill(0x55); // it is the caller's again
    await until(() => aborts.length === 1, 'the abort');
    connection.socket.write(pdu.subarray(48 + first));
    granted(connection, aborts[0]!, 1);
    await session.ping();
    if (length < LARGE_SEGMENT_LENGTH) expect(into.equals(Buffer.alloc(length, 0x55))).toBe(true);
    else expect(into.every((byte) => byte === 0x55 || byte === 0xaa)).toBe(true);
    expect(Buffer.concat([guarded.subarray(0, 64), guarded.subarray(-64)]).equals(Buffer.alloc(128, 0x77))).toBe(true);
    expect(session.outstandingCommands).toBe(0);
    // The stream is in step: what comes next is read as it should be.
    const next = await scsi.read(session, lun, { firstBlock: 0n, blocks: 1 }, BLOCK, { form: 16 });
    expect(next).toMatchObject({ ok: false, sense: { senseKey: 5 } });
  });

  test('and answered after all: the answer to its abort does not end the next command with its slot', async () => {
    const { options, kept, aborts } = keeping();
    const target = await startFakeTarget(options);
    const session = await openAt(target);
    const first = session.execute({ cdb: Buffer.alloc(6), lun, timeoutMs: 30 });
    await expect(first).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    await until(() => aborts.length === 1, 'the abort');
    const connection = target.connections[0]!;
    connection.respond(kept[0]!);
    await session.ping();
    expect(session.outstandingCommands).toBe(0);
    const second = session.execute({ cdb: Buffer.alloc(6), lun });
    await until(() => kept.length === 2, 'the second command');
    // The slot is the same, the tag is not: RFC 7143 section 11.2.1.8.
    expect(kept[1]!.itt).not.toBe(kept[0]!.itt);
    expect(kept[1]!.itt & 0xfff).toBe(kept[0]!.itt & 0xfff);
    granted(connection, aborts[0]!, 1); // "task does not exist"
    await session.ping();
    expect(session.outstandingCommands).toBe(1);
    connection.respond(kept[1]!, 0x18);
    expect((await second).status).toBe(0x18);
    expect(session.isOpen).toBe(true);
  });
});

describe('the window', () => {
  test('a new command does not overtake those that wait', async () => {
    const { options, kept } = keeping();
    const window = { ...options, windowSize: 1 };
    const target = await startFakeTarget(window);
    const session = await openAt(target);
    const order = (opcode: number): Promise<unknown> =>
      session.execute({ cdb: Buffer.from([opcode, 0, 0, 0, 0, 0]), lun }).catch(() => undefined);
    const all = [order(0xc0), order(0xc1), order(0xc2)];
    await until(() => kept.length === 1, 'the first command');
    // The listener is called while the message that opens the window is being read: the window is open then, and the queue not empty.
    session.onAsyncEvent(() => {
      all.push(order(0xc3));
    });
    target.connections[0]!.send({ kind: 'asyncMessage', asyncEvent: 255 });
    await until(() => kept.length === 2, 'the second command');
    expect(kept.map(({ cdb }) => cdb[0])).toEqual([0xc0, 0xc1]);
    for (let answered = 0; answered < 4; answered++) {
      await until(() => kept.length > answered, 'the next command');
      target.connections[0]!.respond(kept[answered]!);
    }
    await Promise.all(all);
    expect(kept.map(({ cdb }) => cdb[0])).toEqual([0xc0, 0xc1, 0xc2, 0xc3]);
    expect(kept.map(({ cmdSn }) => (cmdSn - kept[0]!.cmdSn) >>> 0)).toEqual([0, 1, 2, 3]);
  });

  test('one that was given up while it waited leaves no gap', async () => {
    const { options, kept } = keeping();
    const target = await startFakeTarget({ ...options, windowSize: 1 });
    const session = await openAt(target);
    const first = session.execute({ cdb: Buffer.from([0xc0, 0, 0, 0, 0, 0]), lun });
    const given = session.execute({ cdb: Buffer.from([0xc1, 0, 0, 0, 0, 0]), lun, timeoutMs: 20 });
    const third = session.execute({ cdb: Buffer.from([0xc2, 0, 0, 0, 0, 0]), lun });
    await expect(given).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    target.connections[0]!.respond(kept[0]!);
    await first;
    await until(() => kept.length === 2, 'the third command');
    expect(kept[1]!.cdb[0]).toBe(0xc2);
    target.connections[0]!.respond(kept[1]!);
    await third;
    expect(session.outstandingCommands).toBe(0);
  });
});

describe('the numbers on every PDU', () => {
  // 11.7.4: "If the Target Transfer Tag is provided, then the LUN field MUST hold a valid value ...; otherwise, the LUN field is reserved."
  test('the LUN goes with solicited Data-Out only', async () => {
    const target = await startFakeTarget({
      wishes: { InitialR2T: 'No', ImmediateData: 'No', FirstBurstLength: '1024', MaxBurstLength: '2048' },
    });
    const session = await openAt(target);
    expect((await scsi.write(session, lun, 0n, Buffer.alloc(8 * BLOCK, 1), BLOCK)).ok).toBe(true);
    const out = ofKind(target, 'dataOut').map(({ ttt, lun: where }) => [ttt === RESERVED_TAG, where]);
    expect(out).toEqual([
      [true, 0n],
      [false, lun],
      [false, lun],
    ]);
  });

  // 4.2.2.2: a status is acknowledged by the ExpStatSN of whatever is sent next.
  test('the StatSN of every answer is acknowledged', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    const connection = target.connections[0]!;
    const acknowledged = (): number => {
      const last = target.received.at(-1)!;
      return 'expStatSn' in last ? last.expStatSn : -1;
    };
    const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['a ping', () => session.ping()],
      ['a command', () => scsi.testUnitReady(session, lun)],
      ['data with status', () => scsi.read(session, lun, { firstBlock: 0n, blocks: 1 }, BLOCK)],
      ['task management', () => session.manage('abortTaskSet', lun)],
      ['another ping', () => session.ping()],
    ];
    for (const [what, act] of steps) {
      const before = connection.statSn;
      await act();
      expect([what, connection.statSn - before]).toEqual([what, 1]);
      await scsi.testUnitReady(session, lun);
      expect([what, acknowledged()]).toEqual([what, before + 1]);
    }
    // A ping of the target's own has no StatSN to acknowledge: 11.19.2.
    const before = connection.statSn;
    connection.send({ kind: 'nopIn', itt: RESERVED_TAG, ttt: 9, lun }, false);
    await until(() => ofKind(target, 'nopOut').some(({ ttt }) => ttt === 9), 'the answer');
    expect(acknowledged()).toBe(before);
  });
});

describe('keep-alive', () => {
  const pings = (target: FakeTarget): number => ofKind(target, 'nopOut').length;

  test('keeps its interval: the first ping comes when it is over', async () => {
    const target = await startFakeTarget();
    const begun = performance.now();
    await openAt(target, { keepAliveMs: 500 });
    await until(() => pings(target) === 1, 'the first ping');
    expect(performance.now() - begun).toBeGreaterThan(450);
    await until(() => pings(target) === 2, 'the second ping');
    expect(performance.now() - begun).toBeGreaterThan(950);
  });

  test('has its first ping sent at the interval’s end and not a round later', async () => {
    const target = await startFakeTarget();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      await openAt(target, { keepAliveMs: 500 });
      // It looks every quarter: whatever it heard last, three quarters are too early and five are enough.
      for (let at = 0; at < 375; at += 125) vi.advanceTimersByTime(125);
      expect(vi.getTimerCount()).toBe(1);
      for (let at = 375; at < 625; at += 125) vi.advanceTimersByTime(125);
    } finally {
      vi.useRealTimers();
    }
    await until(() => pings(target) === 1, 'the first ping');
  });

  test('is not needed while the target speaks', async () => {
    const target = await startFakeTarget();
    // Its time goes only here: a machine that stands still is no silence of the target.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const session = await openAt(target, { keepAliveMs: 400 });
      for (let at = 0; at < 900; at += 20) {
        expect((await scsi.testUnitReady(session, lun)).ok).toBe(true);
        vi.advanceTimersByTime(20);
      }
      expect(pings(target)).toBe(0);
      // Once nobody speaks any more, it is.
      for (let at = 0; at < 600; at += 20) vi.advanceTimersByTime(20);
    } finally {
      vi.useRealTimers();
    }
    await until(() => pings(target) === 1, 'a ping after a while of silence');
  });
});
