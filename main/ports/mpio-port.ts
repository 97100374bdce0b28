import type { LoadBalancePolicy, MpioState } from '../../shared/model/windows-iscsi.ts';
import type { CallOptions } from './call.ts';

/** Multipath I/O with Microsoft's device specific module. Set it up before logging on. */
export interface MpioPort {
  readState(options?: CallOptions): Promise<MpioState>;

  /**
   * Installs the feature Multipath-IO. `restart` says whether Windows wants one before it works; the state is
   * `installPending` until then. Throws `MPIO_FEATURE_FAILED`.
   */
  installFeature(options?: CallOptions): Promise<{ readonly restart: 'needed' | 'notNeeded' | 'maybe' }>;

  /** Lets MPIO take iSCSI disks by itself, or not. Throws `MPIO_NOT_INSTALLED`. */
  setIscsiClaim(claims: boolean, options?: CallOptions): Promise<void>;

  /** The policy of disks that are claimed from now on. Throws `MPIO_NOT_INSTALLED`. */
  setLoadBalancePolicy(policy: LoadBalancePolicy, options?: CallOptions): Promise<void>;
}
