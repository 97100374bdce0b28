import type { CallOptions } from './call.ts';

/** An address that this program listens on for other servers. */
export interface PeerOpening {
  readonly address: string;
  /** TCP. */
  readonly port: number;
  /** The network adapter that multicast DNS is heard on; null where it is not. */
  readonly nic: string | null;
}

/** The server's own firewall, as far as Quorate opens it for itself. */
export interface FirewallPort {
  /**
   * From now on exactly these openings of an owner are there, for one program; none: they are removed. Those of an earlier run go too.
   * `owner`: 16 hexadecimal digits. Throws ACCESS_DENIED, WINDOWS_REFUSED.
   */
  setPeerOpenings(
    request: { readonly owner: string; readonly program: string; readonly openings: readonly PeerOpening[] },
    options?: CallOptions,
  ): Promise<void>;
}
