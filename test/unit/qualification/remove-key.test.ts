import { describe, expect, it } from 'vitest';
import {
  decodeCdb,
  decodePrOutParameters,
  encodeFixedSense,
  encodeReadKeys,
  encodeReadReservation,
  lunFromNumber,
  NO_RESIDUAL,
  reservationTypeCode,
  scsi,
  STATUS,
  type ReservationType,
  type ScsiCommand,
  type ScsiExecutor,
  type ScsiResponse,
} from '../../../main/iscsi/index.ts';
import { type Removal } from '../../../main/qualify/index.ts';
import { removeKey } from '../../../main/qualify/runner/remove-key.ts';

/* Which commands take a registration back, byte by byte as they go out: what is not in the list was not sent. */

const lun = lunFromNumber(7);
const key = 0x5152415400000001n;
const own = 0x5152415400000003n;
const foreign = 0xabcdn;
const name = (one: bigint): string =>
  one === key ? 'KEY' : one === own ? 'OWN' : one === foreign ? 'FOREIGN' : `${one}`;

const empty = Buffer.alloc(0);
const status = (code: number): ScsiResponse => ({ status: code, data: empty, residual: NO_RESIDUAL });
const good = status(STATUS.GOOD);
const conflict = status(STATUS.RESERVATION_CONFLICT);
const refused: ScsiResponse = {
  ...status(STATUS.CHECK_CONDITION),
  sense: scsi.decodeSense(encodeFixedSense({ senseKey: 5, asc: 0x26, ascq: 0 })) ?? undefined,
};
const keys = (...list: bigint[]): ScsiResponse => ({ ...good, data: encodeReadKeys(9, list) });
const free: ScsiResponse = { ...good, data: encodeReadReservation({ generation: 9, reservation: undefined }) };
const held = (by: bigint, type: ReservationType = 'writeExclusiveRegistrantsOnly'): ScsiResponse => ({
  ...good,
  data: encodeReadReservation({
    generation: 9,
    reservation: { key: by, scope: 0, typeCode: reservationTypeCode(type) },
  }),
});

const actions = ['register', 'reserve', 'release', 'clear', 'preempt', 'preemptAndAbort', 'registerAndIgnore'];

const wordsOf = ({ cdb, dataOut, lun: to }: ScsiCommand): string => {
  const decoded = decodeCdb(cdb);
  const at = to === lun ? '' : ' AT ANOTHER LUN';
  const action = cdb[1] ?? -1;
  if (decoded?.kind === 'persistentReserveIn') return `${['keys', 'reservation'][action] ?? action}?${at}`;
  if (decoded?.kind !== 'persistentReserveOut' || !dataOut) return `unexpected ${cdb.toString('hex')}`;
  const parameters = decodePrOutParameters(dataOut);
  const type = (cdb[2] ?? 0) === 0 ? '' : ` type ${cdb[2]}`;
  return `${actions[action] ?? action} ${name(parameters.key)}, ${name(parameters.serviceActionKey)}${type}${at}`;
};

interface Course {
  readonly removal: Removal | Error;
  readonly course: readonly string[];
  /** Answers that nobody asked for. */
  readonly unused: number;
}

/** Removes `key` from a device that answers as told; notes of the momentary key stand in the same list as the commands. */
const remove = async (
  answers: readonly ScsiResponse[],
  { add = async () => undefined, given }: { add?: () => Promise<void>; given?: bigint } = { given: own },
): Promise<Course> => {
  const course: string[] = [];
  const left = [...answers];
  const executor: ScsiExecutor = {
    execute: async (command) => {
      course.push(wordsOf(command));
      const answer = left.shift();
      if (!answer) throw new Error(`asked once too often: ${course.at(-1)}`);
      return { ...answer, data: answer.data.subarray(0, command.expectedDataInBytes ?? 0) };
    },
  };
  const removal = await removeKey(executor, lun, key, {
    ...(given === undefined ? {} : { key: given }),
    add: async (one) => {
      course.push(
        `note ${one === given ? 'OWN' : one >> 32n === key >> 32n ? 'ANOTHER OF OURS' : 'A KEY THAT IS NOT OURS'}`,
      );
      await add();
      course.push('noted');
    },
    remove: async (one) => void course.push(`forget ${one === given ? 'OWN' : 'THE OTHER'}`),
  }).catch((error: unknown) => error as Error);
  return { removal, course, unused: left.length };
};

