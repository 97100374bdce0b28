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
import { discoverAt, openAt, startFakeTarget, until } from '../../support/iscsi-conversations.ts';

const lun = lunFromNumber(0);

describe('a logout that is rejected', () => {
  const start = (): ReturnType<typeof startFakeTarget> =>
    startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'logoutRequest') connection.send({ kind: 'reject', reason: 4, data: encodePdu(pdu) });
        return pdu.kind === 'logoutRequest';
      },
    });

  test('is told, and the session is closed all the same', async () => {
    const session = await openAt(await start());
    await expect(session.logout()).rejects.toMatchObject({ code: 'COMMAND_REJECTED', phase: 'logout' });
    expect(await session.closed).toBeUndefined();
    await session.close();
  });

  test('does not hold up who only wants to close', async () => {
    const target = await start();
    const session = await openAt(target);
    await Promise.all([session.close(), session.close()]);
    expect(session.isOpen).toBe(false);
    await until(() => target.openConnections === 0, 'the end of the connection');
  });
});

test('a rejected Data-Out leaves the command to its own answer', async () => {
  // RFC 7143 section 11.17.1: the task was there, so the target ends it with a SCSI Response.
  const sense = encodeFixedSense({ senseKey: 0xb, asc: 0x47, ascq: 5 });
  const target = await startFakeTarget({
    wishes: { InitialR2T: 'Yes', ImmediateData: 'No' },
    onPdu: (pdu, connection) => {
      if (pdu.kind !== 'dataOut') return false;
      connection.send({ kind: 'reject', reason: 2, data: encodePdu({ ...pdu, data: Buffer.alloc(0) }) });
      connection.send({ kind: 'scsiResponse', itt: pdu.itt, status: 2, data: encodeSenseSegment(sense) });
      return true;
    },
  });
  const session = await openAt(target);
  const outcome = await scsi.write(session, lun, 0n, Buffer.alloc(512, 1), 512);
  expect(outcome).toMatchObject({ ok: false, status: 2, sense: { senseKey: 0xb, asc: 0x47, ascq: 5 } });
  await session.ping();
});

test('a reject in the login and in a discovery says why, in words', async () => {
  const inLogin = await startFakeTarget({
    onPdu: (_pdu, connection) => {
      connection.send({ kind: 'reject', reason: 9, data: Buffer.alloc(48) });
      return true;
    },
  });
  const named = { code: 'COMMAND_REJECTED', detail: { reason: 'invalid PDU field' } };
  await expect(openAt(inLogin)).rejects.toMatchObject({ ...named, phase: 'login', portal: inLogin.portal });
  const inDiscovery = await startFakeTarget({
    onPdu: (pdu, connection) => {
      if (pdu.kind === 'textRequest') connection.send({ kind: 'reject', reason: 9, data: encodePdu(pdu) });
      return pdu.kind === 'textRequest';
    },
  });
  await expect(discoverAt(inDiscovery)).rejects.toMatchObject({ ...named, phase: 'discovery' });
});

describe('asynchronous event 5', () => {
  test('is acknowledged with its LUN, and ends only what the target had received', async () => {
    const kept: PduOf<'scsiCommand'>[] = [];
    const target = await startFakeTarget({
      onCommand: (command, connection) => {
        kept.push(command);
        if (kept.length === 2) {
          // Seen from the target the second command came after the message.
          connection.send({ kind: 'asyncMessage', asyncEvent: 5, lun, expCmdSn: command.cmdSn });
          connection.respond(command);
        }
        return true;
      },
    });
    const session = await openAt(target);
    const first = expect(session.execute({ cdb: Buffer.alloc(6), lun })).rejects.toMatchObject({
      code: 'COMMAND_ABORTED',
    });
    const second = session.execute({ cdb: Buffer.alloc(6), lun });
    await first;
    expect((await second).status).toBe(0);
    await until(() => target.received.some((pdu) => pdu.kind === 'nopOut'), 'the acknowledgement');
    const acknowledgement = target.received.find((pdu) => pdu.kind === 'nopOut');
    expect(acknowledgement).toMatchObject({ itt: RESERVED_TAG, ttt: RESERVED_TAG, lun, immediate: true });
    expect(session.isOpen).toBe(true);
  });
});

test('a listener that throws ends neither the session nor the other listeners', async () => {
  const target = await startFakeTarget();
  const session = await openAt(target);
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  try {
    const events: AsyncEvent[] = [];
    session.onAsyncEvent(() => {
      throw new Error('the listener’s own');
    });
    session.onAsyncEvent((event) => events.push(event));
    target.connections[0]!.send({ kind: 'asyncMessage', asyncEvent: 255, asyncVCode: 3 });
    await session.ping();
    expect(events).toHaveLength(1);
    await until(() => warnings.some(({ message }) => message === 'the listener’s own'), 'the warning');
  } finally {
    process.off('warning', note);
  }
});

test('data that cannot be INQUIRY data is told with portal, target and LUN', async () => {
  const target = await startFakeTarget({
    onCommand: (command, connection) => {
      connection.sendData(command, Buffer.alloc(10));
      return true;
    },
  });
  const session = await openAt(target);
  await expect(scsi.inquiry(session, lun)).rejects.toMatchObject({
    code: 'DATA_MALFORMED',
    portal: target.portal,
    target: target.name,
    lun: '0',
  });
});
