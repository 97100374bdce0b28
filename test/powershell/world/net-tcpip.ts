import { addressFamilyOf, isInPrefix, normaliseAddress, type AddressFamily } from '../../../shared/model/address.ts';
import { requireAdministrator, type Change } from '../../../main/rehearsal/world/change.ts';
import * as nics from '../../../main/rehearsal/world/changes/nics.ts';
import { addressState } from '../../../main/rehearsal/world/ports/nics.ts';
import { addressesOnNetwork, isLinkUp, networkOfNic } from '../../../main/rehearsal/world/reach.ts';
import { NotModelled, refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { NicAddressState, NicState, ServerState } from '../../../main/rehearsal/world/state.ts';
import { refuseCmdlet, shows } from './behaviours.ts';
import { changer, cim, matches, reader, type CimObject, type Cmdlet, type Look, type Parameters } from './cim.ts';

export const space = 'root/StandardCimv2';
export const familyNumbers: Readonly<Record<AddressFamily, number>> = { ipv4: 2, ipv6: 23 };
const familyNames: Readonly<Record<AddressFamily, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };
const states = { tentative: 1, duplicate: 2, preferred: 4 } as const;
const stateNames = { tentative: 'Tentative', duplicate: 'Duplicate', preferred: 'Preferred' } as const;
const origins = { manual: 1, wellKnown: 2, dhcp: 3 } as const;
const originNames = { manual: 'Manual', wellKnown: 'WellKnown', dhcp: 'Dhcp' } as const;

/** IPv6 link-local addresses carry their zone, as Windows writes them. */
const shownAddress = (nic: NicState, held: NicAddressState): string =>
  held.address.startsWith('fe80:') ? `${held.address}%${nic.index}` : held.address;

const addressObject = (look: Pick<Look, 'world' | 'server'>, nic: NicState, held: NicAddressState): CimObject => {
  const state = addressState(isLinkUp(look.world, look.server, nic), held);
  const text = shownAddress(nic, held);
  return cim(
    space,
    'MSFT_NetIPAddress',
    {
      IPAddress: text,
      Address: text,
      IPv4Address: held.family === 'ipv4' ? text : null,
      IPv6Address: held.family === 'ipv6' ? text : null,
      InterfaceIndex: nic.index,
      InterfaceAlias: nic.name,
      AddressFamily: familyNumbers[held.family],
      PrefixLength: held.prefixLength,
      PrefixOrigin: origins[held.origin],
      SuffixOrigin: held.origin === 'wellKnown' ? 4 : origins[held.origin],
      AddressState: states[state],
      SkipAsSource: held.skipAsSource,
      Type: 1,
      Store: 1,
      Name: `${text};${nic.index}`,
      InstanceID: `${text};${nic.index}`,
    },
    {
      AddressFamily: familyNames[held.family],
      PrefixOrigin: originNames[held.origin],
      SuffixOrigin: held.origin === 'wellKnown' ? 'Link' : originNames[held.origin],
      AddressState: stateNames[state],
      Type: 'Unicast',
      Store: 'ActiveStore',
      PolicyStore: 'ActiveStore',
      ifIndex: nic.index,
      ifAlias: nic.name,
    },
  );
};

/** `IPv4`, `2` and the like. */
export const familiesOf = (parameters: Parameters): AddressFamily[] => {
  const given = parameters.texts('AddressFamily').map((text) => text.toLowerCase());
  if (given.length === 0) return ['ipv4', 'ipv6'];
  return (['ipv4', 'ipv6'] as const).filter((one) => given.includes(one) || given.includes(String(familyNumbers[one])));
};

const fits = (given: readonly string[], text: string): boolean =>
  given.length === 0 || given.some((pattern) => matches(pattern, text));

export const nicsOf = (server: ServerState, parameters: Parameters): NicState[] =>
  server.nics.filter(
    (nic) =>
      fits(parameters.texts('InterfaceAlias'), nic.name) && fits(parameters.texts('InterfaceIndex'), String(nic.index)),
  );

const withoutZone = (text: string): string => text.replace(/%.*$/, '');

