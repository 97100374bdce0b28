import { stateOfServers, type ObservedServer } from '../../main/operations/availability/observed-state.ts';
import { listNics } from '../../main/operations/network/list-nics.ts';
import type { Server } from '../../main/operations/plans/server.ts';
import { readInitiator } from '../../main/operations/storage/read-initiator.ts';
import { runControl } from '../../main/rehearsal/world/control.ts';
import { labTarget, makeLun } from '../../main/rehearsal/world/scenarios/index.ts';
import type { ServedTargets } from '../../main/rehearsal/world/serve.ts';
import type { ClusterDiskState, MachineState } from '../../main/rehearsal/world/cluster-state.ts';
import type { ServerState, WorldState } from '../../main/rehearsal/world/state.ts';
import { World } from '../../main/rehearsal/world/world.ts';
import type { Element } from '../../shared/availability/elements.ts';
import { withTargets } from '../../shared/availability/parse-state.ts';
import type { AvailabilityState } from '../../shared/availability/state.ts';
import { edit, portsOf } from './validated-world.ts';

/* A whole cluster in this very process, from which things are taken away: what the world does is held against what the analysis said. */

const subnets = ['192.0.2', '10.0.1', '198.51.100', '203.0.113'] as const;
const networks = ['production', 'private', 'iscsi-a', 'iscsi-b'] as const;
const gibibyte = 1024 ** 3;

const plugIn = (server: ServerState, at: number): void => {
  for (const nic of server.nics.slice(4)) nic.enabled = false;
  subnets.forEach((subnet, port) => {
    const nic = server.nics[port]!;
    nic.dhcp.ipv4 = false;
    const held = { address: `${subnet}.${31 + at}`, prefixLength: 24, family: 'ipv4', origin: 'manual' } as const;
    nic.addresses = [{ ...held, skipAsSource: false, duplicate: false }];
    nic.gateways = port === 0 ? [{ family: 'ipv4', nextHop: '192.0.2.1', metric: 0 }] : [];
  });
  for (const name of ['Hyper-V', 'Failover-Clustering', 'Multipath-IO'])
    server.features[name] = { ...server.features[name], state: 'installed' } as never;
  server.mpio.claimsIscsi = true;
  server.services['MSiSCSI'] = { ...server.services['MSiSCSI']!, state: 'running', startMode: 'automatic' };
  server.services['ClusSvc'] = {
    name: 'ClusSvc',
    displayName: 'Cluster Service',
    state: 'running',
    startMode: 'automatic',
    domainTriggered: false,
  };
};

const logOn = (server: ServerState, at: number, target: string, portals: readonly string[]): void => {
  server.initiator.discovered.push(target);
  portals.forEach((portalAddress, path) => {
    server.initiator.sessions.push({
      ...{ id: `${target}-${at}-${path}`, target, initiatorName: server.initiator.name },
      ...{ boundAddress: null, localAddress: `${subnets[2 + path]}.${31 + at}`, localPort: 5000 + path },
      ...{ portalAddress, portalPort: 3260, connectionId: `c${at}${path}`, isid: `40000137000${path}`, tsih: '1' },
      ...{ persistent: true, connected: true, claimed: true, discovered: true, multipath: true },
      ...{ headerDigest: false, dataDigest: false, chap: { kind: 'NONE', userName: null, secret: null } },
    });
  });
};

export interface LossyMachine {
  readonly name: string;
  readonly node: string;
  readonly gigabytes: number;
  /** On the shared volume, else on a disk of its own. */
  readonly isShared?: boolean;
  readonly priority?: number;
}

export interface LossyCluster {
  readonly nodes: 2 | 3 | 4;
  readonly witness: 'disk' | 'none';
  readonly machines: readonly LossyMachine[];
  /** A second target that serves the same disks. */
  readonly isMirrored?: boolean;
}

export const mirrorTarget = 'iqn.2004-04.test.lab:array2';

const disk = (state: WorldState, lun: string, name: string, more: Partial<ClusterDiskState>): ClusterDiskState => ({
  name,
  disk: state.luns[lun]!.uniqueId,
  ownerNode: 'NODE1',
  use: 'available',
  group: null,
  folder: null,
  ...more,
});

