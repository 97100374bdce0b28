import { describe, expect, test } from 'vitest';
import type { DiskView } from '../../../shared/contract/disk.ts';
import type { NetworkView, NicView } from '../../../shared/contract/nic.ts';
import { faultFields, faultKinds, faultSchema, faultText } from '../../../shared/model/rehearsal-faults.ts';
import { initiatorDesireSchema } from '../../../shared/plan/initiator/desire.ts';
import { networkDesireSchema } from '../../../shared/plan/nic/desire.ts';
import { desireOf, formOf } from '../../../renderer/features/network/nic-change.ts';
import { addressesOf, firstAddressOf, linkOf, mtuOf, netbiosOf } from '../../../renderer/features/network/words.ts';
import { proposeAddress, proposeRoles } from '../../../renderer/features/network/proposal.ts';
import { addressesProblem } from '../../../renderer/features/network/nic-change.ts';
import { desireOfPorts } from '../../../renderer/features/network/roles-panel.tsx';
import { problemsOf } from '../../../renderer/features/server/server-forms.tsx';
import { connectDesire, parsePortal, portalProblem } from '../../../renderer/features/storage/connect.ts';
import { lettersFor } from '../../../renderer/features/storage/letters.ts';
import { faultOf } from '../../../renderer/features/rehearsal/faults.ts';
import { desireOfDisk, usualPurpose } from '../../../renderer/features/storage/disk-change.ts';
import { authenticationOf, noChap, pathsOf } from '../../../renderer/features/storage/logon-change.ts';
import { whyNothingToPrepare } from '../../../renderer/features/storage/prepare-form.tsx';
import { markOfDisk, stateOfDisk } from '../../../renderer/features/storage/words.ts';
import { groupByReason } from '../../../renderer/ui/stage-head.tsx';

const nic = (name: string, part: Partial<NicView> = {}): NicView =>
  ({
    interfaceGuid: `{${name}}`,
    name,
    role: null,
    adminStatus: 'up',
    mediaState: 'connected',
    addresses: [],
    gateways: [],
    dnsServers: { ipv4: [], ipv6: [] },
    ...part,
  }) as NicView;

const roles = [
  nic('a', { role: 'production' }),
  nic('b', { role: 'clusterPrivate' }),
  nic('c', { role: 'iscsiA' }),
  nic('d', { role: 'iscsiB' }),
];

describe('a port', () => {
  test('switched off is not the same as without a cable', () => {
    expect(linkOf({ adminStatus: 'down', mediaState: 'disconnected' }).word).toBe('Disabled');
    expect(linkOf({ adminStatus: 'up', mediaState: 'disconnected' }).word).toBe('No link');
    expect(linkOf({ adminStatus: 'up', mediaState: 'unknown' }).outcome).toBe('unknown');
  });

  const address = (text: string, origin = 'manual') => ({ address: text, prefixLength: 24, origin }) as never;
  test('shows its real addresses; link-local ones only where there is nothing else', () => {
    const both = { addresses: [address('fe80::1', 'wellKnown'), address('10.0.0.1')] };
    expect(addressesOf(both)).toEqual(['10.0.0.1/24']);
    expect(firstAddressOf({ addresses: [address('169.254.1.1', 'wellKnown')] })).toBe('link-local address only');
    expect(firstAddressOf({ addresses: [] })).toBe('no address');
    expect(firstAddressOf({ addresses: null })).toBe('address unknown');
  });

  test('a form that was not touched asks for nothing but the role', () => {
    const desire = desireOf(roles[0]!, formOf(roles[0]!));
    expect(desire).toEqual({ nic: '{a}', role: 'production', applyRole: true });
  });

  test('what was typed is sorted by its family and taken as it was typed', () => {
    const desire = desireOf(roles[0]!, {
      ...formOf(roles[0]!),
      addressing: 'static',
      addresses: '10.0.0.11/24\n2001:db8::11/64',
      gateway: ' 10.0.0.1 ',
      dnsServers: '10.0.0.53, 2001:db8::53',
      jumboPacketBytes: '9014',
    });
    expect(networkDesireSchema.parse({ nics: [desire] }).nics[0]).toMatchObject({
      addresses: { ipv4: ['10.0.0.11/24'], ipv6: ['2001:db8::11/64'] },
      gateway: { ipv4: '10.0.0.1' },
      dnsServers: { ipv4: ['10.0.0.53'], ipv6: ['2001:db8::53'] },
      jumboPacketBytes: 9014,
    });
  });

  test('an empty gateway of a static port takes the gateway away', () => {
    const desire = desireOf(roles[2]!, { ...formOf(roles[2]!), addressing: 'static', addresses: '10.1.0.1/24' });
    expect(desire.gateway).toEqual({ ipv4: null });
  });
});

