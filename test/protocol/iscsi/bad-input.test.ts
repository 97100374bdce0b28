import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { discover, IscsiError, openSession, type IscsiErrorCode } from '../../../main/iscsi/index.ts';
import { discoverAt, openAt, startFakeTarget, testInitiator } from '../../support/iscsi-conversations.ts';

const target = 'iqn.2026-01.test:t';

const startServer = async (onConnection: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Both ways in must say the same. */
const expectBoth = async (portal: string, code: IscsiErrorCode, more: object = {}): Promise<void> => {
  const options = { portal, initiatorName: testInitiator, loginTimeoutMs: 3000 };
  await expect(discover(options)).rejects.toMatchObject({ code, portal, ...more });
  await expect(openSession({ ...options, target })).rejects.toMatchObject({ code, portal, target, ...more });
};

describe('the port of something else', () => {
  test('an SSH server', async () => {
    const portal = await startServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'));
    await expectBoth(portal, 'NOT_ISCSI_SSH');
  });

  test('an SSH server whose banner comes letter by letter', async () => {
    const portal = await startServer((socket) => socket.write('S', () => socket.write('SH-2.0-x\r\n')));
    await expectBoth(portal, 'NOT_ISCSI_SSH');
  });

  test('a TLS server that answers with an alert', async () => {
    // RFC 8446 section 6: alert, TLS 1.2, fatal, protocol_version.
    const portal = await startServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 70]))),
    );
    await expectBoth(portal, 'NOT_ISCSI_TLS');
  });

  test('a TLS server that hangs up on what is not TLS', async () => {
    let hellos = 0;
    const portal = await startServer((socket) =>
      socket.once('data', (bytes: Buffer) => {
        if (bytes[0] !== 0x16) {
          socket.destroy();
          return;
        }
        hellos++;
        // RFC 8446 section 4.1.2: handshake record, ClientHello; the lengths agree.
        expect(bytes.readUInt16BE(3)).toBe(bytes.length - 5);
        expect(bytes[5]).toBe(1);
        expect(bytes.readUIntBE(6, 3)).toBe(bytes.length - 9);
        socket.end(Buffer.from([0x16, 3, 3, 0, 4, 2, 0, 0, 0]));
      }),
    );
    await expectBoth(portal, 'NOT_ISCSI_TLS');
    expect(hellos).toBe(2);
  });

  test('an HTTP server', async () => {
    const portal = await startServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    await expectBoth(portal, 'NOT_ISCSI_HTTP');
  });

  test('something unknown', async () => {
    const portal = await startServer((socket) => socket.write('220 mail.example.com ESMTP\r\n'));
    await expectBoth(portal, 'NOT_ISCSI');
  });

  test('an iSCSI initiator', async () => {
    const portal = await startServer((socket) => socket.on('data', (bytes: Buffer) => socket.write(bytes)));
    await expectBoth(portal, 'NOT_ISCSI');
  });

  test('something that hangs up at once', async () => {
    await expectBoth(await startServer((socket) => socket.destroy()), 'CONNECTION_CLOSED');
  });

  test('something that says nothing', async () => {
    const portal = await startServer(() => undefined);
    const options = { portal, initiatorName: testInitiator, loginTimeoutMs: 100 };
    await expect(discover(options)).rejects.toMatchObject({ code: 'TIMED_OUT', portal, phase: 'login' });
    await expect(openSession({ ...options, target })).rejects.toMatchObject({ code: 'TIMED_OUT', portal, target });
  });
});

describe('a portal', () => {
  test('whose name can not be resolved', async () => {
    const options = { portal: 'no-such-host.invalid', initiatorName: testInitiator };
    await expect(discover(options)).rejects.toMatchObject({
      code: 'PORTAL_UNRESOLVABLE',
      portal: 'no-such-host.invalid:3260',
      phase: 'resolve',
    });
  });

  test('where nothing listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const portal = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    await expectBoth(portal, 'PORTAL_REFUSED', { phase: 'connect' });
  });

  test('that is none', async () => {
    await expect(discover({ portal: 'a b', initiatorName: testInitiator })).rejects.toMatchObject({
      code: 'PORTAL_MALFORMED',
      phase: 'input',
    });
  });

  test('from a source address that this machine does not have', async () => {
    const portal = await startServer(() => undefined);
    const options = { portal, initiatorName: testInitiator, sourceAddress: '192.0.2.77' };
    await expect(discover(options)).rejects.toMatchObject({
      code: 'SOURCE_ADDRESS_UNUSABLE',
      portal,
      detail: { sourceAddress: '192.0.2.77' },
    });
    const nonsense = discover({ ...options, sourceAddress: 'eth0' });
    await expect(nonsense).rejects.toMatchObject({ code: 'SOURCE_ADDRESS_UNUSABLE' });
  });

  test('of the other family than the source address', async () => {
    const portal = await startServer(() => undefined);
    const discovery = discover({ portal, initiatorName: testInitiator, sourceAddress: '::1' });
    await expect(discovery).rejects.toBeInstanceOf(IscsiError);
  });
});

