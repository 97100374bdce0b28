import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discover, IscsiError, lunFromNumber, openSession, scsi, type Session } from '../../../main/iscsi/index.ts';
import { type CommandName } from '../../../main/rehearsal/faults/index.ts';
import { protocolSteps, type ProtocolStep } from '../../../main/rehearsal/faults/steps.ts';
import { stepFaults, type StepFault } from '../../../main/rehearsal/faults/faults.ts';
import { startTarget, type TestTarget, type TestTargetOptions } from '../../support/embedded-target.ts';
import { testInitiator, until } from '../../support/iscsi-conversations.ts';

/**
 * Our initiator against our embedded target, which does every fault at every step of discovery and session, without CHAP, with it and with mutual
 * CHAP; then at the answer to every SCSI command that the initiator has. What is broken ends in time with an error that names the place, what is not
 * reached passes, and nothing is left: no connection, no session, no socket, no timer.
 */

const lun = lunFromNumber(1);
const BLOCK = 512;
const chap = { name: 'node1', secret: 'initiator-secret' };
const mutual = { name: 'array', secret: 'target-secret-1' };
const asTarget = { initiator: { user: chap.name, secret: chap.secret } };

const ways = [
  { how: 'without CHAP', ours: undefined, theirs: undefined },
  { how: 'with CHAP', ours: chap, theirs: { ...asTarget, target: null } },
  {
    how: 'with mutual CHAP',
    ours: { ...chap, mutual },
    theirs: { ...asTarget, target: { user: mutual.name, secret: mutual.secret } },
  },
] as const;
type Way = (typeof ways)[number];

/** Every single deadline of a broken conversation. Measured below: what goes well on this machine must fit in easily. */
let deadlineMs = 400;
/** The longest chain: a command, its abort, the logout. */
const DEADLINES = 3;
const SLACK_MS = 4000;

const allTimeouts = (ms: number) => ({
  loginTimeoutMs: ms,
  commandTimeoutMs: ms,
  taskManagementTimeoutMs: ms,
  logoutTimeoutMs: ms,
});

const open = (target: TestTarget, ours: Way['ours'], ms: number, more: object = {}): Promise<Session> =>
  openSession({
    portal: { host: target.host, port: target.port },
    target: target.name,
    initiatorName: testInitiator,
    keepAliveMs: 0,
    ...allTimeouts(ms),
    ...(ours === undefined ? {} : { chap: ours }),
    ...more,
  });

interface Conversation {
  readonly name: 'discovery' | 'session';
  readonly lead: (target: TestTarget, ours: Way['ours'], ms: number) => Promise<void>;
}

const conversations: readonly Conversation[] = [
  {
    name: 'discovery',
    lead: async (target, ours, timeoutMs) => {
      const { targets } = await discover({
        portal: { host: target.host, port: target.port },
        initiatorName: testInitiator,
        timeoutMs,
        ...(ours === undefined ? {} : { chap: ours }),
      });
      expect(targets.map(({ name }) => name)).toEqual([target.name]);
    },
  },
  {
    name: 'session',
    lead: async (target, ours, ms) => {
      // No data without an R2T, so that there is one.
      const session = await open(target, ours, ms, { wishes: { InitialR2T: 'Yes', ImmediateData: 'No' } });
      try {
        expect(await scsi.testUnitReady(session, lun)).toMatchObject({ ok: true });
        expect(await scsi.write(session, lun, 3n, Buffer.alloc(BLOCK, 7), BLOCK)).toMatchObject({ ok: true });
        const read = await scsi.read(session, lun, { firstBlock: 3n, blocks: 1 }, BLOCK);
        expect(read).toMatchObject({ ok: true, value: Buffer.alloc(BLOCK, 7) });
        await session.ping(ms);
        expect(await session.manage('abortTaskSet', lun)).toBe('functionComplete');
        await session.logout();
      } finally {
        await session.close();
      }
    },
  },
];

const chapSteps: readonly ProtocolStep[] = ['chap-challenge', 'chap-result'];
const sessionSteps: readonly ProtocolStep[] = ['scsi-response', 'data-in', 'r2t', 'nop-in', 'task-management-response'];

/** Does the conversation come to this step? */
const comesTo = (conversation: Conversation, { ours }: Way, step: ProtocolStep): boolean => {
  if (step === 'login-operational') return false; // our initiator has nothing left to say there: its first request ends the stage
  if (chapSteps.includes(step)) return ours !== undefined;
  if (step === 'text-response') return conversation.name === 'discovery';
  return conversation.name === 'session' || !sessionSteps.includes(step);
};

