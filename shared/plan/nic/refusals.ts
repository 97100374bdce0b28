import { nicSettings } from '../../changes/index.ts';
import {
  addressFamilyOf,
  findAddressProblem,
  findGatewayProblem,
  isInPrefix,
  isSameAddress,
  parseAddressWithPrefix,
} from '../../model/address.ts';
import { familyNames } from '../../changes/nic/nic.ts';
import { roleNames, findNicNameProblem, type Nic } from '../../model/nic.ts';
import { whyUnread } from '../../model/observed.ts';
import type { DraftBuilder } from '../draft.ts';
import type { NetworkObserved } from '../observed.ts';
import type { NetworkDesire, NicDesire } from './desire.ts';
import { findOverlaps, splitAddress, type FinalNic } from './final-state.ts';

const families = ['ipv4', 'ipv6'] as const;

/** Two for the servers' own networks and one for iSCSI. */
const neededNics = 3;

/** Can the NIC have a role? What a team or a virtual switch has taken cannot. */
const canHaveRole = (nic: Nic): boolean =>
  nic.membership !== null &&
  (nic.membership.kind === 'team' ||
    nic.membership.kind === 'switchPort' ||
    (nic.membership.kind === 'none' && nic.isHardware));

const takesTraffic = (nic: Nic): string | null => {
  switch (nic.membership?.kind) {
    case 'teamMember':
      return `the team ${nic.membership.team}`;
    case 'switchMember':
      return nic.membership.switchName === null
        ? 'a virtual switch'
        : `the virtual switch ${nic.membership.switchName}`;
    default:
      return null;
  }
};

/** Everything of a desire that is about the adapter itself, and not only what Quorate remembers of it. */
export const changesWindows = (desire: NicDesire): boolean =>
  desire.applyRole ||
  [
    desire.name,
    desire.enabled,
    desire.dhcp,
    desire.addresses,
    desire.gateway,
    desire.dnsServers,
    desire.jumboPacketBytes,
    desire.fileAndPrinterSharing,
    desire.powerSaving,
    ...nicSettings.map(({ key }) => desire[key]),
  ].some((value) => value !== undefined);

const refuseAddresses = (
  builder: DraftBuilder,
  desire: NicDesire,
  nic: Nic,
  finals: readonly FinalNic[],
  observed: NetworkObserved,
): void => {
  const seen: string[] = [];
  for (const family of families)
    for (const text of desire.addresses?.[family] ?? []) {
      const invalid = (problem: string): void =>
        builder.refuse('NIC_ADDRESS_INVALID', { address: text, nic: nic.name, problem });
      const split = splitAddress(text);
      if (!split) {
        invalid('is not an address with its prefix length, such as 10.0.0.1/24');
        continue;
      }
      const problem = findAddressProblem(split.address, split.prefixLength);
      if (problem) {
        invalid(problem.text);
        continue;
      }
      if (addressFamilyOf(split.address) !== family) {
        invalid(`is not an ${familyNames[family]} address`);
        continue;
      }
      const networks = (desire.networks ?? []).flatMap((network) => parseAddressWithPrefix(network) ?? []);
      const ofFamily = networks.filter((network) => addressFamilyOf(network.address) === family);
      if (
        ofFamily.length > 0 &&
        !ofFamily.some((network) => isInPrefix(split.address, network.address, network.prefixLength))
      )
        invalid(
          `lies outside ${ofFamily.map((network) => `${network.address}/${network.prefixLength}`).join(' and ')}`,
        );
      const isTwice = seen.some((other) => isSameAddress(other, split.address));
      const holder = finals.find(
        (other) =>
          other.nic.interfaceGuid !== nic.interfaceGuid &&
          other.addresses.some((entry) => isSameAddress(entry.address, split.address)),
      );
      if (isTwice || holder) builder.refuse('NIC_ADDRESS_EXISTS', { address: split.address });
      seen.push(split.address);
      if (observed.probes.get(`${nic.interfaceGuid} ${split.address}`) === 'answered')
        builder.refuse('NIC_ADDRESS_DUPLICATE', { address: split.address, nic: nic.name });
    }
  for (const network of desire.networks ?? [])
    if (!parseAddressWithPrefix(network))
      builder.refuse('NIC_ADDRESS_INVALID', {
        address: network,
        nic: nic.name,
        problem: 'is not a network such as 10.0.0.0/24',
      });
};

