import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeContent, partitionTypes, type Disk, type Partition } from '../../../shared/model/disk.ts';
import { storageDesireSchema, type StorageDesireInput } from '../../../shared/plan/disk/desire.ts';
import { planStorage } from '../../../shared/plan/disk/plan-disk.ts';
import { isDone, kindOf, type Change } from '../../../shared/changes/index.ts';
import type { StorageObserved } from '../../../shared/plan/observed.ts';
import { questionId, sharedDiskWords } from '../../../shared/plan/plan.ts';
import { makeDisk, makePartition, makeStorage } from '../../support/observed-server.ts';
import { answersOn, type GivenAnswers } from '../../support/plan-answers.ts';

const findDiskObjection = (change: Change, storage: StorageObserved) => kindOf(change).objection?.(change, storage);
const id = makeDisk(1).uniqueId!;
type DiskDesireInput = Omit<NonNullable<StorageDesireInput['disks']>[number], 'disk'>;

const plan = (desire: StorageDesireInput, observed: StorageObserved = makeStorage(), answers: GivenAnswers = {}) =>
  planStorage(storageDesireSchema.parse(desire), observed, answersOn(observed.node, answers));
const planOne = (desire: DiskDesireInput, disk: Partial<Disk> = {}, answers: GivenAnswers = {}) =>
  plan({ disks: [{ disk: id, ...desire }] }, makeStorage({ disks: [makeDisk(1, disk), makeDisk(2)] }), answers);
const codes = (draft: ReturnType<typeof plan>) => draft.refusals.map((refusal) => refusal.code);
const actions = (draft: ReturnType<typeof plan>) =>
  draft.steps.flatMap((step) => (step.certainty === 'planned' ? [step.change.do] : []));

const withVolume: Partial<Disk> = { partitionStyle: 'gpt', partitions: [makePartition()] };
const severalPartitions: Partial<Disk> = {
  partitionStyle: 'gpt',
  partitions: [makePartition({ driveLetter: 'F' }), makePartition({ partitionNumber: 3 })],
};
const linuxPartition: Partial<Disk> = {
  partitionStyle: 'gpt',
  partitions: [makePartition({ gptType: '{0FC63DAF-8483-4772-8E79-3D69D8477DE4}', volume: null })],
};

