import * as z from 'zod';
import { unreadSchema } from './observed.ts';
import { restartSigns } from './restart-signs.ts';

/** The Windows Server versions that the product sets up, by the year of their name. */
export const windowsVersions = ['2016', '2019', '2022', '2025'] as const;
export type WindowsVersion = (typeof windowsVersions)[number];

/** Build numbers of `Win32_OperatingSystem.BuildNumber`; Microsoft, "Windows Server release information". */
export const buildNumbers: Readonly<Record<WindowsVersion, number>> = {
  '2016': 14393,
  '2019': 17763,
  '2022': 20348,
  '2025': 26100,
};

export const membershipSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('workgroup'), name: z.string() }),
  z.object({ kind: z.literal('domain'), name: z.string() }),
]);
/** What a server belongs to. */
export type HostMembership = z.infer<typeof membershipSchema>;

export const hostStateSchema = z.object({
  /** The name that is in force (`Win32_ComputerSystem.Name`). */
  computerName: z.string(),
  /** The name that a restart will put in force; equal to `computerName` when no rename waits, null when unread. */
  nextComputerName: z.string().nullable(),
  /** The name as DNS knows it (`Win32_ComputerSystem.DNSHostName`). */
  dnsHostName: z.string(),
  membership: membershipSchema,
  /** What a restart will put in force; null when it is the same or unread. */
  nextMembership: membershipSchema.nullable(),
  domainRole: z.enum([
    'standaloneWorkstation',
    'memberWorkstation',
    'standaloneServer',
    'memberServer',
    'backupDomainController',
    'primaryDomainController',
  ]),
  os: z.object({
    caption: z.string(),
    /** `Win32_OperatingSystem.Version`, such as 10.0.26100. */
    version: z.string(),
    buildNumber: z.number().int(),
    /** `Win32_OperatingSystem.OperatingSystemSKU`: the edition, never its name. */
    sku: z.number().int(),
    /** `InstallationType` in the registry; null when unread. */
    installation: z.enum(['Server', 'Server Core', 'Client']).nullable(),
    /** LCID of the system's language, such as 1033. */
    languageId: z.number().int(),
  }),
  hardware: z.object({
    manufacturer: z.string(),
    model: z.string(),
    serialNumber: z.string().nullable(),
    /** SMBIOS UUID; two servers with the same one were cloned. */
    uuid: z.string().nullable(),
    hypervisorPresent: z.boolean().nullable(),
  }),
  lastBootAt: z.iso.datetime(),
  localTime: z.iso.datetime(),
  /** Whether the account that asked is in the local Administrators group with a full token; null when unread. */
  isAdministrator: z.boolean().nullable(),
  unread: z.array(unreadSchema),
});
export type HostState = z.infer<typeof hostStateSchema>;

/** What Setup calls each installation type of the registry. */
export const installationWords: Readonly<Record<NonNullable<HostState['os']['installation']>, string>> = {
  Server: 'Desktop Experience',
  'Server Core': 'Server Core',
  Client: 'Windows client',
};

/** The same of an installation type as the registry gives it, which may be one that nobody knows. */
export const installationText = (type: string): string =>
  Object.entries(installationWords).find(([known]) => known === type)?.[1] ?? type;

export const pendingRestartSchema = z.object({
  /** One entry for every place that was looked at. */
  signs: z.array(
    z.object({
      sign: z.enum(restartSigns),
      state: z.enum(['pending', 'notPending', 'unknown']),
      /** Why the state is unknown; null otherwise. */
      because: z.string().nullable(),
    }),
  ),
});
export type PendingRestart = z.infer<typeof pendingRestartSchema>;

/** Pending beats unknown, unknown beats not pending. */
export const isRestartPending = (pending: PendingRestart): 'pending' | 'notPending' | 'unknown' => {
  if (pending.signs.some((entry) => entry.state === 'pending')) return 'pending';
  return pending.signs.some((entry) => entry.state === 'unknown') ? 'unknown' : 'notPending';
};

