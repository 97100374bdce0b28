import { getHashes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startTarget, testTargetName } from '../../support/embedded-target.ts';
import { openRawSession, RawInitiator, rawInitiatorName } from '../../support/raw-initiator.ts';

const secret = 'initiator-secret';
const mutualSecret = 'target-secret-1';
const chap = { initiator: { user: 'node1', secret }, target: { user: 'array', secret: mutualSecret } };

describe('login', () => {
  it('without authentication: portal group tag, TSIH, negotiated keys', async () => {
    const target = await startTarget({ portalGroups: [7] });
    const initiator = await RawInitiator.connect(target);
    const { status, pairs } = await initiator.login({
      keys: [
        ['HeaderDigest', 'CRC32C,None'],
        ['DataDigest', 'None'],
        ['InitialR2T', 'Yes'],
        ['ImmediateData', 'No'],
        ['MaxBurstLength', '65536'],
        ['FirstBurstLength', '16777215'],
        ['MaxConnections', '8'],
        ['ErrorRecoveryLevel', '2'],
        ['DefaultTime2Wait', '3'],
        ['MaxOutstandingR2T', '2'],
        ['IFMarker', 'No'],
        ['X-com.example', 'what'],
        ['MaxRecvDataSegmentLength', '8192'],
      ],
    });
    expect(status).toBe('0000');
    expect(Object.fromEntries(pairs)).toMatchObject({
      TargetPortalGroupTag: '7',
      HeaderDigest: 'CRC32C',
      DataDigest: 'None',
      InitialR2T: 'Yes',
      ImmediateData: 'No',
      MaxBurstLength: '65536',
      FirstBurstLength: '262144',
      MaxConnections: '1',
      ErrorRecoveryLevel: '0',
      DefaultTime2Wait: '3',
      MaxOutstandingR2T: '2',
      IFMarker: 'Reject',
      'X-com.example': 'NotUnderstood',
      MaxRecvDataSegmentLength: '262144',
    });
    expect(initiator.tsih).not.toBe(0);
    expect(target.target.sessions).toMatchObject([
      { initiatorName: rawInitiatorName, sessionType: 'Normal', isid: '400001370001', portalGroupTag: 7 },
    ]);
  });

  it('in one request, leaving the security stage out', async () => {
    const target = await startTarget();
    const initiator = await RawInitiator.connect(target);
    const { status, response } = await initiator.loginStep({ transit: true, currentStage: 1, nextStage: 3 }, [
      ['InitiatorName', rawInitiatorName],
      ['TargetName', testTargetName],
    ]);
    expect(status).toBe('0000');
    expect(response).toMatchObject({ transit: true, nextStage: 3 });
  });

  it('whose text comes in pieces with the C bit', async () => {
    const target = await startTarget();
    const initiator = await RawInitiator.connect(target);
    const half = await initiator.loginStep({ continue: true, currentStage: 1, nextStage: 0 }, [
      ['InitiatorName', rawInitiatorName],
    ]);
    expect(half).toMatchObject({ status: '0000', pairs: [], response: { transit: false, continue: false } });
    const whole = await initiator.loginStep({ transit: true, currentStage: 1, nextStage: 3 }, [
      ['TargetName', testTargetName],
    ]);
    expect(whole.response).toMatchObject({ transit: true, nextStage: 3 });
  });

  it.each([
    ['an unknown target', { targetName: 'iqn.2026-01.test:nobody' }, '0203'],
    ['no target in a normal session', { targetName: null }, '0207'],
    ['a TSIH of no session', { tsih: 77 }, '020a'],
  ])('refuses %s', async (_what, options, status) => {
    const target = await startTarget();
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login(options)).status).toBe(status);
    await initiator.closed();
    expect(target.target.sessions).toEqual([]);
  });

  it.each([
    ['no InitiatorName', {}, [['TargetName', testTargetName]], '0207'],
    ['a version that does not exist', { versionMin: 1 }, [['InitiatorName', rawInitiatorName]], '0205'],
    ['a stage that does not exist', { currentStage: 2 }, [['InitiatorName', rawInitiatorName]], '020b'],
    ['a step back', { transit: true, currentStage: 1, nextStage: 0 }, [['InitiatorName', rawInitiatorName]], '020b'],
    [
      'a session type that does not exist',
      {},
      [
        ['InitiatorName', 'iqn.2026-01.a:b'],
        ['SessionType', 'X'],
      ],
      '0209',
    ],
    ['text that is none', {}, [['', '']], '0200'],
  ] as const)('refuses %s', async (_what, fields, pairs, status) => {
    const target = await startTarget();
    const initiator = await RawInitiator.connect(target);
    const step = await initiator.loginStep({ currentStage: 0, ...fields }, pairs);
    expect(step.status).toBe(status);
    await initiator.closed();
  });

  it('ends when nothing comes, and when something else than a login comes', async () => {
    const slow = await startTarget({ loginTimeoutMs: 50 });
    const silent = await RawInitiator.connect(slow);
    await silent.closed();
    const target = await startTarget();
    const early = await RawInitiator.connect(target);
    early.send({ kind: 'nopOut', itt: 1, ttt: 0xffffffff });
    await early.closed();
    const garbled = await RawInitiator.connect(target);
    garbled.socket.write('SSH-2.0-OpenSSH_9.2\r\n');
    await garbled.closed();
    expect(target.target.connectionCount).toBe(0);
  });
});

