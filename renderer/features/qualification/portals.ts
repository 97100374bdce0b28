import { isAddress, isInPrefix } from '../../../shared/model/address.ts';
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

export interface PortalToLook {
  readonly portal: string;
  readonly isUsed: boolean;
}

/**
 * The portals that a form offers, the one over which the unit was seen first. Behind address translation that one is not among those that the target
 * lists, and the only one that is known to work. Under a name it may be one of those listed: two of one are no two paths, so the person decides.
 */
export const portalsToLook = (listed: readonly string[], seenOver: string | null): PortalToLook[] => {
  const others = listed.filter((portal) => seenOver === null || !isSamePortal(portal, seenOver));
  const isListed = others.length < listed.length;
  const first =
    seenOver === null
      ? []
      : [{ portal: seenOver, isUsed: isListed || listed.length === 0 || isAddress(hostOf(seenOver)) }];
  return [...first, ...[...new Set(others)].map((portal) => ({ portal, isUsed: true }))];
};

/** The address of this server that lies in the portal's own network: what the portal is reached from without a router. */
export const nearSource = (portal: string, sources: readonly SourceAddress[]): SourceAddress | null =>
  sources.find(({ address, prefixLength }) => isInPrefix(hostOf(portal), address, prefixLength)) ?? null;
