import { isDraft, original } from 'immer';
import { addressFamilyOf, isInPrefix, isSameAddress, normaliseAddress } from '../../../shared/model/address.ts';
import { iscsiPort } from '../../../shared/model/storage-host.ts';
import { findFault } from './change.ts';
import type { NetworkState, NicState, ServerState, SessionState, TargetState, WorldState } from './state.ts';

/** The network that a NIC's frames reach now: null without cable, with the link down, disabled, or the power off. */
export const networkOfNic = (world: WorldState, server: ServerState, nic: NicState): NetworkState | null => {
  if (server.power !== 'on' || !nic.enabled) return null;
  const { membership } = nic;
  if (membership.kind === 'switchPort') {
    // A port of a virtual switch reaches what one of the NICs behind the switch reaches.
    const members = server.nics.filter(
      (other) => other.membership.kind === 'switchMember' && other.membership.switchName === membership.switchName,
    );
    for (const member of members) {
      const network = networkOfNic(world, server, member);
      if (network) return network;
    }
    if (members.length > 0) return null;
  }
  if (nic.network === null) return null;
  if (findFault(world, 'nicDown', (fault) => fault.server === server.name && fault.nic === nic.guid)) return null;
  const moved = findFault(world, 'wrongVlan', (fault) => fault.server === server.name && fault.nic === nic.guid);
  return world.networks[moved ? moved.network : nic.network] ?? null;
};

/** Is there a carrier? A wrong VLAN has one; a pulled cable has none. */
export const isLinkUp = (world: WorldState, server: ServerState, nic: NicState): boolean =>
  networkOfNic(world, server, nic) !== null;

/** A NIC of one server; on a network, the other ones are those of everybody else. */
interface Except {
  readonly server: string;
  readonly nic: string;
}

/** What the NICs of a server hold, for servers whose state is kept: it is immutable, and most changes leave all servers but one as they are. */
const heldBy = new WeakMap<ServerState, ReadonlySet<string>>();

/** False where a server certainly does not hold an address. */
const mayHold = (server: ServerState, address: string): boolean => {
  if (!Object.isFrozen(server)) return true;
  let held = heldBy.get(server);
  if (!held) {
    held = new Set(server.nics.flatMap((nic) => nic.addresses.map((one) => one.address)));
    heldBy.set(server, held);
  }
  return held.has(address);
};

/**
 * Every NIC but one, with its server; where an `address` is given, only servers that may hold it are looked at. A change alters at most the server that it is about: the others are read as they were before
 * it, because each part of a draft that is looked at costs a copy.
 */
function* otherNics(
  world: WorldState,
  except: Except | null,
  address?: string,
): Generator<readonly [ServerState, NicState]> {
  const changing: unknown = world;
  const before = isDraft(changing) ? (original(changing) as WorldState) : world;
  for (const name of Object.keys(before.servers)) {
    const isOwn = name === except?.server;
    const server = (isOwn ? world : before).servers[name];
    if (!isOwn && server && address !== undefined && !mayHold(server, address)) continue;
    for (const nic of server?.nics ?? []) if (!(isOwn && nic.guid === except.nic)) yield [server!, nic];
  }
}

/** Where a target is reached: the portals of a device, or the addresses of the server that offers it, while its service runs. */
export const portalsOf = (world: WorldState, target: TargetState): TargetState['portals'] => {
  if (target.host === undefined) return target.portals;
  const server = world.servers[target.host];
  if (server?.services['WinTarget']?.state !== 'running') return [];
  return server.nics.flatMap((nic) => {
    const network = networkOfNic(world, server, nic);
    if (!network) return [];
    return nic.addresses
      .filter(({ family, duplicate }) => family === 'ipv4' && !duplicate)
      .map(({ address }) => ({ address, port: iscsiPort, network: network.id, portalGroupTag: 1 }));
  });
};

/** What answers on a network besides servers: strangers, gateways, portals. */
const standingAddresses = (world: WorldState, network: NetworkState): string[] => [
  ...network.strangers,
  ...world.faults.flatMap((fault) =>
    fault.kind === 'addressInUse' && fault.network === network.id ? [fault.address] : [],
  ),
  ...(network.dhcp?.gateway ? [network.dhcp.gateway] : []),
  ...Object.values(world.targets).flatMap((target) =>
    target.portals.flatMap((portal) => (portal.network === network.id ? [portal.address] : [])),
  ),
];

