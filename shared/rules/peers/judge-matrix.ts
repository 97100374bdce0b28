import { asClause } from '../../model/sentence.ts';
import { networkOf } from '../../model/address.ts';
import type {
  MatrixFinding,
  MatrixLink,
  MatrixNetwork,
  MatrixOutcome,
  MatrixSeparation,
  MatrixServer,
  NetworkMatrix,
} from '../../model/network-matrix.ts';
import type { Heard, LinkFigures, MeasuredEnd } from '../../model/network-measure.ts';
import { judgeLink, worstOutcome } from './judge-link.ts';

export const subnetOf = ({ address, prefixLength }: Pick<MeasuredEnd, 'address' | 'prefixLength'>): string =>
  networkOf(address, prefixLength) ?? `${address}/${prefixLength}`;

/** The networks that at least one server is in, in the order of their first appearance. */
export const networksOf = (servers: readonly MatrixServer[]): MatrixNetwork[] => {
  const found = new Map<string, { roles: Set<string | null>; members: Set<string>; role: MatrixNetwork['role'] }>();
  for (const { id, ends } of servers)
    for (const end of ends) {
      const subnet = subnetOf(end);
      const network = found.get(subnet) ?? { roles: new Set(), members: new Set(), role: end.role };
      network.roles.add(end.role);
      network.members.add(id);
      found.set(subnet, network);
    }
  return [...found].map(([subnet, { roles, members, role }]) => ({
    subnet,
    role: roles.size === 1 ? role : null,
    members: [...members],
  }));
};

/** A direction that is to be measured: between two servers of a subnet, or from a server to a portal in its subnet. */
export type MatrixPath = Pick<MatrixLink, 'from' | 'to' | 'portal' | 'subnet' | 'source' | 'destination'>;

/** All directions from one server to another: one for each subnet that both are in. */
export const pathsBetween = (from: MatrixServer, to: MatrixServer): MatrixPath[] => {
  const seen = new Set<string>();
  return from.ends.flatMap((source): MatrixPath[] => {
    const subnet = subnetOf(source);
    const destination = to.ends.find((end) => subnetOf(end) === subnet);
    if (!destination || seen.has(subnet)) return [];
    seen.add(subnet);
    return [
      { from: from.id, to: to.id, portal: null, subnet, source: source.address, destination: destination.address },
    ];
  });
};

/** From a server to each of these portals that lies in a subnet of its own. */
export const pathsToPortals = (
  from: MatrixServer,
  portals: readonly NonNullable<MatrixPath['portal']>[],
): MatrixPath[] =>
  portals.flatMap((portal): MatrixPath[] => {
    const source = from.ends.find((end) => networkOf(portal.address, end.prefixLength) === subnetOf(end));
    if (!source || source.address === portal.address) return [];
    return [
      {
        from: from.id,
        to: null,
        portal,
        subnet: subnetOf(source),
        source: source.address,
        destination: portal.address,
      },
    ];
  });

export interface MeasuredPath {
  readonly path: MatrixPath;
  /** Null with the reason where it was not measured. */
  readonly figures: LinkFigures | null;
  readonly because: string | null;
  readonly at: string | null;
}

/** What one server heard of another's networks. */
export interface MeasuredHearing {
  readonly from: string;
  readonly to: string;
  readonly heard: readonly Heard[];
}

const endOf = (servers: readonly MatrixServer[], id: string, address: string): MeasuredEnd | null =>
  servers.find((server) => server.id === id)?.ends.find((end) => end.address === address) ?? null;

/** The subnets in which something arrived that was sent from this address. */
const arrivedIn = (servers: readonly MatrixServer[], { from, to, heard }: MeasuredHearing) => {
  const arrivals: { readonly sent: string; readonly arrived: string }[] = [];
  for (const { on, from: sources } of heard)
    for (const source of sources) {
      const sent = endOf(servers, from, source);
      const arrived = endOf(servers, to, on);
      if (sent && arrived) arrivals.push({ sent: subnetOf(sent), arrived: subnetOf(arrived) });
    }
  return arrivals;
};

const strayedTo = (
  servers: readonly MatrixServer[],
  hearings: ReadonlyMap<string, MeasuredHearing>,
  { from, to, subnet }: MatrixPath,
): string | null => {
  const hearing = hearings.get(`${from} ${to}`);
  if (!hearing) return null;
  const arrivals = arrivedIn(servers, hearing).filter(({ sent }) => sent === subnet);
  return arrivals.some(({ arrived }) => arrived === subnet) ? null : (arrivals[0]?.arrived ?? null);
};

const judgeSeparations = (
  servers: readonly MatrixServer[],
  networks: readonly MatrixNetwork[],
  hearings: readonly MeasuredHearing[],
): MatrixSeparation[] => {
  const nameOf = (id: string): string => servers.find((server) => server.id === id)?.name ?? id;
  const arrivals = hearings.flatMap((hearing) =>
    arrivedIn(servers, hearing).map((one) => ({ ...one, from: hearing.from, to: hearing.to })),
  );
  const isHeard = (subnet: string): boolean =>
    arrivals.some(({ sent, arrived }) => sent === subnet && arrived === subnet);
  return networks.flatMap(({ subnet: one, members }, at) =>
    networks.slice(at + 1).flatMap(({ subnet: other, members: others }): MatrixSeparation[] => {
      // Nobody could hear both: no two servers, one in each.
      if (new Set([...members, ...others]).size < 2) return [];
      const crossing = arrivals.find(
        ({ sent, arrived }) => (sent === one && arrived === other) || (sent === other && arrived === one),
      );
      if (crossing)
        return [
          {
            one,
            other,
            outcome: 'warn',
            text: `${one} and ${other} are one segment: what ${nameOf(crossing.from)} sent in ${crossing.sent} arrived at ${nameOf(crossing.to)} in ${crossing.arrived}.`,
            next: 'Give each network a VLAN or a switch of its own; two paths over one segment fail together.',
          },
        ];
      const silent = [one, other].filter((subnet) => !isHeard(subnet));
      if (silent.length > 0)
        return [
          {
            one,
            other,
            outcome: 'unknown',
            text: `Not known whether ${one} and ${other} are separate: no server heard another one in ${silent.join(' and ')}.`,
            next: 'Allow multicast between the servers (UDP, 224.0.0.254), and measure again.',
          },
        ];
      return [{ one, other, outcome: 'pass', text: `${one} and ${other} are separate.`, next: null }];
    }),
  );
};