const chooseAddresses = (server: ServerState, parameters: Parameters): { nic: NicState; held: NicAddressState }[] => {
  const families = familiesOf(parameters);
  const wanted = parameters.texts('IPAddress').map(withoutZone);
  const originsWanted = parameters.texts('PrefixOrigin');
  return nicsOf(server, parameters).flatMap((nic) =>
    // A disabled adapter has no interface, so no address of it is in the active store.
    (nic.enabled ? nic.addresses : [])
      .filter(
        (held) =>
          families.includes(held.family) &&
          (wanted.length === 0 || wanted.some((one) => normaliseAddress(one) === held.address)) &&
          (originsWanted.length === 0 ||
            originsWanted.some((one) => one === originNames[held.origin] || one === String(origins[held.origin]))),
      )
      .map((held) => ({ nic, held })),
  );
};

/** The NIC that a cmdlet with one interface names. */
const oneNic = (change: Change, parameters: Parameters): NicState => {
  const [nic] = nicsOf(change.server, parameters);
  if (!nic || !nic.enabled) {
    throw refuseCmdlet('nic.interface.notFound', {
      nic: parameters.text('InterfaceIndex') ?? parameters.text('InterfaceAlias') ?? '',
    });
  }
  return nic;
};

const routeObject = (nic: NicState, gateway: NicState['gateways'][number]): CimObject =>
  cim(
    space,
    'MSFT_NetRoute',
    {
      DestinationPrefix: gateway.family === 'ipv4' ? '0.0.0.0/0' : '::/0',
      NextHop: gateway.nextHop,
      InterfaceIndex: nic.index,
      InterfaceAlias: nic.name,
      AddressFamily: familyNumbers[gateway.family],
      RouteMetric: gateway.metric,
      Protocol: 3,
      Publish: 0,
      Store: 1,
      TypeOfRoute: 3,
    },
    { AddressFamily: familyNames[gateway.family], Protocol: 'NetMgmt', Store: 'ActiveStore', ifIndex: nic.index },
  );

const chooseRoutes = (
  server: ServerState,
  parameters: Parameters,
): { nic: NicState; gateway: NicState['gateways'][number] }[] => {
  const prefixes = parameters.texts('DestinationPrefix');
  const hops = parameters.texts('NextHop');
  const families = familiesOf(parameters);
  // A route that came with a lease is in force and never kept.
  const keptOnly = parameters.text('PolicyStore') === 'PersistentStore';
  return nicsOf(server, parameters).flatMap((nic) =>
    nic.gateways
      .filter(
        (gateway) =>
          (!keptOnly || gateway.leased !== true) &&
          families.includes(gateway.family) &&
          (prefixes.length === 0 || prefixes.includes(gateway.family === 'ipv4' ? '0.0.0.0/0' : '::/0')) &&
          (hops.length === 0 || hops.some((hop) => normaliseAddress(hop) === gateway.nextHop)),
      )
      .map((gateway) => ({ nic, gateway })),
  );
};

const interfaceObject = (look: Pick<Look, 'world' | 'server'>, nic: NicState, family: AddressFamily): CimObject =>
  cim(
    space,
    'MSFT_NetIPInterface',
    {
      InterfaceIndex: nic.index,
      InterfaceAlias: nic.name,
      AddressFamily: familyNumbers[family],
      Dhcp: nic.dhcp[family] ? 1 : 0,
      NlMtu: nics.mtuOfNic(nic),
      AutomaticMetric: 1,
      InterfaceMetric: 15,
      ConnectionState: isLinkUp(look.world, look.server, nic) ? 1 : 0,
      Store: 1,
    },
    {
      AddressFamily: familyNames[family],
      Dhcp: nic.dhcp[family] ? 'Enabled' : 'Disabled',
      ConnectionState: isLinkUp(look.world, look.server, nic) ? 'Connected' : 'Disconnected',
      PolicyStore: 'ActiveStore',
      ifIndex: nic.index,
      ifAlias: nic.name,
    },
  );

const categories = { public: 0, private: 1, domainAuthenticated: 2 } as const;
const categoryNames = { public: 'Public', private: 'Private', domainAuthenticated: 'DomainAuthenticated' } as const;
const addressFilters =
  'IPAddress InterfaceAlias InterfaceIndex AddressFamily PrefixOrigin SuffixOrigin AddressState SkipAsSource PrefixLength Type PolicyStore';
const routeFilters =
  'DestinationPrefix NextHop InterfaceAlias InterfaceIndex AddressFamily RouteMetric PolicyStore Protocol';