const refuseGateways = (builder: DraftBuilder, desire: NicDesire, nic: Nic, final: FinalNic): void => {
  for (const family of families) {
    const gateway = desire.gateway?.[family];
    if (gateway == null) continue;
    if (final.role !== 'production') {
      builder.refuse('NIC_GATEWAY_NOT_PRODUCTION', {
        nic: nic.name,
        role: final.role ? roleNames[final.role] : 'not given yet',
      });
      continue;
    }
    const own = final.addresses.filter((entry) => entry.family === family && entry.isStatic);
    const invalid = (problem: string): void =>
      builder.refuse('NIC_GATEWAY_INVALID', { gateway, nic: nic.name, problem });
    if (addressFamilyOf(gateway) === null) invalid('is not an IPv4 or IPv6 address');
    else if (addressFamilyOf(gateway) !== family) invalid(`is not an ${familyNames[family]} address`);
    else if (own.length === 0)
      builder.refuse('NIC_GATEWAY_NEEDS_ADDRESS', { nic: nic.name, family: familyNames[family], gateway });
    else if (own.some((entry) => isSameAddress(entry.address, gateway)))
      invalid('is the address of the adapter itself');
    else {
      const problems = own.map((entry) => findGatewayProblem(gateway, entry.address, entry.prefixLength));
      if (problems.every((problem) => problem !== null)) invalid(problems[0]!.text);
    }
  }
};

const refuseDns = (builder: DraftBuilder, desire: NicDesire, nic: Nic): void => {
  for (const family of families)
    for (const address of desire.dnsServers?.[family] ?? []) {
      const given = addressFamilyOf(address);
      if (given === null) builder.refuse('NIC_DNS_INVALID', { address, nic: nic.name, problem: 'is not an address' });
      else if (given !== family)
        builder.refuse('NIC_DNS_INVALID', {
          address,
          nic: nic.name,
          problem: `is not an ${familyNames[family]} address`,
        });
    }
};

const refuseRoles = (
  builder: DraftBuilder,
  desire: NetworkDesire,
  finals: readonly FinalNic[],
  observed: NetworkObserved,
): void => {
  const given = desire.nics.filter((entry) => entry.role !== undefined && entry.role !== 'unused');
  if (given.length > 0 || desire.complete) {
    const count = observed.nics.filter(canHaveRole).length;
    const isUnknown = observed.nics.some((nic) => nic.membership === null);
    if (count < neededNics && !isUnknown)
      builder.refuse('NIC_TOO_FEW', { server: observed.node, count, needed: neededNics });
  }
  for (const entry of given) {
    const nic = observed.nics.find((candidate) => candidate.interfaceGuid === entry.nic);
    const rival = finals.find((other) => other.nic.interfaceGuid !== entry.nic && other.role === entry.role);
    if (nic && rival)
      builder.refuse('NIC_ROLE_CONFLICT', {
        nic: nic.name,
        role: roleNames[entry.role!],
        problem: `${rival.nic.name} has that role`,
      });
  }
  if (!desire.complete) return;
  for (const role of ['production', 'clusterPrivate', 'iscsiA'] as const)
    if (!finals.some((final) => final.role === role))
      builder.refuse('NIC_ROLES_INCOMPLETE', { server: observed.node, missing: roleNames[role] });
  for (const final of finals)
    if (
      final.role !== null &&
      final.role !== 'unused' &&
      !takesTraffic(final.nic) &&
      !final.addresses.some((entry) => entry.isStatic)
    )
      builder.refuse('NIC_ROLE_WITHOUT_ADDRESS', { nic: final.nic.name, role: roleNames[final.role] });
};

/** A NIC that somebody decided about: it has a role, or a static address in use. */
const isSettled = (final: FinalNic): boolean => final.role !== null || final.addresses.some((entry) => entry.isStatic);

