import type { IscsiError } from '../error.ts';
import { formatPortal, toPortal, type Portal } from '../text/names.ts';
import { Connection } from './connection.ts';
import { Conversation } from './conversation.ts';
import { checkTimeout } from './timeouts.ts';

/** What is asked of `probePortal`. */
export interface ProbePortalOptions {
  /** `host`, `host:port`, `[ipv6]:port` or parsed. */
  readonly portal: string | Portal;
  /** Address of the NIC to use. Left out: the system chooses. */
  readonly sourceAddress?: string;
  /** Default 2000, from 1 to 2147483647. */
  readonly timeoutMs?: number;
  /** Ends the attempt. */
  readonly signal?: AbortSignal;
}

/** Whether a connection came about; never both. */
export type PortalProbe =
  | { readonly answers: true; readonly localAddress: string; readonly tookMs: number }
  | { readonly answers: false; readonly error: IscsiError };

const DEFAULT_TIMEOUT_MS = 2000;

/**
 * Whether a portal takes a TCP connection from an address of this machine. Nothing is sent over it, so no session is touched and no
 * target has anything to log. A portal that cannot be reached is an answer here; throws PORTAL_MALFORMED and
 * OPTION_OUT_OF_RANGE only.
 */
export const probePortal = async (options: ProbePortalOptions): Promise<PortalProbe> => {
  const portal = toPortal(options.portal);
  checkTimeout('timeoutMs', options.timeoutMs);
  const conversation = new Conversation({
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    portal: formatPortal(portal),
    phase: 'connect',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const begun = performance.now();
  try {
    const connection = await Connection.open(
      { portal, sourceAddress: options.sourceAddress },
      { onPdu: () => undefined, onEnd: () => undefined },
      conversation,
    );
    const { localAddress } = connection;
    connection.close();
    return { answers: true, localAddress, tookMs: performance.now() - begun };
  } catch (error) {
    return { answers: false, error: conversation.explain(error) };
  } finally {
    conversation.end();
  }
};