describe('what a wanted disk is refused for', () => {
  it.each<[string, DiskDesireInput, Partial<Disk>, string]>([
    ['a letter that is taken', { purpose: 'data', volume: { driveLetter: 'c' } }, {}, 'DISK_LETTER_IN_USE'],
    ['a letter for floppy disks', { volume: { driveLetter: 'A' } }, {}, 'DISK_LETTER_INVALID'],
    ['a letter that is none', { volume: { driveLetter: 'QQ' } }, {}, 'DISK_LETTER_INVALID'],
    [
      'content without a word about it',
      { purpose: 'data' },
      { ...withVolume, partitions: [makePartition({ volume: { ...makePartition().volume!, fileSystem: 'FAT32' } })] },
      'DISK_HAS_CONTENT',
    ],
    ['another label on a volume', { volume: { label: 'New' } }, withVolume, 'DISK_HAS_CONTENT'],
    [
      'several partitions without a word about them',
      { volume: { label: 'New' } },
      severalPartitions,
      'DISK_HAS_CONTENT',
    ],
    ['a letter for one of several partitions', { driveLetter: 'G' }, severalPartitions, 'DISK_SEVERAL_PARTITIONS'],
    [
      'several partitions of a disk without serial number',
      { purpose: 'data', discardContent: true },
      { ...severalPartitions, serialNumber: null },
      'DISK_NO_SERIAL',
    ],
    [
      'several partitions of a disk of a cluster, whatever is said about them',
      { purpose: 'data', discardContent: true },
      { ...severalPartitions, isClustered: true },
      'DISK_IN_CLUSTER',
    ],
    [
      'several partitions of the disk of Windows, whatever is said about them',
      { purpose: 'data', discardContent: true },
      { ...severalPartitions, isSystem: true },
      'DISK_IS_SYSTEM',
    ],
    [
      'dynamic disks',
      { purpose: 'data' },
      { partitionStyle: 'gpt', partitions: [makePartition({ gptType: partitionTypes.ldmData, volume: null })] },
      'DISK_HAS_CONTENT',
    ],
    ['a partition of another system', { purpose: 'data' }, linuxPartition, 'DISK_HAS_CONTENT'],
    [
      'a new partition table for a disk of another system',
      { partitionStyle: 'gpt', discardContent: true },
      linuxPartition,
      'DISK_HAS_CONTENT',
    ],
    [
      'partitions that cannot be read',
      { purpose: 'data' },
      { partitionStyle: 'gpt', partitions: null },
      'DISK_CONTENT_UNKNOWN',
    ],
    ['a disk of a cluster', { online: true }, { isClustered: true, isOffline: true }, 'DISK_IN_CLUSTER'],
    ['the disk of Windows', { online: false }, { isBoot: true }, 'DISK_IS_SYSTEM'],
    ['a witness of 511 MB', { purpose: 'witness' }, { sizeBytes: (512n << 20n) - 1n }, 'DISK_TOO_SMALL_FOR_WITNESS'],
    ['MBR on 3 TB', { partitionStyle: 'mbr', volume: {} }, { sizeBytes: 3n << 40n }, 'DISK_TOO_LARGE_FOR_MBR'],
    ['a label of 33 characters', { volume: { label: 'x'.repeat(33) } }, {}, 'DISK_LABEL_INVALID'],
    [
      'an allocation unit that ReFS does not have',
      { volume: { fileSystem: 'ReFS', allocationUnitBytes: 8192 } },
      {},
      'DISK_ALLOCATION_UNIT_INVALID',
    ],
    [
      'content of a disk without serial number',
      { volume: { label: 'New' }, discardContent: true },
      { ...withVolume, serialNumber: null },
      'DISK_NO_SERIAL',
    ],
  ])('%s', (_what, desire, disk, code) => {
    const draft = planOne(desire, disk, { sharedDisks: { [id]: sharedDiskWords } });
    expect(codes(draft)).toContain(code);
    expect(draft.steps).toEqual([]);
    for (const refusal of draft.refusals) expect(`${refusal.what} ${refusal.next}`).not.toMatch(/\{\w+\}/);
  });

  it('a disk that is there twice, or not at all', () => {
    const twice = makeStorage({ disks: [makeDisk(1), makeDisk(1, { number: 5 })] });
    expect(codes(plan({ disks: [{ disk: id, online: true }] }, twice))).toEqual(['DISK_AMBIGUOUS']);
    expect(codes(plan({ disks: [{ disk: 'nothing', online: true }] }))).toEqual(['DISK_NOT_FOUND']);
  });

  it('one letter for two disks', () => {
    const disks = [1, 2].map((number) => ({ disk: makeDisk(number).uniqueId!, volume: { driveLetter: 'Q' } }));
    expect(codes(plan({ disks }))).toEqual(['DISK_LETTER_IN_USE']);
  });

  it('a letter when the letters could not be read', () => {
    const observed = makeStorage({ letters: null, unread: { letters: 'ACCESS_DENIED' } });
    const draft = plan({ disks: [{ disk: id, volume: { driveLetter: 'Q' } }] }, observed);
    expect(draft.unknowns).toMatchObject([{ because: 'ACCESS_DENIED' }]);
  });
});

