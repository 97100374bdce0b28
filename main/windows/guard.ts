import { failure } from '../../shared/errors/failure.ts';
import type { GuardPort } from '../ports/guard-port.ts';
import type { NicPort } from '../ports/nic-port.ts';
import type { Runner } from '../powershell/index.ts';
import { scriptCallOf } from './apply.ts';
import { change } from './call.ts';
import { nicErrors } from './errors/nic-errors.ts';
import { revertCalls } from './revert-calls.ts';
import { textForTask } from './task-text.ts';

/** A task starts powershell.exe with the text of each change; a failure must not keep the next from running. */
const alone = (text: string): string => `try {\n${text}\n} catch { }`;

/** Guards are tasks of Windows, made as reverts of NICs are: their text is the scripts of the changes, and forgets the task. */
export const createGuardPort = (runner: Runner, nics: NicPort): GuardPort => ({
  async arm({ token, afterSeconds, changes }, options) {
    const texts = await Promise.all(
      changes.map(async (one) => {
        const { script, input } = scriptCallOf(one, {
          secret: (name) => {
            throw failure('PLAN_SECRET_MISSING', { name }, { effect: 'none' });
          },
          resumeCommand: { program: process.execPath, arguments: [] },
        });
        return alone(await runner.render(script, input));
      }),
    );
    const forget = revertCalls.disarmRevert(token);
    const command = textForTask([...texts, await runner.render(forget.script, forget.input)].join('\n'));
    await change(runner, revertCalls.armRevert(token, afterSeconds, command), {
      call: options,
      errors: nicErrors.change,
    });
  },
  disarm: (token, options) => nics.disarmRevert(token, options),
  list: (options) => nics.readReverts(options),
});