const form = (state: WorldState, { nodes, witness, machines, isMirrored = false }: LossyCluster): void => {
  const names = Array.from({ length: nodes }, (_, at) => `NODE${at + 1}`);
  state.luns['own'] = makeLun('own', 'LAB-OWN-0003', 10n * 1024n ** 3n);
  state.luns['own'].content.partitions.push({
    ...{ number: 1, offsetBytes: '1048576', sizeBytes: '10000000000', gptType: null, mbrType: null, guid: null },
    volume: { guid: 'own-volume', fileSystem: 'NTFS', label: 'Own', allocationUnitBytes: 4096 },
  });
  state.targets[labTarget]!.luns.push({ number: 2, lun: 'own' });
  const mirror = ['198.51.100.20', '203.0.113.20'];
  if (isMirrored) {
    const { luns } = state.targets[labTarget]!;
    const portals = mirror.map((address, at) => ({
      ...{ address, port: 3260, network: networks[2 + at]!, portalGroupTag: at + 1 },
    }));
    state.targets[mirrorTarget] = { ...state.targets[labTarget]!, name: mirrorTarget, portals, luns: [...luns] };
  }
  names.forEach((name, at) => {
    const server = state.servers[name]!;
    plugIn(server, at);
    logOn(server, at, labTarget, ['198.51.100.10', '203.0.113.10']);
    if (isMirrored) logOn(server, at, mirrorTarget, mirror);
  });
  const own = machines.find(({ isShared = true }) => !isShared);
  if (own) state.servers[own.node]!.letters['own-volume'] = 'V';
  state.cluster = {
    name: 'CLU1',
    accessPoint: 'dns',
    addresses: ['192.0.2.200'],
    nodes: names.map((name, at) => ({ name, id: at + 1, weight: 1, paused: false })),
    networks: subnets.map((subnet, at) => ({
      ...{ id: `net${at}`, name: networks[at]!, metric: 1, autoMetric: true, address: `${subnet}.0`, prefixLength: 24 },
      role: at === 0 ? 'clusterAndClient' : at === 1 ? 'cluster' : 'none',
    })),
    disks: [
      disk(state, 'witness', 'Witness', { use: witness === 'disk' ? 'witness' : 'available' }),
      disk(state, 'data', 'Data', { use: 'sharedVolume', folder: 'Volume1' }),
      disk(state, 'own', 'Own', own ? { use: 'role', group: own.name, ownerNode: own.node } : {}),
    ],
    groups: [
      { name: 'Cluster Group', kind: 'cluster', ownerNode: 'NODE1', online: true, preferredOwners: [] },
      ...machines.map(({ name, node }) => ({
        ...{ name, kind: 'virtualMachine' as const, ownerNode: node, online: true, preferredOwners: [] },
      })),
    ],
    witness: witness === 'disk' ? { kind: 'disk', disk: state.luns['witness']!.uniqueId } : { kind: 'none' },
    lowerQuorumPriorityNode: null,
  };
  state.machines = machines.map(({ name, node, gigabytes, isShared = true, priority = 2000 }): MachineState => ({
    ...{ name, id: `id-${name}`, host: node, running: true, generation: 2, memoryBytes: gigabytes * gibibyte },
    files: [{ kind: 'disk', path: `${isShared ? 'C:\\ClusterStorage\\Volume1' : 'V:'}\\${name}.vhdx` }],
    ...{ switches: [], hostDevices: [], role: { priority, possibleOwners: names, antiAffinity: [] } },
  }));
};

/** Makes the cluster in a folder of its own. */
export const lossyWorld = async (folder: string, cluster: LossyCluster): Promise<World> => {
  const world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
  for (let at = 2; at < cluster.nodes; at += 1)
    await runControl(world, {} as ServedTargets, 'test', 'createServer', { name: `NODE${at + 1}`, version: '2022' });
  edit(world, (state) => form(state, cluster));
  return world;
};

/** Makes everything as it was: each loss begins from the same cluster. */
export const bringBack = (world: World, state: WorldState): void => {
  world.control('test', 'bringBack', null, (now) => {
    Object.assign(now, state);
  });
};

