import type { SessionDisks } from '../../shared/model/lun-map.ts';
import type { InitiatorState } from '../../shared/model/windows-iscsi.ts';
import type { CallOptions } from './call.ts';

/** What is read of the iSCSI initiator of Windows (service MSiSCSI), not the product's own. */
export interface InitiatorPort {
  /** Everything at once. With the service stopped, what needs it is null and named in `unread`. */
  readState(options?: CallOptions): Promise<InitiatorState>;

  /** The disks of every connected session; none while the service is stopped. */
  listSessionDisks(options?: CallOptions): Promise<readonly SessionDisks[]>;
}
