import { isInPrefix, isSameAddress, networkOf } from '../../../../shared/model/address.ts';
import { networkOfNic } from '../reach.ts';
import type { NicState, ServerState, WorldState } from '../state.ts';
import { fqdnOf, outcome, success, type Outcome, type TestRun } from './outcome.ts';
import type { ReportBlock } from './report-html.ts';

/** One IPv4 address of a server, as validation sees its interfaces; automatic addresses (169.254/16) count for nothing. */
interface Interface {
  readonly server: ServerState;
  readonly nic: NicState;
  readonly address: string;
  readonly prefixLength: number;
  /** `10.0.0.0/24`. */
  readonly subnet: string;
  readonly isIscsi: boolean;
}

const interfacesOf = (server: ServerState): Interface[] =>
  server.nics.flatMap((nic) =>
    nic.enabled
      ? nic.addresses.flatMap((held) =>
          held.family === 'ipv4' && !held.address.startsWith('169.254.')
            ? [
                {
                  server,
                  nic,
                  address: held.address,
                  prefixLength: held.prefixLength,
                  subnet: networkOf(held.address, held.prefixLength) ?? held.address,
                  isIscsi: server.initiator.sessions.some((one) => isSameAddress(one.localAddress, held.address)),
                },
              ]
            : [],
        )
      : [],
  );

const words = ({ server, nic }: Interface): string => `${fqdnOf(server)} - ${nic.name}`;

const hears = (world: WorldState, one: Interface, other: Interface): boolean => {
  const from = networkOfNic(world, one.server, one.nic);
  const to = networkOfNic(world, other.server, other.nic);
  return from !== null && from.id === to?.id;
};

const metricOrder = ({ nodes }: TestRun): Outcome =>
  success(
    ...nodes.flatMap((node): ReportBlock[] => [
      { kind: 'node', name: fqdnOf(node) },
      {
        kind: 'table',
        head: ['Network Connection', 'Adapter'],
        rows: node.nics.filter(({ enabled }) => enabled).map(({ name, description }) => [name, description]),
      },
    ]),
  );

const networkConfiguration = ({ nodes }: TestRun): Outcome => {
  const all = nodes.flatMap(interfacesOf);
  const subnets = [...new Set(all.map(({ subnet }) => subnet))];
  return success(
    ...subnets.flatMap((subnet, at): ReportBlock[] => {
      const here = all.filter((one) => one.subnet === subnet);
      const isDhcp = here.every(({ nic }) => nic.dhcp.ipv4);
      const hasGateway = here.some(({ nic }) => nic.gateways.some(({ family }) => family === 'ipv4'));
      const [address = '', prefixLength = ''] = subnet.split('/');
      return [
        { kind: 'network', name: `Cluster Network ${at + 1}` },
        { kind: 'info', text: `DHCP Enabled: ${isDhcp ? 'True' : 'False'}` },
        {
          kind: 'info',
          text: `Network Role: ${here.some(({ isIscsi }) => isIscsi) ? 'Disabled' : hasGateway ? 'Enabled' : 'Internal'}`,
        },
        { kind: 'table', head: ['Prefix', 'Prefix Length'], rows: [[address, prefixLength]] },
        ...here.map((one): ReportBlock => ({
          kind: 'table',
          head: ['Item', 'Value'],
          rows: [
            ['Network Interface', words(one)],
            ['DHCP Enabled', one.nic.dhcp.ipv4 ? 'True' : 'False'],
            ['Connected to iSCSI target', one.isIscsi ? 'True' : 'False'],
            ['IP Address', one.address],
            ['Prefix Length', String(one.prefixLength)],
          ],
        })),
      ];
    }),
  );
};

const ipConfiguration = ({ nodes }: TestRun): Outcome => {
  const all = nodes.flatMap(interfacesOf);
  const doubled = all.flatMap((one, at) => {
    const other = all.slice(at + 1).find(({ address }) => isSameAddress(address, one.address));
    return other ? [{ one, other }] : [];
  });
  const crowded = all.flatMap((one, at) => {
    const other = all.slice(at + 1).find(({ server, subnet }) => server === one.server && subnet === one.subnet);
    return other ? [{ one, other }] : [];
  });
  return outcome(
    ...nodes.flatMap((node): ReportBlock[] => [
      { kind: 'node', name: fqdnOf(node) },
      ...interfacesOf(node).map((one): ReportBlock => ({
        kind: 'table',
        head: ['Item', 'Name'],
        rows: [
          ['Adapter Name', one.nic.name],
          ['Adapter Description', one.nic.description],
          ['Physical Address', one.nic.mac],
          ['IP Address', one.address],
          ['Prefix Length', String(one.prefixLength)],
        ],
      })),
    ]),
    { kind: 'info', text: 'Checking that nodes are consistently configured with IPv4 and/or IPv6 addresses.' },
    ...doubled.map(({ one, other }): ReportBlock => ({
      kind: 'error',
      text: `The IP address ${one.address} is used by both network interface ${words(one)} and network interface ${words(other)}.`,
    })),
    ...crowded.map(({ one, other }): ReportBlock => ({
      kind: 'warn',
      text: `Node ${fqdnOf(one.server)} has more than one network interface in the subnet ${one.subnet}: ${one.nic.name} and ${other.nic.name}.`,
    })),
  );
};

/** Pairs of interfaces of two nodes that are in one subnet; those of iSCSI are no way for the cluster. */
const paths = (one: ServerState, other: ServerState): [Interface, Interface][] =>
  interfacesOf(one).flatMap((from) =>
    interfacesOf(other)
      .filter((to) => !from.isIscsi && !to.isIscsi && isInPrefix(to.address, from.address, from.prefixLength))
      .map((to): [Interface, Interface] => [from, to]),
  );

const communication = ({ world, nodes }: TestRun): Outcome => {
  const findings: ReportBlock[] = [];
  for (const one of nodes)
    for (const other of nodes) {
      if (one === other) continue;
      const between = paths(one, other);
      for (const [from, to] of between)
        if (!hears(world, from, to))
          findings.push({
            kind: 'error',
            text: `Network interfaces ${words(from)} and ${words(to)} are on the same cluster network, yet address ${to.address} is not reachable from ${from.address} using UDP on port 3343.`,
          });
      const alive = between.filter(([from, to]) => hears(world, from, to));
      if (alive.length === 0)
        findings.push({
          kind: 'error',
          text: `Node ${fqdnOf(other)} is not reachable from Node ${fqdnOf(one)} by any pair of network interfaces.`,
        });
      else if (alive.length === 1)
        findings.push({
          kind: 'warn',
          text: `Node ${fqdnOf(other)} is reachable from Node ${fqdnOf(one)} by only one pair of network interfaces. It is possible that this network path is a single point of failure for communication within the cluster. Please verify that this single path is highly available, or consider adding additional networks to the cluster.`,
        });
    }
  return outcome(
    { kind: 'info', text: 'Analyzing connectivity results ...' },
    ...(findings.length > 0
      ? findings
      : [
          {
            kind: 'info' as const,
            text: 'Multiple communication paths were detected between each pair of nodes.',
          },
        ]),
  );
};

export const networkTests: Readonly<Record<string, (run: TestRun) => Outcome>> = {
  'List Network Metric Order': metricOrder,
  'Validate Cluster Network Configuration': networkConfiguration,
  'Validate IP Configuration': ipConfiguration,
  'Validate Network Communication': communication,
};