/** Every address that somebody other than this NIC answers for on a network. */
export const addressesOnNetwork = (world: WorldState, network: NetworkState, except: Except | null): string[] => [
  ...standingAddresses(world, network),
  ...[...otherNics(world, except)].flatMap(([server, nic]) =>
    networkOfNic(world, server, nic)?.id === network.id
      ? nic.addresses.flatMap((held) => (held.duplicate ? [] : [held.address]))
      : [],
  ),
];

/** Does somebody other than this NIC answer for an address on a network? */
export const answersOnNetwork = (
  world: WorldState,
  network: NetworkState,
  address: string,
  except: Except | null,
): boolean => {
  if (standingAddresses(world, network).some((one) => isSameAddress(one, address))) return true;
  // NICs hold addresses in their one spelling. Few servers hold this one at all, and only of those it matters where they are plugged in.
  const normal = normaliseAddress(address) ?? address;
  for (const [server, nic] of otherNics(world, except, normal))
    if (
      nic.addresses.some((held) => held.address === normal && !held.duplicate) &&
      networkOfNic(world, server, nic)?.id === network.id
    )
      return true;
  return false;
};

/** The NIC and address from which a server sends to a destination: on-link first, then the default gateway. */
export const chooseSource = (
  world: WorldState,
  server: ServerState,
  destination: string,
): {
  readonly nic: NicState;
  readonly address: string;
  readonly network: NetworkState;
  readonly onLink: boolean;
} | null => {
  const family = addressFamilyOf(destination);
  for (const onLink of [true, false]) {
    for (const nic of server.nics) {
      const network = networkOfNic(world, server, nic);
      if (!network) continue;
      const held = nic.addresses.find(
        (candidate) =>
          candidate.family === family &&
          !candidate.duplicate &&
          (onLink
            ? isInPrefix(destination, candidate.address, candidate.prefixLength)
            : nic.gateways.some((gateway) => gateway.family === family)),
      );
      if (held) return { nic, address: held.address, network, onLink };
    }
  }
  return null;
};

export interface PortalRoute {
  readonly target: TargetState;
  readonly portal: TargetState['portals'][number];
  readonly nic: NicState;
  readonly localAddress: string;
}

/** Targets behind a portal as a server reaches it from `source` (null: as its routes say); empty when nothing answers. */
export const routesToPortal = (
  world: WorldState,
  server: ServerState,
  portalAddress: string,
  portalPort: number,
  source: string | null,
): PortalRoute[] => {
  const from =
    source === null
      ? chooseSource(world, server, portalAddress)
      : server.nics
          .map((nic) => ({ nic, network: networkOfNic(world, server, nic) }))
          .flatMap(({ nic, network }) => {
            const held = nic.addresses.find(
              (candidate) =>
                isSameAddress(candidate.address, source) &&
                !candidate.duplicate &&
                isInPrefix(portalAddress, candidate.address, candidate.prefixLength),
            );
            return network && held ? [{ nic, network, address: held.address, onLink: true }] : [];
          })[0];
  if (!from?.onLink) return [];
  return Object.values(world.targets).flatMap((target) =>
    portalsOf(world, target)
      .filter(
        (portal) =>
          portal.network === from.network.id &&
          portal.port === portalPort &&
          isSameAddress(portal.address, portalAddress) &&
          !findFault(
            world,
            'targetUnreachable',
            (fault) =>
              fault.target === target.name && (fault.portal === null || isSameAddress(fault.portal, portal.address)),
          ),
      )
      .map((portal) => ({ target, portal, nic: from.nic, localAddress: from.address })),
  );
};

/** Can the server resolve and reach a domain's controllers? It needs one of them as DNS server and a route. */
export const reachesDomain = (world: WorldState, server: ServerState, domainName: string): boolean => {
  const domain = Object.values(world.domains).find((one) => one.name.toLowerCase() === domainName.toLowerCase());
  if (!domain || findFault(world, 'domainUnreachable', (fault) => fault.domain === domain.name)) return false;
  return server.nics.some(
    (nic) =>
      networkOfNic(world, server, nic) !== null &&
      [
        ...nic.dnsServers.ipv4,
        ...(nic.dnsServers.ipv4.length > 0 ? [] : (nic.leasedDnsServers ?? [])),
        ...nic.dnsServers.ipv6,
      ].some(
        (dns) => domain.controllers.some((one) => isSameAddress(one, dns)) && chooseSource(world, server, dns) !== null,
      ),
  );
};

/** Does the path of a session still carry it? */
export const isPathAlive = (world: WorldState, server: ServerState, session: SessionState): boolean =>
  routesToPortal(world, server, session.portalAddress, session.portalPort, session.localAddress).some(
    (route) => route.target.name === session.target,
  );
