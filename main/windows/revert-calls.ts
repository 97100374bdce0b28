import type { NicRestore } from '../ports/nic-port.ts';
import type { ScriptCall } from './call.ts';

/** What arming and disarming a revert comes to. */
export const revertCalls = {
  /** The script that a revert runs; {@link revertCalls.armRevert} carries its printed text. */
  restore: (token: string, restore: readonly NicRestore[]): ScriptCall => ({
    script: 'Restore-NicSetting',
    input: { token, restore: restore.map((item) => ({ ...item })) },
  }),
  armRevert: (token: string, afterSeconds: number, command: string): ScriptCall => ({
    script: 'Register-NicRevert',
    input: { token, afterSeconds, command },
  }),
  disarmRevert: (token: string): ScriptCall => ({ script: 'Unregister-NicRevert', input: { token } }),
};
