import type { NicView } from '../../../shared/contract/nic.ts';
import type { NicRole } from '../../../shared/model/nic.ts';
import type { StateMark } from '../../ui/marks.ts';
import { formatSpeed } from '../../ui/format.ts';

/** The roles in the fixed order of the lanes, with the words that the CLI and the reports use too. */
export const roleNames: Readonly<Record<NicRole, string>> = {
  production: 'Production',
  clusterPrivate: 'Cluster-private',
  iscsiA: 'iSCSI A',
  iscsiB: 'iSCSI B',
  unused: 'Unused',
};

export const lanes: readonly Exclude<NicRole, 'unused'>[] = ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'];

export const roleUses: Readonly<Record<NicRole, string>> = {
  production: 'Clients, the domain and you. The only one with a gateway.',
  clusterPrivate: 'Cluster traffic between the nodes.',
  iscsiA: 'The first path to the storage.',
  iscsiB: 'The second path to the storage.',
  unused: 'Not used by the cluster.',
};

/** The link as it was read: an adapter that is switched off is not the same as a cable that is not there. */
export const linkOf = (nic: Pick<NicView, 'adminStatus' | 'mediaState'>): StateMark => {
  if (nic.adminStatus === 'down') return { outcome: 'off', word: 'Disabled' };
  if (nic.mediaState === 'connected') return { outcome: 'pass', word: 'Connected' };
  if (nic.mediaState === 'disconnected') return { outcome: 'fail', word: 'No link' };
  return { outcome: 'unknown', word: 'Unknown' };
};

export const speedOf = (nic: Pick<NicView, 'receiveLinkSpeedBps' | 'mediaState'>): string | null =>
  nic.receiveLinkSpeedBps === null
    ? null
    : nic.receiveLinkSpeedBps === '0'
      ? 'No link'
      : formatSpeed(nic.receiveLinkSpeedBps);

/** Addresses that somebody or DHCP gave; those that Windows gave itself are none. */
export const realAddressesOf = (nic: Pick<NicView, 'addresses'>): NonNullable<NicView['addresses']> =>
  (nic.addresses ?? []).filter(
    ({ origin, address }) => origin !== 'wellKnown' && !/^(fe80:|169\.254\.)/i.test(address),
  );

/** The addresses with their prefixes, those that Windows gave itself left out where there is a real one. */
export const addressesOf = (nic: Pick<NicView, 'addresses'>): string[] | null => {
  if (nic.addresses === null) return null;
  const real = realAddressesOf(nic);
  return (real.length > 0 ? real : nic.addresses).map(({ address, prefixLength }) => `${address}/${prefixLength}`);
};

/** One address for the picture: a real one, or that there is none. */
export const firstAddressOf = (nic: Pick<NicView, 'addresses'>): string => {
  if (nic.addresses === null) return 'address unknown';
  const [real] = realAddressesOf(nic);
  if (real) return `${real.address}/${real.prefixLength}`;
  return nic.addresses.length > 0 ? 'link-local address only' : 'no address';
};

export const membershipOf = (nic: Pick<NicView, 'membership'>): string | null => {
  const { membership } = nic;
  if (membership === null) return null;
  switch (membership.kind) {
    case 'none':
      return 'None';
    case 'teamMember':
      return `Member of the team ${membership.team}`;
    case 'team':
      return `The team ${membership.team}`;
    case 'switchMember':
      return `Under the virtual switch ${membership.switchName ?? 'without a known name'}`;
    case 'switchPort':
      return `This server's adapter on the virtual switch ${membership.switchName ?? 'without a known name'}`;
  }
};

/**
 * NetBIOS as it is in force. Windows' default follows DHCP, and is on where the address is static or DHCP says nothing
 * (learn.microsoft.com, "TcpipNetbiosOptions" of Win32_NetworkAdapterConfiguration).
 */
export const netbiosOf = ({ netbios, dhcp }: Pick<NicView, 'netbios' | 'dhcp'>): string | null => {
  if (netbios === null) return null;
  if (netbios !== 'default') return { enabled: 'On', disabled: 'Off' }[netbios];
  if (dhcp === null) return 'Default: as DHCP says, otherwise on';
  return dhcp.ipv4 ? 'As DHCP says' : 'On (default without DHCP)';
};

/** The MTU of both families with its unit. */
export const mtuOf = ({ mtuBytes }: Pick<NicView, 'mtuBytes'>): string | null => {
  if (mtuBytes === null) return null;
  const inBytes = (value: number | null): string => (value === null ? 'not known' : `${value} bytes`);
  return `IPv4 ${inBytes(mtuBytes.ipv4)}, IPv6 ${inBytes(mtuBytes.ipv6)}`;
};
