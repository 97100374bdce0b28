import * as z from 'zod';
import type { FolderSecurityPort } from '../ports/folder-security-port.ts';
import type { Runner } from '../powershell/index.ts';
import { change, readWith } from './call.ts';
import { deniedAtOnce } from './errors/denied.ts';
import { partOf } from './part.ts';

const readSchema = z.object({
  user: partOf(z.string()),
  isAdministrator: partOf(z.boolean()),
  items: z.array(z.object({ path: z.string(), security: partOf(z.string()) })),
});

/** How many things one call looks at: its input has to stay a line that is read at once. */
const atOnce = 500;
const timeoutMs = 120_000;

export const createFolderSecurityPort = (runner: Runner): FolderSecurityPort => ({
  async read(paths, call) {
    const items: z.output<typeof readSchema>['items'] = [];
    let head: Pick<z.output<typeof readSchema>, 'user' | 'isAdministrator'> | null = null;
    for (let at = 0; at < paths.length || head === null; at += atOnce) {
      const input = { path: paths.slice(at, at + atOnce) };
      const read = await readWith(runner, { script: 'Get-FileSecurity', input, timeoutMs }, readSchema, {
        call,
        errors: [],
      });
      head ??= read;
      items.push(...read.items);
    }
    return {
      user: head.user.ok ? head.user.data : null,
      isElevated: head.isAdministrator.ok ? head.isAdministrator.data : null,
      items: items.map(({ path, security }) =>
        security.ok ? { path, sddl: security.data } : { path, unread: security.error.message },
      ),
    };
  },
  protect: (path, security, call) =>
    change(runner, { script: 'Protect-Folder', input: { path, security }, timeoutMs }, { call, errors: deniedAtOnce }),
  note: (identity, path, call) =>
    change(runner, { script: 'Register-ProtectedFolder', input: { identity, path } }, { call, errors: deniedAtOnce }),
});
