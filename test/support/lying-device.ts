import { expect, it, onTestFinished, vi } from 'vitest';
import type { QualificationSettings } from '../../main/qualify/runner/run.ts';
import type { CommandName } from '../../main/rehearsal/faults/index.ts';
import {
  isHolder,
  nexusKey,
  outServiceActions,
  sameNexus,
  senses,
  type Access,
  type LogicalUnit,
  type Nexus,
  type NexusEnd,
  type OutRequest,
  type ReservationState,
} from '../../main/rehearsal/store/index.ts';
import { findRegistration, isRegistered } from '../../main/rehearsal/store/reservations.ts';
import type { SenseName } from '../../main/rehearsal/store/sense.ts';
import { toSnapshot } from '../../main/rehearsal/store/reservations.ts';
import { DeviceServer, type Examined, type IncomingCommand } from '../../main/rehearsal/target/scsi/device-server.ts';
import { persistentReserveIn } from '../../main/rehearsal/target/scsi/reserve-in.ts';
import { decodeOutParameters } from '../../main/rehearsal/target/scsi/reserve-out.ts';
import {
  checkResult,
  conflictResult,
  goodResult,
  isResult,
  type CommandResult,
  type Prepared,
} from '../../main/rehearsal/target/scsi/result.ts';
import type { QualificationCase, QualificationReport, QualificationVerdict } from '../../shared/model/qualification.ts';
import type { TestTarget, TestTargetOptions } from './embedded-target.ts';
import { caseOf, nodeName, startQualified, type QualifiedTarget } from './qualification.ts';

/*
 * An embedded target that keeps the rules of SPC-4, made to lie for one test: of any command the test may change the answer or
 * swallow the command. What arrays do wrong in the field has a fault of its own; what only a test wants to know is told here.
 */

export const good = goodResult;
export const conflict = conflictResult;
export const check = (name: SenseName): CommandResult => checkResult(senses[name]);

const inActions = ['readKeys', 'readReservation', 'reportCapabilities', 'readFullStatus'] as const;
export type InAction = (typeof inActions)[number];

/** Which of the initiators of a run a command came from: A and B stay for the whole run, `more` are of one case. */
export type Role = 'A' | 'B' | 'more' | 'foreign';

type Answered = CommandResult | Promise<CommandResult>;

/** A command that the device was told, and how it would answer. */
export interface Told {
  readonly name: CommandName | null;
  readonly nexus: Nexus;
  readonly role: Role;
  readonly unit: LogicalUnit;
  readonly cdb: Buffer;
  /** Which portal it came in at, from zero. */
  readonly portalIndex: number;
  /** PERSISTENT RESERVE OUT, decoded. */
  readonly out: OutRequest | null;
  /** PERSISTENT RESERVE IN: what is asked for. */
  readonly asked: InAction | null;
  /** Carries the command out. */
  readonly truth: () => Answered;
  /** PERSISTENT RESERVE IN, answered as if this were what the device remembers. */
  readonly showing: (state: ReservationState) => CommandResult;
  /** What the device remembers is this from now on. */
  readonly remember: (change: (state: ReservationState) => ReservationState) => void;
}

export interface Lies {
  /** Answers in the place of the device; undefined lets it answer. A unit attention that is due comes before it. */
  readonly answers?: (told: Told) => Answered | undefined;
  /** Who may read, write or send a command that counts as a write. */
  readonly admits?: (asked: {
    readonly nexus: Nexus;
    readonly access: Access;
    readonly state: ReservationState;
    readonly isHolder: boolean;
    readonly isRegistered: boolean;
    readonly truth: () => boolean;
  }) => boolean;
  /** Which unit attention comes in the place of this one. */
  readonly tells?: (sense: SenseName) => SenseName;
  /** A session begins, or ended. */
  readonly onFormed?: (nexus: Nexus, unit: LogicalUnit) => void;
  readonly onLost?: (nexus: Nexus, end: NexusEnd, unit: LogicalUnit) => void;
}

/** A command as it came, for what has to be said of their order. */
export interface Seen {
  readonly name: CommandName | null;
  readonly role: Role;
  readonly out: OutRequest | null;
}

export interface LyingDevice {
  /** Every command to the logical unit, in the order in which the device carried them out. */
  readonly seen: readonly Seen[];
  /** Another run begins, with initiator ports of its own. */
  beginRun(): void;
  /** From now on it tells the truth. */
  stop(): void;
}

export const remember = (unit: LogicalUnit, change: (state: ReservationState) => ReservationState): void =>
  unit.restoreReservations(toSnapshot(change(unit.reservations)));

const actionOf = new Map(
  (Object.entries(outServiceActions) as [OutRequest['action'], number][]).map(([name, code]) => [code, name]),
);
const foreignIsid = '400001370000';

const isAttention = (prepared: Prepared): boolean => isResult(prepared) && prepared.sense?.key === 0x6;

