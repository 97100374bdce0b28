import { addressFamilyOf } from '../../model/address.ts';

/** IPv4 header 20 bytes (RFC 791), IPv6 header 40 (RFC 8200), ICMP header 8 (RFC 792, RFC 4443). */
export const packetOverheadBytes = (destination: string): number =>
  (addressFamilyOf(destination) === 'ipv6' ? 40 : 20) + 8;
