import { describe, expect, test } from 'vitest';
import {
  encodeFixedSense,
  encodePdu,
  encodeSenseSegment,
  lunFromNumber,
  RESERVED_TAG,
  scsi,
  type AsyncEvent,
  type PduOf,
} from '../../../main/iscsi/index.ts';
import type { FakeConnection, FakeTargetOptions } from '../../support/fake-iscsi-target.ts';
import { openAt, startFakeTarget, until } from '../../support/iscsi-conversations.ts';

const lun = lunFromNumber(1);

/** Commands are not answered, but kept. */
const silent = (): {
  readonly options: FakeTargetOptions;
  readonly kept: { command: PduOf<'scsiCommand'>; connection: FakeConnection }[];
} => {
  const kept: { command: PduOf<'scsiCommand'>; connection: FakeConnection }[] = [];
  return {
    kept,
    options: {
      onCommand: (command, connection) => {
        kept.push({ command, connection });
        return true;
      },
    },
  };
};

describe('pings', () => {
  test('of ours are answered', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    await session.ping();
    await Promise.all([session.ping(), session.ping()]);
  });

  test('of the target are answered with its tag and LUN', async () => {
    const target = await startFakeTarget();
    await openAt(target);
    target.connections[0]!.send({ kind: 'nopIn', itt: RESERVED_TAG, ttt: 1234, lun }, false);
    await until(() => target.received.some((pdu) => pdu.kind === 'nopOut'), 'the answer');
    expect(target.received.at(-1)).toMatchObject({
      kind: 'nopOut',
      immediate: true,
      itt: RESERVED_TAG,
      ttt: 1234,
      lun,
    });
    target.connections[0]!.send({ kind: 'nopIn', itt: RESERVED_TAG, ttt: RESERVED_TAG }, false); // only news of the window: no answer
  });

  test('keep a quiet session alive, and end a dead one', async () => {
    let answer = true;
    const target = await startFakeTarget({ onPdu: (pdu) => pdu.kind === 'nopOut' && !answer });
    const session = await openAt(target, { keepAliveMs: 30, keepAliveTimeoutMs: 1_500 });
    await until(() => target.received.filter((pdu) => pdu.kind === 'nopOut').length >= 3, 'three pings');
    expect(session.isOpen).toBe(true);
    answer = false;
    expect(await session.closed).toMatchObject({ code: 'TIMED_OUT', portal: target.portal, target: target.name });
  });
});

describe('a process that stood still', () => {
  /** As a suspended machine does, right after the target has answered: timers are due when it goes on, and nothing has been read. */
  const standStill = (ms: number): void => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };

  test.each([
    ['a command', 'scsiCommand'],
    ['a ping', 'nopOut'],
    ['the last step of the logon', 'loginRequest'],
  ])('reads the answer to %s before it says that none came', async (_, kind) => {
    let times = 0;
    const target = await startFakeTarget({
      onPdu: (pdu) => {
        if (pdu.kind === kind) setImmediate(() => times++ === 0 && standStill(600));
        return false;
      },
    });
    const session = await openAt(target, { loginTimeoutMs: 300 });
    await session.execute({ cdb: Buffer.alloc(6), lun, timeoutMs: 300 });
    await session.ping(300);
    expect(times).toBeGreaterThan(0);
  });
});

