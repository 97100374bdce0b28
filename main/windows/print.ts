import type { NicRestore } from '../ports/nic-port.ts';
import type { Runner } from '../powershell/index.ts';
import type { ScriptCall } from './call.ts';
import { revertCalls } from './revert-calls.ts';

/**
 * The PowerShell text that a call runs on Windows, for `--script` and for the steps of a plan: whole, and with a prompt in
 * place of each secret. It needs no PowerShell and no Windows.
 */
export const printPortCall = (runner: Pick<Runner, 'render'>, call: ScriptCall): Promise<string> =>
  runner.render(call.script, call.input);

/** The same for arming a revert, whose task carries the printed text of the restoring script. */
export const printArmRevert = async (
  runner: Pick<Runner, 'render'>,
  request: { readonly token: string; readonly afterSeconds: number; readonly restore: readonly NicRestore[] },
): Promise<string> => {
  const restoring = revertCalls.restore(request.token, request.restore);
  const command = await runner.render(restoring.script, restoring.input);
  return printPortCall(runner, revertCalls.armRevert(request.token, request.afterSeconds, command));
};
