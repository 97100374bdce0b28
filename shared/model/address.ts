import ipaddr from 'ipaddr.js';
import * as z from 'zod';

/*
 * Address arithmetic lives here and nowhere else; docs/adr/address-arithmetic.md says why ipaddr.js, pure JavaScript
 * without dependencies, is allowed in shared.
 */

export const addressFamilies = ['ipv4', 'ipv6'] as const;
export type AddressFamily = (typeof addressFamilies)[number];

/** Why an address or prefix is not usable; the text is a sentence fragment that follows the value ("10.0.0.0 is ..."). */
export interface AddressProblem {
  readonly code: AddressProblemCode;
  readonly text: string;
}

export type AddressProblemCode =
  | 'malformed'
  | 'prefixLength'
  | 'networkAddress'
  | 'broadcastAddress'
  | 'loopback'
  | 'multicast'
  | 'unspecified'
  | 'linkLocal'
  | 'reserved'
  | 'outsidePrefix';

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

/** How many texts are remembered: more than 64 servers have addresses. */
const mostRemembered = 4_096;

/** A pure function of a text that remembers what it said: a plan asks of the same few addresses thousands of times. */
const remembering = <T>(work: (text: string) => T): ((text: string) => T) => {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined || known.has(text)) return before as T;
    if (known.size >= mostRemembered) known.clear();
    const made = work(text);
    known.set(text, made);
    return made;
  };
};

const parse = remembering((text): Parsed | null => {
  if (text !== text.trim() || text.includes('%')) return null;
  // Asked by the family that it looks like: the parser of the other one would throw and catch.
  if (text.includes(':')) return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : null;
});

const familyOf = (address: Parsed): AddressFamily => (address.kind() === 'ipv4' ? 'ipv4' : 'ipv6');
const bitsOf = (address: Parsed): number => (address.kind() === 'ipv4' ? 32 : 128);
const toText = (address: Parsed): string =>
  address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();

const toNumber = (address: Parsed): bigint =>
  address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The address in its one spelling (RFC 5952 for IPv6, lower case), or null when it is none. A zone is refused. */
export const normaliseAddress = (text: string): string | null => {
  const parsed = parse(text);
  return parsed && toText(parsed);
};

/** The family of an address, or null when it is none. */
export const addressFamilyOf = (text: string): AddressFamily | null => {
  const parsed = parse(text);
  return parsed && familyOf(parsed);
};

export const isAddress = (text: string): boolean => parse(text) !== null;

/** Dotted decimal without leading zeros, so that the same text is the same address. */
const plainIpv4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** True when both texts are the same address, whatever their spelling. */
export const isSameAddress = (one: string, other: string): boolean => {
  // Addresses of two families, and two plain IPv4 addresses, need no parser to differ; most that are compared do.
  if (one.includes(':') !== other.includes(':')) return false;
  if (one !== other && plainIpv4.test(one) && plainIpv4.test(other)) return false;
  const normal = normaliseAddress(one);
  return normal !== null && normal === normaliseAddress(other);
};

const networkOfPrefix = remembering((text): string | null => {
  const at = text.lastIndexOf('/');
  const prefixLength = Number(text.slice(at + 1));
  const parsed = parse(text.slice(0, at));
  if (!parsed || !Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > bitsOf(parsed)) return null;
  const shift = BigInt(bitsOf(parsed) - prefixLength);
  const bytes: number[] = [];
  let number = (toNumber(parsed) >> shift) << shift;
  for (let index = 0; index < bitsOf(parsed) / 8; index += 1) {
    bytes.unshift(Number(number & 0xffn));
    number >>= 8n;
  }
  return `${toText(ipaddr.fromByteArray(bytes))}/${prefixLength}`;
});

/** The network that an address with a prefix length belongs to, as `10.0.0.0/24`; null when either is invalid. */
export const networkOf = (address: string, prefixLength: number): string | null =>
  networkOfPrefix(`${address}/${prefixLength}`);

/** True when `address` lies in the network of `other` with this prefix length; false for another family. */
export const isInPrefix = (address: string, other: string, prefixLength: number): boolean => {
  const network = networkOf(other, prefixLength);
  return (
    network !== null &&
    addressFamilyOf(address) === addressFamilyOf(other) &&
    networkOf(address, prefixLength) === network
  );
};

/** True when two networks share at least one address. */
export const networksOverlap = (
  one: { readonly address: string; readonly prefixLength: number },
  other: { readonly address: string; readonly prefixLength: number },
): boolean => isInPrefix(one.address, other.address, Math.min(one.prefixLength, other.prefixLength));

/** The prefix length of a dotted mask such as 255.255.255.0; null when the ones are not in front. */
export const prefixLengthOfMask = (mask: string): number | null =>
  ipaddr.IPv4.isValidFourPartDecimal(mask) ? ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() : null;