describe('a command without an answer', () => {
  test('times out alone, is aborted at the target, and the session goes on', async () => {
    const { options, kept } = silent();
    const target = await startFakeTarget(options);
    const session = await openAt(target);
    const error = await session
      .execute({ cdb: Buffer.alloc(6), lun, timeoutMs: 50 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'COMMAND_TIMED_OUT',
      lun: '1',
      portal: target.portal,
      detail: { command: 'TEST UNIT READY', timeoutMs: 50 },
    });
    await until(() => session.outstandingCommands === 0, 'the abort');
    const abort = target.received.find((pdu) => pdu.kind === 'taskManagementRequest');
    expect(abort).toMatchObject({
      function: 1,
      lun,
      referencedTaskTag: kept[0]!.command.itt,
      refCmdSn: kept[0]!.command.cmdSn,
      immediate: true,
    });
    await session.ping();
  });

  test('whose answer comes late after all does no harm', async () => {
    const { options, kept } = silent();
    const target = await startFakeTarget({ ...options, onPdu: (pdu) => pdu.kind === 'taskManagementRequest' });
    const session = await openAt(target, { taskManagementTimeoutMs: 5000 });
    const into = Buffer.alloc(512);
    const reading = session.execute({
      cdb: Buffer.alloc(6, 0x12),
      lun,
      expectedDataInBytes: 512,
      dataIn: into,
      timeoutMs: 40,
    });
    await expect(reading).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    kept[0]!.connection.sendData(kept[0]!.command, Buffer.alloc(512, 0xaa));
    await session.ping();
    expect(into.equals(Buffer.alloc(512))).toBe(true); // the buffer was the caller's again
    expect(session.outstandingCommands).toBe(0);
    target.connections[0]!.send({
      kind: 'taskManagementResponse',
      itt: target.received.find((pdu) => pdu.kind === 'taskManagementRequest')!.itt,
      response: 1,
    });
    await session.ping();
  });

  test('ends the session when not even the abort is answered', async () => {
    const target = await startFakeTarget({ ...silent().options, onPdu: (pdu) => pdu.kind === 'taskManagementRequest' });
    const session = await openAt(target, { taskManagementTimeoutMs: 50 });
    await expect(session.execute({ cdb: Buffer.alloc(6), lun, timeoutMs: 30 })).rejects.toMatchObject({
      code: 'COMMAND_TIMED_OUT',
    });
    expect(await session.closed).toMatchObject({
      code: 'TIMED_OUT',
      detail: { waitingFor: 'the answer to abortTask' },
    });
  });

  test('times out also while it waits for the window', async () => {
    const target = await startFakeTarget({ ...silent().options, windowSize: 1 });
    const session = await openAt(target);
    const first = session.execute({ cdb: Buffer.alloc(6), lun, timeoutMs: 5000 });
    const second = session.execute({ cdb: Buffer.alloc(6), lun, timeoutMs: 50 });
    await expect(second).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    expect(target.received.filter((pdu) => pdu.kind === 'scsiCommand')).toHaveLength(1);
    session.drop();
    await expect(first).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });

  test('is aborted by its signal', async () => {
    const controller = new AbortController();
    const target = await startFakeTarget(silent().options);
    const session = await openAt(target);
    const command = session.execute({ cdb: Buffer.alloc(6), lun, signal: controller.signal });
    const reason = new Error('Ctrl-C');
    controller.abort(reason);
    await expect(command).rejects.toMatchObject({ code: 'COMMAND_ABORTED', cause: reason, lun: '1' });
    await expect(session.execute({ cdb: Buffer.alloc(6), lun, signal: controller.signal })).rejects.toMatchObject({
      code: 'COMMAND_ABORTED',
    });
    await until(() => session.outstandingCommands === 0, 'the abort');
  });
});

describe('task management', () => {
  test.each([
    ['abortTaskSet', 2],
    ['clearAca', 3],
    ['clearTaskSet', 4],
    ['logicalUnitReset', 5],
    ['targetWarmReset', 6],
    ['targetColdReset', 7],
  ] as const)('%s', async (fn, code) => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    expect(await session.manage(fn, lun)).toBe('functionComplete');
    expect(target.received.at(-1)).toMatchObject({
      kind: 'taskManagementRequest',
      function: code,
      lun,
      referencedTaskTag: RESERVED_TAG,
      immediate: true,
    });
  });

  test.each([
    [1, 'taskDoesNotExist'],
    [2, 'lunDoesNotExist'],
    [5, 'functionNotSupported'],
    [6, 'authorizationFailed'],
    [255, 'functionRejected'],
    [77, 'undefined'],
  ] as const)('response %i is %s', async (response, word) => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'taskManagementRequest')
          connection.send({ kind: 'taskManagementResponse', itt: pdu.itt, response });
        return pdu.kind === 'taskManagementRequest';
      },
    });
    expect(await (await openAt(target)).manage('logicalUnitReset', lun)).toBe(word);
  });

  test('a reset ends the commands of its LUN and no others', async () => {
    const { options, kept } = silent();
    const target = await startFakeTarget(options);
    const session = await openAt(target);
    const here = session.execute({ cdb: Buffer.alloc(6), lun });
    const elsewhere = session.execute({ cdb: Buffer.alloc(6), lun: lunFromNumber(2) });
    const aborted = expect(here).rejects.toMatchObject({ code: 'COMMAND_ABORTED', lun: '1' });
    await session.manage('logicalUnitReset', lun);
    await aborted;
    kept[1]!.connection.respond(kept[1]!.command);
    expect((await elsewhere).status).toBe(0);
  });
});

