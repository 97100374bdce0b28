import type { CimClass, Cmdlet } from './catalogue.ts';

/** What no page of the catalogue holds, typed from a public page that each entry names. Short on purpose. */
interface Sourced {
  readonly page: string;
}

/** Commands. The form is the catalogue's. */
export const ownCommands: readonly (Cmdlet & Sourced)[] = [];

/** Native programs that a script may run, by file name. */
export const ownPrograms: readonly ({ readonly program: string } & Sourced)[] = [
  {
    // RemovePersistentTarget: a favourite without a session; no cmdlet or CIM method removes one.
    program: 'iscsicli.exe',
    page: 'https://learn.microsoft.com/windows/win32/api/iscsidsc/nf-iscsidsc-removeiscsipersistenttargeta',
  },
  {
    // triggerinfo: what starts and stops a service by itself, which no cmdlet or CIM method sets.
    program: 'sc.exe',
    page: 'https://learn.microsoft.com/troubleshoot/windows-client/active-directory/w32time-not-start-on-workgroup',
  },
  {
    // /E and /N: automount, which no cmdlet or CIM method sets.
    program: 'mountvol.exe',
    page: 'https://learn.microsoft.com/windows-server/administration/windows-commands/mountvol',
  },
];

const registryArguments = (value: string | null) => ['hDefKey', 'sSubKeyName', 'sValueName', ...(value ? [value] : [])];

/** CIM classes. */
export const ownClasses: readonly (CimClass & { readonly name: string } & Sourced)[] = [
  {
    name: 'Win32_UserAccount',
    namespace: 'root\\CIMV2',
    page: 'https://learn.microsoft.com/windows/win32/cimwin32prov/win32-useraccount',
    properties: {
      Name: { type: 'string' },
      Domain: { type: 'string' },
      LocalAccount: { type: 'boolean' },
      SID: { type: 'string' },
    },
  },
  {
    name: 'Win32_NetworkAdapterConfiguration',
    namespace: 'root\\CIMV2',
    page: 'https://learn.microsoft.com/windows/win32/cimwin32prov/win32-networkadapterconfiguration',
    properties: {
      Index: { type: 'uint32' },
      InterfaceIndex: { type: 'uint32' },
      SettingID: { type: 'string' },
      Description: { type: 'string' },
      IPEnabled: { type: 'boolean' },
      MACAddress: { type: 'string' },
      TcpipNetbiosOptions: {
        type: 'uint32',
        values: [
          ['0', 'EnableNetbiosViaDhcp'],
          ['1', 'EnableNetbios'],
          ['2', 'DisableNetbios'],
        ],
      },
      FullDNSRegistrationEnabled: { type: 'boolean' },
      DomainDNSRegistrationEnabled: { type: 'boolean' },
    },
  },
  {
    name: 'Win32_DeviceGuard',
    namespace: 'root\\Microsoft\\Windows\\DeviceGuard',
    page: 'https://learn.microsoft.com/windows/security/hardware-security/enable-virtualization-based-protection-of-code-integrity',
    properties: {
      AvailableSecurityProperties: { type: 'uint32[]' },
      CodeIntegrityPolicyEnforcementStatus: { type: 'uint32' },
      InstanceIdentifier: { type: 'string' },
      RequiredSecurityProperties: { type: 'uint32[]' },
      SecurityServicesConfigured: { type: 'uint32[]' },
      SecurityServicesRunning: { type: 'uint32[]' },
      UsermodeCodeIntegrityPolicyEnforcementStatus: { type: 'uint32' },
      Version: { type: 'string' },
      VirtualizationBasedSecurityStatus: { type: 'uint32' },
    },
  },
  {
    name: 'Win32_Tpm',
    namespace: 'root\\CIMV2\\Security\\MicrosoftTpm',
    page: 'https://learn.microsoft.com/windows/win32/secprov/win32-tpm',
    properties: {
      IsActivated_InitialValue: { type: 'boolean' },
      IsEnabled_InitialValue: { type: 'boolean' },
      IsOwned_InitialValue: { type: 'boolean' },
      ManufacturerId: { type: 'uint32' },
      ManufacturerIdTxt: { type: 'string' },
      ManufacturerVersion: { type: 'string' },
      ManufacturerVersionFull20: { type: 'string' },
      ManufacturerVersionInfo: { type: 'string' },
      PhysicalPresenceVersionInfo: { type: 'string' },
      SpecVersion: { type: 'string' },
    },
  },
  {
    name: 'Win32_PingStatus',
    namespace: 'root\\CIMV2',
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/wmipicmp/win32-pingstatus',
    properties: {
      Address: { type: 'string' },
      BufferSize: { type: 'uint32' },
      NoFragmentation: { type: 'boolean' },
      ResponseTime: { type: 'uint32' },
      StatusCode: { type: 'uint32' },
      Timeout: { type: 'uint32' },
    },
  },
  {
    name: 'Win32_LogicalDisk',
    namespace: 'root\\CIMV2',
    page: 'https://learn.microsoft.com/windows/win32/cimwin32prov/win32-logicaldisk',
    properties: {
      DeviceID: { type: 'string' },
      DriveType: { type: 'uint32' },
      VolumeName: { type: 'string' },
    },
  },
  {
    // GroupComponent: an MSCluster_Resource; PartComponent: an MSCluster_DiskPartition, whose Path is the letter with a colon.
    name: 'MSCluster_ResourceToDiskPartition',
    namespace: 'root\\MSCluster',
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/cluswmi/mscluster-resourcetodiskpartition',
    properties: { GroupComponent: { type: 'object' }, PartComponent: { type: 'object' } },
  },
  {
    name: 'MSiSCSIInitiator_MethodClass',
    namespace: 'root\\WMI',
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/iscsidisc/msiscsiinitiator-methodclass',
    properties: { iSCSINodeName: { type: 'string' } },
  },
  {
    name: 'MSiSCSIInitiator_PersistentDevices',
    namespace: 'root\\WMI',
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/iscsidisc/msiscsiinitiator-persistentdevices',
    properties: { DevicePath: { type: 'string' } },
  },
  {
    name: 'MSiSCSIInitiator_PersistentLoginClass',
    namespace: 'root\\WMI',
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/iscsidisc/msiscsiinitiator-persistentloginclass',
    properties: {
      TargetName: { type: 'string' },
      IsInformationalSession: { type: 'boolean' },
      InitiatorInstance: { type: 'string' },
      InitiatorPortNumber: { type: 'uint32' },
      TargetPortal: { type: 'object' },
      SecurityFlags: { type: 'uint64' },
      Mappings: { type: 'object' },
      LoginOptions: { type: 'object' },
    },
  },
  {
    name: 'MSiSCSI_PortalInfoClass',
    namespace: 'root\\WMI',
    page: 'https://learn.microsoft.com/windows-hardware/drivers/storage/msiscsi-portalinfoclass-wmi-class',
    properties: {
      InstanceName: { type: 'string' },
      Active: { type: 'boolean' },
      PortalInfoCount: { type: 'uint32' },
      PortalInformation: { type: 'object[]' },
    },
  },
  {
    name: 'StdRegProv',
    namespace: 'root\\default',
    alsoIn: ['root\\cimv2'],
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/regprov/stdregprov',
    properties: {},
  },
];