describe('the serial number of a disk whose content may be lost', () => {
  const desire = { volume: { label: 'New' }, discardContent: true } as const;
  const shared = { sharedDisks: { [id]: sharedDiskWords } };

  it('is asked for, and a wrong one is refused', () => {
    expect(planOne(desire, withVolume, shared).questions).toContainEqual(
      expect.objectContaining({ kind: 'serialNumber', answered: false }),
    );
    expect(codes(planOne(desire, withVolume, { ...shared, serialNumbers: { [id]: 'SERIAL-2' } }))).toEqual([
      'DISK_SERIAL_MISMATCH',
    ]);
  });

  it('does not stand in the question, and the right one lets the volume be formatted', () => {
    const draft = planOne(desire, withVolume, { ...shared, serialNumbers: { [id]: ' serial-1 ' } });
    expect(draft.questions.filter((question) => !question.answered)).toEqual([]);
    expect(actions(draft)).toEqual(['disk.format']);
    expect(draft.steps[0]).toMatchObject({ destructive: true, undoChanges: null });
    expect(draft.questions.find((question) => question.kind === 'serialNumber')!.text).not.toContain('SERIAL-1');
  });
});

describe.each([
  ['several partitions', severalPartitions],
  ['a partition of another system', linuxPartition],
])('a disk with %s', (_what, content) => {
  const desire = { purpose: 'data', discardContent: true } as const;
  const shared = { sharedDisks: { [id]: sharedDiskWords } };
  const unanswered = (draft: ReturnType<typeof plan>) =>
    draft.questions.filter((question) => !question.answered).map((question) => question.kind);

  it('is cleared only after its serial number was typed and the words for a shared disk were given', () => {
    expect(unanswered(planOne(desire, content))).toEqual(['serialNumber', 'sharedDisk']);
    expect(unanswered(planOne(desire, content, shared))).toEqual(['serialNumber']);
    expect(unanswered(planOne(desire, content, { serialNumbers: { [id]: 'SERIAL-1' } }))).toEqual(['sharedDisk']);
    expect(codes(planOne(desire, content, { ...shared, serialNumbers: { [id]: 'SERIAL-2' } }))).toEqual([
      'DISK_SERIAL_MISMATCH',
    ]);
  });

  it('is cleared and made anew, and the step names what is lost', () => {
    const draft = planOne(desire, content, { ...shared, serialNumbers: { [id]: 'SERIAL-1' } });
    expect(unanswered(draft)).toEqual([]);
    expect(actions(draft)).toEqual([
      'disk.clear',
      'disk.initialize',
      'disk.createPartition',
      'disk.format',
      'disk.setDriveLetter',
    ]);
    const [clear, , , format] = draft.steps;
    expect(clear).toMatchObject({
      destructive: true,
      undoChanges: null,
      questions: [questionId('NODE1', 'sharedDisk', id), questionId('NODE1', 'serialNumber', id)],
      locks: [`disk:${id}`],
    });
    expect(clear!.title).toContain('disk 1 (1 GiB, TEST LUN, serial number SERIAL-1)');
    expect(clear!.why).toMatch(/2 volumes: Old, Old|data that this Windows does not know/);
    expect(format!.change).toMatchObject({ discardsContent: false });
  });

  it('is not cleared when something else is on it than was told', () => {
    const [clear] = planOne(desire, content, { ...shared, serialNumbers: { [id]: 'SERIAL-1' } }).steps;
    const objection = (disk: Partial<Disk>) =>
      findDiskObjection(clear!.change, makeStorage({ disks: [makeDisk(1, disk)] }));
    expect(objection(content)).toBeNull();
    expect(objection(withVolume)).not.toBeNull();
    expect(objection({ ...content, isClustered: true })).not.toBeNull();
    expect(objection({ ...content, isBoot: true })).not.toBeNull();
    expect(objection({ ...content, partitions: null })).not.toBeNull();
  });

  it('is done when neither partition nor table is left', () => {
    const action = { do: 'disk.clear', disk: id, content: '' } as const;
    const is = (disk: Partial<Disk>) => isDone(action, { storage: makeStorage({ disks: [makeDisk(1, disk)] }) }).is;
    expect(is(content)).toBe('no');
    expect(is({})).toBe('yes');
    expect(is({ isOffline: true })).toBe('unknown');
    expect(is({ partitions: null })).toBe('unknown');
  });
});

