import { addressFamilyOf, isInPrefix, isSameAddress, networkOf } from '../../model/address.ts';
import type { CheckedNic } from './facts.ts';
import {
  finding,
  holderOfName,
  overPart,
  pass,
  type ClusterCheckInput,
  type ClusterRule,
  type Finding,
} from './rule.ts';

/** NetBIOS: 15 characters; letters, digits and the hyphen, not digits alone (Microsoft, "Naming conventions in Active Directory"). */
const whyNoName = (name: string): string | null => {
  if (name.length > 15) return `it has ${name.length} characters, and at most 15 are allowed`;
  if (!/^[a-z0-9-]+$/i.test(name)) return 'a computer name has only letters A to Z, digits and hyphens';
  if (/^-|-$/.test(name)) return 'it begins or ends with a hyphen';
  return /^\d+$/.test(name) ? 'it consists of digits alone' : null;
};

interface Subnet {
  readonly subnet: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly hasGateway: boolean;
}

const subnetsOf = (nics: readonly CheckedNic[]): Subnet[] =>
  nics.flatMap((nic) =>
    (nic.addresses ?? []).flatMap(({ address, prefixLength, family }) => {
      const subnet = family === 'ipv4' && !address.startsWith('169.254.') ? networkOf(address, prefixLength) : null;
      return subnet === null
        ? []
        : [
            {
              subnet,
              address,
              prefixLength,
              hasGateway: (nic.gateways ?? []).some((gateway) => gateway.family === 'ipv4'),
            },
          ];
    }),
  );

const lastOf = (subnet: string): string | null => {
  const [address = '', length = ''] = subnet.split('/');
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || Number(length) > 30) return null;
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0) + 2 ** (32 - Number(length)) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
};

const judgeAddress = (
  address: string,
  { addresses }: ClusterCheckInput,
  nics: readonly { node: string; value: readonly CheckedNic[] }[],
): Finding => {
  const probes = addresses.find((one) => one.address === address)?.probes ?? [];
  const family = addressFamilyOf(address);
  if (family === null)
    return finding('fail', `${address} is no IP address.`, 'Give an IPv4 address of the production network.');
  if (family === 'ipv6')
    return finding(
      'fail',
      `${address} is an IPv6 address: a cluster gets those by itself, from the prefix of its network.`,
      'Give an IPv4 address of the production network, or none.',
    );
  for (const { node, value } of nics) {
    const holder = value.find((nic) => (nic.addresses ?? []).some((held) => isSameAddress(held.address, address)));
    if (holder)
      return finding('fail', `${node} has ${address} on ${holder.name}.`, 'Choose an address that no machine has.');
  }
  for (const { node, value } of nics) {
    const subnet = subnetsOf(value).find((one) => isInPrefix(address, one.address, one.prefixLength));
    if (!subnet)
      return finding(
        'fail',
        `${address} is in no network of ${node} (error 5894).`,
        'Choose an address of the production network, which every node has an address in.',
      );
    if ([subnet.subnet.split('/')[0], lastOf(subnet.subnet)].includes(address))
      return finding(
        'fail',
        `${address} is the network’s own or its broadcast address.`,
        'Choose another address of the network.',
      );
    if (!subnet.hasGateway)
      return finding(
        'warn',
        `${address} is in ${subnet.subnet}, which has no gateway on ${node}.`,
        'Choose an address of the production network: clients of other networks cannot reach the cluster there.',
      );
  }
  const answered = probes.find(({ heard }) => heard === 'answered');
  if (answered)
    return finding(
      'fail',
      `Another machine answers for ${address} in the network of ${answered.node} (error 5057).`,
      'Choose a free address.',
    );
  const free = probes.filter(({ heard }) => heard === 'free').map(({ node }) => node);
  return free.length > 0
    ? pass(`Nobody answers for ${address}, asked from ${free.join(' and ')}.`)
    : finding(
        'unknown',
        `It could not be checked whether ${address} is in use.`,
        'Ping it from the production network.',
      );
};

const worst = ['fail', 'unknown', 'warn', 'pass'] as const;