describe('rejects', () => {
  test('of a command end that command', async () => {
    const target = await startFakeTarget({
      onCommand: (command, connection) => {
        connection.send({ kind: 'reject', reason: 9, data: encodePdu({ ...command, data: Buffer.alloc(0) }) });
        return true;
      },
    });
    const session = await openAt(target);
    await expect(scsi.testUnitReady(session, lun)).rejects.toMatchObject({
      code: 'COMMAND_REJECTED',
      lun: '1',
      detail: { reason: 'invalid PDU field' },
    });
    await session.ping();
  });

  test('of a ping end that ping', async () => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'nopOut') connection.send({ kind: 'reject', reason: 0x77, data: encodePdu(pdu) });
        return pdu.kind === 'nopOut';
      },
    });
    const session = await openAt(target);
    await expect(session.ping()).rejects.toMatchObject({ code: 'COMMAND_REJECTED', detail: { reason: 'reason 77h' } });
  });

  test('of nothing are passed over', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    target.connections[0]!.send({ kind: 'reject', reason: 4 });
    await session.ping();
  });
});

test('an iSCSI response that is not "completed at target" is no answer', async () => {
  const target = await startFakeTarget({
    onCommand: (command, connection) => {
      connection.respond(command, 0, undefined, { response: 1 });
      return true;
    },
  });
  const session = await openAt(target);
  await expect(scsi.testUnitReady(session, lun)).rejects.toMatchObject({
    code: 'RESPONSE_NOT_COMPLETED',
    detail: { response: 1 },
  });
});

describe('asynchronous messages', () => {
  const sendAsync = (connection: FakeConnection, asyncEvent: number, more: Partial<PduOf<'asyncMessage'>> = {}): void =>
    connection.send({ kind: 'asyncMessage', asyncEvent, ...more });

  test('of SCSI come to the listeners until they leave', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    const events: AsyncEvent[] = [];
    const leave = session.onAsyncEvent((event) => events.push(event));
    const data = encodeSenseSegment(encodeFixedSense({ senseKey: 6, asc: 0x2a, ascq: 0x09 }));
    sendAsync(target.connections[0]!, 0, { lun, data });
    sendAsync(target.connections[0]!, 255, { asyncVCode: 3 });
    await session.ping();
    leave();
    sendAsync(target.connections[0]!, 0, { lun, data });
    await session.ping();
    expect(events).toMatchObject([
      { kind: 'scsi', lun, sense: { asc: 0x2a, ascq: 0x09 } },
      { kind: 'other', event: 255, vendorCode: 3 },
    ]);
  });

  test.each([
    [1, 'logoutRequested'],
    [4, 'negotiationRequested'],
  ])('event %i is followed by a logout', async (asyncEvent, kind) => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    const events: AsyncEvent[] = [];
    session.onAsyncEvent((event) => events.push(event));
    sendAsync(target.connections[0]!, asyncEvent, { parameter3: 3 });
    expect(await session.closed).toMatchObject({ code: 'SESSION_LOGGED_OUT' });
    expect(events).toEqual([{ kind, withinSeconds: 3 }]);
    expect(target.logouts).toBe(1);
    await expect(session.ping()).rejects.toMatchObject({
      code: 'SESSION_CLOSED',
      cause: { code: 'SESSION_LOGGED_OUT' },
    });
  });

  test.each([2, 3])('event %i ends the session', async (asyncEvent) => {
    const target = await startFakeTarget(silent().options);
    const session = await openAt(target);
    const command = session.execute({ cdb: Buffer.alloc(6), lun });
    const ended = expect(command).rejects.toMatchObject({ code: 'SESSION_DROPPED', lun: '1' });
    sendAsync(target.connections[0]!, asyncEvent, { parameter2: 2, parameter3: 20 });
    await ended;
    expect(await session.closed).toMatchObject({ code: 'SESSION_DROPPED', target: target.name });
  });

  test('event 5 ends the commands of a LUN', async () => {
    const target = await startFakeTarget(silent().options);
    const session = await openAt(target);
    const command = session.execute({ cdb: Buffer.alloc(6), lun });
    const ended = expect(command).rejects.toMatchObject({ code: 'COMMAND_ABORTED' });
    await session.ping();
    sendAsync(target.connections[0]!, 5, { lun });
    await ended;
    expect(session.isOpen).toBe(true);
  });
});

