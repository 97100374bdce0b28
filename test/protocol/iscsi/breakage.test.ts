import { describe, expect, test } from 'vitest';
import { IscsiError, lunFromNumber, scsi, type OpenSessionOptions } from '../../../main/iscsi/index.ts';
import type { FakeTarget, FakeTargetOptions, Step, StepAction } from '../../support/fake-iscsi-target.ts';
import { discoverAt, openAt, startFakeTarget } from '../../support/iscsi-conversations.ts';

/**
 * Every conversation is broken at every step. First each is led in health, which gives the names of its steps; then again for each step and
 * each way to break it. It must end with an IscsiError that names the portal, in time, with nothing left behind (`startFakeTarget` looks).
 */

const TIMEOUT_MS = 300;
/** For the conversations in health, which must come to their end on a busy machine too. */
const HEALTHY_MS = 10_000;
const lun = lunFromNumber(0);
const chap = { name: 'node1', secret: 'the secret of node1' };
const mutual = { name: 'fake', secret: 'the secret of fake' };

const open = (
  target: FakeTarget,
  more: Partial<OpenSessionOptions> = {},
  timeoutMs = TIMEOUT_MS,
): ReturnType<typeof openAt> =>
  openAt(target, {
    loginTimeoutMs: timeoutMs,
    commandTimeoutMs: timeoutMs,
    taskManagementTimeoutMs: timeoutMs,
    logoutTimeoutMs: timeoutMs,
    ...more,
  });

interface Conversation {
  readonly name: string;
  readonly options: FakeTargetOptions;
  readonly lead: (target: FakeTarget, timeoutMs: number) => Promise<void>;
  /** Steps after which the caller has what it wanted: their loss is no error. */
  readonly mayBeLost?: readonly string[];
}

const CONVERSATIONS: readonly Conversation[] = [
  {
    name: 'discovery',
    options: { textPieceBytes: 20 },
    lead: async (target, timeoutMs) => {
      await discoverAt(target, { timeoutMs });
    },
    mayBeLost: ['logoutResponse 1'],
  },
  {
    name: 'discovery with mutual CHAP',
    options: { chap: { ...chap, mutual } },
    lead: async (target, timeoutMs) => {
      await discoverAt(target, { timeoutMs, chap: { ...chap, mutual } });
    },
    mayBeLost: ['logoutResponse 1'],
  },
  {
    name: 'login and logout',
    options: {},
    lead: async (target, timeoutMs) => (await open(target, {}, timeoutMs)).logout(),
  },
  {
    name: 'login with CHAP and logout',
    options: { chap },
    lead: async (target, timeoutMs) => (await open(target, { chap }, timeoutMs)).logout(),
  },
  {
    name: 'login with mutual CHAP and logout',
    options: { chap: { ...chap, mutual } },
    lead: async (target, timeoutMs) => (await open(target, { chap: { ...chap, mutual } }, timeoutMs)).logout(),
  },
  {
    name: 'a read in three pieces, with digests',
    options: { wishes: { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' }, phaseCollapse: false },
    lead: async (target, timeoutMs) => {
      const session = await open(target, { wishes: { MaxRecvDataSegmentLength: '512' } }, timeoutMs);
      const outcome = await scsi.read(session, lun, { firstBlock: 0n, blocks: 3 }, 512);
      expect(outcome.ok).toBe(true);
      await session.logout();
    },
  },
  {
    name: 'a write in two bursts',
    options: { wishes: { ImmediateData: 'No', MaxBurstLength: '1024' } },
    lead: async (target, timeoutMs) => {
      const session = await open(target, {}, timeoutMs);
      const outcome = await scsi.write(session, lun, 0n, Buffer.alloc(2048), 512);
      expect(outcome.ok).toBe(true);
      await session.logout();
    },
  },
  {
    name: 'a ping and a reset',
    options: {},
    lead: async (target, timeoutMs) => {
      const session = await open(target, {}, timeoutMs);
      await session.ping(timeoutMs);
      expect(await session.manage('logicalUnitReset', lun)).toBe('functionComplete');
      await session.logout();
    },
  },
];

/** Ways to break a step. Garbage: what is no PDU, a PDU cut in half and then silence, one cut in half and then the end. */
const WAYS: readonly (readonly [string, (step: Step) => StepAction])[] = [
  ['cut', () => 'cut'],
  ['stall', () => 'stall'],
  ['garbage', () => Buffer.alloc(4096, 0xa5)],
  ['zeroes', () => Buffer.alloc(4096)],
  ['half a PDU', ({ bytes }) => bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2)))],
  [
    'half a PDU and a cut',
    ({ bytes, connection }) => {
      connection.socket.end(bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2))));
      return 'stall';
    },
  ],
  [
    'a length of 16 MiB',
    ({ bytes }) => {
      const long = Buffer.from(bytes.length === 0 ? Buffer.alloc(48, 0x20) : bytes);
      long.writeUIntBE(0xffffff, 5, 3);
      return long;
    },
  ],
];

