import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Nic } from '../../../shared/model/nic.ts';
import { isDone, type ChangeIn } from '../../../shared/changes/index.ts';
import { networkDesireSchema, type NetworkDesireInput } from '../../../shared/plan/nic/desire.ts';
import { leftWithoutAddress } from '../../../shared/plan/nic/left-without.ts';
import { planNetwork } from '../../../shared/plan/nic/nic-planner.ts';
import { resolveRoles } from '../../../shared/plan/nic/roles.ts';
import type { NetworkObserved } from '../../../shared/plan/observed.ts';
import { noAnswers } from '../../../shared/plan/plan.ts';
import { guid, makeNetwork, makeNic, staticAddress } from '../../support/observed-server.ts';

const plan = (desire: NetworkDesireInput, observed: NetworkObserved = makeNetwork()) =>
  planNetwork(networkDesireSchema.parse(desire), observed, noAnswers);
const refusals = (desire: NetworkDesireInput, observed?: NetworkObserved) =>
  plan(desire, observed).refusals.map((refusal) => refusal.code);
const actions = (desire: NetworkDesireInput, observed?: NetworkObserved) =>
  plan(desire, observed).steps.map((step) => step.change.do);
const one = (desire: Omit<NetworkDesireInput['nics'][number], 'nic'>): NetworkDesireInput => ({
  nics: [{ nic: guid(1), ...desire }],
});
const withNic = (change: Parameters<typeof makeNic>[1], roleList = {}): NetworkObserved =>
  makeNetwork({ nics: [makeNic(1, change), makeNic(2), makeNic(3), makeNic(4)], roleList });

