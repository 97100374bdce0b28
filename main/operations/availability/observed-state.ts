import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import type { NetworkView, NicView } from '../../../shared/contract/nic.ts';
import { failure } from '../../../shared/errors/failure.ts';
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
export interface ObservedServer {
  readonly network: NetworkView;
  /** Null: the initiator could not be read. */
  readonly initiator: InitiatorView | null;
  /** Physical memory in MB; null: nothing tells it yet. */
  readonly memoryMB: number | null;
}

/** A configuration, where it comes from, and what the reader should know about it. */
export interface ReadState {
  readonly state: AvailabilityState;
  readonly source: AvailabilityReport['source'];
  readonly notes: readonly string[];
}

export type ReadServer = (server: ServerRef) => Promise<ObservedServer>;

const roleOf = ({ role }: NicView): LinkRole | null => (role === null || role === 'unused' ? null : role);

/** Ports that a person uses: teams and virtual switches stand for their members. */
const isPort = (nic: NicView): boolean => nic.isHardware && !nic.isVirtual && nic.role !== 'unused';

const nicsOf = (network: NetworkView): StateNic[] =>
  network.nics.filter(isPort).map((nic) => ({ name: nic.name, role: roleOf(nic), switch: null }));

interface Portal {
  readonly address: string;
  readonly network: LinkRole | undefined;
}

/** Targets and portals as the connected paths of all servers show them. */
const targetsOf = (servers: readonly ObservedServer[]): StateTarget[] => {
  const found = new Map<string, Map<string, Set<LinkRole>>>();
  for (const { initiator } of servers)
    for (const { path, nic, verdict } of initiator?.paths ?? []) {
      if (verdict === 'absent') continue;
      const portals = found.get(path.targetNodeAddress) ?? new Map<string, Set<LinkRole>>();
      const roles = portals.get(path.targetPortalAddress) ?? new Set<LinkRole>();
      if (nic?.role === 'iscsiA' || nic?.role === 'iscsiB') roles.add(nic.role);
      portals.set(path.targetPortalAddress, roles);
      found.set(path.targetNodeAddress, portals);
    }
  return [...found].map(([name, portals]) => ({
    name,
    portals: [...portals].map(([address, roles]): Portal => {
      const [role] = roles;
      return { address, network: roles.size === 1 ? role : undefined };
    }),
  }));
};

const nodeOf = ({ network, memoryMB }: ObservedServer): StateNode => ({
  name: network.server.computerName,
  memoryMB: memoryMB ?? 0,
  reserveMB: memoryMB === null ? 0 : assumedReserveMB(memoryMB),
  nics: nicsOf(network),
});

/** @throws Failure AVAILABILITY_FACTS_TWICE, and those of reading a server */
export const stateOfServers = async (refs: readonly ServerRef[], read: ReadServer): Promise<ReadState> => {
  const servers: ObservedServer[] = [];
  for (const ref of refs) servers.push(await read(ref));
  const nodes = servers.map(nodeOf);
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
  const state: AvailabilityState = { nodes, targets: targetsOf(servers), vms: [] };
  return {
    state,
    source: { kind: isRehearsal ? 'rehearsal' : 'live', names: refs.map(printServerRef) },
    notes: [
      'NICs with their roles, paths, portals and targets are as the servers show them. Switches, witness and virtual machines are not read: export this state, add them, and give it with --state.',
      ...(unread.length > 0
        ? [`The initiator of ${unread.join(', ')} could not be read: paths and targets may be missing.`]
        : []),
      ...(memoryless.length > 0 ? [`The memory of ${memoryless.join(', ')} was not read; 0 MB stands for it.`] : []),
      ...(memoryless.length < servers.length
        ? ['The host reserve is assumed: 2 GB and a thirty-second of the memory.']
        : []),
    ],
  };
};
