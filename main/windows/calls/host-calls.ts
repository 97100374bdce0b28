import type { TimeSetting, Resume } from '../../../shared/model/host.ts';
import type { Credential, Secret } from '../../ports/secret.ts';
import type { ScriptCall } from '../call.ts';
import { toCommandLine } from './command-line.ts';

/** What each changing method of the host port comes to. */
export const hostCalls = {
  rename: (newName: string, credential: Credential | null): ScriptCall => ({
    script: 'Rename-Host',
    input: { newName, credential },
    timeoutMs: 120_000,
  }),
  joinDomain: (request: {
    readonly domain: string;
    readonly ou: string | null;
    readonly credential: Credential;
  }): ScriptCall => ({
    script: 'Set-HostDomain',
    input: { domain: request.domain, organizationalUnit: request.ou, credential: request.credential },
    timeoutMs: 180_000,
  }),
  joinWorkgroup: (request: { readonly workgroup: string; readonly credential: Credential | null }): ScriptCall => ({
    script: 'Set-HostWorkgroup',
    input: { workgroup: request.workgroup, credential: request.credential },
    timeoutMs: 180_000,
  }),
  restart: ({ reason }: { readonly reason: string }): ScriptCall => ({ script: 'Restart-Host', input: { reason } }),
  registerResume: (
    request: Resume & {
      readonly command: { readonly program: string; readonly arguments: readonly string[] };
      readonly password: Secret | null;
    },
  ): ScriptCall => ({
    script: 'Register-ResumeTask',
    input: {
      token: request.token,
      trigger: request.trigger,
      account: request.account,
      program: request.command.program,
      argument: request.command.arguments.length > 0 ? toCommandLine(request.command.arguments) : null,
      password: request.password,
    },
  }),
  removeResume: (token: string): ScriptCall => ({ script: 'Unregister-ResumeTask', input: { token } }),
  setTimeSource: (setting: TimeSetting): ScriptCall => ({
    script: 'Set-TimeSource',
    input: { kind: setting.kind, server: setting.kind === 'servers' ? setting.servers : null },
  }),
};