describe('what a wanted network is refused for, before anything runs', () => {
  it.each<[string, Omit<NetworkDesireInput['nics'][number], 'nic'>, string]>([
    ['the network address', { addresses: { ipv4: ['10.0.0.0/24'] } }, 'NIC_ADDRESS_INVALID'],
    ['the broadcast address', { addresses: { ipv4: ['10.0.0.255/24'] } }, 'NIC_ADDRESS_INVALID'],
    ['a prefix length that does not exist', { addresses: { ipv4: ['10.0.0.1/33'] } }, 'NIC_ADDRESS_INVALID'],
    ['no prefix length', { addresses: { ipv4: ['10.0.0.1'] } }, 'NIC_ADDRESS_INVALID'],
    ['the wrong family', { addresses: { ipv4: ['fd00::1/64'] } }, 'NIC_ADDRESS_INVALID'],
    ['the subnet-router anycast address', { addresses: { ipv6: ['fd00::/64'] } }, 'NIC_ADDRESS_INVALID'],
    [
      'an address outside of its network',
      { addresses: { ipv4: ['10.0.1.1/24'] }, networks: ['10.0.0.0/24'] },
      'NIC_ADDRESS_INVALID',
    ],
    ['the same address twice', { addresses: { ipv4: ['10.0.0.1/24', '10.0.0.1/16'] } }, 'NIC_ADDRESS_EXISTS'],
    [
      'a gateway without a role',
      { addresses: { ipv4: ['10.0.0.1/24'] }, gateway: { ipv4: '10.0.0.254' } },
      'NIC_GATEWAY_NOT_PRODUCTION',
    ],
    [
      'a gateway on the private NIC',
      { role: 'clusterPrivate', addresses: { ipv4: ['10.0.0.1/24'] }, gateway: { ipv4: '10.0.0.254' } },
      'NIC_GATEWAY_NOT_PRODUCTION',
    ],
    [
      'a gateway outside of the prefix',
      { role: 'production', addresses: { ipv4: ['10.0.0.1/24'] }, gateway: { ipv4: '10.0.1.254' } },
      'NIC_GATEWAY_INVALID',
    ],
    [
      'the own address as gateway',
      { role: 'production', addresses: { ipv4: ['10.0.0.1/24'] }, gateway: { ipv4: '10.0.0.1' } },
      'NIC_GATEWAY_INVALID',
    ],
    [
      'a gateway without an address',
      { role: 'production', gateway: { ipv4: '10.0.0.254' } },
      'NIC_GATEWAY_NEEDS_ADDRESS',
    ],
    ['a DNS server that is none', { dnsServers: { ipv4: ['dns.example'] } }, 'NIC_DNS_INVALID'],
    ['DHCP and a static address', { dhcp: { ipv4: true }, addresses: { ipv4: ['10.0.0.1/24'] } }, 'NIC_DHCP_CONFLICT'],
    ['a name that Windows refuses', { name: 'iSCSI/A' }, 'NIC_NAME_INVALID'],
    ['a name that is taken', { name: 'ethernet 2' }, 'NIC_NAME_IN_USE'],
    ['a jumbo packet that the driver does not list', { jumboPacketBytes: 9000 }, 'NIC_JUMBO_UNSUPPORTED'],
  ])('%s', (_what, desire, code) => {
    const drafted = plan(one(desire));
    expect(drafted.refusals.map((refusal) => refusal.code)).toContain(code);
    expect(drafted.steps).toEqual([]);
    for (const refusal of drafted.refusals) {
      expect(refusal.what, 'every detail is filled in').not.toMatch(/\{\w+\}/);
      expect(refusal.next).not.toMatch(/\{\w+\}/);
    }
  });

  it('two roles on one NIC, and one role on two', () => {
    expect(
      refusals({
        nics: [
          { nic: guid(1), role: 'iscsiA' },
          { nic: guid(1), role: 'iscsiB' },
        ],
      }),
    ).toContain('NIC_ROLE_CONFLICT');
    expect(refusals(one({ role: 'production' }), makeNetwork({ roleList: { 2: 'production' } }))).toEqual([
      'NIC_ROLE_CONFLICT',
    ]);
  });

  it('a swap of two roles in one change is none of these', () => {
    const observed = makeNetwork({ roleList: { 1: 'iscsiA', 2: 'iscsiB' } });
    const desire = {
      nics: [
        { nic: guid(1), role: 'iscsiB' as const },
        { nic: guid(2), role: 'iscsiA' as const },
      ],
    };
    expect(actions(desire, observed)).toEqual(['nic.setRole', 'nic.setRole']);
  });

  it('a NIC of a team or a virtual switch', () => {
    const member = withNic({ membership: { kind: 'teamMember', team: 'Team1' } });
    expect(refusals(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), member)).toEqual(['NIC_TEAM_MEMBER']);
    const bound = withNic({ membership: { kind: 'switchMember', switchName: null } });
    expect(refusals(one({ role: 'iscsiA' }), bound)).toEqual(['NIC_TEAM_MEMBER']);
    expect(actions(one({ role: 'unused' }), bound)).toEqual(['nic.setRole']);
  });

  it('fewer than two NICs and one for iSCSI', () => {
    const few = makeNetwork({ nics: [makeNic(1), makeNic(2)] });
    expect(refusals(one({ role: 'production' }), few)).toEqual(['NIC_TOO_FEW']);
    const teamed = makeNetwork({
      nics: [makeNic(1), makeNic(2), makeNic(3, { membership: { kind: 'teamMember', team: 'T' } })],
    });
    expect(refusals(one({ role: 'production' }), teamed)).toEqual(['NIC_TOO_FEW']);
  });

  it('an address that this server or another machine has', () => {
    const own = makeNetwork({
      nics: [makeNic(1), makeNic(2, { addresses: [staticAddress('10.0.0.1', 24)] }), makeNic(3)],
    });
    expect(refusals(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), own)).toContain('NIC_ADDRESS_EXISTS');
    const answered = makeNetwork({ probes: new Map([[`${guid(1)} 10.0.0.1`, 'answered']]) });
    expect(refusals(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), answered)).toEqual(['NIC_ADDRESS_DUPLICATE']);
  });

  it('two roles in one network; two iSCSI paths only get a warning', () => {
    const addresses = (number: number, role: 'production' | 'clusterPrivate' | 'iscsiA' | 'iscsiB') => ({
      nic: guid(number),
      role,
      addresses: { ipv4: [`10.0.0.${number}/24`] },
    });
    expect(refusals({ nics: [addresses(1, 'production'), addresses(2, 'clusterPrivate')] })).toEqual([
      'NIC_SUBNETS_OVERLAP',
    ]);
    const paths = plan({ nics: [addresses(1, 'iscsiA'), addresses(2, 'iscsiB')] });
    expect(paths.refusals).toEqual([]);
    expect(paths.warnings.map((warning) => warning.text).join()).toContain('both in 10.0.0.0/24');
  });

  it('a whole network that leaves a role out', () => {
    const desire: NetworkDesireInput = { nics: [{ nic: guid(1), role: 'production' }], complete: true };
    expect(refusals(desire)).toEqual(['NIC_ROLES_INCOMPLETE', 'NIC_ROLES_INCOMPLETE', 'NIC_ROLE_WITHOUT_ADDRESS']);
  });

  it('a NIC that is not there or switched off', () => {
    expect(refusals({ nics: [{ nic: guid(9), name: 'x' }] })).toEqual(['NIC_NOT_FOUND']);
    const off = withNic({ adminStatus: 'down' });
    expect(refusals(one({ registersInDns: false }), off)).toEqual(['NIC_DISABLED']);
    expect(actions(one({ registersInDns: false, enabled: true }), off)).toEqual([
      'nic.setEnabled',
      'nic.setDnsRegistration',
    ]);
  });
});

