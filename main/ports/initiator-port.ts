import type { InitiatorState, IscsiPath, IscsiSession } from '../../shared/model/windows-iscsi.ts';
import type { CallOptions } from './call.ts';
import type { Secret } from './secret.ts';

/** How a logon proves who it is. Secrets are 12 to 16 bytes on Windows. */
export type LogonAuthentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'oneWayChap'; readonly userName: string; readonly secret: Secret }
  /** The target proves itself with the secret that {@link InitiatorPort.setMutualSecret} set for the whole initiator. */
  | { readonly kind: 'mutualChap'; readonly userName: string; readonly secret: Secret };

export interface LogonRequest extends IscsiPath {
  readonly isPersistent: boolean;
  readonly isMultipathEnabled: boolean;
  readonly isHeaderDigest: boolean;
  readonly isDataDigest: boolean;
  readonly authentication: LogonAuthentication;
}

/**
 * The iSCSI initiator of Windows (service MSiSCSI), not the product's own. Every method but {@link readState},
 * {@link setService} and {@link setFirewall} throws `INITIATOR_SERVICE_STOPPED` while the service does not run.
 */
export interface InitiatorPort {
  /** Everything at once. With the service stopped, what needs it is null and named in `unread`. */
  readState(options?: CallOptions): Promise<InitiatorState>;

  /** Starts the service and lets it start by itself from now on; or stops it and makes it manual. */
  setService(running: boolean, options?: CallOptions): Promise<void>;

  /** Switches Windows' own firewall rules for iSCSI on or off, in every profile that they have. */
  setFirewall(enabled: boolean, options?: CallOptions): Promise<void>;

  /** The initiator's name. Sessions that exist keep the old one. Throws `INITIATOR_NAME_REFUSED`. */
  setName(iqn: string, options?: CallOptions): Promise<void>;

  /** The secret with which targets prove themselves, one for the whole initiator. Null removes it. */
  setMutualSecret(secret: Secret | null, options?: CallOptions): Promise<void>;

  /**
   * Adds a portal and discovers over it. `initiatorPortalAddress` binds discovery to a source address.
   * Throws `INITIATOR_PORTAL_UNREACHABLE`, `INITIATOR_LOGON_REFUSED`.
   */
  addPortal(
    portal: {
      readonly targetPortalAddress: string;
      readonly targetPortalPort: number;
      readonly initiatorPortalAddress: string | null;
      readonly authentication: LogonAuthentication;
    },
    options?: CallOptions,
  ): Promise<void>;

  /** Throws `INITIATOR_PORTAL_NOT_FOUND`. */
  removePortal(
    portal: {
      readonly targetPortalAddress: string;
      readonly targetPortalPort: number;
      readonly initiatorPortalAddress: string | null;
    },
    options?: CallOptions,
  ): Promise<void>;

  /** Discovers again over every portal. Portals that do not answer are named in `INITIATOR_PORTAL_UNREACHABLE`. */
  discover(options?: CallOptions): Promise<void>;

  /**
   * Logs on by the target's name, with source address and portal given. It is not idempotent: a second logon makes a
   * second session where the target and MPIO allow it. The session that Windows reports is returned as it was seen; the
   * caller proves the path by reading again.
   * Throws `INITIATOR_TARGET_NOT_FOUND`, `INITIATOR_PORTAL_UNREACHABLE`, `INITIATOR_LOGON_REFUSED`,
   * `INITIATOR_SESSION_EXISTS`, `INITIATOR_SOURCE_ADDRESS_UNKNOWN`.
   */
  logOn(request: LogonRequest, options?: CallOptions): Promise<IscsiSession>;

  /** Ends one session. Throws `INITIATOR_SESSION_NOT_FOUND`, `INITIATOR_SESSION_IN_USE` when a disk of it is in use. */
  logOff(sessionIdentifier: string, options?: CallOptions): Promise<void>;

  /**
   * Makes a session persistent. Not idempotent: registering twice gives two favourites, and two sessions after the next
   * start.
   */
  registerSession(
    request: {
      readonly sessionIdentifier: string;
      readonly isMultipathEnabled: boolean;
      readonly authentication: LogonAuthentication;
    },
    options?: CallOptions,
  ): Promise<void>;

  /** Removes what registering gave: the session is not repeated at the next start. */
  unregisterSession(sessionIdentifier: string, options?: CallOptions): Promise<void>;

  /**
   * Removes a favourite by what it names; null matches a favourite that leaves the value open.
   * Throws `INITIATOR_FAVOURITE_NOT_FOUND`.
   */
  removeFavourite(
    favourite: {
      readonly targetNodeAddress: string;
      readonly initiatorPortalAddress: string | null;
      readonly targetPortalAddress: string | null;
      readonly targetPortalPort: number | null;
    },
    options?: CallOptions,
  ): Promise<void>;

  /** Makes the service wait at its start for every volume that is on an iSCSI disk now. Replaces an earlier list. */
  bindVolumes(options?: CallOptions): Promise<void>;
}
