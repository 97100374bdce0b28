import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  availableChapAlgorithms,
  CHAP_ALGORITHMS,
  decodeText,
  discover,
  findValue,
  type PduOf,
} from '../../../main/iscsi/index.ts';
import { openAt, startFakeTarget, testInitiator } from '../../support/iscsi-conversations.ts';
import type { FakeTarget } from '../../support/fake-iscsi-target.ts';

const chap = { name: 'node1', secret: 'the secret of node1' };
const mutual = { name: 'fake', secret: 'the secret of fake' };

const loginRequests = (target: FakeTarget): PduOf<'loginRequest'>[] =>
  target.received.filter((pdu): pdu is PduOf<'loginRequest'> => pdu.kind === 'loginRequest');

test('runs in the runtime that it is meant for', () => {
  const isElectron = process.versions['electron'] !== undefined;
  expect(isElectron).toBe(process.env['QUORATE_EXPECT_ELECTRON'] === '1');
  // Electron's crypto has less than Node's; nothing that cannot be computed is ever offered.
  const works = CHAP_ALGORITHMS.filter(({ hash }) => {
    try {
      return createHash(hash).update('').digest().length > 0;
    } catch {
      return false;
    }
  });
  expect(availableChapAlgorithms()).toEqual(works);
  expect(works.length).toBeGreaterThanOrEqual(3);
});

test('a session, its parameters and its end', async () => {
  const target = await startFakeTarget({
    wishes: { MaxRecvDataSegmentLength: '65536', MaxBurstLength: '131072', InitialR2T: 'No' },
  });
  const session = await openAt(target, { initiatorAlias: 'Node 1' });
  expect(session.info).toMatchObject({
    portal: target.portal,
    target: target.name,
    initiatorName: testInitiator,
    tsih: 1,
    portalGroupTag: 1,
    authentication: 'none',
    parameters: {
      headerDigest: false,
      dataDigest: false,
      maxSendDataSegmentLength: 65536,
      maxReceiveDataSegmentLength: 262144,
      maxBurstLength: 131072,
      initialR2T: false,
      immediateData: true,
      errorRecoveryLevel: 0,
    },
  });
  expect(target.connections[0]?.isid).toBe(session.info.isid);
  await session.logout();
  expect(target.logouts).toBe(1);
  expect(await session.closed).toBeUndefined();
  await expect(session.execute({ cdb: Buffer.alloc(6), lun: 0n })).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  await expect(session.logout()).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
});

test('several sessions from one process have ISIDs and names of their own', async () => {
  const target = await startFakeTarget();
  const sessions = await Promise.all([
    openAt(target),
    openAt(target),
    openAt(target, { initiatorName: 'iqn.2026-01.test:second' }),
  ]);
  expect(new Set(sessions.map((session) => session.info.isid)).size).toBe(3);
  expect(target.connections.map(({ initiatorName }) => initiatorName).sort()).toEqual(
    [testInitiator, testInitiator, 'iqn.2026-01.test:second'].sort(),
  );
  // None in the range of Windows' own initiator (enterprise number 311).
  for (const { info } of sessions) expect(info.isid.startsWith('40000137')).toBe(false);
});

test('an ISID that is given is used, so that a nexus can come back', async () => {
  const target = await startFakeTarget();
  const isid = Buffer.from('80aabbccddee', 'hex');
  const session = await openAt(target, { isid });
  expect([session.info.isid, target.connections[0]?.isid]).toEqual(['80aabbccddee', '80aabbccddee']);
});

test('bound to a source address', async () => {
  const target = await startFakeTarget();
  const session = await openAt(target, { sourceAddress: '127.0.0.5' });
  expect(session.info.localAddress).toMatch(/^127\.0\.0\.5:/);
  expect(target.connections[0]?.socket.remoteAddress).toBe('127.0.0.5');
});

describe('digests', () => {
  test.each([
    ['None,CRC32C', 'None,CRC32C', false],
    ['None,CRC32C', 'CRC32C', true],
    ['CRC32C,None', 'None,CRC32C', true],
    ['CRC32C', 'None,CRC32C', true],
  ] as const)('%s meets %s', async (ours, theirs, agreed) => {
    const target = await startFakeTarget({ wishes: { HeaderDigest: theirs, DataDigest: theirs } });
    const session = await openAt(target, { headerDigest: ours, dataDigest: ours });
    expect(session.info.parameters).toMatchObject({ headerDigest: agreed, dataDigest: agreed });
    await session.ping();
    await session.logout();
  });

  test('CRC32C and None have nothing in common', async () => {
    const target = await startFakeTarget({ wishes: { HeaderDigest: 'None' } });
    await expect(openAt(target, { headerDigest: 'CRC32C' })).rejects.toMatchObject({
      code: 'NEGOTIATION_FAILED',
      detail: { key: 'HeaderDigest' },
    });
  });
});