describe('a disk', () => {
  test('says why Windows keeps it offline', () => {
    expect(stateOfDisk({ isOffline: true, offlineReason: 'collision', isReadOnly: true })).toBe(
      'Offline because another disk has its identity, read-only',
    );
  });

  test('the one that Windows runs from is never a victim; unknown content is never blank', () => {
    const content = { kind: 'partitioned', text: '' } as const;
    const disk = { content, isBoot: false, isSystem: false, isShared: true, prepared: null };
    expect(markOfDisk({ ...disk, isBoot: true }).word).toBe('Windows');
    expect(markOfDisk({ ...disk, content: { kind: 'unknown', text: '' } }).outcome).toBe('unknown');
    expect(markOfDisk({ ...disk, prepared: { name: 'Q: Witness', isOffline: false } })).toEqual({
      outcome: 'pass',
      word: 'Q: Witness, ready',
    });
    expect(markOfDisk({ ...disk, isShared: false, prepared: { name: 'E:', isOffline: false } }).outcome).toBe('warn');
  });

  const form = {
    purpose: 'witness',
    fileSystem: 'NTFS',
    label: '',
    driveLetter: '',
    partitionStyle: 'gpt',
    discardContent: false,
  } as const;
  test('where nothing is chosen the purpose decides; nothing is discarded unless it was ticked', () => {
    expect(desireOfDisk('id', form)).toEqual({ disk: 'id', purpose: 'witness', partitionStyle: 'gpt' });
    expect(desireOfDisk('id', { ...form, fileSystem: 'ReFS', discardContent: true })).toMatchObject({
      volume: { fileSystem: 'ReFS', driveLetter: 'Q' },
      discardContent: true,
    });
  });
});

describe('preparing shared disks', () => {
  const disk = (id: string, gib: number, part: Partial<DiskView> = {}): DiskView =>
    ({ uniqueId: id, isShared: true, sizeBytes: String(BigInt(gib) << 30n), prepared: null, ...part }) as DiskView;

  test('the smallest shared disk of a few gibibytes is the witness, others hold data', () => {
    const all = [disk('w', 1), disk('x', 4), disk('d', 100)];
    expect(all.map((one) => usualPurpose(one, all))).toEqual(['witness', 'data', 'data']);
    const done = [disk('w', 1), disk('x', 4, { prepared: { name: 'Q: Witness', isOffline: false } })];
    expect(done.map((one) => usualPurpose(one, done))).toEqual(['data', 'witness']);
    expect(usualPurpose(disk('d', 100), [disk('d', 100)])).toBe('data');
  });

  test('why there is nothing to prepare is said, with the way on', () => {
    const blank = { content: { kind: 'blank' } } as Partial<DiskView>;
    const held = { content: { kind: 'partitions' } } as unknown as Partial<DiskView>;
    const ready = { prepared: { name: 'Q: Witness', isOffline: false } };
    const why = (disks: DiskView[], elsewhere = new Map<string, string>()) => whyNothingToPrepare(disks, elsewhere);
    expect(why([disk('a', 1, ready), disk('b', 100, blank)])).toBeNull();
    expect(why([disk('a', 1, { ...blank, isShared: false })])).toContain('No shared disk is visible yet.');
    expect(why([disk('a', 1, ready), disk('b', 100, held)], new Map([['b', 'F: Data']]))).toBe(
      'Every shared disk is ready.',
    );
    expect(why([disk('a', 1, ready), disk('b', 100, held)])).toContain('Open one in the table');
  });

  test('each gets a letter of its own; Q stays the witness', () => {
    const letters = lettersFor(
      [
        { id: 'd1', purpose: 'data' },
        { id: 'd2', purpose: 'data' },
        { id: 'w', purpose: 'witness' },
      ],
      [{ letter: 'G:', kind: 'fixed', label: '' }],
    );
    expect([...letters].map(([id, one]) => `${id} ${one.letter}: ${one.label}`)).toEqual([
      'w Q: Witness',
      'd1 F: Data',
      'd2 H: Data 2',
    ]);
  });
});

