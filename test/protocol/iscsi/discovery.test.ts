import { describe, expect, test } from 'vitest';
import { RESERVED_TAG } from '../../../main/iscsi/index.ts';
import { discoverAt, startFakeTarget } from '../../support/iscsi-conversations.ts';

const portal = (host: string, tag: number): { host: string; port: number; tag: number } => ({ host, port: 3260, tag });

test('several targets, portals and groups, IPv4 and IPv6', async () => {
  const targets = [
    { name: 'iqn.2026-01.test:a', portals: [portal('192.0.2.1', 1), portal('192.0.2.2', 2), portal('2001:db8::1', 2)] },
    { name: 'iqn.2026-01.test:b', portals: [portal('192.0.2.1', 1)] },
  ];
  const target = await startFakeTarget({ targets });
  const discovery = await discoverAt(target);
  expect(discovery).toMatchObject({
    portal: target.portal,
    targets,
    unusableAddresses: [],
    redirects: [],
    authentication: 'none',
    logout: 'answered',
  });
  expect(discovery.localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(target.logouts).toBe(1);
});

test('over IPv6', async () => {
  const target = await startFakeTarget({ host: '::1' });
  expect((await discoverAt(target)).targets).toHaveLength(1);
});

test('an answer in many pieces', async () => {
  const targets = Array.from({ length: 200 }, (_, i) => ({
    name: `iqn.2026-01.test:${i}`,
    portals: [portal('192.0.2.1', 1)],
  }));
  const target = await startFakeTarget({ targets, textPieceBytes: 1000 });
  expect((await discoverAt(target)).targets).toEqual(targets);
});

test('no target at all', async () => {
  const target = await startFakeTarget({ targets: [] });
  expect((await discoverAt(target)).targets).toEqual([]);
});

test('a login that ends with keys that nobody asked for', async () => {
  const unaskedPairs = [
    ['HeaderDigest', 'None'],
    ['DataDigest', 'None'],
    ['ErrorRecoveryLevel', '0'],
  ] as const;
  const target = await startFakeTarget({ unaskedPairs });
  expect((await discoverAt(target)).targets).toHaveLength(1);
  const damaging = await startFakeTarget({ unaskedPairs: [['HeaderDigest', 'CRC32C']] });
  await expect(discoverAt(damaging)).rejects.toMatchObject({ code: 'LOGIN_PROTOCOL_ERROR' });
});

test('CHAP, one way and mutual', async () => {
  const chap = { name: 'node1', secret: 'the secret of node1', mutual: { name: 'fake', secret: 'the secret of fake' } };
  const target = await startFakeTarget({ chap });
  expect((await discoverAt(target, { chap: { name: chap.name, secret: chap.secret } })).authentication).toBe('chap');
  expect(
    (await discoverAt(target, { chap: { name: chap.name, secret: chap.secret, mutual: chap.mutual } })).authentication,
  ).toBe('mutualChap');
});

test('a ping of the target in between is answered', async () => {
  let pinged = false;
  const target = await startFakeTarget({
    onPdu: (pdu, connection) => {
      if (pdu.kind === 'textRequest') connection.send({ kind: 'nopIn', itt: RESERVED_TAG, ttt: 99, lun: 5n }, false);
      if (pdu.kind === 'nopOut') {
        expect(pdu).toMatchObject({ itt: RESERVED_TAG, ttt: 99, lun: 5n, immediate: true });
        pinged = true;
      }
      return pdu.kind === 'nopOut';
    },
  });
  expect((await discoverAt(target)).targets).toHaveLength(1);
  expect(pinged).toBe(true);
});

describe('what goes wrong', () => {
  test('a reject', async () => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'textRequest') connection.send({ kind: 'reject', reason: 5 });
        return pdu.kind === 'textRequest';
      },
    });
    await expect(discoverAt(target)).rejects.toMatchObject({
      code: 'COMMAND_REJECTED',
      phase: 'discovery',
      portal: target.portal,
    });
  });

  test('more to come and no tag to ask with', async () => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'textRequest')
          connection.send({ kind: 'textResponse', continue: true, itt: pdu.itt, ttt: RESERVED_TAG });
        return pdu.kind === 'textRequest';
      },
    });
    await expect(discoverAt(target)).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
  });

  test('an answer to something else', async () => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'textRequest')
          connection.send({ kind: 'textResponse', final: true, itt: pdu.itt + 1, ttt: RESERVED_TAG });
        return pdu.kind === 'textRequest';
      },
    });
    await expect(discoverAt(target)).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
  });

  test('a target that drops the session', async () => {
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'textRequest') connection.send({ kind: 'asyncMessage', asyncEvent: 3 });
        return pdu.kind === 'textRequest';
      },
    });
    await expect(discoverAt(target)).rejects.toMatchObject({ code: 'SESSION_DROPPED' });
  });

  test('16 MiB of text keys end early', async () => {
    let bytes = 0;
    const target = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind !== 'textRequest') return false;
        const data = Buffer.alloc(65536, `TargetName=iqn.2026-01.test:${'x'.repeat(100)}\0`);
        bytes += data.length;
        if (bytes > 16 * 1024 * 1024) throw new Error('the initiator took 16 MiB');
        connection.send({ kind: 'textResponse', continue: true, itt: pdu.itt, ttt: 1, data });
        return true;
      },
    });
    await expect(discoverAt(target)).rejects.toMatchObject({
      code: 'TEXT_TOO_LONG',
      portal: target.portal,
      phase: 'discovery',
    });
    expect(bytes).toBeLessThan(2 * 1024 * 1024);
  });

  test('a logout that is refused or unanswered does not take the answer away', async () => {
    for (const response of [1, undefined]) {
      const target = await startFakeTarget({
        onPdu: (pdu, connection) => {
          if (pdu.kind !== 'logoutRequest') return false;
          if (response === undefined) connection.socket.destroy();
          else connection.send({ kind: 'logoutResponse', itt: pdu.itt, response });
          return true;
        },
      });
      expect(await discoverAt(target)).toMatchObject({ logout: 'unanswered', targets: [{ name: target.name }] });
    }
  });

  test('the caller cancels', async () => {
    const controller = new AbortController();
    const target = await startFakeTarget({
      onStep: ({ name }) => {
        if (name === 'textResponse 1') controller.abort(new Error('Ctrl-C'));
        return 'send';
      },
    });
    const discovery = discoverAt(target, { signal: controller.signal });
    await expect(discovery).rejects.toMatchObject({ code: 'ABORTED', portal: target.portal });
    await expect(discoverAt(target, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('the command window', () => {
  // RFC 7143 section 4.2.2.1; the fake target finds fault with a request that comes while the window is shut.
  test('shut at first, is waited for', async () => {
    let windowSize = 0;
    const target = await startFakeTarget({
      get windowSize() {
        return windowSize;
      },
      onPdu: (pdu, connection) => {
        if (pdu.kind !== 'loginRequest' || pdu.currentStage !== 1) return false;
        setTimeout(() => {
          windowSize = 1;
          connection.send({ kind: 'nopIn', itt: RESERVED_TAG, ttt: RESERVED_TAG }, false);
        }, 50);
        return false;
      },
    });
    expect((await discoverAt(target)).targets).toHaveLength(1);
  });

  test('never opened, ends with the time', async () => {
    const target = await startFakeTarget({ windowSize: 0 });
    await expect(discoverAt(target, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      phase: 'discovery',
      detail: { waitingFor: 'an open command window' },
    });
    expect(target.received.filter((pdu) => pdu.kind === 'textRequest')).toEqual([]);
  });

  test('of one command is enough for an answer in many pieces', async () => {
    const target = await startFakeTarget({ windowSize: 1, textPieceBytes: 4 });
    expect((await discoverAt(target)).targets).toHaveLength(1);
  });
});

test('a target whose addresses are all unusable is not taken to be at this portal', async () => {
  const name = 'iqn.2026-01.test:x';
  const target = await startFakeTarget({ targets: [{ name, portals: [portal('bad host!', 1)] }] });
  const { targets } = await discoverAt(target);
  expect(targets).toEqual([{ name, portals: [], unusableAddresses: ['bad host!:3260,1'] }]);
});
