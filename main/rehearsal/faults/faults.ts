import { isStep, type Step } from './steps.ts';

/** What a fault's argument is. `step` may carry `@N`: only the Nth time, counted from 1. */
type ArgumentKind =
  | 'none'
  | 'count'
  | 'period'
  | 'milliseconds'
  | 'types'
  | 'step'
  | 'iscsiName'
  | 'address'
  | 'status';

interface FaultRow {
  /** One sentence: what the target does wrong. */
  readonly what: string;
  readonly argument: ArgumentKind;
  /** Taken when the argument is left out; null when it has to be given. */
  readonly default: string | null;
  /** Who shows it: the logical unit (so simulated servers see it too) or the iSCSI conversation. */
  readonly where: 'unit' | 'conversation';
}

const unit = (what: string, argument: ArgumentKind = 'none', byDefault: string | null = null): FaultRow => ({
  what,
  argument,
  default: byDefault,
  where: 'unit',
});
const talk = (what: string, argument: ArgumentKind = 'none', byDefault: string | null = null): FaultRow => ({
  what,
  argument,
  default: byDefault,
  where: 'conversation',
});

/** Every fault on demand. `--list-faults`, docs/target.md and the tests are derived from this table. */
export const faultTable = {
  'no-reservations': unit('Persistent reservations are not implemented: both commands are an invalid operation code.'),
  'reservations-forgotten': unit("A nexus's registration and reservation end when its session ends."),
  'reservations-forgotten-on-cut': unit(
    "A nexus's registration and reservation end when its connection is cut; a logout keeps them.",
  ),
  'reservations-ignored': unit(
    'Reservations are accepted and reported, but never keep another initiator from writing.',
  ),
  'writes-not-enforced': unit(
    'Under a reservation of another initiator SYNCHRONIZE CACHE conflicts, but WRITE does not.',
  ),
  'only-data-refused': unit(
    'Under the Write Exclusive types only commands that carry data to the LUN conflict, VERIFY among them: SYNCHRONIZE CACHE and a WRITE of no block do not.',
  ),
  'reservations-per-portal': unit('Registrations and reservations are known and enforced in one portal group only.'),
  'reservation-kept-on-unregister': unit('A reservation stays when its holder unregisters.'),
  'reservations-lost-on-reset': unit('LOGICAL UNIT RESET ends every registration and reservation.'),
  'keys-unchecked': unit(
    'RELEASE, CLEAR and PREEMPT of whoever sends them and REGISTER with a wrong key are accepted.',
  ),
  'register-fails-and-registers': unit(
    'REGISTER and REGISTER AND IGNORE EXISTING KEY end in NOT READY (08h/00h) and are carried out.',
  ),
  'reserve-not-ready': unit(
    'RESERVE of an initiator that is not registered ends in NOT READY (08h/00h) while nothing is held.',
  ),
  'names-taken-for-initiators': unit(
    'RESERVE, RELEASE, CLEAR and PREEMPT of an initiator are judged by the first registration of its name.',
  ),
  'path-unregisters-name': unit(
    'Once one path of an initiator has unregistered, its other paths, which are still registered, are refused as foreign.',
  ),
  'one-key-once': unit('A key that another nexus has already is refused at REGISTER.'),
  'preempt-removes-one': unit('PREEMPT removes one registration only, where several have that key.'),
  'preempt-of-absent-refused': unit('PREEMPT of a nexus that has no session is refused.'),
  'reserve-6-held': unit('A foreign initiator holds the LUN with RESERVE (6) of SPC-2, which nothing ends.'),
  'registrations-short': unit('The registrations table is full after N registrations.', 'count', '2'),
  'reservation-types': unit('Only the listed reservation types (such as 1,3) are supported.', 'types', '1,3'),
  'generation-stuck': unit('PRGENERATION never grows.'),
  'unit-attentions-missing': unit('No unit attention tells an initiator that its registration was preempted.'),
  'aptpl-refused': unit('Registrations that ask to persist through power loss are refused.'),
  'vpd83-missing': unit('INQUIRY does not support the VPD page 83h: the disk has no identity.'),
  'vpd83-per-portal': unit('The VPD page 83h identity differs from one portal to the next.'),
  'vpd83-not-unique': unit('All LUNs report the same VPD page 83h identity.'),
  'serial-missing': unit('INQUIRY does not support the VPD page 80h: the disk has no serial number.'),
  'write-protected': unit('The LUN is write protected.'),
  'slow-disk': unit('Every read and write takes N milliseconds more.', 'milliseconds', '500'),
  'space-exhausted': unit('The thin LUN has no space left: writes end in SPACE ALLOCATION FAILED WRITE PROTECT.'),
  'read-error': unit('Reads end in UNRECOVERED READ ERROR.'),
  'lun-vanishes': unit('The LUN is gone after N more SCSI commands.', 'count', '0'),
  'luns-masked': unit('Every initiator logs on, but only the given initiator name is shown the LUNs.', 'iscsiName'),
  'unit-attention-storm': unit('The next N commands, of whichever initiator, end in a unit attention.', 'count', '50'),
  busy: unit('Every Nth command, of whichever initiator, is answered BUSY.', 'period', '3'),
  'task-set-full': unit('Every Nth command, of whichever initiator, is answered TASK SET FULL.', 'period', '3'),
  standby: unit(
    'The paths of the portal group N are in standby (ALUA): reads, writes and TEST UNIT READY end in 04h/0Bh.',
    'count',
    '2',
  ),
  'not-ready': unit('The LUN is never ready: it is always in the process of becoming so.'),
  'admit-one': talk('Only the given initiator name is admitted.', 'iscsiName'),
  'target-full': talk('The target has no room for another normal session.'),
  'login-status': talk('Logins end in the given status class and detail (four hexadecimal digits).', 'status', '0301'),
  'redirect-temporary': talk('Logins are redirected to HOST:PORT, temporarily.', 'address'),
  'redirect-permanent': talk('Logins are redirected to HOST:PORT, for good.', 'address'),
  'chap-proof-wrong': talk("The target's own proof in mutual CHAP is wrong."),
  'text-flood': talk('SendTargets is answered with at least 16 MiB of text keys.'),
  stall: talk('From the step on the connection stays open and silent.', 'step'),
  cut: talk('The connection is closed at the step.', 'step'),
  half: talk('Half of the PDU of the step is sent, then the connection is closed.', 'step'),
  garbage: talk('Random bytes are sent instead of the PDU of the step.', 'step'),
  overlong: talk('The PDU of the step announces a data segment of 16 MiB - 1 that never comes.', 'step'),
  'wrong-tag': talk('The PDU of the step carries an Initiator Task Tag that was never used.', 'step'),
  reject: talk('A Reject PDU is sent instead of the PDU of the step.', 'step'),
} as const satisfies Record<string, FaultRow>;

