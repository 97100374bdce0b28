import { asClause } from '../model/sentence.ts';
import type { ValidationMessage, ValidationResult } from './report.ts';

/**
 * What each test of Test-Cluster means for a Hyper-V cluster of Windows Server 2016 to 2025 and what to do when it is not a
 * success. The names are those of published reports (Microsoft's MSLab: 1709 and 20H2) and of Microsoft's page "Test-Cluster";
 * renamed tests stand with both names. The advice is Quorate's own unless a source is named.
 */
interface Entry {
  readonly names: readonly string[];
  /** What the test is about, and what goes wrong in a cluster where it does not hold. */
  readonly means: string;
  /** What to do; null for a list, which has nothing to mend. */
  readonly next: string | null;
  /** Results beside success that two healthy nodes on iSCSI show, with the reason. */
  readonly expected?: Partial<Record<ValidationResult, string>>;
}

const list = (subject: string, ...names: string[]): Entry => ({
  names,
  means: `An inventory of ${subject}. It judges nothing; keep it to compare the servers later.`,
  next: null,
});

const needsDisks = 'Needs disks that every tested server sees; without them it has nothing to test.';
const noDisks =
  'Connect the servers to the same target, rescan the disks on each, take the disks offline and run the storage tests again.';
const spaces = 'Storage Spaces Direct is not used with iSCSI storage.';
const ofSpaces = (subject: string, ...names: string[]): Entry => ({
  names,
  means: `${subject}, for Storage Spaces Direct, which pools local disks. It does not concern a cluster on an iSCSI target.`,
  next: 'Leave the category Storage Spaces Direct out of the validation.',
  expected: { notApplicable: spaces, warning: spaces, failed: spaces },
});
const pools = (what: string, ...names: string[]): Entry => ({
  names,
  means: `A virtual machine that uses ${what} of one node can only move to nodes that have the same.`,
  next: `Create the same ${what} on every node, with the same names.`,
});

