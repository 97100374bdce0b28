import {
  addressFamilyOf,
  findAddressProblem,
  isSameAddress,
  normaliseAddress,
  type AddressFamily,
} from '../../../../shared/model/address.ts';
import type { NetbiosSetting } from '../../../../shared/model/netbios.ts';
import type { NicRestore } from '../../../ports/nic-port.ts';
import { between, findNic, isStubborn, nicOrRefuse, requireAdministrator, rest, type Change } from '../change.ts';
import type { EffectsOf } from '../effects/effect.ts';
import { nextRandom } from '../random.ts';
import { answersOnNetwork, networkOfNic } from '../reach.ts';
import { refuse } from '../refusal.ts';
import type { NetworkState, NicState, ServerState, WorldState } from '../state.ts';

export const renameNic = (change: Change, guid: string, newName: string): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  const holder = change.server.nics.find(
    (other) => other !== nic && other.name.toLowerCase() === newName.toLowerCase(),
  );
  if (holder) throw refuse('nic.rename.exists', { name: newName });
  nic.name = newName;
};

export const setNicEnabled = (change: Change, guid: string, enabled: boolean): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  if (nic.enabled === enabled) return;
  nic.enabled = enabled;
  if (enabled) renewDhcp(change.world, change.server, nic);
};

/**
 * The address that the network's DHCP server gives a NIC: the one that it had, else the first that is neither in use nor another's, whose
 * server may be off just now (RFC 2131 section 4.3.1). Null: there is none left.
 */
const leaseFor = (world: WorldState, network: NetworkState, server: ServerState, nic: NicState): string | null => {
  const scope = network.dhcp;
  if (!scope) return null;
  const leases = (scope.leases ??= {});
  const inUse = (address: string): boolean =>
    answersOnNetwork(world, network, address, { server: server.name, nic: nic.guid });
  const own = leases[nic.mac];
  if (own !== undefined && !inUse(own)) return own;
  const base = scope.prefix.replace(/\.\d+$/, '');
  const taken = new Set(Object.entries(leases).flatMap(([mac, address]) => (mac === nic.mac ? [] : [address])));
  for (let last = 100; last < 250; last += 1) {
    const address = `${base}.${last}`;
    if (taken.has(address) || inUse(address)) continue;
    leases[nic.mac] = address;
    return address;
  }
  return null;
};

/** Asks the network for addresses: a lease where a DHCP server is, else an address that Windows gives itself. */
export const renewDhcp = (world: WorldState, server: ServerState, nic: NicState): void => {
  dropLeases(nic, 'ipv4');
  if (!nic.dhcp.ipv4) return;
  const network = networkOfNic(world, server, nic);
  if (!network) return;
  const scope = network.dhcp;
  if (!scope) {
    nic.addresses.push({
      address: `169.254.${1 + (nextRandom(world) % 254)}.${1 + (nextRandom(world) % 254)}`,
      prefixLength: 16,
      family: 'ipv4',
      origin: 'wellKnown',
      skipAsSource: false,
      duplicate: false,
    });
    return;
  }
  const address = leaseFor(world, network, server, nic);
  if (address === null) return;
  nic.addresses.push({
    address,
    prefixLength: scope.prefixLength,
    family: 'ipv4',
    origin: 'dhcp',
    skipAsSource: false,
    duplicate: false,
  });
  if (scope.gateway !== null && !nic.gateways.some((gateway) => gateway.nextHop === scope.gateway)) {
    nic.gateways.push({ family: 'ipv4', nextHop: scope.gateway, metric: 0, leased: true });
  }
  nic.leasedDnsServers = [...scope.dnsServers];
};

export const setDhcp = (change: Change, guid: string, family: AddressFamily, enabled: boolean): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  if (nic.dhcp[family] === enabled) return;
  nic.dhcp[family] = enabled;
  if (enabled) renewDhcp(change.world, change.server, nic);
  else {
    rest(change, 'nic.dhcp.offRemovesLease');
    rest(change, 'nic.dhcp.offDropsGateway');
    rest(change, 'nic.dhcp.offDropsDns');
    dropLeases(nic, family);
  }
};

/** The DNS servers that Windows asks: the configured ones, else those of the lease. */
export const dnsServersOf = (nic: NicState, family: AddressFamily): string[] =>
  nic.dnsServers[family].length > 0 || family === 'ipv6' ? nic.dnsServers[family] : (nic.leasedDnsServers ?? []);