describe('a disk that other servers may reach', () => {
  it('is asked about for everything that lets this server write, and for nothing else', () => {
    const kinds = (desire: DiskDesireInput, disk: Partial<Disk> = {}) =>
      planOne(desire, disk).questions.map((question) => question.kind);
    expect(kinds({ online: true }, { isOffline: true })).toEqual(['sharedDisk']);
    expect(kinds({ writable: true }, { isReadOnly: true })).toEqual(['sharedDisk']);
    expect(kinds({ purpose: 'data' })).toEqual(['sharedDisk']);
    expect(kinds({ online: false })).toEqual([]);
    expect(kinds({ writable: false })).toEqual([]);
    expect(kinds({ purpose: 'data' }, { busType: 'nvme' })).toEqual([]);
  });

  it('takes the words whatever their case and spacing, and no others', () => {
    const answer = (text: string) => planOne({ purpose: 'data' }, {}, { sharedDisks: { [id]: text } });
    expect(answer('  No other server   uses this disk. ').questions[0]).toMatchObject({ answered: true });
    expect(codes(answer('yes'))).toEqual(['DISK_SHARED_NOT_CONFIRMED']);
    expect(codes(answer(''))).toEqual(['DISK_SHARED_NOT_CONFIRMED']);
  });
});

describe('steps', () => {
  it('for a blank disk: table, partition, format, letter', () => {
    expect(actions(planOne({ purpose: 'witness' }))).toEqual([
      'disk.initialize',
      'disk.createPartition',
      'disk.format',
      'disk.setDriveLetter',
    ]);
  });

  it('for an offline disk: bring it online, look, and plan the rest then', () => {
    const draft = planOne({ purpose: 'witness' }, { isOffline: true, isReadOnly: true, partitions: null });
    expect(actions(draft)).toEqual(['disk.setOnline']);
    expect(draft.followUp).toMatchObject({ waitsFor: 'diskOnline' });
    expect(draft.followUp?.text).toContain('looks at what is on');
    const expected = draft.steps.filter(({ certainty }) => certainty === 'expected');
    expect(expected.map(({ change }) => change.do)).toEqual([
      'disk.setReadOnly',
      'disk.initialize',
      'disk.createPartition',
      'disk.format',
      'disk.setDriveLetter',
    ]);
  });

  it('only the letter for a volume that is right but for it', () => {
    const draft = planOne({ purpose: 'data' }, withVolume);
    expect(actions(draft)).toEqual(['disk.setDriveLetter']);
  });

  it('SAN policy and automount, with what they were to go back to', () => {
    const draft = plan({ sanPolicy: 'OfflineAll', automount: false });
    expect(actions(draft)).toEqual(['disk.setSanPolicy', 'disk.setAutomount']);
    expect(draft.steps[0]!.undoChanges).toEqual([{ do: 'disk.setSanPolicy', policy: 'OfflineShared' }]);
    expect(plan({ sanPolicy: 'OfflineShared', automount: true }).steps).toEqual([]);
  });
});

describe('the last look before something is written', () => {
  const format = { do: 'disk.format', disk: id, fileSystem: 'NTFS', label: '', allocationUnitBytes: null } as const;

  it('objects to whatever is not blank any more', () => {
    const found = makeStorage({ disks: [makeDisk(1, withVolume)] });
    expect(findDiskObjection({ do: 'disk.initialize', disk: id, style: 'gpt' }, found)).not.toBeNull();
    expect(findDiskObjection({ do: 'disk.createPartition', disk: id }, found)).not.toBeNull();
    expect(findDiskObjection({ ...format, discardsContent: false }, found)).not.toBeNull();
    expect(findDiskObjection({ ...format, discardsContent: true }, found)).toBeNull();
  });

  it('says which partition table it found where there is nothing else', () => {
    const initialize = { do: 'disk.initialize', disk: id, style: 'gpt' } as const;
    const of = (disk: Partial<Disk>) => makeStorage({ disks: [makeDisk(1, { partitions: [], ...disk })] });
    expect(findDiskObjection(initialize, of({ partitionStyle: 'mbr' }))?.content).toBe('an empty MBR partition table');
    expect(findDiskObjection({ do: 'disk.createPartition', disk: id }, of({ partitionStyle: 'raw' }))?.content).toBe(
      'no partition table',
    );
  });

  it('objects to a disk that is gone, offline, or in a cluster', () => {
    const initialize = { do: 'disk.initialize', disk: id, style: 'gpt' } as const;
    expect(findDiskObjection(initialize, makeStorage({ disks: [] }))).not.toBeNull();
    expect(findDiskObjection(initialize, makeStorage({ disks: [makeDisk(1, { isOffline: true })] }))).not.toBeNull();
    expect(
      findDiskObjection(
        { ...format, discardsContent: true },
        makeStorage({ disks: [makeDisk(1, { ...withVolume, isClustered: true })] }),
      ),
    ).not.toBeNull();
  });
});

