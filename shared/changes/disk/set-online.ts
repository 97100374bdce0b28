import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskOf, diskTool, diskWords, judgeDisk } from './disk.ts';

const schema = z.object({
  do: z.literal('disk.setOnline'),
  /** Unique id (`MSFT_Disk.UniqueId`). */
  disk: z.string(),
  online: z.boolean(),
});

/** Throws `DISK_RESERVED` when somebody else's reservation keeps the disk from coming online. */
export const setOnline: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Set-DiskOnline',
  timeoutMs: 120_000,
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk, online }, observed) => {
    const reason = diskOf(observed, disk)?.offlineReason;
    return {
      title: `${online ? 'Bring' : 'Take'} ${diskWords(observed, disk)} ${online ? 'online' : 'offline'}`,
      why: online ? `It is offline${reason ? ` (${reason})` : ''}.` : 'It is online; another server may need it.',
      manual: `${diskTool}: the disk, ${online ? 'Online' : 'Offline'}.`,
    };
  },
  undo: ({ disk, online }) => ({
    text: online ? 'Takes it offline again.' : 'Brings it online again.',
    changes: [{ do: 'disk.setOnline', disk, online: !online }],
  }),
  done: ({ disk, online }, observed) =>
    judgeDisk(observed, disk, ({ isOffline }) =>
      judge(isOffline !== online, `the disk is ${isOffline ? 'offline' : 'online'}`),
    ),
};
