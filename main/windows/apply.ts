import { Failure, failure } from '../../shared/errors/failure.ts';
import { kindOf, parametersOf, type ServerChange } from '../../shared/changes/index.ts';
import type { Given } from '../../shared/changes/kind.ts';
import type { ApplyOptions, CallOptions } from '../ports/call.ts';
import type { Secret } from '../ports/secret.ts';
import type { Runner } from '../powershell/index.ts';
import { readAdministrator } from './administrator.ts';
import { change as runChange, inputText, type ScriptCall } from './call.ts';
import { storageAccessDenied } from './errors/disk-errors.ts';
import { changeErrors } from './errors/index.ts';

/** The script call that a change comes to: the same runs it and prints it for `--script`. */
export const scriptCallOf = (change: ServerChange, given: Given<Secret>): ScriptCall => {
  const { script, timeoutMs } = kindOf(change);
  return {
    script: script!,
    input: parametersOf(change, given),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
};

/** ERROR_ACCESS_DENIED. */
const accessDenied = 5;

/**
 * Refusals that Windows tells with the same words for two causes. Changing the membership returns 5 when the account may not
 * and when this session may not; Storage says "access denied" to whoever may not, and for a disk that another initiator has
 * reserved. Who this session is tells them apart.
 */
const explain = async (error: unknown, call: ScriptCall, runner: Runner, options: CallOptions): Promise<unknown> => {
  if (!(error instanceof Failure)) return error;
  if (error.code === 'HOST_CREDENTIAL_REFUSED' && error.detail['win32'] === accessDenied)
    return (await readAdministrator(runner, options)) === false
      ? failure('ACCESS_DENIED', { what: call.script }, { cause: error })
      : error;
  // The cluster's cmdlets ask for rights on every server that they reach, this one among them.
  if (error.code === 'CLUSTER_RIGHTS_MISSING' || error.code === 'CLUSTER_NAME_RIGHTS_MISSING')
    return (await readAdministrator(runner, options)) === false
      ? failure('ACCESS_DENIED', { what: call.script }, { cause: error, effect: 'none' })
      : error;
  if (error.detail['id'] === storageAccessDenied && 'disk' in call.input)
    return (await readAdministrator(runner, options)) === true
      ? failure('DISK_RESERVED', { disk: inputText(call.input, 'disk') }, { cause: error })
      : error;
  return error;
};

/** Applies changes by their scripts. */
export const createApply =
  (runner: Runner) =>
  async (change: ServerChange, { secrets = {}, resumeCommand, ...options }: ApplyOptions = {}): Promise<void> => {
    const call = scriptCallOf(change, {
      secret: (name) => {
        const secret = secrets[name];
        if (!secret) throw failure('PLAN_SECRET_MISSING', { name }, { effect: 'none' });
        return secret;
      },
      resumeCommand: resumeCommand ?? { program: process.execPath, arguments: [] },
    });
    const errors = changeErrors[change.do];
    try {
      await runChange(runner, call, {
        call: options,
        errors: typeof errors === 'function' ? errors(call.input) : errors,
      });
    } catch (error) {
      throw await explain(error, call, runner, options);
    }
  };
