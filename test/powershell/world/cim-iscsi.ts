import { addressFamilyOf, isSameAddress } from '../../../shared/model/address.ts';
import { requireAdministrator, type Change } from '../../../main/rehearsal/world/change.ts';
import * as initiator from '../../../main/rehearsal/world/changes/initiator.ts';
import { volumesToBind } from '../../../main/rehearsal/world/ports/initiator.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { FavouriteState, ServerState } from '../../../main/rehearsal/world/state.ts';
import { cim } from './cim.ts';
import type { Source } from './cim-filter.ts';

const wmi = 'ROOT/wmi';

/** "Any" as ISCSI_ANY_INITIATOR_PORT writes it (iscsidsc.h). */
export const anyInitiatorPort = 4_294_967_295;

/** The initiator's ports are the server's IPv4 addresses, counted through; a favourite names its source by the number. */
const initiatorPorts = (server: ServerState): string[] =>
  server.nics.flatMap((nic) => nic.addresses.flatMap((held) => (held.family === 'ipv4' ? [held.address] : [])));

export const initiatorPortOf = (server: ServerState, favourite: FavouriteState): number => {
  const { initiatorAddress } = favourite;
  if (initiatorAddress === null) return anyInitiatorPort;
  const index = initiatorPorts(server).findIndex((address) => isSameAddress(address, initiatorAddress));
  // An address that is gone keeps a number that no port has.
  return index < 0 ? 1000 : index;
};

/** The four bytes as a number whose lowest byte comes first. */
const asNumber = (address: string): number =>
  address.split('.').reduce((sum, byte, index) => sum + Number(byte) * 256 ** index, 0);

const requireRunning = (server: ServerState): void => {
  if (server.services['MSiSCSI']?.state !== 'running') throw refuse('iscsi.service.stopped');
};

/** Classes of root\\wmi that the initiator's service and driver answer. */
export const iscsiClasses: Readonly<Record<string, Source>> = {
  msiscsi_portalinfoclass: ({ server }) => {
    requireRunning(server);
    return [
      cim(wmi, 'MSiSCSI_PortalInfoClass', {
        Active: true,
        InstanceName: server.initiator.instance,
        PortalInfoCount: initiatorPorts(server).length,
        PortalInformation: initiatorPorts(server).map((address, index) => ({
          Index: index,
          PortalType: 0,
          Protocol: 0,
          IPAddr:
            addressFamilyOf(address) === 'ipv4'
              ? { Type: 1, IpV4Address: asNumber(address), IpV6Address: [], TextAddress: '' }
              : { Type: 0, IpV4Address: 0, IpV6Address: [], TextAddress: address },
          Port: 0,
          PortalTag: 0,
        })),
      }),
    ];
  },
  msiscsiinitiator_persistentloginclass: ({ server }) => {
    requireRunning(server);
    return server.initiator.favourites.map((favourite) =>
      cim(wmi, 'MSiSCSIInitiator_PersistentLoginClass', {
        TargetName: favourite.target,
        InitiatorInstance: server.initiator.instance,
        InitiatorPortNumber: initiatorPortOf(server, favourite),
        IsInformationalSession: false,
        TargetPortal: {
          Index: 0,
          SymbolicName: '',
          Address: favourite.portalAddress ?? '',
          Port: favourite.portalPort ?? 0,
        },
        SecurityFlags: 0,
        // ISCSI_LOGIN_FLAG_MULTIPATH_ENABLED is 2 (iscsidsc.h).
        LoginOptions: { LoginFlags: favourite.multipath ? 2 : 0, Username: favourite.chap.userName ?? '' },
        Mappings: null,
      }),
    );
  },
  msiscsiinitiator_persistentdevices: ({ server }) => {
    requireRunning(server);
    return server.initiator.boundVolumes.map((path) =>
      cim(wmi, 'MSiSCSIInitiator_PersistentDevices', { DevicePath: path }),
    );
  },
  msiscsiinitiator_methodclass: ({ server }) => {
    requireRunning(server);
    return [cim(wmi, 'MSiSCSIInitiator_MethodClass', { Active: true, InstanceName: server.initiator.instance })];
  },
};

/** Methods of MSIscsiInitiator_MethodClass. */
export const initiatorMethods: Readonly<
  Record<string, (change: Change, given: Readonly<Record<string, unknown>>) => void>
> = {
  setuppersistentiscsivolumes: (change) => {
    requireAdministrator(change);
    initiator.requireService(change);
    change.server.initiator.boundVolumes = volumesToBind(change);
  },
  setiscsiinitiatorchapsharedsecret: (change, given) => {
    const bytes = Array.isArray(given['SharedSecret']) ? (given['SharedSecret'] as number[]) : [];
    initiator.setMutualSecret(change, bytes.length === 0 ? null : Buffer.from(bytes).toString('latin1'));
  },
};
