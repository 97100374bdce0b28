import type { MpioState } from '../../shared/model/windows-iscsi.ts';
import type { CallOptions } from './call.ts';

/** What is read of Multipath I/O with Microsoft's device specific module. Set it up before logging on. */
export interface MpioPort {
  readState(options?: CallOptions): Promise<MpioState>;
}