const stepsOf = async (conversation: Conversation): Promise<string[]> => {
  const steps: string[] = [];
  const target = await startFakeTarget({
    ...conversation.options,
    onStep: ({ name }) => {
      steps.push(name);
      return 'send';
    },
  });
  await conversation.lead(target, HEALTHY_MS);
  return steps;
};

describe.each(CONVERSATIONS)('$name', (conversation) => {
  test.each(WAYS)('%s after every step', async (way, breakStep) => {
    const steps = await stepsOf(conversation);
    expect(steps.length).toBeGreaterThan(3);
    const endings: string[] = [];
    // Side by side, or a stall at each step would take its time-out each.
    const breakAt = async (step: string, tries = 3): Promise<void> => {
      const target = await startFakeTarget({
        ...conversation.options,
        onStep: (current) => (current.name === step ? breakStep(current) : 'send'),
      });
      const started = performance.now();
      const ending: unknown = await conversation.lead(target, TIMEOUT_MS).then(
        () => 'well',
        (error: unknown) => error,
      );
      const tookMs = performance.now() - started;
      // One deadline for the login, one for the command, one for the abort, one for the logout; and room for a busy machine, which may be late once more.
      const isLate = tookMs > 4 * TIMEOUT_MS + 5000;
      if (isLate && tries > 1) return breakAt(step, tries - 1);
      if (conversation.mayBeLost?.includes(step) === true && ending === 'well') return;
      if (!(ending instanceof IscsiError)) {
        endings.push(`${way} at ${step}: ${ending instanceof Error ? (ending.stack ?? '') : String(ending)}`);
        return;
      }
      if (ending.portal !== target.portal) endings.push(`${way} at ${step}: no portal in ${ending.code}`);
      if (isLate) endings.push(`${way} at ${step}: ${Math.round(tookMs)} ms`);
    };
    await Promise.all(steps.map((step) => breakAt(step)));
    expect(endings).toEqual([]);
  });
});

describe('the error says what was broken', () => {
  const breaking = (step: string, action: StepAction): Promise<FakeTarget> =>
    startFakeTarget({
      chap: { ...chap, mutual },
      onStep: ({ name }) => (name === step ? action : 'send'),
    });

  test.each([
    ['loginResponse 1', 'the answer to the first login request'],
    ['loginResponse 2', 'the CHAP challenge'],
    ['loginResponse 3', 'the answer to the CHAP response'],
    ['loginResponse 4', 'the answer to the operational parameters'],
  ])('a stall at %s', async (step, waitingFor) => {
    const target = await breaking(step, 'stall');
    await expect(open(target, { chap: { ...chap, mutual } })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      phase: 'login',
      portal: target.portal,
      target: target.name,
      detail: { waitingFor, timeoutMs: TIMEOUT_MS },
    });
    const cut = await breaking(step, 'cut');
    await expect(open(cut, { chap: { ...chap, mutual } })).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      detail: { waitingFor },
    });
  });

  test('a stall in the logout', async () => {
    const target = await breaking('logoutResponse 1', 'stall');
    const session = await open(target, { chap: { ...chap, mutual } });
    await expect(session.logout()).rejects.toMatchObject({ code: 'TIMED_OUT', phase: 'logout' });
  });

  test('a cut in a command ends all that are under way with the same error', async () => {
    const target = await breaking('scsiResponse 1', 'cut');
    const session = await open(target, { chap: { ...chap, mutual } });
    const commands = await Promise.allSettled([scsi.testUnitReady(session, lun), scsi.testUnitReady(session, lun)]);
    expect(commands.map((one) => one.status === 'rejected' && (one.reason as IscsiError).code)).toEqual([
      'CONNECTION_CLOSED',
      'CONNECTION_CLOSED',
    ]);
    expect(await session.closed).toMatchObject({ code: 'CONNECTION_CLOSED', target: target.name });
  });
});
