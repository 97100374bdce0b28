import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorldState } from '../../main/rehearsal/world/state.ts';
import { World } from '../../main/rehearsal/world/world.ts';

export const largeNodes = Array.from({ length: 64 }, (_, at) => `NODE${at + 1}`);
const machines = Array.from({ length: 1000 }, (_, at) => `VM${at + 1}`);

/** A cluster as large as Windows allows nodes: only the first of them is a server of the world. */
export const makeLarge = (state: WorldState): void => {
  const server = state.servers['NODE1']!;
  server.features['Failover-Clustering'] = {
    name: 'Failover-Clustering',
    displayName: 'Failover Clustering',
    type: 'Feature',
    state: 'installed',
    needsRestart: false,
  };
  server.features['Hyper-V'] = {
    ...{ name: 'Hyper-V', displayName: 'Hyper-V', type: 'Role', state: 'installed', needsRestart: true },
  };
  const service = { displayName: 'Cluster Service', domainTriggered: false };
  server.services['ClusSvc'] = { ...service, name: 'ClusSvc', state: 'running', startMode: 'automatic' };
  const role = (name: string, at: number) =>
    ({ name, kind: 'virtualMachine', ownerNode: largeNodes[at % 64]!, online: true, preferredOwners: [] }) as const;
  state.cluster = {
    name: 'CLU1',
    accessPoint: 'dns',
    addresses: ['192.0.2.200', '2001:db8::c8'],
    nodes: largeNodes.map((name, at) => ({ name, id: at + 1, weight: 1, paused: false })),
    networks: [],
    disks: Object.values(state.luns).map(({ uniqueId }, at) => ({
      ...{ name: `Cluster Disk ${at + 1}`, disk: uniqueId, ownerNode: 'NODE1', group: null },
      ...{ use: at === 0 ? 'available' : 'sharedVolume', folder: at === 0 ? null : `Volume${at}` },
    })),
    groups: [
      // As a German Windows names them.
      { name: 'Clustergruppe', kind: 'cluster', ownerNode: 'NODE1', online: true, preferredOwners: [] },
      {
        ...{ name: 'Verfügbarer Speicher', kind: 'availableStorage', ownerNode: 'NODE1', online: true },
        preferredOwners: [],
      },
      ...machines.map((name, at) => ({ ...role(name, at), preferredOwners: at === 0 ? ['NODE2', 'NODE1'] : [] })),
    ],
    witness: { kind: 'none' },
    lowerQuorumPriorityNode: null,
  };
};

/** A rehearsal in a data folder whose cluster is that large, with its virtual machines; from then on its clock is that of this machine. */
export const prepareLargeCluster = async (data: string, name: string): Promise<void> => {
  const folder = join(data, 'rehearsal', name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
  world.control('bench', 'makeLarge', null, (state) => {
    makeLarge(state);
    state.clock.mode = 'real';
    state.machines = machines.map((machine, at) => ({
      ...{ name: machine, id: `vm-${at + 1}`, host: largeNodes[at % 64]!, running: true, generation: 2 as const },
      ...{ memoryBytes: 1_073_741_824, switches: [], files: [], hostDevices: [] },
      role: { priority: 2000, possibleOwners: largeNodes, antiAffinity: [] },
    }));
  });
  await world.close();
};
