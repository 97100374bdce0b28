import type { StorageHostState } from '../../shared/model/storage-host.ts';
import type { CallOptions } from './call.ts';

/** What is read of iSCSI Target Server on a server. */
export interface StorageHostPort {
  readState(options?: CallOptions): Promise<StorageHostState>;
}
