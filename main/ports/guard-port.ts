import type { ServerChange } from '../../shared/changes/index.ts';
import type { CallOptions } from './call.ts';
import type { ArmedRevert } from './nic-port.ts';

/** Changes that the server makes by itself at a point in time, also when this product has died by then. */
export interface GuardPort {
  /**
   * `afterSeconds` (10 to 3600) from now the server makes `changes` in order and forgets the guard. A change that fails does not
   * keep the next from being made. Arming a token again replaces it. Changes that need a secret cannot be guarded: it would lie
   * in a task. Throws PLAN_SECRET_MISSING.
   */
  arm(
    request: { readonly token: string; readonly afterSeconds: number; readonly changes: readonly ServerChange[] },
    options?: CallOptions,
  ): Promise<void>;

  /** Forgets a guard. Does nothing when there is none of this token. */
  disarm(token: string, options?: CallOptions): Promise<void>;

  /** Guards, and reverts of NICs, that wait. */
  list(options?: CallOptions): Promise<readonly ArmedRevert[]>;
}
