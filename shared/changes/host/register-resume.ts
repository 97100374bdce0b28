import * as z from 'zod';
import { judge, no, unknown } from '../done.ts';
import { failure } from '../../errors/failure.ts';
import type { ChangeKind, ResumeCommand } from '../kind.ts';
import { toCommandLine } from './command-line.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({
  do: z.literal('host.registerResume'),
  token: z.string(),
  /** `logon`: the account's next logon. `startup`: the start, with a password that Windows keeps. */
  trigger: z.enum(['logon', 'startup']),
  account: z.string(),
  /** Null for `logon`. */
  passwordName: z.string().nullable(),
});

/** @throws RESUME_PATH_UNUSABLE */
const argumentOf = ({ arguments: list, line, unusable }: ResumeCommand): string | null => {
  if (unusable !== undefined) throw failure('RESUME_PATH_UNUSABLE', { path: unusable });
  return line ?? (list.length > 0 ? toCommandLine(list) : null);
};

/** Registers that this product goes on with `token` after the restart. Registering a token again replaces it. */
export const registerResume: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Register-ResumeTask',
  parameters: ({ token, trigger, account, passwordName }, { secret, resumeCommand }) => ({
    token,
    trigger,
    account,
    program: resumeCommand.program,
    argument: argumentOf(resumeCommand),
    password: passwordName === null ? null : secret(passwordName),
  }),
  secrets: ({ passwordName }) => (passwordName === null ? [] : [passwordName]),
  subject: ({ token }) => [token],
  words: ({ trigger, account }, { facts }) => ({
    title:
      trigger === 'logon'
        ? `Let Quorate continue when ${account} logs on to ${facts.computerName} again`
        : `Let Quorate continue after the restart as ${account}; Windows keeps the password`,
    why: 'The remaining work continues automatically after the restart. Then the task is removed.',
    manual: 'Task Scheduler: create a task that starts Quorate with "journal resume", at logon or at startup.',
  }),
  undo: ({ token }) => ({ text: 'Removes the task.', changes: [{ do: 'host.removeResume', token }] }),
  done: ({ token, trigger, account }, { resumes, unread }) => {
    if (!resumes) return unknown(unread['resumes'] ?? 'the tasks were not read');
    const found = resumes.find((resume) => resume.token === token);
    if (!found) return no('no such task is there');
    if (found.trigger !== trigger || !isSameName(found.account, account))
      return no(`the task is for ${found.account} at ${found.trigger}`);
    if (!found.isEnabled) return no('the task is switched off');
    if (!found.isElevated) return no('the task does not start with highest rights');
    const isStarting = found.program !== '' && /(^|\s)resume(\s|"|$)/.test(found.argument);
    return judge(
      isStarting,
      isStarting
        ? `the task of ${found.account} is there and starts ${found.program} with highest rights`
        : `the task starts ${found.program} ${found.argument}`.trim(),
    );
  },
};
