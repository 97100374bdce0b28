import { isIPv6, type TcpNetConnectOpts } from 'node:net';
import type { Portal } from '../text/names.ts';

/** Where a socket connects to and from. A source address decides the family as well: a name may stand for addresses of both. */
export const addressOptions = (portal: Portal, sourceAddress: string | undefined): TcpNetConnectOpts => ({
  host: portal.host,
  port: portal.port,
  ...(sourceAddress === undefined
    ? {}
    : { localAddress: sourceAddress, family: isIPv6(sourceAddress) ? 6 : 4, autoSelectFamily: false }),
});