const refuseOverlaps = (builder: DraftBuilder, desire: NetworkDesire, finals: readonly FinalNic[]): void => {
  const touched = new Set(
    desire.nics
      .filter((entry) => entry.addresses !== undefined || entry.role !== undefined || entry.applyRole)
      .map((entry) => entry.nic),
  );
  for (const { one, other, network } of findOverlaps(finals)) {
    if (!desire.complete && !touched.has(one.nic.interfaceGuid) && !touched.has(other.nic.interfaceGuid)) continue;
    const roles = [one.role, other.role];
    if (roles.includes('iscsiA') && roles.includes('iscsiB'))
      builder.warn(
        `${one.nic.name} and ${other.nic.name} are both in ${network}. Two networks keep the iSCSI paths apart; follow the storage vendor if it asks for one.`,
      );
    else if (isSettled(one) && isSettled(other))
      builder.refuse('NIC_SUBNETS_OVERLAP', { nic: one.nic.name, other: other.nic.name, network });
    else {
      const [open, settled] = isSettled(one) ? [other, one] : [one, other];
      builder.warn(
        `${open.nic.name} is in the network ${network}, like ${settled.nic.name}. Give it an address in a network of its own, or the role unused.`,
      );
    }
  }
};

/** Says everything that is wrong with a wanted network, before any step is planned. */
export const refuseNetwork = (
  builder: DraftBuilder,
  desire: NetworkDesire,
  finals: readonly FinalNic[],
  observed: NetworkObserved,
): void => {
  for (const entry of desire.nics) {
    const nic = observed.nics.find((candidate) => candidate.interfaceGuid === entry.nic);
    if (!nic) {
      builder.refuse('NIC_NOT_FOUND', { nic: entry.nic });
      continue;
    }
    const same = desire.nics.filter((other) => other.nic === entry.nic);
    if (same.length > 1) {
      const roles = new Set(same.flatMap((other) => (other.role === undefined ? [] : [roleNames[other.role]])));
      if (roles.size > 1) {
        const [first = '', second = ''] = [...roles];
        builder.refuse('NIC_ROLE_CONFLICT', {
          nic: nic.name,
          role: first,
          problem: `it was given the role ${second} too`,
        });
      } else builder.refuse('PLAN_GIVEN_TWICE', { thing: `The adapter ${nic.name}` });
    }
    const taker = takesTraffic(nic);
    if (nic.membership === null)
      builder.unknown(
        `whether ${nic.name} is a member of a team or a virtual switch`,
        whyUnread(nic, 'membership') ?? 'it was not read',
      );
    else if (taker && (changesWindows(entry) || (entry.role !== undefined && entry.role !== 'unused')))
      builder.refuse('NIC_TEAM_MEMBER', { nic: nic.name, team: taker });
    const final = finals.find((candidate) => candidate.nic === nic)!;
    if (entry.name !== undefined) {
      const problem = findNicNameProblem(entry.name);
      if (problem) builder.refuse('NIC_NAME_INVALID', { name: entry.name, problem });
      const rival = finals.find((other) => other.nic !== nic && other.name.toLowerCase() === entry.name!.toLowerCase());
      if (rival) builder.refuse('NIC_NAME_IN_USE', { name: entry.name });
    }
    if (
      nic.adminStatus === 'down' &&
      entry.enabled !== true &&
      changesWindows({ ...entry, name: undefined, enabled: undefined })
    )
      builder.refuse('NIC_DISABLED', { nic: nic.name });
    for (const family of families)
      if (entry.dhcp?.[family] === true && (entry.addresses?.[family] ?? []).length > 0)
        builder.refuse('NIC_DHCP_CONFLICT', { nic: nic.name, family: familyNames[family] });
    refuseAddresses(builder, entry, nic, finals, observed);
    refuseGateways(builder, entry, nic, final);
    refuseDns(builder, entry, nic);
    refuseJumbo(builder, entry, nic);
  }
  refuseRoles(builder, desire, finals, observed);
  refuseOverlaps(builder, desire, finals);
};

const refuseJumbo = (builder: DraftBuilder, desire: NicDesire, nic: Nic): void => {
  const bytes = desire.jumboPacketBytes;
  if (bytes === undefined) return;
  const why = whyUnread(nic, 'jumboPacket');
  if (nic.jumboPacket === null && why !== null) builder.unknown(`the jumbo packet of ${nic.name}`, why);
  else if (!nic.jumboPacket || (!nic.jumboPacket.values.includes(bytes) && nic.jumboPacket.values.length > 0))
    builder.refuse('NIC_JUMBO_UNSUPPORTED', { nic: nic.name, bytes });
};
