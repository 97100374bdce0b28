import type { NicRestore } from '../ports/nic-port.ts';
import type { Runner } from '../powershell/index.ts';
import type { ScriptCall } from './call.ts';
import { diskCalls } from './calls/disk-calls.ts';
import { hostCalls } from './calls/host-calls.ts';
import { initiatorCalls, mpioCalls } from './calls/initiator-calls.ts';
import { nicCalls } from './calls/nic-calls.ts';

const { restore, armRevert, ...plainNicCalls } = nicCalls;

/** Every changing method of every port but `nics.armRevert`, as the script call that it comes to. */
export const portCalls = {
  host: hostCalls,
  nics: plainNicCalls,
  initiator: initiatorCalls,
  mpio: mpioCalls,
  disks: diskCalls,
} as const satisfies Readonly<Record<string, Readonly<Record<string, (...given: never[]) => ScriptCall>>>>;

type Calls = typeof portCalls;
/** Such as `disks.initialize`. */
export type PortCallName = { [Port in keyof Calls]: `${Port}.${keyof Calls[Port] & string}` }[keyof Calls];

/**
 * The PowerShell text that a port's method runs on Windows, for `--script` and for the steps of a plan: whole, and with
 * a prompt in place of each secret. It needs no PowerShell and no Windows.
 */
export const printPortCall = (runner: Pick<Runner, 'render'>, call: ScriptCall): Promise<string> =>
  runner.render(call.script, call.input);

/** The same for `nics.armRevert`, whose task carries the printed text of the restoring script. */
export const printArmRevert = async (
  runner: Pick<Runner, 'render'>,
  request: { readonly token: string; readonly afterSeconds: number; readonly restore: readonly NicRestore[] },
): Promise<string> => {
  const restoring = restore(request.token, request.restore);
  const command = await runner.render(restoring.script, restoring.input);
  return printPortCall(runner, armRevert(request.token, request.afterSeconds, command));
};
