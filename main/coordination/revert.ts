import type { AddressFamily } from '../../shared/model/address.ts';
import type { Nic } from '../../shared/model/nic.ts';
import type { Change, ChangeIn } from '../../shared/changes/index.ts';
import type { PlannedStep } from '../../shared/plan/draft.ts';
import type { NetworkObserved } from '../../shared/plan/observed.ts';
import type { NicRestore } from '../ports/nic-port.ts';

type NicChange = ChangeIn<'nic'>;
type CreateSwitch = ChangeIn<'switch'>;
const isCreateSwitch = (change: Change): change is CreateSwitch => change.do === 'switch.create';
const isNicChange = (change: Change): change is NicChange => change.do.startsWith('nic.');

const families: readonly AddressFamily[] = ['ipv4', 'ipv6'];

/** Which parts of a NIC an action changes, so that only these are put back. */
const partOf = (action: NicChange): 'enabled' | AddressFamily | null => {
  switch (action.do) {
    case 'nic.setEnabled':
      return 'enabled';
    case 'nic.setDhcp':
    case 'nic.setGateway':
    case 'nic.setDnsServers':
      return action.family;
    case 'nic.addAddress':
    case 'nic.removeAddress':
      return action.address.includes(':') ? 'ipv6' : 'ipv4';
    default:
      return null;
  }
};

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

/**
 * A switch takes the addresses of the NIC that it is put on over to the host's own NIC on it, and may lose them on the way. They are given back to that
 * one, or to the NIC where no switch came about; a switch is never deleted. Nothing where the host is to have no NIC on it.
 */
const restoreSwitch = (change: CreateSwitch, observed: NetworkObserved): NicRestore[] => {
  if (!change.hostNic) return [];
  const behind = observed.nics.filter(({ interfaceGuid }) => change.nics.includes(interfaceGuid));
  const carrier =
    behind.find(({ addresses }) => (addresses ?? []).some(({ family }) => family === 'ipv4')) ?? behind[0];
  return carrier
    ? families.map((family) => ({ ...restoreFamily(carrier, family, false), switchName: change.name }))
    : [];
};

/** What the server goes back to when a change that may cut a connection is not confirmed: the NICs as they are now. */
export const restoreOf = (steps: readonly PlannedStep[], observed: NetworkObserved): NicRestore[] => {
  const cutting = new Set(
    steps.flatMap((step) => (step.cutsConnection && isNicChange(step.change) ? [step.change.nic] : [])),
  );
  const restores = steps.flatMap((step) =>
    step.cutsConnection && isCreateSwitch(step.change) ? restoreSwitch(step.change, observed) : [],
  );
  for (const nic of observed.nics.filter((candidate) => cutting.has(candidate.interfaceGuid))) {
    // The whole family goes back, also for steps that do not cut by themselves: a half-reverted NIC helps nobody.
    const parts = new Set(
      steps.flatMap((step) =>
        isNicChange(step.change) && step.change.nic === nic.interfaceGuid ? (partOf(step.change) ?? []) : [],
      ),
    );
    restores.push({ interfaceGuid: nic.interfaceGuid, enabled: nic.adminStatus === 'up' });
    const endsLease = (family: AddressFamily): boolean =>
      nic.dhcp?.[family] === true &&
      steps.some(
        ({ change }) =>
          change.do === 'nic.setDhcp' &&
          change.nic === nic.interfaceGuid &&
          change.family === family &&
          !change.enabled,
      );
    for (const family of families) if (parts.has(family)) restores.push(restoreFamily(nic, family, endsLease(family)));
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