export const explanations: readonly Entry[] = [
  // Hyper-V Configuration
  list('Hyper-V on each server', 'List Information About Servers Running Hyper-V'),
  list('virtual machines', 'List Hyper-V Virtual Machine Information', 'List Information About Virtual Machines'),
  {
    names: ['Validate Compatibility of Virtual Fibre Channel SANs for Hyper-V'],
    means:
      'Virtual machines with virtual Fibre Channel adapters can move only between nodes with the same virtual SANs.',
    next: 'Create the same virtual SANs on every node; without Fibre Channel there is nothing to do.',
    expected: { notApplicable: 'Virtual Fibre Channel is not used with iSCSI storage.' },
  },
  pools('memory resource pools', 'Validate Hyper-V Memory Resource Pool Compatibility'),
  {
    names: [
      'Validate Hyper-V Network Resource Pool And Virtual Switch Compatibility',
      'Validate Hyper-V Network Resource Pool and Virtual Switch Compatibility',
    ],
    means:
      'A virtual machine finds its network again after a move only where a virtual switch of the same name exists. A missing switch stops a live migration and leaves the virtual machine without network after a failover.',
    next: 'Create virtual switches with exactly the same names on every node.',
  },
  pools('processor resource pools', 'Validate Hyper-V Processor Resource Pool Compatibility'),
  pools('storage resource pools', 'Validate Hyper-V Storage Resource Pool Compatibility'),
  {
    names: ['Validate Hyper-V Role Installed'],
    means: 'A node without Hyper-V cannot run virtual machines: they stay down when the others fail.',
    next: 'Install the Hyper-V role on that server and restart it.',
  },
  {
    names: ['Validate Matching Processor Manufacturers'],
    means:
      'Live migration between Intel and AMD processors is not possible; only a quick migration or a restart moves a virtual machine.',
    next: 'Use servers with processors of one manufacturer.',
  },
  {
    names: [
      'Validate Hyper-V Integration Services Version',
      'Validate Hyper-V Virtual Machine Integration Services Version',
    ],
    means: 'Guests with old integration services lose the heartbeat and an orderly shutdown.',
    next: 'Update the integration services in the guests that are named.',
  },
  {
    names: ['Validate Hyper-V Virtual Machine Network Configuration'],
    means:
      'A virtual machine whose network adapter has no switch of the same name on the other nodes has no network there.',
    next: 'Connect the adapters to a virtual switch that exists on every node.',
  },
  {
    names: ['Validate Hyper-V Virtual Machine Storage Configuration', 'Validate Hyper-V Virtual Machine Storage'],
    means: 'A virtual machine with a file on a local disk cannot run on another node.',
    next: 'Move all files of that virtual machine, its ISO images included, to clustered storage.',
  },

  // Inventory
  list('firmware', 'List BIOS Information'),
  list('environment variables', 'List Environment Variables'),
  list('Fibre Channel adapters', 'List Fibre Channel Host Bus Adapters'),
  list('the Host Guardian Service client', 'List Host Guardian Service client configuration'),
  list('iSCSI adapters', 'List iSCSI Host Bus Adapters'),
  list('memory modules', 'List Memory Information'),
  list('operating systems', 'List Operating System Information'),
  list('devices', 'List Plug and Play Devices'),
  list('processes', 'List Running Processes'),
  list('SAS adapters', 'List SAS Host Bus Adapters'),
  list('services', 'List Services Information'),
  list('installed updates', 'List Software Updates'),
  list('drivers', 'List System Drivers'),
  list('makes, models and domains', 'List System Information'),
  list('TPMs', 'List TPM Information'),
  list('drivers without a signature', 'List Unsigned Drivers'),

  // Network
  list('network interfaces by metric', 'List Network Metric Order', 'List Network Binding Order'),
  {
    names: ['Validate Cluster Network Configuration', 'Validate Network Configuration'],
    means:
      'Shows the cluster networks that would be made, one for each subnet. Interfaces of one subnet on one server count as one network, and a server without an interface in a network has one path fewer.',
    next: 'Give every network a subnet of its own and every server an interface in each.',
  },
  {
    names: ['Validate IP Configuration'],
    means:
      'Two interfaces of one server in one subnet, a duplicate address or an address that Windows gave itself (169.254) make paths that the cluster cannot tell apart.',
    next: 'Read which interfaces are named: give each its own subnet and a static address. A private network without a default gateway is right as it is.',
  },
  {
    names: ['Validate Multiple Subnet Properties'],
    means:
      'Nodes in several subnets need DNS and network names that are set up for it; else clients keep the old address after a failover.',
    next: 'Only for clusters over several subnets: follow Microsoft’s settings for network names (RegisterAllProvidersIP, HostRecordTTL).',
    expected: { notApplicable: 'All nodes are in the same subnets.' },
  },
  {
    names: ['Validate Network Communication'],
    means:
      'Nodes hear each other over every cluster network, by UDP 3343 among others. One path only is a single point of failure: when it breaks, one node leaves the cluster.',
    next: 'See that each pair of nodes has two networks, without one adapter or switch in both, and that UDP and TCP 3343 pass the firewall.',
  },
  {
    names: ['Validate Windows Firewall Configuration'],
    means: 'A firewall that blocks the cluster’s traffic keeps nodes from joining or throws them out later.',
    next: 'Enable the rules of the group Failover Clusters in every profile that the cluster’s networks use.',
  },

  // Storage
  list('disks that a server sees', 'List Disks'),
  {
    names: ['List Disks To Be Validated', 'List Potential Cluster Disks', 'List All Disks'],
    means:
      'The disks that every server sees and that the storage tests will take. A disk that is missing here is seen by one server only, or is online and in use.',
    next: noDisks,
  },
  {
    names: ['Validate CSV Network Bindings'],
    means:
      'Cluster Shared Volumes send data between nodes over SMB, which needs Client for Microsoft Networks and File and Printer Sharing on the cluster’s networks.',
    next: 'Bind both on the networks between the nodes; not on the iSCSI networks.',
  },
  {
    names: ['Validate CSV Settings'],
    means: 'Checks Cluster Shared Volumes of nodes that are in a cluster.',
    next: 'Look at the server that is named; before the cluster exists there is nothing to check.',
    expected: { notApplicable: 'The servers are in no cluster yet.' },
  },
  {
    names: ['Validate Disk Access Latency'],
    means:
      'A disk that answers slowly from one node makes virtual machines stall, and its resource may fail for being late.',
    next: 'Look for a slow path: link speed, errors on the switch, jumbo frames on one side only, a busy target. Quorate’s qualification measures the target alone.',
  },
  {
    names: ['Validate Disk Arbitration', 'Validate Multiple Arbitration'],
    means: 'Two nodes fight for one disk and exactly one must win. A target that lets both write loses data.',
    next: 'Qualify the LUN with Quorate: it says which reservation command the target gets wrong. Update the target’s firmware or replace it.',
  },
  {
    names: ['Validate Disk Failover', 'Validate Simultaneous Failover'],
    means:
      'A disk moves from node to node with its data intact. Where this fails, a failover leaves virtual machines without disk.',
    next: 'Look at the paths of the node that could not take the disk; then qualify the LUN.',
  },
  {
    names: ['Validate File System'],
    means: 'Cluster disks may be NTFS, ReFS, FAT32, FAT or RAW, Cluster Shared Volumes only NTFS or ReFS.',
    next: 'Format the disk that is named with NTFS.',
  },
  {
    names: ['Validate Microsoft MPIO-based disks', 'Validate Microsoft MPIO-Based Disks'],
    means:
      'Several paths to one disk without Multipath I/O are several disks, and writing to both destroys data. With it, all nodes need the same settings.',
    next: 'Install Multipath I/O on every node, let it claim iSCSI disks and restart.',
  },
  {
    names: ['Validate SCSI device Vital Product Data (VPD)', 'Validate SCSI Device Vital Product Data (VPD)'],
    means:
      'Windows tells shared disks by their device identification (VPD page 83h). Two LUNs with one identity are taken for one disk.',
    next: 'Give each LUN an identity of its own on the target. Quorate’s inspection shows the page.',
  },
  {
    names: ['Validate SCSI-3 Persistent Reservation', 'Validate SCSI-3 Persistent Reservations'],
    means:
      'The cluster owns a disk by a SCSI-3 persistent reservation. A target without them cannot be used for a failover cluster.',
    next: 'Qualify the LUN with Quorate: it names the command that fails. Some targets need persistent reservations switched on, or newer firmware.',
  },
  {
    names: ['Validate Storage Spaces Persistent Reservation'],
    means:
      'The test asks for reservations that only Storage Spaces needs. iSCSI and Fibre Channel disks always give a warning here; a cluster on such disks does not use them.',
    next: 'Accept the warning, unless you mean to build Storage Spaces on these disks.',
    expected: {
      warning: 'Every iSCSI disk gives this warning; the cluster does not need what is tested.',
    },
  },

  // Storage Spaces Direct
  ofSpaces('Lists disks', 'List All Disks for Storage Spaces Direct'),
  ofSpaces('Lists file shares', 'List File Shares'),
  ofSpaces('Lists enclosures', 'List Storage Enclosures'),
  ofSpaces('Lists pools', 'List Storage Pools'),
  ofSpaces('Lists tiers', 'List Storage Tiers'),
  ofSpaces('Lists disks that cannot be pooled', 'List Un-Poolable Disks'),
  ofSpaces('Lists virtual disks', 'List Virtual Disks'),
  ofSpaces('Lists volumes', 'List Volumes'),
  ofSpaces('Checks support', 'Validate Storage Spaces Direct Support'),
  ofSpaces('Checks nodes and disks', 'Verify Node and Disk Configuration'),
  ofSpaces('Checks identities of disks', 'Verify Unique Device Identifiers'),
  ofSpaces('Checks identities of enclosures', 'Verify Unique Enclosure Identifiers'),

  // System Configuration
  {
    names: ['Validate Active Directory Configuration'],
    means:
      'All nodes must be in one domain, none of them its only controller, and should be in one organizational unit. In a workgroup cluster there is no domain to check.',
    next: 'Join the servers to the same domain and move them to one organizational unit. For a workgroup cluster accept the warning.',
  },
  {
    names: ['Validate All Drivers Signed'],
    means: 'An unsigned driver is not supported in a cluster and is the first suspect when a node stops.',
    next: 'Replace the named driver with a signed one from its manufacturer.',
  },
  {
    names: ['Validate Cluster Service and Driver Settings'],
    means: 'The start types of the cluster service and its drivers, on servers that are in a cluster.',
    next: 'Restore the start types that are named; add the server to the cluster again if they were changed by hand.',
    expected: { notApplicable: 'The servers are in no cluster yet.' },
  },
  {
    names: ['Validate Memory Dump Settings'],
    means: 'A small memory dump does not hold enough to find out why a node stopped.',
    next: 'Set the memory dump to Active memory dump (or Automatic) on every node.',
  },
  {
    names: ['Validate Operating System Edition', 'Validate Operating System Editions'],
    means: 'Only editions with Failover Clustering can be nodes: Standard and Datacenter since 2012.',
    next: 'Install an edition with Failover Clustering on the server that is named.',
  },
  {
    names: ['Validate Operating System Installation Option', 'Validate Operating System Installation Options'],
    means: 'Nodes with and without desktop need different updates and tools.',
    next: 'Use the same installation option on every node. A mix works and is a warning.',
  },
  {
    names: ['Validate Operating System Version', 'Validate Operating System Versions'],
    means: 'Nodes of different Windows versions are allowed only while a cluster is being upgraded, and not for long.',
    next: 'Install the same version of Windows Server on every node.',
  },
  {
    names: ['Validate Required Services', 'Validate Required services'],
    means:
      'The cluster needs services such as Remote Procedure Call, Server, Workstation, Remote Registry and WMI; without them nodes cannot be read or joined.',
    next: 'Start the service that is named and set its start type back to Windows’ default.',
  },
  {
    names: ['Validate Same Processor Architecture'],
    means: 'All nodes must be 64-bit systems of one architecture.',
    next: 'Replace the server that differs.',
  },
  {
    names: ['Validate Service Pack Levels'],
    means: 'Nodes with different service packs behave differently after a failover.',
    next: 'Install the same service pack on every node.',
  },
  {
    names: ['Validate Software Update Levels'],
    means:
      'Nodes with different updates behave differently after a failover, and a restart that is pending may come at the wrong moment.',
    next: 'Install the same updates on every node and restart them; then validate again.',
  },
  {
    names: ['Validate System Drive Variable'],
    means: 'All nodes must have the same system drive, because paths are kept with it.',
    next: 'Install Windows on the same drive letter on every node.',
  },
];