describe('input that is wrong is refused before a byte is sent', () => {
  const tooLong = `iqn.2026-01.test:${'a'.repeat(207)}`;

  test.each([
    ['an initiator name that is none', { initiatorName: 'node1' }, 'NAME_MALFORMED'],
    ['an initiator name of 224 bytes', { initiatorName: tooLong }, 'NAME_MALFORMED'],
    ['a target name that is none', { target: 'disk' }, 'NAME_MALFORMED'],
    ['a target name of 224 bytes', { target: tooLong }, 'NAME_MALFORMED'],
    ['a CHAP secret of 11 bytes', { chap: { name: 'a', secret: 'eleven byte' } }, 'CHAP_SECRET_TOO_SHORT'],
    [
      'one secret for both directions',
      { chap: { name: 'a', secret: 'twelve bytes', mutual: { name: 'b', secret: 'twelve bytes' } } },
      'CHAP_SECRET_REUSED',
    ],
    ['no CHAP algorithm', { chap: { name: 'a', secret: 'twelve bytes', algorithms: [] } }, 'CHAP_NOT_AVAILABLE'],
    ['an ISID of 5 bytes', { isid: Buffer.alloc(5) }, 'OPTION_OUT_OF_RANGE'],
    ['a key out of range', { wishes: { MaxBurstLength: '1' } }, 'OPTION_OUT_OF_RANGE'],
    ['no time at all', { loginTimeoutMs: 0 }, 'OPTION_OUT_OF_RANGE'],
  ] as const)('%s', async (_what, wrong, code) => {
    expect(Buffer.byteLength(tooLong)).toBe(224);
    let connections = 0;
    const portal = await startServer(() => connections++);
    const options = { portal, initiatorName: testInitiator, target, ...wrong };
    await expect(openSession(options)).rejects.toMatchObject({ code, phase: 'input' });
    expect(connections).toBe(0);
  });
});

describe('a target that sends too much', () => {
  test('16 MiB of text keys in the login', async () => {
    let sentBytes = 0;
    const fake = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind !== 'loginRequest') return false;
        const data = Buffer.alloc(8192, 'X-com.example.key=value\0');
        sentBytes += data.length;
        connection.send({ kind: 'loginResponse', continue: true, isid: pdu.isid, data });
        return true;
      },
    });
    const named = { code: 'TEXT_TOO_LONG', phase: 'login', portal: fake.portal };
    await expect(openAt(fake)).rejects.toMatchObject({ ...named, target: fake.name });
    await expect(discoverAt(fake)).rejects.toMatchObject(named);
    expect(sentBytes).toBeLessThan(1024 * 1024);
  });

  test.each([0xffffff, 8193])('a data segment of %i bytes', async (length) => {
    const fake = await startFakeTarget({
      onStep: ({ name, bytes }) => {
        if (name !== 'loginResponse 1') return 'send';
        const long = Buffer.from(bytes);
        long.writeUIntBE(length, 5, 3);
        return long;
      },
    });
    await expect(openAt(fake)).rejects.toMatchObject({
      code: 'PDU_TOO_LONG',
      portal: fake.portal,
      target: fake.name,
      detail: { length, limit: 8192 },
    });
  });
});

test('a target that is full', async () => {
  const fake = await startFakeTarget({
    onPdu: (pdu, connection) => {
      if (pdu.kind === 'loginRequest')
        connection.send({ kind: 'loginResponse', isid: pdu.isid, statusClass: 3, statusDetail: 2 });
      return pdu.kind === 'loginRequest';
    },
  });
  await expect(openAt(fake)).rejects.toMatchObject({
    code: 'LOGIN_OUT_OF_RESOURCES',
    portal: fake.portal,
    target: fake.name,
  });
});
