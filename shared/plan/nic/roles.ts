import type { Nic, NicRole } from '../../model/nic.ts';
import type { NicDesire } from './desire.ts';

/** A role as Quorate remembers it: by the burned-in address and the InterfaceGuid, because names and numbers change. */
export interface RememberedRole {
  readonly interfaceGuid: string;
  readonly permanentAddress: string | null;
  readonly role: NicRole;
}

/**
 * Finds the NICs of remembered roles. The burned-in address decides, as a driver update gives a new InterfaceGuid; the
 * GUID decides for adapters without one. A virtual adapter never counts for a burned-in address, because a virtual
 * switch's own port may have taken it over.
 */
export const resolveRoles = (
  remembered: readonly RememberedRole[],
  nics: readonly Nic[],
): { readonly roles: ReadonlyMap<string, NicRole>; readonly lost: readonly RememberedRole[] } => {
  const roles = new Map<string, NicRole>();
  const lost: RememberedRole[] = [];
  for (const entry of remembered) {
    const byGuid = nics.find((nic) => nic.interfaceGuid === entry.interfaceGuid);
    const byAddress =
      entry.permanentAddress === null
        ? []
        : nics.filter((nic) => !nic.isVirtual && nic.permanentAddress === entry.permanentAddress);
    const found =
      byGuid && (entry.permanentAddress === null || byGuid.permanentAddress === entry.permanentAddress)
        ? byGuid
        : byAddress.length === 1
          ? byAddress[0]
          : undefined;
    if (found) roles.set(found.interfaceGuid, entry.role);
    else lost.push(entry);
  }
  return { roles, lost };
};

interface RoleSetting {
  readonly desire: Omit<Partial<NicDesire>, 'nic' | 'role'>;
  /** Why, for each key of the desire. */
  readonly why: Readonly<Record<string, string>>;
}

const noGateway = 'Only the production network adapter has a gateway; a second gateway sends traffic the wrong way.';
const noDnsServers = 'Name resolution belongs to the production network.';
const noRegistration =
  'If this network adapter registered its address in DNS, clients would try an address that they cannot reach.';
const noPowerSaving = 'Windows may switch the device off to save power, which cuts the network.';

/**
 * What follows from a role; sources: Microsoft, "Failover clustering hardware requirements and storage options" and
 * "Failover cluster networking basics"; KB258750 for what must stay bound on the private network (CSV traffic is SMB).
 */
export const settingsOfRole: Readonly<Record<NicRole, RoleSetting>> = {
  production: {
    desire: { powerSaving: false },
    why: { powerSaving: noPowerSaving },
  },
  clusterPrivate: {
    desire: {
      gateway: { ipv4: null, ipv6: null },
      dnsServers: { ipv4: [], ipv6: [] },
      registersInDns: false,
      fileAndPrinterSharing: true,
      powerSaving: false,
    },
    why: {
      gateway: noGateway,
      dnsServers: noDnsServers,
      registersInDns: noRegistration,
      fileAndPrinterSharing:
        'Cluster Shared Volumes send their traffic as SMB over this network (KB258750), so it stays bound.',
      powerSaving: noPowerSaving,
    },
  },
  iscsiA: {
    desire: {
      gateway: { ipv4: null, ipv6: null },
      dnsServers: { ipv4: [], ipv6: [] },
      registersInDns: false,
      netbios: 'disabled',
      fileAndPrinterSharing: false,
      powerSaving: false,
    },
    why: {
      gateway: noGateway,
      dnsServers: noDnsServers,
      registersInDns: noRegistration,
      netbios: 'A storage network has no use for NetBIOS over TCP/IP.',
      fileAndPrinterSharing: 'Only iSCSI belongs on this network adapter.',
      powerSaving: noPowerSaving,
    },
  },
  get iscsiB() {
    return this.iscsiA;
  },
  unused: { desire: {}, why: {} },
};