const key = (name: string): string => name.toLowerCase().replace(/\s+/g, ' ').trim();

const byName: ReadonlyMap<string, Entry> = new Map(
  explanations.flatMap((entry) => entry.names.map((name) => [key(name), entry] as const)),
);

/**
 * Sentences that make a finding sharper than its test's name: the reader is told about the one thing that was said.
 * The texts stand in public reports of such warnings.
 */
const remarks: readonly { readonly pattern: RegExp; readonly means: string; readonly next: string }[] = [
  {
    pattern: /by only one pair of network interfaces/i,
    means:
      'These nodes hear each other over one network only. It is a single point of failure: when it breaks, one of them leaves the cluster.',
    next: 'Add a second network between the nodes, or let the cluster use one that is excluded; the iSCSI networks stay excluded.',
  },
  {
    pattern: /using UDP on port 3343/i,
    means: 'The cluster’s heartbeat does not pass between these two interfaces.',
    next: 'Let UDP 3343 pass both servers’ firewalls and the switch, and see that both interfaces are in one subnet.',
  },
  {
    pattern: /No disks were found on which to perform cluster validation tests/i,
    means: needsDisks,
    next: noDisks,
  },
];

/** What a result means, what to do, and whether two healthy nodes on iSCSI show it. */
export const explainTest = (
  name: string,
  result: ValidationResult,
  messages: readonly ValidationMessage[],
): { explanation: { means: string; next: string | null } | null; expected: boolean } => {
  const entry = byName.get(key(name));
  if (result === 'success') {
    return { explanation: entry ? { means: entry.means, next: null } : null, expected: true };
  }
  const because = entry?.expected?.[result];
  if (entry && because !== undefined)
    return {
      explanation: { means: `${entry.means} Expected here: ${asClause(because)}`, next: entry.next },
      expected: true,
    };
  const remark = remarks.find(({ pattern }) =>
    messages.some(({ level, text }) => level !== 'info' && pattern.test(text)),
  );
  if (remark) return { explanation: { means: remark.means, next: remark.next }, expected: false };
  return { explanation: entry ? { means: entry.means, next: entry.next } : null, expected: false };
};