const rangeProblem = (parsed: Parsed): AddressProblem | null => {
  switch (parsed.range()) {
    case 'unspecified':
      return { code: 'unspecified', text: 'means "no address"' };
    case 'broadcast':
      return { code: 'broadcastAddress', text: 'is the broadcast address of every network' };
    case 'multicast':
      return { code: 'multicast', text: 'is a multicast address' };
    case 'loopback':
      return { code: 'loopback', text: 'is a loopback address' };
    case 'linkLocal':
      return { code: 'linkLocal', text: 'is a link-local address, which the server gives itself' };
    case 'reserved':
      // TEST-NET and documentation ranges are used in rehearsals and manuals; only class E cannot be given at all.
      return parsed.kind() === 'ipv4' && parsed.toByteArray()[0]! >= 240
        ? { code: 'reserved', text: 'lies in a range that is reserved' }
        : null;
    default:
      return null;
  }
};

/**
 * What keeps `address` with this prefix length from being an interface's address; null when nothing does.
 * RFC 3021 allows both addresses of a /31, and a /32 or /128 has no network or broadcast address.
 */
export const findAddressProblem = (address: string, prefixLength: number): AddressProblem | null => {
  const parsed = parse(address);
  if (!parsed) return { code: 'malformed', text: 'is not an IPv4 or IPv6 address' };
  const bits = bitsOf(parsed);
  if (!Number.isInteger(prefixLength) || prefixLength < 1 || prefixLength > bits) {
    return { code: 'prefixLength', text: `cannot have the prefix length ${prefixLength}: it is 1 to ${bits}` };
  }
  const range = rangeProblem(parsed);
  if (range) return range;
  const hostBits = BigInt(bits - prefixLength);
  if (hostBits < 2n) return null;
  const host = toNumber(parsed) & ((1n << hostBits) - 1n);
  // RFC 4291 section 2.6.1: the all-zero host part of an IPv6 prefix is the subnet-router anycast address.
  if (host === 0n) return { code: 'networkAddress', text: `is the address of the network itself (/${prefixLength})` };
  if (bits === 32 && host === (1n << hostBits) - 1n) {
    return { code: 'broadcastAddress', text: `is the broadcast address of its network (/${prefixLength})` };
  }
  return null;
};

/** What keeps `gateway` from being the gateway of an interface with this address; null when nothing does. */
export const findGatewayProblem = (gateway: string, address: string, prefixLength: number): AddressProblem | null => {
  const parsed = parse(gateway);
  if (!parsed) return { code: 'malformed', text: 'is not an IPv4 or IPv6 address' };
  // RFC 4861 section 4.2: an IPv6 router is known by its link-local address.
  if (parsed.kind() === 'ipv6' && parsed.range() === 'linkLocal') return null;
  if (!isInPrefix(gateway, address, prefixLength)) {
    return { code: 'outsidePrefix', text: `lies outside the network ${networkOf(address, prefixLength) ?? address}` };
  }
  return findAddressProblem(gateway, prefixLength);
};

/** An address with its prefix length, written `10.0.0.1/24`; null when the text has no such form. */
export const parseAddressWithPrefix = (text: string): { address: string; prefixLength: number } | null => {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = match && normaliseAddress(match[1]!);
  if (!match || !address) return null;
  const prefixLength = Number(match[2]);
  return networkOf(address, prefixLength) === null ? null : { address, prefixLength };
};

/** An address in its one spelling; anything else is refused. */
export const addressSchema = z.string().transform((text, context) => {
  const normal = normaliseAddress(text);
  if (normal !== null) return normal;
  context.addIssue({ code: 'custom', message: `${text || 'An empty text'} is not an IPv4 or IPv6 address` });
  return z.NEVER;
});

export const addressFamilySchema = z.enum(addressFamilies);

/** A MAC address in Windows' spelling (`00-15-5D-0A-0B-0C`), or null. Accepts hyphens, colons, dots or nothing between. */
export const normaliseMac = (text: string): string | null => {
  const separated = /^[0-9a-f]{2}([-:])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(text);
  const dotted = /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i.test(text);
  const plain = /^[0-9a-f]{12}$/i.test(text);
  if (!separated && !dotted && !plain) return null;
  const digits = text.replace(/[-:.]/g, '').toUpperCase();
  return digits.match(/../g)!.join('-');
};

/** IEEE 802: the second-lowest bit of the first byte says that the address was given by software. */
export const isLocallyAdministered = (mac: string): boolean => (parseInt(mac.slice(0, 2), 16) & 0b10) !== 0;

export const macSchema = z.string().transform((text, context) => {
  const normal = normaliseMac(text);
  if (normal !== null) return normal;
  context.addIssue({ code: 'custom', message: `${text || 'An empty text'} is not a MAC address` });
  return z.NEVER;
});
