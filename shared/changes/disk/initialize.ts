import * as z from 'zod';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskTool, diskWords, judgeDisk } from './disk.ts';
import { objectTo } from './objection.ts';

const schema = z.object({
  do: z.literal('disk.initialize'),
  /** Unique id. */
  disk: z.string(),
  style: z.enum(['gpt', 'mbr']),
});

/** Writes a partition table. Throws `DISK_ALREADY_INITIALIZED`, `DISK_OFFLINE`, `DISK_READ_ONLY`. */
export const initialize: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Initialize-HostDisk',
  parameters: ({ disk, style }) => ({ disk, style: style.toUpperCase() }),
  timeoutMs: 180_000,
  isDestructive: true,
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk, style }, observed) => ({
    title: `Initialize ${diskWords(observed, disk)} as ${style.toUpperCase()}`,
    why: 'It is blank: it has no partition table.',
    manual: `${diskTool}: the disk, Initialize Disk.`,
  }),
  undo: () => null,
  stays: 'The partition table stays on the disk: it holds nothing, and clearing a disk is a decision of its own.',
  objection: ({ disk }, observed) =>
    objectTo(observed, disk, (found, content) => content.kind !== 'blank' || found.partitionStyle !== 'raw'),
  done: ({ disk, style }, observed) =>
    judgeDisk(observed, disk, ({ partitionStyle, isOffline }) =>
      partitionStyle === 'raw' && isOffline
        ? unknown('Windows does not read a disk that is offline')
        : judge(partitionStyle === style, `the partition style is ${partitionStyle.toUpperCase()}`),
    ),
};
