/*
 * The tests of Test-Cluster with the descriptions that its reports give them, by category: those of published reports of Windows Server
 * (Microsoft's MSLab, versions 1709 and 20H2). Storage Spaces Direct is left out: it has to be asked for by name.
 */

export interface ListedTest {
  readonly category: string;
  readonly name: string;
  readonly description: string;
}

const byCategory: Readonly<Record<string, readonly (readonly [name: string, description: string])[]>> = {
  'Hyper-V Configuration': [
    ['List Information About Servers Running Hyper-V', 'List Hyper-V related information on each specified node.'],
    [
      'Validate Compatibility of Virtual Fibre Channel SANs for Hyper-V',
      'Validate that all specified nodes share the same set of virtual Fibre Channel storage area networks (SANs).',
    ],
    [
      'Validate Hyper-V Memory Resource Pool Compatibility',
      'Validate that all specified nodes share the same set of memory resource pools.',
    ],
    [
      'Validate Hyper-V Network Resource Pool And Virtual Switch Compatibility',
      'Validate that all specified nodes share the same set of network resource pools and virtual switches.',
    ],
    [
      'Validate Hyper-V Processor Resource Pool Compatibility',
      'Validate that all specified nodes share the same set of processor resource pools.',
    ],
    ['Validate Hyper-V Role Installed', 'Validate that all the nodes have the Hyper-V server role installed.'],
    [
      'Validate Hyper-V Storage Resource Pool Compatibility',
      'Validate that all specified nodes share the same set of storage resource pools.',
    ],
    [
      'Validate Matching Processor Manufacturers',
      'Validate that all specified nodes share the same processor manufacturer.',
    ],
  ],
  Inventory: [
    ['List BIOS Information', 'List BIOS information from each node.'],
    ['List Environment Variables', 'List environment variables set on each node.'],
    ['List Fibre Channel Host Bus Adapters', 'List Fibre Channel host bus adapters on each node.'],
    ['List Host Guardian Service client configuration', 'List Host Guardian Service client configuration.'],
    ['List iSCSI Host Bus Adapters', 'List iSCSI host bus adapters on each node.'],
    ['List Memory Information', 'List memory information for each node.'],
    ['List Operating System Information', 'List information about the operating system on each node.'],
    ['List Plug and Play Devices', 'List Plug and Play devices on each node.'],
    ['List Running Processes', 'List the running processes on each node.'],
    ['List SAS Host Bus Adapters', 'List Serial Attached SCSI (SAS) host bus adapters on each node.'],
    ['List Services Information', 'List information about the services running on each node.'],
    ['List Software Updates', 'List software updates that have been applied on each node.'],
    ['List System Drivers', 'List the system drivers on each node.'],
    ['List System Information', 'List system information such as computer model and domain.'],
    ['List TPM Information', 'List TPM information from each node.'],
    ['List Unsigned Drivers', 'List the unsigned drivers on each node.'],
  ],
  Network: [
    ['List Network Metric Order', 'List the network interfaces in order of their metrics'],
    [
      'Validate Cluster Network Configuration',
      'Validate the cluster networks that would be created for these servers.',
    ],
    ['Validate IP Configuration', 'Validate that IP addresses are unique and subnets configured correctly.'],
    [
      'Validate Network Communication',
      'Validate that servers can communicate, with acceptable latency, on all networks.',
    ],
    [
      'Validate Windows Firewall Configuration',
      'Validate that the Windows Firewall is properly configured to allow failover cluster network communication.',
    ],
  ],
  Storage: [
    [
      'List Disks',
      'List all disks visible to one or more nodes. If a subset of disks is specified for validation, list only disks in the subset.',
    ],
    ['List Disks To Be Validated', 'List disks that will be validated for cluster compatibility.'],
    ['Validate CSV Network Bindings', 'Validate that network bindings required by Cluster Shared Volumes are present.'],
    [
      'Validate CSV Settings',
      'Validate that settings and configuration required by Cluster Shared Volumes are present. This test can only be run with an administrative account, and it only tests servers that are cluster nodes.',
    ],
    ['Validate Disk Access Latency', 'Validate acceptable latency for disk read and write operations.'],
    ['Validate Disk Arbitration', 'Validate that a node that owns a disk retains ownership after disk arbitration.'],
    ['Validate Disk Failover', 'Validate that a disk can fail over successfully with data intact.'],
    [
      'Validate File System',
      'Validate that the file system on disks in shared storage is supported by failover clusters and Cluster Shared Volumes (CSVs). Failover cluster physical disk resources support NTFS, ReFS, FAT32, FAT, and RAW. Only volumes formatted as NTFS or ReFS are accessible in disks added as CSVs.',
    ],
    [
      'Validate Microsoft MPIO-based disks',
      'Validate that disks that use Microsoft Multipath I/O (MPIO) have been configured correctly.',
    ],
    [
      'Validate Multiple Arbitration',
      'Validate that in a multiple-node arbitration process, only one node obtains control.',
    ],
    [
      'Validate SCSI device Vital Product Data (VPD)',
      'Validate uniqueness of inquiry data (SCSI page 83h VPD descriptors).',
    ],
    [
      'Validate SCSI-3 Persistent Reservation',
      'Validate that storage supports the SCSI-3 Persistent Reservation commands.',
    ],
    ['Validate Simultaneous Failover', 'Validate that disks can fail over simultaneously with data intact.'],
    [
      'Validate Storage Spaces Persistent Reservation',
      'Validate that storage supports the SCSI-3 Persistent Reservation commands needed by Storage Spaces to support clustering.',
    ],
  ],
  'System Configuration': [
    [
      'Validate Active Directory Configuration',
      'Validate that all the nodes have the same domain, domain role, and organizational unit.',
    ],
    ['Validate All Drivers Signed', 'Validate that tested servers contain only signed drivers.'],
    [
      'Validate Memory Dump Settings',
      'Validate that each node is configured to capture a memory dump other than "Small Memory Dump".  "Small Memory Dump" does not contain enough information to diagnose most problems that may trigger a memory.dmp.  For clusters hosting Virtual Machines it\'s recommended to configure the nodes for "Active Dump", which will cause the memory dumps to not include memory allocated to VMs and system caches and allows for smaller memory dumps that still contain data that will allow diagnosing most problems.',
    ],
    [
      'Validate Operating System Edition',
      'Validate that all tested servers are running operating system editions that include the Failover Clustering feature.',
    ],
    [
      'Validate Operating System Installation Option',
      'Validate that the operating systems on the servers use the same installation option.',
    ],
    ['Validate Operating System Version', 'Validate that the operating systems on the servers are the same version.'],
    [
      'Validate Required Services',
      'Validate that services required for failover clustering are running and configured properly.',
    ],
    ['Validate Same Processor Architecture', 'Validate that all servers run as 64-bit systems.'],
    [
      'Validate Service Pack Levels',
      'Validate that all servers with same operating system also have same service packs.',
    ],
    [
      'Validate Software Update Levels',
      'Validate that all tested servers have the same software updates installed and if any have a pending reboot to complete installation of updates.',
    ],
    [
      'Validate System Drive Variable',
      'Validate that all nodes have the same value for the system drive environment variable.',
    ],
  ],
};

/** A test that reports of 2016 have and those of 20H2 do not. */
const untilVersion2016: ReadonlySet<string> = new Set(['Validate Service Pack Levels']);

/** What `Test-Cluster -List` names, in the order of a report. */
export const listedTests = (version: string): readonly ListedTest[] =>
  Object.entries(byCategory).flatMap(([category, tests]) =>
    tests
      .filter(([name]) => version === '2016' || !untilVersion2016.has(name))
      .map(([name, description]) => ({ category, name, description })),
  );