describe('every disk that is not provably blank', () => {
  it('is never written to without its serial number', () => {
    const anyDisk = fc.record({
      isOffline: fc.boolean(),
      isReadOnly: fc.boolean(),
      isClustered: fc.boolean(),
      busType: fc.constantFrom('iscsi' as const, 'nvme' as const, 'sas' as const),
      partitionStyle: fc.constantFrom('raw' as const, 'gpt' as const, 'mbr' as const),
      partitions: fc.constantFrom<Disk['partitions'][]>(
        null,
        [],
        [makePartition()],
        [makePartition({ volume: null })],
        [makePartition({ gptType: partitionTypes.storageSpaces, volume: null })],
        [makePartition(), makePartition({ partitionNumber: 3 })],
      ),
    });
    const anyDesire = fc.record({
      purpose: fc.constantFrom('witness' as const, 'data' as const),
      volume: fc.constantFrom(undefined, { label: 'New' }, { fileSystem: 'ReFS' as const }),
      discardContent: fc.boolean(),
    });
    fc.assert(
      fc.property(anyDisk, anyDesire, (disk, desire) => {
        const draft = planOne(desire, disk, { sharedDisks: { [id]: sharedDiskWords } });
        const isBlank = !disk.isOffline && !disk.isClustered && disk.partitions?.length === 0;
        const isAsked = draft.questions.some((question) => question.kind === 'serialNumber' && !question.answered);
        if (draft.refusals.length + draft.unknowns.length > 0 || isAsked) return;
        const isPlanned = draft.steps.some((step) => step.destructive && step.certainty === 'planned');
        expect(isPlanned && !isBlank).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the partition table of a disk', () => {
  const mbr = (mbrType: number | null, change: Partial<Partition> = {}): Partition =>
    makePartition({ gptType: null, mbrType, ...change });
  const ofType = (...types: number[]): Partial<Disk> => ({
    partitionStyle: 'mbr',
    partitions: types.map((type, at) => mbr(type, { partitionNumber: at + 1, volume: null })),
  });
  const answers = { sharedDisks: { [id]: sharedDiskWords }, serialNumbers: { [id]: 'SERIAL-1' } };
  const made = ['disk.clear', 'disk.initialize', 'disk.createPartition', 'disk.format', 'disk.setDriveLetter'];

  it.each([
    [[0x8e], '8Eh (Linux LVM)'],
    [[0xfb], 'FBh (VMFS)'],
    [[0xde, 0x42, 0x42], 'DEh (Dell utility), 42h (dynamic disk)'],
    [[0x83], '83h (Linux)'],
    [[0xee], 'EEh (protective MBR of a GPT disk)'],
    [[0x05], '05h (extended partition)'],
    [[0x7f], '7Fh'],
    [[0x07, 0x83], '83h (Linux)'],
  ])('MBR types %j are of another system, and are named', (types, text) => {
    const content = judgeContent(makeDisk(1, ofType(...types)));
    expect(content).toMatchObject({ kind: 'foreign', because: expect.stringContaining(text) as string });
  });

  it.each([0x01, 0x04, 0x06, 0x07, 0x0b, 0x0c, 0x0e, 0x0f, 0x27, 0xef])('MBR type %i is of Windows', (type) => {
    expect(judgeContent(makeDisk(1, ofType(type))).kind).toBe('partitioned');
  });

  it('of another system is cleared and made anew as GPT once its content is released, and refused before', () => {
    const desire = { volume: { driveLetter: 'F', label: 'Data' }, discardContent: true };
    const draft = planOne(desire, ofType(0x8e), answers);
    expect(actions(draft)).toEqual(made);
    expect(draft.steps[1]).toMatchObject({ change: { style: 'gpt' } });
    const refused = planOne({ ...desire, discardContent: false }, ofType(0x8e), answers);
    expect(refused.refusals.map(({ what }) => what).join()).toContain('Linux LVM');
  });

  const big: Partial<Disk> = {
    sizeBytes: 4n << 40n,
    partitionStyle: 'mbr',
    partitions: [mbr(7, { sizeBytes: 2n << 40n })],
  };
  const wantsOld = { volume: { driveLetter: 'K', label: 'Old' } };

  it.each([
    ['another label', { volume: { driveLetter: 'K', label: 'New' } }],
    ['the label that is there', wantsOld],
    ['GPT by name', { ...wantsOld, partitionStyle: 'gpt' as const }],
  ])('MBR with %s: GPT is wanted, so it is refused, and replaced once released', (_what, desire) => {
    const refused = planOne(desire, big, answers);
    expect(codes(refused)).toEqual(['DISK_STYLE_DIFFERS']);
    expect(refused.refusals[0]?.what).toMatch(/has MBR where GPT is wanted/);
    const draft = planOne({ ...desire, discardContent: true }, big, answers);
    expect(actions(draft)).toEqual(made);
    expect(draft.steps[0]?.why).toContain('has MBR where GPT is wanted');
    expect(draft.questions.map(({ kind }) => kind)).toContain('serialNumber');
  });

  it('that is the named one stays, and a good part that is left unused is told', () => {
    const draft = planOne({ ...wantsOld, partitionStyle: 'mbr' }, big, answers);
    expect(actions(draft)).toEqual(['disk.setDriveLetter']);
    expect(draft.warnings.map(({ text }) => text).join()).toContain('leaves 2 TiB of it unused');
  });

  it('without anything in it is replaced without a serial number', () => {
    for (const desire of [wantsOld, { partitionStyle: 'gpt' as const }]) {
      const draft = planOne(desire, { partitionStyle: 'mbr', partitions: [] }, { sharedDisks: answers.sharedDisks });
      expect(actions(draft).slice(0, 2)).toEqual(['disk.clear', 'disk.initialize']);
      expect(draft.questions.map(({ kind }) => kind)).toEqual(['sharedDisk']);
      const [clear] = draft.steps;
      const find = (disk: Partial<Disk>) =>
        findDiskObjection(clear!.change, makeStorage({ disks: [makeDisk(1, disk)] }));
      expect(find({ partitionStyle: 'mbr', partitions: [] })).toBeNull();
      expect(find(big)).not.toBeNull();
    }
  });

  it('that MBR cannot be: GPT of 3 TB is not turned into it', () => {
    const disk = { sizeBytes: 3n << 40n, partitionStyle: 'gpt' as const, partitions: [] };
    expect(codes(planOne({ ...wantsOld, partitionStyle: 'mbr' }, disk, answers))).toContain('DISK_TOO_LARGE_FOR_MBR');
  });

  it('of one volume that leaves a good part of the disk is made anew when its content is released', () => {
    const half = { sizeBytes: 4n << 40n, partitionStyle: 'gpt' as const, partitions: [makePartition()] };
    const draft = planOne({ volume: { driveLetter: 'K', label: 'New' }, discardContent: true }, half, answers);
    expect(actions(draft)).toEqual(made);
  });
});
