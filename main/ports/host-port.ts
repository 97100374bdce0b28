import type { HostFacts, PendingRestart, Resume, TimeSetting, TimeSource } from '../../shared/model/host.ts';
import type { CallOptions } from './call.ts';
import type { Credential, Secret } from './secret.ts';

/** The Windows Server itself: name, membership, restarts, time. */
export interface HostPort {
  /** What the server is. Throws `HOST_UNREACHABLE` when nothing can be read. */
  readFacts(options?: CallOptions): Promise<HostFacts>;

  /** Every sign that a restart is due; a place that can not be read is `unknown`, never `notPending`. */
  readPendingRestart(options?: CallOptions): Promise<PendingRestart>;

  /**
   * Gives the computer a new name (Rename-Computer). It is in force after a restart.
   * `credential` is an account that may rename the computer's object; needed in a domain only.
   * Throws `HOST_NAME_REFUSED`, `HOST_CREDENTIAL_REFUSED`, `ACCESS_DENIED`.
   */
  rename(newName: string, credential: Credential | null, options?: CallOptions): Promise<void>;

  /**
   * Joins a domain (Add-Computer). In force after a restart. `ou` is the distinguished name of the unit for the
   * computer's object, null for the domain's default.
   * Throws `HOST_DOMAIN_NOT_FOUND`, `HOST_CREDENTIAL_REFUSED`, `HOST_ALREADY_MEMBER`, `ACCESS_DENIED`.
   */
  joinDomain(
    request: { readonly domain: string; readonly ou: string | null; readonly credential: Credential },
    options?: CallOptions,
  ): Promise<void>;

  /**
   * Leaves a domain for a workgroup, or changes the workgroup. In force after a restart. `credential` may disable the
   * computer's object; null in a workgroup.
   */
  joinWorkgroup(
    request: { readonly workgroup: string; readonly credential: Credential | null },
    options?: CallOptions,
  ): Promise<void>;

  /**
   * Restarts the server at once. Returns when Windows accepted the order; connections end soon after.
   * Throws `HOST_RESTART_REFUSED`.
   */
  restart(request: { readonly reason: string }, options?: CallOptions): Promise<void>;

  /** What is registered to go on after a restart, by this product only. */
  readResumes(options?: CallOptions): Promise<readonly Resume[]>;

  /**
   * Registers that this product goes on with `token` after the restart: at the account's next logon, or at the start
   * with a password that Windows keeps (`password` is then needed, null otherwise). Registering a token again replaces it.
   * `command` is the program and its arguments, which must not hold a secret.
   */
  registerResume(
    request: Resume & {
      readonly command: { readonly program: string; readonly arguments: readonly string[] };
      readonly password: Secret | null;
    },
    options?: CallOptions,
  ): Promise<void>;

  /** Removes a registered resume; does nothing when there is none of this token. */
  removeResume(token: string, options?: CallOptions): Promise<void>;

  readTimeSource(options?: CallOptions): Promise<TimeSource>;

  /** Sets where the time comes from and (re)starts the time service. Throws `HOST_NOT_IN_DOMAIN` for the domain's time. */
  setTimeSource(setting: TimeSetting, options?: CallOptions): Promise<void>;
}