export const netTcpipCmdlets: readonly Cmdlet[] = [
  reader('Get-NetIPAddress', addressFilters, (look, parameters) => {
    shows(look, 'nic.address.numbers');
    const found = chooseAddresses(look.server, parameters).map(({ nic, held }) => addressObject(look, nic, held));
    if (found.length === 0 && parameters.given.length > 0) {
      throw refuse('nic.address.notFound', { nic: '', address: parameters.text('IPAddress') ?? '' });
    }
    return found;
  }),
  changer(
    'New-NetIPAddress',
    'IPAddress InterfaceAlias InterfaceIndex PrefixLength DefaultGateway AddressFamily SkipAsSource Type PolicyStore ValidLifetime PreferredLifetime',
    (change, parameters) => {
      const nic = oneNic(change, parameters);
      const address = parameters.text('IPAddress') ?? '';
      const family = addressFamilyOf(address) ?? 'ipv4';
      nics.addAddress(change, nic.guid, {
        address,
        prefixLength: parameters.number('PrefixLength') ?? (family === 'ipv4' ? 32 : 128),
        skipAsSource: parameters.boolean('SkipAsSource') ?? false,
      });
      const gateway = parameters.text('DefaultGateway');
      if (gateway !== null) nics.addGateway(change, nic.guid, family, gateway);
      return [addressObject(change, nic, nic.addresses.at(-1)!)];
    },
  ),
  changer('Remove-NetIPAddress', `${addressFilters} DefaultGateway InputObject`, (change, parameters) => {
    const chosen = parameters.has('InputObject')
      ? parameters
          .objects('InputObject')
          .flatMap((object) =>
            change.server.nics.flatMap((nic) =>
              nic.addresses
                .filter(
                  (held) =>
                    nic.index === object['InterfaceIndex'] &&
                    held.address === normaliseAddress(withoutZone(String(object['IPAddress']))),
                )
                .map((held) => ({ nic, held })),
            ),
          )
      : chooseAddresses(change.server, parameters);
    if (chosen.length === 0)
      throw refuse('nic.address.notFound', { nic: '', address: parameters.text('IPAddress') ?? '' });
    for (const { nic, held } of chosen) nics.removeAddress(change, nic.guid, held.address);
  }),
  changer('Set-NetIPAddress', `${addressFilters} InputObject`, (change, parameters) => {
    for (const { held } of chooseAddresses(change.server, parameters)) {
      held.skipAsSource = parameters.boolean('SkipAsSource') ?? held.skipAsSource;
      held.prefixLength = parameters.number('PrefixLength') ?? held.prefixLength;
    }
  }),
  reader(
    'Get-NetIPInterface',
    'InterfaceAlias InterfaceIndex AddressFamily Dhcp PolicyStore ConnectionState',
    (look, parameters) => {
      const found = nicsOf(look.server, parameters)
        .filter((nic) => nic.enabled)
        .flatMap((nic) => familiesOf(parameters).map((family) => interfaceObject(look, nic, family)));
      if (found.length === 0 && parameters.given.length > 0) throw refuseCmdlet('nic.route.notFound');
      return found;
    },
  ),
  changer(
    'Set-NetIPInterface',
    'InterfaceAlias InterfaceIndex AddressFamily Dhcp InputObject PolicyStore NlMtuBytes InterfaceMetric AutomaticMetric RouterDiscovery',
    (change, parameters) => {
      const dhcp = parameters.text('Dhcp');
      const enabled = dhcp === 'Enabled' || dhcp === '1';
      if (parameters.has('InputObject')) {
        for (const object of parameters.objects('InputObject')) {
          const nic = change.server.nics.find((one) => one.index === object['InterfaceIndex']);
          const family = object['AddressFamily'] === 23 || object['AddressFamily'] === 'IPv6' ? 'ipv6' : 'ipv4';
          if (nic && dhcp !== null) nics.setDhcp(change, nic.guid, family, enabled);
        }
        return;
      }
      for (const nic of nicsOf(change.server, parameters)) {
        for (const family of familiesOf(parameters)) if (dhcp !== null) nics.setDhcp(change, nic.guid, family, enabled);
      }
    },
  ),
  reader('Get-NetRoute', routeFilters, ({ server }, parameters) => {
    const found = chooseRoutes(server, parameters).map(({ nic, gateway }) => routeObject(nic, gateway));
    if (found.length === 0 && parameters.given.length > 0) throw refuseCmdlet('nic.route.notFound');
    return found;
  }),
  changer('New-NetRoute', routeFilters, (change, parameters) => {
    const nic = oneNic(change, parameters);
    const prefix = parameters.text('DestinationPrefix');
    const family: AddressFamily = prefix === '::/0' ? 'ipv6' : 'ipv4';
    nics.addGateway(
      change,
      nic.guid,
      family,
      parameters.text('NextHop') ?? '',
      parameters.number('RouteMetric') ?? 256,
    );
    return [routeObject(nic, nic.gateways.at(-1)!)];
  }),
  changer('Remove-NetRoute', `${routeFilters} InputObject`, (change, parameters) => {
    const chosen = parameters.has('InputObject')
      ? parameters
          .objects('InputObject')
          .flatMap((object) =>
            change.server.nics.flatMap((nic) =>
              nic.gateways
                .filter((gateway) => nic.index === object['InterfaceIndex'] && gateway.nextHop === object['NextHop'])
                .map((gateway) => ({ nic, gateway })),
            ),
          )
      : chooseRoutes(change.server, parameters);
    if (chosen.length === 0) throw refuseCmdlet('nic.route.notFound');
    for (const { nic, gateway } of chosen) nics.removeGateways(change, nic.guid, gateway.family, gateway.nextHop);
  }),
  reader(
    'Get-NetNeighbor',
    'IPAddress InterfaceIndex InterfaceAlias AddressFamily State',
    ({ world, server }, parameters) => {
      const wanted = parameters.texts('IPAddress').map((text) => normaliseAddress(text));
      const found = nicsOf(server, parameters).flatMap((nic) => {
        const network = networkOfNic(world, server, nic);
        if (!network) return [];
        return addressesOnNetwork(world, network, { server: server.name, nic: nic.guid })
          .filter(
            (address) =>
              (wanted.length === 0 || wanted.includes(address)) &&
              nic.addresses.some((held) => isInPrefix(address, held.address, held.prefixLength)),
          )
          .map((address) => {
            const family = addressFamilyOf(address) ?? 'ipv4';
            return cim(
              space,
              'MSFT_NetNeighbor',
              {
                IPAddress: address,
                InterfaceIndex: nic.index,
                InterfaceAlias: nic.name,
                LinkLayerAddress: '00-15-5D-FF-FF-01',
                AddressFamily: familyNumbers[family],
                // 5: Reachable
                State: 5,
              },
              { State: 'Reachable', AddressFamily: familyNames[family] },
            );
          });
      });
      if (found.length === 0 && parameters.given.length > 0) throw refuseCmdlet('nic.route.notFound');
      return found;
    },
  ),
  reader('Get-NetTCPConnection', 'LocalAddress LocalPort RemoteAddress RemotePort State', ({ server }, parameters) => {
    const ports = parameters.texts('LocalPort');
    const found = server.remoteSessions
      .filter((one) => ports.length === 0 || ports.includes(String(one.localPort)))
      .map((one, index) =>
        cim(
          space,
          'MSFT_NetTCPConnection',
          {
            LocalAddress: one.localAddress,
            LocalPort: one.localPort,
            RemoteAddress: one.remoteAddress,
            RemotePort: 50_000 + index,
            State: 5,
            OwningProcess: 1000,
          },
          { State: 'Established' },
        ),
      );
    if (found.length === 0 && parameters.given.length > 0) throw refuseCmdlet('nic.route.notFound');
    return found;
  }),
  reader(
    'Get-NetConnectionProfile',
    'InterfaceAlias InterfaceIndex Name NetworkCategory',
    ({ world, server }, parameters) =>
      nicsOf(server, parameters)
        .filter((nic) => isLinkUp(world, server, nic))
        .map((nic) =>
          cim(
            space,
            'MSFT_NetConnectionProfile',
            {
              Name: 'Network',
              InterfaceIndex: nic.index,
              InterfaceAlias: nic.name,
              NetworkCategory: categories[nic.category],
              IPv4Connectivity: 1,
              IPv6Connectivity: 1,
            },
            { NetworkCategory: categoryNames[nic.category] },
          ),
        ),
  ),
  changer('Set-NetConnectionProfile', 'InterfaceAlias InterfaceIndex Name NetworkCategory', (change, parameters) => {
    requireAdministrator(change);
    const wanted = parameters.text('NetworkCategory')?.toLowerCase();
    const connected = nicsOf(change.server, parameters).filter((nic) => isLinkUp(change.world, change.server, nic));
    if (wanted !== 'public' && wanted !== 'private') throw new NotModelled(`the network category ${wanted}`);
    for (const nic of connected) nic.category = wanted;
  }),
];
