import type { AddressFamily } from '../../../shared/model/address.ts';
import type { NetbiosSetting } from '../../../shared/model/nic.ts';
import type { NicRestore } from '../../ports/nic-port.ts';
import type { ScriptCall } from '../call.ts';

const familyName = (family: AddressFamily): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');
const settingNames = { default: 'Default', enabled: 'Enabled', disabled: 'Disabled' } as const;

/** What each changing method of the NIC port comes to. */
export const nicCalls = {
  rename: (nic: string, newName: string): ScriptCall => ({ script: 'Rename-Nic', input: { nic, newName } }),
  enable: (nic: string): ScriptCall => ({ script: 'Set-NicState', input: { nic, enabled: true } }),
  disable: (nic: string): ScriptCall => ({ script: 'Set-NicState', input: { nic, enabled: false } }),
  setDhcp: (nic: string, family: AddressFamily, enabled: boolean): ScriptCall => ({
    script: 'Set-NicDhcp',
    input: { nic, family: familyName(family), enabled },
  }),
  setGateway: (nic: string, family: AddressFamily, nextHop: string | null): ScriptCall => ({
    script: 'Set-NicGateway',
    input: { nic, family: familyName(family), nextHop },
  }),
  setDnsServers: (nic: string, family: AddressFamily, servers: readonly string[]): ScriptCall => ({
    script: 'Set-NicDnsServer',
    input: { nic, family: familyName(family), server: [...servers] },
  }),
  setDnsRegistration: (nic: string, registers: boolean): ScriptCall => ({
    script: 'Set-NicDnsRegistration',
    input: { nic, registers },
  }),
  setNetbios: (nic: string, setting: NetbiosSetting): ScriptCall => ({
    script: 'Set-NicNetbios',
    input: { nic, setting: settingNames[setting] },
  }),
  setJumboPacket: (nic: string, valueBytes: number): ScriptCall => ({
    script: 'Set-NicJumboPacket',
    input: { nic, valueBytes },
  }),
  setBinding: (nic: string, componentId: string, enabled: boolean): ScriptCall => ({
    script: 'Set-NicBinding',
    input: { nic, componentId, enabled },
  }),
  setPowerSaving: (nic: string, allowed: boolean): ScriptCall => ({
    script: 'Set-NicPowerSaving',
    input: { nic, allowed },
  }),
  /** The script that a revert runs; {@link nicCalls.armRevert} carries its printed text. */
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