describe('the category of a network', () => {
  const category = (networkCategory: Nic['networkCategory']) =>
    plan(one({ networkCategory: 'private' }), withNic({ networkCategory }));

  it('is set where it differs, and goes back', () => {
    const [step] = category('public').steps;
    expect(step!.change).toMatchObject({ do: 'nic.setNetworkCategory', category: 'private' });
    expect(step!.undoChanges).toMatchObject([{ category: 'public' }]);
  });

  it('stays as Windows has made it where the network is the domain of the server', () => {
    expect(category('domainAuthenticated').steps).toEqual([]);
  });

  it('is not known of an adapter that is connected to none', () => {
    expect(category(null).unknowns[0]!.because).toBe('it is connected to no network');
  });
});

describe('an unknown observation', () => {
  it.each([
    ['addresses', { addresses: { ipv4: ['10.0.0.1/24'] } }],
    ['netbios', { netbios: 'disabled' as const }],
    ['networkCategory', { networkCategory: 'private' as const }],
    ['registersInDns', { registersInDns: false }],
    ['membership', { name: 'x' }],
    ['jumboPacket', { jumboPacketBytes: 9014 }],
  ])('%s stops the plan and says why', (property, desire) => {
    const observed = withNic({ [property]: null, unread: [{ property, because: 'ACCESS_DENIED' }] });
    const drafted = plan(one(desire), observed);
    expect(drafted.unknowns.map((entry) => entry.because)).toEqual(['ACCESS_DENIED']);
  });
});