describe('roles and addresses', () => {
  const lease = (text: string, origin = 'dhcp') => ({ address: text, prefixLength: 24, origin }) as never;
  const port = (name: string, gbps: number, part: Partial<NicView> = {}): NicView =>
    nic(name, { receiveLinkSpeedBps: `${gbps}000000000`, canBeSet: true, ...part });
  const ports = [
    port('a', 10, { addresses: [lease('192.0.2.21')], gateways: [{ family: 'ipv4', nextHop: '192.0.2.1' }] as never }),
    port('b', 10),
    port('c', 25),
    port('d', 25),
    port('e', 10, { mediaState: 'disconnected' }),
  ];

  test('are proposed: the gateway for production, the fastest for iSCSI, none for a port without a link', () => {
    expect([...proposeRoles(ports).values()]).toEqual(['production', 'clusterPrivate', 'iscsiA', 'iscsiB', 'unused']);
    const equal = ports.slice(0, 4).map((one) => ({ ...one, receiveLinkSpeedBps: '10' }));
    expect([...proposeRoles(equal).values()]).toEqual(['production', 'clusterPrivate', 'iscsiA', 'iscsiB']);
    const given = [ports[0]!, { ...ports[1]!, role: 'iscsiA' as const }, ports[2]!, ports[3]!];
    expect([...proposeRoles(given).values()]).toEqual(['production', 'iscsiA', 'clusterPrivate', 'iscsiB']);
  });

  test('addresses follow the network of another server, with this one’s own number', () => {
    const other = {
      nics: [nic('x', { role: 'iscsiA', addresses: [lease('198.51.100.11', 'manual')] })],
    } as unknown as NetworkView;
    expect(proposeAddress(ports[2]!, 'iscsiA', ports, [other])).toBe('198.51.100.21/24');
    expect(proposeAddress(ports[2]!, 'iscsiA', ports, [])).toBe('');
    expect(proposeAddress(ports[1]!, 'clusterPrivate', ports, [])).toBe('192.168.250.21/24');
    expect(proposeAddress(ports[0]!, 'production', ports, [])).toBe('192.0.2.21/24');
  });

  test('wrong addresses are named in words, before anything is asked', () => {
    expect(addressesProblem('10.0.0.1')).toContain('prefix length');
    expect(addressesProblem('10.0.0.0/24')).toContain('10.0.0.0/24');
    expect(addressesProblem('10.0.0.1/24, 2001:db8::1/64')).toBeNull();
    expect(addressesProblem('')).toBeNull();
  });

  test('what is there already is not asked for again', () => {
    const manual = port('a', 10, { addresses: [lease('192.0.2.21', 'manual')] });
    const plan = { '{a}': { role: 'production' as const, addresses: '192.0.2.21/24' } };
    expect(desireOfPorts([manual], plan, true).nics[0]).not.toHaveProperty('addresses');
    expect(desireOfPorts([ports[0]!], plan, true).nics[0]).toMatchObject({ addresses: { ipv4: ['192.0.2.21/24'] } });
  });
});

describe('connecting to the storage', () => {
  test('a portal is an address with or without its port', () => {
    expect(parsePortal('10.0.0.1')).toEqual({ address: '10.0.0.1', port: 3260 });
    expect(parsePortal('[fd00::1]:3261')).toEqual({ address: 'fd00::1', port: 3261 });
    for (const wrong of ['10.0.0.1:0', '10.0.0.1:99999', '10.0.0.1:abc', 'storage.lab', '10.0.0.300'])
      expect(portalProblem(wrong), wrong).toContain('IP address');
    expect(portalProblem('')).toBeNull();
  });

  test('one desire holds service, multipath, portals and a path from each source', () => {
    const values = {
      portals: { '10.1.0.1': '10.1.0.9', '10.2.0.1': '10.2.0.9' },
      target: 'iqn.2004-04.test.lab:array1',
      iqn: '',
      hasMpio: true,
      hasFirewall: true,
    };
    const desire = initiatorDesireSchema.parse(connectDesire(values, null, authenticationOf(noChap)));
    expect(desire.paths.map(({ initiatorPortalAddress }) => initiatorPortalAddress)).toEqual(['10.1.0.1', '10.2.0.1']);
    expect(desire).toMatchObject({ service: true, discover: true, mpio: { installed: true, claimsIscsi: true } });
    expect(connectDesire({ ...values, target: '' }, null, authenticationOf(noChap)).paths).toEqual([]);
  });
});

describe('the form of the server', () => {
  const values = { name: 'HV01', belongs: 'keep', group: '', ou: '', user: '', time: 'keep', servers: '' } as const;
  test('says at the field what is wrong, and an empty name is wrong', () => {
    expect(problemsOf({ ...values, name: ' ' }).name).toBe('Type a name for the server.');
    expect(problemsOf({ ...values, name: 'a name with blanks' }).name).toMatch(/^This name /);
    expect(problemsOf({ ...values, belongs: 'domain' }).group).toBe('Type the name of the domain.');
    expect(problemsOf({ ...values, time: 'servers' }).servers).toContain('time server');
    expect(new Set(Object.values(problemsOf(values)))).toEqual(new Set([null]));
  });
});

