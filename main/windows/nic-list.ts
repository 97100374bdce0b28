import * as z from 'zod';
import { normaliseAddress, normaliseMac, type AddressFamily } from '../../shared/model/address.ts';
import { bindings, nicSchema, normaliseGuid, type Nic, type NicAddress } from '../../shared/model/nic.ts';
import { netbiosSettings } from '../../shared/model/netbios.ts';
import { uint64TextSchema } from '../../shared/model/quantity.ts';
import { blankAsNull, nameOf, nameOr } from './names.ts';
import { Gathering, partOf, type Part } from './part.ts';

/*
 * What Get-Nic sends, and how its lists are joined to one NIC each: by interface index, by the adapter's name, or by
 * InterfaceGuid. The lists are of one moment, so names and indices hold among them.
 */
const index = z.number().int();
const family = nameOf(['ipv4', 'ipv6']);

export const adminStatus = nameOr(nicSchema.shape.adminStatus.options, 'unknown');
export const mediaState = nameOr(nicSchema.shape.mediaState.options, 'unknown');
const operationalStatus = nameOr(nicSchema.shape.operationalStatus.options, 'unknown');

/** `MSFT_NetAdapter.DriverDate`, which may carry a time. */
const driverDate = blankAsNull.transform((text) => /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0] ?? null);

export const nicAnswerSchema = z.object({
  adapters: z.array(
    z.object({
      interfaceGuid: z.string(),
      interfaceIndex: index,
      name: z.string(),
      description: z.string(),
      componentId: z.string(),
      permanentAddress: z.string(),
      macAddress: z.string(),
      isHardware: z.boolean(),
      isVirtual: z.boolean(),
      driverProvider: blankAsNull,
      driverVersion: blankAsNull,
      driverDate,
      driverFileName: blankAsNull,
      adminStatus,
      operationalStatus,
      mediaState,
      receiveLinkSpeedBps: uint64TextSchema.nullable(),
      transmitLinkSpeedBps: uint64TextSchema.nullable(),
    }),
  ),
  bindings: partOf(z.array(z.object({ name: z.string(), componentId: z.string(), enabled: z.boolean() }))),
  addresses: partOf(
    z.array(
      z.object({
        interfaceIndex: index,
        address: z.string(),
        prefixLength: index,
        family,
        origin: nameOf(['other', 'manual', 'wellKnown', 'dhcp', 'routerAdvertisement']),
        state: nameOf(['invalid', 'tentative', 'duplicate', 'deprecated', 'preferred']),
        skipAsSource: z.boolean(),
      }),
    ),
  ),
  interfaces: partOf(
    z.array(
      z.object({ interfaceIndex: index, family, dhcp: nameOf(['disabled', 'enabled']), mtuBytes: index.nullable() }),
    ),
  ),
  routes: partOf(z.array(z.object({ interfaceIndex: index, family, nextHop: z.string(), metric: index.nullable() }))),
  dnsServers: partOf(z.array(z.object({ interfaceIndex: index, family, servers: z.array(z.string()) }))),
  dnsClients: partOf(z.array(z.object({ interfaceIndex: index, registers: z.boolean() }))),
  netbios: partOf(z.array(z.object({ interfaceGuid: z.string(), setting: nameOr(netbiosSettings, null) }))),
  advanced: partOf(
    z.array(
      z.object({
        name: z.string(),
        value: z.string(),
        values: z.array(z.string()),
        least: z.string(),
        most: z.string(),
      }),
    ),
  ),
  power: partOf(
    z.array(z.object({ name: z.string(), allowed: nameOr(['disabled', 'enabled', 'unsupported'], 'unsupported') })),
  ),
  teamMembers: partOf(z.array(z.object({ name: z.string(), team: z.string() }))),
  teamNics: partOf(z.array(z.object({ name: z.string(), team: z.string() }))),
  hostPorts: partOf(z.array(z.object({ interfaceGuid: z.string(), switchName: z.string() }))),
  switches: partOf(z.array(z.object({ name: z.string(), descriptions: z.array(z.string()) }))),
  profiles: partOf(
    z.array(z.object({ interfaceIndex: index, category: nameOr(['public', 'private', 'domainAuthenticated'], null) })),
  ),
});
export type NicAnswer = z.output<typeof nicAnswerSchema>;
type Adapter = NicAnswer['adapters'][number];