/** CIM methods with the names of their input parameters. */
export const ownMethods: readonly ({
  readonly className: string;
  readonly method: string;
  readonly arguments: readonly string[];
} & Sourced)[] = [
  {
    className: 'Win32_NetworkAdapterConfiguration',
    method: 'SetTcpipNetbios',
    arguments: ['TcpipNetbiosOptions'],
    page: 'https://learn.microsoft.com/windows/win32/cimwin32prov/settcpipnetbios-method-in-class-win32-networkadapterconfiguration',
  },
  {
    className: 'MSiSCSIInitiator_MethodClass',
    method: 'SetupPersistentIScsiVolumes',
    arguments: [],
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/iscsidisc/setuppersistentiscsivolumes-msiscsiinitiator-methodclass',
  },
  {
    className: 'MSiSCSIInitiator_MethodClass',
    method: 'SetIScsiInitiatorCHAPSharedSecret',
    arguments: ['SharedSecret'],
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/iscsidisc/setiscsiinitiatorchapsharedsecret-msiscsiinitiator-methodclass',
  },
  ...(
    [
      ['Rename', ['Name', 'Password', 'UserName']],
      ['JoinDomainOrWorkgroup', ['Name', 'Password', 'UserName', 'AccountOU', 'FJoinOptions']],
      ['UnjoinDomainOrWorkgroup', ['Password', 'UserName', 'FUnjoinOptions']],
    ] as const
  ).map(([method, given]) => ({
    className: 'Win32_ComputerSystem',
    method,
    arguments: given,
    page: `https://learn.microsoft.com/windows/win32/cimwin32prov/${method.toLowerCase()}-method-in-class-win32-computersystem`,
  })),
  ...(
    [
      ['GetDWORDValue', null],
      ['GetStringValue', null],
      ['GetMultiStringValue', null],
      ['GetQWORDValue', null],
      ['GetBinaryValue', null],
      ['SetDWORDValue', 'uValue'],
      ['SetStringValue', 'sValue'],
    ] as const
  ).map(([method, value]) => ({
    className: 'StdRegProv',
    method,
    arguments: registryArguments(value),
    page: `https://learn.microsoft.com/previous-versions/windows/desktop/regprov/${method.toLowerCase()}-method-in-class-stdregprov`,
  })),
  {
    className: 'StdRegProv',
    method: 'CheckAccess',
    arguments: ['hDefKey', 'sSubKeyName', 'uRequired'],
    page: 'https://learn.microsoft.com/previous-versions/windows/desktop/regprov/checkaccess-method-in-class-stdregprov',
  },
  ...(['CreateKey', 'EnumKey', 'EnumValues'] as const).map((method) => ({
    className: 'StdRegProv',
    method,
    arguments: ['hDefKey', 'sSubKeyName'],
    page: `https://learn.microsoft.com/previous-versions/windows/desktop/regprov/${method.toLowerCase()}-method-in-class-stdregprov`,
  })),
];