describe('steps', () => {
  it('add a new address before an old one is removed, and switch DHCP off first', () => {
    const observed = withNic({ addresses: [staticAddress('10.0.9.9', 24)] });
    expect(actions(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), observed)).toEqual([
      'nic.setDhcp',
      'nic.addAddress',
      'nic.removeAddress',
    ]);
  });

  it('remove an address first when only its prefix length changes', () => {
    const observed = withNic({ addresses: [staticAddress('10.0.0.1', 16)], dhcp: { ipv4: false, ipv6: true } });
    expect(actions(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), observed)).toEqual([
      'nic.removeAddress',
      'nic.addAddress',
    ]);
  });

  it('set an address anew that another machine answered for: it is there, and Windows does not use it', () => {
    const held = { ...staticAddress('10.0.0.1', 24), state: 'duplicate' as const };
    const observed = withNic({ addresses: [held], dhcp: { ipv4: false, ipv6: true } });
    expect(actions(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), observed)).toEqual([
      'nic.removeAddress',
      'nic.addAddress',
    ]);
  });

  const leased = {
    gateways: [{ family: 'ipv4' as const, nextHop: '10.0.0.254', metric: 0 }],
    dnsServers: { ipv4: ['10.0.0.53'], ipv6: [] },
  };
  const lease = ['nic.setDhcp', 'nic.addAddress', 'nic.setGateway', 'nic.setDnsServers'];

  it('from DHCP to a static address: gateway and DNS servers are set, also where DHCP supplies the very same', () => {
    const observed = withNic(leased, { 1: 'production' });
    const wanted = {
      addresses: { ipv4: ['10.0.0.1/24'] },
      gateway: { ipv4: '10.0.0.254' },
      dnsServers: { ipv4: ['10.0.0.53'] },
    };
    expect(actions(one(wanted), observed)).toEqual(lease);
    expect(actions(one({ addresses: wanted.addresses }), observed)).toEqual(lease);
    expect(actions(one({ ...wanted, gateway: { ipv4: null } }), observed)).toEqual(lease);
    // It has the address already, by the lease.
    const byLease = { address: '10.0.0.1', prefixLength: 24, family: 'ipv4' as const, origin: 'dhcp' as const };
    const held = withNic(
      { ...leased, addresses: [{ ...byLease, state: 'preferred', skipAsSource: false }] },
      { 1: 'production' },
    );
    expect(plan(one(wanted), held).steps[1]).toMatchObject({ why: 'DHCP supplies it now; it goes with the lease.' });
    expect(plan(one(wanted), observed).steps[1]!.why).toContain('does not have it yet');
    // Taken back, the NIC has what DHCP supplies and nothing that is configured beside it.
    const undo = plan(one(wanted), observed).steps.flatMap((step) => step.undoChanges ?? []);
    expect(undo).toMatchObject([{ enabled: true }, { do: 'nic.removeAddress' }, { nextHop: null }, { servers: [] }]);
    const off = withNic({ ...leased, dhcp: { ipv4: false, ipv6: false } }, { 1: 'production' });
    expect(actions(one(wanted), off)).toEqual(['nic.addAddress']);
  });

  it('from DHCP to a static address: what no new address reaches is not kept, nor what a role has not', () => {
    const draft = plan(one({ addresses: { ipv4: ['10.9.0.1/24'] } }), withNic(leased, { 1: 'production' }));
    expect(draft.steps.map((step) => step.change.do)).toEqual(['nic.setDhcp', 'nic.addAddress', 'nic.setDnsServers']);
    expect(draft.warnings.map((warning) => warning.text).join()).toContain('loses the gateway 10.0.0.254');
    expect(actions(one({ addresses: { ipv4: ['10.0.0.1/24'] } }), withNic(leased, { 1: 'iscsiA' }))).toEqual([
      'nic.setDhcp',
      'nic.addAddress',
    ]);
  });

  it('of a role: iSCSI loses gateway, DNS, NetBIOS and file sharing; the private NIC keeps file sharing', () => {
    const observed = withNic({
      gateways: [{ family: 'ipv4', nextHop: '10.0.0.254', metric: 256 }],
      dnsServers: { ipv4: ['10.0.0.53'], ipv6: [] },
    });
    expect(actions(one({ role: 'iscsiA', applyRole: true }), observed)).toEqual([
      'nic.setRole',
      'nic.setGateway',
      'nic.setDnsServers',
      'nic.setDnsRegistration',
      'nic.setNetbios',
      'nic.setBinding',
      'nic.setPowerSaving',
    ]);
    const unbound = withNic({ bindings: { ms_server: false } });
    const steps = plan(one({ role: 'clusterPrivate', applyRole: true }), unbound).steps;
    expect(steps.find((step) => step.change.do === 'nic.setBinding')).toMatchObject({
      change: { enabled: true },
      why: expect.stringContaining('KB258750') as string,
    });
  });

  it('ask before they may cut the connection that one sits on, and only then', () => {
    const session = { service: 'rdp' as const, localAddress: '10.0.0.1', localPort: 3389, remoteAddress: '10.0.0.9' };
    const observed = makeNetwork({
      nics: [makeNic(1, { addresses: [staticAddress('10.0.0.1', 24)] }), makeNic(2), makeNic(3)],
      remoteSessions: [session],
    });
    const change = one({ addresses: { ipv4: ['10.0.0.2/24'] } });
    const drafted = plan(change, observed);
    expect(drafted.questions).toMatchObject([{ kind: 'cutConnection', subject: guid(1), answered: false }]);
    expect(drafted.steps.every((step) => step.cutsConnection)).toBe(true);
    expect(plan(change, { ...observed, remoteSessions: [] }).questions).toEqual([]);
    expect(plan(change, { ...observed, remoteSessions: null }).questions).toHaveLength(1);
    expect(plan(one({ registersInDns: false }), observed).questions, 'nothing is cut').toEqual([]);
  });
});

