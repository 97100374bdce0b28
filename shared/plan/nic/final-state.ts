import { networkOf, networksOverlap, normaliseAddress, type AddressFamily } from '../../model/address.ts';
import type { Nic, NicRole } from '../../model/nic.ts';
import type { NetworkObserved } from '../observed.ts';
import type { NicDesire } from './desire.ts';

export interface FinalAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: AddressFamily;
  readonly isStatic: boolean;
}

/** A NIC as it will be once the plan is carried out; what rules over all NICs are judged on. */
export interface FinalNic {
  readonly nic: Nic;
  readonly name: string;
  readonly role: NicRole | null;
  readonly addresses: readonly FinalAddress[];
}

/** Written `10.0.0.1/24`: split without judging, so that a wrong prefix length can be named. */
export const splitAddress = (text: string): { readonly address: string; readonly prefixLength: number } | null => {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text.trim());
  if (!match) return null;
  const address = normaliseAddress(match[1]!);
  return address === null ? null : { address, prefixLength: Number(match[2]) };
};

/** An address that the server gives itself. */
export const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address) || address.startsWith('169.254.');

const currentAddresses = (nic: Nic, family: AddressFamily): FinalAddress[] =>
  (nic.addresses ?? [])
    .filter((entry) => entry.family === family && entry.state !== 'invalid' && !isLinkLocal(entry.address))
    .map((entry) => ({
      address: entry.address,
      prefixLength: entry.prefixLength,
      family,
      isStatic: entry.origin === 'manual',
    }));

const finalAddresses = (nic: Nic, desire: NicDesire | undefined): FinalAddress[] =>
  (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const wanted = desire?.addresses?.[family];
    if (!wanted) return currentAddresses(nic, family);
    const given = wanted.flatMap((text) => {
      const split = splitAddress(text);
      return split ? [{ ...split, family, isStatic: true }] : [];
    });
    // Router advertisements go on giving addresses beside the static ones.
    const advertised = family === 'ipv6' ? currentAddresses(nic, family).filter((entry) => !entry.isStatic) : [];
    return [...given, ...advertised.filter((entry) => !given.some((other) => other.address === entry.address))];
  });

export const finalNics = (desires: ReadonlyMap<string, NicDesire>, observed: NetworkObserved): FinalNic[] =>
  observed.nics.map((nic) => {
    const desire = desires.get(nic.interfaceGuid);
    return {
      nic,
      name: desire?.name ?? nic.name,
      role: desire?.role ?? observed.roles.get(nic.interfaceGuid) ?? null,
      addresses: finalAddresses(nic, desire),
    };
  });

export interface Overlap {
  readonly one: FinalNic;
  readonly other: FinalNic;
  readonly network: string;
}

/** Pairs of NICs that will be in one network. Unused NICs and those that a team or switch has taken do not count. */
export const findOverlaps = (nics: readonly FinalNic[]): Overlap[] => {
  const counted = nics.filter(
    ({ nic, role }) =>
      role !== 'unused' && nic.membership?.kind !== 'teamMember' && nic.membership?.kind !== 'switchMember',
  );
  const overlaps: Overlap[] = [];
  for (const [index, one] of counted.entries())
    for (const other of counted.slice(index + 1)) {
      const pair = one.addresses.flatMap((address) =>
        other.addresses.filter((candidate) => networksOverlap(address, candidate)).map(() => address),
      )[0];
      if (pair) overlaps.push({ one, other, network: networkOf(pair.address, pair.prefixLength) ?? pair.address });
    }
  return overlaps;
};
