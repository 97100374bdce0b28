import { isInPrefix } from '../../../shared/model/address.ts';
import type { SourceAddress } from './store.ts';

/** The address part of `host:port` or `[ipv6]:port`. */
const hostOf = (portal: string): string => {
  const text = portal.trim();
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']') < 0 ? undefined : text.indexOf(']'));
  const colon = text.indexOf(':');
  return colon >= 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
};

/** `host` and `host:3260` are one portal (RFC 7143 section 13.8: the port is 3260 unless it is given). */
export const isSamePortal = (one: string, other: string): boolean => {
  const whole = (portal: string): string => {
    const text = portal.trim().toLowerCase();
    return hostOf(text) === text || /^\[[^\]]*\]$/.test(text)
      ? `[${hostOf(text)}]:3260`
      : `[${hostOf(text)}]${/:\d+$/.exec(text)?.[0] ?? ''}`;
  };
  return whole(one) === whole(other);
};

/** The address of this server that lies in the portal's own network: what the portal is reached from without a router. */
export const nearSource = (portal: string, sources: readonly SourceAddress[]): SourceAddress | null =>
  sources.find(({ address, prefixLength }) => isInPrefix(hostOf(portal), address, prefixLength)) ?? null;
