import type { AddressFamily } from '../../shared/model/address.ts';
import type { Nic } from '../../shared/model/nic.ts';
import { kindOf } from '../../shared/changes/index.ts';
import type { PlannedStep } from '../../shared/plan/draft.ts';
import type { NetworkObserved } from '../../shared/plan/observed.ts';
import type { NicRestore } from '../ports/nic-port.ts';

const families: readonly AddressFamily[] = ['ipv4', 'ipv6'];

const restoreFamily = (nic: Nic, family: AddressFamily, endsLease: boolean): NicRestore => ({
  interfaceGuid: nic.interfaceGuid,
  ...(nic.dhcp ? { dhcp: { family, enabled: nic.dhcp[family] } } : {}),
  ...(nic.addresses
    ? {
        addresses: {
          family,
          list: nic.addresses
            .filter((entry) => entry.family === family && entry.origin === 'manual')
            .map(({ address, prefixLength }) => ({ address, prefixLength })),
        },
      }
    : {}),
  ...(nic.gateways
    ? {
        gateway: {
          family,
          // DHCP brings its own again; a configured one beside it would stay for good.
          nextHop: endsLease ? null : (nic.gateways.find((gateway) => gateway.family === family)?.nextHop ?? null),
        },
      }
    : {}),
  ...(nic.dnsServers ? { dnsServers: { family, servers: endsLease ? [] : nic.dnsServers[family] } } : {}),
});

/** What the server goes back to when a change that may cut a connection is not confirmed: the NICs as they are now. */
export const restoreOf = (steps: readonly PlannedStep[], observed: NetworkObserved): NicRestore[] => {
  const parts = steps.flatMap(({ change, cutsConnection }) => {
    const part = kindOf(change).putsBack?.(change, observed);
    return part ? { ...part, cutsConnection } : [];
  });
  // A switch takes the addresses of its NIC over and may lose them: they go to the host's NIC on it, or back where none came about.
  const restores: NicRestore[] = parts.flatMap(({ nic: guid, families: own, switchName, cutsConnection }) => {
    const nic = observed.nics.find(({ interfaceGuid }) => interfaceGuid === guid);
    if (!nic || switchName === undefined || !cutsConnection) return [];
    return own.map((family) => ({ ...restoreFamily(nic, family, false), switchName }));
  });
  for (const nic of observed.nics) {
    const own = parts.filter(({ nic: guid, switchName }) => guid === nic.interfaceGuid && switchName === undefined);
    if (!own.some(({ cutsConnection }) => cutsConnection)) continue;
    restores.push({ interfaceGuid: nic.interfaceGuid, enabled: nic.adminStatus === 'up' });
    for (const family of families) {
      // The whole family goes back, also for steps that do not cut by themselves: a half-reverted NIC helps nobody.
      const ofFamily = own.filter((part) => part.families.includes(family));
      const endsLease = nic.dhcp?.[family] === true && ofFamily.some((part) => part.endsLease);
      if (ofFamily.length > 0) restores.push(restoreFamily(nic, family, endsLease));
    }
  }
  return restores;
};

/** The names of the NICs that go back, for texts. */
export const revertText = (restores: readonly NicRestore[], observed: NetworkObserved): string => {
  const names = new Set(
    restores.map(
      (restore) =>
        observed.nics.find((nic) => nic.interfaceGuid === restore.interfaceGuid)?.name ?? restore.interfaceGuid,
    ),
  );
  const switches = [...new Set(restores.flatMap(({ switchName }) => switchName ?? []))];
  const own = `${[...names].join(', ')} ${names.size === 1 ? 'goes' : 'go'} back to the addresses, gateway and DNS servers from before.`;
  return switches.length === 0
    ? own
    : `${own} Where the switch ${switches.join(', ')} is there by then, vEthernet (${switches.join(', ')}) gets them; the switch stays.`;
};
