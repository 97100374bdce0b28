import type { ClusterFile, ClusterFileNic, ClusterFileServer } from '../../model/cluster-file.ts';
import { nodeInitiatorName } from '../../model/cluster-file-storage-host.ts';
import { letterOf, roleLabels } from '../../model/cluster-file.ts';
import type { Disk } from '../../model/disk.ts';
import type { Nic } from '../../model/nic.ts';
import { hostDesireSchema, type HostDesire } from '../host/desire.ts';
import { initiatorDesireSchema, type InitiatorDesire } from '../initiator/desire.ts';
import { networkDesireSchema, type NetworkDesire } from '../nic/desire.ts';
import { storageDesireSchema, type StorageDesire } from '../disk/desire.ts';

/*
 * What the cluster file wants of one server, in the words of the planners that exist: nothing here knows how anything is changed.
 */

/** Names of the secrets that the steps of a formation ask for. */
export const secretNames = { account: 'account', chap: 'chap', resume: 'resume' } as const;

/** The adapter of a MAC address: the burned-in one decides, and never that of a virtual adapter. */
export const findNic = (nics: readonly Nic[], mac: string): Nic | null =>
  nics.find((nic) => !nic.isVirtual && nic.permanentAddress === mac) ?? null;

/**
 * The adapter that carries the addresses of another: the server's own port on the virtual switch that has taken it, else itself.
 */
export const carrierOf = (nics: readonly Nic[], nic: Nic): Nic => {
  const { membership } = nic;
  if (membership?.kind !== 'switchMember') return nic;
  return (
    nics.find(
      (other) =>
        other.membership?.kind === 'switchPort' &&
        (membership.switchName === null || other.membership.switchName === membership.switchName),
    ) ?? nic
  );
};

export const wantedNames = (file: ClusterFile, server: ClusterFileServer): HostDesire => {
  const { membership } = file;
  return hostDesireSchema.parse({
    computerName: server.name,
    membership:
      membership.kind === 'domain' ? { kind: 'domain', name: membership.name, ou: membership.ou } : membership,
    account: membership.kind === 'domain' ? { userName: membership.account, passwordName: secretNames.account } : null,
    restart: { reason: 'Quorate: name and membership', always: false },
  });
};

/** A restart that comes to its end before anything else goes on. */
export const wantedRestart = (reason: string): HostDesire =>
  hostDesireSchema.parse({ restart: { reason: `Quorate: ${reason}`, always: true } });

const nicName = (server: ClusterFileServer, nic: ClusterFileNic): string => {
  if (nic.name !== undefined) return nic.name;
  const same = server.nics.filter(({ role, name }) => role === nic.role && name === undefined);
  const label = roleLabels[nic.role];
  return same.length === 1 ? label : `${label} ${same.indexOf(nic) + 1}`;
};

const byFamily = (addresses: readonly string[]): { ipv4?: string[]; ipv6?: string[] } => {
  const ipv6 = addresses.filter((address) => address.includes(':'));
  const ipv4 = addresses.filter((address) => !address.includes(':'));
  return { ...(ipv4.length > 0 ? { ipv4 } : {}), ...(ipv6.length > 0 ? { ipv6 } : {}) };
};

/** The adapters that the file names; those that are not there are answered for by {@link missingNics}. */
export const wantedNetwork = (server: ClusterFileServer, nics: readonly Nic[]): NetworkDesire =>
  networkDesireSchema.parse({
    nics: server.nics.flatMap((wanted) => {
      const nic = findNic(nics, wanted.mac);
      if (!nic) return [];
      const carrier = carrierOf(nics, nic);
      const settings = {
        addresses: byFamily(wanted.addresses),
        ...(wanted.gateway === null
          ? {}
          : { gateway: wanted.gateway.includes(':') ? { ipv6: wanted.gateway } : { ipv4: wanted.gateway } }),
        ...(wanted.dnsServers.length === 0 ? {} : { dnsServers: byFamily(wanted.dnsServers) }),
      };
      // What a virtual switch has taken keeps nothing but its own port's settings: role and addresses go on at the server's port.
      if (carrier !== nic)
        return [
          { nic: nic.interfaceGuid, role: 'unused' },
          { nic: carrier.interfaceGuid, role: wanted.role, ...settings },
        ];
      if (nic.membership?.kind === 'switchMember') return [];
      return [
        {
          nic: nic.interfaceGuid,
          role: wanted.role,
          applyRole: wanted.role !== 'unused',
          name: nicName(server, wanted),
          ...settings,
          ...(wanted.jumboPacketBytes === undefined ? {} : { jumboPacketBytes: wanted.jumboPacketBytes }),
        },
      ];
    }),
  });