const judgeWhole = (servers: readonly MatrixServer[], networks: readonly MatrixNetwork[]): MatrixFinding[] => {
  const told = servers.filter(({ because }) => because === null);
  return [
    ...servers.flatMap(({ name, because }): MatrixFinding[] =>
      because === null
        ? []
        : [
            {
              id: 'server',
              outcome: 'unknown',
              text: `${name} was not measured: ${asClause(because)}.`,
              next: 'Start Quorate there and connect it, then measure again.',
            },
          ],
    ),
    ...servers.flatMap(({ name, ipv6Only = [] }): MatrixFinding[] =>
      ipv6Only.map(({ nic, address }) => ({
        id: 'ipv6',
        outcome: 'unknown',
        text: `${nic} of ${name} has IPv6 addresses alone (${address}): Quorate measures over IPv4 only, so this network was not measured.`,
        next: 'Give the network adapter an IPv4 address ("quorate nic"), or measure this network with ping -6 by hand.',
      })),
    ),
    ...networks.flatMap(({ subnet, members }): MatrixFinding[] => {
      const missing = told.filter(({ id }) => !members.includes(id)).map(({ name }) => name);
      if (missing.length === 0) return [];
      const isLone = members.length < 2;
      return [
        {
          id: 'network',
          outcome: isLone ? 'pass' : 'warn',
          text: isLone
            ? `Only ${told.find(({ id }) => id === members[0])?.name ?? members[0]} has an address in ${subnet}: there is nothing to measure.`
            : `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} no address in ${subnet}.`,
          next: isLone ? null : 'Give every server an address in each network of the cluster: "quorate nic".',
        },
      ];
    }),
  ];
};

const sentenceOf = (outcome: MatrixOutcome, bad: number, paths: number, networks: number): string => {
  if (paths === 0) return 'Nothing was measured: no two servers have an address in the same subnet.';
  const directions = `${paths} ${paths === 1 ? 'path' : 'paths'} over ${networks} ${networks === 1 ? 'network' : 'networks'}`;
  switch (outcome) {
    case 'fail':
      return `The networks do not carry a cluster yet: ${bad} of ${directions} failed.`;
    case 'unknown':
      return `Not known yet whether the networks carry a cluster: of ${directions}, not everything could be measured.`;
    case 'warn':
      return `The networks carry a cluster: none of ${directions} failed, but there are warnings.`;
    case 'pass':
      return `The networks carry a cluster: all of ${directions} passed.`;
  }
};

export type MeasuredMatrix = Pick<
  NetworkMatrix,
  'id' | 'isRehearsal' | 'startedAt' | 'endedAt' | 'settings' | 'servers'
> & {
  readonly paths: readonly MeasuredPath[];
  readonly hearings: readonly MeasuredHearing[];
};

/** What all measurements mean together. Pure. */
export const judgeMatrix = ({ paths, hearings, ...frame }: MeasuredMatrix): NetworkMatrix => {
  const { servers } = frame;
  const networks = networksOf(servers);
  const nameOf = (id: string): string => servers.find((server) => server.id === id)?.name ?? id;
  const hearingOf = new Map(hearings.map((one) => [`${one.from} ${one.to}`, one]));
  const links = paths.map(({ path, figures, because, at }): MatrixLink => {
    const to = path.portal ? `${path.portal.address}:${path.portal.port}` : nameOf(path.to ?? '');
    const source = endOf(servers, path.from, path.source);
    const findings: MatrixFinding[] =
      figures && source
        ? judgeLink({
            from: nameOf(path.from),
            to,
            isPortal: path.portal !== null,
            subnet: path.subnet,
            source,
            destination: path.to === null ? null : endOf(servers, path.to, path.destination),
            figures,
            strayedTo: path.to === null ? null : strayedTo(servers, hearingOf, path),
            isBandwidthWanted: frame.settings.bandwidthMs > 0,
          })
        : [
            {
              id: 'reach',
              outcome: 'unknown',
              text: `${nameOf(path.from)} did not measure ${to} in ${path.subnet}: ${asClause(because ?? 'it gave no answer')}.`,
              next: 'Measure again when both servers are connected.',
            },
          ];
    return { ...path, figures, findings, outcome: worstOutcome(findings.map((one) => one.outcome)), measuredAt: at };
  });
  const separations = frame.settings.segmentMs > 0 ? judgeSeparations(servers, networks, hearings) : [];
  const findings = judgeWhole(servers, networks);
  const measured = worstOutcome([...links, ...separations, ...findings].map((one) => one.outcome));
  const outcome = links.length === 0 && measured !== 'fail' ? 'unknown' : measured;
  return {
    schema: 'quorate.network-matrix/1',
    ...frame,
    networks,
    links,
    separations,
    findings,
    outcome,
    sentence: sentenceOf(
      outcome,
      links.filter((link) => link.outcome === 'fail').length,
      links.length,
      new Set(links.map(({ subnet }) => subnet)).size,
    ),
  };
};