describe('CHAP', () => {
  it('one-way', async () => {
    const target = await startTarget({ chap });
    const initiator = await RawInitiator.connect(target);
    const { status, pairs } = await initiator.login({ chap: { user: 'node1', secret } });
    expect(status).toBe('0000');
    expect(pairs).toContainEqual(['AuthMethod', 'CHAP']);
    expect(target.target.sessions).toMatchObject([{ authenticated: true }]);
  });

  it('mutual, and the target proves itself with its own name', async () => {
    const target = await startTarget({ chap });
    const initiator = await RawInitiator.connect(target);
    const { status, pairs } = await initiator.login({ chap: { user: 'node1', secret, mutualSecret } });
    expect(status).toBe('0000');
    expect(pairs).toContainEqual(['CHAP_N', 'array']);
  });

  it.each([
    ['5', '5'],
    ['6', '6'],
    ['7,5', '7'],
    ...(getHashes().includes('sha3-256') ? [['8,7', '8']] : []),
    ['99,7', '7'],
  ])('chooses from %s the algorithm %s', async (algorithms, chosen) => {
    const target = await startTarget({ chap });
    const initiator = await RawInitiator.connect(target);
    const { status, pairs } = await initiator.login({
      chap: { user: 'node1', secret, mutualSecret, algorithms: algorithms ?? '' },
    });
    expect(pairs).toContainEqual(['CHAP_A', chosen]);
    expect(status).toBe('0000');
  });

  it.each([
    ['a wrong secret', { user: 'node1', secret: 'something-else' }],
    ['a wrong name', { user: 'node2', secret }],
    ['an algorithm that is not known', { user: 'node1', secret, algorithms: '99' }],
    ['its own challenge sent back', { user: 'node1', secret, mutualSecret, reflect: true }],
  ])('refuses %s', async (_what, credentials) => {
    const target = await startTarget({ chap });
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login({ chap: credentials })).status).toBe('0201');
    await initiator.closed();
  });

  it('refuses an initiator that leaves it out, in either stage', async () => {
    const target = await startTarget({ chap });
    const polite = await RawInitiator.connect(target);
    expect((await polite.login()).status).toBe('0201');
    const hasty = await RawInitiator.connect(target);
    const step = await hasty.loginStep({ transit: true, currentStage: 1, nextStage: 3 }, [
      ['InitiatorName', rawInitiatorName],
      ['TargetName', testTargetName],
    ]);
    expect(step.status).toBe('0201');
    expect(target.target.sessions).toEqual([]);
  });

  it('does not let an initiator jump over the proof', async () => {
    const target = await startTarget({ chap });
    const initiator = await RawInitiator.connect(target);
    const first = await initiator.loginStep({ transit: true, currentStage: 0, nextStage: 3 }, [
      ['InitiatorName', rawInitiatorName],
      ['TargetName', testTargetName],
      ['AuthMethod', 'CHAP'],
    ]);
    expect(first.response.transit).toBe(false);
    const second = await initiator.loginStep({ transit: true, currentStage: 1, nextStage: 3 }, []);
    expect(second.status).toBe('020b');
  });

  it('one-way only, when mutual is asked: refused', async () => {
    const target = await startTarget({ chap: { initiator: chap.initiator, target: null } });
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login({ chap: { user: 'node1', secret, mutualSecret } })).status).toBe('0201');
  });
});

describe('admission', () => {
  it('admits by name, and SendTargets shows nothing to others', async () => {
    const target = await startTarget({ admit: ['iqn.2026-01.test:friend'] });
    const stranger = await RawInitiator.connect(target);
    expect((await stranger.login()).status).toBe('0202');
    const friend = await openRawSession(target, { initiatorName: 'iqn.2026-01.test:friend' });
    expect(friend.tsih).not.toBe(0);
    const curious = await openRawSession(target, { sessionType: 'Discovery' });
    expect((await curious.text([['SendTargets', 'All']])).data.length).toBe(0);
  });

  it('is full after as many sessions as there is room for, but reinstates', async () => {
    const target = await startTarget({ maxSessions: 1 });
    await openRawSession(target);
    const second = await RawInitiator.connect(target);
    expect((await second.login({ isid: '400001370002' })).status).toBe('0302');
    await openRawSession(target);
    expect(target.target.sessions).toHaveLength(1);
  });
});

describe('sessions', () => {
  it('the same name and ISID reinstate: the old session ends, the new one hears of the loss', async () => {
    const target = await startTarget();
    const first = await openRawSession(target);
    await first.clearAttentions();
    const second = await openRawSession(target);
    await first.closed();
    expect(await second.clearAttentions()).toEqual(['29/7']);
    expect(target.target.sessions).toHaveLength(1);
    expect(target.events).toContainEqual(expect.objectContaining({ kind: 'login', reinstated: true }));
  });

  it.each([
    ['another ISID', { isid: '400001370002' }],
    ['another name', { initiatorName: 'iqn.2026-01.test:other' }],
  ])('%s is another session, and both live', async (_what, options) => {
    const target = await startTarget();
    const first = await openRawSession(target);
    await openRawSession(target, options);
    expect(target.target.sessions).toHaveLength(2);
    expect(await first.clearAttentions()).toEqual(['29/0']);
  });

  it('the same ISID at another portal group is another nexus', async () => {
    const target = await startTarget({ portalGroups: [1, 2] });
    await openRawSession(target.portals[0]!);
    await openRawSession(target.portals[1]!);
    expect(target.target.sessions.map((one) => one.portalGroupTag)).toEqual([1, 2]);
  });

  it('has no room for a second connection', async () => {
    const target = await startTarget();
    const first = await openRawSession(target);
    const second = await RawInitiator.connect(target);
    expect((await second.login({ tsih: first.tsih })).status).toBe('0206');
  });

  it('logs out, and a connection for recovery is not supported', async () => {
    const target = await startTarget();
    const initiator = await openRawSession(target);
    expect((await initiator.logout(2)).response).toBe(2);
    expect((await initiator.logout()).response).toBe(0);
    await initiator.closed();
    expect(target.target.sessions).toEqual([]);
  });
});
