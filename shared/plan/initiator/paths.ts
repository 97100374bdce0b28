import { asClause } from '../../model/sentence.ts';
import { addressFamilyOf, isSameAddress } from '../../model/address.ts';
import type { Nic } from '../../model/nic.ts';
import type { Favourite, IscsiPath, IscsiSession, PathVerdict } from '../../model/windows-iscsi.ts';
import type { InitiatorObserved } from '../observed.ts';

export const portalText = (address: string, port: number): string =>
  addressFamilyOf(address) === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;

export const pathText = (path: IscsiPath): string =>
  `from ${path.initiatorPortalAddress} over ${portalText(path.targetPortalAddress, path.targetPortalPort)} to ${path.targetNodeAddress}`;

export const isSamePath = (one: IscsiPath, other: IscsiPath): boolean =>
  one.targetNodeAddress === other.targetNodeAddress &&
  isSameAddress(one.initiatorPortalAddress, other.initiatorPortalAddress) &&
  isSameAddress(one.targetPortalAddress, other.targetPortalAddress) &&
  one.targetPortalPort === other.targetPortalPort;

/** The NIC that has an address; null when none has it. */
export const nicOfAddress = (address: string, nics: readonly Nic[]): Nic | null =>
  nics.find((nic) => (nic.addresses ?? []).some((entry) => isSameAddress(entry.address, address))) ?? null;

/** Sessions whose connections go from this address over this portal to this target, bound or not. */
export const sessionsOnPath = (path: IscsiPath, sessions: readonly IscsiSession[]): IscsiSession[] =>
  sessions.filter(
    (session) =>
      session.targetNodeAddress === path.targetNodeAddress &&
      (session.connections ?? []).some(
        (connection) =>
          isSameAddress(connection.initiatorAddress, path.initiatorPortalAddress) &&
          isSameAddress(connection.targetAddress, path.targetPortalAddress) &&
          connection.targetPort === path.targetPortalPort,
      ),
  );

/** Sessions to a target over a portal, from wherever. */
export const sessionsOverPortal = (path: IscsiPath, sessions: readonly IscsiSession[]): IscsiSession[] =>
  sessions.filter(
    (session) =>
      session.targetNodeAddress === path.targetNodeAddress &&
      (session.connections ?? []).some(
        (connection) =>
          isSameAddress(connection.targetAddress, path.targetPortalAddress) &&
          connection.targetPort === path.targetPortalPort,
      ),
  );

/** Does a favourite name this path? What it leaves open matches every path. */
export const favouriteMatches = (favourite: Favourite, path: IscsiPath): boolean =>
  favourite.targetNodeAddress === path.targetNodeAddress &&
  (favourite.initiatorPortalAddress === null ||
    isSameAddress(favourite.initiatorPortalAddress, path.initiatorPortalAddress)) &&
  (favourite.targetPortalAddress === null || isSameAddress(favourite.targetPortalAddress, path.targetPortalAddress)) &&
  (favourite.targetPortalPort === null || favourite.targetPortalPort === path.targetPortalPort);

/** The paths that sessions go over, as they were found. */
export const foundPaths = (sessions: readonly IscsiSession[]): IscsiPath[] => {
  const paths: IscsiPath[] = [];
  for (const session of sessions)
    for (const connection of session.connections ?? []) {
      const path = {
        targetNodeAddress: session.targetNodeAddress,
        initiatorPortalAddress: connection.initiatorAddress,
        targetPortalAddress: connection.targetAddress,
        targetPortalPort: connection.targetPort,
      };
      if (!paths.some((one) => isSamePath(one, path))) paths.push(path);
    }
  return paths;
};

/** A verdict as a sentence, with what to do. */
export const explainVerdict = (verdict: PathVerdict): string => {
  switch (verdict.kind) {
    case 'proven':
      return 'Exactly one session, bound to this source address, persistent and connected.';
    case 'absent':
      return 'No session goes over this path. Log on.';
    case 'unknown':
      return `Not known: ${asClause(verdict.because)}.`;
    case 'doubled':
      return `${verdict.sessionIdentifiers.length} sessions go over this path. Log on again: Quorate ends the extra ones.`;
    case 'notConnected':
      return 'The session is there but not connected. Check cable, VLAN and portal; log on again.';
    case 'notPersistent':
      return 'The session ends with the next restart. Log on again: Quorate makes it persistent.';
    case 'notBound':
      return 'The session is not bound to this source address, so it may use another network adapter after a restart. Log on again.';
  }
};

/**
 * A session over the wanted portal that is in the way: nobody asked for its path, and it is not bound or does not start
 * from a NIC for iSCSI. Windows captures the source address at logon, so it can only be ended and made anew.
 */
export const isWrongSource = (
  session: IscsiSession,
  wanted: readonly IscsiPath[],
  observed: Pick<InitiatorObserved, 'nics' | 'roles'>,
): boolean =>
  (session.connections ?? []).every((connection) => {
    const path = {
      targetNodeAddress: session.targetNodeAddress,
      initiatorPortalAddress: connection.initiatorAddress,
      targetPortalAddress: connection.targetAddress,
      targetPortalPort: connection.targetPort,
    };
    if (wanted.some((one) => isSamePath(one, path))) return false;
    if (session.initiatorPortalAddress === null) return true;
    const nic = nicOfAddress(connection.initiatorAddress, observed.nics ?? []);
    const role = nic && observed.roles.get(nic.interfaceGuid);
    return role !== 'iscsiA' && role !== 'iscsiB';
  });