/** Steps at which a fault does no harm, although it strikes. */
const isHarmless = (conversation: Conversation, step: ProtocolStep, fault: StepFault): boolean =>
  // The question is answered; how the discovery's goodbye is taken does not matter.
  (conversation.name === 'discovery' && step === 'logout-response') ||
  // Targets that know nothing but MD5 hang up on a list of algorithms: the login is made once more with MD5 alone.
  (step === 'chap-challenge' && (fault === 'cut' || fault === 'half'));

const codes: Record<StepFault, RegExp> = {
  stall: /^(COMMAND_)?TIMED_OUT$/,
  cut: /^CONNECTION_(CLOSED|LOST)$/,
  half: /^(CONNECTION_(CLOSED|LOST)|NOT_ISCSI)$/,
  garbage: /^(PDU_MALFORMED|NOT_ISCSI)$/,
  overlong: /^(PDU_TOO_LONG|NOT_ISCSI)$/,
  // The answer to a ping is the one that may be taken for the answer to nobody's: then the ping's time is over.
  'wrong-tag': /^(LOGIN_PROTOCOL_ERROR|DISCOVERY_FAILED|PROTOCOL_ERROR|TIMED_OUT)$/,
  reject: /^COMMAND_REJECTED$/,
};

const start = (fault: string | undefined, options: TestTargetOptions): Promise<TestTarget> =>
  startTarget(
    {
      luns: [{ lun: 1, sizeBytes: 1024n * 1024n, serial: 'QUORATE-TEST-1', thin: true }],
      powerOnAttention: false,
      // Whose patience ends is the initiator, however long that is on a busy machine.
      loginTimeoutMs: 600_000,
      faults: fault === undefined ? [] : [fault],
      ...options,
    },
    { closesItself: false },
  );

const inWords = (ending: unknown): string => (ending instanceof Error ? (ending.stack ?? '') : JSON.stringify(ending));

const LATE = 'it took';

/** A busy machine may be late; what does not keep its deadlines is late each time. */
const unlessLateOnce = async (attempt: () => Promise<string[]>, tries = 3): Promise<string[]> => {
  const wrong = await attempt();
  const isOnlyLate = wrong.length > 0 && wrong.every((what) => what.startsWith(LATE));
  return isOnlyLate && tries > 1 ? unlessLateOnce(attempt, tries - 1) : wrong;
};

/** What is wrong with how a conversation ended, in words; nothing when all is well. */
const judge = async (
  target: TestTarget,
  fault: StepFault,
  lead: () => Promise<void>,
  wanted: { readonly strikes: boolean; readonly breaks: boolean; readonly target: string | undefined },
): Promise<string[]> => {
  const started = performance.now();
  const ending: unknown = await lead().then(
    () => undefined,
    (error: unknown) => error,
  );
  const tookMs = performance.now() - started;
  const wrong: string[] = [];
  if (target.events.some((event) => event.kind === 'fault') !== wanted.strikes)
    wrong.push(wanted.strikes ? 'the step was not reached' : 'the step was reached');
  if (!wanted.breaks) {
    if (ending !== undefined) wrong.push(`it does not pass: ${inWords(ending)}`);
  } else if (!(ending instanceof IscsiError)) {
    wrong.push(`it ended with ${inWords(ending)}`);
  } else {
    if (!codes[fault].test(ending.code)) wrong.push(`it ended with ${ending.code}: ${ending.message}`);
    if (ending.portal !== `${target.host}:${target.port}`)
      wrong.push(`${ending.code} names the portal ${ending.portal}`);
    if (ending.target !== wanted.target) wrong.push(`${ending.code} names the target ${ending.target}`);
  }
  if (tookMs > DEADLINES * deadlineMs + SLACK_MS) wrong.push(`${LATE} ${Math.round(tookMs)} ms`);
  try {
    await until(() => target.target.connectionCount === 0, 'the end of all connections');
    if (target.target.sessions.length > 0) wrong.push('a session is left');
  } catch (error) {
    wrong.push(String(error));
  }
  return wrong;
};

// Everything that keeps a process alive; polled, because vitest has timers of its own that come and go.
const openThings = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout|GetAddrInfo)/.test(name)).length;
let openBefore = 0;

beforeAll(async () => {
  openBefore = openThings();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const target = await start(undefined, { chap: ways[2].theirs });
      await conversations[1]?.lead(target, ways[2].ours, 30_000);
      await target.close();
    }),
  );
  deadlineMs = Math.max(deadlineMs, Math.round(4 * (performance.now() - started)));
});

afterAll(async () => {
  await until(() => openThings() <= openBefore, `no more than the ${openBefore} sockets and timers of before`);
});

