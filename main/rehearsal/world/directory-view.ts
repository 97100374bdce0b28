import type { NameLookup } from '../../../shared/model/name-lookup.ts';
import { findFault, rest } from './change.ts';
import { nameFault, serverNamed, subnetsOf } from './cluster-view.ts';
import type { Look } from './ports/method.ts';
import { reachesDomain } from './reach.ts';
import type { DirectoryEntry, ServerState, WorldState } from './state.ts';
import { isSameName } from '../../../shared/model/names.ts';

/** The address that a server registers: one of a network with a gateway before others. */
const registeredAddress = (server: ServerState): string | null => {
  const [first] = subnetsOf(server).toSorted((one, other) => Number(other.hasGateway) - Number(one.hasGateway));
  const nic = server.nics.find(({ guid }) => guid === first?.nic);
  return nic?.addresses.find(({ address }) => !address.includes(':'))?.address ?? null;
};

const domainParts = (domain: string): string =>
  domain
    .split('.')
    .map((part) => `DC=${part}`)
    .join(',');

/** Where computer objects are made in a domain that nobody changed. */
export const containerOf = (domain: string): string => `CN=Computers,${domainParts(domain)}`;

/** May the account that forms the cluster create its object? A plan of a directory that says no is a fault of the rehearsal. */
export const mayCreateComputers = (world: WorldState, domain: string): boolean =>
  !findFault(world, 'directoryDenies', (fault) => isSameName(fault.domain, domain));

/** The entry of the directory that has a name: of a cluster, or as a fault plants it. */
export const directoryEntry = (world: WorldState, name: string): DirectoryEntry | null => {
  const known = (world.directory ?? []).find((entry) => isSameName(entry.name, name));
  if (known) return nameFault(world, name) === 'missing' ? null : known;
  const server = serverNamed(world, name);
  if (server) return { name: server.computerName, kind: 'computer', address: registeredAddress(server) };
  const prestaged = findFault(world, 'clusterNamePrestaged', (fault) => isSameName(fault.name, name));
  if (prestaged) return { name, kind: 'prestaged', address: null };
  const taken = findFault(world, 'clusterNameTaken', (fault) => isSameName(fault.name, name));
  return taken ? { name, kind: 'computer', address: '192.0.2.253' } : null;
};

/** Is the computer object of an entry disabled? */
export const isEntryDisabled = (world: WorldState, { name, kind }: DirectoryEntry): boolean =>
  kind === 'prestaged' || nameFault(world, name) === 'disabled';

/** What a server finds of a name; what no domain controller answers is unread. */
export const lookUpName = (
  { world, server, used }: Pick<Look, 'world' | 'server' | 'used'>,
  name: string,
): NameLookup => {
  const entry = directoryEntry(world, name);
  const domain = server.membership.kind === 'domain' ? server.membership.name : null;
  const isReached = domain !== null && reachesDomain(world, server, domain);
  const isAsked = domain !== null && isReached;
  if (isAsked) rest({ used }, 'directory.rights');
  const because = 'DirectoryServicesCOMException';
  return {
    name,
    isInDomain: domain !== null,
    addresses: domain !== null && !isReached ? null : entry?.address == null ? [] : [entry.address],
    object:
      isAsked && entry
        ? {
            distinguishedName: `CN=${entry.name},${containerOf(domain)}`,
            isDisabled: isEntryDisabled(world, entry),
            isCluster: entry.kind === 'cluster',
            isWritable: mayCreateComputers(world, domain) || entry.kind === 'prestaged',
          }
        : null,
    container: isAsked
      ? { distinguishedName: containerOf(domain), canCreateComputers: mayCreateComputers(world, domain) }
      : null,
    unread:
      domain === null || isReached
        ? []
        : ['object', 'container', 'addresses'].map((property) => ({ property, because })),
  };
};
