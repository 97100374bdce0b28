import { expect, test } from 'vitest';
import {
  encodeDeviceIdentification,
  encodeReportLuns,
  encodeText,
  IscsiError,
  lunFromNumber,
  scsi,
  type OpenSessionOptions,
  type Session,
} from '../../../main/iscsi/index.ts';
import type { FakeTarget, FakeTargetOptions, Step, StepAction } from '../../support/fake-iscsi-target.ts';
import { discoverAt, openAt, startFakeTarget, until } from '../../support/iscsi-conversations.ts';

/**
 * breakage.test.ts breaks the plain conversations; these are the ones with a turn in them: unsolicited data, a redirect, the second login without
 * SHA-256, an abort, questions that are asked again. A step is named `which target . which of its connections . which PDU`.
 */

const SHORT_MS = 500;
const HEALTHY_MS = 10_000;
const lun = lunFromNumber(0);
const chap = { name: 'node1', secret: 'the secret of node1' };

interface Conversation {
  readonly name: string;
  /** The targets, the one that is asked first; each may point to those that come after it. */
  readonly targets: readonly ((later: readonly FakeTarget[]) => FakeTargetOptions)[];
  readonly lead: (target: FakeTarget, last: FakeTarget, timeoutMs: number) => Promise<void>;
  /** Discovery has no target to name. */
  readonly namesTarget: boolean;
  readonly mayBeLost?: RegExp;
  /** Where a target that hangs up is asked once more, because those that know nothing but MD5 do so at a list of algorithms. */
  readonly isAskedAgainAt?: string;
}

const open = (target: FakeTarget, ms: number, more: Partial<OpenSessionOptions> = {}): Promise<Session> =>
  openAt(target, {
    loginTimeoutMs: ms,
    commandTimeoutMs: ms,
    taskManagementTimeoutMs: ms,
    logoutTimeoutMs: ms,
    ...more,
  });

/** Sends every login elsewhere: RFC 7143 section 11.13.5, 0101h for now and 0102h for good. */
const redirecting =
  (statusDetail: 1 | 2) =>
  (later: readonly FakeTarget[]): FakeTargetOptions => ({
    onPdu: (pdu, connection) => {
      if (pdu.kind !== 'loginRequest') return false;
      connection.send({
        kind: 'loginResponse',
        isid: pdu.isid,
        itt: pdu.itt,
        statusClass: 1,
        statusDetail,
        data: encodeText([['TargetAddress', `${later[0]?.portal ?? ''},1`]]),
      });
      return true;
    },
  });

const plain = (): FakeTargetOptions => ({});

