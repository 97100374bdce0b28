import { isSameAddress } from '../../model/address.ts';
import type { Nic } from '../../model/nic.ts';
import type { IscsiSession } from '../../model/windows-iscsi.ts';
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

/** The paired servers whose connections run over a NIC, each once. */
export const peersOver = (nic: Nic, { peerConnections = [] }: Pick<NetworkObserved, 'peerConnections'>): string[] => [
  ...new Set(
    peerConnections
      .filter(({ localAddress }) => (nic.addresses ?? []).some(({ address }) => isSameAddress(address, localAddress)))
      .map(({ name }) => name),
  ),
];

/** iSCSI sessions with a connection from an address of this NIC; null when it could not be found out. */
export const iscsiSessionsOver = (
  nic: Nic,
  { iscsiSessions }: Pick<NetworkObserved, 'iscsiSessions'>,
): readonly IscsiSession[] | null => {
  if (iscsiSessions == null || nic.addresses === null) return null;
  return iscsiSessions.filter(({ connections, initiatorPortalAddress }) =>
    nic.addresses!.some(
      ({ address }) =>
        (initiatorPortalAddress !== null && isSameAddress(address, initiatorPortalAddress)) ||
        (connections ?? []).some(({ initiatorAddress }) => isSameAddress(address, initiatorAddress)),
    ),
  );
};
