import { describe, expect, test } from 'vitest';
import { encodePdu, lunFromNumber, type Pdu, type PduOf } from '../../../main/iscsi/index.ts';
import type { FakeConnection, FakeTargetOptions } from '../../support/fake-iscsi-target.ts';
import { openAt, startFakeTarget, until } from '../../support/iscsi-conversations.ts';

const lun = lunFromNumber(1);
const command = { cdb: Buffer.alloc(6), lun };

/** A target that keeps commands, and answers requests for task management as the test says. */
const keeping = (
  manage: (request: PduOf<'taskManagementRequest'>, connection: FakeConnection) => void,
): { readonly options: FakeTargetOptions; readonly kept: PduOf<'scsiCommand'>[] } => {
  const kept: PduOf<'scsiCommand'>[] = [];
  return {
    kept,
    options: {
      onCommand: (pdu) => {
        kept.push(pdu);
        return true;
      },
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'taskManagementRequest') manage(pdu, connection);
        return pdu.kind === 'taskManagementRequest';
      },
    },
  };
};

const refusing =
  (response: number) =>
  (request: PduOf<'taskManagementRequest'>, connection: FakeConnection): void =>
    connection.send({ kind: 'taskManagementResponse', itt: request.itt, response });

const rejecting = (request: PduOf<'taskManagementRequest'>, connection: FakeConnection): void =>
  connection.send({ kind: 'reject', reason: 6, data: encodePdu(request) });

const aborts = (received: readonly Pdu[]): number =>
  received.filter((pdu) => pdu.kind === 'taskManagementRequest').length;

describe('an abort that the target does not carry out', () => {
  test.each([
    ['refused with response 5', refusing(5)],
    ['refused with response 6', refusing(6)],
    ['refused with response 255', refusing(255)],
    ['rejected', rejecting],
  ])('%s: the command’s own answer may come later', async (_how, manage) => {
    const { options, kept } = keeping(manage);
    const target = await startFakeTarget(options);
    const session = await openAt(target);
    await expect(session.execute({ ...command, timeoutMs: 20 })).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    await until(() => aborts(target.received) === 1, 'the abort');
    await session.ping(); // the refusal has arrived
    expect(session.outstandingCommands).toBe(1);
    target.connections[0]!.respond(kept[0]!);
    await session.ping();
    expect(session.outstandingCommands).toBe(0);
    expect(session.isOpen).toBe(true);
  });

  test('is asked for again, and works then', async () => {
    let asked = 0;
    const { options } = keeping((request, connection) => refusing(++asked < 3 ? 255 : 0)(request, connection));
    const target = await startFakeTarget(options);
    const session = await openAt(target, { taskManagementTimeoutMs: 500 });
    await expect(session.execute({ ...command, timeoutMs: 20 })).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    await until(() => session.outstandingCommands === 0, 'the third abort');
    expect(asked).toBe(3);
    expect(session.isOpen).toBe(true);
  });

  test.each([
    ['refused', refusing(5)],
    ['rejected', rejecting],
  ])('for ever %s ends the session, so that no tag is lost', async (_how, manage) => {
    const target = await startFakeTarget(keeping(manage).options);
    const session = await openAt(target, { taskManagementTimeoutMs: 500 });
    await expect(session.execute({ ...command, timeoutMs: 20 })).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    expect(await session.closed).toMatchObject({
      code: 'TIMED_OUT',
      detail: { waitingFor: 'the end of an aborted command' },
    });
    expect(aborts(target.received)).toBe(3);
    expect(session.outstandingCommands).toBe(0);
  });
});

test('a command that is sent after a reset was asked for is not ended by it', async () => {
  // RFC 7143 section 4.2.3.3: only tasks with a CmdSN before the request's are affected.
  let request: PduOf<'taskManagementRequest'> | undefined;
  const { options, kept } = keeping((pdu) => (request = pdu));
  const target = await startFakeTarget(options);
  const session = await openAt(target);
  const before = session.execute(command);
  const reset = session.manage('logicalUnitReset', lun);
  const after = session.execute(command);
  const ended = expect(before).rejects.toMatchObject({ code: 'COMMAND_ABORTED' });
  await until(() => kept.length === 2, 'both commands');
  target.connections[0]!.send({ kind: 'taskManagementResponse', itt: request!.itt });
  expect(await reset).toBe('functionComplete');
  await ended;
  target.connections[0]!.respond(kept[1]!);
  expect((await after).status).toBe(0);
  expect(session.isOpen).toBe(true);
});