/** The name and the addresses that the cluster is to have, and the networks that it would be given. */
export const proposalRules: readonly ClusterRule[] = [
  {
    id: 'name.legal',
    title: 'The name of the cluster is a valid computer name',
    later: 'The creation fails, or the name is cut off and collides with another one.',
    source: 'Microsoft, Naming conventions in Active Directory for computers, domains, sites, and OUs',
    judge: ({ name }) => {
      if (name === null) return null;
      const problem = whyNoName(name);
      return problem === null
        ? pass(`${name} is a valid name.`)
        : finding(
            'fail',
            `${name} is not a valid name: ${problem}.`,
            'Choose a name of at most 15 letters, digits and hyphens.',
          );
    },
  },
  {
    id: 'name.free',
    title: 'No server has the name of the cluster',
    later: 'Creating the computer object fails, or overwrites that of a server.',
    source: 'Microsoft, System Error Codes (4000-5999), 5900',
    judge: (input) => {
      const { name } = input;
      if (name === null) return null;
      return overPart(input, 'host', () => {
        const holder = holderOfName(input.servers, name);
        return holder !== null
          ? finding('fail', `${holder} is called ${name}.`, 'Choose another name for the cluster.')
          : pass('None of these servers has it.');
      });
    },
  },
  {
    id: 'address.free',
    title: 'The addresses of the cluster are in its networks and free',
    later: 'The creation fails (5894, 5057), or the cluster’s name goes on and off.',
    source: 'Microsoft, System Error Codes (4000-5999), 5057 and 5894',
    judge: (input) =>
      input.addresses.length === 0
        ? null
        : overPart(input, 'nics', (read) => {
            const all = input.addresses.map(({ address }) => judgeAddress(address, input, read));
            return (
              all.sort((one, other) => worst.indexOf(one.result) - worst.indexOf(other.result))[0] ?? pass('None.')
            );
          }),
  },
  {
    id: 'networks.alike',
    title: 'Every server has an address in the same networks',
    later: 'A cluster network shows some of the nodes only, and moves over it fail (0x000013AB).',
    source:
      'Microsoft, Recommended private heartbeat configuration; Cluster Networks in Windows Failover Clustering (askcore)',
    judge: (input) =>
      overPart(input, 'nics', (read) => {
        const each = read.map(({ node, value }) => ({
          node,
          subnets: new Set(subnetsOf(value).map(({ subnet }) => subnet)),
        }));
        for (const { node, subnets } of each)
          for (const subnet of subnets) {
            const without = each.find((one) => !one.subnets.has(subnet));
            if (without)
              return finding(
                'fail',
                `${node} has an address in ${subnet}, ${without.node} has none.`,
                `Give ${without.node} an address there, or remove the one of ${node} if that network is not for the cluster.`,
              );
          }
        const count = each[0]?.subnets.size ?? 0;
        return count < 2
          ? finding(
              'warn',
              `The servers share ${count} ${count === 1 ? 'network' : 'networks'}.`,
              'Give the nodes a second network: one is a single point of failure.',
            )
          : pass(`All are in the same ${count} networks.`);
      }),
  },
];

/** What decides and is not read from here: each says how to prove it. */
const toProve = (
  id: string,
  title: string,
  later: string,
  source: string,
  next: string,
  when: (input: ClusterCheckInput) => boolean = () => true,
): ClusterRule => ({
  id,
  title,
  later,
  source,
  isManual: true,
  judge: (input) => (when(input) ? finding('unknown', 'This is not read from here.', next) : null),
});

const hasDomain = ({ servers }: ClusterCheckInput): boolean =>
  servers.some(({ host }) => host.value?.membership.kind === 'domain');
const has2022 = ({ servers }: ClusterCheckInput): boolean =>
  servers.some(({ host }) => host.value?.os.buildNumber === 20348);

export const unprovenRules: readonly ClusterRule[] = [
  toProve(
    'rights.container',
    'Authenticated Users may read the container of the computer objects',
    'The cluster’s name does not come online, although the object is there.',
    'Microsoft KB4561946',
    'Look at the security of the container Computers: Authenticated Users, List contents and Read.',
    hasDomain,
  ),
  toProve(
    'port.464',
    'The domain controllers answer on TCP and UDP 464',
    'The creation fails with 0xC000005E: no password can be set for the cluster.',
    'Microsoft KB2830510',
    'On every server: Test-NetConnection DOMAINCONTROLLER -Port 464.',
    hasDomain,
  ),
  toProve(
    'port.3343',
    'UDP 3343 passes between the servers',
    'A node cannot join, event 1572.',
    'Microsoft KB2455128',
    'The validation proves it: "quorate cluster validate --only Network".',
  ),
  toProve(
    'tls.1.3',
    'TLS 1.3 was not switched on by hand',
    'A node does not join a cluster of Windows Server 2022: 0x80090327.',
    'Microsoft KB5015645',
    'Look for the keys TLS 1.3 below HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols on every server.',
    has2022,
  ),
  toProve(
    'hardening.ssp',
    'Hardening lets the cluster’s security package load',
    'The cluster service does not start: CAM cannot be loaded.',
    'Microsoft, Cluster service doesn’t start after applying hardening (2026-04)',
    'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System, AllowCustomSSPsAPs must not be 0.',
  ),
  toProve(
    'registrations',
    'The target keeps enough persistent reservations',
    'Disks fail when another node or path registers: the array has run out.',
    'Microsoft KB2822335',
    'One is kept for every node and path. "quorate iscsi qualify --nodes N --paths N" tries it before the cluster does.',
  ),
];
