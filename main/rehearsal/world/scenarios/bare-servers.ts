import * as z from 'zod';
import {
  clusterFileSchema,
  type ClusterFile,
  type ClusterFileServer,
  type ClusterFileStorageHost,
} from '../../../../shared/model/cluster-file.ts';
import { bytesOfDisk, isStorageHostOf, machinesOf } from '../../../../shared/model/cluster-file-storage-host.ts';
import { windowsVersions } from '../../../../shared/model/host.ts';
import type { NicRole } from '../../../../shared/model/nic.ts';
import { nextHex } from '../random.ts';
import { syncDisks } from '../changes/disks.ts';
import type { ServerState, WorldState } from '../state.ts';
import { labAccount, makeLun } from './index.ts';
import { addServer } from './server.ts';
import { emptyWorld } from './empty-world.ts';

/** Servers fresh from their installation, cabled so that a cluster file can be carried out on them. */
export const bareServersSchema = z.object({
  file: clusterFileSchema,
  version: z.enum(windowsVersions),
  core: z.boolean().default(false),
});
export type BareServers = z.output<typeof bareServersSchema>;

const mebibyte = 1024n * 1024n;
const lunBytes = { witness: 1024n * mebibyte, data: 100n * 1024n * mebibyte } as const;

/** The switch network of each role; an unused port has no cable. */
const networks: Readonly<Record<NicRole, { readonly id: string; readonly name: string } | null>> = {
  production: { id: 'production', name: 'Production' },
  clusterPrivate: { id: 'private', name: 'Cluster private' },
  iscsiA: { id: 'iscsi-a', name: 'iSCSI A' },
  iscsiB: { id: 'iscsi-b', name: 'iSCSI B' },
  unused: null,
};

const productionOf = (file: ClusterFile) =>
  file.servers.flatMap(({ nics }) => nics).find(({ role, addresses }) => role === 'production' && addresses.length > 0);

const addNetworks = (world: WorldState, file: ClusterFile): void => {
  for (const [index, [role, network]] of Object.entries(networks).entries()) {
    if (!network) continue;
    world.networks[network.id] = {
      id: network.id,
      name: network.name,
      vlan: 10 * (index + 1),
      mtuBytes: role === 'production' ? 1500 : 9000,
      strangers: [],
      dhcp: null,
    };
  }
  const production = world.networks['production']!;
  const nic = productionOf(file);
  const [address = '192.0.2.1', length = '24'] = nic?.addresses[0]?.split('/') ?? [];
  const dnsServers = nic?.dnsServers ?? [];
  production.strangers = [...dnsServers];
  production.dhcp = {
    prefix: address.replace(/\d+$/, '0'),
    prefixLength: Number(length),
    gateway: nic?.gateway ?? null,
    dnsServers,
  };
};

const addDomain = (world: WorldState, file: ClusterFile): void => {
  const { membership } = file;
  if (membership.kind !== 'domain') return;
  world.domains[membership.name] = {
    name: membership.name,
    controllers: productionOf(file)?.dnsServers ?? [],
    accounts: [
      {
        userName: membership.account.replace(/^.*\\/, '').replace(/@.*$/, ''),
        password: labAccount.password,
        mayJoin: true,
      },
    ],
    computers: ['DC1'],
  };
};

/** The local disk of the storage host that the file makes a volume on: twice as large as what is to lie there. */
const addVolumeDisk = (world: WorldState, server: ServerState, host: ClusterFileStorageHost): void => {
  if (!host.volume) return;
  const wanted = host.disks.reduce((sum, disk) => sum + BigInt(bytesOfDisk(disk)), 0n);
  server.localDisks.push({
    uniqueId: nextHex(world, 16),
    serial: host.volume.serial,
    manufacturer: 'ATA',
    model: 'Rehearsal HDD',
    bus: 'sas',
    sizeBytes: String(2n * wanted),
    boot: false,
    content: { style: 'raw', guid: null, signature: null, partitions: [], clustered: false },
  });
  syncDisks(world, server);
};

/** The device of a file that names its LUNs by their serial numbers: with a storage host there is none. */
const addTarget = (world: WorldState, file: ClusterFile): void => {
  if (file.storageHost) return;
  const { target, portals, luns } = file.storage;
  luns.forEach((lun, index) => {
    const id = `${lun.purpose}${index === luns.findIndex(({ purpose }) => purpose === lun.purpose) ? '' : index}`;
    world.luns[id] = makeLun(id, lun.serial, lunBytes[lun.purpose]);
  });
  world.targets[target] = {
    name: target,
    portals: portals.map(({ address, port, path }, index) => ({
      address,
      port,
      network: networks[path]!.id,
      portalGroupTag: index + 1,
    })),
    admits: null,
    chap: null,
    mutual: null,
    luns: Object.keys(world.luns).map((lun, number) => ({ number, lun })),
  };
};

/** A name as Windows' own installation gives one. */
const freshName = (world: WorldState): string => `WIN-${nextHex(world, 11)}`;

const addBareServer = (world: WorldState, server: ClusterFileServer, { file, version, core }: BareServers): void => {
  const made = addServer(world, {
    name: server.name,
    version,
    core,
    ports: server.nics.map(({ role }) => networks[role]?.id ?? null),
  });
  made.computerName = freshName(world);
  made.nextComputerName = made.computerName;
  made.initiator.name = `iqn.1991-05.com.microsoft:${made.computerName.toLowerCase()}`;
  server.nics.forEach(({ mac }, index) => {
    const nic = made.nics[index]!;
    nic.permanentMac = mac;
    nic.mac = mac;
  });
  if (file.storageHost && isStorageHostOf(file, server)) addVolumeDisk(world, made, file.storageHost);
};

/**
 * Adds the servers of a file that the world does not have: a cluster grows. Answers with their names. A server is known by the MAC
 * addresses of its adapters; its name may be anything by now.
 */
export const addNewServers = (world: WorldState, wanted: BareServers): string[] => {
  const known = new Set(
    Object.values(world.servers).flatMap(({ nics }) => nics.map(({ permanentMac }) => permanentMac)),
  );
  const added = machinesOf(wanted.file).filter(({ nics }) => !nics.some(({ mac }) => known.has(mac)));
  for (const server of added) addBareServer(world, server, wanted);
  return added.map(({ name }) => name);
};

/** Builds the world that a cluster file is carried out in; the same file and seed give the same world. */
export const buildBareServers = (wanted: BareServers, seed: number, clock: WorldState['clock']): WorldState => {
  const { file } = wanted;
  const world = emptyWorld('cluster file', seed, clock);
  addNetworks(world, file);
  addDomain(world, file);
  addTarget(world, file);
  for (const server of machinesOf(file)) addBareServer(world, server, wanted);
  return world;
};