describe('the end', () => {
  test('a logout rejects what is under way and bears its late answers', async () => {
    const { options, kept } = silent();
    const target = await startFakeTarget({
      ...options,
      onPdu: (pdu) => {
        if (pdu.kind === 'logoutRequest') for (const { command, connection } of kept) connection.respond(command);
        return false;
      },
    });
    const session = await openAt(target);
    const command = session.execute({ cdb: Buffer.alloc(6), lun });
    const ended = expect(command).rejects.toMatchObject({ code: 'SESSION_CLOSED', lun: '1' });
    await session.logout();
    await ended;
  });

  test('a logout that is refused is told, and the connection ends all the same', async () => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'logoutRequest') connection.send({ kind: 'logoutResponse', itt: pdu.itt, response: 3 });
        return pdu.kind === 'logoutRequest';
      },
    });
    const session = await openAt(target);
    await expect(session.logout()).rejects.toMatchObject({
      code: 'LOGOUT_FAILED',
      detail: { response: 3 },
      phase: 'logout',
    });
  });

  test('close never throws and never hangs', async () => {
    const target = await startFakeTarget({ onPdu: (pdu) => pdu.kind === 'logoutRequest' });
    const session = await openAt(target, { logoutTimeoutMs: 50 });
    await Promise.all([session.close(), session.close()]);
    await session.close();
    expect(session.isOpen).toBe(false);
  });

  test('drop cuts at once, without a logout', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    session.drop();
    expect(await session.closed).toMatchObject({ code: 'SESSION_CLOSED' });
    await until(() => target.openConnections === 0, 'the cut');
    expect(target.logouts).toBe(0);
  });
});

