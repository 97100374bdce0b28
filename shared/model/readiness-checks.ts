/** The identity and version of the report's JSON; a reader refuses a newer version and says so. */
export const reportSchemaId = 'quorate.readiness';
export const reportSchemaVersion = 1;
export const reportSchemaName = `${reportSchemaId}/${reportSchemaVersion}` as const;

/** The checks, in the order in which they are shown. More may follow; none of these is ever left out. */
export const readinessCheckIds = [
  'cpu.x64',
  'cpu.dep',
  'cpu.virtualization',
  'cpu.slat',
  'firmware.virtualization',
  'hypervisor',
  'host.physical',
  'host.catalog',
  'memory',
  'os.version',
  'os.edition',
  'os.update.950050',
  'os.pendingReboot',
  'nic.count',
  'time.sync',
  'domain',
  'domain.role',
] as const;
export type ReadinessCheckId = (typeof readinessCheckIds)[number];

/** The three facts that the printed procedure asks of the hardware; the first screen shows them large. */
export const printedProcedureChecks = ['cpu.x64', 'cpu.dep', 'cpu.virtualization'] as const;

export const readinessGroups = [
  {
    id: 'hardware',
    title: 'Processor and firmware',
    checks: ['cpu.x64', 'cpu.dep', 'cpu.virtualization', 'cpu.slat', 'firmware.virtualization', 'hypervisor'],
  },
  { id: 'machine', title: 'Machine', checks: ['host.physical', 'host.catalog', 'memory', 'nic.count'] },
  {
    id: 'system',
    title: 'Operating system',
    checks: ['os.version', 'os.edition', 'os.update.950050', 'os.pendingReboot', 'time.sync', 'domain', 'domain.role'],
  },
] as const satisfies readonly { id: string; title: string; checks: readonly ReadinessCheckId[] }[];

/** Why a check is made, for the person who opens it. */
export const whyItMatters: Readonly<Record<ReadinessCheckId, string>> = {
  'cpu.x64': 'Hyper-V exists for x64 processors only.',
  'cpu.dep': 'Hyper-V does not start unless hardware data execution prevention is available to the system.',
  'cpu.virtualization': "Hyper-V runs virtual machines with the processor's own virtualization: Intel VT-x or AMD-V.",
  'cpu.slat': 'From Windows Server 2016 on Hyper-V needs second-level address translation: Intel EPT or AMD NPT.',
  'firmware.virtualization': 'A processor that can virtualize is of no use while the firmware keeps that switched off.',
  hypervisor:
    'While a hypervisor runs, Windows cannot read the processor flags, and other tools then report a capable server as incapable.',
  'host.physical': 'A virtual machine can be a cluster node for a laboratory, not for production.',
  'host.catalog': 'Microsoft supports failover clusters on hardware that is listed in the Windows Server Catalog.',
  memory: 'Windows Server has a minimum, and every virtual machine needs memory of its own besides.',
  'os.version': 'All nodes of a cluster run the same release of Windows Server.',
  'os.edition': 'Not every edition has Failover Clustering and Hyper-V.',
  'os.update.950050':
    'Windows Server 2008 came with a preview of Hyper-V; update 950050 replaces it with the released one.',
  'os.pendingReboot': 'A role cannot be installed reliably while an earlier change waits for a restart.',
  'nic.count':
    'Production, cluster traffic and iSCSI each need a network of their own: two ports, and at least one more for iSCSI.',
  'time.sync': 'Kerberos refuses servers whose clocks are more than five minutes apart.',
  domain:
    'The nodes of a cluster are members of one domain; clusters without a domain exist from Windows Server 2016 on.',
  'domain.role':
    'A node that is also a domain controller restarts, fails and is restored together with the domain that its cluster needs.',
};
