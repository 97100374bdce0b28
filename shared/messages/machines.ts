import { defineMessages } from './define.ts';

/** Failures of virtual switches and virtual machines. */
export const machineMessages = defineMessages({
  SWITCH_CREATE_FAILED: {
    what: 'The virtual switch {name} was not created: {reason}.',
    next: 'Check whether the NIC is in another switch or team, and whether the server was restarted after Hyper-V was installed.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  SWITCH_ADDRESS_LOST: {
    what: 'The virtual switch {name} was created, but the host’s NIC on it did not get {reason}.',
    next: 'Wait: the server gives addresses, gateway and DNS servers back to vEthernet ({name}) by itself at the time that was shown. The switch stays; run the plan again afterwards.',
    retry: 'later',
    effect: 'partial',
  },
  SWITCH_NIC_IN_USE: {
    what: 'The NIC {nic} is in a virtual switch already.',
    next: 'Use that switch, or choose another NIC. Quorate never deletes a switch that machines use.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_CREATE_FAILED: {
    what: 'The virtual machine {name} was not created: {reason}.',
    next: 'Check the folder, the free space and the name of the virtual switch.',
    retry: 'afterChange',
    effect: 'partial',
  },
  VM_NAME_TAKEN: {
    what: 'There is a virtual machine {name} already.',
    next: 'Choose another name; two machines with the same name cannot both be roles of a cluster.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_NAME_INVALID: {
    what: 'The name "{name}" of a virtual machine {problem}.',
    next: 'Choose a valid folder name: the machine’s files are stored in a folder of that name.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_FOLDER_INVALID: {
    what: 'The folder {folder} {problem}.',
    next: 'Give the whole path of a folder of a cluster shared volume, or of a disk of the cluster.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_FOLDER_MISSING: {
    what: 'The folder {folder} does not exist on this server.',
    next: 'Use a folder of a cluster shared volume, or the letter of a disk of the cluster that this node owns.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_ISO_INVALID: {
    what: 'The ISO {iso} {problem}.',
    next: 'Give the whole path of an .iso file, best on a cluster shared volume.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_ISO_MISSING: {
    what: 'The ISO {iso} does not exist on this server.',
    next: 'Copy it to a cluster shared volume, which every node reaches, and give its path there.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_NOT_FOUND: {
    what: 'There is no virtual machine {name} on this server.',
    next: 'Compare the name with "quorate vm list"; for a machine of a cluster, ask the node that owns it.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_START_FAILED: {
    what: '{name} was not started: {reason}.',
    next: 'Look at its memory, its disks and its switch on this node.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_STOP_FAILED: {
    what: '{name} was not stopped: {reason}.',
    next: 'Shut its operating system down from inside, or turn it off.',
    retry: 'later',
    effect: 'unknown',
  },
  VM_ROLE_FAILED: {
    what: 'The cluster did not accept {name} as a role: {reason}.',
    next: 'Run "quorate vm check" to see what prevents it.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_ROLE_WARNED: {
    what: '{name} became a role of the cluster with a warning: {reason}. It may not start on another node.',
    next: 'Move its files to clustered storage, take it out of the cluster and make it highly available again.',
    retry: 'afterChange',
    effect: 'partial',
  },
  VM_MOVE_FAILED: {
    what: '{name} was not moved to {node}: {reason}. It is where it was.',
    next: 'Give the other node what is missing there (switch, memory, storage), then move it again.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_MOVE_NO_NETWORK: {
    what: '{name} was not moved to {node}: no network of the cluster carries the move (5035). It is where it was.',
    next: 'Allow a network for live migration that both nodes have an address in ("quorate cluster status"), then move it again.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_MOVE_PORT_CLOSED: {
    what: '{name} was not moved: {node} does not accept the connection for live migration. It is where it was.',
    next: 'Let TCP port 6600 in on {node}, on the networks of live migration, then move it again.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_MOVE_NO_MEMORY: {
    what: '{name} was not moved: {node} has not enough memory for it. It is where it was.',
    next: 'Move or stop another virtual machine on {node}, or choose another node.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_MOVE_FILE_UNREACHABLE: {
    what: '{name} was not moved: one of its files cannot be opened on {node} (0xC03A0014). It is where it was.',
    next: 'Run "quorate vm list --files" to see which files are outside clustered storage; eject an ISO, and move the other files to clustered storage.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_MOVE_NOT_TRUSTED: {
    what: '{name} was not moved: {node} did not accept the identity of the other node. It is where it was.',
    next: 'Compare the clocks and the membership of both nodes in the domain, and see whether NT VIRTUAL MACHINE\\Virtual Machines has the right "Log on as a service" on {node} (0x80070569); a workgroup before Windows Server 2025 moves with --quick alone.',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_OWNERS_REFUSED: {
    what: 'The cluster did not accept the owners or the priority of {name}: {reason}.',
    next: 'Compare the names of the nodes with "quorate cluster status".',
    retry: 'afterChange',
    effect: 'none',
  },
  VM_REMOVE_FAILED: {
    what: 'The virtual machine {name} was not removed: {reason}.',
    next: 'Stop it first. If it is highly available, take it out of the cluster first.',
    retry: 'afterChange',
    effect: 'none',
  },
});
