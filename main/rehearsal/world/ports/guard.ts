import * as z from 'zod';
import { changeSchema, isServerChange } from '../../../../shared/changes/index.ts';
import { registerTask } from '../changes/host.ts';
import { NotModelled } from '../refusal.ts';
import { taskPath } from './host.ts';
import { changes } from './method.ts';
import { revertPrefix } from './nics.ts';

/** Guards are tasks beside the reverts of NICs, and are listed and forgotten as those are. */
export const guardMethods = {
  'guard.arm': changes(
    z.object({ token: z.string(), afterSeconds: z.number().int().min(10).max(3600), changes: z.array(changeSchema) }),
    (change, input) => {
      const atMs = change.nowMs + input.afterSeconds * 1000;
      registerTask(change, {
        path: taskPath,
        name: `${revertPrefix}${input.token}`,
        description: `quorate-revert;1;${new Date(atMs).toISOString()}`,
        trigger: { kind: 'once', atMs },
        user: 'NT AUTHORITY\\SYSTEM',
        logonType: 'ServiceAccount',
        runLevel: 'Highest',
        execute: 'powershell.exe',
        arguments: '',
        enabled: true,
        lastRunMs: null,
        restore: null,
        guarded: input.changes.map((one) => {
          if (!isServerChange(one)) throw new NotModelled(`a guard for ${one.do}`);
          return one;
        }),
      });
    },
  ),
};
