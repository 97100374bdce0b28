import type { Output } from '../../../shared/contract/index.ts';
import type { NicView } from '../../../shared/contract/nic.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { isInPrefix, isSameAddress, networkOf } from '../../../shared/model/address.ts';
import { clusterOfObserved } from '../../../shared/availability/observed-cluster.ts';
import { keyOf } from '../../../shared/availability/parse-state.ts';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import type {
  AvailabilityState,
  LinkRole,
  StateNic,
  StateNode,
  StateTarget,
} from '../../../shared/availability/state.ts';
import { assumedReserveMB } from '../../../shared/availability/state-from-facts.ts';
import { printServerRef, type ServerRef } from '../../../shared/model/server-ref.ts';

/** What one server shows. */
export type ObservedServer = Output<'availability.observe'>;

/** A configuration, where it comes from, and what the reader should know about it. */
export interface ReadState {
  readonly state: AvailabilityState;
  readonly source: AvailabilityReport['source'];
  readonly notes: readonly string[];
}

export type ReadServer = (server: ServerRef) => Promise<ObservedServer>;

/** Ports that a person uses. The one under a virtual switch has gone out of use by its role: the virtual NIC over it has that now. */
const isPort = (nic: NicView): boolean =>
  nic.isHardware && !nic.isVirtual && (nic.role !== 'unused' || nic.membership?.kind === 'switchMember');

interface Session {
  readonly target: string;
  readonly from: string;
  readonly portal: string;
}

const sessionsOf = ({ initiator }: ObservedServer): Session[] =>
  (initiator?.state.sessions ?? []).flatMap(({ targetNodeAddress, connections }) =>
    (connections ?? []).map((connection) => ({
      target: targetNodeAddress,
      from: connection.initiatorAddress,
      portal: connection.targetAddress,
    })),
  );

const subnetsOf = (nic: NicView): string[] =>
  (nic.addresses ?? []).flatMap(({ address, prefixLength }) => networkOf(address, prefixLength) ?? []);

const carries = (nic: NicView, sessions: readonly Session[]): boolean =>
  (nic.addresses ?? []).some(({ address }) => sessions.some(({ from }) => isSameAddress(from, address)));

/** The subnets that sessions run over, in order: the first is taken for network A, the second for B. */
const storageSubnets = (servers: readonly ObservedServer[]): string[] => {
  const found = servers.flatMap((server) => {
    const sessions = sessionsOf(server);
    return server.network.nics.filter((nic) => carries(nic, sessions)).flatMap(subnetsOf);
  });
  return [...new Set(found)].sort();
};

/** What a NIC is for: as the user said, else as its sessions and the networks of the cluster show it. */
const roleReader = (
  servers: readonly ObservedServer[],
): ((server: ObservedServer, nic: NicView) => LinkRole | null) => {
  const subnets = storageSubnets(servers);
  const networks = servers.flatMap(({ cluster }) => cluster?.cluster?.networks ?? []);
  return (server, nic) => {
    if (nic.role !== null) return nic.role === 'unused' ? null : nic.role;
    if (carries(nic, sessionsOf(server))) {
      const at = subnets.findIndex((subnet) => subnetsOf(nic).includes(subnet));
      return at === 0 ? 'iscsiA' : at === 1 ? 'iscsiB' : null;
    }
    const own = networks.find(({ address, prefixLength }) =>
      (nic.addresses ?? []).some((held) => isInPrefix(held.address, address, prefixLength)),
    );
    return own?.role === 'clusterAndClient' ? 'production' : own?.role === 'cluster' ? 'clusterPrivate' : null;
  };
};

type RoleOf = ReturnType<typeof roleReader>;

/**
 * The NICs that a person plugs cables into. Where the host shares a NIC with a virtual switch, its addresses are those of the
 * virtual NIC over it.
 */
const nicsOf = (server: ObservedServer, roleOf: RoleOf): StateNic[] =>
  server.network.nics.filter(isPort).map((nic) => {
    const { membership } = nic;
    const upper =
      membership?.kind === 'switchMember' && membership.switchName !== null
        ? server.network.nics.find(
            (one) => one.membership?.kind === 'switchPort' && one.membership.switchName === membership.switchName,
          )
        : undefined;
    const isOfSwitch = membership?.kind === 'switchMember';
    return {
      name: nic.name,
      role: roleOf(server, nic) ?? (upper ? roleOf(server, upper) : null) ?? (isOfSwitch ? 'production' : null),
      switch: null,
    };
  });

interface Portal {
  readonly address: string;
  readonly network: LinkRole | undefined;
}

