import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { openSession, scsi, type Session } from '../../main/iscsi/index.ts';
import { qualify, type KeyNotes } from '../../main/qualify/index.ts';
import { memoryKeyNotes } from './key-notes.ts';
import type { QualificationOutcome, QualificationSettings } from '../../main/qualify/runner/run.ts';
import type { QualificationCase, QualificationReport } from '../../shared/model/qualification.ts';
import { mebibytes, startTarget, type TestTarget, type TestTargetOptions } from './embedded-target.ts';

export const nodeName = 'iqn.1991-05.com.microsoft:node1.example';
const otherName = 'iqn.1991-05.com.microsoft:node2.example';
const chap = { user: 'node1', secret: 'twelve-bytes!' };

/** The kinds of target against which every qualification test runs. */
export const surroundings = ['open', 'guarded', 'ignoring'] as const;
export type Surroundings = (typeof surroundings)[number];

export interface QualifiedTarget extends TestTarget {
  readonly notes: KeyNotes;
  run(options?: Partial<QualificationSettings>): Promise<QualificationReport>;
  settings(options?: Partial<QualificationSettings>): QualificationSettings;
  qualify(options?: Partial<QualificationSettings>): Promise<QualificationOutcome>;
  /** Fills the beginning of LUN 1; the bytes are then as they have to be at the end. */
  fill(): Promise<void>;
  /** What the target executes at a logical unit, in the middle of a test, is somebody else's writing: bytes are not compared. */
  expectOtherBytes(): void;
  /** The session of the node's own initiator; on an open target it is opened on the first call. */
  foreign(): Promise<Session>;
  /** Keys that are registered on the LUN. */
  keys(): number;
}

/** A session as Windows' own initiator would have: the node's name and an ISID of Microsoft's range. */
const openForeignSession = async (target: TestTarget, withChap: boolean): Promise<Session> => {
  const session = await openSession({
    portal: `${target.host}:${target.port}`,
    target: target.name,
    initiatorName: nodeName,
    isid: Buffer.from('400001370000', 'hex'),
    ...(withChap ? { chap: { name: chap.user, secret: chap.secret } } : {}),
  });
  onTestFinished(() => session.close());
  return session;
};

const pieceBytes = 65_536;
const zeros = Buffer.alloc(pieceBytes);

/** What the LUNs hold: where there is something else than zeros, with a digest of it. Only what was ever written is read. */
const bytesOf = async (target: TestTarget): Promise<string> => {
  const held: string[] = [];
  for (const number of target.store.luns) {
    const unit = target.store.get(number);
    if (!unit) continue;
    for (let at = 0; at < Number(unit.sizeBytes); at += pieceBytes) {
      const length = Math.min(pieceBytes, Number(unit.sizeBytes) - at);
      if (!unit.medium.isMapped(at, length)) continue;
      const bytes = await unit.medium.read(at, length);
      if (!bytes.equals(zeros.subarray(0, length)))
        held.push(`LUN ${number} at ${at}: ${createHash('sha256').update(bytes).digest('hex')}`);
    }
  }
  return held.join('\n');
};

/**
 * A target to qualify. `guarded`: it admits one name, wants CHAP, and has a session of the node's own initiator open, which
 * must outlive the test. `ignoring`: it records reservations and does not enforce them. Whatever the test does, the bytes of every
 * LUN have to be the same at its end.
 */
export const startQualified = async (kind: Surroundings, options: TestTargetOptions = {}): Promise<QualifiedTarget> => {
  const guarded = kind === 'guarded';
  const target = await startTarget({
    luns: [
      { lun: 1, sizeBytes: mebibytes(6), serial: 'QUORATE-1' },
      { lun: 2, sizeBytes: mebibytes(6), serial: 'QUORATE-2' },
    ],
    ...(guarded ? { chap: { initiator: chap, target: null }, admit: [nodeName] } : {}),
    ...options,
  });
  if (kind === 'ignoring') target.faults.add('reservations-ignored');
  const isSmall = target.store.luns.every((lun) => (target.store.get(lun)?.sizeBytes ?? 0n) <= mebibytes(64));
  let before = isSmall ? await bytesOf(target) : null;
  onTestFinished(async () => {
    if (before !== null && before !== (await bytesOf(target))) throw new Error('bytes of a LUN were changed');
  });
  let foreign: Session | undefined;
  if (guarded) {
    const own = await openForeignSession(target, true);
    foreign = own;
    let ended = false;
    void own.closed.then(() => (ended = true));
    onTestFinished(async () => {
      if (ended) throw new Error('the session of the node’s own initiator was ended');
      // Unit attentions of other nexuses' changes are its to see; the session itself has to be alive.
      await scsi.testUnitReady(own, scsi.lunFromNumber(2));
    });
  }
  const notes = memoryKeyNotes();
  const settings: QualifiedTarget['settings'] = (more = {}) => ({
    access: {
      portal: `${target.host}:${target.port}`,
      target: target.name,
      loginTimeoutMs: 60_000,
      commandTimeoutMs: 60_000,
      ...(guarded ? { chap: { name: chap.user, secret: chap.secret } } : {}),
    },
    otherPaths: [],
    target: target.name,
    lun: 1,
    purpose: 'vm',
    nodes: 2,
    paths: 2,
    allowReservations: true,
    allowDataLoss: false,
    initiatorA: nodeName,
    initiatorB: otherName,
    clusterInitiators: [],
    notes,
    now: () => new Date(),
    signal: new AbortController().signal,
    machine: 'test',
    toolVersion: '0',
    isRehearsal: false,
    onProgress: () => undefined,
    ...more,
  });
  const run = (more?: Partial<QualificationSettings>): Promise<QualificationOutcome> => qualify(settings(more));
  return {
    ...target,
    notes,
    settings,
    qualify: run,
    run: async (more) => {
      const outcome = await run(more);
      if (outcome.kind !== 'report') throw new Error(`no report: ${outcome.kind}`);
      return outcome.report;
    },
    fill: async () => {
      await target.store.get(1)?.medium.write(0, Buffer.alloc(1048576, 0x5a));
      before = await bytesOf(target);
    },
    expectOtherBytes: () => {
      before = null;
    },
    foreign: async () => (foreign ??= await openForeignSession(target, false)),
    keys: () => target.store.get(1)?.reservations.registrations.length ?? -1,
  };
};

/** The case of a report; a missing one is a fault of the test. */
export const caseOf = (report: QualificationReport, id: string): QualificationCase => {
  const found = report.cases.find((one) => one.id === id);
  if (!found) throw new Error(`the report has no case ${id}`);
  return found;
};
