import { describe, expect, it } from 'vitest';
import { nicAnswerSchema, toNics } from '../../../main/windows/nic-list.ts';
import { nicSchema } from '../../../shared/model/nic.ts';
import { toJson } from '../../../shared/model/quantity.ts';

const ok = <Data>(data: Data) => ({ ok: true, data });
const failed = (id: string, target: string | null = null) => ({
  ok: false,
  error: {
    id,
    category: 'NotSpecified',
    hresult: null,
    win32: null,
    message: '',
    at: { script: null, line: null, command: null, target },
  },
});

const adapter = {
  interfaceGuid: '{aaaaaaaa-0000-4000-8000-000000000001}',
  interfaceIndex: 7,
  name: 'Ethernet',
  description: 'Intel(R) Ethernet Controller X550',
  componentId: 'PCI\\VEN_8086&DEV_1563',
  permanentAddress: '3CFDFE000001',
  macAddress: '3C-FD-FE-00-00-01',
  isHardware: true,
  isVirtual: false,
  driverProvider: 'Intel',
  driverVersion: '4.1.248.0',
  driverDate: '2024-06-11',
  driverFileName: 'ixe.sys',
  adminStatus: 'Up',
  operationalStatus: 'Up',
  mediaState: 'Connected',
  receiveLinkSpeedBps: '10000000000',
  transmitLinkSpeedBps: '10000000000',
};

const answer = {
  adapters: [adapter],
  bindings: ok([{ name: 'Ethernet', componentId: 'ms_server', enabled: true }]),
  addresses: ok([
    {
      interfaceIndex: 7,
      address: 'fe80::1%7',
      prefixLength: 64,
      family: 'IPv6',
      origin: 'WellKnown',
      state: 'Preferred',
      skipAsSource: false,
    },
    {
      interfaceIndex: 8,
      address: '10.0.0.9',
      prefixLength: 24,
      family: 'IPv4',
      origin: 'Manual',
      state: 'Preferred',
      skipAsSource: false,
    },
  ]),
  interfaces: ok([
    { interfaceIndex: 7, family: 'IPv4', dhcp: 'Enabled', mtuBytes: 1500 },
    { interfaceIndex: 7, family: 'IPv6', dhcp: 'Disabled', mtuBytes: 1500 },
  ]),
  routes: ok([{ interfaceIndex: 7, family: 'IPv4', nextHop: '10.0.0.254', metric: 256 }]),
  dnsServers: ok([{ interfaceIndex: 7, family: 'IPv4', servers: ['10.0.0.53'] }]),
  dnsClients: ok([{ interfaceIndex: 7, registers: true }]),
  netbios: ok([{ interfaceGuid: '{AAAAAAAA-0000-4000-8000-000000000001}', setting: 'Default' }]),
  advanced: ok([{ name: 'Ethernet', value: '1514', values: ['1514', '4088', '9014'], least: '', most: '' }]),
  power: ok([{ name: 'Ethernet', allowed: 'Enabled' }]),
  teamMembers: ok([]),
  teamNics: ok([]),
  hostPorts: failed('CommandNotFoundException', 'Get-VMNetworkAdapter'),
  switches: failed('CommandNotFoundException', 'Get-VMSwitch'),
  profiles: ok([{ interfaceIndex: 7, category: 'DomainAuthenticated' }]),
};

const nicOf = (changed: object) => toNics(nicAnswerSchema.parse({ ...answer, ...changed }))[0]!;

describe('a NIC put together from what Get-Nic sends', () => {
  it('has what belongs to it, in the spelling of the model', () => {
    const nic = nicOf({});
    expect(nicSchema.safeParse(toJson(nic)).success).toBe(true);
    expect(nic).toMatchObject({
      interfaceGuid: '{AAAAAAAA-0000-4000-8000-000000000001}',
      permanentAddress: '3C-FD-FE-00-00-01',
      receiveLinkSpeedBps: 10_000_000_000n,
      addresses: [{ address: 'fe80::1', family: 'ipv6', origin: 'wellKnown', state: 'preferred' }],
      dhcp: { ipv4: true, ipv6: false },
      gateways: [{ family: 'ipv4', nextHop: '10.0.0.254', metric: 256 }],
      dnsServers: { ipv4: ['10.0.0.53'], ipv6: [] },
      powerSaving: 'allowed',
      membership: { kind: 'none' },
      networkCategory: 'domainAuthenticated',
      unread: [],
    });
  });

  it.each([
    ['bindings', 'bindings'],
    ['addresses', 'addresses'],
    ['routes', 'gateways'],
    ['dnsServers', 'dnsServers'],
    ['dnsClients', 'registersInDns'],
    ['netbios', 'netbios'],
    ['advanced', 'jumboPacket'],
    ['power', 'powerSaving'],
    ['teamMembers', 'membership'],
    ['profiles', 'networkCategory'],
  ] as const)('says that it could not read %s, and never "off"', (source, property) => {
    const nic = nicOf({ [source]: failed('Windows System Error 5') });
    expect(nic[property]).toBeNull();
    expect(nic.unread.find((entry) => entry.property === property)).toBeDefined();
  });

  it('takes a NIC of which Windows shows no DNS client and no NetBIOS for unread, not for off', () => {
    const nic = nicOf({ dnsClients: ok([]), netbios: ok([]) });
    expect([nic.registersInDns, nic.netbios]).toEqual([null, null]);
    expect(nic.unread.map((entry) => entry.property).sort()).toEqual(['netbios', 'registersInDns']);
  });

  it('knows members of teams and of virtual switches, without Hyper-V to name them too', () => {
    expect(nicOf({ teamMembers: ok([{ name: 'Ethernet', team: 'Team 1' }]) }).membership).toEqual({
      kind: 'teamMember',
      team: 'Team 1',
    });
    expect(nicOf({ teamNics: ok([{ name: 'Ethernet', team: 'Team 1' }]) }).membership).toEqual({
      kind: 'team',
      team: 'Team 1',
    });
    const bound = ok([{ name: 'Ethernet', componentId: 'vms_pp', enabled: true }]);
    expect(nicOf({ bindings: bound }).membership).toEqual({ kind: 'switchMember', switchName: null });
    const switches = ok([{ name: 'VM', descriptions: [adapter.description] }]);
    expect(nicOf({ bindings: bound, switches }).membership).toEqual({ kind: 'switchMember', switchName: 'VM' });
    const hostPorts = ok([{ interfaceGuid: 'AAAAAAAA-0000-4000-8000-000000000001', switchName: 'VM' }]);
    expect(nicOf({ hostPorts }).membership).toEqual({ kind: 'switchPort', switchName: 'VM' });
  });

  it('lists sizes for a driver that gives a range', () => {
    const advanced = ok([{ name: 'Ethernet', value: '1514', values: [], least: '614', most: '9614' }]);
    expect(nicOf({ advanced }).jumboPacket).toEqual({ valueBytes: 1514, values: [614, 1514, 4088, 9014, 9614] });
    expect(nicOf({ advanced: ok([]) }).jumboPacket).toBeNull();
  });

  it('refuses an answer whose address state is none', () => {
    const [address] = answer.addresses.data;
    expect(nicAnswerSchema.safeParse({ ...answer, addresses: ok([{ ...address, state: '9' }]) }).success).toBe(false);
  });
});