/** Targets and portals as the sessions of all servers show them. */
const targetsOf = (servers: readonly ObservedServer[], roleOf: RoleOf): StateTarget[] => {
  const found = new Map<string, Map<string, Set<LinkRole>>>();
  for (const server of servers)
    for (const { target, from, portal } of sessionsOf(server)) {
      const portals = found.get(target) ?? new Map<string, Set<LinkRole>>();
      const roles = portals.get(portal) ?? new Set<LinkRole>();
      const nic = server.network.nics.find((one) =>
        (one.addresses ?? []).some(({ address }) => isSameAddress(address, from)),
      );
      const role = nic ? roleOf(server, nic) : null;
      if (role === 'iscsiA' || role === 'iscsiB') roles.add(role);
      portals.set(portal, roles);
      found.set(target, portals);
    }
  return [...found].map(([name, portals]) => ({
    name,
    portals: [...portals].map(([address, roles]): Portal => {
      const [role] = roles;
      return { address, network: roles.size === 1 ? role : undefined };
    }),
  }));
};

/**
 * Targets that serve the same disks. The proof: on every node each disk of the cluster, which MPIO shows as one, has more paths than there are
 * sessions to this target; a session leads to a disk at most once, so that one of the others leads to it as well.
 */
const withMirrors = (servers: readonly ObservedServer[], targets: readonly StateTarget[]): StateTarget[] => {
  const disks = servers.flatMap(({ cluster }) => cluster?.cluster?.disks ?? []);
  const [first] = targets;
  if (!first || targets.length < 2 || disks.length === 0) return [...targets];
  const canGo = ({ name }: StateTarget): boolean =>
    servers.every((server) => {
      const sessions = sessionsOf(server).filter(({ target }) => target === name).length;
      return disks.every(({ disk }) => {
        const seen = (server.disks ?? []).find(({ uniqueId }) => uniqueId !== null && uniqueId === disk);
        return seen !== undefined && (seen.pathCount ?? 0) > sessions;
      });
    });
  if (!targets.every(canGo)) return [...targets];
  return targets.map((target) =>
    target === first ? target : { ...target, mirrorOf: first.name, isMirrorProven: true },
  );
};

const nodeOf = (server: ObservedServer, roleOf: RoleOf): StateNode => {
  const { network, memoryMB } = server;
  return {
    name: network.server.computerName,
    memoryMB: memoryMB ?? 0,
    ...(memoryMB === null ? { isMemoryKnown: false } : {}),
    reserveMB: memoryMB === null ? 0 : assumedReserveMB(memoryMB),
    nics: nicsOf(server, roleOf),
  };
};

/** @throws Failure AVAILABILITY_FACTS_TWICE, and those of reading a server */
export const stateOfServers = async (refs: readonly ServerRef[], read: ReadServer): Promise<ReadState> => {
  const servers: ObservedServer[] = [];
  for (const ref of refs) servers.push(await read(ref));
  const roleOf = roleReader(servers);
  const nodes = servers.map((server) => nodeOf(server, roleOf));
  nodes.forEach((node, index) => {
    const first = nodes.findIndex((other) => keyOf(other.name) === keyOf(node.name));
    if (first !== index)
      throw failure('AVAILABILITY_FACTS_TWICE', {
        server: node.name,
        files: `${refs
          .map(printServerRef)
          .filter((_, at) => at === first || at === index)
          .join(', ')}`,
      });
  });
  const isRehearsal = refs.some(({ kind }) => kind === 'rehearsal');
  const unread = servers
    .filter(({ initiator }) => initiator === null)
    .map(({ network }) => network.server.computerName);
  const memoryless = servers
    .filter(({ memoryMB }) => memoryMB === null)
    .map(({ network }) => network.server.computerName);
  const targets = withMirrors(servers, targetsOf(servers, roleOf));
  const seen = clusterOfObserved(
    servers.map(({ network, cluster, machines }) => ({ node: network.server.computerName, cluster, machines })),
    nodes,
    targets,
  );
  return {
    state: seen.state,
    source: { kind: isRehearsal ? 'rehearsal' : 'live', names: refs.map(printServerRef) },
    notes: [
      'Network adapters with their roles, paths, portals, targets, the cluster and its virtual machines are as the servers show them. Which switch a cable ends in, sites and power are not read: export this state, add them, and give it with --state.',
      'Network adapters without a role of their own count by what they carry: the first subnet with iSCSI sessions as network A, the second as B, the others by the use of their cluster network.',
      ...seen.notes,
      ...(unread.length > 0
        ? [`The initiator of ${unread.join(', ')} could not be read: paths and targets may be missing.`]
        : []),
      ...(memoryless.length > 0
        ? [
            `The memory of ${memoryless.join(', ')} was not read: whether virtual machines find room there is not known.`,
          ]
        : []),
      ...(memoryless.length < servers.length ? ['The host reserve is assumed: 2 GiB and 1/32 of the memory.'] : []),
    ],
  };
};
