import { defineBehaviours, inferred } from '../behaviour.ts';

/* Hyper-V and the virtual machines of a cluster. */

export const machineBehaviours = defineBehaviours({
  'vm.hyperv.missing': {
    kind: 'refusal',
    what: 'Without Hyper-V its commands are not found.',
    at: ['New-VM', 'New-VMSwitch'],
    source:
      'https://learn.microsoft.com/en-us/windows-server/virtualization/hyper-v/get-started/install-the-hyper-v-role-on-windows-server',
    error: {
      id: 'CommandNotFoundException',
      category: 'ObjectNotFound',
      message: "The term 'New-VM' is not recognized as the name of a cmdlet.",
    },
    failure: 'POWERSHELL_COMMAND_MISSING',
  },
  'vm.notFound': {
    kind: 'refusal',
    what: 'A machine that this server does not have is not found.',
    at: ['Get-VM', 'Start-VM'],
    source: 'https://learn.microsoft.com/en-us/powershell/module/hyper-v/get-vm',
    error: {
      id: 'InvalidParameter',
      command: 'Microsoft.HyperV.PowerShell.Commands.GetVM',
      category: 'InvalidArgument',
      message: 'Hyper-V was unable to find a virtual machine with that name.',
    },
    failure: 'VM_NOT_FOUND',
  },
  'vm.nameTaken': {
    kind: 'refusal',
    what: 'The model refuses a second machine of one name; Hyper-V itself would take it, and the cluster would not.',
    at: ['New-VM'],
    source: inferred,
    error: {
      id: 'Quorate.MachineNameTaken',
      category: 'ResourceExists',
      message: 'There is a virtual machine of this name.',
    },
    failure: 'VM_NAME_TAKEN',
  },
  'vm.folderMissing': {
    kind: 'refusal',
    what: 'A folder on a disk that this server does not have online is not there.',
    at: ['New-VM'],
    source: inferred,
    error: {
      id: 'Quorate.MachineFolderMissing',
      category: 'ObjectNotFound',
      message: 'The folder is not there.',
    },
    failure: 'VM_FOLDER_MISSING',
  },
  'vm.isoMissing': {
    kind: 'refusal',
    what: 'An ISO that this server does not have is not put into a drive.',
    at: ['New-VM'],
    source: inferred,
    error: {
      id: 'Quorate.MachineIsoMissing',
      category: 'ObjectNotFound',
      message: 'The file is not there.',
    },
    failure: 'VM_ISO_MISSING',
  },
  'vm.antiAffinity': {
    kind: 'effect',
    what: 'The names that keep groups apart are the property AntiAffinityClassNames of the group, and setting them moves nothing.',
    at: ['Get-ClusterGroup'],
    source: 'https://learn.microsoft.com/en-us/windows-server/failover-clustering/cluster-affinity',
  },
  'vm.createFailed': {
    kind: 'refusal',
    what: 'New-VM fails where the switch is not there.',
    at: ['New-VM'],
    source: 'https://learn.microsoft.com/en-us/powershell/module/hyper-v/new-vm',
    error: {
      id: 'InvalidParameter',
      command: 'Microsoft.HyperV.PowerShell.Commands.NewVM',
      category: 'InvalidArgument',
      message: 'Hyper-V was unable to find a virtual switch with that name.',
    },
    failure: 'VM_CREATE_FAILED',
  },
  'vm.startFailed': {
    kind: 'refusal',
    what: 'A machine does not start without its memory, its switch or its disks.',
    at: ['Start-VM'],
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues',
    error: {
      id: 'OperationFailed',
      command: 'Microsoft.HyperV.PowerShell.Commands.StartVM',
      category: 'NotSpecified',
      message: 'The virtual machine failed to start.',
    },
    failure: 'VM_START_FAILED',
  },
  'vm.stopFailed': {
    kind: 'refusal',
    what: 'A guest that does not answer is not shut down.',
    at: ['Stop-VM'],
    source: 'https://learn.microsoft.com/en-us/powershell/module/hyper-v/stop-vm',
    error: {
      id: 'OperationFailed',
      command: 'Microsoft.HyperV.PowerShell.Commands.StopVM',
      category: 'NotSpecified',
      message: 'Failed to shut down the virtual machine.',
    },
    failure: 'VM_STOP_FAILED',
  },
  'vm.roleFailed': {
    kind: 'refusal',
    what: 'A machine that is highly available already is refused.',
    at: ['Add-ClusterVirtualMachineRole'],
    source: inferred,
    error: {
      id: 'Add-ClusterVirtualMachineRole',
      command: 'Microsoft.FailoverClusters.PowerShell.AddClusterVirtualMachineRole',
      category: 'NotSpecified',
      message: 'The virtual machine is already configured for high availability.',
    },
    failure: 'VM_ROLE_FAILED',
  },
  'vm.roleWarned': {
    kind: 'refusal',
    what: 'A machine with a file outside the cluster becomes a role, with a warning and a report.',
    at: ['Add-ClusterVirtualMachineRole'],
    source: 'https://github.com/AutomatedLab/AutomatedLab/issues/1314',
    error: {
      id: 'Quorate.MachineRoleWarned',
      category: 'InvalidResult',
      message:
        'There were issues updating the virtual machine configuration that may prevent the virtual machine from running.',
    },
    failure: 'VM_ROLE_WARNED',
  },
  'vm.moveFailed': {
    kind: 'refusal',
    what: 'A move fails where the switch, the memory, the storage or the right owner is missing; the machine stays where it was.',
    at: ['Move-ClusterVirtualMachineRole'],
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues',
    error: {
      id: 'Move-ClusterVirtualMachineRole',
      command: 'Microsoft.FailoverClusters.PowerShell.MoveClusterVMCommand',
      category: 'NotSpecified',
      message: 'The action did not complete. The live migration failed.',
    },
    failure: 'VM_MOVE_FAILED',
  },
  'vm.ownersRefused': {
    kind: 'refusal',
    what: 'An owner that is no node of the cluster is refused.',
    at: ['Set-ClusterOwnerNode'],
    source: 'https://learn.microsoft.com/en-us/powershell/module/failoverclusters/set-clusterownernode',
    error: {
      id: 'Set-ClusterOwnerNode',
      command: 'Microsoft.FailoverClusters.PowerShell.SetClusterOwnerNodeCommand',
      category: 'NotSpecified',
      message: 'The node was not found.',
    },
    failure: 'VM_OWNERS_REFUSED',
  },
  'vm.removeFailed': {
    kind: 'refusal',
    what: 'A machine that runs or is highly available is not removed.',
    at: ['Remove-VM'],
    source: 'https://learn.microsoft.com/en-us/powershell/module/hyper-v/remove-vm',
    error: {
      id: 'InvalidState',
      command: 'Microsoft.HyperV.PowerShell.Commands.RemoveVM',
      category: 'InvalidOperation',
      message: 'The operation cannot be performed while the virtual machine is in its current state.',
    },
    failure: 'VM_REMOVE_FAILED',
  },
  'switch.failed': {
    kind: 'refusal',
    what: 'After a half-installed role the making of a switch ends in not found (0x80041002).',
    at: ['New-VMSwitch'],
    source: 'https://github.com/pluralsight/PS-AutoLab-Env/issues/132',
    error: {
      id: 'OperationFailed',
      command: 'Microsoft.HyperV.PowerShell.Commands.NewVMSwitch',
      category: 'NotSpecified',
      message: 'Switch create failed.',
    },
    failure: 'SWITCH_CREATE_FAILED',
  },
  'switch.nicInUse': {
    kind: 'refusal',
    what: 'A NIC is in one virtual switch at most.',
    at: ['New-VMSwitch'],
    source: inferred,
    error: {
      id: 'Quorate.SwitchNicInUse',
      category: 'ResourceBusy',
      message: 'The NIC is in a virtual switch.',
    },
    failure: 'SWITCH_NIC_IN_USE',
  },
  'switch.hostNic': {
    kind: 'effect',
    what: 'With -AllowManagementOS Windows makes vEthernet (NAME), and the addresses and routes of the NIC go over to it.',
    at: ['New-VMSwitch'],
    source: 'https://github.com/openvswitch/ovs-issues/issues/124',
  },
  'switch.addressLost': {
    kind: 'refusal',
    what: 'Where vEthernet (NAME) did not get the addresses of the NIC, the script says so after the switch was made.',
    at: ['New-VMSwitch'],
    source: inferred,
    error: {
      id: 'Quorate.SwitchAddressLost',
      category: 'ConnectionError',
      message: 'The NIC of the host did not get the addresses.',
    },
    failure: 'SWITCH_ADDRESS_LOST',
  },
  'switch.hostNic.dns': {
    kind: 'effect',
    what: 'The DNS servers that were set on the NIC may be lost on the way to vEthernet (NAME). The model always loses them.',
    at: ['New-VMSwitch'],
    source: 'https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1960',
  },
});
