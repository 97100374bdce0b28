import * as z from 'zod';
import { whyUnread } from '../../model/observed.ts';
import { accountSchema } from '../../plan/host/desire.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { credentialOf, secretNamesOf } from './host.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({
  do: z.literal('host.rename'),
  newName: z.string(),
  /** Who may rename the computer's object; needed in a domain only. */
  account: accountSchema.nullable(),
});

/**
 * Gives the computer a new name (Rename-Computer), in force after a restart. Throws `HOST_NAME_REFUSED`,
 * `HOST_CREDENTIAL_REFUSED`.
 */
export const renameHost: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Rename-Host',
  parameters: ({ newName, account }, { secret }) => ({ newName, credential: credentialOf(account, secret) }),
  timeoutMs: 120_000,
  restart: 'after',
  isInForce: ({ facts }) => facts.nextComputerName === null || isSameName(facts.nextComputerName, facts.computerName),
  secrets: ({ account }) => secretNamesOf(account),
  subject: ({ newName }) => [newName],
  words: ({ newName }, { facts }) => {
    const current = facts.nextComputerName ?? facts.computerName;
    return {
      title: `Rename ${current} to ${newName}`,
      why: `The name is ${current}; ${newName} is wanted. Takes effect after a restart.`,
      manual: 'Server Manager, Local Server, Computer name, Change.',
    };
  },
  undo: ({ account }, { facts }) => {
    const newName = facts.nextComputerName;
    return newName === null
      ? null
      : {
          text: `Renames it back to ${newName}, before or after the restart.`,
          changes: [{ do: 'host.rename', newName, account }],
        };
  },
  done: ({ newName }, { facts }) =>
    facts.nextComputerName === null
      ? unknown(whyUnread(facts, 'nextComputerName') ?? 'the next name was not read')
      : judge(
          isSameName(facts.nextComputerName, newName),
          `the name after the next restart is ${facts.nextComputerName}`,
        ),
};