/** Carries an action out on the observed model, as Windows would. */
const carryOut = (observed: NetworkObserved, action: ChangeIn<'nic'>): NetworkObserved => {
  const roles = new Map(observed.roles);
  if (action.do === 'nic.setRole') {
    if (action.role) roles.set(action.nic, action.role);
    else roles.delete(action.nic);
  }
  const nics = observed.nics.map((nic) => {
    if (nic.interfaceGuid !== action.nic) return nic;
    switch (action.do) {
      case 'nic.rename':
        return { ...nic, name: action.newName };
      case 'nic.setEnabled':
        return { ...nic, adminStatus: action.enabled ? ('up' as const) : ('down' as const) };
      case 'nic.setDhcp':
        return { ...nic, dhcp: { ...nic.dhcp!, [action.family]: action.enabled } };
      case 'nic.addAddress':
        return { ...nic, addresses: [...nic.addresses!, staticAddress(action.address, action.prefixLength)] };
      case 'nic.removeAddress':
        return { ...nic, addresses: nic.addresses!.filter((entry) => entry.address !== action.address) };
      case 'nic.setGateway':
        return {
          ...nic,
          gateways: action.nextHop === null ? [] : [{ family: action.family, nextHop: action.nextHop, metric: 256 }],
        };
      case 'nic.setDnsServers':
        return { ...nic, dnsServers: { ...nic.dnsServers!, [action.family]: action.servers } };
      case 'nic.setDnsRegistration':
        return { ...nic, registersInDns: action.registers };
      case 'nic.setNetbios':
        return { ...nic, netbios: action.setting };
      case 'nic.setNetworkCategory':
        return { ...nic, networkCategory: action.category };
      case 'nic.setJumboPacket':
        return { ...nic, jumboPacket: { ...nic.jumboPacket!, valueBytes: action.valueBytes } };
      case 'nic.setBinding':
        return { ...nic, bindings: { ...nic.bindings!, [action.componentId]: action.enabled } };
      case 'nic.setPowerSaving':
        return { ...nic, powerSaving: action.allowed ? ('allowed' as const) : ('notAllowed' as const) };
      case 'nic.setRole':
        return nic;
    }
  });
  return { ...observed, nics, roles };
};

const anyDesire: fc.Arbitrary<NetworkDesireInput> = fc
  .record(
    {
      role: fc.constantFrom(
        'production' as const,
        'clusterPrivate' as const,
        'iscsiA' as const,
        'iscsiB' as const,
        'unused' as const,
      ),
      applyRole: fc.boolean(),
      name: fc.constantFrom('LAN', 'Ethernet 1', 'Speicher'),
      addresses: fc.record({
        ipv4: fc.uniqueArray(
          fc.integer({ min: 1, max: 200 }).map((host) => `10.7.0.${host}/24`),
          { maxLength: 3, minLength: 1 },
        ),
      }),
      registersInDns: fc.boolean(),
      netbios: fc.constantFrom('default' as const, 'enabled' as const, 'disabled' as const),
      networkCategory: fc.constant('private' as const),
      jumboPacketBytes: fc.constantFrom(1514, 4088, 9014),
      fileAndPrinterSharing: fc.boolean(),
      powerSaving: fc.boolean(),
      dnsServers: fc.record({
        ipv4: fc.constantFrom<string[][]>([], ['10.7.0.53']),
        ipv6: fc.constantFrom<string[][]>([], ['fd00::53']),
      }),
    },
    { requiredKeys: [] },
  )
  .map((desire) => one(desire));

const anyNic = fc.record({
  addresses: fc.constantFrom<NonNullable<Nic['addresses']>[]>(
    [],
    [staticAddress('10.7.0.9', 24)],
    [staticAddress('10.7.0.9', 16), staticAddress('10.7.0.8', 24)],
  ),
  dhcp: fc.record({ ipv4: fc.boolean(), ipv6: fc.boolean() }),
  registersInDns: fc.boolean(),
  netbios: fc.constantFrom('default' as const, 'disabled' as const),
  networkCategory: fc.constantFrom('public' as const, 'private' as const, 'domainAuthenticated' as const),
  powerSaving: fc.constantFrom('allowed' as const, 'notAllowed' as const),
  bindings: fc.record({ ms_server: fc.boolean() }),
});

