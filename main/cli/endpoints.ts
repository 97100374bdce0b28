import { networkInterfaces } from 'node:os';
import { failure } from '../../shared/errors/failure.ts';
import { defaultPeerPort, type Endpoint } from '../../shared/model/peer.ts';
import { isAddress, parseEndpoint } from '../../shared/model/peer-endpoint.ts';

/** The address of another server. @throws Failure PEER_ADDRESS_MALFORMED */
export const readEndpoint = (text: string, port?: number): Endpoint => {
  const endpoint = parseEndpoint(text, port === undefined ? {} : { port });
  if (!endpoint) throw failure('PEER_ADDRESS_MALFORMED', { text });
  return endpoint;
};

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]', '*']);

/**
 * Where this server is to listen: an address, or the name of a NIC, which stands for its addresses. @throws Failure PEER_ADDRESS_MALFORMED,
 * PEER_LISTEN_FAILED
 */
export const readListen = (text: string, nics = networkInterfaces()): Endpoint[] => {
  const endpoint = parseEndpoint(text, { isPortZeroAllowed: true });
  const name = endpoint && !isAddress(endpoint.address) ? endpoint.address : text;
  if (wildcards.has(endpoint?.address ?? text))
    throw failure('PEER_LISTEN_FAILED', {
      address: text,
      reason: 'it would listen on every network; name the addresses of the networks that peers are in, one by one',
    });
  const addresses = nics[name];
  if (addresses) {
    const port = endpoint?.port ?? defaultPeerPort;
    return addresses
      .filter(({ address }) => !address.toLowerCase().startsWith('fe80:'))
      .map(({ address }) => ({ address, port }));
  }
  if (!endpoint || !isAddress(endpoint.address)) throw failure('PEER_ADDRESS_MALFORMED', { text });
  return [endpoint];
};
