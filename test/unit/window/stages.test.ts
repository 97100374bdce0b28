import { describe, expect, test } from 'vitest';
import type { NetworkView, NicView } from '../../../shared/contract/nic.ts';
import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import type { StorageView } from '../../../shared/contract/disk.ts';
import type { HostView } from '../../../shared/contract/host.ts';
import { faultFields, faultKinds, faultSchema, faultText } from '../../../shared/model/rehearsal-faults.ts';
import { networkDesireSchema } from '../../../shared/plan/nic/desire.ts';
import { answerOfNetwork } from '../../../renderer/features/network/answer.ts';
import { desireOf, formOf } from '../../../renderer/features/network/nic-change.ts';
import { addressesOf, firstAddressOf, linkOf } from '../../../renderer/features/network/words.ts';
import { faultOf } from '../../../renderer/features/rehearsal/faults.ts';
import { answerOfServer } from '../../../renderer/features/server/answer.ts';
import { answerOfStorage } from '../../../renderer/features/storage/answer.ts';
import { desireOfDisk } from '../../../renderer/features/storage/disk-change.ts';
import { authenticationOf, noChap, pathsOf } from '../../../renderer/features/storage/logon-change.ts';
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

const network = (nics: NicView[], part: Partial<NetworkView> = {}): NetworkView =>
  ({ nics, lostRoles: [], remoteSessions: [], reverts: [], unread: [], ...part }) as unknown as NetworkView;

const roles = [
  nic('a', { role: 'production' }),
  nic('b', { role: 'clusterPrivate' }),
  nic('c', { role: 'iscsiA' }),
  nic('d', { role: 'iscsiB' }),
];

describe('the answer of the network', () => {
  test('names the roles that are missing', () => {
    expect(answerOfNetwork(network([roles[0]!])).text).toBe('No port has the role Cluster-private or iSCSI A yet.');
    expect(answerOfNetwork(network([roles[0]!])).state.word).toBe('1 of 3 roles');
  });

  test('a port without a link is a fault, a link that was not read is unknown, never a pass', () => {
    const dead = [...roles.slice(0, 2), nic('c', { role: 'iscsiA', mediaState: 'disconnected' })];
    expect(answerOfNetwork(network(dead)).outcome).toBe('fail');
    const unread = [...roles.slice(0, 2), nic('c', { role: 'iscsiA', mediaState: 'unknown' })];
    expect(answerOfNetwork(network(unread)).outcome).toBe('unknown');
    const noAddresses = [...roles.slice(0, 2), nic('c', { role: 'iscsiA', addresses: null })];
    expect(answerOfNetwork(network(noAddresses)).outcome).toBe('unknown');
  });

  test('a change that waits to be confirmed comes before everything', () => {
    const waiting = network(roles, { reverts: [{ id: 'r', dueAt: '2026-03-01T12:00:00Z', what: '' }] });
    expect(answerOfNetwork(waiting).text).toBe('A change waits to be confirmed.');
  });

  test('one path to the storage passes with advice, two without', () => {
    expect(answerOfNetwork(network(roles.slice(0, 3)))).toMatchObject({ outcome: 'pass' });
    expect(answerOfNetwork(network(roles.slice(0, 3))).text).toContain('second one');
    expect(answerOfNetwork(network(roles)).text).toBe('Every role has its port.');
  });
});

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
    expect(firstAddressOf({ addresses: null })).toBe('address not known');
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

const initiator = (part: object, paths: object[] = []): InitiatorView =>
  ({
    state: { service: { state: 'running' }, sessions: [], portals: [], ...part },
    paths,
    sources: [],
  }) as unknown as InitiatorView;
const disks = (shared: number): StorageView =>
  ({ disks: Array.from({ length: shared }, () => ({ isShared: true })) }) as unknown as StorageView;

describe('the answer of the storage', () => {
  test.each([
    [disks(0), initiator({ service: { state: 'stopped' } }), 'warn', 'does not run'],
    [disks(0), initiator({ service: { state: null } }), 'warn', 'no iSCSI initiator'],
    [disks(0), initiator({}), 'warn', 'no iSCSI target'],
    [disks(0), null, 'unknown', 'could not be read'],
    [null, initiator({}), 'unknown', 'could not be read'],
    [disks(1), initiator({ sessions: null }), 'unknown', 'could not be read'],
    [disks(1), initiator({}, [{ wanted: true, verdict: 'unknown' }]), 'unknown', 'could not be read'],
    [disks(1), initiator({}, [{ wanted: true, verdict: 'absent' }]), 'fail', 'One path'],
    [disks(1), initiator({}, [{ wanted: false, verdict: 'doubled' }]), 'fail', 'One path'],
    [disks(0), initiator({}, [{ wanted: true, verdict: 'proven' }]), 'warn', 'no shared disk'],
    [disks(2), initiator({}, [{ wanted: true, verdict: 'proven' }]), 'pass', '2 shared disks'],
  ] as const)('%#', (disk, logons, outcome, text) => {
    const answer = answerOfStorage(disk, logons);
    expect(answer.outcome).toBe(outcome);
    expect(answer.text).toContain(text);
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
    expect(markOfDisk({ content, isBoot: true, isSystem: false }).word).toBe('Windows');
    expect(markOfDisk({ content: { kind: 'unknown', text: '' }, isBoot: false, isSystem: false }).outcome).toBe(
      'unknown',
    );
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

describe('the answer of the server', () => {
  const view = (signs: { state: string }[] | null): HostView =>
    ({
      facts: { computerName: 'NODE1', membership: { kind: 'domain', name: 'lab.test' } },
      pendingRestart: signs === null ? null : { signs },
    }) as unknown as HostView;

  test('pending beats unknown, unknown beats settled', () => {
    expect(answerOfServer(view([{ state: 'unknown' }, { state: 'pending' }])).outcome).toBe('warn');
    expect(answerOfServer(view([{ state: 'unknown' }, { state: 'notPending' }])).outcome).toBe('unknown');
    expect(answerOfServer(view(null)).outcome).toBe('unknown');
    expect(answerOfServer(view([{ state: 'notPending' }])).text).toBe('NODE1 is a member of the domain lab.test.');
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
    expect(faultText(kind)).toMatch(/^[a-z]/);
    for (const { label } of faultFields(kind)) expect(label).toMatch(/^[A-Z]/);
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
