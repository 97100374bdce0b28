import { addressFamilyOf, isSameAddress, type AddressFamily } from '../../model/address.ts';
import { whyUnread } from '../../model/observed.ts';
import type { Nic, NicAddress } from '../../model/nic.ts';
import type { NetworkObserved } from '../../plan/observed.ts';
import { unknown, type Done } from '../done.ts';

export const familyNames: Readonly<Record<AddressFamily, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** The family of an address as a list; empty for what is none. */
export const familiesOf = (address: string): readonly AddressFamily[] => [addressFamilyOf(address) ?? []].flat();

/** Where a person changes adapters. */
export const connectionsTool = 'Network Connections (ncpa.cpl)';

export const nicOf = (observed: NetworkObserved, guid: string): Nic | undefined =>
  observed.nics.find((candidate) => candidate.interfaceGuid === guid);

/** The adapter's name for texts; its InterfaceGuid where it is not there. */
export const nicName = (observed: NetworkObserved, guid: string): string => nicOf(observed, guid)?.name ?? guid;

/** The address as the adapter has it; undefined where it does not. */
export const addressOf = (observed: NetworkObserved, guid: string, address: string): NicAddress | undefined =>
  nicOf(observed, guid)?.addresses?.find((candidate) => isSameAddress(candidate.address, address));

/** Judges one property of an adapter: `unknown` where the adapter is not there or the property was not read. */
export const judgeNic = <Property extends keyof Nic>(
  observed: NetworkObserved,
  guid: string,
  property: Property,
  judge: (value: NonNullable<Nic[Property]>, nic: Nic) => Done,
): Done => {
  const nic = nicOf(observed, guid);
  if (!nic) return unknown('the adapter is not there');
  const value = nic[property];
  return value === null || value === undefined
    ? unknown(whyUnread(nic, property) ?? `${property} was not read`)
    : judge(value, nic);
};