/** What came from DHCP goes with the lease: address, default route and DNS servers. */
const dropLeases = (nic: NicState, family: AddressFamily): void => {
  nic.gateways = nic.gateways.filter((gateway) => gateway.family !== family || gateway.leased !== true);
  if (family === 'ipv4') delete nic.leasedDnsServers;
  nic.addresses = nic.addresses.filter(
    (held) => held.family !== family || held.origin === 'manual' || family === 'ipv6',
  );
};

export const addAddress = (
  change: Change,
  guid: string,
  request: { readonly address: string; readonly prefixLength: number; readonly skipAsSource: boolean },
): void => {
  requireAdministrator(change);
  const { world, server } = change;
  const nic = nicOrRefuse(change, guid);
  const address = normaliseAddress(request.address);
  if (address === null || findAddressProblem(address, request.prefixLength) !== null) {
    throw refuse('nic.address.invalid', { address: request.address, nic: nic.name });
  }
  if (server.nics.some((other) => other.addresses.some((held) => isSameAddress(held.address, address)))) {
    throw refuse('nic.address.exists', { address });
  }
  const family = addressFamilyOf(address)!;
  if (family === 'ipv4' && nic.dhcp.ipv4) {
    rest(change, 'nic.address.endsDhcp');
    rest(change, 'nic.dhcp.offDropsGateway');
    rest(change, 'nic.dhcp.offDropsDns');
    nic.dhcp.ipv4 = false;
    dropLeases(nic, 'ipv4');
  }
  const network = networkOfNic(world, server, nic);
  const duplicate =
    network !== null && answersOnNetwork(world, network, address, { server: server.name, nic: nic.guid });
  if (duplicate) rest(change, 'nic.address.duplicate');
  nic.addresses.push({
    address,
    prefixLength: request.prefixLength,
    family,
    origin: 'manual',
    skipAsSource: request.skipAsSource,
    duplicate,
  });
};

export const removeAddress = (change: Change, guid: string, address: string): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  const held = nic.addresses.find((candidate) => isSameAddress(candidate.address, address));
  if (!held) throw refuse('nic.address.notFound', { nic: nic.name, address });
  nic.addresses = nic.addresses.filter((candidate) => candidate !== held);
};

/** Adds a default route; Windows keeps those that are there already. */
export const addGateway = (
  change: Change,
  guid: string,
  family: AddressFamily,
  nextHop: string,
  metric = 256,
): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  const normal = normaliseAddress(nextHop);
  if (normal === null || addressFamilyOf(normal) !== family)
    throw refuse('nic.route.invalid', { address: nextHop, nic: nic.name });
  if (nic.gateways.some((gateway) => isSameAddress(gateway.nextHop, normal))) {
    throw refuse('nic.route.exists', { address: nextHop, nic: nic.name });
  }
  nic.gateways.push({ family, nextHop: normal, metric });
};

export const removeGateways = (change: Change, guid: string, family: AddressFamily, nextHop: string | null): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  nic.gateways = nic.gateways.filter(
    (gateway) => gateway.family !== family || (nextHop !== null && !isSameAddress(gateway.nextHop, nextHop)),
  );
};

/** As the port says it: one gateway, or none. */
export const setGateway = (change: Change, guid: string, family: AddressFamily, nextHop: string | null): void => {
  removeGateways(change, guid, family, null);
  if (nextHop === null) return;
  between(change);
  addGateway(change, guid, family, nextHop);
};

export const setDnsServers = (
  change: Change,
  guid: string,
  family: AddressFamily,
  servers: readonly string[],
): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  const normal = servers.map((server) => normaliseAddress(server));
  if (normal.some((server) => server === null || addressFamilyOf(server) !== family)) {
    throw refuse('nic.dns.invalid', { address: servers.join(', '), nic: nic.name });
  }
  nic.dnsServers[family] = normal as string[];
};

export const setDnsRegistration = (change: Change, guid: string, registers: boolean): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  if (isStubborn(change, nic, 'registersInDns')) return;
  nic.registersInDns = registers;
};

export const setNetbios = (change: Change, guid: string, setting: NetbiosSetting): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  if (isStubborn(change, nic, 'netbios')) return;
  nic.netbios = setting;
};

