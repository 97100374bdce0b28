import type { ServerChangeName } from '../../../shared/changes/index.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { ErrorRow } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { clusterNumbers } from './cluster-errors.ts';
import { deniedAtOnce } from './denied.ts';

/*
 * Hyper-V names its errors by id alone ("OperationFailed,Microsoft.HyperV.PowerShell.Commands.StartVM"); the cause is in the text and in event
 * 21502, which nothing may be recognised by. What has to be told apart is looked at before.
 */
const row = (
  code: FailureCode,
  where: Pick<ErrorRow, 'id' | 'win32' | 'hresult' | 'command'>,
  effect: ErrorRow['effect'],
): ErrorRow => ({
  code,
  ...where,
  detail: (error, { input }) => ({
    name: inputText(input, 'name'),
    node: inputText(input, 'node'),
    folder: inputText(input, 'folder'),
    iso: inputText(input, 'iso'),
    nic: error.at.target ?? 'it',
    reason: error.at.target ?? error.id.split(',', 1)[0] ?? error.id,
  }),
  ...(effect ? { effect } : {}),
});

const missing = row('VM_NOT_FOUND', { id: ['Quorate.MachineNotFound'] }, 'none');
const absent = row('VM_NOT_FOUND', { id: 'InvalidParameter' }, 'none');
const role = [
  ...deniedAtOnce,
  missing,
  row('VM_ROLE_WARNED', { id: 'Quorate.MachineRoleWarned' }, 'partial'),
  row('CLUSTER_SERVICE_STOPPED', { id: 'ClusterEndpointNotRegistered' }, 'none'),
];

const startSetFailed = row(
  'VM_START_SET_FAILED',
  {
    command: [
      ...['New-ClusterGroupSet', 'Set-ClusterGroupSet', 'Remove-ClusterGroupSet', 'Get-ClusterGroupSet'],
      ...['Add-ClusterGroupToSet', 'Remove-ClusterGroupFromSet'],
      ...['Add-ClusterGroupSetDependency', 'Remove-ClusterGroupSetDependency'],
    ],
  },
  'partial',
);

type MachineChangeName = Extract<ServerChangeName, `vm.${string}` | `switch.${string}`>;

export const machineErrors: Readonly<Record<MachineChangeName, readonly ErrorRow[]>> = {
  'switch.create': [
    ...deniedAtOnce,
    row('SWITCH_NIC_IN_USE', { id: 'Quorate.SwitchNicInUse' }, 'none'),
    row('SWITCH_ADDRESS_LOST', { id: 'Quorate.SwitchAddressLost' }, 'partial'),
    row('SWITCH_CREATE_FAILED', { command: 'New-VMSwitch' }, 'unknown'),
  ],
  'vm.create': [
    ...deniedAtOnce,
    row('VM_NAME_TAKEN', { id: 'Quorate.MachineNameTaken' }, 'none'),
    row('VM_FOLDER_MISSING', { id: 'Quorate.MachineFolderMissing' }, 'none'),
    row('VM_ISO_MISSING', { id: 'Quorate.MachineIsoMissing' }, 'none'),
    row('VM_CREATE_FAILED', { command: ['New-VM', 'Set-VM', 'Add-VMDvdDrive', 'Set-VMDvdDrive'] }, 'partial'),
  ],
  'vm.start': [...deniedAtOnce, absent, row('VM_START_FAILED', { command: 'Start-VM' }, 'none')],
  'vm.stop': [...deniedAtOnce, absent, row('VM_STOP_FAILED', { command: 'Stop-VM' }, 'unknown')],
  'vm.turnOff': [...deniedAtOnce, absent, row('VM_STOP_FAILED', { command: 'Stop-VM' }, 'unknown')],
  'vm.makeHighlyAvailable': [...role, row('VM_ROLE_FAILED', { command: 'Add-ClusterVirtualMachineRole' }, 'none')],
  'vm.leaveCluster': [...role, ...clusterNumbers, row('VM_ROLE_FAILED', { command: 'Remove-ClusterGroup' }, 'unknown')],
  'vm.move': [
    ...role,
    ...clusterNumbers,
    row('VM_MOVE_NO_NETWORK', { win32: 5035 }, 'none'),
    // The numbers of Winsock: not permitted, reset, timed out, refused.
    row('VM_MOVE_PORT_CLOSED', { win32: [10_013, 10_054, 10_060, 10_061] }, 'none'),
    row('VM_MOVE_NO_MEMORY', { win32: [14, 1450] }, 'none'),
    row('VM_MOVE_FILE_UNREACHABLE', { hresult: 0xc03a0014 }, 'none'),
    row('VM_MOVE_NOT_TRUSTED', { win32: 1385 }, 'none'),
    row('VM_MOVE_NOT_TRUSTED', { hresult: [0x8009030d, 0x8009030e, 0x80090322] }, 'none'),
    row('VM_MOVE_FAILED', { command: 'Move-ClusterVirtualMachineRole' }, 'none'),
  ],
  'vm.setOwners': [...role, row('VM_OWNERS_REFUSED', { command: 'Set-ClusterOwnerNode' }, 'partial')],
  'vm.setPriority': role,
  'vm.setAntiAffinity': role,
  'vm.setStartSet': [...role, row('VM_START_SET_UNKNOWN', { id: 'Quorate.StartSetNotFound' }, 'none'), startSetFailed],
  'vm.removeStartSet': [...role, startSetFailed],
  'vm.remove': [...deniedAtOnce, absent, row('VM_REMOVE_FAILED', { command: 'Remove-VM' }, 'none')],
};