const CONVERSATIONS: readonly Conversation[] = [
  {
    name: 'a write with unsolicited Data-Out and an R2T',
    namesTarget: true,
    targets: [
      () => ({ wishes: { InitialR2T: 'No', ImmediateData: 'No', FirstBurstLength: '2048', MaxBurstLength: '2048' } }),
    ],
    lead: async (target, _last, ms) => {
      const session = await open(target, ms);
      expect((await scsi.write(session, lun, 0n, Buffer.alloc(4096, 1), 512)).ok).toBe(true);
      await session.logout();
      expect(target.disk.subarray(0, 4097)).toEqual(Buffer.concat([Buffer.alloc(4096, 1), Buffer.alloc(1)]));
    },
  },
  {
    name: 'a write with immediate and unsolicited data, with digests',
    namesTarget: true,
    targets: [
      () => ({
        wishes: {
          InitialR2T: 'No',
          ImmediateData: 'Yes',
          FirstBurstLength: '2048',
          MaxRecvDataSegmentLength: '512',
          HeaderDigest: 'CRC32C',
          DataDigest: 'CRC32C',
        },
      }),
    ],
    lead: async (target, _last, ms) => {
      const session = await open(target, ms);
      expect((await scsi.write(session, lun, 0n, Buffer.alloc(4096, 2), 512)).ok).toBe(true);
      await session.logout();
      expect(target.disk.subarray(0, 4096)).toEqual(Buffer.alloc(4096, 2));
    },
  },
  {
    name: 'a session over a redirect',
    namesTarget: true,
    targets: [redirecting(1), redirecting(2), plain],
    lead: async (target, last, ms) => {
      const session = await open(target, ms);
      expect(session.info.redirects.map(({ permanent }) => permanent)).toEqual([false, true]);
      expect(session.info.portal).toBe(last.portal);
      await session.logout();
    },
  },
  {
    name: 'a discovery over a redirect',
    namesTarget: false,
    targets: [redirecting(1), plain],
    lead: async (target, last, timeoutMs) => {
      expect((await discoverAt(target, { timeoutMs })).portal).toBe(last.portal);
    },
    mayBeLost: /logoutResponse/,
  },
  {
    name: 'a discovery with CHAP',
    namesTarget: false,
    targets: [() => ({ chap })],
    lead: async (target, _last, timeoutMs) => {
      expect(await discoverAt(target, { timeoutMs, chap })).toMatchObject({ authentication: 'chap' });
    },
    mayBeLost: /logoutResponse/,
    isAskedAgainAt: '0.0.loginResponse 2',
  },
  {
    name: 'a login once more without SHA-256',
    namesTarget: true,
    isAskedAgainAt: '0.0.loginResponse 2',
    targets: [() => ({ chap: { ...chap, misreadsSha256: true } })],
    lead: async (target, _last, ms) => {
      const session = await open(target, ms, { chap });
      expect(session.info).toMatchObject({ authentication: 'chap' });
      await session.logout();
      expect(target.connections).toHaveLength(2);
    },
  },
  {
    name: 'an abort of a command that is not answered',
    namesTarget: true,
    targets: [
      () => {
        let isFirst = true;
        return {
          onCommand: () => {
            const kept = isFirst;
            isFirst = false;
            return kept;
          },
        };
      },
    ],
    lead: async (target, _last, ms) => {
      const session = await open(target, ms);
      const missing = scsi.testUnitReady(session, lun, { timeoutMs: 30 });
      await expect(missing).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT', portal: target.portal, lun: '0' });
      await until(() => session.outstandingCommands === 0, 'the end of the abort', HEALTHY_MS);
      expect((await scsi.testUnitReady(session, lun)).ok).toBe(true);
      await session.logout();
    },
  },
  {
    name: 'lists that are asked for again with more room',
    namesTarget: true,
    targets: [
      () => ({
        onCommand: (command, connection) => {
          const isInquiry = command.cdb[0] === 0x12;
          const designator = {
            association: 'logicalUnit',
            type: 'naa',
            codeSet: 1,
            bytes: Buffer.alloc(16, 6),
          } as const;
          connection.sendData(
            command,
            isInquiry
              ? encodeDeviceIdentification(Array.from({ length: 20 }, () => designator))
              : encodeReportLuns(Array.from({ length: 300 }, (_, i) => lunFromNumber(i % 200))),
          );
          return true;
        },
      }),
    ],
    lead: async (target, _last, ms) => {
      const session = await open(target, ms);
      const luns = await scsi.reportLuns(session);
      expect(luns.ok && luns.value.luns.length).toBe(300);
      const identification = await scsi.deviceIdentification(session, lun);
      expect(identification.ok && identification.value.length).toBe(20);
      await session.logout();
    },
  },
];

interface Way {
  readonly how: string;
  readonly act: (step: Step) => StepAction;
  /** How it may end; what ends by silence ends by the deadline. */
  readonly codes: RegExp;
  readonly isSilent?: boolean;
}

const halfOf = ({ bytes }: Step): Buffer => bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2)));

const WAYS: readonly Way[] = [
  { how: 'cut', act: () => 'cut', codes: /^CONNECTION_(CLOSED|LOST)$/ },
  { how: 'stall', act: () => 'stall', codes: /^(COMMAND_)?TIMED_OUT$/, isSilent: true },
  { how: 'garbage', act: () => Buffer.alloc(4096, 0xa5), codes: /^(PDU_MALFORMED|NOT_ISCSI)$/ },
  { how: 'zeroes', act: () => Buffer.alloc(4096), codes: /^(PDU_MALFORMED|NOT_ISCSI)$/ },
  { how: 'half a PDU', act: halfOf, codes: /^(COMMAND_)?TIMED_OUT$/, isSilent: true },
  {
    how: 'half a PDU and a cut',
    act: (step) => {
      step.connection.socket.end(halfOf(step));
      return 'stall';
    },
    codes: /^CONNECTION_(CLOSED|LOST)$/,
  },
  {
    how: 'a length of 16 MiB',
    act: ({ bytes }) => {
      const long = Buffer.from(bytes.length === 0 ? Buffer.alloc(48, 0x20) : bytes);
      long.writeUIntBE(0xffffff, 5, 3);
      return long;
    },
    codes: /^(PDU_TOO_LONG|PDU_MALFORMED|HEADER_DIGEST_WRONG|NOT_ISCSI)$/,
  },
];

/** Starts the conversation's targets, the last one first; `onStep` sees every step with its whole name. */
const startTargets = async (
  { targets }: Conversation,
  onStep: (name: string, step: Step) => StepAction,
): Promise<{ readonly first: FakeTarget; readonly last: FakeTarget; readonly all: readonly FakeTarget[] }> => {
  const all: FakeTarget[] = [];
  for (const [number, make] of [...targets.entries()].reverse()) {
    const target: FakeTarget = await startFakeTarget({
      ...make([...all]),
      onStep: (step) => {
        const { connections } = step.connection.target;
        const index = connections.indexOf(step.connection);
        return onStep(`${number}.${index < 0 ? connections.length : index}.${step.name}`, step);
      },
    });
    all.unshift(target);
  }
  const [first] = all;
  const last = all.at(-1);
  if (first === undefined || last === undefined) throw new Error('a conversation without a target');
  return { first, last, all };
};

