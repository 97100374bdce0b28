import type { Endpoint } from '../../shared/model/peer.ts';

const zoneless = (address: string): string => (address.split('%')[0] ?? '').toLowerCase();

/** fe80::/10 (RFC 4291 section 2.5.6). */
const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/i.test(address);

/**
 * Where a peer says it listens, as this server can use it. The zone of a link-local address is its own name for the link and means nothing here (RFC 4007
 * section 6): such an address is used with the zone under which this server reaches it, and left out where it never did.
 */
export const usableEndpoints = (told: readonly Endpoint[], reached: readonly string[]): Endpoint[] => {
  const used = told.flatMap(({ address, port }) => {
    if (!isLinkLocal(address)) return [{ address, port }];
    const ours = reached.find((one) => one.includes('%') && zoneless(one) === zoneless(address));
    return ours === undefined ? [] : [{ address: ours, port }];
  });
  return used.filter(
    (one, at) => used.findIndex(({ address, port }) => address === one.address && port === one.port) === at,
  );
};