describe.concurrent.each(conversations)('$name', (conversation) => {
  describe.each(ways)('$how', (way) => {
    test.each(stepFaults)('%s at every step', async (fault) => {
      // At connect there is no PDU that could carry a wrong tag: such a fault is refused.
      const steps = (Object.keys(protocolSteps) as ProtocolStep[]).filter(
        (step) => fault !== 'wrong-tag' || step !== 'connect',
      );
      const endings = await Promise.all(
        steps.map(async (step) => {
          const theirs = way.theirs === undefined ? {} : { chap: way.theirs, discoveryChap: way.theirs };
          const strikes = comesTo(conversation, way, step);
          const wrong = await unlessLateOnce(async () => {
            const target = await start(`${fault}:${step}@1`, theirs);
            const found = await judge(target, fault, () => conversation.lead(target, way.ours, deadlineMs), {
              strikes,
              breaks: strikes && !isHarmless(conversation, step, fault),
              target: conversation.name === 'session' ? target.name : undefined,
            });
            await target.close();
            return found;
          });
          return wrong.map((what) => `${fault} at ${step}: ${what}`);
        }),
      );
      expect(endings.flat()).toEqual([]);
    });
  });
});

type Outcome = Promise<{ readonly ok: boolean; readonly status: number }>;
const key = 0x1234n;
const port = { protocol: 'iscsi', name: testInitiator, isid: undefined } as const;