export const timeSourceSchema = z.object({
  /** State of the service W32Time. */
  serviceState: z.enum(['running', 'stopped', 'other', 'absent']),
  startMode: z.enum(['automatic', 'manual', 'disabled', 'other']).nullable(),
  /** `Type` of W32Time's parameters: the domain, a list of servers, both, or none. */
  type: z.enum(['NT5DS', 'NTP', 'AllSync', 'NoSync']).nullable(),
  /** The configured servers without their flags. */
  servers: z.array(z.string()),
  /**
   * Whether joining and leaving a domain start and stop the service, as Windows sets it up: in a workgroup it then stops after
   * each start, whatever its start mode (Microsoft KB2385818). Null when unread.
   */
  isDomainTriggered: z.boolean().nullable(),
  unread: z.array(unreadSchema),
});
export type TimeSource = z.infer<typeof timeSourceSchema>;

export const timeSettingSchema = z.discriminatedUnion('kind', [
  /** Follow the domain (NT5DS). Refused by a server in a workgroup. */
  z.object({ kind: z.literal('domain') }),
  z.object({ kind: z.literal('servers'), servers: z.array(z.string().min(1)).min(1) }),
]);
export type TimeSetting = z.infer<typeof timeSettingSchema>;

/** What goes on after a restart, as the server itself keeps it. */
export const resumeSchema = z.object({
  /** The name of the journal entry that goes on. 1 to 64 letters, digits and hyphens. */
  token: z.string().regex(/^[a-z0-9-]{1,64}$/i),
  /** `logon`: when this account logs on again. `startup`: before anyone logs on; Windows keeps the password. */
  trigger: z.enum(['logon', 'startup']),
  /** `DOMAIN\user` or `SERVER\user`. */
  account: z.string(),
  /** What the task starts: a full path, and its arguments as one command line. */
  program: z.string(),
  argument: z.string(),
  /** With the highest rights of the account: without them nothing goes on. */
  isElevated: z.boolean(),
  /** False where somebody switched it off: then it never starts. */
  isEnabled: z.boolean(),
});
export type Resume = z.infer<typeof resumeSchema>;

export const serviceStates = [
  'stopped',
  'startPending',
  'stopPending',
  'running',
  'continuePending',
  'pausePending',
  'paused',
] as const;
export const serviceStartModes = ['boot', 'system', 'automatic', 'manual', 'disabled'] as const;

/** Why a text is no computer name; null when it is one. Microsoft KB909264, "Naming conventions in Active Directory". */
export const findComputerNameProblem = (name: string): string | null => {
  if (name.length === 0) return 'is empty';
  if (name.length > 15) return `has ${name.length} characters; NetBIOS allows 15`;
  if (!/^[A-Za-z0-9-]+$/.test(name)) return 'may only hold the letters A to Z, digits and hyphens';
  if (/^\d+$/.test(name)) return 'may not consist of digits alone';
  if (name.startsWith('-') || name.endsWith('-')) return 'may not begin or end with a hyphen';
  return null;
};

/** Why a text is no DNS domain name; null when it is one. RFC 1123 section 2.1; Microsoft KB909264. */
export const findDomainNameProblem = (name: string): string | null => {
  if (name.length === 0 || name.length > 155) return 'must have 1 to 155 characters';
  const labels = name.split('.');
  if (labels.length < 2) return 'must be the full DNS name, with at least one point';
  if (labels.some((label) => !/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))) {
    return 'has a part that is not 1 to 63 letters, digits and hyphens';
  }
  return /^[\d.]+$/.test(name) ? 'is an address, not a name' : null;
};

/** Why a text is no workgroup name; null when it is one. Microsoft KB909264. */
export const findWorkgroupNameProblem = (name: string): string | null => {
  if (name.length === 0 || name.length > 15) return 'must have 1 to 15 characters';
  return /["/\\[\]:;|=,+*?<>.]/.test(name) || name.trim() !== name ? 'holds a character that is not allowed' : null;
};