export type FaultName = keyof typeof faultTable;

/** A fault that is switched on; `argument` is empty for faults that take none. */
export interface FaultSetting {
  readonly name: FaultName;
  readonly argument: string;
}

const argumentForms: Record<ArgumentKind, RegExp> = {
  none: /^$/,
  count: /^\d{1,9}$/,
  period: /^[1-9]\d{0,8}$/,
  milliseconds: /^\d{1,7}$/,
  types: /^[135678](,[135678])*$/,
  step: /^[a-z0-9-]+(@[1-9]\d{0,8})?$/,
  iscsiName: /^(iqn\.|eui\.|naa\.)[^\s,]{1,219}$/,
  address: /^\S+:\d{1,5}$/,
  status: /^[0-9a-fA-F]{4}$/,
};

/** How each kind of argument is written, for `--list-faults`; empty for none. */
const argumentWords: Record<ArgumentKind, string> = {
  none: '',
  count: 'N',
  period: 'N',
  milliseconds: 'MS',
  types: 'TYPES',
  step: 'STEP[@N]',
  iscsiName: 'IQN',
  address: 'HOST:PORT',
  status: 'CCDD',
};

export type ParsedFault =
  | { readonly ok: true; readonly setting: FaultSetting }
  | { readonly ok: false; readonly problem: string };

/** Reads `NAME` or `NAME:ARG`. */
export const parseFault = (text: string): ParsedFault => {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!Object.hasOwn(faultTable, name)) return { ok: false, problem: `there is no fault called ${name}` };
  const row: FaultRow = faultTable[name as FaultName];
  const argument = colon < 0 ? (row.default ?? '') : text.slice(colon + 1);
  const wanted = argumentWords[row.argument];
  if (!argumentForms[row.argument].test(argument)) {
    return {
      ok: false,
      problem: wanted === '' ? `${name} takes no argument` : `${name} is written ${name}:${wanted}`,
    };
  }
  const step = argument.split('@')[0] ?? '';
  if (row.argument === 'step' && !isStep(step)) return { ok: false, problem: `there is no step called ${step}` };
  // Nothing was received yet, and nothing is about to be sent.
  if (name === 'wrong-tag' && step === 'connect')
    return { ok: false, problem: 'at connect there is no PDU with a tag' };
  return { ok: true, setting: { name: name as FaultName, argument } };
};

