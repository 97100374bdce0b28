import { isSameAddress } from '../../model/address.ts';
import type { Nic } from '../../model/nic.ts';
import type { NetworkObserved } from '../observed.ts';

/** Connections of an administrator that run over a NIC; null when it could not be found out. */
export const connectionsOver = (
  nic: Nic,
  observed: Pick<NetworkObserved, 'remoteSessions'>,
): NonNullable<NetworkObserved['remoteSessions']> | null =>
  observed.remoteSessions === null || nic.addresses === null
    ? null
    : observed.remoteSessions.filter((session) =>
        nic.addresses!.some((entry) => isSameAddress(entry.address, session.localAddress)),
      );
