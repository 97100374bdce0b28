import type { ErrorRow } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { deniedAtOnce } from './denied.ts';

/*
 * The storage modules tell refusals by the return value of the method, in the id: "StorageWMI 41003,Initialize-Disk".
 * https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/initialize-msft-disk and
 * https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/createpartition-msft-disk list the values.
 */
const storage = (...values: readonly number[]): string[] => values.map((value) => `StorageWMI ${value}`);
const none = 'none' as const;

/** 40001, Access denied: this session may not, or somebody else's reservation keeps the disk. */
export const storageAccessDenied = 'StorageWMI 40001';

const onDisk = (
  code: 'DISK_OFFLINE' | 'DISK_READ_ONLY' | 'DISK_NOT_INITIALIZED' | 'DISK_NO_SPACE' | 'DISK_IN_CLUSTER',
  ...values: number[]
): ErrorRow => ({
  code,
  id: storage(...values),
  detail: (_error, { input }) => ({ disk: inputText(input, 'disk') }),
  effect: none,
});

const found: readonly ErrorRow[] = [
  {
    code: 'DISK_NOT_FOUND',
    id: ['Quorate.DiskNotFound', 'CmdletizationQuery_NotFound_UniqueId', 'CmdletizationQuery_NotFound_Number'],
    detail: (_error, { input }) => ({ disk: inputText(input, 'disk') }),
    effect: none,
  },
  {
    code: 'DISK_AMBIGUOUS',
    id: 'Quorate.DiskAmbiguous',
    detail: (error, { input }) => ({ disk: inputText(input, 'disk'), count: error.at.target ?? 'several' }),
    effect: none,
  },
  {
    code: 'DISK_PARTITION_NOT_FOUND',
    id: ['Quorate.PartitionNotFound', 'CmdletizationQuery_NotFound'],
    detail: (_error, { input }) => ({ disk: inputText(input, 'disk'), partition: inputText(input, 'partitionNumber') }),
    effect: none,
  },
];

const clustered: ErrorRow = {
  code: 'WINDOWS_REFUSED',
  id: storage(41018),
  detail: (error) => ({ what: 'to change a disk that the failover cluster manages', id: error.id, code: 41018 }),
  effect: none,
};

const states: readonly ErrorRow[] = [onDisk('DISK_OFFLINE', 41003), onDisk('DISK_READ_ONLY', 41002), clustered];

const letterInUse = (effect: 'none' | 'partial'): ErrorRow[] => [
  {
    code: 'DISK_LETTER_IN_USE',
    id: 'Quorate.LetterInUse',
    detail: (error, { input }) => ({
      letter: inputText(input, 'driveLetter'),
      holder: error.at.target || 'another drive',
    }),
    effect: none,
  },
  {
    code: 'DISK_LETTER_IN_USE',
    id: storage(42002),
    detail: (_error, { input }) => ({ letter: inputText(input, 'driveLetter'), holder: 'another drive' }),
    effect,
  },
];

/** Rows for each method of the disk port. */
export const diskErrors = {
  read: [],
  change: [...found, ...states],
  // https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/clear-msft-disk lists the values.
  clear: [
    {
      code: 'DISK_IS_SYSTEM',
      id: ['Quorate.DiskIsSystem', ...storage(41009)],
      detail: (_error, { input }) => ({ disk: inputText(input, 'disk') }),
      effect: none,
    },
    onDisk('DISK_NOT_INITIALIZED', 41000),
    onDisk('DISK_IN_CLUSTER', 41019),
    ...found,
    ...states,
  ],
  initialize: [
    {
      code: 'DISK_ALREADY_INITIALIZED',
      id: storage(41001),
      detail: (_error, { input }) => ({ disk: inputText(input, 'disk') }),
      effect: none,
    },
    ...found,
    ...states,
  ],
  createPartition: [
    // New-Partition reports a taken letter and leaves the partition behind without one.
    ...letterInUse('partial'),
    onDisk('DISK_NOT_INITIALIZED', 41000),
    onDisk('DISK_NO_SPACE', 40000, 41006),
    ...found,
    ...states,
  ],
  format: [
    {
      code: 'DISK_FILE_SYSTEM_REFUSED',
      id: storage(5, 43000, 43001, 43002, 43003),
      command: 'Format-Volume',
      detail: (error, { input }) => ({
        disk: inputText(input, 'disk'),
        fileSystem: inputText(input, 'fileSystem'),
        reason: error.id.split(',', 1)[0] ?? error.id,
      }),
      effect: none,
    },
    ...found,
    ...states,
  ],
  setDriveLetter: [
    ...letterInUse('none'),
    {
      code: 'DISK_PARTITION_NOT_FOUND',
      id: storage(42004),
      detail: (_error, { input }) => ({
        disk: inputText(input, 'disk'),
        partition: inputText(input, 'partitionNumber'),
      }),
      effect: none,
    },
    ...found,
    ...states,
  ],
  setAutomount: [
    ...deniedAtOnce,
    {
      code: 'WINDOWS_REFUSED',
      id: 'Quorate.MountvolFailed',
      detail: (error) => ({ what: 'to set automount', id: 'mountvol', code: error.at.target ?? '' }),
      effect: 'unknown',
    },
  ],
} as const satisfies Readonly<Record<string, readonly ErrorRow[]>>;