/** Component of the port that the management system has on a virtual switch. */
const hostPortComponent = 'vms_mp';

const without = (address: string): string => {
  const bare = address.split('%', 1)[0]!;
  return normaliseAddress(bare) ?? bare;
};

const own = <Item extends { readonly interfaceIndex: number }>(items: readonly Item[] | null, adapter: Adapter) =>
  items === null ? null : items.filter((item) => item.interfaceIndex === adapter.interfaceIndex);

const byFamily = <Value>(read: (family: AddressFamily) => Value): Record<AddressFamily, Value> => ({
  ipv4: read('ipv4'),
  ipv6: read('ipv6'),
});

const readJumbo = (advanced: NicAnswer['advanced'], adapter: Adapter, gathering: Gathering): Nic['jumboPacket'] => {
  const property = gathering.read('jumboPacket', advanced)?.find((one) => one.name === adapter.name);
  if (!property) return null;
  const valueBytes = Number(property.value);
  if (!Number.isInteger(valueBytes) || property.value === '') {
    return gathering.note('jumboPacket', `the driver gives the value "${property.value}"`);
  }
  const listed = property.values.map(Number).filter((value) => Number.isInteger(value));
  if (listed.length > 0) return { valueBytes, values: listed };
  // A driver with a range lists no values: its ends and the usual sizes in it stand for them.
  const least = Number(property.least);
  const most = Number(property.most);
  const usual = [least, 1514, 4088, 9014, valueBytes, most].filter((value) => value >= least && value <= most);
  return { valueBytes, values: [...new Set(usual)].sort((one, other) => one - other) };
};

/** A module that is not installed has no switches and teams to tell of; any other error leaves it unknown. */
const orEmpty = <Item>(part: Part<Item[]>): Item[] | null =>
  part.ok ? part.data : /^CommandNotFoundException|^CouldNotAuto/.test(part.error.id) ? [] : null;

const readMembership = (answer: NicAnswer, adapter: Adapter, gathering: Gathering): Nic['membership'] => {
  const members = gathering.read('membership', answer.teamMembers);
  const teams = gathering.read('membership', answer.teamNics);
  const member = members?.find((one) => one.name === adapter.name);
  if (member) return { kind: 'teamMember', team: member.team };
  const team = teams?.find((one) => one.name === adapter.name);
  if (team) return { kind: 'team', team: team.team };
  const hostPort = orEmpty(answer.hostPorts)?.find(
    (port) => normaliseGuid(port.interfaceGuid) === normaliseGuid(adapter.interfaceGuid),
  );
  if (hostPort) return { kind: 'switchPort', switchName: hostPort.switchName };
  const switchOver = orEmpty(answer.switches)?.find((one) => one.descriptions.includes(adapter.description));
  if (switchOver) return { kind: 'switchMember', switchName: switchOver.name };
  if (adapter.componentId.toLowerCase() === hostPortComponent) return { kind: 'switchPort', switchName: null };
  const bound = gathering.read('membership', answer.bindings);
  if (bound?.some((one) => one.name === adapter.name && one.componentId === bindings.virtualSwitch && one.enabled)) {
    return { kind: 'switchMember', switchName: null };
  }
  return members === null || teams === null || bound === null ? null : { kind: 'none' };
};