describe('logons', () => {
  test('secrets go apart from the desire, by their names', () => {
    const chap = {
      kind: 'mutualChap',
      userName: ' node1 ',
      secret: 'twelve bytes',
      mutualSecret: 'other twelve',
    } as const;
    const { authentication, secrets, mutual } = authenticationOf(chap);
    expect(JSON.stringify({ authentication, mutual })).not.toMatch(/twelve/);
    expect(authentication).toMatchObject({ userName: 'node1', secretName: 'chap' });
    expect(secrets).toEqual({ chap: 'twelve bytes', mutual: 'other twelve' });
    expect(authenticationOf(noChap)).toEqual({ authentication: { kind: 'none' }, secrets: {}, mutual: {} });
  });

  test('each pair of source and portal is a path, likely where the portal was asked from there', () => {
    const portal = (address: string, from: string) => ({
      targetPortalAddress: address,
      targetPortalPort: 3260,
      initiatorPortalAddress: from,
    });
    const paths = pathsOf({
      sources: [
        { address: '10.1.0.1', name: 'A' },
        { address: '10.2.0.1', name: 'B' },
      ],
      state: { portals: [portal('10.1.0.9', '10.1.0.1'), portal('10.2.0.9', '10.2.0.1')] },
    } as never);
    expect(paths).toHaveLength(4);
    expect(paths.filter(({ isLikely }) => isLikely).map(({ key }) => key)).toEqual([
      '10.1.0.1 10.1.0.9:3260',
      '10.2.0.1 10.2.0.9:3260',
    ]);
  });
});

describe('faults of a rehearsal', () => {
  const filled = {
    server: 'NODE1',
    nic: 'Ethernet',
    network: 'production',
    target: 'iqn.2004-04.test.lab:array1',
    lun: 'data',
    feature: 'Multipath-IO',
    address: '192.0.2.1',
    on: 'disk.initialize',
    moment: 'during',
    property: 'netbios',
    domain: 'lab.test',
    byMs: '250',
    name: 'CLU1',
  };

  test.each(faultKinds)('the form of %s gives what the contract takes', (kind) => {
    expect(faultSchema.safeParse(faultOf(kind, filled)).error?.issues).toBeUndefined();
    expect(faultFields(kind).length).toBeGreaterThan(0);
    expect(faultText(kind)).toMatch(/^(?:[a-z]|Windows |Quorate )/);
    for (const { label } of faultFields(kind)) expect(label).toMatch(/^[A-Z]/);
  });

  test('a choice that was not touched is what the form shows of it', () => {
    const [first] = faultFields('clusterRefuses').find(({ name }) => name === 'refusal')!.choices!;
    expect(faultOf('clusterRefuses', { server: 'NODE1' })).toEqual({
      kind: 'clusterRefuses',
      server: 'NODE1',
      refusal: first,
    });
    expect(faultOf('validationFinds', { test: 'A', text: 'B', result: 'during' })).toMatchObject({ result: 'warning' });
  });
});

test('what could not be read is told once for each reason', () => {
  const unread = [
    { property: 'iqn', because: 'A' },
    { property: 'portals', because: 'A' },
    { property: 'mpio', because: 'B' },
    { property: 'iqn', because: 'A' },
  ];
  expect(groupByReason(unread)).toEqual([
    { because: 'A', properties: ['iqn', 'portals'] },
    { because: 'B', properties: ['mpio'] },
  ]);
});

describe('the figures of a port', () => {
  test('NetBIOS follows DHCP only where DHCP is on', () => {
    const dhcp = { ipv4: false, ipv6: true };
    expect(netbiosOf(nic('a', { netbios: 'default', dhcp: { ...dhcp, ipv4: true } }))).toBe('As DHCP says');
    expect(netbiosOf(nic('a', { netbios: 'default', dhcp }))).toBe('On (default without DHCP)');
    expect(netbiosOf(nic('a', { netbios: 'default', dhcp: null }))).toBe('Default: as DHCP says, otherwise on');
    expect(netbiosOf(nic('a', { netbios: 'disabled', dhcp }))).toBe('Off');
    expect(netbiosOf(nic('a', { netbios: null, dhcp }))).toBeNull();
  });

  test('the MTU of both families has its unit', () => {
    expect(mtuOf(nic('a', { mtuBytes: { ipv4: 9000, ipv6: 1500 } }))).toBe('IPv4 9000 bytes, IPv6 1500 bytes');
    expect(mtuOf(nic('a', { mtuBytes: { ipv4: 9000, ipv6: null } }))).toBe('IPv4 9000 bytes, IPv6 not known');
    expect(mtuOf(nic('a', { mtuBytes: null }))).toBeNull();
  });
});
