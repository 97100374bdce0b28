import { expect } from 'vitest';
import { removeNotedKey } from '../../main/qualify/index.ts';
import type { QualificationOutcome, QualificationSettings } from '../../main/qualify/runner/run.ts';
import { IscsiError } from '../../main/iscsi/index.ts';
import { stepFaults } from '../../main/rehearsal/faults/faults.ts';
import { clock } from './clock.ts';
import { openSessions } from './iscsi-cli.ts';
import { startQualified, type QualifiedTarget } from './qualification.ts';

/* One conversation fault at one moment of a whole qualification. */

export const kinds = stepFaults;

/** Moments that a qualification goes through; `@N` up to about how often. */
export const moments: Readonly<Record<string, number>> = {
  connect: 12,
  'login-start': 12,
  'login-operational': 12,
  'login-final': 12,
  'scsi-response': 400,
  'data-in': 400,
  'command-test-unit-ready': 8,
  'command-inquiry': 8,
  'command-mode-sense-6': 1,
  'command-read-capacity-16': 1,
  'command-report-luns': 1,
  'command-report-target-port-groups': 1,
  'command-read-10': 200,
  'command-write-10': 40,
  'command-synchronize-cache-10': 40,
  'command-persistent-reserve-in': 200,
  'command-persistent-reserve-out': 160,
  'task-management-response': 1,
  'logout-response': 12,
};

/** With CHAP there are two more. */
export const momentsOfChap: Readonly<Record<string, number>> = { 'chap-challenge': 12, 'chap-result': 12 };

/** 1, 2, 3, 5, 8, ... up to a number. */
export const spread = (most: number): number[] => {
  const list = [1];
  for (let [last, next] = [1, 2]; next <= most; [last, next] = [next, last + next]) list.push(next);
  return list;
};

/** The one case that waits, and that fails where a session does not come back. */
export const reconnect = 'Behaviour.Reconnect.InTime';

/** Where silence is to be met nobody waits for long; where nothing is to go wrong, a busy machine has its time. */
const shortMs = 400;

export interface Crash {
  readonly kind: 'open' | 'guarded';
  /** Faults that are on from the beginning, or from the given step of the record on. */
  readonly faults: (target: QualifiedTarget) => readonly string[];
  readonly fromStep?: number;
  readonly mutual?: boolean;
  /** The fault leaves nobody without an answer: all have their time, however busy the machine is. */
  readonly isAnswered?: boolean;
}

export interface Crashed {
  readonly outcome: QualificationOutcome | IscsiError;
  /** Whether the fault was met at all. */
  readonly struck: boolean;
  readonly tookMs: number;
}

/** Runs it, and looks at what every run owes its target, whatever happened. */
export const crash = async (given: Crash, limitMs: number, silenceMs = shortMs, tries = 4): Promise<Crashed> => {
  const { kind, faults, fromStep = 0, mutual = false, isAnswered = false } = given;
  const arrayChap = { user: 'array', secret: 'secret-of-array1' };
  const target = await startQualified(
    kind,
    mutual ? { chap: { initiator: { user: 'node1', secret: 'twelve-bytes!' }, target: arrayChap } } : {},
  );
  const before = openSessions(target);
  const texts = faults(target);
  const switchOn = (): void => texts.forEach((text) => target.faults.add(text));
  const settings = target.settings();
  const { chap } = settings.access;
  const access: QualificationSettings['access'] = {
    ...settings.access,
    ...(isAnswered ? {} : { loginTimeoutMs: silenceMs, commandTimeoutMs: silenceMs }),
    ...(mutual && chap ? { chap: { ...chap, mutual: { name: arrayChap.user, secret: arrayChap.secret } } } : {}),
  };
  const time = clock();
  let steps = 0;
  let isReconnecting = false;
  if (fromStep === 0) switchOn();
  const begun = Date.now();
  const outcome = await target
    .qualify({
      access,
      nodes: 2,
      paths: 1,
      onProgress: (event) => {
        if (event.kind === 'begin') isReconnecting = event.caseId === reconnect;
        if (event.kind !== 'step') return;
        if (++steps === fromStep) switchOn();
        // A minute is how long a session has to come back: nobody waits for it here where it does not.
        if (isReconnecting && event.step.answer?.startsWith('no answer')) time.putForward(60_001);
      },
    })
    .catch((error: unknown) => {
      if (error instanceof IscsiError) return error;
      throw error;
    });
  const tookMs = Date.now() - begun;
  const struck = target.events.some((event) => event.kind === 'fault');
  const isOn = fromStep === 0 || steps >= fromStep;
  if (isOn) for (const text of texts) target.faults.removeText(text);

  // A busy machine may be late; what does not keep its deadlines is late each time.
  if (tries === 1) expect(tookMs).toBeLessThan(limitMs);
  await expect.poll(() => openSessions(target)).toBe(before);
  await expectAccountedFor(target, outcome, access);
  // It ended before the fault was on: a busy machine let the short time for an answer pass, which says nothing of the fault.
  const isBusy = !isOn && !isAnswered && silenceMs === shortMs;
  if (tookMs >= limitMs) return crash(given, limitMs, silenceMs, tries - 1);
  return isBusy ? crashSlowly(given, limitMs) : { outcome, struck, tookMs };
};

/** The same with ten times as long for an answer. */
export const crashSlowly = (given: Crash, limitMs: number): Promise<Crashed> =>
  crash(given, 10 * limitMs, 10 * shortMs);

/** What is on the device is named and noted, and the notes are enough to take it back; nothing is named that is not there. */
const expectAccountedFor = async (
  target: QualifiedTarget,
  outcome: QualificationOutcome | IscsiError,
  access: QualificationSettings['access'],
): Promise<void> => {
  const unit = target.store.get(1);
  const left = outcome instanceof IscsiError || outcome.kind === 'noSuchLun' ? [] : leftOf(outcome);
  const there = unit?.reservations.registrations ?? [];
  for (const { key, nexus } of there) {
    const text = `0x${key.toString(16)}`;
    expect(left.join('\n')).toContain(`${text} of ${nexus.initiatorName} (ISID ${nexus.isid})`);
    expect((await target.notes.list()).some((note) => note.key === text && note.isid === nexus.isid)).toBe(true);
  }
  if (left.length === 0) {
    expect(unit?.reservations.reservation ?? null).toBeNull();
    expect(await target.notes.list()).toEqual([]);
  }
  const { chap } = access;
  for (const note of await target.notes.list()) {
    const removal = await removeNotedKey(note, chap ? { chap } : {}, target.notes);
    expect(removal.kind).not.toBe('left');
    await target.notes.remove(note);
  }
  expect(unit?.reservations.registrations).toEqual([]);
  expect(unit?.reservations.reservation).toBeNull();
};

const leftOf = (outcome: Exclude<QualificationOutcome, { kind: 'noSuchLun' }>): readonly string[] =>
  outcome.kind === 'report' ? outcome.report.leftBehind : outcome.kind === 'cancelled' ? outcome.leftBehind : [];