/** Every function of the product that sends a command, by the step that answers it. `registered`: it needs a key first, `holds`: and a reservation. */
const commands: readonly {
  readonly step: CommandName;
  readonly what: string;
  readonly needs?: 'key' | 'reservation';
  readonly refused?: boolean;
  readonly send: (session: Session) => Outcome;
}[] = [
  { step: 'test-unit-ready', what: 'TEST UNIT READY', send: (s) => scsi.testUnitReady(s, lun) },
  { step: 'inquiry', what: 'INQUIRY', send: (s) => scsi.inquiry(s, lun) },
  { step: 'inquiry', what: 'VPD 00h', send: (s) => scsi.supportedVpdPages(s, lun) },
  { step: 'inquiry', what: 'VPD 80h', send: (s) => scsi.unitSerialNumber(s, lun) },
  { step: 'inquiry', what: 'VPD 83h', send: (s) => scsi.deviceIdentification(s, lun) },
  { step: 'inquiry', what: 'VPD B0h', send: (s) => scsi.blockLimits(s, lun) },
  { step: 'inquiry', what: 'VPD B1h', send: (s) => scsi.blockDeviceCharacteristics(s, lun) },
  { step: 'inquiry', what: 'VPD B2h', send: (s) => scsi.logicalBlockProvisioning(s, lun) },
  { step: 'read-capacity-10', what: 'READ CAPACITY (10)', send: (s) => scsi.readCapacity10(s, lun) },
  { step: 'read-capacity-16', what: 'READ CAPACITY (16)', send: (s) => scsi.readCapacity16(s, lun) },
  { step: 'report-luns', what: 'REPORT LUNS', send: (s) => scsi.reportLuns(s) },
  { step: 'mode-sense-6', what: 'MODE SENSE', send: (s) => scsi.modeSense(s, lun) },
  { step: 'report-target-port-groups', what: 'TARGET PORT GROUPS', send: (s) => scsi.reportTargetPortGroups(s, lun) },
  {
    step: 'read-10',
    what: 'READ (10)',
    send: (s) => scsi.read(s, lun, { firstBlock: 0n, blocks: 4 }, BLOCK, { form: 10 }),
  },
  {
    step: 'read-16',
    what: 'READ (16)',
    send: (s) => scsi.read(s, lun, { firstBlock: 0n, blocks: 4 }, BLOCK, { form: 16 }),
  },
  { step: 'write-10', what: 'WRITE (10)', send: (s) => scsi.write(s, lun, 0n, Buffer.alloc(4096), BLOCK) },
  {
    step: 'write-16',
    what: 'WRITE (16)',
    send: (s) => scsi.write(s, lun, 0n, Buffer.alloc(4096), BLOCK, { form: 16 }),
  },
  {
    step: 'write-10',
    what: 'WRITE (10) of more than FirstBurstLength',
    send: (s) => scsi.write(s, lun, 0n, Buffer.alloc(400 * 1024), BLOCK),
  },
  { step: 'synchronize-cache-10', what: 'SYNCHRONIZE CACHE', send: (s) => scsi.synchronizeCache(s, lun) },
  { step: 'unmap', what: 'UNMAP', send: (s) => scsi.unmap(s, lun, [{ firstBlock: 0n, blocks: 8 }]) },
  {
    step: 'write-same-16',
    what: 'WRITE SAME (16)',
    send: (s) => scsi.writeSame(s, lun, { firstBlock: 0n, blocks: 8 }, Buffer.alloc(BLOCK)),
  },
  { step: 'persistent-reserve-in', what: 'READ KEYS', send: (s) => scsi.readKeys(s, lun) },
  { step: 'persistent-reserve-in', what: 'READ RESERVATION', send: (s) => scsi.readReservation(s, lun) },
  { step: 'persistent-reserve-in', what: 'REPORT CAPABILITIES', send: (s) => scsi.reportCapabilities(s, lun) },
  { step: 'persistent-reserve-in', what: 'READ FULL STATUS', send: (s) => scsi.readFullStatus(s, lun) },
  {
    step: 'persistent-reserve-out',
    what: 'REGISTER',
    send: (s) => scsi.persistentReserveOut(s, lun, { action: 'register', serviceActionKey: key }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'REGISTER AND IGNORE EXISTING KEY',
    send: (s) => scsi.persistentReserveOut(s, lun, { action: 'registerAndIgnoreExistingKey', serviceActionKey: key }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'RESERVE',
    needs: 'key',
    send: (s) => scsi.persistentReserveOut(s, lun, { action: 'reserve', key, type: 'writeExclusive' }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'RELEASE',
    needs: 'reservation',
    send: (s) => scsi.persistentReserveOut(s, lun, { action: 'release', key, type: 'writeExclusive' }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'CLEAR',
    needs: 'reservation',
    send: (s) => scsi.persistentReserveOut(s, lun, { action: 'clear', key }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'PREEMPT',
    needs: 'reservation',
    send: (s) =>
      scsi.persistentReserveOut(s, lun, { action: 'preempt', key, serviceActionKey: key, type: 'exclusiveAccess' }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'PREEMPT AND ABORT',
    needs: 'reservation',
    send: (s) =>
      scsi.persistentReserveOut(s, lun, {
        action: 'preemptAndAbort',
        key,
        serviceActionKey: key,
        type: 'exclusiveAccess',
      }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'REPLACE LOST RESERVATION',
    refused: true,
    send: (s) =>
      scsi.persistentReserveOut(s, lun, {
        action: 'replaceLostReservation',
        key,
        serviceActionKey: key,
        type: 'writeExclusive',
      }),
  },
  {
    step: 'persistent-reserve-out',
    what: 'REGISTER AND MOVE to a port that there is not',
    needs: 'reservation',
    refused: true,
    send: (s) =>
      scsi.registerAndMove(s, lun, 'writeExclusive', {
        key,
        serviceActionKey: 9n,
        unregister: false,
        persistThroughPowerLoss: false,
        relativeTargetPort: 77,
        transportId: port,
      }),
  },
];

const prepare = async (session: Session, needs: 'key' | 'reservation' | undefined): Promise<void> => {
  if (needs === undefined) return;
  const registered = await scsi.persistentReserveOut(session, lun, { action: 'register', serviceActionKey: key });
  expect(registered.ok).toBe(true);
  if (needs === 'key') return;
  const type = 'writeExclusive';
  expect((await scsi.persistentReserveOut(session, lun, { action: 'reserve', key, type })).ok).toBe(true);
};

test.each(commands)('$what in health', async ({ needs, refused, send }) => {
  const target = await start(undefined, {});
  const session = await open(target, undefined, 30_000);
  try {
    await prepare(session, needs);
    expect((await send(session)).ok).toBe(refused !== true);
    await session.logout();
  } finally {
    await session.close();
    await target.close();
  }
});

describe.concurrent('every command', () => {
  test.each(stepFaults)('%s at its answer', async (fault) => {
    const endings = await Promise.all(
      commands.map(async ({ step, what, needs, send }) => {
        const wrong = await unlessLateOnce(async () => {
          const target = await start(undefined, {});
          let session: Session | undefined;
          const found = await judge(
            target,
            fault,
            async () => {
              session = await open(target, undefined, 30_000);
              try {
                await prepare(session, needs);
                target.faults.add(`${fault}:command-${step}@1`);
                await send({
                  execute: (command) => session!.execute({ ...command, timeoutMs: deadlineMs }),
                  place: session.place,
                } as Session);
              } catch (error) {
                // A command that was refused is the only one that ends, and the session serves on.
                if (fault === 'reject')
                  expect((await scsi.testUnitReady(session, lun, { timeoutMs: 5000 })).ok).toBe(true);
                if (!(error instanceof IscsiError) || error.lun !== (step === 'report-luns' ? '0' : '1')) {
                  throw new Error('the error names no LUN', { cause: error });
                }
                throw error;
              } finally {
                if (fault === 'stall') session.drop();
                else await session.close();
              }
            },
            { strikes: true, breaks: true, target: target.name },
          );
          await target.close();
          return found;
        });
        return wrong.map((one) => `${what}: ${one}`);
      }),
    );
    expect(endings.flat()).toEqual([]);
  });
});
