import { expect, it } from 'vitest';
import { encodePdu, lunFromNumber, RESERVED_TAG, type PduOf } from '../../../main/iscsi/index.ts';
import { startTarget, testTargetName, type TestTarget } from '../../support/embedded-target.ts';
import { until } from '../../support/iscsi-conversations.ts';
import { openRawSession, RawInitiator, rawInitiatorName } from '../../support/raw-initiator.ts';
import { computeProof, type Proof } from '../../support/raw-chap.ts';
import { measuredUntil } from '../../support/measured.ts';

/**
 * Initiators that cut, stall or talk garbage after each of their own steps: the target drops that connection and no other, serves on, and keeps
 * no session, no command and no memory of it.
 */

const secret = 'initiator-secret';
const mutualSecret = 'target-secret-1';
const chap = { initiator: { user: 'node1', secret }, target: { user: 'array', secret: mutualSecret } };
const lun = lunFromNumber(1);
/** How long a stalled login is borne: all that goes well must fit in. Where a busy machine let it pass, it is three times as long the next time. */
const STALLED_LOGIN_MS = 1200;
/** Blocks that the write of one attempt takes. */
const BLOCKS = 600;

interface Step {
  readonly name: string;
  /** Sends the PDU of the step. */
  send(initiator: RawInitiator): void;
  /** Waits for what the target answers, so that the next step can follow. */
  settle(initiator: RawInitiator): Promise<unknown>;
}

interface Script {
  readonly name: string;
  readonly chap: boolean;
  readonly make: (isid: string, firstBlock: number) => readonly Step[];
}

const login = (
  name: string,
  isid: string,
  fields: Partial<PduOf<'loginRequest'>>,
  pairs: (initiator: RawInitiator) => readonly (readonly [string, string])[],
): Step => ({
  name,
  send: (initiator) => initiator.sendLogin({ isid: Buffer.from(isid, 'hex'), ...fields }, pairs(initiator)),
  settle: async (initiator) => {
    initiator.lastLogin = await initiator.take('loginResponse');
    expect(initiator.lastLogin).toMatchObject({ statusClass: 0 });
  },
});

const names = (type: 'Normal' | 'Discovery'): readonly (readonly [string, string])[] => [
  ['InitiatorName', rawInitiatorName],
  ['SessionType', type],
  ...(type === 'Normal' ? [['TargetName', testTargetName] as const] : []),
];

const loginSteps = (isid: string, type: 'Normal' | 'Discovery', mutual: boolean | undefined): Step[] => {
  const last = login('the operational parameters', isid, { transit: true, currentStage: 1, nextStage: 3 }, () => [
    ['MaxRecvDataSegmentLength', '65536'],
    ['InitialR2T', 'No'],
    ['ImmediateData', 'Yes'],
  ]);
  if (mutual === undefined) {
    return [
      login('the first request', isid, { transit: true, currentStage: 0, nextStage: 1 }, () => [
        ...names(type),
        ['AuthMethod', 'None'],
      ]),
      last,
    ];
  }
  const proof = (initiator: RawInitiator): Proof => computeProof(initiator.lastLogin, secret);
  return [
    login('the first request', isid, { currentStage: 0 }, () => [...names(type), ['AuthMethod', 'CHAP']]),
    login('the CHAP algorithms', isid, { currentStage: 0 }, () => [['CHAP_A', '5']]),
    login('the CHAP response', isid, { transit: true, currentStage: 0, nextStage: 1 }, (initiator) => [
      ['CHAP_N', 'node1'],
      ['CHAP_R', proof(initiator)],
      ...(mutual
        ? ([
            ['CHAP_I', '7'],
            ['CHAP_C', '0x00112233445566778899aabbccddeeff'],
          ] as const)
        : []),
    ]),
    last,
  ];
};

const numbers = (initiator: RawInitiator): { readonly cmdSn: number; readonly expStatSn: number } => ({
  cmdSn: initiator.cmdSn++,
  expStatSn: initiator.expStatSn,
});

const logout: Step = {
  name: 'the logout',
  send: (initiator) => initiator.send({ kind: 'logoutRequest', reason: 0, itt: 900, ...numbers(initiator) }),
  settle: (initiator) => initiator.take('logoutResponse'),
};

const sendTargets: Step = {
  name: 'SendTargets',
  send: (initiator) =>
    initiator.send({
      kind: 'textRequest',
      final: true,
      itt: 800,
      ttt: RESERVED_TAG,
      ...numbers(initiator),
      data: Buffer.from('SendTargets=All\0'),
    }),
  settle: (initiator) => initiator.take('textResponse'),
};

const bytes = BLOCKS * 512;

/** WRITE (10) or READ (10) as hexadecimal digits. */
const writeOf = (firstBlock: number): string => `2a00${firstBlock.toString(16).padStart(8, '0')}00025800`;
const readOf = (firstBlock: number): string => `2800${firstBlock.toString(16).padStart(8, '0')}00000100`;

