import { expect, test } from 'vitest';
import { lunFromNumber, scsi, type PduInputOf, type PduOf } from '../../../main/iscsi/index.ts';
import type { FakeConnection, FakeTarget } from '../../support/fake-iscsi-target.ts';
import { openAt, startFakeTarget, until } from '../../support/iscsi-conversations.ts';

const lun = lunFromNumber(0);
const BLOCK = 512;

/** Nothing goes out that an R2T did not ask for. */
const solicited = { InitialR2T: 'Yes', ImmediateData: 'No', MaxOutstandingR2T: '1' } as const;

const asking = (
  ask: (command: PduOf<'scsiCommand'>, send: (r2t: Omit<PduInputOf<'r2t'>, 'kind'>) => void) => void,
  more: (connection: FakeConnection) => void = () => undefined,
): Promise<FakeTarget> =>
  startFakeTarget({
    wishes: { ...solicited, MaxBurstLength: '1048576' },
    onCommand: (command, connection) => {
      more(connection);
      ask(command, (r2t) =>
        connection.send(
          { kind: 'r2t', lun: command.lun, itt: command.itt, ttt: 1, desiredDataTransferLength: BLOCK, ...r2t },
          false,
        ),
      );
      return true;
    },
    onPdu: (pdu) => pdu.kind === 'dataOut',
  });

test.each([
  ['the first number is not 0', [{ r2tSn: 7 }], /R2TSN/],
  ['a number comes twice', [{ r2tSn: 0 }, { r2tSn: 0, bufferOffset: BLOCK }], /R2TSN/],
  ['a number is left out', [{ r2tSn: 0 }, { r2tSn: 2, bufferOffset: BLOCK }], /R2TSN/],
  ['data is asked for twice', [{ r2tSn: 0 }, { r2tSn: 1, bufferOffset: 0 }], /sent before/],
  [
    'more are outstanding than agreed',
    Array.from({ length: 8 }, (_, i) => ({ r2tSn: i, bufferOffset: i * BLOCK })),
    /MaxOutstandingR2T/,
  ],
])('%s', async (_what, r2ts, reason) => {
  const target = await asking((_command, send) => r2ts.forEach(send));
  const session = await openAt(target);
  await expect(scsi.write(session, lun, 0n, Buffer.alloc(16 * BLOCK, 1), BLOCK)).rejects.toMatchObject({
    code: 'PROTOCOL_ERROR',
    detail: { reason: expect.stringMatching(reason) as unknown },
  });
  expect(await session.closed).toMatchObject({ code: 'PROTOCOL_ERROR' });
});

test('data that went out without being asked for is not asked for again', async () => {
  const target = await startFakeTarget({
    wishes: { InitialR2T: 'No', ImmediateData: 'Yes', FirstBurstLength: '1024' },
    onCommand: (command, connection) => {
      connection.send({ kind: 'r2t', itt: command.itt, ttt: 1, desiredDataTransferLength: BLOCK }, false);
      return true;
    },
    onPdu: (pdu) => pdu.kind === 'dataOut',
  });
  const session = await openAt(target);
  await expect(scsi.write(session, lun, 0n, Buffer.alloc(4096, 1), BLOCK)).rejects.toMatchObject({
    code: 'PROTOCOL_ERROR',
  });
});

test('a target that asks and does not read makes us hold no more than the command has', async () => {
  const data = Buffer.alloc(1048576, 1);
  const target = await asking(
    (_command, send) => {
      for (let i = 0; i < 300; i++) send({ r2tSn: i, desiredDataTransferLength: data.length });
    },
    (connection) => connection.socket.pause(),
  );
  const session = await openAt(target);
  await expect(scsi.write(session, lun, 0n, data, BLOCK)).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' });
  target.connections[0]!.socket.destroy();
});

test.each([
  ['one after another', '1', 200],
  ['several at once', '4', 200],
])('a target that keeps to the numbers is served: %s', async (_how, most, count) => {
  const allowed = Number(most);
  const target = await startFakeTarget({
    wishes: { ...solicited, MaxOutstandingR2T: most },
    onPdu: (pdu, connection) => {
      if (pdu.kind !== 'dataOut') return false;
      answered++;
      ask(connection, pdu.itt);
      if (answered === count) connection.send({ kind: 'scsiResponse', itt: pdu.itt });
      return true;
    },
    onCommand: (command, connection) => {
      ask(connection, command.itt);
      return true;
    },
  });
  let asked = 0;
  let answered = 0;
  const ask = (connection: FakeConnection, itt: number): void => {
    for (; asked < count && asked - answered < allowed; asked++) {
      const bufferOffset = asked * BLOCK;
      connection.send(
        { kind: 'r2t', itt, ttt: asked, r2tSn: asked, bufferOffset, desiredDataTransferLength: BLOCK },
        false,
      );
    }
  };
  const session = await openAt(target);
  expect(await scsi.write(session, lun, 0n, Buffer.alloc(count * BLOCK, 1), BLOCK)).toMatchObject({ ok: true });
  await until(() => answered === count, 'all data');
});