describe('what a target may not do', () => {
  const command = (act: (command: PduOf<'scsiCommand'>, connection: FakeConnection) => void): FakeTargetOptions => ({
    onCommand: (pdu, connection) => {
      act(pdu, connection);
      return true;
    },
  });
  const data = (pdu: PduOf<'scsiCommand'>, more: object): Parameters<FakeConnection['send']>[0] => ({
    kind: 'dataIn',
    itt: pdu.itt,
    ttt: RESERVED_TAG,
    final: true,
    data: Buffer.alloc(100),
    ...more,
  });

  test.each([
    ['answer what was not asked', command((pdu, c) => c.send({ kind: 'scsiResponse', itt: pdu.itt + 4096 }))],
    ['send data for nothing', command((pdu, c) => c.send(data(pdu, { itt: pdu.itt + 1 })))],
    [
      'send more data than asked for',
      command((pdu, c) => c.send(data(pdu, { bufferOffset: 0, data: Buffer.alloc(513) }))),
    ],
    ['send data beyond the end', command((pdu, c) => c.send(data(pdu, { bufferOffset: 500 })))],
    ['send data out of order', command((pdu, c) => c.send(data(pdu, { bufferOffset: 200 })))],
    ['number data wrongly', command((pdu, c) => c.send(data(pdu, { dataSn: 3 })))],
    [
      'ask a reading command for data',
      command((pdu, c) => c.send({ kind: 'r2t', itt: pdu.itt, ttt: 1, desiredDataTransferLength: 4 })),
    ],
    [
      'ask for nobody’s data',
      command((pdu, c) => c.send({ kind: 'r2t', itt: pdu.itt + 9, ttt: 1, desiredDataTransferLength: 4 })),
    ],
    ['log in again', command((_pdu, c) => c.send({ kind: 'loginResponse' }))],
    ['send text', command((_pdu, c) => c.send({ kind: 'textResponse' }))],
    ['confirm a logout that nobody asked for', command((_pdu, c) => c.send({ kind: 'logoutResponse' }))],
  ])('%s', async (_what, options) => {
    const target = await startFakeTarget(options);
    const session = await openAt(target);
    const reading = session.execute({ cdb: Buffer.alloc(6, 0x12), lun, expectedDataInBytes: 512 });
    await expect(reading).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      portal: target.portal,
      target: target.name,
      lun: '1',
    });
    expect(await session.closed).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });

  test.each([
    ['for more than the command has', { desiredDataTransferLength: 2000 }],
    ['for something behind its end', { bufferOffset: 1024, desiredDataTransferLength: 4 }],
    ['for nothing', { desiredDataTransferLength: 0 }],
    ['for more than MaxBurstLength', { desiredDataTransferLength: 1000 }],
  ])('ask %s', async (_what, fields) => {
    const target = await startFakeTarget({
      wishes: { ImmediateData: 'No', MaxBurstLength: '512' },
      onCommand: (pdu, connection) => {
        connection.send({ kind: 'r2t', itt: pdu.itt, ttt: 1, ...fields }, false);
        return true;
      },
    });
    const session = await openAt(target);
    const writing = session.execute({ cdb: Buffer.alloc(10, 0x2a), lun, dataOut: Buffer.alloc(1024) });
    await expect(writing).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' });
  });

  test('exceed the segment length that it was told', async () => {
    const target = await startFakeTarget(command((pdu, c) => c.send(data(pdu, { data: Buffer.alloc(1000) }))));
    const session = await openAt(target, { wishes: { MaxRecvDataSegmentLength: '512' } });
    const reading = session.execute({ cdb: Buffer.alloc(6, 0x12), lun, expectedDataInBytes: 4096 });
    await expect(reading).rejects.toMatchObject({ code: 'PDU_TOO_LONG', detail: { length: 1000, limit: 512 } });
  });

  test.each([
    [10, 'HEADER_DIGEST_WRONG'],
    [60, 'DATA_DIGEST_WRONG'],
  ])('damage byte %i', async (at, code) => {
    const target = await startFakeTarget({
      wishes: { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' },
      onStep: ({ name, bytes }) => {
        if (name !== 'dataIn 1') return 'send';
        const damaged = Buffer.from(bytes);
        damaged[at] = damaged[at]! ^ 1;
        return damaged;
      },
    });
    const session = await openAt(target);
    await expect(scsi.read(session, lunFromNumber(0), { firstBlock: 0n, blocks: 1 }, 512)).rejects.toMatchObject({
      code,
    });
  });

  test('make us answer pings that it does not read', async () => {
    const target = await startFakeTarget();
    const session = await openAt(target);
    const connection = target.connections[0]!;
    connection.socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 1000 }, (_, i) => encodePdu({ kind: 'nopIn', itt: RESERVED_TAG, ttt: i })),
    );
    const flood = setInterval(() => connection.socket.write(pings), 0);
    try {
      expect(await session.closed).toMatchObject({ code: 'PROTOCOL_ERROR' });
    } finally {
      clearInterval(flood);
      connection.socket.destroy();
    }
  });
});
