import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskNumber, diskWords, judgeDisk } from './disk.ts';

const schema = z.object({
  do: z.literal('disk.setReadOnly'),
  /** Unique id. */
  disk: z.string(),
  readOnly: z.boolean(),
});

export const setReadOnly: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Set-DiskReadOnly',
  timeoutMs: 120_000,
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk, readOnly }, observed) => ({
    title: `Make ${diskWords(observed, disk)} ${readOnly ? 'read-only' : 'writable'}`,
    why: readOnly ? 'It is writable.' : 'It is read-only.',
    manual: `diskpart: select disk ${diskNumber(observed, disk)}, attributes disk ${readOnly ? 'set' : 'clear'} readonly.`,
  }),
  undo: ({ disk, readOnly }) => ({
    text: readOnly ? 'Makes it writable again.' : 'Makes it read-only again.',
    changes: [{ do: 'disk.setReadOnly', disk, readOnly: !readOnly }],
  }),
  done: ({ disk, readOnly }, observed) =>
    judgeDisk(observed, disk, ({ isReadOnly }) =>
      judge(isReadOnly === readOnly, `the disk is ${isReadOnly ? 'read-only' : 'writable'}`),
    ),
};
