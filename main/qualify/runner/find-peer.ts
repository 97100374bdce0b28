import { lookup } from 'node:dns/promises';
import { formatPortal, parsePortal, type SessionInfo } from '../../iscsi/index.ts';

const isAddress = (host: string): boolean => host.includes(':') || /^\d+(\.\d+){3}$/.test(host);

/** Where a session ended, as an address: two names, or a name and an address, may be one portal. */
export const findPeer = async (info: SessionInfo): Promise<string> => {
  const { host, port } = parsePortal(info.portal);
  if (isAddress(host)) return info.portal;
  try {
    // The system's first address of the family that the connection has.
    const family = parsePortal(info.localAddress).host.includes(':') ? 6 : 4;
    return formatPortal({ host: (await lookup(host, { family })).address, port });
  } catch {
    return info.portal;
  }
};
