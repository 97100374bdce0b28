import ipaddr from 'ipaddr.js';
import { defaultPeerPort, type Endpoint } from './peer.ts';

const hostName = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*\.?$/;

/** Is this an IPv4 or IPv6 address (with or without zone)? */
export const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/**
 * Reads `10.0.0.11`, `10.0.0.11:23343`, `[fe80::1%eth0]:23343`, `fe80::1`, `node2.example:23343`; null for anything else. Port 0 is read where
 * it is asked for: any free one. `port` is the one that is meant where none is named; the peers' own without it.
 */
export const parseEndpoint = (
  text: string,
  options: { readonly isPortZeroAllowed?: boolean; readonly port?: number } = {},
): Endpoint | null => {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(trimmed);
  const [, host = trimmed, portText] =
    bracketed ?? (ipaddr.IPv6.isValid(trimmed) ? [] : (/^([^:]+)(?::(\d{1,5}))?$/.exec(trimmed) ?? ['', '']));
  const port = portText === undefined ? (options.port ?? defaultPeerPort) : Number(portText);
  if (port > 65_535 || (port === 0 && options.isPortZeroAllowed !== true)) return null;
  const isRight = bracketed
    ? ipaddr.IPv6.isValid(host)
    : isAddress(host) || (hostName.test(host) && !/^[\d.]+$/.test(host));
  return isRight ? { address: host, port } : null;
};