const command = (
  itt: number,
  initiator: RawInitiator,
  cdb: string,
  more: Partial<Omit<PduOf<'scsiCommand'>, 'kind' | 'ahs'>>,
): void =>
  initiator.send({
    kind: 'scsiCommand',
    final: true,
    lun,
    itt,
    taskAttribute: 1,
    cdb: Buffer.from(cdb, 'hex'),
    ...numbers(initiator),
    ...more,
  });

const dataOut = (initiator: RawInitiator, fields: Partial<Omit<PduOf<'dataOut'>, 'kind' | 'ahs'>>): void =>
  initiator.send({ kind: 'dataOut', lun: 0n, itt: 3, expStatSn: initiator.expStatSn, ...fields });

/** What a session does: a command, a write with immediate, unsolicited and solicited data, a ping, a request for task management, a logout. */
const fullFeature = (firstBlock: number): readonly Step[] => [
  {
    name: 'TEST UNIT READY',
    send: (initiator) => command(1, initiator, '000000000000', {}),
    settle: (initiator) => initiator.finishCommand(1),
  },
  {
    name: 'INQUIRY',
    send: (initiator) => command(2, initiator, '12000000ff00', { read: true, expectedDataTransferLength: 255 }),
    settle: (initiator) => initiator.finishCommand(2),
  },
  {
    name: 'WRITE with immediate data and more to come',
    send: (initiator) =>
      command(3, initiator, writeOf(firstBlock), {
        write: true,
        final: false,
        expectedDataTransferLength: bytes,
        data: Buffer.alloc(4096, 0xbb),
      }),
    settle: () => Promise.resolve(),
  },
  {
    name: 'unsolicited Data-Out',
    send: (initiator) =>
      dataOut(initiator, {
        final: true,
        ttt: RESERVED_TAG,
        dataSn: 0,
        bufferOffset: 4096,
        data: Buffer.alloc(61_440, 0xbb),
      }),
    settle: (initiator) => initiator.waitFor(() => r2tOf(initiator), 'an R2T'),
  },
  {
    name: 'the first solicited Data-Out',
    send: (initiator) => {
      const { ttt, bufferOffset } = r2tOf(initiator) ?? { ttt: 0, bufferOffset: 0 };
      dataOut(initiator, { final: false, lun, ttt, dataSn: 0, bufferOffset, data: Buffer.alloc(65_536, 0xbb) });
    },
    settle: () => Promise.resolve(),
  },
  {
    name: 'the last solicited Data-Out',
    send: (initiator) => {
      const { ttt, bufferOffset, desiredDataTransferLength } = r2tOf(initiator)!;
      dataOut(initiator, {
        final: true,
        lun,
        ttt,
        dataSn: 1,
        bufferOffset: bufferOffset + 65_536,
        data: Buffer.alloc(desiredDataTransferLength - 65_536, 0xbb),
      });
    },
    settle: (initiator) => initiator.take('scsiResponse'),
  },
  {
    name: 'a ping',
    send: (initiator) => initiator.send({ kind: 'nopOut', itt: 500, ttt: RESERVED_TAG, ...numbers(initiator) }),
    settle: (initiator) => initiator.take('nopIn'),
  },
  {
    name: 'task management',
    send: (initiator) =>
      initiator.send({
        kind: 'taskManagementRequest',
        immediate: true,
        function: 2,
        lun,
        itt: 600,
        referencedTaskTag: RESERVED_TAG,
        cmdSn: initiator.cmdSn,
        expStatSn: initiator.expStatSn,
      }),
    settle: (initiator) => initiator.take('taskManagementResponse'),
  },
  logout,
];

const r2tOf = (initiator: RawInitiator): PduOf<'r2t'> | undefined =>
  initiator.received.find((pdu): pdu is PduOf<'r2t'> => pdu.kind === 'r2t');

const scripts: readonly Script[] = [
  {
    name: 'a session',
    chap: false,
    make: (isid, firstBlock) => [...loginSteps(isid, 'Normal', undefined), ...fullFeature(firstBlock)],
  },
  { name: 'a session with CHAP', chap: true, make: (isid) => [...loginSteps(isid, 'Normal', false), logout] },
  { name: 'a session with mutual CHAP', chap: true, make: (isid) => [...loginSteps(isid, 'Normal', true), logout] },
  {
    name: 'a discovery',
    chap: false,
    make: (isid) => [...loginSteps(isid, 'Discovery', undefined), sendTargets, logout],
  },
  {
    name: 'a discovery with mutual CHAP',
    chap: true,
    make: (isid) => [...loginSteps(isid, 'Discovery', true), sendTargets, logout],
  },
];

const half = (cmdSn: number): Buffer =>
  encodePdu({ kind: 'textRequest', final: true, itt: 77, ttt: RESERVED_TAG, cmdSn, data: Buffer.alloc(64) }).subarray(
    0,
    70,
  );

