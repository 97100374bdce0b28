import type { Account } from '../../../../shared/plan/host/desire.ts';
import { requireAdministrator } from '../change.ts';
import * as host from '../changes/host.ts';
import { beginRestart } from '../changes/restart.ts';
import { resumePrefix, taskPath } from '../ports/host.ts';
import type { EffectGiven, EffectsOf } from './effect.ts';

type Credential = { readonly userName: string; readonly password: string };

const credentialOf = ({ userName, passwordName }: Account, { secret }: EffectGiven): Credential => ({
  userName,
  password: secret(passwordName),
});

/** What each change of the server itself does to a simulated one. */
export const hostEffects: EffectsOf<'host'> = {
  'host.rename': (change, { newName, account }, given) =>
    host.renameComputer(change, newName, account && credentialOf(account, given)),
  'host.joinDomain': (change, { domain, ou, account }, given) =>
    host.joinDomain(change, { domain, ou, account: credentialOf(account, given), ifJoined: true }),
  'host.joinWorkgroup': (change, { workgroup, account }, given) =>
    host.joinWorkgroup(change, workgroup, account && credentialOf(account, given)),
  'host.restart': (change) => {
    requireAdministrator(change);
    beginRestart(change.world, change.server, change.nowMs);
  },
  'host.registerResume': (change, { token, trigger, account }, { resumeCommand }) =>
    host.registerTask(change, {
      path: taskPath,
      name: `${resumePrefix}${token}`,
      description: `quorate-resume;1;${trigger};${account}`,
      trigger: trigger === 'startup' ? { kind: 'startup' } : { kind: 'logon', user: account },
      user: account,
      logonType: trigger === 'startup' ? 'Password' : 'Interactive',
      runLevel: 'Highest',
      execute: resumeCommand.program,
      arguments: resumeCommand.line ?? resumeCommand.arguments.join(' '),
      enabled: true,
      lastRunMs: null,
      restore: null,
    }),
  'host.removeResume': (change, { token }) => {
    host.removeTask(change, taskPath, `${resumePrefix}${token}`);
  },
  'host.setTime': (change, { setting }) => host.setTimeSource(change, setting),
};