const known = new Map<Conversation, readonly string[]>();

/** The steps of a conversation in health. */
const stepsOf = async (conversation: Conversation): Promise<readonly string[]> => {
  const steps: string[] = [];
  if (known.has(conversation)) return known.get(conversation) ?? steps;
  const { first, last } = await startTargets(conversation, (name) => {
    steps.push(name);
    return 'send';
  });
  await conversation.lead(first, last, HEALTHY_MS);
  expect(new Set(steps).size).toBe(steps.length);
  known.set(conversation, steps);
  return steps;
};

/** What ended the session is the reason of whatever was asked of it afterwards. */
const reasonOf = (error: IscsiError): IscsiError =>
  error.code === 'SESSION_CLOSED' && error.cause instanceof IscsiError ? error.cause : error;

test.each(CONVERSATIONS)('$name, in health', async (conversation) => {
  expect((await stepsOf(conversation)).length).toBeGreaterThan(3);
});

/** What is wrong with how a conversation ends that is broken at this step; nothing when all is well. */
const breakOnce = async (
  conversation: Conversation,
  step: string,
  way: Way,
  silenceMs: number,
): Promise<{ readonly wrong: string[]; readonly isLate: boolean }> => {
  const { act, codes, isSilent } = way;
  let hasStruck = false;
  const { first, last, all } = await startTargets(conversation, (name, current) => {
    if (name !== step) return 'send';
    hasStruck = true;
    return act(current);
  });
  const timeoutMs = isSilent === true ? silenceMs : HEALTHY_MS;
  const started = performance.now();
  const ending: unknown = await conversation.lead(first, last, timeoutMs).then(
    () => undefined,
    (error: unknown) => error,
  );
  const tookMs = performance.now() - started;
  const isLate = tookMs > 4 * silenceMs + 5000;
  const told = (...wrong: string[]) => ({ wrong, isLate });
  if (ending === undefined && conversation.mayBeLost?.test(step) === true) return told();
  if (conversation.isAskedAgainAt === step && codes.test('CONNECTION_CLOSED'))
    return ending === undefined && first.connections.length === 2 ? told() : told('it was not asked once more');
  if (!(ending instanceof IscsiError)) return told(ending instanceof Error ? (ending.stack ?? '') : 'it went well');
  const wrong: string[] = [];
  const reason = reasonOf(ending);
  if (hasStruck && !codes.test(reason.code)) wrong.push(`${reason.code}: ${reason.message}`);
  // A machine too slow for the short deadline is no fault, as long as the deadline was kept.
  if (!hasStruck && !(isSilent === true && reason.code === 'TIMED_OUT')) wrong.push('the step was not reached');
  if (!all.some((target) => target.portal === ending.portal)) wrong.push(`it names the portal ${ending.portal}`);
  const target = conversation.namesTarget ? first.name : undefined;
  if (ending.target !== target) wrong.push(`it names the target ${ending.target}`);
  const number = Number(step.split('.')[0]);
  if (hasStruck && all[number]?.portal !== ending.portal) wrong.push('it names another portal of the chain');
  if (number > 0 && hasStruck && ending.redirectedFrom !== all[number - 1]?.portal)
    wrong.push(`it does not say who sent us there: ${ending.redirectedFrom}`);
  if (isLate) wrong.push(`it took ${Math.round(tookMs)} ms`);
  return told(...wrong);
};

/**
 * The same, twice more where a busy machine let the short time for an answer pass, with four times as long each time, or was late otherwise: what does not keep
 * its deadlines is late each time.
 */
const breakAt = async (conversation: Conversation, step: string, way: Way): Promise<string[]> => {
  for (let silenceMs = SHORT_MS; ; silenceMs *= 4) {
    const { wrong, isLate } = await breakOnce(conversation, step, way, silenceMs);
    const isBusy = isLate || way.isSilent === true;
    if (wrong.length === 0 || !isBusy || silenceMs > 4 * SHORT_MS) return wrong;
  }
};

test.each(WAYS)('$how after every step of every conversation', async (way) => {
  const endings = await Promise.all(
    CONVERSATIONS.map(async (conversation) => {
      const steps = await stepsOf(conversation);
      const wrong = steps.map(async (step) =>
        (await breakAt(conversation, step, way)).map((what) => `${conversation.name}, ${step}: ${what}`),
      );
      return (await Promise.all(wrong)).flat();
    }),
  );
  expect(endings.flat()).toEqual([]);
});
