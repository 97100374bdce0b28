import { failure } from '../../shared/errors/failure.ts';
import { kindOf, parametersOf, type Change } from '../../shared/changes/index.ts';
import type { ApplyOptions } from '../ports/call.ts';
import type { Secret } from '../ports/secret.ts';
import type { Runner } from '../powershell/index.ts';
import { change as runChange, type ScriptCall } from './call.ts';
import { changeErrors } from './errors/index.ts';

/** The script call that a change comes to: the same runs it and prints it for `--script`. */
export const scriptCallOf = (change: Change, secret: (name: string) => Secret): ScriptCall | null => {
  const { script, timeoutMs } = kindOf(change);
  if (script === null) return null;
  return { script, input: parametersOf(change, { secret }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
};

/** Applies changes by their scripts. */
export const createApply =
  (runner: Runner) =>
  async (change: Change, options: ApplyOptions = {}): Promise<void> => {
    const call = scriptCallOf(change, (name) => {
      const secret = options.secrets?.[name];
      if (!secret) throw failure('PLAN_SECRET_MISSING', { name });
      return secret;
    });
    if (call) await runChange(runner, call, { call: options, errors: changeErrors[change.do] });
  };