/** Makes LUN 1 of a target lie until the test ends. Called before any initiator of the run logs on. */
export const makeLie = (
  target: TestTarget,
  lies: Lies,
  { oneName = false }: { oneName?: boolean } = {},
): LyingDevice => {
  const unit = target.store.get(1);
  if (!unit) throw new Error('there is no LUN 1');
  const seen: Seen[] = [];
  const roles = new Map<string, Role>();
  let isLying = true;

  const roleOf = ({ initiatorName, isid }: Nexus): Role => {
    if (isid === foreignIsid) return 'foreign';
    const key = `${initiatorName}/${isid}`;
    const known = roles.get(key);
    if (known) return known;
    // The first port of the first name is A; B has the second name or, with one name, is the second port of it.
    const taken = new Set(roles.values());
    const isFirstName = initiatorName === nodeName;
    const role = isFirstName && !taken.has('A') ? 'A' : !taken.has('B') && isFirstName === oneName ? 'B' : 'more';
    roles.set(key, role);
    return role;
  };

  const honestForm = unit.nexusFormed.bind(unit);
  unit.nexusFormed = (nexus) => {
    // In the order in which they log on: B may send nothing for long.
    roleOf(nexus);
    honestForm(nexus);
    if (isLying) lies.onFormed?.(nexus, unit);
  };
  const honestLost = unit.nexusLost.bind(unit);
  unit.nexusLost = (nexus, end) => {
    honestLost(nexus, end);
    if (isLying) lies.onLost?.(nexus, end, unit);
  };
  const honestAdmits = unit.admits.bind(unit);
  unit.admits = (nexus, access) => {
    const truth = (): boolean => honestAdmits(nexus, access);
    if (!isLying || !lies.admits) return truth();
    const state = unit.reservations;
    const holder = state.reservation?.holder;
    return lies.admits({
      nexus,
      access,
      state,
      isRegistered: isRegistered(state, nexus),
      isHolder: holder ? nexusKey(holder) === nexusKey(nexus) : false,
      truth,
    });
  };
  const honestEstablish = unit.establish.bind(unit);
  unit.establish = (nexus, sense) => honestEstablish(nexus, isLying && lies.tells ? lies.tells(sense) : sense);

  const outOf = (cdb: Buffer, data: Buffer): OutRequest | null => {
    const action = actionOf.get(cdb.readUInt8(1) & 0x1f);
    if (!action || data.length < 24) return null;
    const decoded = decodeOutParameters(action, cdb.readUInt8(2), data);
    return typeof decoded === 'string' ? null : decoded;
  };

  const wrap = (command: IncomingCommand, { name, prepared }: Examined): Examined => {
    const { nexus, cdb, port } = command;
    const isOut = name === 'persistent-reserve-out';
    const base = {
      name,
      nexus,
      role: roleOf(nexus),
      unit,
      cdb,
      portalIndex: port.portalIndex,
      asked: name === 'persistent-reserve-in' ? (inActions[cdb.readUInt8(1) & 0x1f] ?? null) : null,
      showing: (state: ReservationState): CommandResult => {
        const honest = unit.reservationsAt.bind(unit);
        unit.reservationsAt = () => state;
        try {
          return persistentReserveIn({ nexus, port, store: target.store, lun: 1, unit, cdb });
        } finally {
          unit.reservationsAt = honest;
        }
      },
      remember: (change: (state: ReservationState) => ReservationState) => remember(unit, change),
    };
    const dataOutBytes = isResult(prepared) ? (isOut ? cdb.readUInt32BE(5) : 0) : prepared.dataOutBytes;
    return {
      name,
      prepared: {
        dataOutBytes,
        run: (data, abortable) => {
          const out = isOut ? outOf(cdb, data) : null;
          seen.push({ name, role: base.role, out });
          const truth = (): Answered => (isResult(prepared) ? prepared : prepared.run(data, abortable));
          return (isLying ? lies.answers?.({ ...base, out, truth }) : undefined) ?? truth();
        },
      },
    };
  };

  // The servers of all targets share it: only this one's commands are touched.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const honestExamine = DeviceServer.prototype.examine;
  const spy = vi.spyOn(DeviceServer.prototype, 'examine').mockImplementation(function (
    this: DeviceServer,
    command: IncomingCommand,
  ): Examined {
    const examined = honestExamine.call(this, command);
    if (this.store !== target.store || command.lun !== 1 || isAttention(examined.prepared)) return examined;
    return wrap(command, examined);
  });
  onTestFinished(() => spy.mockRestore());

  return {
    seen,
    beginRun: () => roles.clear(),
    stop: () => {
      isLying = false;
    },
  };
};

/** An answer with some of its bytes changed. */
export const changed = async (answered: Answered, change: (data: Buffer) => void): Promise<CommandResult> => {
  const result = await answered;
  if (!result.data) return result;
  const data = Buffer.from(result.data);
  change(data);
  return { ...result, data };
};

export const keyOf = (state: ReservationState, nexus: Nexus): bigint | undefined => findRegistration(state, nexus)?.key;

// --- lies that are alike

export const isRegistering = (out: OutRequest | null): boolean =>
  (out?.action === 'register' || out?.action === 'registerAndIgnore') && out.actionKey !== 0n;
