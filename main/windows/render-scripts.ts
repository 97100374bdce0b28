import { isServerChange, kindOf, partsOf, type Change } from '../../shared/changes/index.ts';
import type { Given } from '../../shared/changes/kind.ts';
import type { Observed } from '../../shared/plan/observed.ts';
import type { Secret } from '../ports/secret.ts';
import type { Runner } from '../powershell/index.ts';
import { scriptCallOf } from './apply.ts';
import type { ScriptCall } from './call.ts';

/**
 * The PowerShell text that a call runs on Windows, for `--script` and for the steps of a plan: whole, and with a prompt in
 * place of each secret. It needs no PowerShell and no Windows.
 */
export const printPortCall = (runner: Pick<Runner, 'render'>, call: ScriptCall): Promise<string> =>
  runner.render(call.script, call.input);

/**
 * The PowerShell of each change, from the very calls that run on Windows, so that what is shown is what runs. Null for what
 * changes nothing of Windows.
 */
export const renderScripts = (
  runner: Pick<Runner, 'render'>,
  given: Given<Secret>,
  changes: readonly Change[],
  observed: Observed,
): Promise<(string | null)[]> =>
  Promise.all(
    changes.map(async (change) => {
      const parts = partsOf(change, observed[kindOf(change).area]).filter(isServerChange);
      const printed = await Promise.all(parts.map((part) => printPortCall(runner, scriptCallOf(part, given))));
      return printed.length > 0 ? printed.join('\n') : null;
    }),
  );