/** The table as rows for people: name with its argument, and the sentence. */
export const listFaults = (): { name: FaultName; form: string; what: string; where: 'unit' | 'conversation' }[] =>
  (Object.entries(faultTable) as [FaultName, FaultRow][]).map(([name, row]) => {
    const word = argumentWords[row.argument];
    const form = word === '' ? name : row.default === null ? `${name}:${word}` : `${name}[:${word}]`;
    return { name, form, what: row.what, where: row.where };
  });

/** What happens to a PDU that is about to be sent. */
export const stepFaults = ['stall', 'cut', 'half', 'garbage', 'overlong', 'wrong-tag', 'reject'] as const;
export type StepFault = (typeof stepFaults)[number];

const textOf = ({ name, argument }: FaultSetting): string => (argument === '' ? name : `${name}:${argument}`);

/** The faults that are switched on: one set per store, changed while it runs. */
export class Faults {
  #settings: FaultSetting[] = [];
  #seen = new Map<string, number>();

  constructor(texts: readonly string[] = []) {
    for (const text of texts) this.add(text);
  }

  /** Switches a fault on; the same name again replaces it, except step faults, which add up. Throws a RangeError. */
  add(text: string): FaultSetting {
    const parsed = parseFault(text);
    if (!parsed.ok) throw new RangeError(parsed.problem);
    const { setting } = parsed;
    const adds = (stepFaults as readonly string[]).includes(setting.name);
    this.#settings = this.#settings.filter(
      (one) => one.name !== setting.name || (adds && one.argument !== setting.argument),
    );
    this.#settings.push(setting);
    this.#seen.delete(textOf(setting));
    return setting;
  }

  /** Switches a fault off, whatever its argument. */
  remove(name: FaultName): void {
    this.#settings = this.#settings.filter((one) => one.name !== name);
  }

  /** Switches off what `NAME` or `NAME:ARG` says: a name alone means all of that name. Throws a RangeError. */
  removeText(text: string): void {
    const problem = this.problemOfRemoving(text);
    if (problem !== null) throw new RangeError(problem);
    this.#settings = this.#settings.filter((one) => one.name !== text && textOf(one) !== text);
  }

  /** Why {@link removeText} would not do it; null when it would. A name that is not on is no problem: it is off. */
  problemOfRemoving(text: string): string | null {
    if (Object.hasOwn(faultTable, text) || this.texts().includes(text)) return null;
    const parsed = parseFault(text);
    return parsed.ok ? 'it is not on' : parsed.problem;
  }

  /** The faults that are on, as they are written: each can be switched off again by this text. */
  texts(): string[] {
    return this.#settings.map(textOf);
  }

  clear(): void {
    this.#settings = [];
    this.#seen.clear();
  }

  list(): readonly FaultSetting[] {
    return this.#settings;
  }

  has(name: FaultName): boolean {
    return this.#settings.some((one) => one.name === name);
  }

  /** The argument of a fault that is on; undefined when it is off. */
  argument(name: FaultName): string | undefined {
    return this.#settings.find((one) => one.name === name)?.argument;
  }

  /** The argument as a number; undefined when the fault is off. */
  amount(name: FaultName): number | undefined {
    const text = this.argument(name);
    return text === undefined ? undefined : Number(text);
  }

  /** Counts a fault with a count down by one; true while something was left. At zero the fault stays, spent. */
  spend(name: FaultName): boolean {
    const left = this.amount(name);
    if (left === undefined || left === 0) return false;
    this.#settings = this.#settings.map((one) => (one.name === name ? { name, argument: String(left - 1) } : one));
    return true;
  }

  /** Counts one more time; true every Nth time, where N is the fault's argument, and never while it is off. */
  strikes(name: FaultName): boolean {
    const every = this.amount(name);
    if (every === undefined) return false;
    const count = this.#count(`${name}:${every}`);
    return count % every === 0;
  }

  #count(key: string): number {
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    return count;
  }

  /** What to do with the PDU that is all of these steps; null means to send it. Counts for `@N`. */
  atSteps(names: readonly Step[]): StepFault | null {
    let found: StepFault | null = null;
    for (const setting of this.#settings) {
      const kind = stepFaults.find((one) => one === setting.name);
      if (!kind) continue;
      const [step, time] = setting.argument.split('@');
      if (!names.some((name) => name === step)) continue;
      if (time === undefined) {
        found ??= kind;
        continue;
      }
      const count = this.#count(textOf(setting));
      if (count === Number(time)) found ??= kind;
    }
    return found;
  }
}