export const readServer = async (world: World, name: string): Promise<ObservedServer> => {
  const ports = portsOf(world, name);
  const settings = { read: () => ({ roles: [], paths: [] }) };
  const server = { name, ports, settings, journal: { listOpen: () => [] }, now: () => new Date(world.nowMs) };
  const asked = server as unknown as Server;
  return {
    network: await listNics(asked),
    initiator: await readInitiator(asked),
    memoryMB: Number(BigInt(world.state.servers[name]!.hardware.memoryBytes) / 1024n / 1024n),
    cluster: await ports.cluster.readState(),
    machines: await ports.machines.readState(),
    disks: [...(await ports.disks.list())],
  };
};

/** What the product reads of the world, with one switch for each network, as a person would say it. */
export const readState = async (world: World): Promise<AvailabilityState> => {
  const refs = Object.keys(world.state.servers).map((server) => ({ kind: 'rehearsal' as const, name: 'w', server }));
  const { state } = await stateOfServers(refs as never, (ref) => readServer(world, (ref as { server: string }).server));
  const switchOf = { production: 'SW1', clusterPrivate: 'SW2', iscsiA: 'SW3', iscsiB: 'SW4' } as const;
  return withTargets({
    ...state,
    nodes: state.nodes.map((node) => ({
      ...node,
      nics: (node.nics ?? [])
        .filter(({ role }) => role)
        .map((nic) => ({ ...nic, switch: switchOf[nic.role ?? 'production'] })),
    })),
    targets: state.targets.map((target) => ({
      ...target,
      portals: (target.portals ?? []).map((portal) => ({
        ...portal,
        switch: switchOf[portal.network ?? 'iscsiA'],
      })),
    })),
  });
};

const fault = (state: WorldState, input: { readonly kind: string; readonly [field: string]: unknown }): void => {
  state.faults.push({ ...input, id: `fault-${state.faults.length}` } as never);
};

const unplug = (state: WorldState, server: ServerState, nic: string): void =>
  fault(state, { kind: 'nicDown', server: server.name, nic: server.nics.find(({ name }) => name === nic)!.guid });

/** Takes an element away from the world, as it would go: several in one moment where they are given together. */
export const takeAway = (world: World, elements: readonly Element[]): void => {
  world.control(
    'test',
    'lose',
    elements.map(({ id }) => id),
    (state) => {
      for (const { kind, name, owner } of elements) {
        const server = state.servers[kind === 'node' ? name : (owner ?? '')];
        switch (kind) {
          case 'node':
            server!.power = 'off';
            server!.initiator.sessions = [];
            break;
          case 'nic':
            unplug(state, server!, name);
            break;
          case 'path': {
            const [nic, portal] = name.split('>');
            const own = server!.nics.find((one) => one.name === nic)!.addresses[0]!.address;
            server!.initiator.sessions = server!.initiator.sessions.filter(
              (one) => one.localAddress !== own || one.portalAddress !== portal,
            );
            break;
          }
          case 'portal':
            fault(state, { kind: 'targetUnreachable', target: owner, portal: name });
            break;
          case 'target':
            fault(state, { kind: 'targetUnreachable', target: name, portal: null });
            break;
          case 'lun': {
            const lost = state.cluster!.disks.find((one) => one.name === name)!.disk;
            const target = state.targets[owner!]!;
            target.luns = target.luns.filter(({ lun }) => state.luns[lun]!.uniqueId !== lost);
            break;
          }
          case 'witness':
            state.cluster!.isWitnessOffline = true;
            break;
          case 'switch': {
            const network = networks[Number(name.slice(2)) - 1]!;
            for (const one of Object.values(state.servers))
              for (const nic of one.nics) if (nic.enabled && nic.network === network) unplug(state, one, nic.name);
            for (const target of Object.values(state.targets))
              for (const portal of target.portals)
                if (portal.network === network)
                  fault(state, { kind: 'targetUnreachable', target: target.name, portal: portal.address });
            break;
          }
          default:
            throw new Error(`the world has no ${kind}`);
        }
      }
    },
  );
};
