import type { FileSystem, SanPolicy } from '../../../shared/model/disk.ts';
import type { ScriptCall } from '../call.ts';

/** What each changing method of the disk port comes to. */
export const diskCalls = {
  rescan: (): ScriptCall => ({ script: 'Update-DiskList', input: {}, timeoutMs: 180_000 }),
  setOnline: (disk: string, online: boolean): ScriptCall => ({
    script: 'Set-DiskOnline',
    input: { disk, online },
    timeoutMs: 120_000,
  }),
  setReadOnly: (disk: string, readOnly: boolean): ScriptCall => ({
    script: 'Set-DiskReadOnly',
    input: { disk, readOnly },
    timeoutMs: 120_000,
  }),
  clear: (disk: string): ScriptCall => ({ script: 'Clear-DiskContent', input: { disk }, timeoutMs: 180_000 }),
  initialize: (disk: string, style: 'gpt' | 'mbr'): ScriptCall => ({
    script: 'Initialize-HostDisk',
    input: { disk, style: style === 'gpt' ? 'GPT' : 'MBR' },
    timeoutMs: 180_000,
  }),
  createPartition: (disk: string, request: { readonly driveLetter: string | null }): ScriptCall => ({
    script: 'Add-DiskPartition',
    input: { disk, driveLetter: request.driveLetter },
    timeoutMs: 180_000,
  }),
  format: (
    disk: string,
    request: {
      readonly partitionNumber: number;
      readonly fileSystem: FileSystem;
      readonly label: string;
      readonly allocationUnitBytes: number | null;
    },
  ): ScriptCall => ({ script: 'Format-DiskPartition', input: { disk, ...request }, timeoutMs: 900_000 }),
  setDriveLetter: (
    disk: string,
    request: { readonly partitionNumber: number; readonly driveLetter: string | null },
  ): ScriptCall => ({ script: 'Set-PartitionLetter', input: { disk, ...request } }),
  setSanPolicy: (policy: SanPolicy): ScriptCall => ({ script: 'Set-SanPolicy', input: { policy } }),
  setAutomount: (enabled: boolean): ScriptCall => ({ script: 'Set-Automount', input: { enabled } }),
};