const toNic = (answer: NicAnswer, adapter: Adapter): Nic => {
  const gathering = new Gathering();
  const ownBindings = gathering.read('bindings', answer.bindings)?.filter((one) => one.name === adapter.name);
  const addresses = own(gathering.read('addresses', answer.addresses), adapter);
  const interfaces = own(gathering.read('dhcp', answer.interfaces), adapter);
  if (!answer.interfaces.ok) gathering.read('mtuBytes', answer.interfaces);
  const mtu = interfaces && byFamily((one) => interfaces.find((entry) => entry.family === one)?.mtuBytes ?? null);
  const routes = own(gathering.read('gateways', answer.routes), adapter);
  const dns = own(gathering.read('dnsServers', answer.dnsServers), adapter);
  const registers = own(gathering.read('registersInDns', answer.dnsClients), adapter)?.[0]?.registers;
  if (answer.dnsClients.ok && registers === undefined) {
    gathering.note('registersInDns', 'Windows shows no DNS client of this adapter');
  }
  const netbios = gathering
    .read('netbios', answer.netbios)
    ?.find((one) => normaliseGuid(one.interfaceGuid) === normaliseGuid(adapter.interfaceGuid))?.setting;
  if (answer.netbios.ok && (netbios ?? null) === null) {
    gathering.note('netbios', 'Windows shows no NetBIOS setting of this adapter');
  }
  const power = gathering.read('powerSaving', answer.power);
  const allowed = power?.find((one) => one.name === adapter.name)?.allowed ?? 'unsupported';
  if (mtu?.ipv4 === null) gathering.note('mtuBytes', 'IPv4 is not bound to this adapter');
  return {
    interfaceGuid: normaliseGuid(adapter.interfaceGuid) ?? adapter.interfaceGuid,
    interfaceIndex: adapter.interfaceIndex,
    name: adapter.name,
    description: adapter.description,
    permanentAddress: normaliseMac(adapter.permanentAddress),
    macAddress: normaliseMac(adapter.macAddress),
    isHardware: adapter.isHardware,
    isVirtual: adapter.isVirtual,
    driver: {
      provider: adapter.driverProvider,
      version: adapter.driverVersion,
      date: adapter.driverDate,
      fileName: adapter.driverFileName,
    },
    adminStatus: adapter.adminStatus,
    operationalStatus: adapter.operationalStatus,
    mediaState: adapter.mediaState,
    receiveLinkSpeedBps: adapter.receiveLinkSpeedBps === null ? null : BigInt(adapter.receiveLinkSpeedBps),
    transmitLinkSpeedBps: adapter.transmitLinkSpeedBps === null ? null : BigInt(adapter.transmitLinkSpeedBps),
    bindings: ownBindings ? Object.fromEntries(ownBindings.map((one) => [one.componentId, one.enabled])) : null,
    addresses:
      addresses?.map((one): NicAddress => ({
        address: without(one.address),
        prefixLength: one.prefixLength,
        family: one.family,
        origin: one.origin,
        state: one.state,
        skipAsSource: one.skipAsSource,
      })) ?? null,
    dhcp: interfaces && byFamily((one) => interfaces.some((entry) => entry.family === one && entry.dhcp === 'enabled')),
    gateways:
      routes?.map((one) => ({ family: one.family, nextHop: without(one.nextHop), metric: one.metric ?? 0 })) ?? null,
    dnsServers: dns && byFamily((one) => dns.find((entry) => entry.family === one)?.servers.map(without) ?? []),
    registersInDns: registers ?? null,
    netbios: netbios ?? null,
    mtuBytes: mtu && mtu.ipv4 !== null ? { ipv4: mtu.ipv4, ipv6: mtu.ipv6 } : null,
    jumboPacket: readJumbo(answer.advanced, adapter, gathering),
    powerSaving: power && (allowed === 'enabled' ? 'allowed' : allowed === 'disabled' ? 'notAllowed' : 'unsupported'),
    membership: readMembership(answer, adapter, gathering),
    networkCategory: own(gathering.read('networkCategory', answer.profiles), adapter)?.[0]?.category ?? null,
    unread: gathering.unread,
  };
};

/** One NIC for each adapter that Windows shows. */
export const toNics = (answer: NicAnswer): Nic[] => answer.adapters.map((adapter) => toNic(answer, adapter));
