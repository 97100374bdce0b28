import type { AddressFamily } from '../../shared/model/address.ts';
import type { LinkState, Nic, RemoteSession } from '../../shared/model/nic.ts';
import type { CallOptions } from './call.ts';

/** What a guarded change goes back to when nobody confirms it; only the named parts are put back. */
export interface NicRestore {
  readonly interfaceGuid: string;
  /** Where the host has a NIC on a virtual switch of this name by then, that one gets it all: the switch stays. */
  readonly switchName?: string;
  readonly enabled?: boolean;
  readonly dhcp?: { readonly family: AddressFamily; readonly enabled: boolean };
  /** All manual addresses of the family; what is not in the list is removed. */
  readonly addresses?: {
    readonly family: AddressFamily;
    readonly list: readonly { readonly address: string; readonly prefixLength: number }[];
  };
  readonly gateway?: { readonly family: AddressFamily; readonly nextHop: string | null };
  readonly dnsServers?: { readonly family: AddressFamily; readonly servers: readonly string[] };
}

/** A change that the server itself takes back at a point in time, also when this product is gone by then. */
export interface ArmedRevert {
  /** 1 to 64 letters, digits and hyphens. */
  readonly token: string;
  readonly dueAt: string;
}

/**
 * The server's network adapters. `nic` is always an InterfaceGuid; a method that does not find it throws `NIC_NOT_FOUND`.
 * What changes them is `Ports.apply`.
 */
export interface NicPort {
  /** All adapters that are present, hidden ones left out. Throws only when no adapter can be read at all. */
  list(options?: CallOptions): Promise<readonly Nic[]>;

  /**
   * Calls `listener` with the state of all links at once and after each change, until `signal` aborts; then it resolves.
   * A change is seen within two seconds.
   */
  watchLinks(
    listener: (links: readonly LinkState[]) => void,
    options: CallOptions & { readonly signal: AbortSignal },
  ): Promise<void>;

  /** Connections from outside on which an administrator may sit: remote desktop, WinRM, SSH. */
  readRemoteSessions(options?: CallOptions): Promise<readonly RemoteSession[]>;

  /** Does another machine answer for this address? Asked from the NIC's network before the address is given. */
  probeAddress(nic: string, address: string, options?: CallOptions): Promise<'free' | 'answered' | 'unknown'>;

  /**
   * One ICMP echo. `payloadBytes` without headers (8972 proves an MTU of 9000 for IPv4 together with `dontFragment`). From `source`, an address of
   * this server; null: Windows chooses one by its routes.
   */
  sendEcho(
    request: {
      readonly destination: string;
      readonly source: string | null;
      readonly payloadBytes: number;
      readonly dontFragment: boolean;
    },
    options?: CallOptions,
  ): Promise<
    | { readonly answered: true; readonly roundTripMs: number }
    | { readonly answered: false; readonly because: 'timeout' | 'tooBig' | 'unreachable' | 'other' }
  >;

  /**
   * Arms a revert before a change that could cut the connection: `afterSeconds` (10 to 3600) from now the server puts
   * `restore` back by itself, also when this product has died, and forgets it. Arming a token again replaces it.
   */
  armRevert(
    request: { readonly token: string; readonly afterSeconds: number; readonly restore: readonly NicRestore[] },
    options?: CallOptions,
  ): Promise<void>;

  /** Confirms a change: the revert is forgotten. Does nothing when there is none of this token. */
  disarmRevert(token: string, options?: CallOptions): Promise<void>;

  /** Reverts of this product that wait. */
  readReverts(options?: CallOptions): Promise<readonly ArmedRevert[]>;
}