export const missingNics = (server: ClusterFileServer, nics: readonly Nic[]): ClusterFileNic[] =>
  server.nics.filter(({ mac }) => findNic(nics, mac) === null);

const addressOf = (text: string): string => text.split('/')[0] ?? text;

/** Every path of a server: from its adapter of the portal's role to the portal. */
export const wantedPaths = (file: ClusterFile, server: ClusterFileServer) =>
  file.storage.portals.flatMap((portal) => {
    const nic = server.nics.find(({ role, addresses }) => role === portal.path && addresses.length > 0);
    return nic
      ? [
          {
            targetNodeAddress: file.storage.target,
            initiatorPortalAddress: addressOf(nic.addresses[0]!),
            targetPortalAddress: portal.address,
            targetPortalPort: portal.port,
          },
        ]
      : [];
  });

/** What is wanted of the initiators of a file, which is asked for by more than one phase, and once more for what is only expected. */
const initiators = new WeakMap<ClusterFile, Map<ClusterFileServer, InitiatorDesire>>();

/** Service, firewall, MPIO before any logon, portals with their source, and one persistent logon for each path. */
export const wantedInitiator = (file: ClusterFile, server: ClusterFileServer): InitiatorDesire => {
  const known = initiators.get(file) ?? new Map<ClusterFileServer, InitiatorDesire>();
  initiators.set(file, known);
  const wanted = known.get(server) ?? desireOfInitiator(file, server);
  known.set(server, wanted);
  return wanted;
};

const desireOfInitiator = (file: ClusterFile, server: ClusterFileServer): InitiatorDesire => {
  const { multipath, loadBalancePolicy, chapUser } = file.storage;
  const authentication =
    chapUser === null
      ? { kind: 'none' as const }
      : { kind: 'oneWayChap' as const, userName: chapUser, secretName: secretNames.chap };
  const paths = wantedPaths(file, server);
  return initiatorDesireSchema.parse({
    service: true,
    firewall: true,
    // The target of a storage host admits this name, and was told it before the node had any.
    ...(file.storageHost || server.initiatorName !== undefined ? { iqn: nodeInitiatorName(server) } : {}),
    ...(multipath ? { mpio: { installed: true, claimsIscsi: true, loadBalancePolicy } } : {}),
    portals: paths.map(({ targetPortalAddress, targetPortalPort, initiatorPortalAddress }) => ({
      targetPortalAddress,
      targetPortalPort,
      initiatorPortalAddress,
      authentication,
    })),
    paths: paths.map((path) => ({ ...path, isMultipathEnabled: multipath, authentication })),
  });
};

export const wantedService = (): InitiatorDesire => initiatorDesireSchema.parse({ service: true });

/** The iSCSI service waits at its start for the volumes that are on the target. */
export const wantedBinding = (): InitiatorDesire => initiatorDesireSchema.parse({ service: true, bindVolumes: true });

/** New shared disks arrive offline, whoever sees them: nothing is written by Windows itself before somebody asks for it. */
export const wantedDiskPolicy = (): StorageDesire => storageDesireSchema.parse({ sanPolicy: 'OfflineShared' });

const isSerial = (disk: Pick<Disk, 'serialNumber'>, serial: string): boolean =>
  serial !== '' && disk.serialNumber?.trim().toLowerCase() === serial.trim().toLowerCase();

export const findDisk = (disks: readonly Disk[], serial: string): Disk[] =>
  disks.filter((disk) => isSerial(disk, serial) && !disk.isBoot && !disk.isSystem);

/** The LUNs that one server prepares for all, before they belong to a cluster. */
export const wantedDisks = (file: ClusterFile, disks: readonly Disk[]): StorageDesire =>
  storageDesireSchema.parse({
    disks: file.storage.luns.flatMap((lun) => {
      const [disk] = findDisk(disks, lun.serial);
      if (!disk?.uniqueId || disk.isClustered) return [];
      return [
        {
          disk: disk.uniqueId,
          purpose: lun.purpose,
          volume: { fileSystem: lun.fileSystem, label: lun.label, driveLetter: letterOf(lun) },
          discardContent: lun.discardContent,
        },
      ];
    }),
  });
