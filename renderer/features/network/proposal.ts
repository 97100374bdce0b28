import type { NetworkView, NicView } from '../../../shared/contract/nic.ts';
import type { NicRole } from '../../../shared/model/nic.ts';
import { linkOf, realAddressesOf } from './words.ts';

/** One line of the form: what a port is for and its IPv4 and IPv6 addresses, as they would be typed. */
export interface PortPlan {
  readonly role: NicRole | '';
  /** Addresses with their prefix lengths, with a comma between them; empty: as it is. */
  readonly addresses: string;
}

const speed = (nic: NicView): number => Number(nic.receiveLinkSpeedBps ?? 0);
const gatewayOf = (nic: NicView): string | null => nic.gateways?.[0]?.nextHop ?? null;

/**
 * Proposed roles: production for the port with the gateway, the two fastest of the rest for iSCSI, the next for the cluster;
 * where all are equally fast, their order decides. Roles that were given stay. Ports without a link are proposed for nothing.
 */
export const proposeRoles = (nics: readonly NicView[]): ReadonlyMap<string, NicRole | ''> => {
  const roles = new Map<string, NicRole | ''>(nics.map((nic) => [nic.interfaceGuid, nic.role ?? '']));
  const isGiven = (role: NicRole): boolean => [...roles.values()].includes(role);
  const open = nics.filter((nic) => nic.role === null && linkOf(nic).outcome === 'pass');
  const give = (nic: NicView | undefined, role: NicRole): void => {
    if (!nic || isGiven(role)) return;
    roles.set(nic.interfaceGuid, role);
    open.splice(open.indexOf(nic), 1);
  };
  give(open.find((nic) => gatewayOf(nic) !== null) ?? open[0], 'production');
  if (new Set(open.map(speed)).size <= 1) give(open[0], 'clusterPrivate');
  for (const role of ['iscsiA', 'iscsiB'] as const)
    give(open.toSorted((left, right) => speed(right) - speed(left))[0], role);
  give(open[0], 'clusterPrivate');
  for (const nic of nics) if (roles.get(nic.interfaceGuid) === '') roles.set(nic.interfaceGuid, 'unused');
  return roles;
};

const ipv4Of = (nic: NicView | undefined): { address: string; prefixLength: number } | undefined =>
  nic && realAddressesOf(nic).find(({ address }) => !address.includes(':'));

const lastOctet = (address: string | undefined): string | null => address?.split('.')[3] ?? null;

/** The private network that is proposed where no other server has one; it is checked against all others when it is planned. */
const proposedPrivateNetwork = '192.168.250';

/**
 * Proposed addresses for a role: what the port has, or the network that another server of the cluster has for it with the
 * host number of this server's production address.
 */
export const proposeAddress = (
  nic: NicView,
  role: NicRole | '',
  nics: readonly NicView[],
  others: readonly NetworkView[],
): string => {
  const own = realAddressesOf(nic);
  if (own.length > 0) return own.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(', ');
  if (role === '' || role === 'unused' || role === 'production') return '';
  const host = lastOctet(ipv4Of(nics.find((one) => gatewayOf(one) !== null))?.address);
  const peer = others.flatMap((view) => ipv4Of(view.nics.find((one) => one.role === role)) ?? [])[0];
  if (peer) {
    const taken = new Set(others.flatMap((view) => view.nics.flatMap(realAddressesOf)).map(({ address }) => address));
    const network = peer.address.split('.').slice(0, 3).join('.');
    const free = [host, ...Array.from({ length: 250 }, (_none, index) => String(index + 1))].find(
      (number) => number !== null && !taken.has(`${network}.${number}`),
    );
    return free && peer.prefixLength === 24 ? `${network}.${free}/24` : '';
  }
  return role === 'clusterPrivate' && host !== null ? `${proposedPrivateNetwork}.${host}/24` : '';
};