export const setAdvanced = (change: Change, guid: string, keyword: string, value: string): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  const property = nic.advanced.find((candidate) => candidate.keyword.toLowerCase() === keyword.toLowerCase());
  if (!property) throw refuse('nic.advanced.notFound', { nic: nic.name, bytes: value });
  if (!property.validValues.includes(value)) throw refuse('nic.advanced.value', { nic: nic.name, bytes: value });
  if (isStubborn(change, nic, property.keyword)) {
    rest(change, 'nic.advanced.notKept');
    return;
  }
  property.value = value;
};

/** The largest IP packet that follows from the driver's jumbo packet: its bytes without the Ethernet header. */
export const mtuOfNic = (nic: NicState): number => {
  const jumbo = nic.advanced.find((property) => property.keyword === '*JumboPacket');
  return jumbo ? Number(jumbo.value) - 14 : 1500;
};

export const setBinding = (change: Change, guid: string, componentId: string, enabled: boolean): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  if (!(componentId in nic.bindings)) throw refuse('nic.binding.notFound', { nic: nic.name, component: componentId });
  if (isStubborn(change, nic, componentId)) return;
  nic.bindings[componentId] = enabled;
};

export const setPowerSaving = (change: Change, guid: string, allowed: boolean): void => {
  requireAdministrator(change);
  const nic = nicOrRefuse(change, guid);
  if (nic.powerSaving === 'unsupported') throw refuse('nic.power.unsupported', { nic: nic.name });
  if (isStubborn(change, nic, 'powerSaving')) return;
  nic.powerSaving = allowed ? 'allowed' : 'notAllowed';
};

/** What a revert does when it is due: it puts back what it names and leaves the rest. */
export const applyRestore = (world: WorldState, server: ServerState, restore: readonly NicRestore[]): void => {
  for (const item of restore) {
    const onSwitch = server.nics.find(
      ({ membership }) => membership.kind === 'switchPort' && membership.switchName === item.switchName,
    );
    const nic = onSwitch ?? findNic(server, item.interfaceGuid);
    if (!nic) continue;
    if (item.enabled !== undefined) nic.enabled = item.enabled;
    if (item.addresses) {
      const { family, list } = item.addresses;
      nic.addresses = [
        ...nic.addresses.filter((held) => held.family !== family || held.origin !== 'manual'),
        ...list.map((address) => ({
          ...address,
          family,
          origin: 'manual' as const,
          skipAsSource: false,
          duplicate: false,
        })),
      ];
    }
    if (item.gateway) {
      const { family, nextHop } = item.gateway;
      nic.gateways = nic.gateways.filter((gateway) => gateway.family !== family);
      if (nextHop !== null) nic.gateways.push({ family, nextHop, metric: 256 });
    }
    if (item.dnsServers) nic.dnsServers[item.dnsServers.family] = [...item.dnsServers.servers];
    if (item.dhcp) {
      nic.dhcp[item.dhcp.family] = item.dhcp.enabled;
      if (item.dhcp.enabled) renewDhcp(world, server, nic);
      else dropLeases(nic, item.dhcp.family);
    }
  }
};

/** What each change of a NIC does to a simulated server. */
export const nicEffects: EffectsOf<'nic'> = {
  'nic.rename': (change, { nic, newName }) => renameNic(change, nic, newName),
  'nic.setEnabled': (change, { nic, enabled }) => setNicEnabled(change, nic, enabled),
  'nic.setDhcp': (change, { nic, family, enabled }) => setDhcp(change, nic, family, enabled),
  'nic.addAddress': (change, { nic, address, prefixLength, skipAsSource = false }) =>
    addAddress(change, nic, { address, prefixLength, skipAsSource }),
  'nic.removeAddress': (change, { nic, address }) => removeAddress(change, nic, address),
  'nic.setGateway': (change, { nic, family, nextHop }) => setGateway(change, nic, family, nextHop),
  'nic.setDnsServers': (change, { nic, family, servers }) => setDnsServers(change, nic, family, servers),
  'nic.setDnsRegistration': (change, { nic, registers }) => setDnsRegistration(change, nic, registers),
  'nic.setNetbios': (change, { nic, setting }) => setNetbios(change, nic, setting),
  'nic.setNetworkCategory': (change, { nic, category }) => {
    requireAdministrator(change);
    nicOrRefuse(change, nic).category = category;
  },
  'nic.setJumboPacket': (change, { nic, valueBytes }) => setAdvanced(change, nic, '*JumboPacket', String(valueBytes)),
  'nic.setBinding': (change, { nic, componentId, enabled }) => setBinding(change, nic, componentId, enabled),
  'nic.setPowerSaving': (change, { nic, allowed }) => setPowerSaving(change, nic, allowed),
};