interface Break {
  readonly how: string;
  /** When the target itself ends the connection. A silent initiator in the full feature phase is only idle, and may be. */
  readonly ends: 'always' | 'in the login';
  readonly act: (initiator: RawInitiator) => void;
}

const breaks: readonly Break[] = [
  { how: 'a cut', ends: 'always', act: (initiator) => initiator.socket.destroy() },
  { how: 'an end', ends: 'always', act: (initiator) => initiator.socket.end() },
  { how: 'a reset', ends: 'always', act: (initiator) => initiator.socket.resetAndDestroy() },
  { how: 'a stall', ends: 'in the login', act: () => undefined },
  {
    how: 'half a PDU and a stall',
    ends: 'in the login',
    act: (initiator) => initiator.socket.write(half(initiator.cmdSn)),
  },
  {
    how: 'half a PDU and an end',
    ends: 'always',
    act: (initiator) => initiator.socket.end(half(initiator.cmdSn)),
  },
  { how: 'garbage', ends: 'always', act: (initiator) => initiator.socket.write(Buffer.alloc(4096, 0xa5)) },
  {
    how: 'a data segment of 16 MiB',
    ends: 'always',
    act: (initiator) => {
      const long = encodePdu({ kind: 'nopOut', itt: 1, ttt: RESERVED_TAG, cmdSn: initiator.cmdSn });
      long.writeUIntBE(0xffffff, 5, 3);
      initiator.socket.write(long);
    },
  },
];

const start = (isGuarded: boolean, loginTimeoutMs: number): Promise<TestTarget> =>
  startTarget({ powerOnAttention: false, loginTimeoutMs, ...(isGuarded ? { chap, discoveryChap: chap } : {}) });

it.each(scripts)('$name in health', async ({ chap: isGuarded, make }) => {
  const target = await start(isGuarded, 120_000);
  const initiator = await RawInitiator.connect(target);
  for (const step of make('40000137aaaa', 0)) {
    step.send(initiator);
    await step.settle(initiator);
  }
  await initiator.closed();
});

/** All that goes wrong in one script with one way of breaking: a connection for each step, and one on which nothing is said at all. */
const breakEverywhere = async (
  { chap: isGuarded, make }: Script,
  { ends, act }: Break,
  stalledMs: number,
): Promise<void> => {
  const target = await start(isGuarded, ends === 'always' ? 120_000 : stalledMs);
  const bystander = await openRawSession(target, {
    isid: '40000137ffff',
    ...(isGuarded ? { chap: { user: 'node1', secret } } : {}),
  });
  const settled = (wanted: number): Promise<void> =>
    until(() => target.target.connectionCount === wanted, `${wanted} connections`);
  const lasting: RawInitiator[] = [];
  await Promise.all(
    [-1, ...make('', 0).keys()].map(async (last, attempt) => {
      const initiator = await RawInitiator.connect(target);
      const script = make(`40000137000${attempt.toString(16)}`, attempt * BLOCKS).slice(0, last + 1);
      for (const [index, step] of script.entries()) {
        step.send(initiator);
        if (index < last) await step.settle(initiator);
      }
      const isInLogin = script.every((step) => step.name !== 'the operational parameters');
      const isLoggedOut = script.at(-1) === logout;
      act(initiator);
      if (ends === 'always' || isInLogin || isLoggedOut) await initiator.closed();
      else lasting.push(initiator);
      expect((await bystander.command('000000000000')).status).toBe(0);
    }),
  );
  await settled(1 + lasting.length);
  // Whoever is only silent is still there, and its end leaves nothing either.
  expect((await bystander.command('12000000ff00', { expectedLength: 255 })).status).toBe(0);
  for (const initiator of lasting) initiator.close();
  await settled(1);
  expect(target.target.sessions.map(({ isid }) => isid)).toEqual(['40000137ffff']);
  expect(target.events.filter((event) => 'because' in event && event.because.includes('defect'))).toEqual([]);
  // A write that was not all there has changed nothing, one that was has.
  const names = make('', 0).map((step) => step.name);
  const whole = names.indexOf('the last solicited Data-Out');
  for (const [attempt, last] of (whole < 0 ? [] : [-1, ...names.keys()]).entries()) {
    const { data } = await bystander.command(readOf(attempt * BLOCKS), { expectedLength: 512 });
    if (last !== whole) expect([names[last], data[0]]).toEqual([names[last], last > whole ? 0xbb : 0]);
  }
  bystander.close();
  await settled(0);
  expect(target.target.sessions).toEqual([]);
};

it.each(breaks)('$how after every step of every script', async (way) => {
  const breakAll = (stalledMs: number): Promise<unknown> =>
    Promise.all(scripts.map((script) => breakEverywhere(script, way, stalledMs)));
  if (way.ends === 'always') await breakAll(STALLED_LOGIN_MS);
  else
    await measuredUntil(
      (attempt) =>
        breakAll(STALLED_LOGIN_MS * 3 ** (attempt - 1)).then(
          () => 'well',
          (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
        ),
      (ending) => expect(ending).toBe('well'),
      3,
    );
});