describe('CHAP', () => {
  test.each(availableChapAlgorithms().map(({ name }) => name))('with %s', async (name) => {
    const target = await startFakeTarget({ chap: { ...chap, mutual } });
    const session = await openAt(target, { chap: { ...chap, mutual, algorithms: [name] } });
    expect(session.info).toMatchObject({ authentication: 'mutualChap', chapAlgorithm: name });
  });

  test('all that this runtime has are offered in order', async () => {
    const target = await startFakeTarget({ chap });
    const session = await openAt(target, { chap });
    expect(session.info.authentication).toBe('chap');
    const offers = loginRequests(target).map((pdu) => findValue(decodeText(pdu.data), 'CHAP_A'));
    expect(offers).toContain(
      availableChapAlgorithms()
        .map(({ code }) => code)
        .join(','),
    );
  });

  test('a target that takes SHA-256 for SHA1 is asked once more without it', async () => {
    const target = await startFakeTarget({ chap: { ...chap, mutual, misreadsSha256: true } });
    const session = await openAt(target, { chap: { ...chap, mutual } });
    expect(session.info).toMatchObject({ authentication: 'mutualChap', chapAlgorithm: 'MD5' });
    expect(target.connections).toHaveLength(2);
    // Whoever asks for SHA-256 gets no other.
    const insisting = openAt(target, { chap: { ...chap, algorithms: ['SHA-256', 'MD5'] } });
    await expect(insisting).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED' });
    // A wrong secret stays wrong, and is told after the second try.
    const wrong = openAt(target, { chap: { name: 'node1', secret: 'not the secret!' } });
    await expect(wrong).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED' });
    expect(target.connections).toHaveLength(5);
  });

  test.each(['refuses', 'hangsUp'] as const)(
    'a target that %s over any list but MD5 is asked with MD5 alone',
    async (md5Only) => {
      const target = await startFakeTarget({ chap: { ...chap, mutual, md5Only } });
      const session = await openAt(target, { chap: { ...chap, mutual } });
      expect(session.info).toMatchObject({ authentication: 'mutualChap', chapAlgorithm: 'MD5' });
      expect(target.connections).toHaveLength(2);
      const wrong = openAt(target, { chap: { name: 'node1', secret: 'not the secret!' } });
      await expect(wrong).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED' });
      expect(target.connections).toHaveLength(4);
    },
  );

  test.each([
    ['a wrong secret', { name: 'node1', secret: 'not the secret!' }],
    ['a wrong name', { name: 'node2', secret: chap.secret }],
  ])('%s', async (_what, wrong) => {
    const target = await startFakeTarget({ chap });
    await expect(openAt(target, { chap: wrong })).rejects.toMatchObject({
      code: 'LOGIN_AUTHENTICATION_FAILED',
      phase: 'login',
      portal: target.portal,
      target: target.name,
    });
  });

  test('none where it is needed', async () => {
    const target = await startFakeTarget({ chap });
    await expect(openAt(target)).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED' });
  });

  test('wanted from a target that has none', async () => {
    const target = await startFakeTarget();
    await expect(openAt(target, { chap })).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_MISSING' });
  });

  test('a target that cannot prove itself', async () => {
    const withoutProof = await startFakeTarget({ chap });
    await expect(openAt(withoutProof, { chap: { ...chap, mutual } })).rejects.toMatchObject({
      code: 'MUTUAL_CHAP_FAILED',
    });
    const withAnother = await startFakeTarget({
      chap: { ...chap, mutual: { name: 'fake', secret: 'another secret' } },
    });
    await expect(openAt(withAnother, { chap: { ...chap, mutual } })).rejects.toMatchObject({
      code: 'MUTUAL_CHAP_FAILED',
    });
  });

  test('the secret is in nothing that is sent', async () => {
    const target = await startFakeTarget({ chap: { ...chap, mutual } });
    await openAt(target, { chap: { ...chap, mutual } });
    const all = Buffer.concat(loginRequests(target).map((pdu) => pdu.data)).toString('latin1');
    expect(all).not.toContain(chap.secret);
    expect(all).not.toContain(mutual.secret);
  });
});

describe('redirects', () => {
  const redirecting = (to: () => string, statusDetail = 1): Promise<FakeTarget> =>
    startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind !== 'loginRequest') return false;
        const data = Buffer.from(`TargetAddress=${to()}\0`);
        connection.send({ kind: 'loginResponse', itt: pdu.itt, isid: pdu.isid, statusClass: 1, statusDetail, data });
        return true;
      },
    });

  test.each([
    [1, false],
    [2, true],
  ])('1/%i is followed', async (statusDetail, permanent) => {
    const goal = await startFakeTarget();
    const first = await redirecting(() => `${goal.portal},1`, statusDetail);
    const session = await openAt(first, { target: goal.name });
    expect(session.info.portal).toBe(goal.portal);
    expect(session.info.redirects).toEqual([{ from: first.portal, to: goal.portal, permanent }]);
  });

  test('a circle ends', async () => {
    const portals: string[] = [];
    const first = await redirecting(() => `${portals[1] ?? ''},1`);
    const second = await redirecting(() => `${portals[0] ?? ''},1`);
    portals.push(first.portal, second.portal);
    await expect(openAt(first)).rejects.toMatchObject({ code: 'REDIRECT_LOOP' });
  });

  test('a chain without end ends', async () => {
    const chain: FakeTarget[] = [];
    for (let i = 0; i < 7; i++) {
      const index = i;
      chain.push(await redirecting(() => `${chain[index + 1]?.portal ?? ''},1`));
    }
    await expect(openAt(chain[0]!)).rejects.toMatchObject({ code: 'REDIRECT_LOOP', detail: { limit: 4 } });
    expect(chain.map(({ connections }) => connections.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
  });

  test('to a portal where nothing listens: the error names that portal', async () => {
    const gone = await startFakeTarget();
    const { portal } = gone;
    await gone.stop();
    const first = await redirecting(() => `${portal},1`);
    await expect(openAt(first)).rejects.toMatchObject({ code: 'PORTAL_REFUSED', portal });
  });

  test('to nowhere', async () => {
    const first = await redirecting(() => 'nonsense:0');
    await expect(openAt(first)).rejects.toMatchObject({ code: 'REDIRECT_MALFORMED', portal: first.portal });
  });
});

