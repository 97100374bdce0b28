import { labTarget } from '../../main/rehearsal/world/scenarios/index.ts';
import type { Ports } from '../../main/ports/ports.ts';
import type { Disk } from '../../shared/model/disk.ts';
import { logOn, restart } from './changes.ts';
import type { TestWorld } from './world.ts';

/* Two servers on the way to a cluster, made over the ports of the rehearsal: what a test is not about is made the quick way. */

export interface ReadyServers {
  readonly node1: Ports;
  readonly node2: Ports;
  /** Unique ids of the two LUNs: the large one, and that of the witness. */
  readonly data: string;
  readonly witness: string;
}

const none = { kind: 'none' } as const;

const connect = async (ports: Ports, address: string): Promise<void> => {
  await ports.apply({ do: 'initiator.setService', running: true });
  const nic = (await ports.nics.list())[2]!.interfaceGuid;
  await ports.apply({ do: 'nic.addAddress', nic, address, prefixLength: 24 });
  const path = { targetPortalAddress: '198.51.100.10', targetPortalPort: 3260, initiatorPortalAddress: address };
  await ports.apply({ do: 'initiator.addPortal', ...path, authentication: none });
  await logOn(ports, {
    ...path,
    targetNodeAddress: labTarget,
    isPersistent: true,
    isMultipathEnabled: true,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: none,
  });
  await ports.disks.rescan();
};

const bySerial = (disks: readonly Disk[], serial: string): string =>
  disks.find((disk) => disk.serialNumber === serial)!.uniqueId!;

/** A disk with one NTFS volume and a letter. */
const prepareDisk = async (ports: Ports, disk: string, driveLetter: string, style: 'gpt' | 'mbr'): Promise<void> => {
  await ports.apply({ do: 'disk.setOnline', disk, online: true });
  await ports.apply({ do: 'disk.setReadOnly', disk, readOnly: false });
  await ports.apply({ do: 'disk.initialize', disk, style });
  await ports.apply({ do: 'disk.createPartition', disk, driveLetter });
  const read = (await ports.disks.list()).find((one) => one.uniqueId === disk)!;
  const partitionNumber = Math.max(...read.partitions!.map((one) => one.partitionNumber));
  const volume = { fileSystem: 'NTFS', label: driveLetter, allocationUnitBytes: null, discardsContent: false } as const;
  await ports.apply({ do: 'disk.format', disk, partitionNumber, ...volume });
};

/** Both servers with the roles in force and the LUNs connected; the witness is an MBR disk with the letter Q, the data a GPT disk with F. */
export const readyServers = async (world: Pick<TestWorld, 'ports' | 'advance'>): Promise<ReadyServers> => {
  const [node1, node2] = [await world.ports('NODE1'), await world.ports('NODE2')];
  for (const ports of [node1, node2])
    await ports.apply({ do: 'roles.install', features: ['Failover-Clustering', 'Hyper-V'], source: null });
  for (const ports of [node1, node2]) await ports.apply(restart('Hyper-V'));
  await world.advance(60_000);
  await connect(node1, '198.51.100.21');
  await connect(node2, '198.51.100.22');
  const disks = await node1.disks.list();
  const [data, witness] = [bySerial(disks, 'LAB-DATA-0002'), bySerial(disks, 'LAB-WITNESS-0001')];
  await prepareDisk(node1, data, 'F', 'gpt');
  await prepareDisk(node1, witness, 'Q', 'mbr');
  return { node1, node2, data, witness };
};

/** The cluster CLU1 of both servers, without storage. */
export const formCluster = async ({ node1 }: Pick<ReadyServers, 'node1'>): Promise<void> => {
  await node1.apply({
    do: 'cluster.create',
    name: 'CLU1',
    node: 'NODE1',
    addresses: ['192.0.2.200'],
    ignoreNetworks: ['198.51.100.0/24'],
    accessPoint: 'dns',
  });
  await node1.apply({ do: 'cluster.addNode', node: 'NODE2' });
};

/** A virtual machine on the data disk, as a role of the cluster. */
export const addMachine = async ({ node1, data }: ReadyServers, name: string): Promise<void> => {
  await node1.apply({ do: 'cluster.addDisk', disk: data });
  const size = { memoryBytes: 2_147_483_648, diskBytes: 10_737_418_240 };
  await node1.apply({ do: 'vm.create', name, folder: 'F:\\', generation: 2, ...size, switch: null });
  await node1.apply({ do: 'vm.makeHighlyAvailable', name });
};