describe('every plan', () => {
  it('is empty when it is made again after it was carried out, and each step sees its own effect', () => {
    fc.assert(
      fc.property(anyDesire, anyNic, (desire, change) => {
        const before = withNic(change);
        const first = plan(desire, before);
        fc.pre(first.refusals.length === 0);
        let now = before;
        for (const step of first.steps) {
          const action = step.change as ChangeIn<'nic'>;
          expect(isDone(action, { network: now }).is, `${step.id} is not done before`).toBe('no');
          now = carryOut(now, action);
          expect(isDone(action, { network: now }).is, `${step.id} is done after`).toBe('yes');
        }
        const second = plan(desire, now);
        expect(second.refusals).toEqual([]);
        expect(second.steps.map((step) => step.id)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('is taken back by its undo actions, last step first', () => {
    fc.assert(
      fc.property(anyDesire, anyNic, (desire, change) => {
        const before = withNic(change);
        const { steps, refusals: refused } = plan(desire, before);
        fc.pre(refused.length === 0);
        let now = before;
        for (const step of steps) now = carryOut(now, step.change as ChangeIn<'nic'>);
        for (const step of [...steps].reverse())
          for (const action of step.undoChanges ?? []) now = carryOut(now, action as ChangeIn<'nic'>);
        const sorted = (observed: NetworkObserved) => ({
          ...observed.nics[0]!,
          addresses: [...observed.nics[0]!.addresses!].map((entry) => `${entry.address}/${entry.prefixLength}`).sort(),
        });
        expect(sorted(now)).toEqual(sorted(before));
        expect([...now.roles]).toEqual([...before.roles]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('remembered roles', () => {
  const remembered = [{ interfaceGuid: guid(1), permanentAddress: '00-15-5D-00-00-01', role: 'iscsiA' as const }];

  it('follow the burned-in address when a driver update gives a new InterfaceGuid', () => {
    const updated = makeNic(1, { interfaceGuid: guid(7), name: 'Ethernet 12' });
    expect([...resolveRoles(remembered, [updated]).roles]).toEqual([[guid(7), 'iscsiA']]);
  });

  it('do not follow a MAC that a virtual switch port took over', () => {
    const port = makeNic(8, { isVirtual: true, isHardware: false, permanentAddress: '00-15-5D-00-00-01' });
    const { roles, lost } = resolveRoles(remembered, [port]);
    expect([...roles]).toEqual([]);
    expect(lost).toEqual(remembered);
  });
});

describe('a run that stopped', () => {
  const off = { do: 'nic.setDhcp', nic: guid(2), family: 'ipv4', enabled: false } as const;
  const add = { do: 'nic.addAddress', nic: guid(2), address: '10.0.0.5', prefixLength: 24 } as const;
  const remove = { do: 'nic.removeAddress', nic: guid(2), address: '10.0.0.4' } as const;
  const after = (addresses: Nic['addresses']) => ({ nics: [makeNic(2, { addresses })] });
  const own = { ...staticAddress('169.254.1.2', 16), origin: 'wellKnown' as const };
  const said = (first: typeof off | typeof remove, left: 'waiting' | 'failed' | 'done', addresses: Nic['addresses']) =>
    leftWithoutAddress(
      [
        { change: first, state: 'done' },
        { change: add, state: left },
      ],
      after(addresses),
      { journal: 'J1' },
      null,
    );

  it('between the old address and the new one says that there is none, and how it comes back', () => {
    expect(said(off, 'waiting', [own])).toBe(
      'Ethernet 2 has no IPv4 address now. Undo this change in History (quorate journal undo J1) to give back what was there.',
    );
    expect(said(remove, 'failed', [])).toContain('no IPv4 address now');
    expect(said(off, 'waiting', null)).toContain('Whether Ethernet 2 has an IPv4 address now could not be read.');
  });

  it('of a formation comes back by continuing it or by undoing it', () => {
    const steps = [
      { change: off, state: 'done' as const },
      { change: add, state: 'failed' as const },
    ];
    expect(leftWithoutAddress(steps, after([own]), 'formation', null)).toBe(
      'Ethernet 2 has no IPv4 address now. Continue the formation ("quorate form resume") to give it the next one, or undo the formation ("quorate form undo") to give back what was there.',
    );
  });

  it('says nothing where there is an address, or where none was to come', () => {
    expect(said(off, 'failed', [staticAddress('10.0.0.9', 24)])).toBeNull();
    expect(said(off, 'done', [])).toBeNull();
    expect(leftWithoutAddress([{ change: off, state: 'done' }], after([]), { journal: 'J1' }, null)).toBeNull();
    expect(
      leftWithoutAddress(
        [off, add].map((change) => ({ change, state: 'waiting' as const })),
        after([]),
        { journal: 'J1' },
        null,
      ),
    ).toBeNull();
  });

  it('says when the server puts it back by itself', () => {
    const steps = [
      { change: off, state: 'done' as const },
      { change: add, state: 'unknown' as const },
    ];
    expect(leftWithoutAddress(steps, null, { journal: 'J1' }, '2026-01-05T08:00:00.000Z')).toMatch(
      /^Whether the adapter has .* puts it back by itself at .+\.$/,
    );
  });
});
