import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { discover, IscsiError, openSession, probePortal, type IscsiErrorCode } from '../../../main/iscsi/index.ts';
import { addressOptions } from '../../../main/iscsi/transport/address-options.ts';
import { discoverAt, openAt, startFakeTarget, testInitiator } from '../../support/iscsi-conversations.ts';
import { freePort } from '../../support/free-port.ts';

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
  const options = { portal, initiatorName: testInitiator, loginTimeoutMs: 60_000 };
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
  test('whose name cannot be resolved', async () => {
    const options = { portal: 'no-such-host.invalid', initiatorName: testInitiator };
    await expect(discover(options)).rejects.toMatchObject({
      code: 'PORTAL_UNRESOLVABLE',
      portal: 'no-such-host.invalid:3260',
      phase: 'resolve',
    });
  });

  test('where nothing listens', async () => {
    await expectBoth(`127.0.0.1:${await freePort()}`, 'PORTAL_REFUSED', { phase: 'connect' });
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
    ['a target name that cannot be sent', { target: 'iqn.2026-01.test:\n' }, 'NAME_MALFORMED'],
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
    ...(
      [
        'loginTimeoutMs',
        'commandTimeoutMs',
        'taskManagementTimeoutMs',
        'logoutTimeoutMs',
        'keepAliveMs',
        'keepAliveTimeoutMs',
      ] as const
    ).flatMap((option) =>
      [-1, 0.5, NaN, Infinity, 2 ** 31].map(
        (time) => [`${option} of ${time} ms`, { [option]: time }, 'OPTION_OUT_OF_RANGE'] as const,
      ),
    ),
    ['error recovery level 1', { wishes: { ErrorRecoveryLevel: '1' } }, 'OPTION_OUT_OF_RANGE'],
    ['error recovery level 2', { wishes: { ErrorRecoveryLevel: '2' } }, 'OPTION_OUT_OF_RANGE'],
    ['several connections', { wishes: { MaxConnections: '8' } }, 'OPTION_OUT_OF_RANGE'],
    ['PDUs out of order', { wishes: { DataPDUInOrder: 'No' } }, 'OPTION_OUT_OF_RANGE'],
    ['sequences out of order', { wishes: { DataSequenceInOrder: 'No' } }, 'OPTION_OUT_OF_RANGE'],
    ['fast aborts', { wishes: { TaskReporting: 'FastAbort,RFC3720' } }, 'OPTION_OUT_OF_RANGE'],
    ['a key that there is not', { wishes: { Nonsense: '1' } }, 'OPTION_OUT_OF_RANGE'],
    ['a zero byte in the alias', { initiatorAlias: 'a\0X-evil=1' }, 'OPTION_OUT_OF_RANGE'],
    ['an alias of 256 bytes', { initiatorAlias: 'x'.repeat(256) }, 'OPTION_OUT_OF_RANGE'],
    ['a zero byte in the CHAP name', { chap: { name: 'u\0X-evil=1', secret: 'twelve bytes' } }, 'OPTION_OUT_OF_RANGE'],
    ['a CHAP name of 256 bytes', { chap: { name: 'é'.repeat(128), secret: 'twelve bytes' } }, 'OPTION_OUT_OF_RANGE'],
    [
      'a zero byte in the target’s CHAP name',
      { chap: { name: 'u', secret: 'twelve bytes', mutual: { name: 'a\0', secret: 'other twelve bytes' } } },
      'OPTION_OUT_OF_RANGE',
    ],
  ] as const)('%s', async (_what, wrong, code) => {
    expect(Buffer.byteLength(tooLong)).toBe(224);
    let connections = 0;
    const portal = await startServer(() => connections++);
    const options = { portal, initiatorName: testInitiator, target, ...(wrong as object) };
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

describe('the question whether a silent port speaks TLS', () => {
  afterEach(() => void vi.useRealTimers());
  /** Hangs up on the first connection, and says nothing on the second. */
  const start = async (onSecond: () => void = () => undefined): Promise<string> => {
    let connections = 0;
    return startServer((socket) => {
      if (connections++ === 0) socket.destroy();
      else onSecond();
    });
  };
  const named = { phase: 'login' };

  test('is asked within the deadline', async () => {
    const portal = await start(() => vi.advanceTimersByTime(150)); // a second would be the question's own time
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await expect(discover({ portal, initiatorName: testInitiator, timeoutMs: 150 })).rejects.toMatchObject(named);
  });

  test('is given up with the caller’s signal', async () => {
    const controller = new AbortController();
    const portal = await start(() => controller.abort());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // nothing ends by itself
    const discovery = discover({ portal, initiatorName: testInitiator, signal: controller.signal });
    await expect(discovery).rejects.toMatchObject(named);
  });

  test('is asked from the source address, and so in its family', () => {
    const portal = { host: 'localhost', port: 3260 };
    expect(addressOptions(portal, '::1')).toMatchObject({ localAddress: '::1', family: 6, autoSelectFamily: false });
    expect(addressOptions(portal, '127.0.0.1')).toMatchObject({ localAddress: '127.0.0.1', family: 4 });
    expect(addressOptions(portal, undefined)).toEqual(portal);
  });
});

describe('portals and times that cannot be', () => {
  test.each([
    { host: '', port: 3260 },
    { host: '127.0.0.1', port: 70000 },
    { host: 'bad host!', port: 3260 },
  ])('the portal $host:$port', async (portal) => {
    const named = { code: 'PORTAL_MALFORMED', phase: 'input' };
    await expect(discover({ portal, initiatorName: testInitiator })).rejects.toMatchObject(named);
    await expect(openSession({ portal, initiatorName: testInitiator, target })).rejects.toMatchObject(named);
    await expect(probePortal({ portal })).rejects.toMatchObject(named);
  });

  test.each([0, -1, NaN, 2 ** 31])('%d ms for a discovery, a probe, a command and a ping', async (timeoutMs) => {
    const named = { code: 'OPTION_OUT_OF_RANGE', phase: 'input', detail: { option: 'timeoutMs' } };
    const fake = await startFakeTarget();
    await expect(discoverAt(fake, { timeoutMs })).rejects.toMatchObject(named);
    await expect(probePortal({ portal: fake.portal, timeoutMs })).rejects.toMatchObject(named);
    const session = await openAt(fake);
    await expect(session.execute({ cdb: Buffer.alloc(6), lun: 0n, timeoutMs })).rejects.toMatchObject(named);
    await expect(session.ping(timeoutMs)).rejects.toMatchObject(named);
    expect(session.outstandingCommands).toBe(0);
  });

  test('the longest times are waited without a spin', async () => {
    const fake = await startFakeTarget({ onCommand: () => true });
    const session = await openAt(fake, { commandTimeoutMs: 0x7fffffff, keepAliveMs: 0 });
    const command = session.execute({ cdb: Buffer.alloc(6), lun: 0n });
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(200);
    session.drop();
    await expect(command).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });
});