test.each([
  [2, 2, 'LOGIN_NOT_AUTHORIZED'],
  [2, 3, 'LOGIN_TARGET_NOT_FOUND'],
  [3, 2, 'LOGIN_OUT_OF_RESOURCES'],
])('status %i/%i', async (statusClass, statusDetail, code) => {
  const target = await startFakeTarget({
    onPdu: (pdu, connection) => {
      if (pdu.kind === 'loginRequest')
        connection.send({ kind: 'loginResponse', isid: pdu.isid, statusClass, statusDetail });
      return pdu.kind === 'loginRequest';
    },
  });
  await expect(openAt(target)).rejects.toMatchObject({
    code,
    portal: target.portal,
    target: target.name,
    phase: 'login',
  });
});

test('another target than there is', async () => {
  const target = await startFakeTarget();
  await expect(openAt(target, { target: 'iqn.2026-01.test:other' })).rejects.toMatchObject({
    code: 'LOGIN_TARGET_NOT_FOUND',
  });
});

test('what comes in the same breath as the last login response is not lost', async () => {
  const target = await startFakeTarget({
    onStep: ({ name, connection }) => {
      if (name === 'loginResponse 2') {
        // Behind the response, before the initiator has turned around.
        process.nextTick(() => connection.send({ kind: 'nopIn', itt: 0xffffffff, ttt: 7 }, false));
      }
      return 'send';
    },
  });
  const session = await openAt(target);
  await session.ping();
  expect(target.received.filter((pdu) => pdu.kind === 'nopOut' && pdu.ttt === 7)).toHaveLength(1);
});

test('our name is sent in its normal form, the target’s as the target writes it', async () => {
  // RFC 7143 section 4.2.7.2 for ours. Some targets compare their own letter by letter.
  const target = await startFakeTarget({ name: 'iqn.2026-01.test:Fake_Disk' });
  const session = await openAt(target, { initiatorName: 'IQN.2026-01.Test:NODE1' });
  expect(target.connections[0]!.initiatorName).toBe('iqn.2026-01.test:node1');
  expect(session.info).toMatchObject({ initiatorName: 'iqn.2026-01.test:node1', target: 'iqn.2026-01.test:Fake_Disk' });
  await discover({ portal: target.portal, initiatorName: 'IQN.2026-01.Test:NODE1' });
  expect(target.connections[1]!.initiatorName).toBe('iqn.2026-01.test:node1');
});

test('the protocol level can be negotiated', async () => {
  const target = await startFakeTarget({ wishes: { iSCSIProtocolLevel: '1' } });
  const session = await openAt(target, { wishes: { iSCSIProtocolLevel: '1' } });
  expect(session.info.parameters.protocolLevel).toBe(1);
  expect(decodeText(loginRequests(target)[1]!.data)).toContainEqual(['iSCSIProtocolLevel', '1']);
});

test.each(['headerDigest', 'dataDigest'] as const)(
  'a %s that is insisted on is had or the login fails',
  async (digest) => {
    const passingOver = await startFakeTarget({
      onPdu: (pdu, connection) => {
        if (pdu.kind !== 'loginRequest' || pdu.currentStage !== 1) return false;
        const stages = { transit: true, currentStage: 1, nextStage: 3 };
        connection.send({ kind: 'loginResponse', ...stages, isid: pdu.isid, tsih: 1, itt: pdu.itt });
        return true;
      },
    });
    await expect(openAt(passingOver, { [digest]: 'CRC32C' })).rejects.toMatchObject({
      code: 'NEGOTIATION_FAILED',
      portal: passingOver.portal,
    });
  },
);

test.each([
  ['another ISID', 13],
  ['a StatSN that leaps', 27],
])('%s in a response of the login', async (_what, at) => {
  const target = await startFakeTarget({
    onStep: ({ name, bytes }) => {
      if (name === 'loginResponse 2') bytes[at] = bytes[at]! ^ 0x40;
      return 'send';
    },
  });
  await expect(openAt(target)).rejects.toMatchObject({ code: 'LOGIN_PROTOCOL_ERROR', portal: target.portal });
});
