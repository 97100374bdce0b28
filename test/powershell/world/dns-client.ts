import { addressFamilyOf } from '../../../shared/model/address.ts';
import * as nics from '../../../main/rehearsal/world/changes/nics.ts';
import { directoryEntry } from '../../../main/rehearsal/world/directory-view.ts';
import { reachesDomain } from '../../../main/rehearsal/world/reach.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import { refuseCmdlet } from './behaviours.ts';
import { changer, cim, net, reader, type Cmdlet } from './cim.ts';
import { familiesOf, familyNumbers, nicsOf, space } from './net-tcpip.ts';

export const dnsClientCmdlets: readonly Cmdlet[] = [
  reader('Get-DnsClientServerAddress', 'InterfaceAlias InterfaceIndex AddressFamily', ({ server }, parameters) =>
    nicsOf(server, parameters)
      .filter((nic) => nic.enabled)
      .flatMap((nic) =>
        familiesOf(parameters).map((family) =>
          cim(
            space,
            'MSFT_DNSClientServerAddress',
            {
              InterfaceIndex: nic.index,
              InterfaceAlias: nic.name,
              AddressFamily: familyNumbers[family],
              ServerAddresses: nics.dnsServersOf(nic, family),
              Name: String(nic.index),
            },
            { Address: nics.dnsServersOf(nic, family) },
          ),
        ),
      ),
  ),
  reader('Resolve-DnsName', 'Name DnsOnly', ({ world, server }, parameters) => {
    const name = parameters.text('Name') ?? '';
    const { membership } = server;
    // A server without a domain is taken to reach the name server that it was given.
    if (membership.kind === 'domain' && !reachesDomain(world, server, membership.name))
      throw refuseCmdlet('dns.unreachable');
    const address = directoryEntry(world, name)?.address ?? null;
    if (address === null) throw refuseCmdlet('dns.name.notFound');
    return [net('Microsoft.DnsClient.Commands.DnsRecord_A', { Name: name, IPAddress: address })];
  }),
  changer(
    'Set-DnsClientServerAddress',
    'InterfaceAlias InterfaceIndex ServerAddresses ResetServerAddresses Validate InputObject',
    (change, parameters) => {
      const servers = parameters.texts('ServerAddresses');
      const reset = parameters.boolean('ResetServerAddresses') ?? false;
      if (parameters.has('InputObject')) {
        // The object is the list of one interface and one family.
        for (const object of parameters.objects('InputObject')) {
          const nic = change.server.nics.find((one) => one.index === Number(object['InterfaceIndex']));
          const family = Number(object['AddressFamily']) === familyNumbers.ipv6 ? 'ipv6' : 'ipv4';
          if (nic) nics.setDnsServers(change, nic.guid, family, reset ? [] : servers);
        }
        return;
      }
      for (const nic of nicsOf(change.server, parameters)) {
        if (reset) {
          nics.setDnsServers(change, nic.guid, 'ipv4', []);
          nics.setDnsServers(change, nic.guid, 'ipv6', []);
          continue;
        }
        // The cmdlet sets the family of the addresses that it is given and leaves the other one.
        for (const family of ['ipv4', 'ipv6'] as const) {
          const own = servers.filter((one) => addressFamilyOf(one) === family);
          if (own.length > 0) nics.setDnsServers(change, nic.guid, family, own);
        }
        if (servers.some((one) => addressFamilyOf(one) === null))
          throw refuse('nic.dns.invalid', { address: servers.join(), nic: nic.name });
      }
    },
  ),
  reader(
    'Get-DnsClient',
    'InterfaceAlias InterfaceIndex RegisterThisConnectionsAddress UseSuffixWhenRegistering ConnectionSpecificSuffix',
    ({ server }, parameters) =>
      nicsOf(server, parameters)
        .filter((nic) => nic.enabled)
        .map((nic) =>
          cim(space, 'MSFT_DNSClient', {
            InterfaceIndex: nic.index,
            InterfaceAlias: nic.name,
            RegisterThisConnectionsAddress: nic.registersInDns,
            UseSuffixWhenRegistering: nic.usesSuffixWhenRegistering,
            ConnectionSpecificSuffix: '',
            ConnectionSpecificSuffixSearchList: [],
            Name: String(nic.index),
          }),
        ),
  ),
  changer(
    'Set-DnsClient',
    'InterfaceAlias InterfaceIndex RegisterThisConnectionsAddress UseSuffixWhenRegistering ConnectionSpecificSuffix ResetConnectionSpecificSuffix InputObject',
    (change, parameters) => {
      const registers = parameters.boolean('RegisterThisConnectionsAddress');
      const indices = parameters.objects('InputObject').map((object) => Number(object['InterfaceIndex']));
      const chosen = parameters.has('InputObject')
        ? change.server.nics.filter((nic) => indices.includes(nic.index))
        : nicsOf(change.server, parameters);
      for (const nic of chosen) {
        if (registers !== null) nics.setDnsRegistration(change, nic.guid, registers);
      }
    },
  ),
];
