import type { Runner } from '../powershell/index.ts';
import type { ScriptCall } from './call.ts';

/**
 * The PowerShell text that a call runs on Windows, for `--script` and for the steps of a plan: whole, and with a prompt in
 * place of each secret. It needs no PowerShell and no Windows.
 */
export const printPortCall = (runner: Pick<Runner, 'render'>, call: ScriptCall): Promise<string> =>
  runner.render(call.script, call.input);
