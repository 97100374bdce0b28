import * as z from 'zod';
import { no, unknown, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('host.removeResume'), token: z.string() });

/** Removes a registered resume; does nothing when there is none of this token. */
export const removeResume: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Unregister-ResumeTask',
  subject: ({ token }) => [token, 'remove'],
  words: () => ({
    title: 'Remove the task that continues after a restart',
    why: 'It is not needed any more.',
    manual: 'Task Scheduler: delete the task in the folder Quorate.',
  }),
  undo: () => null,
  stays: null,
  done: ({ token }, { resumes, unread }) => {
    if (!resumes) return unknown(unread['resumes'] ?? 'the tasks were not read');
    return resumes.some((resume) => resume.token === token) ? no('the task is there') : yes('no such task is there');
  },
};