export const isUnregistering = (out: OutRequest | null): boolean =>
  (out?.action === 'register' || out?.action === 'registerAndIgnore') && out.actionKey === 0n;
export const isPreempting = (out: OutRequest | null): boolean =>
  out?.action === 'preempt' || out?.action === 'preemptAndAbort';

/** Whether who sent it is registered. */
export const isIn = ({ nexus, unit }: Told): boolean => keyOf(unit.reservations, nexus) !== undefined;

export const holdsIt = ({ nexus, unit }: Told): boolean => isHolder(unit.reservations, nexus);

/** Whose registrations a PREEMPT means. */
export const victimsOf = ({ unit, out, nexus }: Told): Nexus[] =>
  unit.reservations.registrations
    .filter((one) => one.key === out?.actionKey && !sameNexus(one.nexus, nexus))
    .map((one) => one.nexus);

type Which = (out: OutRequest, told: Told) => boolean;

/** Such a PERSISTENT RESERVE OUT is answered with GOOD, or what is given, and has no effect. */
export const swallowing =
  (is: Which, answer: CommandResult = good) =>
  (): Lies => ({ answers: (told) => (told.out && is(told.out, told) ? answer : undefined) });

/** Such a PERSISTENT RESERVE OUT is carried out, and then something is done that it should not do. */
export const doingMore = (is: Which, then: (told: Told, before: ReservationState) => void) => (): Lies => ({
  answers: (told) => {
    if (!told.out || !is(told.out, told)) return undefined;
    const before = told.unit.reservations;
    const answer = told.truth();
    if (!(answer instanceof Promise) && answer.status === 0) then(told, before);
    return answer;
  },
});

/** What the device answers to such a command is another one. */
export const answering = (is: (told: Told) => boolean, answer: (told: Told) => Answered) => (): Lies => ({
  answers: (told) => (is(told) ? answer(told) : undefined),
});

/** Who may read and write is decided otherwise; `truth` is what the standard says. */
export const admitting = (admits: NonNullable<Lies['admits']>) => (): Lies => ({ admits });

// --- one lie, one run

export interface Lie {
  /** What the device does wrong, in a sentence. */
  readonly lie: string;
  /** The case that has to notice, how it ends, and why. */
  readonly id: string;
  readonly verdict?: QualificationCase['verdict'];
  readonly because: RegExp;
  /** Of the whole run; `notQualified` unless told otherwise. */
  readonly overall?: QualificationVerdict;
  /** How it ends where one name alone is admitted, if otherwise: a device may then look like one that tells two sessions not apart. */
  readonly whenGuarded?: Pick<Lie, 'verdict' | 'because' | 'overall'>;
  /** What a device that keeps a thing whatever is sent to it keeps: then it is named. */
  readonly leaves?: RegExp;
  readonly make: () => Lies;
  readonly target?: TestTargetOptions;
  readonly options?: (target: QualifiedTarget) => Partial<QualificationSettings>;
}

/** The surroundings in which a lie is told: where reservations are ignored nobody would notice most of them. */
export const lyingIn = ['open', 'guarded'] as const;

/** One test for each lie. */
export const itFinds = (kind: (typeof lyingIn)[number], lies: readonly Lie[]): void => {
  it.each(lies)('$lie: $id', async (row: Lie) => void (await expectFound(kind, row)));
};

/** Neither key, nor reservation, nor note of ours. */
export const expectLeftAsFound = async (target: QualifiedTarget): Promise<void> => {
  expect(target.keys()).toBe(0);
  expect(target.store.get(1)?.reservations.reservation ?? null).toBeNull();
  expect(await target.notes.list()).toEqual([]);
};

/**
 * Runs every case, and then the one case alone: it has to clean up by itself. The bytes and the session of the node's own
 * initiator are looked at when the test ends (see startQualified).
 */
export const expectFound = async (kind: (typeof lyingIn)[number], row: Lie): Promise<QualificationReport> => {
  const { id, leaves, make } = row;
  const { verdict = 'failed', because, overall = 'notQualified' } = (kind === 'guarded' && row.whenGuarded) || row;
  const target = await startQualified(kind, row.target);
  const device = makeLie(target, make(), { oneName: kind === 'guarded' });
  const options = row.options?.(target) ?? {};
  const report = await target.run(options);
  const found = caseOf(report, id);
  expect({ verdict: found.verdict, because: found.because }).toEqual({
    verdict,
    because: expect.stringMatching(because) as unknown,
  });
  expect(report.verdict).toBe(overall);
  if (overall === 'notQualified') expect(report.sentence).toMatch(/^This logical unit cannot be used for clustering/);
  if (leaves) {
    expect(report.leftBehind.join('\n')).toMatch(leaves);
    return report;
  }
  expect(report.leftBehind).toEqual([]);
  await expectLeftAsFound(target);
  device.beginRun();
  const alone = await target.run({ ...options, cases: [id] });
  expect({ verdict: caseOf(alone, id).verdict, because: caseOf(alone, id).because }).toEqual({
    verdict,
    because: expect.stringMatching(because) as unknown,
  });
  expect(alone.leftBehind).toEqual([]);
  await expectLeftAsFound(target);
  return report;
};
