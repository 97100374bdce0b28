import { isInPrefix } from '../../model/address.ts';
import { roleLabels, type ClusterFile } from '../../model/cluster-file.ts';
import type { MatrixLink, NetworkMatrix } from '../../model/network-matrix.ts';
import type { GateFinding } from './gate.ts';

/** An address of the file that is measured: IPv4, of an adapter that carries something. */
interface Place {
  readonly server: string;
  readonly label: string;
  readonly address: string;
  readonly prefixLength: number;
}

const placesOf = (file: ClusterFile): Place[] =>
  file.servers.flatMap(({ name, nics }) =>
    nics.flatMap(({ role, addresses }) =>
      addresses.flatMap((text) => {
        const [address = '', length] = text.split('/');
        // Only IPv4 is measured (docs/peers.md).
        return role === 'unused' || address.includes(':')
          ? []
          : [{ server: name, label: roleLabels[role], address, prefixLength: Number(length) }];
      }),
    ),
  );

/** What has to be known for a formation to go on: whether they reach each other at all. */
const decisive: readonly string[] = ['reach', 'server'];

/** What is measured is the address of an adapter that has a link, between servers that are connected. */
const unmeasured = (name: string, from: Place, to: string): GateFinding => ({
  name,
  outcome: 'unknown',
  text: `${from.server} was not measured towards ${to} from ${from.address}.`,
  next: `Check that the adapter with ${from.address} on ${from.server}, and the one at the other end, are enabled and have a link ("quorate nic list"), and that the servers are connected ("quorate peers list"). Then "quorate peers matrix" measures again.`,
  isDecisive: true,
});

const ofLink = ({ findings }: MatrixLink, label: string): GateFinding[] =>
  findings.map(({ id, outcome, text, next }) => ({
    name: `${id} ${label}`,
    outcome,
    text,
    next: next ?? 'Look at "quorate peers matrix --last".',
    isDecisive: decisive.includes(id),
  }));

/**
 * What a measured matrix says of the networks of a cluster file: every pair of its servers in both directions over each network that both are to be
 * in, and every portal from each server in its network. What was not measured is not known; what the file does not name is left out.
 */
export const judgeNetworks = (file: ClusterFile, matrix: NetworkMatrix): GateFinding[] => {
  const places = placesOf(file);
  const linkOf = new Map(matrix.links.map((link) => [`${link.source} ${link.destination}`, link]));
  const found: GateFinding[] = [];
  for (const from of places) {
    for (const to of places) {
      if (from.server === to.server || !isInPrefix(to.address, from.address, from.prefixLength)) continue;
      const link = linkOf.get(`${from.address} ${to.address}`);
      found.push(...(link ? ofLink(link, from.label) : [unmeasured(`reach ${from.label}`, from, to.server)]));
    }
    for (const { address, path } of file.storage.portals) {
      if (from.label !== roleLabels[path] || !isInPrefix(address, from.address, from.prefixLength)) continue;
      const link = linkOf.get(`${from.address} ${address}`);
      found.push(
        ...(link ? ofLink(link, from.label) : [unmeasured(`reach ${from.label}`, from, `the portal ${address}`)]),
      );
    }
  }
  const labelOf = (subnet: string): string | null => {
    const [address = '', length] = subnet.split('/');
    return places.find((place) => isInPrefix(place.address, address, Number(length)))?.label ?? null;
  };
  for (const { one, other, outcome, text, next } of matrix.separations) {
    const [label, second] = [labelOf(one), labelOf(other)];
    if (label === null || second === null) continue;
    found.push({
      name: `separation ${label} and ${second}`,
      outcome,
      text,
      next: next ?? 'Look at "quorate peers matrix --last".',
      isDecisive: false,
    });
  }
  return found;
};
