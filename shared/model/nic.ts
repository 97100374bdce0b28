import * as z from 'zod';
import { addressFamilySchema } from './address.ts';
import { netbiosSettings } from './netbios.ts';
import { unreadSchema } from './observed.ts';
import { uint64Schema } from './quantity.ts';

/** Component identifiers of the bindings that the product reads and sets (`Get-NetAdapterBinding -ComponentID`). */
export const bindings = {
  fileAndPrinterSharing: 'ms_server',
  clientForMicrosoftNetworks: 'ms_msclient',
  ipv4: 'ms_tcpip',
  ipv6: 'ms_tcpip6',
  virtualSwitch: 'vms_pp',
  teamMember: 'ms_implat',
} as const;

export const nicAddressSchema = z.object({
  address: z.string(),
  prefixLength: z.number().int(),
  family: addressFamilySchema,
  /** Where it came from (`PrefixOrigin`). */
  origin: z.enum(['other', 'manual', 'wellKnown', 'dhcp', 'routerAdvertisement']),
  /** `duplicate` means that another machine answered for it. */
  state: z.enum(['invalid', 'tentative', 'duplicate', 'deprecated', 'preferred']),
  skipAsSource: z.boolean(),
});
export type NicAddress = z.infer<typeof nicAddressSchema>;

export const nicMembershipSchema = z.discriminatedUnion('kind', [
  /** Neither in a team nor under a virtual switch. */
  z.object({ kind: z.literal('none') }),
  /** A member of an LBFO team; its own addresses and bindings are not to be set. */
  z.object({ kind: z.literal('teamMember'), team: z.string() }),
  /** The adapter that a team presents. */
  z.object({ kind: z.literal('team'), team: z.string() }),
  /** Bound to a virtual switch; `switchName` is null when the Hyper-V module is not there to name it. */
  z.object({ kind: z.literal('switchMember'), switchName: z.string().nullable() }),
  /** The management operating system's own port on a virtual switch. */
  z.object({ kind: z.literal('switchPort'), switchName: z.string().nullable() }),
]);
export type NicMembership = z.infer<typeof nicMembershipSchema>;

/**
 * One network adapter as it was observed. A null says "could not be read" and `unread` says why; it never says "off".
 * Key it by `interfaceGuid` together with `permanentAddress`: names, numbers and the current MAC change.
 */
export const nicSchema = z.object({
  /** With braces, upper case, as `MSFT_NetAdapter.InterfaceGuid` gives it. */
  interfaceGuid: z.string(),
  interfaceIndex: z.number().int(),
  /** The connection's name, such as `Ethernet 2`. */
  name: z.string(),
  /** `InterfaceDescription`: the device's name. */
  description: z.string(),
  /** Burned-in MAC with hyphens; null for an adapter without one. */
  permanentAddress: z.string().nullable(),
  /** MAC in force. */
  macAddress: z.string().nullable(),
  isHardware: z.boolean(),
  isVirtual: z.boolean(),
  driver: z.object({
    provider: z.string().nullable(),
    version: z.string().nullable(),
    /** `YYYY-MM-DD`. */
    date: z.string().nullable(),
    fileName: z.string().nullable(),
  }),
  adminStatus: z.enum(['up', 'down', 'testing', 'unknown']),
  operationalStatus: z.enum(['up', 'down', 'testing', 'unknown', 'dormant', 'notPresent', 'lowerLayerDown']),
  mediaState: z.enum(['connected', 'disconnected', 'unknown']),
  receiveLinkSpeedBps: uint64Schema.nullable(),
  transmitLinkSpeedBps: uint64Schema.nullable(),
  /** Every binding by component identifier; null when unread. */
  bindings: z.record(z.string(), z.boolean()).nullable(),
  addresses: z.array(nicAddressSchema).nullable(),
  /** Whether addresses come by DHCP, for each family; null when unread. */
  dhcp: z.object({ ipv4: z.boolean(), ipv6: z.boolean() }).nullable(),
  gateways: z
    .array(z.object({ family: addressFamilySchema, nextHop: z.string(), metric: z.number().int() }))
    .nullable(),
  dnsServers: z.object({ ipv4: z.array(z.string()), ipv6: z.array(z.string()) }).nullable(),
  /** `RegisterThisConnectionsAddress`. */
  registersInDns: z.boolean().nullable(),
  netbios: z.enum(netbiosSettings).nullable(),
  /** `NlMtu`: the largest IP packet, in bytes. */
  mtuBytes: z.object({ ipv4: z.number().int(), ipv6: z.number().int().nullable() }).nullable(),
  /** The driver's `*JumboPacket`; `values` are the sizes it takes. Null: the driver has none, or unread (see `unread`). */
  jumboPacket: z.object({ valueBytes: z.number().int(), values: z.array(z.number().int()) }).nullable(),
  /** May Windows turn the device off to save power? */
  powerSaving: z.enum(['allowed', 'notAllowed', 'unsupported']).nullable(),
  membership: nicMembershipSchema.nullable(),
  networkCategory: z.enum(['public', 'private', 'domainAuthenticated']).nullable(),
  unread: z.array(unreadSchema),
});
export type Nic = z.infer<typeof nicSchema>;

/** What a person wants a NIC for. iSCSI A and B are the two paths to the target. */
export const nicRoles = ['production', 'clusterPrivate', 'iscsiA', 'iscsiB', 'unused'] as const;
export const nicRoleSchema = z.enum(nicRoles);
export type NicRole = z.infer<typeof nicRoleSchema>;

/** The roles as texts of plans and failures name them, within a sentence. */
export const roleNames: Readonly<Record<NicRole, string>> = {
  production: 'production',
  clusterPrivate: 'cluster-private',
  iscsiA: 'iSCSI A',
  iscsiB: 'iSCSI B',
  unused: 'unused',
};

/** The state of one link, as it is reported while somebody pulls a cable. */
export const linkStateSchema = z.object({
  interfaceGuid: z.string(),
  name: z.string(),
  adminStatus: nicSchema.shape.adminStatus,
  mediaState: nicSchema.shape.mediaState,
});
export type LinkState = z.infer<typeof linkStateSchema>;

/** A connection from outside on which an administrator may be sitting. */
export const remoteSessionSchema = z.object({
  service: z.enum(['rdp', 'winrm', 'ssh', 'other']),
  localAddress: z.string(),
  localPort: z.number().int(),
  remoteAddress: z.string(),
});
export type RemoteSession = z.infer<typeof remoteSessionSchema>;

/** `{guid}` as Windows writes it, or null when the text holds no GUID. */
export const normaliseGuid = (text: string): string | null => {
  const match = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text);
  return match ? `{${match[1]!.toUpperCase()}}` : null;
};

/** Why a text cannot be an adapter's name; null when it can. Rename-NetAdapter refuses the characters of a file name. */
export const findNicNameProblem = (name: string): string | null => {
  if (name.trim() === '' || name.trim() !== name) return 'is empty or begins or ends with a space';
  if (name.length > 255) return `has ${name.length} characters; 255 are allowed`;
  return /[\\/:*?"<>|\t]/.test(name) ? 'holds one of the characters \\ / : * ? " < > |' : null;
};