const last = ['keys?', 'reservation?'];
const usual = ['reservation?', 'register KEY, 0', ...last];

describe('a registration of ours', () => {
  it('is removed with REGISTER under its own key, which takes nobody else’s, and the removal is read back', async () => {
    expect(await remove([free, good, keys(), free])).toEqual({
      removal: { kind: 'removed' },
      course: usual,
      unused: 0,
    });
  });

  it('is asked for even where the device does not show it', async () => {
    expect(await remove([free, conflict, keys(foreign), free])).toEqual({
      removal: { kind: 'gone' },
      course: usual,
      unused: 0,
    });
  });

  it('is released first where it holds, with the type that is held', async () => {
    expect(await remove([held(key, 'exclusiveAccess'), good, good, keys(), free])).toEqual({
      removal: { kind: 'removed' },
      course: ['reservation?', 'release KEY, 0 type 3', 'register KEY, 0', ...last],
      unused: 0,
    });
  });

  it('leaves a reservation alone that another key holds', async () => {
    expect(await remove([held(foreign), good, keys(foreign), held(foreign)])).toEqual({
      removal: { kind: 'removed' },
      course: usual,
      unused: 0,
    });
  });

  it.each([
    ['READ RESERVATION', [refused], ['reservation?']],
    // Looked at twice: a device may fail the removal and carry it out all the same.
    ['REGISTER', [free, refused, keys(key), free, keys(key), free], [...usual, ...last]],
    ['READ KEYS', [free, good, refused, free], usual],
    ['READ RESERVATION', [free, good, keys(), refused], usual],
  ])('is left where %s is refused, and nothing is changed after it', async (what, answers, course) => {
    expect(await remove(answers)).toEqual({
      removal: {
        kind: 'left',
        because: expect.stringMatching(`^${what} was answered with CHECK CONDITION`) as unknown,
      },
      course,
      unused: 0,
    });
  });
});

describe('a removal that a device fails and carries out', () => {
  it('is a removal: what is shown counts', async () => {
    expect(await remove([free, refused, keys(), free])).toEqual({
      removal: { kind: 'removed' },
      course: usual,
      unused: 0,
    });
    expect(await remove([free, refused, keys(key), free, keys(), free])).toEqual({
      removal: { kind: 'removed' },
      course: [...usual, ...last],
      unused: 0,
    });
  });
});

describe('a look that a device carried out before the removal it was to see', () => {
  it.each([
    ['the key', keys(key), free],
    ['the reservation', keys(), held(key)],
  ])('is taken again: %s was still there', async (_what, ...early) => {
    expect(await remove([held(key), good, good, ...early, keys(), free])).toEqual({
      removal: { kind: 'removed' },
      course: ['reservation?', 'release KEY, 0 type 5', 'register KEY, 0', ...last, ...last],
      unused: 0,
    });
  });

  it('is taken again: the other key was still there', async () => {
    const answers = [free, conflict, keys(key), free, good, good, free, good, keys(own), free, keys(), free];
    const { removal, course, unused } = await remove(answers);
    expect({ removal, unused }).toEqual({ removal: { kind: 'removed' }, unused: 0 });
    expect(course.at(-1)).toBe('forget OWN');
  });
});

