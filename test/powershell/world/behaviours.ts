import { defineBehaviours, inferred, type Behaviour } from '../../../main/rehearsal/world/behaviour.ts';
import type { Change } from '../../../main/rehearsal/world/change.ts';
import { behaviours, type BehaviourId } from '../../../main/rehearsal/world/behaviours/index.ts';
import { Refusal } from '../../../main/rehearsal/world/refusal.ts';

const notFound = (property: string) => ({
  id: `CmdletizationQuery_NotFound${property === '' ? '' : `_${property}`}`,
  category: 'ObjectNotFound',
  message: 'No matching objects found by CIM query.',
});

/**
 * What only cmdlets, CIM classes and the registry show of Windows: how a thing is asked for and handed out. The simulated servers that ship answer the
 * ports and have none of it. docs/windows-model.md lists these rows beside those of the world.
 */
export const cmdletBehaviours = defineBehaviours({
  'cim.class.notFound': {
    kind: 'refusal',
    what: 'A class of a driver that is not there is an invalid class: HRESULT 0x80041010.',
    at: ['Get-CimInstance'],
    source: 'https://learn.microsoft.com/en-us/windows/win32/wmisdk/wmi-error-constants',
    error: {
      id: 'HRESULT 0x80041010',
      command: 'Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand',
      category: 'MetadataError',
      hresult: 0x80041010,
      message: 'Invalid class',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'events.none': {
    kind: 'refusal',
    what: 'A log that has no event of the filter is told as NoMatchingEventsFound.',
    at: ['Get-WinEvent'],
    source: inferred,
    error: {
      id: 'NoMatchingEventsFound',
      command: 'Microsoft.PowerShell.Commands.GetWinEventCommand',
      category: 'ObjectNotFound',
      message: 'No events were found that match the specified selection criteria.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'directory.unreachable': {
    kind: 'refusal',
    what: 'A search that no domain controller answers ends in a COM exception with LDAP_SERVER_DOWN (0x8007203A).',
    at: ['DirectorySearcher.FindOne'],
    source: 'https://learn.microsoft.com/en-us/windows/win32/adsi/generic-adsi-error-codes',
    error: {
      id: 'COMException',
      category: 'NotSpecified',
      hresult: 0x8007203a,
      message: 'The server is not operational.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'dns.name.notFound': {
    kind: 'refusal',
    what: 'A name that DNS does not have is DNS_ERROR_RCODE_NAME_ERROR (9003).',
    at: ['Resolve-DnsName'],
    source: 'https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--9000-11999-',
    error: {
      id: 'DNS_ERROR_RCODE_NAME_ERROR',
      command: 'Microsoft.DnsClient.Commands.ResolveDnsName',
      category: 'ResourceUnavailable',
      win32: 9003,
      message: 'DNS name does not exist.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'dns.unreachable': {
    kind: 'refusal',
    what: 'A name server that does not answer is a time-out (1460), which is no answer about the name.',
    at: ['Resolve-DnsName'],
    source: inferred,
    error: {
      id: 'System.Net.Sockets.SocketException',
      command: 'Microsoft.DnsClient.Commands.ResolveDnsName',
      category: 'OperationTimeout',
      win32: 1460,
      message: 'This operation returned because the timeout period expired.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'cluster.name.logonFailure': {
    kind: 'property',
    what: 'That code is 1326 (unknown user name or bad password) where the password differs or the account is gone, and 1331 where it is disabled.',
    at: ['Get-ClusterParameter'],
    source: inferred,
  },
  'disk.numbers': {
    kind: 'property',
    what: 'BusType, PartitionStyle, OperationalStatus, HealthStatus and OfflineReason are numbers in the CIM object.',
    at: ['Get-Disk'],
    source: 'https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/msft-disk',
  },
  'firewall.rule.notFound': {
    kind: 'refusal',
    what: 'A firewall rule that is not there is not found.',
    at: ['Get-NetFirewallRule', 'Enable-NetFirewallRule', 'Disable-NetFirewallRule', 'Remove-NetFirewallRule'],
    source: inferred,
    error: notFound('InstanceID'),
    failure: 'WINDOWS_REFUSED',
  },
  'host.workgroup.same': {
    kind: 'refusal',
    what: 'Add-Computer refuses the workgroup that the computer is in already.',
    at: ['Add-Computer'],
    source: inferred,
    error: {
      id: 'AddComputerToSameWorkgroup',
      command: 'Microsoft.PowerShell.Commands.AddComputerCommand',
      category: 'InvalidOperation',
      message: 'Cannot add computer to the workgroup because it is already in that workgroup.',
    },
    failure: 'HOST_ALREADY_MEMBER',
  },
  'iscsi.logon.persistent': {
    kind: 'property',
    what: '-IsPersistent exists only where the target is named by -NodeAddress.',
    at: ['Connect-IscsiTarget'],
    source: 'https://learn.microsoft.com/en-us/powershell/module/iscsi/connect-iscsitarget?view=windowsserver2025-ps',
  },
  'iscsi.session.noMultipath': {
    kind: 'property',
    what: 'A session object has no IsMultipathEnabled; the class lists fourteen other properties.',
    at: ['Get-IscsiSession'],
    source: 'https://learn.microsoft.com/en-us/previous-versions/windows/desktop/iscsidisc/msft-iscsisession',
  },
  'nic.address.numbers': {
    kind: 'property',
    what: 'AddressFamily is 2 or 23, AddressState 0 to 4 and PrefixOrigin 0 to 4 in the CIM object.',
    at: ['Get-NetIPAddress'],
    source: 'https://learn.microsoft.com/en-us/windows/win32/fwp/wmi/nettcpipprov/msft-netipaddress',
  },
  'nic.interface.notFound': {
    kind: 'refusal',
    what: 'An address cannot be given to an interface index that does not exist: Win32 error 1168.',
    at: ['New-NetIPAddress', 'New-NetRoute'],
    source: 'https://github.com/Siemens-Healthineers/K2s/issues/1131',
    error: { id: 'Windows System Error 1168', category: 'ObjectNotFound', win32: 1168, message: 'Element not found.' },
    failure: 'NIC_NOT_FOUND',
  },
  'nic.netbios.denied': {
    kind: 'property',
    what: 'SetTcpipNetbios returns 91 where access is denied, and 84 where IP is not enabled on the adapter.',
    at: ['Win32_NetworkAdapterConfiguration.SetTcpipNetbios'],
    source:
      'https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/settcpipnetbios-method-in-class-win32-networkadapterconfiguration',
  },
  'nic.route.notFound': {
    kind: 'refusal',
    what: 'Asking for a route that is not there finds nothing.',
    at: ['Get-NetRoute', 'Remove-NetRoute'],
    source: inferred,
    error: notFound(''),
    failure: 'WINDOWS_REFUSED',
  },
  'registry.checkAccess': {
    kind: 'property',
    what: 'CheckAccess says whether this session may do to a key what it asks for: bGranted, and 5 as the return value if not.',
    at: ['StdRegProv.CheckAccess'],
    source:
      'https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/checkaccess-method-in-class-stdregprov',
  },
  'file.security.denied': {
    kind: 'refusal',
    what: 'Set-Acl without the right to change the DACL, or with an owner that the session may not set, is an unauthorized operation.',
    at: ['Set-Acl'],
    source: inferred,
    error: {
      id: 'System.UnauthorizedAccessException',
      command: 'Microsoft.PowerShell.Commands.SetAclCommand',
      category: 'PermissionDenied',
      message: 'Attempted to perform an unauthorized operation.',
    },
    failure: 'ACCESS_DENIED',
  },
  'registry.path.notFound': {
    kind: 'refusal',
    what: 'A registry key that does not exist is PathNotFound.',
    at: ['Get-ItemProperty', 'Set-ItemProperty'],
    source: inferred,
    error: {
      id: 'PathNotFound',
      command: 'Microsoft.PowerShell.Commands.GetItemPropertyCommand',
      category: 'ObjectNotFound',
      message: 'Cannot find path because it does not exist.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'registry.value.notFound': {
    kind: 'refusal',
    what: 'A registry value that does not exist is an invalid argument.',
    at: ['Get-ItemProperty'],
    source: inferred,
    error: {
      id: 'System.Management.Automation.PSArgumentException',
      command: 'Microsoft.PowerShell.Commands.GetItemPropertyCommand',
      category: 'InvalidArgument',
      message: 'Property does not exist at path.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'task.exists': {
    kind: 'refusal',
    what: 'Registering a task of a name that exists needs -Force; else the HRESULT is 0x800700b7.',
    at: ['Register-ScheduledTask'],
    source: inferred,
    error: {
      id: 'HRESULT 0x800700b7',
      category: 'ResourceExists',
      hresult: 0x800700b7,
      win32: 183,
      message: 'Cannot create a file when that file already exists.',
    },
    failure: 'WINDOWS_REFUSED',
  },
  'task.notFound': {
    kind: 'refusal',
    what: 'A scheduled task that is not there is not found by name.',
    at: ['Get-ScheduledTask', 'Unregister-ScheduledTask'],
    source: inferred,
    error: {
      id: 'CmdletizationQuery_NotFound_TaskName',
      category: 'ObjectNotFound',
      message: "No MSFT_ScheduledTask objects found with property 'TaskName' equal to the given name.",
    },
    failure: 'WINDOWS_REFUSED',
  },
  'host.join.sign': {
    kind: 'property',
    what: 'A change of membership that waits for the restart shows as JoinDomain or AvoidSpnSet below Netlogon, as a subkey or as a value.',
    at: ['StdRegProv', 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon'],
    source: inferred,
  },
  'host.rename.method': {
    kind: 'property',
    what: 'The CIM method Rename returns the Win32 error: 1210 for a name that is none, 2224 for one that is taken.',
    at: ['Win32_ComputerSystem.Rename'],
    source: inferred,
  },
  'host.time.triggerInfo': {
    kind: 'property',
    what: 'The triggers of a service are subkeys of its key TriggerInfo, with Type 3 for the membership of a domain and 2 for the network.',
    at: ['StdRegProv'],
    source: inferred,
  },
});

export type CmdletBehaviourId = keyof typeof cmdletBehaviours;

/** Every modelled behaviour, of the world and of its cmdlets. */
export const allBehaviours: Readonly<Record<BehaviourId | CmdletBehaviourId, Behaviour>> = {
  ...behaviours,
  ...cmdletBehaviours,
};

/** Refuses as a cmdlet does that asks for something that the ports never ask for. */
export const refuseCmdlet = (id: CmdletBehaviourId, detail: Refusal['detail'] = {}): Refusal =>
  new Refusal(id, cmdletBehaviours[id], detail);

/** Notes that an answer has a form that only cmdlets show. */
export const shows = (at: Pick<Change, 'used'>, id: CmdletBehaviourId): void => {
  at.used.add(id);
};