describe('a registration that the device does not know as ours any more', () => {
  const begin = [free, conflict, keys(key, foreign), free];
  const taking = ['note OWN', 'noted', 'register 0, OWN', 'preempt OWN, KEY type 5', 'reservation?'];

  it('is preempted under another key, noted first; that key alone, and then the other key goes', async () => {
    const answers = [...begin, good, good, free, good, keys(foreign), free];
    expect(await remove(answers)).toEqual({
      removal: { kind: 'removed' },
      course: [...usual, ...taking, 'register OWN, 0', ...last, 'forget OWN'],
      unused: 0,
    });
  });

  it('is preempted with the type of its reservation, which is then released', async () => {
    const answers = [
      ...[held(key, 'exclusiveAccess'), conflict, conflict, keys(key, foreign), held(key, 'exclusiveAccess')],
      ...[good, good, held(own, 'exclusiveAccess'), good, keys(own, foreign), free],
      ...[good, keys(foreign), free],
    ];
    const { removal, course, unused } = await remove(answers);
    expect(removal).toEqual({ kind: 'removed' });
    expect(unused).toBe(0);
    expect(course).toContain('preempt OWN, KEY type 3');
    expect(course).toContain('release OWN, 0 type 3');
    expect(course.filter((one) => one.startsWith('clear'))).toEqual([]);
  });

  it('gets a key of ours where none is given', async () => {
    const { course } = await remove([...begin, conflict], {});
    expect(course).toContain('note ANOTHER OF OURS');
  });

  it('is not touched where the other key cannot be noted', async () => {
    const { removal, course } = await remove(begin, {
      given: own,
      add: () => Promise.reject(new Error('the disk is full')),
    });
    expect(removal).toEqual(new Error('the disk is full'));
    expect(course).toEqual([...usual, 'note OWN']);
  });

  it('waits for the note before anything is registered', async () => {
    let write = (): void => undefined;
    const writing = new Promise<void>((resolve) => (write = resolve));
    const answers = [...begin, good, good, free, good, keys(), free];
    const sent: string[] = [];
    const done = remove(
      answers.map((answer) => ({ ...answer })),
      { given: own, add: () => writing },
    ).then((course) => sent.push(...course.course));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
    write();
    await done;
    expect(sent.indexOf('noted')).toBeLessThan(sent.indexOf('register 0, OWN'));
  });

  it('is left where the other key is refused, whose note goes again', async () => {
    expect(await remove([...begin, conflict])).toEqual({
      removal: { kind: 'left', because: 'REGISTER was answered with RESERVATION CONFLICT' },
      course: [...usual, 'note OWN', 'noted', 'register 0, OWN', 'forget OWN'],
      unused: 0,
    });
  });

  it('is left where PREEMPT is refused; the other key goes all the same', async () => {
    expect(await remove([...begin, good, conflict, free, good, keys(key, foreign), free])).toEqual({
      removal: { kind: 'left', because: 'PREEMPT was answered with RESERVATION CONFLICT' },
      course: [...usual, ...taking, 'register OWN, 0', ...last, 'forget OWN'],
      unused: 0,
    });
  });

  it('is left where the device shows the key after all that', async () => {
    expect((await remove([...begin, good, good, free, good, keys(key), free])).removal).toEqual({
      kind: 'left',
      because: 'the device still shows the key',
    });
  });

  it('keeps the note of the other key for as long as that is there', async () => {
    const { course } = await remove([...begin, good, good, free, conflict, keys(own), free]);
    expect(course).not.toContain('forget OWN');
    const gone = await remove([...begin, good, good, free, conflict, keys(foreign), free]);
    expect(gone.course).toContain('forget OWN');
  });
});

describe('a reservation that stays without a key', () => {
  const begin = [held(key), good, good, keys(), held(0n), keys(), held(0n)];

  it('is ended by who registers again and releases', async () => {
    const answers = [...begin, good, held(own), good, keys(own), free, good, keys(), free];
    const { removal, course, unused } = await remove(answers);
    expect({ removal, unused }).toEqual({ removal: { kind: 'removed' }, unused: 0 });
    expect(course.slice(7)).toEqual([
      ...['note OWN', 'noted', 'register 0, OWN', 'reservation?', 'release OWN, 0 type 5', ...last],
      ...['register OWN, 0', ...last, 'forget OWN'],
    ]);
  });

  it('is cleared where nobody else is registered and a release did not help', async () => {
    const still = [keys(own), held(own)];
    const answers = [...begin, good, held(own), good, ...still, ...still, good, conflict, keys(), free];
    const { removal, course } = await remove(answers);
    expect(removal).toEqual({ kind: 'removed' });
    expect(course).toContain('clear OWN, 0');
  });

  it('is never cleared where anybody else is registered', async () => {
    const still = [keys(own, foreign), held(own)];
    const answers = [...begin, good, held(own), good, ...still, ...still, good, keys(foreign), held(0n)];
    const { course } = await remove(answers);
    expect(course.filter((one) => one.startsWith('clear'))).toEqual([]);
  });

  it('is named where it stays', async () => {
    const still = [keys(own), held(own)];
    const answers = [
      ...begin,
      good,
      held(own),
      good,
      ...still,
      ...still,
      good,
      good,
      ...[1, 2].flatMap(() => [keys(), held(0n)]),
    ];
    expect((await remove(answers)).removal).toEqual({
      kind: 'left',
      because: 'the device keeps the reservation Write Exclusive - Registrants Only (5) although nobody is registered',
    });
  });
});
